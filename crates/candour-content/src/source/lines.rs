//! The lines of a file, each with its number and offset, of which none is held beyond a limit.

use std::io::{self, BufRead};

/// One line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Where it begins in the file, in bytes.
    pub(super) offset: u64,
    /// How many bytes it has in the file, with its end.
    pub(super) length: u64,
    /// What it says; absent when it is longer than the limit.
    pub(super) bytes: Option<Vec<u8>>,
}

/// Reads lines that are not blank.
pub(super) struct Lines<R> {
    reader: R,
    limit: usize,
    number: u64,
    offset: u64,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `reader`, of at most `limit` bytes each.
    pub(super) fn new(reader: R, limit: usize) -> Self {
        Self { reader, limit, number: 0, offset: 0 }
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        let offset = self.offset;
        let (mut bytes, mut too_long) = (Vec::new(), false);
        loop {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                break;
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let piece = &available[..end.unwrap_or(available.len())];
            if too_long || bytes.len() + piece.len() > self.limit {
                too_long = true;
                bytes = Vec::new();
            } else {
                bytes.extend_from_slice(piece);
            }
            let used = piece.len() + usize::from(end.is_some());
            self.reader.consume(used);
            self.offset += used as u64;
            if end.is_some() {
                break;
            }
        }
        if self.offset == offset {
            return Ok(None);
        }
        self.number += 1;
        let (number, bytes) = (self.number, (!too_long).then(|| trimmed(bytes, offset == 0)));
        Ok(Some(Line { number, offset, length: self.offset - offset, bytes }))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.line().transpose()? {
                Ok(Line { bytes: Some(bytes), .. })
                    if bytes.iter().all(u8::is_ascii_whitespace) => {}
                line => return Some(line),
            }
        }
    }
}

/// A line without the carriage return of some systems, and a file without its byte order mark.
fn trimmed(mut bytes: Vec<u8>, first: bool) -> Vec<u8> {
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    if first && bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    bytes
}
