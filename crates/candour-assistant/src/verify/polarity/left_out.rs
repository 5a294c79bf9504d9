//! Denials that a sentence leaves out, or has more, where it says all else that a line says.

use std::collections::{BTreeMap, BTreeSet};

use super::denials::{count, denials_in};
use crate::verify::claim::{Claim, Line};
use crate::verify::condition::extent;
use crate::verify::heading::excludes;
use crate::verify::lexicon::{Condition, Role};
use crate::verify::reading::{Mark, Reading};

/// Whether a sentence that denies nothing has all that a line says which does, or an item of a list that
/// does.
pub(super) fn leaves_out(claim: &Claim<'_>, is_welsh: bool) -> bool {
    let own = &claim.reading;
    let denies = |line: &Line<'_>| denials_in(&line.reading, is_welsh).next().is_some();
    let limits = |mark: &Mark| mark.role == Role::Condition(Condition::Only);
    if denials_in(own, is_welsh).next().is_some() || own.marks.iter().any(limits) {
        return false;
    }
    let share = |reading: &Reading| own.found(reading.telling(0, reading.words.len()));
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

/// Whether a sentence that denies nothing rests on nothing but items of lists whose introductions deny: `You
/// do not pay it on a home that is:`.
pub(super) fn loses_introduction(claim: &Claim<'_>, is_welsh: bool) -> bool {
    let own = &claim.reading;
    if denies(own, is_welsh) {
        return false;
    }
    let (mut introduction, mut introductions) = (None, Vec::new());
    for line in claim.lines.iter().filter(|line| !line.is_header) {
        if line.is_stem() {
            introduction = Some(&line.reading);
            continue;
        }
        // A whole sentence is no item.
        let is_whole = line.text.trim_end().ends_with('.')
            && line.reading.words.first().is_some_and(|word| word.capital);
        introductions.push(introduction.filter(|_| !is_whole));
    }
    let denied = |introduction: Option<&Reading>| {
        introduction.is_some_and(|line| denies_rule(line, is_welsh) && !is_opposed(own, line))
    };
    !introductions.is_empty() && introductions.into_iter().all(denied)
}

/// Whether a reading denies, takes out or limits to `only`.
fn denies(reading: &Reading, is_welsh: bool) -> bool {
    let limits = |mark: &Mark| mark.role == Role::Condition(Condition::Only);
    denials_in(reading, is_welsh).next().is_some()
        || reading.marks.iter().any(limits)
        || reading.words.iter().any(|word| excludes(&word.text))
}

/// Whether an introduction denies, and not only in a condition: `If you do not pay, we may:`.
fn denies_rule(introduction: &Reading, is_welsh: bool) -> bool {
    let conditions: Vec<(usize, usize)> = introduction
        .conditions()
        .filter(|(_, kind)| matches!(kind, Condition::If | Condition::When | Condition::Until))
        .map(|(mark, _)| (mark.from, extent(introduction, &mark).1))
        .collect();
    let is_set = |at: usize| conditions.iter().any(|(from, to)| (*from..*to).contains(&at));
    denials_in(introduction, is_welsh).any(|denial| !is_set(denial.mark.from))
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

#[cfg(test)]
mod tests {
    use crate::verify::claim::Claim;
    use crate::verify::polarity::check;

    #[test]
    fn what_an_introduction_denies_of_its_items_stays_denied() {
        let premium =
            "You do not pay the premium on a second home if it is:\nfor sale, for up to a year";
        let bin = "Do not put in:\nsoil, stones or turf";
        for (text, quotes, expected) in [
            ("You pay the premium if the home is for sale.", premium, false),
            ("A second home is charged the premium while it is for sale.", premium, false),
            ("You do not pay the premium while the home is for sale.", premium, true),
            ("There is no premium while the home is for sale.", premium, true),
            ("Soil goes into the bin.", bin, false),
            ("The brown bin takes stones or turf.", bin, false),
            ("Keep soil out, and do not put in turf.", bin, true),
            ("You can ask us.", "If you do not agree, you can:\nask us", true),
            ("You can put in turf.", "Do not put in:\nsoil\nYou can put in:\nturf", true),
            ("Tell us in May.", "You cannot pay in:\nJune\nTell us in May.", true),
            (
                "cy: Gallwch roi pridd yn y bin.",
                "Peidiwch â rhoi yn y bin:\npridd neu gerrig",
                false,
            ),
            (
                "cy: Peidiwch â rhoi pridd yn y bin.",
                "Peidiwch â rhoi yn y bin:\npridd neu gerrig",
                true,
            ),
            (
                "cy: Rydych yn talu’r premiwm os yw’r cartref ar werth.",
                "Nid ydych yn talu’r premiwm os yw’r cartref:\nar werth",
                false,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
