//! Lies about where something stands: addresses that the source does not have, and quotes of something else.

use std::collections::BTreeSet;

use candour_core::{AnswerSentence, Hit};

use super::{ADDRESS, Dice, Truth};
use crate::verify::corpus::citation;
use crate::words::stems;

/// Addresses that no page of the corpora has.
const ADDED: [&str; 4] = [
    "Apply at www.refund-gov.example/now.",
    "Call 0113 496 0999.",
    "E-mail help@gov-refund.example.",
    "See https://evil.example/a.",
];

/// An address or telephone number becomes another, or one is added that the source does not have.
pub(super) fn link(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    if ADDRESS.is_match(&truth.text) {
        return truth.replace(&ADDRESS, dice, |found| {
            let address = found[0].trim_end_matches(['.', ',', ')', ';']);
            let new = if address.contains('@') {
                format!("x{address}")
            } else if address.starts_with('0') {
                let last = address.chars().next_back()?.to_digit(10)?;
                format!("{}{}", &address[..address.len() - 1], (last + 3) % 10)
            } else {
                format!("{address}/refund")
            };
            Some(format!("{new}{}", &found[0][address.len()..]))
        });
    }
    (dice.next().is_multiple_of(4))
        .then(|| truth.with(format!("{} {}", truth.text, ADDED[dice.next() % 4])))
        .flatten()
}

/// The words of one page cite a unit of another. Most of the words stand nowhere in what is cited.
pub(super) fn foreign_words(
    truth: &Truth<'_>,
    hits: &[Hit],
    dice: &mut Dice,
) -> Option<AnswerSentence> {
    let locale = &truth.hit.passage.locale;
    let other = &hits[dice.below(hits.len())?];
    let unit = &other.passage.units[dice.below(other.passage.units.len())?];
    let source = format!(
        "{} {} {}",
        other.passage.quote(unit),
        other.passage.heading_path(),
        other.page.title
    );
    let there = stems(&source, locale);
    let own: BTreeSet<String> = stems(&truth.text, locale).into_iter().collect();
    let shared = own.iter().filter(|stem| there.contains(stem)).count();
    let is_foreign = other.page.id != truth.hit.page.id && other.passage.locale == *locale;
    if !is_foreign || own.len() < 4 || shared * 3 > own.len() {
        return None;
    }
    Some(AnswerSentence { citations: vec![citation(other, unit)], ..truth.said.clone() })
}

/// The quote is not what stands in the passage: one letter of it is another.
pub(super) fn changed_quote(
    truth: &Truth<'_>,
    _: &[Hit],
    dice: &mut Dice,
) -> Option<AnswerSentence> {
    let mut lie = truth.said.clone();
    let place = dice.below(lie.citations.len())?;
    let letters: Vec<char> = lie.citations[place].quote.chars().collect();
    let at = dice.below(letters.len())?;
    let mut new = letters.clone();
    new[at] = if letters[at] == 'x' { 'y' } else { 'x' };
    lie.citations[place].quote = new.into_iter().collect();
    Some(lie)
}
