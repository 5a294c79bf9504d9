//! What is free and what has a price stay apart, where one line says the one and another line the other: `it
//! is free`, and `a certificate costs £12`. Nor is all of it free where one charge alone is not made.

use std::collections::BTreeSet;

use super::Code;
use super::claim::{Claim, Line};
use super::condition::extent;
use super::figure::Figure;
use super::lexicon::{Condition, Lexicon, Role};
use super::meaning::Meanings;
use super::reading::{Mark, Reading, Word};

/// Within so many words behind a denial a payment is denied: `you do not have to pay`.
const DENIED_WITHIN: usize = 4;

/// Checks that nothing is free that has a price, and the other way round.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let pair = Lexicon::of(&claim.locale).free.filter(|_| claim.same_language);
    let Some(pair) = pair else { return Ok(()) };
    if takes_the_others(claim, pair)
        || takes_anothers_condition(claim, pair)
        || frees_of_all(claim, pair)
        || frees_each_time(claim, pair)
    {
        return Err(Code::PolarityChanged);
    }
    Ok(())
}

/// Whether what only a priced line names is called free, or what only the others name takes its price.
fn takes_the_others(claim: &Claim<'_>, pair: u16) -> bool {
    let own = &claim.reading;
    let is_free = |line: &&Line<'_>| said_free(&line.reading, pair).next().is_some();
    let lines = claim.lines.iter().filter(|line| !line.text.contains('|'));
    let (with_price, others): (Vec<&Line<'_>>, Vec<&Line<'_>>) =
        lines.partition(|line| prices(&line.reading) && !is_free(line));
    if with_price.is_empty() || !others.iter().any(is_free) {
        return false;
    }
    let around: Vec<&Line<'_>> = claim.around.iter().collect();
    let of_price: BTreeSet<&str> =
        stems(&with_price, pair).difference(&stems(&others, pair)).copied().collect();
    let of_rest: BTreeSet<&str> =
        stems(&others, pair).union(&stems(&around, pair)).copied().collect();
    let of_rest = &of_rest - &stems(&with_price, pair);
    let (has_its_own, has_theirs) = (says_one(own, &of_price), says_one(own, &of_rest));
    if said_free(own, pair).next().is_some() {
        return !prices(own) && has_its_own && !has_theirs;
    }
    let of_line =
        |figure: &Figure| with_price.iter().any(|line| line.reading.bears_out(&figure.value));
    let takes_price = prices(own) && own.figures.iter().filter(|f| f.value.is_money()).all(of_line);
    takes_price
        && !of_price.is_empty()
        && has_theirs
        && !has_its_own
        && !names_it(own, &with_price, &of_price, &of_rest)
}

/// Whether a sentence names in another word what only the priced lines name.
fn names_it(
    own: &Reading,
    with_price: &[&Line<'_>],
    of_price: &BTreeSet<&str>,
    of_rest: &BTreeSet<&str>,
) -> bool {
    let words = with_price.iter().flat_map(|line| &line.reading.words);
    let meanings = Meanings::telling(words.filter(|word| of_price.contains(word.stem.as_str())));
    let mut telling = own.telling(0, own.words.len());
    telling.any(|word| !of_rest.contains(word.stem.as_str()) && meanings.has_near(&word.text))
}

fn says_one(own: &Reading, stems: &BTreeSet<&str>) -> bool {
    own.telling(0, own.words.len()).any(|word| stems.contains(word.stem.as_str()))
}

/// Whether what one line lets follow from one condition, a price or that it is free, is said under the
/// condition of another: `if it was stolen a new one costs £10`.
fn takes_anothers_condition(claim: &Claim<'_>, pair: u16) -> bool {
    let own = &claim.reading;
    let of = |has_price: bool| -> BTreeSet<&str> {
        let lines = claim.lines.iter().map(|line| &line.reading).filter(|line| {
            prices(line) == has_price && said_free(line, pair).next().is_some() != has_price
        });
        lines.flat_map(condition_words).collect()
    };
    let (of_price, of_free) = (of(true), of(false));
    let says_price = says_one(own, &(&of_price - &of_free));
    let says_free = says_one(own, &(&of_free - &of_price));
    let is_called_free = said_free(own, pair).next().is_some();
    !of_price.is_empty()
        && !of_free.is_empty()
        && (prices(own) && !is_called_free && says_free && !says_price
            || is_called_free && !prices(own) && says_price && !says_free)
}

/// The telling words of the conditions of a line, but for what they are about: `your badge` may be `it` in the
/// next line.
fn condition_words(line: &Reading) -> impl Iterator<Item = &str> {
    const LEADS: [&str; 8] = ["a", "an", "the", "your", "our", "eich", "y", "yr"];
    let leads = |at: usize| at > 0 && LEADS.contains(&line.text_at(at - 1));
    let ifs = line.conditions().filter(|(_, kind)| *kind == Condition::If);
    ifs.flat_map(move |(mark, _)| {
        let (from, to) = extent(line, &mark);
        let places = (from..to).filter(move |at| line.words[*at].telling && !leads(*at));
        places.map(|at| line.words[at].stem.as_str())
    })
}

/// Whether something is called free that its source gives free so many times alone: `free once a year`.
fn frees_each_time(claim: &Claim<'_>, pair: u16) -> bool {
    const TIMES: [&str; 6] = ["once", "twice", "times", "unwaith", "ddwywaith", "dwywaith"];
    let own = &claim.reading;
    let counts = |words: &[Word]| words.iter().any(|word| TIMES.contains(&word.text.as_str()));
    said_free(own, pair).next().is_some()
        && !counts(&own.words)
        && claim.lines.iter().map(|line| &line.reading).any(|line| {
            let has = |word: &&Word| own.has_stem(&word.stem);
            let found = line.telling(0, line.words.len()).filter(has).count();
            let is_counted = said_free(line, pair).any(|mark| {
                let end = line.clause_end(mark.from).max(mark.to);
                counts(&line.words[mark.to..end])
            });
            is_counted && found > 1
        })
}

/// Whether all is called free where a line says only of one charge that it is not made.
fn frees_of_all(claim: &Claim<'_>, pair: u16) -> bool {
    let own = &claim.reading;
    let is_free = |mark: &Mark| mark.role == Role::Opposite(pair, false);
    let says = |word: &Word| own.has_stem(&word.stem);
    said_free(own, pair).next().is_some()
        && !claim.lines.iter().any(|line| line.reading.marks.iter().any(is_free))
        && claim.lines.iter().any(|line| {
            let reading = &line.reading;
            said_free(reading, pair).any(|mark| {
                let end = reading.clause_end(mark.from).max(mark.to);
                let mut figures = reading.figures.iter();
                let is_one =
                    figures.any(|f| f.value.is_money() && (mark.to..end).contains(&f.from));
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

/// Whether a reading names a sum of money.
pub(super) fn prices(reading: &Reading) -> bool {
    reading.figures.iter().any(|figure| figure.value.is_money())
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
        const LOST: &str = "If a plate is lost, a new one costs £9.\nIf it was stolen, it is free.";
        const TOLL: &str = "If you are a resident, we do not charge the £9 launching fee.";
        for (text, quotes, expected) in [
            ("A mooring plate is free.", BOAT, false),
            ("You do not pay for a mooring plate.", BOAT, false),
            ("It costs £9 to register a boat.", BOAT, false),
            ("A boat is registered free.", BOAT, true),
            ("You register a boat free, and pay £9 for a plate.", BOAT, true),
            ("The plate costs £9.", BOAT, true),
            ("If it was stolen a plate costs £9.", LOST, false),
            ("If it was lost a plate costs £9.", LOST, true),
            ("You can moor free.", "You can moor free twice a year, then for £9.", false),
            (
                "You can moor free twice a year.",
                "You can moor free twice a year, then for £9.",
                true,
            ),
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
