//! Which language answers a Welsh question: a page in English alone may be about what no page in Welsh is.
//!
//! What tells is which of the question's terms are in what was found, each in its own language. A term that
//! few passages in Welsh have says more than one that many have: `trwydded` is in many, `tacsi` in none.

use std::collections::{BTreeMap, BTreeSet};

use candour_core::{Hit, Locale, PageId};

use super::glossary::{self, Term};
use super::{Quotable, Retrieved};
use crate::compose::{Reading, asks_by_itself};
use crate::words::{Word, stems, words};

/// How many of the best passages are looked at.
const BEST: usize = 8;
/// What a term counts that stands in the text alone, beside one of a title or heading, which says what a
/// passage is about.
const IN_TEXT: f32 = 0.6;
/// What a term counts at least, however many passages have it.
const COMMON: f32 = 0.15;
/// By how much English must be better.
const BETTER: f32 = 0.1;

/// A question's terms, held against what was found in Welsh.
pub(super) struct Asked<'a> {
    terms: Vec<Term>,
    /// What each counts, by how rare it is there.
    weights: Vec<f32>,
    /// How much of the question the best page in Welsh holds, 0 to 1.
    in_welsh: f32,
    quotable: &'a Quotable<'a>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(question: &str, welsh: &Retrieved, quotable: &'a Quotable<'a>) -> Self {
        let mut terms = glossary::terms(question);
        let is_asked = |word: &Word| word.telling && !asks_by_itself(&word.text);
        terms.retain(|term| term.welsh.iter().any(is_asked));
        let weights = terms.iter().map(|term| rarity(term, welsh, quotable)).collect();
        let asked = Self { terms, weights, in_welsh: 0.0, quotable };
        Self { in_welsh: asked.best(welsh, in_welsh, |_| true), ..asked }
    }

    /// Whether no page in English can hold clearly more of it, so that none need be looked for.
    pub(super) fn is_told_in_welsh(&self) -> bool {
        self.in_welsh + BETTER >= 1.0
    }

    /// Whether a page in English alone holds clearly more of it than any in Welsh.
    pub(super) fn is_told_in_english_alone(&self, english: &Retrieved) -> bool {
        let alone = self.best(english, in_english, is_in_english_alone);
        // What is told in English as well and is there in Welsh too is read in Welsh.
        let in_both = self.best(english, in_english, |hit| !is_in_english_alone(hit));
        alone > in_both && alone > self.in_welsh + BETTER
    }

    /// How much of the question the best of some pages holds.
    fn best(
        &self,
        found: &Retrieved,
        has: fn(&Term, &Hit, &Reading) -> f32,
        may: fn(&Hit) -> bool,
    ) -> f32 {
        let mut pages: BTreeMap<&PageId, Vec<f32>> = BTreeMap::new();
        for hit in found.hits.iter().take(BEST).filter(|hit| may(hit)) {
            let reading = self.quotable.readings.of(hit);
            let told = pages.entry(&hit.page.id).or_insert_with(|| vec![0.0; self.terms.len()]);
            let new = self.terms.iter().map(|term| has(term, hit, &reading));
            told.iter_mut().zip(new).for_each(|(told, new)| *told = told.max(new));
        }
        let whole = self.weights.iter().sum::<f32>().max(f32::EPSILON);
        let share =
            |told: &Vec<f32>| told.iter().zip(&self.weights).map(|(told, w)| told * w).sum();
        pages.values().map(share).fold(0.0, f32::max) / whole
    }
}

/// Whether a page has no version in Welsh.
pub(super) fn is_in_english_alone(hit: &Hit) -> bool {
    !hit.page.translations.iter().any(|(locale, _)| *locale == Locale::Cy)
}

/// How rare a term is among the passages that were found in Welsh.
fn rarity(term: &Term, welsh: &Retrieved, quotable: &Quotable<'_>) -> f32 {
    let has = |hit: &&Hit| in_welsh(term, hit, &quotable.readings.of(hit)) > 0.0;
    let (all, some) = (welsh.hits.len() as f32, welsh.hits.iter().filter(has).count() as f32);
    COMMON + ((all + 1.0) / (some + 1.0)).ln() / (all + 1.0).ln().max(f32::EPSILON)
}

/// How well a passage in Welsh has a term: all of its words, one after another.
fn in_welsh(term: &Term, hit: &Hit, reading: &Reading) -> f32 {
    let telling = term.welsh.iter().filter(|word| word.telling).map(|word| word.stem.clone());
    let asked: BTreeSet<String> = telling.collect();
    let is_said = |text: &str| {
        let there = words(text, &Locale::Cy);
        let is_here = |(a, b): (&Word, &Word)| a.stem == b.stem;
        there.windows(term.welsh.len()).any(|some| some.iter().zip(&term.welsh).all(is_here))
    };
    let is_one = term.welsh.len() == 1;
    let heading = || is_said(&hit.page.title) || is_said(&hit.passage.heading_path());
    standing(&asked, reading, || is_one || heading(), || is_one || is_said(&hit.passage.text))
}

/// How well a passage in English has a term: all words of a phrase, or any of those that stand for a word.
fn in_english(term: &Term, _: &Hit, reading: &Reading) -> f32 {
    let own = term.welsh.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    let asked = stems(term.english.unwrap_or(&own), &Locale::En);
    let sets: Vec<BTreeSet<String>> = if term.welsh.len() == 1 {
        asked.into_iter().map(|stem| BTreeSet::from([stem])).collect()
    } else {
        vec![asked.into_iter().collect()]
    };
    sets.iter().map(|asked| standing(asked, reading, || true, || true)).fold(0.0, f32::max)
}

/// What words count that stand in a title or heading, in the text alone, or nowhere.
fn standing(
    asked: &BTreeSet<String>,
    reading: &Reading,
    may_be_above: impl Fn() -> bool,
    may_be_said: impl Fn() -> bool,
) -> f32 {
    let above = |stem: &String| reading.title.contains(stem) || reading.heading.contains(stem);
    if asked.iter().all(above) && may_be_above() {
        1.0
    } else if asked.is_subset(&reading.stems) && may_be_said() {
        IN_TEXT
    } else {
        0.0
    }
}
