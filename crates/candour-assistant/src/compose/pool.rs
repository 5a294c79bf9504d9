//! The passages that were found: their words, how rare each is among them, and the question.

use std::ops::Deref;
use std::sync::Arc;

use candour_core::Hit;

use super::asked::{Asked, asked};
use super::range;
use super::reading::{Reading, Readings, label};
use crate::retrieve::Retrieved;
use crate::verify::{Period, periods};

/// How many passages may be quoted.
const MOST_PASSAGES: usize = 24;

/// The passages with the question that they are held against.
pub(super) struct Pool<'a> {
    /// What is asked.
    pub(super) asked: Asked,
    /// The days and years that it names.
    pub(super) periods: Vec<Period>,
    /// The passages, best first.
    pub(super) passages: Vec<ReadPassage<'a>>,
    /// How rare each word of the question is among the passages, 0 (in all) to 1 (in none).
    pub(super) rarity: Vec<f32>,
}

/// A passage with what was read of it.
pub(super) struct ReadPassage<'a> {
    /// The passage as found.
    pub(super) hit: &'a Hit,
    /// How well its page fits as a whole, 0 to 1.
    pub(super) page_strength: f32,
    /// For each unit, whether its first cell states a range that holds a number of the question.
    pub(super) in_range: Vec<bool>,
    /// Its words.
    reading: Arc<Reading>,
}

impl Deref for ReadPassage<'_> {
    type Target = Reading;

    fn deref(&self) -> &Reading {
        &self.reading
    }
}

impl<'a> Pool<'a> {
    /// Reads what was found for a question.
    pub(super) fn new(found: &'a Retrieved, readings: &Readings) -> Self {
        let numbers = range::numbers(&found.wording.question);
        let strength = |hit: &Hit| found.pages.get(&hit.page.id).copied().unwrap_or_default();
        let hits = found.hits.iter().take(MOST_PASSAGES);
        let passages: Vec<ReadPassage<'a>> =
            hits.map(|hit| read(hit, readings.of(hit), strength(hit), &numbers)).collect();
        let asked = asked(&found.wording, &found.locale);
        let many = passages.len() as f32;
        let rarity = asked.words.iter().map(|word| {
            let count =
                passages.iter().filter(|passage| passage.has_stem(&word.stem)).count() as f32;
            ((many + 1.0) / (count + 1.0)).ln() / (many + 1.0).ln().max(f32::EPSILON)
        });
        let periods = periods(&found.wording.question);
        Self { rarity: rarity.collect(), asked, periods, passages }
    }

    /// How much a word of the question counts when units are told apart.
    pub(super) fn weight(&self, word: usize) -> f32 {
        self.asked.words[word].weight * (0.15 + self.rarity[word])
    }
}

fn read<'a>(
    hit: &'a Hit,
    reading: Arc<Reading>,
    page_strength: f32,
    numbers: &[f64],
) -> ReadPassage<'a> {
    let in_range = hit.passage.units.iter().map(|unit| {
        let label = label(hit.passage.quote(unit), unit.kind).filter(|_| !numbers.is_empty());
        label.is_some_and(|label| range::holds(label, numbers))
    });
    ReadPassage { hit, page_strength, in_range: in_range.collect(), reading }
}
