//! The lines of a text file, one after another, with their numbers and places: never the whole file.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

/// Reads line by line.
pub(crate) struct Lines {
    reader: BufReader<io::Take<File>>,
    longest: u64,
    bytes: Vec<u8>,
    number: u64,
    offset: u64,
}

/// A line that is not blank, without its end.
pub(crate) struct Line<'a> {
    /// Which one, from 1.
    pub(crate) number: u64,
    /// Where it begins in the file, in bytes.
    pub(crate) offset: u64,
    /// Whether a line break ends it, as it does not where a writer was cut short.
    pub(crate) is_whole: bool,
    /// Its words.
    pub(crate) text: &'a str,
}

/// Why a line cannot be read.
pub(crate) enum LineError {
    /// The system says no.
    Io(io::Error),
    /// It is not text, or too much of it.
    Row(u64, String),
}

impl Lines {
    /// Opens a plain file. Pipes and devices are refused, for they may never end; so are lines with
    /// more than `longest` bytes.
    pub(crate) fn open(path: &Path, longest: u64) -> io::Result<Self> {
        Self::open_to(path, u64::MAX, longest)
    }

    /// Opens a plain file of which only the first `end` bytes are read.
    pub(crate) fn open_to(path: &Path, end: u64, longest: u64) -> io::Result<Self> {
        if !std::fs::metadata(path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a plain file"));
        }
        let reader = BufReader::new(File::open(path)?.take(end));
        Ok(Self { reader, longest, bytes: Vec::new(), number: 0, offset: 0 })
    }

    /// How many lines were read, blank ones too.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Passes over what is left of a line, so that it is not taken for others.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            self.offset += self.bytes.len() as u64;
            self.bytes.clear();
            let limited = &mut self.reader.by_ref().take(self.longest);
            if limited.read_until(b'\n', &mut self.bytes)? == 0 || self.bytes.ends_with(b"\n") {
                return Ok(());
            }
        }
    }

    /// The next line that is not blank; nothing at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>, LineError> {
        loop {
            self.offset += self.bytes.len() as u64;
            self.bytes.clear();
            let limited = &mut self.reader.by_ref().take(self.longest);
            if limited.read_until(b'\n', &mut self.bytes).map_err(LineError::Io)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.bytes.iter().any(|byte| !byte.is_ascii_whitespace()) {
                break;
            }
        }
        let is_whole = self.bytes.ends_with(b"\n");
        if !is_whole && self.bytes.len() as u64 == self.longest {
            self.skip_line().map_err(LineError::Io)?;
            let why = format!("longer than {} bytes", self.longest);
            return Err(LineError::Row(self.number, why));
        }
        let text = std::str::from_utf8(&self.bytes)
            .map_err(|_| LineError::Row(self.number, "not UTF-8 text".to_owned()))?;
        let text = if self.number == 1 { text.trim_start_matches('\u{feff}') } else { text };
        let text = text.trim_end_matches(['\n', '\r']);
        Ok(Some(Line { number: self.number, offset: self.offset, is_whole, text }))
    }
}
