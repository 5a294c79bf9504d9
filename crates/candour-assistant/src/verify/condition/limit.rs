//! `Only` may neither be left out nor added.

use super::parts::words_of;
use super::share;
use crate::verify::claim::{Claim, Line};
use crate::verify::figure::Value;
use crate::verify::lexicon::{Condition, Modal, Role};
use crate::verify::meaning::Meanings;
use crate::verify::reading::{Mark, Reading};

/// A sentence rests on a line that says `only`, whose words are not told apart, when it has at least this
/// share of its words.
const RESTS_ON_LIMIT: f32 = 0.35;

/// Whether a sentence says `only` where nothing in the source limits, obliges, denies or sets a condition.
pub(super) fn adds_limit(claim: &Claim<'_>) -> bool {
    let is_only = |(mark, condition): (Mark, Condition)| {
        condition == Condition::Only && claim.reading.words[mark.from].text != "just"
    };
    let limits = |line: &Line<'_>| {
        let is_limit = |mark: &Mark| {
            matches!(
                mark.role,
                Role::Deny | Role::Condition(_) | Role::Modal(Modal::Must | Modal::Need)
            )
        };
        line.reading.marks.iter().any(is_limit)
            || line
                .reading
                .figures
                .iter()
                .any(|f| f.bound.is_some() || f.value == Value::Ordinal(1))
    };
    claim.reading.conditions().any(is_only) && !claim.lines.iter().any(limits)
}

/// `Only` stays, or is said as a duty, a denial or an exception that the source does not have itself.
pub(super) fn keeps_limit(claim: &Claim<'_>, line: &Line<'_>, mark: &Mark) -> bool {
    let reading = &line.reading;
    let (start, end) = reading.sentence(mark.from);
    let own = Meanings::of([]);
    let words = words_of(reading, start, end);
    if share(&words, claim, &own) < RESTS_ON_LIMIT {
        return true;
    }
    has_limit(&claim.reading, reading)
}

/// Whether a sentence limits in a way that its source does not in the same words but for `only`.
fn has_limit(own: &Reading, source: &Reading) -> bool {
    let has = |reading: &Reading, wanted: &dyn Fn(Role) -> bool| {
        reading.marks.iter().any(|mark| wanted(mark.role))
    };
    let only = |role: Role| role == Role::Condition(Condition::Only);
    // `Provided that` limits as `only if` does.
    let is_strict = |reading: &Reading| {
        reading.conditions().any(|(mark, condition)| {
            condition == Condition::If && !matches!(reading.text_at(mark.from), "if" | "os" | "pe")
        })
    };
    let duty = |role: Role| matches!(role, Role::Modal(Modal::Must | Modal::Need));
    let denial = |role: Role| matches!(role, Role::Deny | Role::Condition(Condition::Unless));
    is_strict(own) && !is_strict(source)
        || has(own, &only)
        || has(own, &duty) && !has(source, &duty)
        || has(own, &denial) && !has(source, &denial)
}
