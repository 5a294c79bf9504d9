//! A figure of one line may not come under the condition of another, which has an outcome of its own: `we
//! see you within 28 days`, `if it is urgent, we call you the same day`.

use super::{extent, words_of};
use crate::verify::claim::{Claim, Line};
use crate::verify::condition::Item;
use crate::verify::figure::Figure;
use crate::verify::lexicon::{Condition, Role};
use crate::verify::meaning::Meanings;
use crate::verify::reading::{Reading, Word};

/// Whether a sentence sets one line's figure under the condition of another.
pub(super) fn takes_anothers(claim: &Claim<'_>) -> bool {
    let own = &claim.reading;
    let conditions: Vec<(usize, usize)> = own
        .conditions()
        .filter(|(_, condition)| matches!(condition, Condition::If | Condition::When))
        .map(|(mark, _)| extent(own, &mark))
        .collect();
    let [(from, to)] = conditions[..] else { return false };
    let condition = telling(own, from, to);
    let figures: Vec<&Figure> = own
        .figures
        .iter()
        .filter(|figure| {
            !(from..to).contains(&figure.from) && matches!(figure.value.family(), 0..=2)
        })
        .collect();
    !condition.is_empty()
        && !figures.is_empty()
        && figures.iter().all(|figure| is_under_anothers(claim, figure, &condition))
}

fn is_under_anothers(claim: &Claim<'_>, figure: &Figure, condition: &[&Word]) -> bool {
    let has = |line: &&Line<'_>| line.reading.bears_out(&figure.value);
    let (with, without): (Vec<_>, Vec<_>) = claim.lines.iter().partition(has);
    let here: Vec<&Word> = with.iter().flat_map(|line| undenied(&line.reading, 0, None)).collect();
    let rest = lacking(condition, &here);
    let sets_it = |reading: &Reading| {
        reading.conditions().any(|(mark, kind)| {
            let (from, to) = extent(reading, &mark);
            kind == Condition::If
                && lacking(&rest, &undenied(reading, from, Some(to))).is_empty()
                && has_outcome(claim, reading, (from, to))
        })
    };
    !with.is_empty()
        && rest.len() * 2 >= condition.len()
        && with.iter().all(|line| !line.is_stem() && !line.text.contains('|'))
        && without.iter().any(|line| !line.is_stem() && sets_it(&line.reading))
}

/// Whether a line says of its condition what the sentence does not: a figure, `free`, or words.
fn has_outcome(claim: &Claim<'_>, reading: &Reading, (from, to): (usize, usize)) -> bool {
    let is_out = |at: usize| !(from..to).contains(&at);
    let opposes = |at: usize| {
        reading.marks.iter().any(|mark| mark.from == at && matches!(mark.role, Role::Opposite(..)))
    };
    let says = |item: &Item<'_>| match item {
        Item::Word(word) => claim.reading.has_stem(&word.stem),
        Item::Figure(value) => claim.reading.figures.iter().any(|own| own.value.says(value)),
    };
    let mut items = words_of(reading, 0, from);
    items.extend(words_of(reading, to, reading.words.len()));
    let said = items.iter().filter(|item| says(item)).count();
    let is_free = (0..reading.words.len()).any(|at| is_out(at) && opposes(at));
    (items.len() > 1 || is_free || items.iter().any(|item| matches!(item, Item::Figure(_))))
        && said * 2 <= items.len()
}

fn telling(reading: &Reading, from: usize, to: usize) -> Vec<&Word> {
    reading.telling(from, to).collect()
}

/// The telling words of a part of a line, but for what stands behind `without`.
fn undenied(reading: &Reading, from: usize, to: Option<usize>) -> Vec<&Word> {
    let is_denied = |at: usize| {
        let before = at.saturating_sub(3)..at;
        reading.words[before].iter().any(|word| matches!(word.text.as_str(), "without" | "heb"))
    };
    let places = from..to.unwrap_or(reading.words.len());
    places
        .filter(|at| reading.words[*at].telling && !is_denied(*at))
        .map(|at| &reading.words[at])
        .collect()
}

/// The words that no other is or is near to.
fn lacking<'r>(words: &[&'r Word], others: &[&Word]) -> Vec<&'r Word> {
    let meanings = Meanings::of(others.iter().map(|word| word.text.as_str()));
    let has = |word: &&&Word| {
        others.iter().any(|other| other.stem == word.stem) || meanings.has_near(&word.text)
    };
    words.iter().filter(|word| !has(word)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_their_own_condition() {
        for (text, quotes, expected) in [
            (
                "We see you within 20 days if the roof leaks.",
                "We see you within 20 days.\nIf the roof leaks, phone, and we come at once.",
                false,
            ),
            (
                "If it was stolen, a new one costs £8.",
                "If it is lost, a new one costs £8.\nIf it was stolen, it is free.",
                false,
            ),
            (
                "If it is lost, a new one costs £8.",
                "If it is lost, a new one costs £8.\nIf it was stolen, it is free.",
                true,
            ),
            (
                "If the roof leaks, we come within 2 days.",
                "We see you within 20 days.\nIf the roof leaks, we come within 2 days.",
                true,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(!takes_anothers(&claim), expected, "{text} from {quotes}");
        }
    }
}
