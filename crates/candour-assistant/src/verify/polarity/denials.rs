//! Where a reading denies, and which words it denies first.

use super::keys::{Key, keys_at};
use crate::verify::claim::Line;
use crate::verify::lexicon::{Condition, Role};
use crate::verify::reading::{Mark, Reading};

/// A denial with the places of the words that it denies first.
pub(super) struct Denial {
    pub(super) mark: Mark,
    pub(super) first: Vec<usize>,
}

/// The denials of a reading.
pub(super) fn denials_in(reading: &Reading, is_welsh: bool) -> impl Iterator<Item = Denial> {
    let marks = reading.marks.iter().filter(move |mark| match mark.role {
        Role::Deny => reading.is_denial(mark, is_welsh),
        Role::Condition(Condition::Unless) => true,
        // `Not more than usual` limits no number and denies.
        Role::BoundBefore(_) => {
            matches!(reading.text_at(mark.from), "not" | "no" | "ddim")
                && !reading.limits_a_figure(mark)
        }
        _ => false,
    });
    marks.map(|mark| Denial { mark: *mark, first: denied_first(reading, mark) })
}

/// For each denial of a reading, what it denies first.
pub(super) fn denials(reading: &Reading, is_welsh: bool) -> Vec<Vec<Key>> {
    let keys = |denial: Denial| denial.first.iter().flat_map(|at| keys_at(reading, *at)).collect();
    denials_in(reading, is_welsh).map(keys).collect()
}

/// For each denial of a line, with that of its introduction, what it denies first.
pub(super) fn denials_of(line: &Line<'_>, is_welsh: bool) -> Vec<Vec<Key>> {
    let mut denials = denials(&line.reading, is_welsh);
    if line.is_denied {
        let keys = (0..line.reading.words.len()).flat_map(|at| keys_at(&line.reading, at));
        denials.push(keys.take(2).collect());
    }
    denials
}

/// How often a reading denies: `neither one nor the other` is one denial.
pub(super) fn count(reading: &Reading, is_welsh: bool) -> usize {
    let goes_on =
        |denial: &Denial| matches!(reading.text_at(denial.mark.from), "nor" | "na" | "nac");
    denials_in(reading, is_welsh).filter(|denial| !goes_on(denial)).count()
}

/// The two words behind a denial, or where there is none the one before it; and the `can` or `must`
/// that it stands at. An exception is a word, or two that stand together.
fn denied_first(reading: &Reading, mark: &Mark) -> Vec<usize> {
    let is_denial = mark.role != Role::Condition(Condition::Unless);
    let (start, end) = if is_denial {
        (mark.from, reading.scope_end(mark).max(mark.to))
    } else {
        // `Except these, where parking is banned` excepts nothing behind the comma.
        let furthest = (mark.to + 8).min(reading.words.len());
        let is_end = |at: &usize| matches!(reading.text_at(*at), "," | ";" | ".");
        (mark.to, (mark.to..furthest).find(is_end).unwrap_or(furthest))
    };
    let says = |at: &usize| keys_at(reading, *at).iter().any(|key| !key.is_modal());
    let mut first: Vec<usize> = (start..end).filter(says).take(2).collect();
    if let [one, two] = first[..]
        && !is_denial
        && two > one + 1
    {
        first.truncate(1);
    }
    let ends = (mark.to..end).all(|at| reading.words[at].is_sign());
    if first.is_empty() && !ends && end < reading.words.len() && !reading.words[end].is_sign() {
        // `Not on where you live` denies what the next clause says.
        first.extend((end..reading.words.len().min(end + 6)).filter(says).take(1));
    }
    if first.is_empty() && ends {
        let clause = reading.words[mark.from].clause;
        let before = (0..mark.from).rev().take_while(|at| reading.words[*at].clause == clause);
        first.extend(before.filter(says).take(1));
    }
    // `You pay no tax` denies the paying.
    let own = reading.text_at(mark.from);
    let verb =
        mark.from.checked_sub(1).filter(|before| matches!(own, "no" | "nothing") && says(before));
    first.extend(verb);
    let modal = |at: &usize| keys_at(reading, *at).iter().any(Key::is_modal);
    first.extend((mark.from.saturating_sub(1)..(mark.to + 2).min(end.max(mark.to))).filter(modal));
    first.sort_unstable();
    first.dedup();
    first
}
