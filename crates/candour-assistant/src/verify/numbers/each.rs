//! What a sum is paid for, and one thing where the source has several.

use crate::verify::claim::Claim;
use crate::verify::figure::{Figure, Kind, Value};
use crate::verify::reading::{Reading, Word};

/// What a sum is paid for, with what stands behind it: the page of `20p a page` and `20p for each page`.
pub(super) fn base<'r>(reading: &'r Reading, figure: &Figure) -> Option<Vec<&'r str>> {
    let is_money = figure.value.is_money();
    let lead = figure.to + usize::from(reading.text_at(figure.to) == "for");
    let leads = match reading.text_at(lead) {
        "a" | "an" | "y" | "yr" => lead == figure.to,
        "per" | "each" | "every" | "fesul" | "pob" => true,
        _ => false,
    };
    let behind = reading.words.iter().skip(lead + 1).take(2).take_while(|word| word.telling);
    let nouns: Vec<&str> = behind.map(|word| word.stem.as_str()).collect();
    (is_money && leads && !nouns.is_empty()).then_some(nouns)
}

/// Whether a sentence says `one part` where the source knows `2 parts` or `both parts` alone.
pub(super) fn is_made_one(claim: &Claim<'_>) -> bool {
    const ONE: [&str; 12] =
        ["one", "a", "an", "the", "each", "every", "either", "per", "single", "un", "y", "pob"];
    let ones = counted(&claim.reading, |word| matches!(word.text.as_str(), "one" | "single"));
    let lines = || claim.lines.iter().map(|line| &line.reading);
    let knows = |stem: &str, is_lead: fn(&Word) -> bool| {
        lines().any(|reading| counted(reading, is_lead).contains(&stem))
    };
    ones.iter().any(|stem| {
        let several = lines().any(|reading| {
            let amounts = reading.figures.iter().filter(|figure| match figure.value {
                Value::Amount(amount, Kind::Plain) => amount > 1000,
                _ => false,
            });
            amounts.into_iter().any(|figure| behind(reading, figure.to) == Some(*stem))
        });
        (several || knows(stem, |word| word.text == "both"))
            && !knows(stem, |word| ONE.contains(&word.text.as_str()))
    })
}

/// The stems of what stands behind such words.
fn counted(reading: &Reading, is_lead: impl Fn(&Word) -> bool) -> Vec<&str> {
    let leads = (0..reading.words.len()).filter(|at| is_lead(&reading.words[*at]));
    leads.filter_map(|at| behind(reading, at + 1)).collect()
}

/// The noun that begins at a place, over an adjective where a telling word follows it.
fn behind(reading: &Reading, at: usize) -> Option<&str> {
    let telling = |at: usize| reading.words.get(at).filter(|word| word.telling);
    let noun = telling(at + 1).or_else(|| telling(at)).filter(|_| telling(at).is_some())?;
    Some(&noun.stem)
}
