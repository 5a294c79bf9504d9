//! What stands on which side of a word that sets one thing against another: "residents before visitors",
//! "cheaper online than at the desk", "only owners can vote".
//!
//! All words of a sentence can stand in its source and say the opposite, where two of them changed places.

use std::collections::BTreeSet;

use super::Code;
use super::claim::Claim;
use super::lexicon::Condition;
use super::reading::{Reading, Word};

/// Words with something on either side that may not change places with the other.
const BETWEEN: [&str; 11] =
    ["before", "after", "than", "to", "from", "by", "over", "cyn", "ol", "na", "nag"];

/// Checks that nothing changed places around such a word.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let lines = || claim.lines.iter().filter(|_| claim.same_language).map(|line| &line.reading);
    if lines().any(|line| changes_sides(&claim.reading, line)) {
        return Err(Code::ComparatorChanged);
    }
    if lines().any(|line| moves_only(&claim.reading, line)) {
        return Err(Code::ConditionDropped);
    }
    Ok(())
}

/// The stems on either side of a word.
type Sides<'r> = (BTreeSet<&'r str>, BTreeSet<&'r str>);

/// Whether something from each side of such a word stands on the other, and nowhere where it stood.
fn changes_sides(own: &Reading, source: &Reading) -> bool {
    BETWEEN.iter().any(|text| {
        let there: Vec<Sides<'_>> = sides(source, text).collect();
        sides(own, text).any(|own| {
            there.iter().any(|source| is_swapped(&own, source))
                && !there.iter().any(|source| is_same(&own, source))
        })
    })
}

fn is_swapped((left, right): &Sides<'_>, (before, behind): &Sides<'_>) -> bool {
    let moved = |own: &BTreeSet<&str>,
                 other: &BTreeSet<&str>,
                 to: &BTreeSet<&str>,
                 from: &BTreeSet<&str>| {
        own.iter().any(|word| !other.contains(word) && to.contains(word) && !from.contains(word))
    };
    moved(left, right, behind, before) && moved(right, left, before, behind)
}

fn is_same((left, right): &Sides<'_>, (before, behind): &Sides<'_>) -> bool {
    !left.is_disjoint(before) && !right.is_disjoint(behind) && left.is_subset(before)
}

/// The stems of the telling words on either side of each such word, as far as the next sign.
fn sides<'r>(reading: &'r Reading, text: &str) -> impl Iterator<Item = Sides<'r>> {
    let places = (0..reading.words.len()).filter(move |at| reading.words[*at].text == text);
    places.map(|at| {
        let from = reading.words[..at].iter().rposition(Word::is_sign).map_or(0, |sign| sign + 1);
        let behind = reading.words[at + 1..].iter().position(Word::is_sign);
        let to = behind.map_or(reading.words.len(), |sign| at + 1 + sign);
        let stems = |from, to| reading.telling(from, to).map(|word| word.stem.as_str()).collect();
        (stems(from, at), stems(at + 1, to))
    })
}

/// Whether `only` limits another word than in the source, which it then stands behind. With a condition it
/// limits that, wherever it stands.
fn moves_only(own: &Reading, source: &Reading) -> bool {
    let (Some((at, limited)), Some((_, wanted))) = (only(own), only(source)) else { return false };
    let is_before = |stem: &str| own.telling(0, at).any(|word| word.stem == stem);
    limited != wanted && is_before(wanted)
}

/// The place of the one `only` of a reading without other conditions, and the stem that it limits.
fn only(reading: &Reading) -> Option<(usize, &str)> {
    let mut conditions = reading.conditions();
    let (mark, condition) = conditions.next()?;
    let is_alone = condition == Condition::Only && conditions.next().is_none() && !reading.denies();
    let limited = reading.telling(mark.to, reading.words.len()).next()?;
    is_alone.then_some((mark.from, limited.stem.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_places_is_noticed() {
        for (text, quotes, expected) in [
            ("Visitors go before residents.", "Residents go before visitors.", false),
            ("Residents go first, before visitors.", "Residents go before visitors.", true),
            ("Before you sail, pay the fee.", "Pay the fee before you sail.", true),
            ("Book a survey, then buy.", "Book a survey before you buy a boat.", true),
            ("Buy a boat before you book a survey.", "Book a survey before you buy a boat.", false),
            (
                "You pay more in winter than in summer.",
                "You pay more in summer than in winter.",
                false,
            ),
            ("Rowing boats give way to sail boats.", "Sail boats give way to rowing boats.", false),
            ("The tenant is paid by the landlord.", "The landlord is paid by the tenant.", false),
            ("The landlord pays the tenant.", "The tenant is paid by the landlord.", true),
            ("cy: Rhaid i chi hwylio cyn talu.", "Rhaid i chi dalu cyn hwylio.", false),
            ("Owners can only vote.", "Only owners can vote.", false),
            ("Only owners of boats can vote.", "Only owners can vote.", true),
            ("You can apply only if you rent.", "You can only apply if you rent.", true),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
