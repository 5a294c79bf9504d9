//! A limit or a duty that a line adds to what it says: `for up to 4 hours`, `but give us 5 days' notice`.

use super::Own;
use crate::verify::claim::{Claim, Line};
use crate::verify::condition::{Item, words_of};
use crate::verify::figure::{Figure, Kind, Value};
use crate::verify::lexicon::{Bound, Condition, Modal, Role};
use crate::verify::reading::{Mark, Reading};

/// A sentence rests on a part of a line when it has at least this share of its words.
const RESTS: f32 = 0.6;
/// It keeps what is added when it has at least this share of the words of that.
const KEEPS: f32 = 0.5;

/// Whether a sentence says what a line limits, without the limit.
pub(super) fn loses_limit(claim: &Claim<'_>, own: &Own<'_>) -> bool {
    claim.lines.iter().filter(|line| !line.is_header).any(|line| {
        let reading = &line.reading;
        let mut limits = reading.figures.iter().filter(|figure| is_limit(figure, reading));
        limits.any(|figure| {
            let head = head_of_item(claim, line, figure);
            let rests_on_head = head.is_some();
            let said = head.unwrap_or_else(|| said_with(figure, reading));
            let rests = rests_on_head || said.len() > 1 || claim.lines.len() == 1;
            rests && own.share(&said) >= RESTS && !own.has(&Item::Figure(&figure.value))
        })
    })
}

/// Whether a figure says how long, how many or by when at most.
fn is_limit(figure: &Figure, reading: &Reading) -> bool {
    let before = reading.text_before(figure.from);
    let is_upper = matches!(figure.bound, Some(Bound::AtMost | Bound::LessThan));
    match figure.value.family() {
        // How long and how far.
        2 | 4 => is_upper || matches!(before, "for" | "am"),
        // A price and a share may be the highest too.
        0 | 1 | 5 => is_upper || is_share(figure, reading),
        _ => false,
    }
}

/// `Half of the fee` is a part of it.
fn is_share(figure: &Figure, reading: &Reading) -> bool {
    let is_part = match figure.value {
        Value::Amount(part, Kind::Plain) => part < 1000,
        Value::Amount(_, Kind::Percent) => true,
        _ => false,
    };
    let behind = reading.text_at(figure.to);
    is_part && matches!(behind, "of" | "o")
}

/// What an item says before a comma, where its limit begins behind that: `for sale, for up to 12 months`.
fn head_of_item<'r>(
    claim: &Claim<'_>,
    line: &'r Line<'_>,
    figure: &Figure,
) -> Option<Vec<Item<'r>>> {
    let reading = &line.reading;
    let comma = reading.words[..figure.from].iter().rposition(|word| word.text == ",")?;
    let is_first = reading.telling(comma + 1, figure.from).next().is_none();
    let is_item = claim.sources().any(Line::is_stem) && !line.is_stem();
    let head = words_of(reading, 0, comma);
    (is_first && is_item && !head.is_empty()).then_some(head)
}

/// What is said with a limit: the words of its clause, and those of the clause before where it has no two,
/// or of the clause behind where it begins the sentence.
fn said_with<'r>(figure: &Figure, reading: &'r Reading) -> Vec<Item<'r>> {
    let (start, end) = reading.sentence(figure.from);
    let clause = |at: usize| reading.words[at].clause;
    let is_own = |at: &usize| clause(*at) == clause(figure.from);
    let mut from = (start..figure.from).find(is_own).unwrap_or(figure.from);
    let mut to = (figure.from..end).find(|at| !is_own(at)).unwrap_or(end).max(figure.to);
    let words = |from: usize, to: usize| -> Vec<Item<'r>> {
        let around = words_of(reading, from, figure.from).into_iter();
        around
            .chain(words_of(reading, figure.to, to))
            .filter(|item| matches!(item, Item::Word(_)))
            .collect()
    };
    while words(from, to).len() < 2 && from > start {
        let before = from - 1;
        from = (start..before).find(|at| clause(*at) == clause(before)).unwrap_or(before);
    }
    while words(from, to).len() < 2 && to < end {
        to = (to..end).find(|at| clause(*at) != clause(to)).unwrap_or(end);
    }
    words(from, to)
}

/// Whether a sentence says what somebody may do and need not, as if they had to: `can allow it, but does not
/// have to`.
pub(super) fn takes_leave(claim: &Claim<'_>, own: &Own<'_>) -> bool {
    let is_free = |reading: &Reading, from: usize, to: usize| {
        let mut denials = reading.marks.iter().filter(|mark| mark.role == Role::Deny);
        denials.any(|deny| {
            (from..to).contains(&deny.from)
                && reading.marks.iter().any(|mark| {
                    matches!(mark.role, Role::Modal(Modal::Must | Modal::Need))
                        && (deny.to..deny.to + 2).contains(&mark.from)
                })
        })
    };
    let may = |mark: &Mark| mark.role == Role::Modal(Modal::May);
    let reading = &claim.reading;
    let leaves_it = is_free(reading, 0, reading.words.len()) || reading.marks.iter().any(may);
    !leaves_it
        && claim.lines.iter().any(|line| {
            let reading = &line.reading;
            turns(line).any(|turn| {
                let (start, end) = reading.sentence(turn);
                let said = words_of(reading, start, turn);
                reading.telling(turn, end).next().is_none()
                    && is_free(reading, turn, end)
                    && said.len() > 1
                    && own.share(&said) >= KEEPS
            })
        })
}

/// Whether a sentence says what stands before a `but` and nothing of what stands behind it.
pub(super) fn loses_duty(claim: &Claim<'_>, own: &Own<'_>) -> bool {
    claim.lines.iter().any(|line| {
        let reading = &line.reading;
        turns(line).any(|turn| {
            let (start, end) = reading.sentence(turn);
            let (said, added) = (words_of(reading, start, turn), words_of(reading, turn + 1, end));
            let is_apart = |item: &Item<'_>| !said.iter().any(|other| item.is_same(other));
            let added: Vec<Item<'_>> = added.into_iter().filter(is_apart).collect();
            said.len() > 1
                && !added.is_empty()
                && own.share(&said) >= RESTS
                && own.share(&added) < KEEPS
        })
    })
}

/// Where words turn to what limits the words before them. Where they except, `condition` reads them.
fn turns<'l>(line: &'l Line<'_>) -> impl Iterator<Item = usize> + 'l {
    let reading = &line.reading;
    let excepts = |at: usize| {
        let unless = Role::Condition(Condition::Unless);
        reading.marks.iter().any(|mark| mark.from == at && mark.role == unless)
    };
    (0..reading.words.len())
        .filter(move |at| matches!(reading.text_at(*at), "but" | "ond") && !excepts(*at))
}
