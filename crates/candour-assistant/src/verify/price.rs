//! What is free and what has a price stay apart, where one line says the one and another line the other: `it
//! is free`, and `a certificate costs £12`. Nor is all of it free where one charge alone is not made.

use std::collections::BTreeSet;

use candour_core::Locale;

use super::Code;
use super::claim::{Claim, Line};
use super::figure::{Figure, Kind, Value};
use super::lexicon::{Lexicon, Role};
use super::meaning::Meanings;
use super::reading::{Mark, Reading, Word};

/// Within so many words behind a denial a payment is denied: `you do not have to pay`.
const DENIED_WITHIN: usize = 4;

/// Checks that nothing is free that has a price, and the other way round.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let Some(pair) = free_pair(claim).filter(|_| claim.same_language) else { return Ok(()) };
    if takes_the_others(claim, pair) || frees_of_all(claim, pair) {
        return Err(Code::PolarityChanged);
    }
    Ok(())
}

/// The pair of opposites of which one side is `free`.
pub(super) fn free_pair(claim: &Claim<'_>) -> Option<u16> {
    let is_welsh = claim.locale == Locale::Cy;
    let word: &[&str] = if is_welsh { &["am", "ddim"] } else { &["free"] };
    let (_, roles) = Lexicon::of(&claim.locale).longest(word)?;
    roles.iter().find_map(|role| match role {
        Role::Opposite(pair, false) => Some(*pair),
        _ => None,
    })
}

/// Whether what only a priced line names is called free, or what only the others name takes its price.
fn takes_the_others(claim: &Claim<'_>, pair: u16) -> bool {
    let own = &claim.reading;
    let prices = |reading: &Reading| reading.figures.iter().any(is_price);
    let lines = claim.lines.iter().filter(|line| !line.text.contains('|'));
    let (priced, others): (Vec<&Line<'_>>, Vec<&Line<'_>>) = lines
        .partition(|line| prices(&line.reading) && said_free(&line.reading, pair).next().is_none());
    let is_free = |line: &&Line<'_>| said_free(&line.reading, pair).next().is_some();
    if priced.is_empty() || !others.iter().any(is_free) {
        return false;
    }
    let of_price = stems(&priced, pair);
    let of_others = stems(&others, pair);
    let around: Vec<&Line<'_>> = claim.around.iter().collect();
    let mut of_rest = stems(&around, pair);
    of_rest.extend(&of_others);
    let says = |words: &BTreeSet<&str>, but: &BTreeSet<&str>| {
        let mut apart = words.difference(but);
        apart.any(|stem| own.words.iter().any(|word| word.telling && word.stem == **stem))
    };
    let (has_its_own, has_theirs) = (says(&of_price, &of_others), says(&of_rest, &of_price));
    let is_called_free = said_free(own, pair).next().is_some();
    if is_called_free {
        return !prices(own) && has_its_own && !has_theirs;
    }
    let is_of_priced = |figure: &Figure| {
        let mut figures = priced.iter().flat_map(|line| &line.reading.figures);
        figures.any(|other| figure.value.says(&other.value))
    };
    let mut figures = own.figures.iter().filter(|figure| is_price(figure)).peekable();
    let names_it = || {
        let apart = priced.iter().flat_map(|line| &line.reading.words);
        let apart = apart.filter(|word| {
            word.telling
                && of_price.contains(word.stem.as_str())
                && !of_others.contains(word.stem.as_str())
        });
        let apart = Meanings::of(apart.map(|word| word.text.as_str()));
        own.words.iter().any(|word| {
            word.telling && !of_rest.contains(word.stem.as_str()) && apart.has_near(&word.text)
        })
    };
    figures.peek().is_some()
        && figures.all(is_of_priced)
        && of_price.difference(&of_others).next().is_some()
        && has_theirs
        && !has_its_own
        && !names_it()
}

/// Whether all is called free where a line says only of one charge that it is not made.
fn frees_of_all(claim: &Claim<'_>, pair: u16) -> bool {
    let own = &claim.reading;
    let is_free = |mark: &Mark| mark.role == Role::Opposite(pair, false);
    let says = |word: &Word| own.words.iter().any(|other| other.stem == word.stem);
    said_free(own, pair).next().is_some()
        && !claim.lines.iter().any(|line| line.reading.marks.iter().any(is_free))
        && claim.lines.iter().any(|line| {
            let reading = &line.reading;
            said_free(reading, pair).any(|mark| {
                let end = reading.clause_end(mark.from).max(mark.to);
                let mut figures = reading.figures.iter();
                let is_one = figures.any(|f| is_price(f) && (mark.to..end).contains(&f.from));
                is_one && !charge(reading, mark.to, end, pair).any(says)
            })
        })
}

/// The words of the charge that is not made.
fn charge(reading: &Reading, from: usize, to: usize, pair: u16) -> impl Iterator<Item = &Word> {
    let is_of_pair = move |at: &usize| {
        reading.marks.iter().any(|mark| {
            matches!(mark.role, Role::Opposite(other, _) if other == pair)
                && (mark.from..mark.to).contains(at)
        })
    };
    let words = (from..to).filter(move |at| !is_of_pair(at));
    words.map(|at| &reading.words[at]).filter(|word| word.telling)
}

fn is_price(figure: &Figure) -> bool {
    matches!(figure.value, Value::Amount(_, Kind::Pounds))
}

/// The words that say that something is free, or a payment with a denial before it.
fn said_free(reading: &Reading, pair: u16) -> impl Iterator<Item = &Mark> {
    let is_denied = |mark: &Mark| {
        let clause = reading.words[mark.from].clause;
        reading.marks.iter().any(|other| {
            other.role == Role::Deny
                && other.from < mark.from
                && mark.from - other.from <= DENIED_WITHIN
                && reading.words[other.from].clause == clause
        })
    };
    reading.marks.iter().filter(move |mark| match mark.role {
        Role::Opposite(other, is_priced) => other == pair && is_priced == is_denied(mark),
        _ => false,
    })
}

/// The telling words of lines, but for those of paying.
fn stems<'c>(lines: &[&'c Line<'_>], pair: u16) -> BTreeSet<&'c str> {
    let words = lines.iter().flat_map(|line| {
        let reading = &line.reading;
        charge(reading, 0, reading.words.len(), pair)
    });
    words.map(|word| word.stem.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_stays_apart_from_what_is_paid() {
        const BOAT: &str = "You must register a boat.\nIt is free.\nA mooring plate costs £9.";
        const TOLL: &str = "If you are a resident, we do not charge the £9 launching fee.";
        for (text, quotes, expected) in [
            ("A mooring plate is free.", BOAT, false),
            ("You do not pay for a mooring plate.", BOAT, false),
            ("It costs £9 to register a boat.", BOAT, false),
            ("A boat is registered free.", BOAT, true),
            ("You register a boat free, and pay £9 for a plate.", BOAT, true),
            ("The plate costs £9.", BOAT, true),
            ("It is free if you are a resident.", TOLL, false),
            ("Residents do not pay the launching fee.", TOLL, true),
            ("There is nothing to pay if you are a resident.", TOLL, false),
            (
                "cy: Mae plât angori am ddim.",
                "Mae cofrestru am ddim.\nMae plât angori yn costio £9.",
                false,
            ),
            (
                "cy: Mae cofrestru yn costio £9.",
                "Mae cofrestru am ddim.\nMae plât angori yn costio £9.",
                false,
            ),
            (
                "cy: Mae plât angori yn costio £9.",
                "Mae cofrestru am ddim.\nMae plât angori yn costio £9.",
                true,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
