//! What must be met together is no choice, and a choice need not be met together: `and` and `or`.

use candour_core::Locale;

use super::Code;
use super::claim::{Claim, Line};
use super::condition::extent;
use super::lexicon::{Condition, Modal, Role};
use super::reading::{Mark, Reading};

/// How many words on either side of a joining word belong to what it joins.
const REACHES: usize = 4;

/// Two things that a duty or a condition joins, by their stems.
struct Pair<'r> {
    before: Vec<&'r str>,
    behind: Vec<&'r str>,
    is_choice: bool,
    /// Whether a duty asks for both.
    is_asked: bool,
    /// Whether a condition has both.
    is_condition: bool,
}

/// Checks how a sentence joins what its source joins. What is denied is joined the other way round, so
/// that nothing is said of that here.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let denies = |reading: &Reading| {
        let is_denial =
            |mark: &Mark| matches!(mark.role, Role::Deny | Role::Condition(Condition::Unless));
        reading.marks.iter().any(is_denial)
    };
    if denies(&claim.reading) || claim.lines.iter().any(|line| denies(&line.reading)) {
        return Ok(());
    }
    let lines = claim.lines.iter();
    let source: Vec<Pair<'_>> = lines.flat_map(|line| pairs_of(line, &claim.page)).collect();
    let agrees = pairs(&claim.reading, &claim.locale).iter().all(|own| {
        let same: Vec<&Pair<'_>> =
            source.iter().filter(|other| joins_the_same(own, other)).collect();
        same.is_empty()
            || same.iter().any(|other| other.is_choice == own.is_choice)
            || !same.iter().any(|other| {
                own.is_asked && other.is_asked || own.is_condition && other.is_condition
            })
    });
    if agrees { Ok(()) } else { Err(Code::ConditionDropped) }
}

fn joins_the_same(one: &Pair<'_>, other: &Pair<'_>) -> bool {
    let shares = |one: &[&str], other: &[&str]| one.iter().any(|stem| other.contains(stem));
    shares(&one.before, &other.before) && shares(&one.behind, &other.behind)
        || shares(&one.before, &other.behind) && shares(&one.behind, &other.before)
}

/// What a line joins; an item of `You can apply if you:` is a condition as a whole.
fn pairs_of<'r>(line: &'r Line<'_>, locale: &Locale) -> Vec<Pair<'r>> {
    let mut pairs = pairs(&line.reading, locale);
    for pair in &mut pairs {
        pair.is_condition |= line.is_condition;
    }
    pairs
}

fn pairs<'r>(reading: &'r Reading, locale: &Locale) -> Vec<Pair<'r>> {
    let (and, or): (&[&str], &str) =
        if *locale == Locale::Cy { (&["a", "ac"], "neu") } else { (&["and"], "or") };
    let joint = |at: usize| {
        let text = reading.text_at(at);
        if text == or { Some((at, true)) } else { and.contains(&text).then_some((at, false)) }
    };
    let joints = (0..reading.words.len()).filter_map(joint);
    let stems = |from: usize, to: usize| -> Vec<&str> {
        reading.telling(from, to).map(|word| word.stem.as_str()).collect()
    };
    let is_end = |at: &usize| reading.words[*at].is_sign() || joint(*at).is_some();
    let pair = |(at, is_choice): (usize, bool)| {
        let start = at.saturating_sub(REACHES);
        let end = (at + 1 + REACHES).min(reading.words.len());
        let from = (start..at).rfind(is_end).map_or(start, |sign| sign + 1);
        let to = (at + 1..end).find(is_end).unwrap_or(end);
        Pair {
            before: stems(from, at),
            behind: stems(at + 1, to),
            is_choice,
            is_asked: is_asked(reading, at),
            is_condition: is_condition(reading, at),
        }
    };
    joints.map(pair).collect()
}

/// Whether a place stands behind a duty, which asks for what follows.
fn is_asked(reading: &Reading, at: usize) -> bool {
    let (start, _) = reading.sentence(at);
    reading.marks.iter().any(|mark| {
        matches!(mark.role, Role::Modal(Modal::Must | Modal::Need))
            && (start..at).contains(&mark.from)
    })
}

fn is_condition(reading: &Reading, at: usize) -> bool {
    reading.conditions().any(|(mark, condition)| {
        let (from, to) = extent(reading, &mark);
        condition == Condition::If && (from..to).contains(&at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_joined_stays_joined() {
        for (text, quotes, expected) in [
            ("You must send a form or a photo.", "You must send a form and a photo.", false),
            ("You must send a photo and a form.", "You must send a form and a photo.", true),
            ("You must be a tenant and an owner.", "You must be a tenant or an owner.", false),
            ("You get it if you work or study.", "You get it if you work and study.", false),
            ("Tenants and owners can get it.", "You can get it as a tenant or owner.", true),
            ("Sheds and huts need a permit.", "You need a permit for a shed or hut.", true),
            ("You must not park or stop.", "You must not park and you must not stop.", true),
            ("cy: Rhaid anfon ffurflen neu lun.", "Rhaid anfon ffurflen a llun.", false),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
