//! The records of a journal in the order in which they are asked for, which is nearly the one in which
//! they stand: what came early is remembered by its place, so that memory grows with how far the two
//! orders are apart and not with the run.

use std::collections::HashMap;

use super::RunnerError;
use super::record::{Key, Named, Record};
use super::written::{Place, Written};
use crate::lines::Lines;

/// Gives the records of a journal by their names, each once.
pub(super) struct Ordered<'a> {
    written: &'a Written,
    lines: Lines,
    /// Where the errors, and what a judge failed on, stand that nothing was made of later.
    errors: HashMap<Key, u64>,
    /// What was passed over on the way to others.
    early: HashMap<Key, Place>,
}

impl<'a> Ordered<'a> {
    pub(super) fn new(written: &'a Written) -> Result<Self, RunnerError> {
        let mut errors = HashMap::new();
        let mut lines = written.lines()?;
        while let Some((key, place)) = next_record(written, &mut lines)? {
            if place.may_be_mended() {
                errors.insert(key, place.offset);
            } else {
                errors.remove(&key);
            }
        }
        Ok(Self { written, lines: written.lines()?, errors, early: HashMap::new() })
    }

    /// The latest record of a question.
    pub(super) fn take(&mut self, wanted: Key) -> Result<Option<Record>, RunnerError> {
        if let Some(place) = self.early.remove(&wanted) {
            return self.written.line_at(place).map(Some);
        }
        while let Some((key, place)) = next_record(self.written, &mut self.lines)? {
            let is_latest = !place.may_be_mended() || self.errors.get(&key) == Some(&place.offset);
            if is_latest && key == wanted {
                return self.written.line_at(place).map(Some);
            }
            if is_latest {
                self.early.insert(key, place);
            }
        }
        Ok(None)
    }
}

/// The next line that records something, by the name of its question.
fn next_record(written: &Written, lines: &mut Lines) -> Result<Option<(Key, Place)>, RunnerError> {
    while let Some(line) = written.next_line(lines)? {
        let named: Named =
            serde_json::from_str(line.text).map_err(|why| written.damaged(line.number, &why))?;
        if named.asking.is_none() && named.part_of.is_none() {
            let place = named.place(line.offset, line.text.len());
            return Ok(Some((Key::of(&named.id, named.epoch), place)));
        }
    }
    Ok(None)
}
