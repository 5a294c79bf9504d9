//! The records of a journal in the order in which they are asked for, which is nearly the one in which
//! they stand: what came early is remembered by its place, so that memory grows with how far the two
//! orders are apart and not with the run.

use std::collections::HashMap;

use super::RunnerError;
use super::journal::{Journal, Place};
use super::record::{Key, Named, Record};
use crate::lines::Lines;

/// Gives the records of a journal by their names, each once.
pub(super) struct Ordered<'a> {
    journal: &'a Journal,
    lines: Lines,
    /// Where the errors, and what a judge failed on, stand that nothing was made of later.
    errors: HashMap<Key, u64>,
    /// What was passed over on the way to others.
    early: HashMap<Key, Place>,
}

impl<'a> Ordered<'a> {
    pub(super) fn new(journal: &'a Journal) -> Result<Self, RunnerError> {
        let mut errors = HashMap::new();
        let mut lines = journal.lines()?;
        while let Some((key, place)) = next_record(journal, &mut lines)? {
            if place.may_be_mended() {
                errors.insert(key, place.offset);
            } else {
                errors.remove(&key);
            }
        }
        Ok(Self { journal, lines: journal.lines()?, errors, early: HashMap::new() })
    }

    /// The latest record of a question.
    pub(super) fn take(&mut self, wanted: Key) -> Result<Option<Record>, RunnerError> {
        if let Some(place) = self.early.remove(&wanted) {
            return self.journal.line_at(place).map(Some);
        }
        while let Some((key, place)) = next_record(self.journal, &mut self.lines)? {
            let is_latest = !place.may_be_mended() || self.errors.get(&key) == Some(&place.offset);
            if is_latest && key == wanted {
                return self.journal.line_at(place).map(Some);
            }
            if is_latest {
                self.early.insert(key, place);
            }
        }
        Ok(None)
    }
}

/// The next line that records something, by the name of its question.
fn next_record(journal: &Journal, lines: &mut Lines) -> Result<Option<(Key, Place)>, RunnerError> {
    while let Some(line) = journal.next_line(lines)? {
        let named: Named =
            serde_json::from_str(line.text).map_err(|why| journal.damaged(line.number, &why))?;
        if named.asking.is_none() && named.part_of.is_none() {
            let place = named.place(line.offset, line.text.len());
            return Ok(Some((Key::of(&named.id, named.epoch), place)));
        }
    }
    Ok(None)
}
