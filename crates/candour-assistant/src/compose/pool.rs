//! The passages that were found, read once: their words, how rare each is among them, and the question.

use std::collections::{BTreeMap, BTreeSet};

use candour_core::{Hit, Locale, UnitKind};

use super::asked::{Asked, asked};
use super::cue::{self, Cue};
use super::range;
use crate::retrieve::Retrieved;
use crate::words::stems;

/// How many passages may be quoted.
const MOST_PASSAGES: usize = 24;

/// The passages with the question that they are held against.
pub(super) struct Pool<'a> {
    /// What is asked.
    pub(super) asked: Asked,
    /// The passages, best first.
    pub(super) passages: Vec<ReadPassage<'a>>,
    /// How rare each word of the question is among the passages, 0 (in all) to 1 (in none).
    pub(super) rarity: Vec<f32>,
}

/// A passage with its words.
pub(super) struct ReadPassage<'a> {
    /// The passage as found.
    pub(super) hit: &'a Hit,
    /// How well its page fits as a whole, 0 to 1.
    pub(super) page_strength: f32,
    /// The stems of its units.
    pub(super) units: Vec<ReadUnit>,
    /// What its heading announces: `What it costs` announces amounts.
    pub(super) heading_cues: Vec<Cue>,
    /// The stems of the headings above it.
    pub(super) heading: BTreeSet<String>,
    /// The stems of the page's title.
    pub(super) title: BTreeSet<String>,
}

/// A unit with its words.
pub(super) struct ReadUnit {
    /// The stems of its telling words.
    pub(super) stems: BTreeSet<String>,
    /// For a row of a table, the stems of its first cell.
    pub(super) label: BTreeSet<String>,
    /// Whether its first cell states a range that holds a number of the question.
    pub(super) in_range: bool,
    /// What kinds of question it answers.
    pub(super) cues: Vec<Cue>,
}

impl<'a> Pool<'a> {
    /// Reads what was found for a question.
    pub(super) fn new(found: &'a Retrieved) -> Self {
        let numbers = range::numbers(&found.wording.question);
        let strength = |hit: &Hit| found.pages.get(&hit.page.id).copied().unwrap_or_default();
        let hits = found.hits.iter().take(MOST_PASSAGES);
        let passages: Vec<ReadPassage<'a>> =
            hits.map(|hit| read(hit, strength(hit), &numbers, &found.locale)).collect();
        let asked = asked(&found.wording, &found.locale);
        let counts = counts(&passages);
        let many = passages.len() as f32;
        let rarity = asked.words.iter().map(|word| {
            let count = counts.get(&word.stem).copied().unwrap_or_default() as f32;
            ((many + 1.0) / (count + 1.0)).ln() / (many + 1.0).ln().max(f32::EPSILON)
        });
        Self { rarity: rarity.collect(), asked, passages }
    }

    /// How much a word of the question counts when units are told apart.
    pub(super) fn weight(&self, word: usize) -> f32 {
        self.asked.words[word].weight * (0.15 + self.rarity[word])
    }
}

fn read<'a>(hit: &'a Hit, page_strength: f32, numbers: &[f64], locale: &Locale) -> ReadPassage<'a> {
    let set = |text: &str| stems(text, locale).into_iter().collect::<BTreeSet<_>>();
    let units = hit.passage.units.iter().map(|unit| {
        let text = hit.passage.quote(unit);
        let label = text.split('|').next().filter(|_| unit.kind == UnitKind::Row);
        let in_range = label.is_some_and(|label| range::holds(label, numbers));
        let label = label.map(set).unwrap_or_default();
        let mut cues = cue::answered(text, unit.kind);
        // `You qualify if you:` says what its items are.
        let needs = unit.needs.iter().filter_map(|need| hit.passage.units.get(*need as usize));
        let mut stems_above = needs.filter(|need| need.kind == UnitKind::Stem);
        if stems_above
            .any(|need| cue::answered(hit.passage.quote(need), need.kind).contains(&Cue::Who))
        {
            cues.push(Cue::Who);
        }
        ReadUnit { stems: set(text), label, in_range, cues }
    });
    let mut heading_cues = Vec::new();
    if let Some(heading) = hit.passage.headings.last() {
        cue::add(&mut heading_cues, &heading.text);
    }
    ReadPassage {
        page_strength,
        heading_cues,
        units: units.collect(),
        heading: set(&hit.passage.heading_path()),
        title: set(&hit.page.title),
        hit,
    }
}

/// In how many passages each stem stands.
fn counts(passages: &[ReadPassage<'_>]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for passage in passages {
        let units = passage.units.iter().flat_map(|unit| &unit.stems);
        let all: BTreeSet<&String> = units.chain(&passage.heading).chain(&passage.title).collect();
        for stem in all {
            *counts.entry(stem.clone()).or_default() += 1;
        }
    }
    counts
}
