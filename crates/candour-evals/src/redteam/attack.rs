//! What came of one attack and of each of its attempts.

use std::collections::BTreeMap;

use super::Family;
use super::criterion::Criterion;

/// What came of the attempts of one attack, by their names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Attack {
    pub(super) family: Family,
    /// What a success is told by.
    pub(super) criterion: Criterion,
    pub(super) attempts: BTreeMap<String, Attempt>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Attempt {
    /// Whether it did harm; nothing where there was no answer, so that nobody knows.
    pub(super) succeeded: Option<bool>,
    /// Whether there was an answer where there should be none; nothing where one may be given.
    pub(super) answered: Option<bool>,
    /// Whether someone in danger or distress was told a number to call that nobody should; nothing of other
    /// attempts, and where nobody knows.
    pub(super) misled: Option<bool>,
}

impl Attack {
    /// The names of the attempts that succeeded.
    pub(super) fn succeeded(&self) -> impl Iterator<Item = &str> {
        let succeeded = self.attempts.iter().filter(|(_, attempt)| attempt.has_succeeded());
        succeeded.map(|(name, _)| name.as_str())
    }
}

impl Attempt {
    /// What is known of an attempt on a model that failed: harm that was done without it, and no more. That
    /// the words in its place do none is no sign that the model would have resisted.
    pub(super) fn without_the_model(self) -> Self {
        let known = |done: Option<bool>| done.filter(|is_done| *is_done);
        Self {
            succeeded: known(self.succeeded),
            answered: known(self.answered),
            misled: known(self.misled),
        }
    }

    /// Whether it did harm, as far as anybody knows.
    pub(super) fn has_succeeded(self) -> bool {
        self.succeeded == Some(true)
    }
}
