//! How often each of two things is due: `the gas every year and the electrics every 5 years`.

use std::collections::BTreeSet;

use candour_core::Locale;

use crate::verify::claim::Claim;
use crate::verify::figure::{Figure, Kind, Value};
use crate::verify::reading::Reading;

/// A part of a sentence with the one interval in it, and the other words and figures.
struct Part<'r> {
    interval: &'r Value,
    words: BTreeSet<String>,
}

/// Whether a sentence gives each of two things the interval of the other.
pub(super) fn are_crossed(claim: &Claim<'_>) -> bool {
    let own = parts(&claim.reading, &claim.locale);
    let of = |part: &Part<'_>, is_in: &[Part<'_>]| -> Option<usize> {
        is_in.iter().position(|other| part.interval.says(other.interval))
    };
    claim.lines.iter().any(|line| {
        let there = parts(&line.reading, &claim.page);
        own.iter().enumerate().any(|(at, first)| {
            own[at + 1..].iter().any(|second| {
                let (Some(one), Some(two)) = (of(first, &there), of(second, &there)) else {
                    return false;
                };
                one != two && is_crossed((first, second), (&there[one], &there[two]))
            })
        })
    })
}

fn is_crossed((first, second): (&Part<'_>, &Part<'_>), (one, two): (&Part<'_>, &Part<'_>)) -> bool {
    let shared = |own: &Part<'_>, of: &Part<'_>, not: &Part<'_>| {
        of.words.difference(&not.words).filter(|word| own.words.contains(*word)).count()
    };
    let (there, back) = (shared(first, two, one), shared(second, one, two));
    let straight = shared(first, one, two) + shared(second, two, one);
    there > 0 && back > 0 && there + back > straight
}

/// The parts of a reading between commas and joining words that have one interval each.
fn parts<'r>(reading: &'r Reading, locale: &Locale) -> Vec<Part<'r>> {
    let joins: &[&str] = if *locale == Locale::Cy { &["a", "ac", "ond"] } else { &["and", "but"] };
    let ends = |at: &usize| {
        let word = &reading.words[*at];
        word.is_sign() || joins.contains(&word.text.as_str())
    };
    let mut edges: Vec<usize> = (0..reading.words.len()).filter(ends).collect();
    edges.push(reading.words.len());
    let mut from = 0;
    let mut parts = Vec::new();
    for to in edges {
        let inside = |figure: &&Figure| (from..to).contains(&figure.from);
        let figures: Vec<&Figure> = reading.figures.iter().filter(inside).collect();
        let (intervals, others): (Vec<&Figure>, Vec<&Figure>) =
            figures.into_iter().partition(|figure| is_interval(figure, reading));
        if let [interval] = intervals[..] {
            let is_own = |at: &usize| !(interval.from..interval.to).contains(at);
            let telling = (from..to).filter(is_own).map(|at| &reading.words[at]);
            let stems = telling.filter(|word| word.telling).map(|word| word.stem.clone());
            let values = others.iter().map(|figure| format!("{:?}", figure.value));
            parts.push(Part { interval: &interval.value, words: stems.chain(values).collect() });
        }
        from = to + 1;
    }
    parts
}

/// `Every year` and `every 5 years`.
fn is_interval(figure: &Figure, reading: &Reading) -> bool {
    let leads = |at: usize| {
        reading
            .words
            .get(at)
            .is_some_and(|word| matches!(word.text.as_str(), "every" | "each" | "bob" | "pob"))
    };
    match figure.value {
        Value::Rate(..) => true,
        Value::Amount(_, Kind::Day | Kind::Month | Kind::Hour) => {
            leads(figure.from) || figure.from > 0 && leads(figure.from - 1)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_keeps_its_interval() {
        for (text, quotes, expected) in [
            (
                "The lift is checked every year and the boiler every 3 years.",
                "The boiler is checked every year and the lift every 3 years.",
                false,
            ),
            (
                "The lift is checked every 3 years and the boiler every year.",
                "The boiler is checked every year and the lift every 3 years.",
                true,
            ),
            (
                "You take a test every year from 50, and every 4 years from 70.",
                "You take a test every 4 years from 50, and every year from 70.",
                false,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(!are_crossed(&claim), expected, "{text} from {quotes}");
        }
    }
}
