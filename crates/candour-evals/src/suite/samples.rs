//! The samples of a suite one by one, as they stand in its files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{IN_MEMORY, Sample, Shape, SuiteError, row, unreadable};
use crate::lines::{LineError, Lines};

/// No sample is nearly as long: longer lines are refused rather than held.
const LONGEST_LINE: u64 = 4 << 20;

/// Reads samples one by one.
pub struct Samples {
    shape: Shape,
    /// Samples that are in no file, and how many of them were given.
    held: Arc<[Sample]>,
    given: usize,
    files: std::vec::IntoIter<PathBuf>,
    /// The file that is read, and the line of the latest sample.
    open: Option<(PathBuf, Lines, u64)>,
}

impl Samples {
    pub(super) fn of(shape: Shape, files: Vec<PathBuf>, held: Arc<[Sample]>) -> Self {
        Self { shape, held, given: 0, files: files.into_iter(), open: None }
    }

    /// The next sample; nothing at the end.
    pub fn read_next(&mut self) -> Result<Option<Sample>, SuiteError> {
        if let Some(sample) = self.held.get(self.given) {
            self.given += 1;
            return Ok(Some(sample.clone()));
        }
        loop {
            let Some((path, lines, at)) = &mut self.open else {
                let Some(path) = self.files.next() else { return Ok(None) };
                let lines = Lines::open(&path, LONGEST_LINE);
                let lines = lines.map_err(|error| unreadable(&path, error))?;
                self.open = Some((path, lines, 0));
                continue;
            };
            match lines.next() {
                Ok(None) => self.open = None,
                Ok(Some(line)) => {
                    *at = line.number;
                    let sample = self.shape.parse(path, line.number, line.text);
                    return sample.map(Some).map_err(|why| row(path, line.number, why));
                }
                Err(LineError::Io(error)) => return Err(unreadable(path, error)),
                Err(LineError::Row(number, why)) => return Err(row(path, number, why)),
            }
        }
    }

    /// Says that something is wrong with the sample that was read last.
    pub(super) fn error(&self, why: String) -> SuiteError {
        match &self.open {
            Some((path, _, number)) => row(path, *number, why),
            None => row(Path::new(IN_MEMORY), self.given as u64, why),
        }
    }
}

/// Files and the JSON Lines files of folders, those of a folder by their names.
pub(super) fn files(folder: &Path, named: &[PathBuf]) -> Result<Vec<PathBuf>, SuiteError> {
    let mut files = Vec::new();
    for name in named {
        let path = folder.join(name);
        if !path.is_dir() {
            files.push(path);
            continue;
        }
        let mut inside = Vec::new();
        for entry in std::fs::read_dir(&path).map_err(|error| unreadable(&path, error))? {
            inside.push(entry.map_err(|error| unreadable(&path, error))?.path());
        }
        inside.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}
