//! How sure it is that what is quoted answers the question: one number from 0 to 1.

use std::collections::BTreeSet;

use super::choose::Choice;
use super::cue::Cue;
use super::pool::Pool;
use crate::verify::periods;

/// Words that count less than this are not missed.
const MISSED_FROM: f32 = 0.7;

/// Words that are in most passages found are not missed either.
const RARE: f32 = 0.25;

/// The similarity of a question with passages that do not answer it, and with those that surely do, by
/// the embedder that comes with the program.
const UNRELATED: f32 = 0.3;
const SAME: f32 = 0.75;

/// How much an answer loses whose model said nothing but what failed verification before it.
const DOUBT: f32 = 0.4;

/// How sure an answer is, and why.
#[derive(Debug, Default, Clone)]
pub(super) struct Confidence {
    /// The share of the question's telling words that stand in what is quoted, weighted.
    pub(super) support: f32,
    /// The coverage of the best passage quoted, as the search measured it.
    pub(super) coverage: f32,
    /// The similarity of the best passage quoted.
    pub(super) similarity: f32,
    /// The score of the best unit.
    pub(super) unit: f32,
    /// The share of the question's cues that what is quoted answers.
    pub(super) cues: f32,
    /// The share of the best passages that are of the page quoted first.
    pub(super) concentration: f32,
    /// Whether no title or heading above what is quoted speaks of anything that is asked: it is then
    /// mentioned in passing.
    pub(super) is_passing: bool,
    /// Whether a year that the question asks about is missing.
    pub(super) misses_year: bool,
    /// The words of the question that nothing quoted speaks of.
    pub(super) uncovered: Vec<String>,
    /// How sure what would have been quoted is, where a model writes in its place: it is no surer.
    pub(super) quoted: Option<f32>,
    /// How many sentences of a model failed verification before the first that passed.
    pub(super) false_starts: usize,
}

impl Confidence {
    /// One number from 0 to 1, comparable between questions.
    pub(super) fn value(&self) -> f32 {
        let similarity = ((self.similarity - UNRELATED) / (SAME - UNRELATED)).clamp(0.0, 1.0);
        let unit = (self.unit / 0.9).clamp(0.0, 1.0);
        let sum = 0.35 * self.support
            + 0.15 * self.coverage
            + 0.18 * similarity
            + 0.20 * unit
            + 0.12 * self.concentration;
        let sum = if self.misses_year { sum * 0.5 } else { sum };
        // An answer without the amount or the time that was asked for is half an answer.
        let own = (sum * (0.75 + 0.25 * self.cues)).clamp(0.0, 1.0);
        let tried = self.false_starts + 1;
        let failed = self.false_starts as f32 / tried as f32;
        (own * (1.0 - DOUBT * failed)).min(self.quoted.unwrap_or(1.0))
    }
}

/// The confidence in a choice.
pub(super) fn of(pool: &Pool<'_>, choice: &Choice) -> Confidence {
    if choice.units.is_empty() {
        return Confidence::default();
    }
    // The reader's circumstances count little: they are often in no guidance.
    let weight = |word: usize| pool.asked.words[word].weight.powi(2) * (0.4 + pool.rarity[word]);
    let total: f32 = (0..pool.asked.words.len()).map(weight).sum();
    let clearly = |found: f32| (found / 0.7).min(1.0);
    let match_of = with_years(pool, choice);
    let found: f32 =
        match_of.iter().enumerate().map(|(word, found)| weight(word) * clearly(*found)).sum();
    let quoted = choice.units.iter().map(|at| pool.passages[at.passage].hit);
    let best = |measure: fn(&candour_core::Hit) -> f32| {
        quoted.clone().map(measure).fold(0.0_f32, f32::max)
    };
    Confidence {
        support: if total > 0.0 { found / total } else { 0.0 },
        coverage: best(|hit| hit.coverage),
        similarity: best(|hit| hit.similarity),
        unit: choice.best_score,
        cues: cue_share(pool, choice),
        concentration: concentration(pool, choice),
        is_passing: is_passing(pool, choice),
        misses_year: misses_year(pool, &match_of),
        uncovered: uncovered(pool, &match_of),
        quoted: None,
        false_starts: 0,
    }
}

/// How many of the best passages are of the page that is quoted first: where guidance on a subject
/// exists, what is found gathers on its page.
fn concentration(pool: &Pool<'_>, choice: &Choice) -> f32 {
    let Some(first) = choice.units.first() else { return 0.0 };
    let page = &pool.passages[first.passage].hit.page.id;
    let best = pool.passages.iter().take(8);
    best.clone().filter(|passage| passage.hit.page.id == *page).count() as f32
        / best.count().max(1) as f32
}

/// The share of the hard cues (amounts, times, contacts) that what is quoted answers.
fn cue_share(pool: &Pool<'_>, choice: &Choice) -> f32 {
    let hard = |cue: &&Cue| matches!(cue, Cue::Amount | Cue::Time | Cue::Contact);
    let wanted: Vec<&Cue> = pool.asked.cues.iter().filter(hard).collect();
    if wanted.is_empty() {
        return 1.0;
    }
    let answered = wanted.iter().filter(|cue| {
        choice.units.iter().any(|at| pool.passages[at.passage].units[at.unit].cues.contains(cue))
    });
    answered.count() as f32 / wanted.len() as f32
}

fn is_passing(pool: &Pool<'_>, choice: &Choice) -> bool {
    let asked = |stems: &BTreeSet<String>| {
        pool.asked.words.iter().any(|word| word.weight >= MISSED_FROM && stems.contains(&word.stem))
    };
    choice.units.iter().all(|at| {
        let passage = &pool.passages[at.passage];
        !asked(&passage.title) && !asked(&passage.heading)
    })
}

/// How plainly each word of the question stands in what is quoted. A year does so too where a heading or a
/// quote says of the same thing that it was before or after a day, and the question's lies there.
fn with_years(pool: &Pool<'_>, choice: &Choice) -> Vec<f32> {
    let quoted = || {
        choice.units.iter().flat_map(|at| {
            let hit = pool.passages[at.passage].hit;
            hit.path().chain([hit.passage.quote(&hit.passage.units[at.unit])])
        })
    };
    let bounded = || quoted().flat_map(periods).filter(|period| period.is_bounded);
    let holds = |year: &str| {
        let year = periods(year);
        let mut said = pool.periods.iter().filter(|said| year.iter().any(|year| year.holds(said)));
        said.any(|said| bounded().any(|period| period.answers(said)))
    };
    let words = pool.asked.words.iter().zip(&choice.match_of);
    let found = words.map(|(word, found)| {
        let is_held = *found <= 0.0 && is_year(&word.stem) && holds(&word.stem);
        if is_held { 1.0 } else { *found }
    });
    found.collect()
}

fn is_year(stem: &str) -> bool {
    stem.len() == 4
        && (stem.starts_with("19") || stem.starts_with("20"))
        && stem.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the asking part of the question names a year of which nothing quoted, and no heading or
/// title above it, speaks: last year's amount does not answer for next year.
fn misses_year(pool: &Pool<'_>, match_of: &[f32]) -> bool {
    pool.asked
        .words
        .iter()
        .zip(match_of)
        .any(|(word, found)| word.weight >= MISSED_FROM && is_year(&word.stem) && *found <= 0.0)
}

/// The words of the asking part that are in nothing quoted, as they were typed.
fn uncovered(pool: &Pool<'_>, match_of: &[f32]) -> Vec<String> {
    let words = pool.asked.words.iter().zip(match_of).enumerate();
    let missed = words.filter(|(at, (word, found))| {
        word.weight >= MISSED_FROM
            && **found <= 0.0
            && pool.rarity[*at] > RARE
            && word.text.chars().count() > 3
    });
    missed.map(|(_, (word, _))| word.text.clone()).collect()
}
