//! What stands in a journal: for whoever goes on with the run, and for whoever looks at it from outside
//! while it goes on. Only whole lines count, for the last one may be on its way.

use std::collections::HashMap;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::latest::Latest;
use super::record::{FORMAT, Header, Key, Named, Record, is_of_another_format};
use super::{JOURNAL, RunnerError};
use crate::lines::{Line, LineError, Lines};

/// No answer is nearly as long.
const LONGEST_LINE: u64 = 64 << 20;

/// A journal to read. Whoever writes it is not disturbed.
pub(super) struct Written {
    pub(super) path: PathBuf,
    file: Mutex<File>,
    /// Nothing behind this place is read.
    until: u64,
}

/// What a journal holds.
#[derive(Default)]
pub(super) struct Contents {
    /// Where the latest record of each question stands.
    pub(super) records: Latest,
    /// What was asked and has no record: it may have been paid for.
    pub(super) in_flight: Vec<(String, u32)>,
    /// What was on its way at an earlier end and was asked again, as often as that happened: it may have been
    /// paid for twice.
    pub(super) again: Vec<(String, u32)>,
    /// What was given up while it was on its way, and is to be asked again as an error.
    pub(super) retried: Vec<(String, u32)>,
    /// For how long it was asked.
    pub(super) used_seconds: f64,
    /// Where the lines stand of what is on its way to a record.
    pub(super) parts: HashMap<Key, Vec<Place>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) length: u64,
    /// Whether there is no answer, or one in place of what a model failed to write.
    pub(super) is_error: bool,
    /// Whether a judge failed on it.
    pub(super) is_unjudged: bool,
}

impl Place {
    /// Whether the record counts as it is: errors do not where they are to be asked again.
    pub(super) fn stands(self, retry_errors: bool) -> bool {
        !retry_errors || !(self.is_error || self.is_unjudged)
    }

    /// The same as numbers, the first of them the offset.
    pub(super) fn numbers(self) -> [u64; 2] {
        let flags = u64::from(self.is_error) << 1 | u64::from(self.is_unjudged);
        [self.offset, self.length << 2 | flags]
    }

    pub(super) fn of_numbers([offset, rest]: [u64; 2]) -> Self {
        let (is_error, is_unjudged) = (rest & 2 != 0, rest & 1 != 0);
        Self { offset, length: rest >> 2, is_error, is_unjudged }
    }
}

impl Written {
    /// Opens the journal in a folder.
    pub(super) fn open(folder: &Path) -> Result<Self, RunnerError> {
        Self::open_to(folder, u64::MAX)
    }

    /// The same as it was when it was `until` bytes long.
    pub(super) fn open_to(folder: &Path, until: u64) -> Result<Self, RunnerError> {
        let path = folder.join(JOURNAL);
        match File::open(&path) {
            Ok(file) => Ok(Self { path, file: Mutex::new(file), until }),
            Err(error) => Err(RunnerError::Unreadable { path: path.display().to_string(), error }),
        }
    }

    /// Reads where everything stands.
    pub(super) fn contents(&self) -> Result<Contents, RunnerError> {
        let mut asked: HashMap<Key, (String, u32)> = HashMap::new();
        let mut contents = Contents::default();
        self.each_line(|offset, text| {
            let named: Named = serde_json::from_str(text)?;
            let place = named.place(offset, text.len());
            if named.again {
                contents.again.extend(named.asking.clone().or_else(|| named.part_of.clone()));
            }
            if let Some(seconds) = named.used_seconds {
                contents.used_seconds = contents.used_seconds.max(seconds);
            } else if let Some(asking) = named.asking {
                asked.insert(Key::of(&asking.0, asking.1), asking);
            } else if let Some(of) = named.part_of {
                let key = Key::of(&of.0, of.1);
                contents.parts.entry(key).or_default().push(place);
                // It waits for the judge, or has what it waited for.
                match named.judging {
                    Some(_) => asked.insert(key, of),
                    None => asked.remove(&key),
                };
            } else {
                let key = Key::of(&named.id, named.epoch);
                contents.records.add(key, place);
                contents.parts.remove(&key);
                asked.remove(&key);
            }
            Ok(())
        })?;
        contents.in_flight = asked.into_values().collect();
        contents.in_flight.sort();
        Ok(contents)
    }

    /// Reads the latest record of every question, in the order of the file, with its place.
    pub(super) fn each_record(
        &self,
        records: &mut Latest,
        mut record: impl FnMut(Record, Place) -> Result<(), RunnerError>,
    ) -> Result<(), RunnerError> {
        let (mut places, mut lines) = (records.in_file_order()?, self.lines()?);
        let mut wanted = places.next()?;
        while let Some(place) = wanted.map(Place::of_numbers)
            && let Some(line) = self.next_line(&mut lines)?
        {
            if line.offset == place.offset {
                let read = serde_json::from_str(line.text);
                record(read.map_err(|why| self.damaged(line.number, &why))?, place)?;
                wanted = places.next()?;
            }
        }
        Ok(())
    }

    /// The line at a place: a record, or a part of one.
    pub(super) fn line_at<T: DeserializeOwned>(&self, place: Place) -> Result<T, RunnerError> {
        let mut bytes = vec![0; place.length as usize];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(place.offset));
        let read = read.and_then(|_| file.read_exact(&mut bytes));
        drop(file);
        read.map_err(|error| self.unreadable(error))?;
        serde_json::from_slice(&bytes).map_err(|error| self.unreadable(error.into()))
    }

    /// Gives every line after the header.
    fn each_line(
        &self,
        mut line: impl FnMut(u64, &str) -> Result<(), serde_json::Error>,
    ) -> Result<(), RunnerError> {
        let mut lines = self.lines()?;
        while let Some(found) = self.next_line(&mut lines)? {
            line(found.offset, found.text).map_err(|why| self.damaged(found.number, &why))?;
        }
        Ok(())
    }

    /// All lines that are whole by now, to be read one after another with `next_line`.
    pub(super) fn lines(&self) -> Result<Lines, RunnerError> {
        let lines = Lines::open_to(&self.path, self.end()?, LONGEST_LINE);
        lines.map_err(|error| self.unreadable(error))
    }

    /// How many bytes of whole lines there are by now.
    pub(super) fn end(&self) -> Result<u64, RunnerError> {
        let whole = whole_lines(&mut self.file.lock().unwrap_or_else(PoisonError::into_inner));
        whole.map(|end| end.min(self.until)).map_err(|error| self.unreadable(error))
    }

    /// The next line after the header.
    pub(super) fn next_line<'a>(
        &self,
        lines: &'a mut Lines,
    ) -> Result<Option<Line<'a>>, RunnerError> {
        let read = |error| match error {
            LineError::Io(error) => self.unreadable(error),
            LineError::Row(number, why) => self.damaged(number, &why),
        };
        if lines.number() == 0 {
            lines.next().map_err(read)?;
        }
        lines.next().map_err(read)
    }

    pub(super) fn damaged(&self, line: u64, why: &dyn Display) -> RunnerError {
        let path = self.path.display().to_string();
        RunnerError::Damaged { path, line, why: why.to_string() }
    }

    fn unreadable(&self, error: io::Error) -> RunnerError {
        RunnerError::Unreadable { path: self.path.display().to_string(), error }
    }
}

/// What the run in a folder is a run of.
pub fn header_of(folder: &Path) -> Result<Header, RunnerError> {
    read_header(&folder.join(JOURNAL))
}

/// What is known of a header whatever its format.
#[derive(Deserialize)]
struct Formatted {
    format: String,
}

pub(super) fn read_header(path: &Path) -> Result<Header, RunnerError> {
    let unreadable = |error| RunnerError::Unreadable { path: path.display().to_string(), error };
    let mut lines = Lines::open(path, LONGEST_LINE).map_err(unreadable)?;
    let not_a_run = || RunnerError::NotARun { path: path.display().to_string() };
    let first = lines.next().ok().flatten().ok_or_else(not_a_run)?;
    // The format comes first: the header of another may hold anything else.
    let Formatted { format } = serde_json::from_str(first.text).map_err(|_| not_a_run())?;
    if is_of_another_format(&format) {
        return Err(RunnerError::OtherFormat { path: path.display().to_string(), format });
    }
    if format != FORMAT {
        return Err(not_a_run());
    }
    serde_json::from_str(first.text).map_err(|_| not_a_run())
}

/// How many bytes of a file are whole lines.
pub(super) fn whole_lines(file: &mut File) -> io::Result<u64> {
    const PIECE: u64 = 1 << 16;
    let mut end = file.metadata()?.len();
    let mut piece = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(PIECE);
        file.seek(SeekFrom::Start(start))?;
        piece.clear();
        file.take(end - start).read_to_end(&mut piece)?;
        if let Some(at) = piece.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}
