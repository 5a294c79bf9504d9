//! Denials that a sentence leaves out, or has more, where it says all else that a line says.

use std::collections::{BTreeMap, BTreeSet};

use super::{count, denials_in};
use crate::verify::claim::{Claim, Line};
use crate::verify::lexicon::{Condition, Role};
use crate::verify::reading::{Mark, Reading, Word};

/// Whether a sentence that denies nothing has all that a line says which does, or an item of a list that
/// does.
pub(super) fn leaves_out(claim: &Claim<'_>, is_welsh: bool) -> bool {
    let own = &claim.reading;
    let denies = |line: &Line<'_>| denials_in(&line.reading, is_welsh).next().is_some();
    let limits = |mark: &Mark| mark.role == Role::Condition(Condition::Only);
    if denials_in(own, is_welsh).next().is_some() || own.marks.iter().any(limits) {
        return false;
    }
    let share = |reading: &Reading| {
        let telling = reading.words.iter().filter(|word| word.telling);
        let (found, missing): (Vec<&Word>, Vec<&Word>) =
            telling.partition(|word| own.words.iter().any(|other| other.stem == word.stem));
        (found.len(), found.len() + missing.len())
    };
    let has = |reading: &Reading, part: usize| {
        let (found, all) = share(reading);
        found > 0 && found * 10 >= all * part
    };
    let mut stem: Option<&Line<'_>> = None;
    claim.lines.iter().any(|line| {
        if line.is_stem() {
            stem = Some(line).filter(|line| denies(line));
            return false;
        }
        let under = stem.is_some_and(|stem| {
            has(&stem.reading, 5) && has(&line.reading, 8) && !is_opposed(own, &stem.reading)
        });
        let alone = denies(line)
            && share(&line.reading).1 > 1
            && has(&line.reading, 9)
            && !is_opposed(own, &line.reading);
        under || alone
    })
}

/// A sentence that repeats a line but for a word or two denies as often as the line does.
pub(super) fn denies_otherwise(claim: &Claim<'_>, is_welsh: bool) -> bool {
    let count = |reading: &Reading| count(reading, is_welsh);
    let own = count(&claim.reading);
    let all: usize = claim.lines.iter().map(|line| count(&line.reading)).sum();
    own != all
        && claim.lines.iter().map(|line| &line.reading).any(|line| {
            is_repeated(&claim.reading, line)
                && own != count(line)
                && !is_opposed(&claim.reading, line)
        })
}

/// Whether two readings hold the two sides of a pair of opposites: one denies by a word of its own.
fn is_opposed(one: &Reading, other: &Reading) -> bool {
    let sides = |reading: &Reading| -> BTreeSet<(u16, bool)> {
        let sides = reading.marks.iter().filter_map(|mark| match mark.role {
            Role::Opposite(pair, side) => Some((pair, side)),
            _ => None,
        });
        sides.collect()
    };
    let (one, other) = (sides(one), sides(other));
    one.difference(&other).any(|(pair, side)| other.contains(&(*pair, !side)))
}

/// Whether two readings share four of five words.
fn is_repeated(one: &Reading, other: &Reading) -> bool {
    let words = |reading: &Reading| -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for word in reading.words.iter().filter(|word| !word.is_sign()) {
            *counts.entry(word.text.clone()).or_default() += 1;
        }
        counts
    };
    let (one, other) = (words(one), words(other));
    let shared: usize =
        one.iter().map(|(word, count)| (*count).min(other.get(word).copied().unwrap_or(0))).sum();
    let most = one.values().sum::<usize>().max(other.values().sum());
    shared * 5 >= most * 4
}
