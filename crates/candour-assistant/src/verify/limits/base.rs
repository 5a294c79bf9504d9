//! What a sum is paid for stays with it: `£12.50 for a book of 10`.

use crate::verify::claim::Claim;
use crate::verify::figure::{Figure, Value};
use crate::verify::reading::{Reading, Word};

/// The most words between a sum and how many it is for: `for a book of 10`.
const MOST_BETWEEN: usize = 4;

/// Whether a sentence names a sum that its source knows only for so many, and not how many.
pub(super) fn loses_base(claim: &Claim<'_>) -> bool {
    let facts = claim.facts();
    let sums = claim.reading.figures.iter().filter(|figure| figure.value.is_money());
    sums.into_iter().any(|sum| {
        let mut known = facts
            .iter()
            .filter(|fact| fact.bears_out(&sum.value))
            .map(|fact| base(fact.figure, fact.reading))
            .peekable();
        known.peek().is_some()
            && known.all(|base| base.is_some_and(|base| !claim.reading.says(&base.value)))
    })
}

/// How many a sum is for: the next figure behind `for`, in the same cell and with no sign between.
fn base<'r>(sum: &Figure, reading: &'r Reading) -> Option<&'r Figure> {
    let next = reading.figures.iter().find(|figure| figure.from >= sum.to)?;
    let between = &reading.words[sum.to..next.from];
    let leads = matches!(between.first()?.text.as_str(), "for" | "am");
    let is_near = between.len() <= MOST_BETWEEN && !between.iter().any(Word::is_sign);
    let counts = matches!(next.value, Value::Amount(..)) && !next.value.is_money();
    (leads && is_near && counts).then_some(next)
}
