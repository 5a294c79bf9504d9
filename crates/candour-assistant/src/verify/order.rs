//! What must come first: `not this until that` and `that before this` say the same.

use std::collections::BTreeSet;

use super::lexicon::{Condition, Role};
use super::reading::{Mark, Reading};

/// Words that put off what comes after them.
pub(super) const WAITS: [&str; 5] = ["wait", "waits", "waiting", "arhoswch", "aros"];

/// The stems of what comes first and of what may come only then.
struct Order<'r> {
    first: BTreeSet<&'r str>,
    then: BTreeSet<&'r str>,
    form: Form,
}

/// How it is said that something comes first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    NotUntil,
    WaitUntil,
    Before,
    OnlyAfter,
}

/// Whether two readings say in different ways that the same comes first.
pub(super) fn is_same(one: &Reading, other: &Reading) -> bool {
    let (Some(one), Some(other)) = (order(one), order(other)) else { return false };
    let nearer = |own: &BTreeSet<&str>, same: &BTreeSet<&str>, not: &BTreeSet<&str>| {
        own.intersection(same).count().cmp(&own.intersection(not).count())
    };
    let first = nearer(&one.first, &other.first, &other.then);
    let then = nearer(&one.then, &other.then, &other.first);
    one.form != other.form && first.min(then).is_ge() && first.max(then).is_gt()
}

fn order(reading: &Reading) -> Option<Order<'_>> {
    let time = |wanted: &[Condition], texts: &[&str]| {
        reading.conditions().map(|(mark, _)| mark).find(|mark| {
            let is_kind = |other: &Mark| {
                other.from == mark.from
                    && matches!(other.role, Role::Condition(kind) if wanted.contains(&kind))
            };
            let text = reading.text_at(mark.from);
            reading.marks.iter().any(is_kind) && (texts.is_empty() || texts.contains(&text))
        })
    };
    let has = |role: Role| reading.marks.iter().any(|mark| mark.role == role);
    let waits = reading.has_one_of(&WAITS);
    let until = time(&[Condition::Until], &[]);
    let before = time(&[Condition::When], &["before", "cyn"]);
    let after = time(&[Condition::When], &["after", "once", "when", "ar", "pan"]);
    match (until, before, after) {
        (Some(until), None, _) if has(Role::Deny) => Some(split(reading, &until, Form::NotUntil)),
        (Some(until), Some(before), _) if waits => Some(between(reading, &until, &before)),
        (None, Some(before), _) if !has(Role::Deny) => Some(split(reading, &before, Form::Before)),
        (None, None, Some(after)) if has(Role::Condition(Condition::Only)) => {
            Some(split(reading, &after, Form::OnlyAfter))
        }
        _ => None,
    }
}

/// The parts before and behind a mark: what stands behind comes first, or what stands before.
fn split<'r>(reading: &'r Reading, mark: &Mark, form: Form) -> Order<'r> {
    let (start, end) = reading.sentence(mark.from);
    let stems = |from: usize, to: usize| {
        reading.telling(from, to).map(|word| word.stem.as_str()).collect::<BTreeSet<_>>()
    };
    let (from, to) = super::condition::extent(reading, mark);
    let mut rest = stems(start, mark.from);
    rest.extend(stems(to, end));
    let inside = stems(from, to);
    let (first, then) = if form == Form::Before { (rest, inside) } else { (inside, rest) };
    Order { first, then, form }
}

/// `Wait until the first before the second`.
fn between<'r>(reading: &'r Reading, until: &Mark, before: &Mark) -> Order<'r> {
    let (start, end) = reading.sentence(until.from);
    let stems = |from: usize, to: usize| {
        reading.telling(from, to).map(|word| word.stem.as_str()).collect::<BTreeSet<_>>()
    };
    if until.from < before.from {
        Order {
            first: stems(until.to, before.from),
            then: stems(before.to, end),
            form: Form::WaitUntil,
        }
    } else {
        Order { first: stems(until.to, end), then: stems(start, until.from), form: Form::WaitUntil }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::claim::Claim;

    #[test]
    fn the_same_comes_first() {
        for (text, quotes, expected) in [
            (
                "Wait until you have a visa before you book.",
                "Do not book until you have a visa.",
                true,
            ),
            ("You must have a visa before you book.", "Do not book until you have a visa.", true),
            ("You must book before you have a visa.", "Do not book until you have a visa.", false),
            ("Pass the test before you book.", "Book only after you pass the test.", true),
            ("Book before you pass the test.", "Book only after you pass the test.", false),
            (
                "You pay only after the work is done.",
                "You do not pay until the work is done.",
                true,
            ),
            ("Book the test.", "Book only after you pass the test.", false),
            (
                "cy: Arhoswch nes i chi gael fisa cyn archebu.",
                "Peidiwch ag archebu nes i chi gael fisa.",
                true,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            let same = claim.lines.iter().any(|line| is_same(&claim.reading, &line.reading));
            assert_eq!(same, expected, "{text} from {quotes}");
        }
    }
}
