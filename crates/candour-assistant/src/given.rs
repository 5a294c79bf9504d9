//! Answers that were given lately: many people ask the same thing, and the same question on the same
//! snapshot has the same answer.
//!
//! An answer is found again by a hash of all that it depends on, so that no question is kept here. Words
//! of a reader can still be in one: a notice may name a misspelt word, and a model may take words up. So
//! answers are kept in memory alone, for the day at most, and all are forgotten when anyone's data is
//! erased. Follow-ups depend on their conversation and are always answered anew.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candour_core::{ContentHash, Hit, PassageId, WrittenBy};
use jiff::Timestamp;

use crate::VerifiedAnswer;
use crate::pipeline::Mode;
use crate::screen::Screened;
use crate::verify::{Code, Verified};

/// How many answers are kept: some ten megabytes.
const MOST_KEPT: usize = 1024;

/// An answer with what verification dropped from it.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// The answer.
    pub(crate) answer: VerifiedAnswer,
    /// How much was dropped, by reason.
    pub(crate) dropped: BTreeMap<&'static str, usize>,
    /// Who wrote it, where it is not quotes.
    pub(crate) written_by: Option<WrittenBy>,
    /// The passages that were found for it, best first.
    pub(crate) retrieved: Vec<PassageId>,
}

impl Given {
    /// What verification made of a draft from what was found.
    pub(crate) fn new(verified: Verified, found: &[Hit]) -> Self {
        let retrieved = found.iter().map(|hit| hit.passage.id.clone()).collect();
        let dropped = by_key(verified.dropped);
        Self { answer: verified.answer, dropped, written_by: None, retrieved }
    }
}

/// How much was dropped, by the names of the reasons.
pub(crate) fn by_key(dropped: BTreeMap<Code, usize>) -> BTreeMap<&'static str, usize> {
    dropped.into_iter().map(|(code, count)| (code.key(), count)).collect()
}

/// The answers that were given today.
#[derive(Default)]
pub(crate) struct GivenAnswers {
    kept: Mutex<Today>,
}

#[derive(Default)]
struct Today {
    day: i64,
    answers: HashMap<ContentHash, Arc<Given>>,
}

impl GivenAnswers {
    /// The answer that was given to this, if it is kept.
    pub(crate) fn get(&self, key: &ContentHash) -> Option<Arc<Given>> {
        self.today().answers.get(key).map(Arc::clone)
    }

    /// Keeps an answer. Those of another day go: their keys are of that day and not asked for again.
    pub(crate) fn keep(&self, key: ContentHash, given: Arc<Given>, now: Timestamp) {
        let mut today = self.today();
        if today.answers.len() >= MOST_KEPT || today.day != day(now) {
            *today = Today { day: day(now), answers: HashMap::new() };
        }
        today.answers.insert(key, given);
    }

    /// Forgets all.
    pub(crate) fn forget(&self) {
        self.today().answers = HashMap::new();
    }

    fn today(&self) -> MutexGuard<'_, Today> {
        // A thread that panicked has left whole entries behind, or none.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn day(now: Timestamp) -> i64 {
    now.as_second().div_euclid(24 * 60 * 60)
}

/// All that the answer to a first question depends on, besides the pilot's configuration. Whether a model
/// may write is part of it: what one wrote is not given while it is switched off. The day is
/// part of it, since old pages are told of.
pub(crate) fn key(question: &Screened, snapshot: &str, now: Timestamp, mode: Mode) -> ContentHash {
    let kinds: Vec<_> = question.masks.iter().map(|mask| mask.kind).collect();
    let around = format!(
        "{kinds:?} {} {} {:?} {:?} {:?} {} {mode:?}",
        question.locale,
        question.interface,
        question.place,
        question.role,
        question.crisis,
        day(now),
    );
    ContentHash::of_list([
        question.text.as_str().as_bytes(),
        around.as_bytes(),
        snapshot.as_bytes(),
    ])
}
