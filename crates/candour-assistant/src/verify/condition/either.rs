//! What follows from one thing does not follow from another: `you pay nothing, win or lose`.

use std::collections::BTreeSet;

use super::extent;
use crate::verify::claim::{Claim, Line};
use crate::verify::lexicon::{Condition, Role};
use crate::verify::reading::Reading;

/// The most words between two conditions that are made one: `win or lose`, `ennill neu’n colli`.
const APART: usize = 4;

/// Whether a sentence makes one of two conditions from which different lines let different things follow.
pub(super) fn are_made_one(claim: &Claim<'_>) -> bool {
    let conditions: Vec<(&Line<'_>, BTreeSet<&str>)> =
        claim.lines.iter().filter_map(|line| Some((line, condition(&line.reading)?))).collect();
    conditions.iter().enumerate().any(|(at, (one, first))| {
        conditions[at + 1..].iter().any(|(other, second)| {
            let apart = |own: &BTreeSet<&str>, not: &BTreeSet<&str>, line: &Line<'_>| {
                own.iter().filter(|stem| !not.contains(*stem) && !line.has_stem(stem)).count()
            };
            apart(first, second, other) == first.len()
                && apart(second, first, one) == second.len()
                && follows(one) != follows(other)
                && stand_beside(&claim.reading, first, second)
        })
    })
}

/// The telling words of the one condition of a line.
fn condition(reading: &Reading) -> Option<BTreeSet<&str>> {
    let mut conditions = reading.conditions().filter(|(_, kind)| *kind == Condition::If);
    let (mark, _) = conditions.next().filter(|_| reading.conditions().count() == 1)?;
    let (from, to) = extent(reading, &mark);
    let words: BTreeSet<&str> = reading.telling(from, to).map(|word| word.stem.as_str()).collect();
    (!words.is_empty()).then_some(words)
}

/// What follows from the condition of a line: its figures and opposites.
fn follows(line: &Line<'_>) -> BTreeSet<String> {
    let reading = &line.reading;
    let inside = reading.conditions().next().map_or((0, 0), |(mark, _)| extent(reading, &mark));
    let is_out = |at: usize| !(inside.0..inside.1).contains(&at);
    let figures = reading.figures.iter().filter(|figure| is_out(figure.from));
    let opposites = reading
        .marks
        .iter()
        .filter(|mark| is_out(mark.from) && matches!(mark.role, Role::Opposite(..) | Role::Deny));
    figures
        .map(|figure| format!("{:?}", figure.value))
        .chain(opposites.map(|mark| format!("{:?}", mark.role)))
        .collect()
}

/// Whether a word of each stands on either side of an `or`, near it.
fn stand_beside(own: &Reading, first: &BTreeSet<&str>, second: &BTreeSet<&str>) -> bool {
    let joins = |at: &usize| matches!(own.text_at(*at), "or" | "neu");
    let has = |words: &BTreeSet<&str>, from: usize, to: usize| {
        own.words[from..to].iter().any(|word| words.contains(word.stem.as_str()))
    };
    (0..own.words.len()).filter(joins).any(|at| {
        let (from, to) = (at.saturating_sub(APART), (at + 1 + APART).min(own.words.len()));
        // Another subject begins another matter: `if you win, and if you lose`.
        let is_other = own.words[at + 1..to].iter().any(|w| matches!(w.text.as_str(), "if" | "os"));
        !is_other
            && (has(first, from, at) && has(second, at + 1, to)
                || has(second, from, at) && has(first, at + 1, to))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_keep_what_follows_from_them() {
        const RACE: &str = "If you win, you pay nothing.\nIf you lose, you pay £9.";
        for (text, quotes, expected) in [
            ("You pay nothing, win or lose.", RACE, false),
            ("Whether you lose or win, you pay £9.", RACE, false),
            ("If you win you pay nothing and if you lose you pay £9.", RACE, true),
            ("You pay nothing if you win, or £9 if you lose.", RACE, true),
            (
                "cy: Ni fyddwch yn talu, p’un a fyddwch yn ennill neu’n colli.",
                "Os byddwch yn ennill, ni fyddwch yn talu.\nOs byddwch yn colli, talwch £9.",
                false,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(!are_made_one(&claim), expected, "{text} from {quotes}");
        }
    }
}
