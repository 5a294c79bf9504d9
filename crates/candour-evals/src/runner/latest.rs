//! Where the latest record of each question stands in a journal: sorted, and on disk where they are many,
//! so that going on with a run takes no more memory than beginning it.

use std::io;
use std::path::{Path, PathBuf};

use super::RunnerError;
use super::record::Key;
use super::written::Place;
use crate::sorted::{Rows, Sorted};
use crate::suite::Suite;

/// The places of records by the names of their questions, those of a question in the order of the file.
pub(super) struct Latest {
    rows: Sorted<5>,
    /// Where what does not fit into memory is kept.
    scratch: PathBuf,
}

impl Default for Latest {
    fn default() -> Self {
        Self { rows: Sorted::default(), scratch: std::env::temp_dir() }
    }
}

impl Latest {
    /// Adds a record. A later one of the same question takes its place.
    pub(super) fn add(&mut self, key: Key, place: Place) {
        let [high, low, epoch] = key.numbers();
        let [offset, rest] = place.numbers();
        self.rows.add(&self.scratch, [high, low, epoch, offset, rest]);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Gives the latest record of each question, in the order of the names.
    pub(super) fn each(&mut self, mut latest: impl FnMut(Key, Place)) -> Result<(), RunnerError> {
        let mut before: Option<(Key, Place)> = None;
        let each = self.rows.each(|[high, low, epoch, offset, rest]| {
            let key = Key::of_numbers([*high, *low, *epoch]);
            let place = Place::of_numbers([*offset, *rest]);
            if let Some((other, place)) =
                before.replace((key, place)).filter(|(one, _)| *one != key)
            {
                latest(other, place);
            }
        });
        each.map_err(|error| full(&self.scratch, error))?;
        if let Some((key, place)) = before {
            latest(key, place);
        }
        Ok(())
    }

    /// The places in the order of the file.
    pub(super) fn in_file_order(&mut self) -> Result<Places<2>, RunnerError> {
        let (mut places, scratch) = (Sorted::default(), self.scratch.clone());
        self.each(|_, place| places.add(&scratch, place.numbers()))?;
        Places::of(places, scratch)
    }

    /// The places in the order in which a suite asks: each with its sample's place there, and its epoch.
    pub(super) fn in_suite_order(mut self, suite: &Suite) -> Result<Places<4>, RunnerError> {
        let (mut places, scratch) = (Sorted::default(), self.scratch.clone());
        if !self.is_empty() {
            let full = |error| full(&scratch, error);
            let mut names = suite.places(&scratch)?.into_rows().map_err(full)?;
            let mut name = names.next().map_err(full)?;
            let mut failed = Ok(());
            self.each(|key, place| {
                let [high, low, epoch] = key.numbers();
                let [offset, rest] = place.numbers();
                while failed.is_ok() && name.is_some_and(|[a, b, _]| [a, b] < [high, low]) {
                    failed = names.next().map(|next| name = next);
                }
                if let Some([_, _, at]) = name.filter(|[a, b, _]| [*a, *b] == [high, low]) {
                    places.add(&scratch, [at, epoch, offset, rest]);
                }
            })?;
            failed.map_err(full)?;
        }
        Places::of(places, scratch)
    }
}

/// Places that are taken one after another.
pub(super) struct Places<const N: usize> {
    rows: Rows<N>,
    scratch: PathBuf,
}

impl<const N: usize> Places<N> {
    fn of(rows: Sorted<N>, scratch: PathBuf) -> Result<Self, RunnerError> {
        let rows = rows.into_rows().map_err(|error| full(&scratch, error))?;
        Ok(Self { rows, scratch })
    }

    pub(super) fn next(&mut self) -> Result<Option<[u64; N]>, RunnerError> {
        self.rows.next().map_err(|error| full(&self.scratch, error))
    }
}

/// Why places cannot be sorted.
pub(super) fn full(scratch: &Path, error: io::Error) -> RunnerError {
    RunnerError::Scratch { path: scratch.display().to_string(), error }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::suite::Sample;

    /// More than is held, some of it asked again, in an order that is neither that of the suite nor that of
    /// names.
    #[test]
    fn the_latest_record_of_each_question_is_found_in_the_order_that_is_asked_for() {
        const SAMPLES: u64 = 12_000;
        let sample = |at: u64| Sample {
            id: format!("s{at}"),
            question: "?".to_owned(),
            ..Sample::default()
        };
        let text = "name = 'n'\nsamples = []\nscorers = ['status']\nepochs = 2";
        let suite = Suite::in_memory(text, (0..SAMPLES).map(sample).collect()).unwrap();
        let (mut latest, mut expected) = (Latest::default(), BTreeMap::new());
        for offset in 0..2 * SAMPLES + 3000 {
            // A step that shares no divisor with their number comes to every question.
            let question = offset * 7919 % (2 * SAMPLES);
            let (at, epoch) = (question / 2, question % 2 + 1);
            let (is_error, is_unjudged) = (offset % 3 == 0, offset % 5 == 0);
            let place = Place { offset, length: 9 + offset % 4, is_error, is_unjudged };
            latest.add(Key::of(&format!("s{at}"), epoch as u32), place);
            expected.insert([at, epoch], place);
        }
        let mut found = Vec::new();
        let mut places = latest.in_file_order().unwrap();
        while let Some(place) = places.next().unwrap() {
            found.push(Place::of_numbers(place));
        }
        let mut wanted: Vec<Place> = expected.values().copied().collect();
        wanted.sort_by_key(|place| place.offset);
        assert!(found == wanted, "in the order of the file");
        let (mut found, mut places) = (Vec::new(), latest.in_suite_order(&suite).unwrap());
        while let Some([at, epoch, offset, rest]) = places.next().unwrap() {
            found.push(([at, epoch], Place::of_numbers([offset, rest])));
        }
        assert!(found.into_iter().eq(expected), "in the order of the suite");
    }

    #[test]
    fn a_journal_without_records_has_none() {
        let mut latest = Latest::default();
        assert!(latest.is_empty() && latest.in_file_order().unwrap().next().unwrap().is_none());
    }
}
