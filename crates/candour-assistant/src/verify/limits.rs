//! What limits a permission, a price or an amount stays beside it: how long, how many, by when, of what, and
//! the duty that comes with it.

mod base;
mod column;
mod extra;

use self::base::loses_base;
use self::column::{loses_column, loses_row};
use self::extra::{loses_duty, loses_limit, takes_leave};
use super::Code;
use super::claim::Claim;
use super::condition::Item;
use super::meaning::Meanings;
use super::reading::Word;

/// Checks that the limits of what a sentence says of its source are in the sentence. Between two languages
/// words cannot be matched, and limits are read by `comparator`.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    if !claim.same_language {
        return Ok(());
    }
    let own = Own::of(claim);
    let loses = loses_limit(claim, &own)
        || loses_duty(claim, &own)
        || takes_leave(claim, &own)
        || loses_base(claim)
        || loses_column(claim, &own)
        || loses_row(claim, &own);
    if loses { Err(Code::ConditionDropped) } else { Ok(()) }
}

/// The words of a sentence, to be looked for by stem and by meaning.
struct Own<'c> {
    claim: &'c Claim<'c>,
    meanings: Meanings<'c>,
}

impl<'c> Own<'c> {
    fn of(claim: &'c Claim<'c>) -> Self {
        Self { claim, meanings: Meanings::telling(&claim.reading.words) }
    }

    fn has_word(&self, word: &Word) -> bool {
        self.claim.reading.has_stem(&word.stem) || self.meanings.has_near(&word.text)
    }

    fn has(&self, item: &Item<'_>) -> bool {
        match item {
            Item::Word(word) => self.has_word(word),
            Item::Figure(value) => self.claim.reading.says(value),
        }
    }

    /// The share of items that the sentence has; all where there are none.
    fn share(&self, items: &[Item<'_>]) -> f32 {
        if items.is_empty() {
            return 1.0;
        }
        items.iter().filter(|item| self.has(item)).count() as f32 / items.len() as f32
    }
}
