//! The samples of a suite one by one, as they stand in its files.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{IN_MEMORY, Sample, Shape, SuiteError, file, row, unreadable};
use crate::lines::{LineError, Lines};

/// No sample is nearly as long: longer lines are refused rather than held.
const LONGEST_LINE: u64 = 4 << 20;

/// Reads samples one by one.
pub struct Samples {
    shape: Shape,
    /// Samples that are in no file, and how many of them were given.
    held: Arc<[Sample]>,
    given: usize,
    files: std::vec::IntoIter<SampleFile>,
    /// The file that is read, and the line of the latest sample.
    open: Option<(SampleFile, Lines, u64)>,
}

/// A file of samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SampleFile {
    pub(super) path: PathBuf,
    /// What its samples are named after, where they have no names of their own: its name, with those of as many
    /// folders as tell it from the other files.
    pub(super) name: String,
}

impl Samples {
    pub(super) fn of(shape: Shape, files: Vec<SampleFile>, held: Arc<[Sample]>) -> Self {
        Self { shape, held, given: 0, files: files.into_iter(), open: None }
    }

    /// The next sample; nothing at the end. After a line that is wrong the one behind it is the next, and after
    /// a file that cannot be read the next file's first.
    pub fn read_next(&mut self) -> Result<Option<Sample>, SuiteError> {
        if let Some(sample) = self.held.get(self.given) {
            self.given += 1;
            let wrong = |why| row(Path::new(IN_MEMORY), self.given as u64, why);
            return sample.check().map(|()| Some(sample.clone())).map_err(wrong);
        }
        loop {
            let Some((SampleFile { path, name }, lines, at)) = &mut self.open else {
                let Some(file) = self.files.next() else { return Ok(None) };
                let lines = Lines::open(&file.path, LONGEST_LINE);
                let lines = lines.map_err(|error| unreadable(&file.path, error))?;
                self.open = Some((file, lines, 0));
                continue;
            };
            match lines.next() {
                Ok(None) => self.open = None,
                Ok(Some(line)) => {
                    *at = line.number;
                    let sample = self.shape.parse(name, line.number, line.text);
                    return sample.map(Some).map_err(|why| row(path, line.number, why));
                }
                Err(LineError::Io(error)) => {
                    let error = unreadable(path, error);
                    self.open = None;
                    return Err(error);
                }
                Err(LineError::Row(number, why)) => return Err(row(path, number, why)),
            }
        }
    }

    /// Says that something is wrong with the sample that was read last.
    pub(super) fn error(&self, why: String) -> SuiteError {
        match &self.open {
            Some((file, _, number)) => row(&file.path, *number, why),
            None => row(Path::new(IN_MEMORY), self.given as u64, why),
        }
    }
}

/// The files of a suite, each with what its samples are named after.
pub(super) fn files(folder: &Path, named: &[PathBuf]) -> Result<Vec<SampleFile>, SuiteError> {
    let paths = paths(folder, named)?;
    if let Some(twice) = (1..paths.len()).find(|at| paths[..*at].contains(&paths[*at])) {
        let why = "`samples` names it twice: leave one of them out".to_owned();
        return Err(file(&paths[twice], why));
    }
    let own = names(&paths);
    Ok(paths.into_iter().zip(own).map(|(path, name)| SampleFile { path, name }).collect())
}

/// A name for each file: its own, with those of as many folders as it takes to tell all apart.
fn names(paths: &[PathBuf]) -> Vec<String> {
    let name = |path: &PathBuf, folders: usize| {
        let mut parts = vec![path.file_stem().unwrap_or_default().to_string_lossy()];
        let above = path.ancestors().skip(1).filter_map(Path::file_name);
        parts.extend(above.take(folders).map(OsStr::to_string_lossy));
        parts.reverse();
        parts.join("-")
    };
    let deepest = paths.iter().map(|path| path.components().count()).max().unwrap_or_default();
    let all = |folders| paths.iter().map(|path| name(path, folders)).collect::<Vec<String>>();
    let are_apart =
        |names: &Vec<String>| names.iter().collect::<BTreeSet<_>>().len() == names.len();
    (0..deepest).map(all).find(are_apart).unwrap_or_else(|| all(deepest))
}

/// Files and the JSON Lines files of folders, those of a folder by their names.
fn paths(folder: &Path, named: &[PathBuf]) -> Result<Vec<PathBuf>, SuiteError> {
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
