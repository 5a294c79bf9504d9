//! How near units come to a question, by more than the words that they share with it.
//!
//! Shared words tell units apart well while a question is short. Among many words of which few ask,
//! three more measures see what they miss: the rare words of the unit alone, the less the longer it is;
//! words that mean nearly the same; and the meaning of the whole. All of it falls with the fit of the
//! passage, as the search measured it (docs/retrieval.md says what each measure gave).

use std::collections::HashMap;

use candour_content::index::{AskedWords, default_embedder, quantise};
use candour_core::UnitKind;

use super::pool::{Pool, ReadPassage};
use super::reading::Meaning;
use super::score::{Scored, cue_gain, label_gain};

/// How much these measures count for what is quoted; the rest is the score by shared words. More of them finds more of
/// the evidence, and loses amounts that were asked for.
const SHARE: f32 = 0.5;
/// How steeply units fall with the fit of their passage: one that fits less by a tenth keeps two thirds.
const FALL: f32 = 4.0;
/// What a unit gains by answering what the question plainly asks for.
const DEMANDED: f32 = 1.0;
/// What a unit gains by beginning its passage, for the rule stands before its exceptions, or a list.
const FIRST: f32 = 0.2;
/// BM25's saturation and length normalisation, as usual.
const K1: f32 = 1.2;
const B: f32 = 0.75;

/// Gives the units of the passages found their order, where the question tells of circumstances.
pub(super) fn order(pool: &Pool<'_>, units: &mut [Scored]) {
    let Some(asking) = &pool.asked.beside_circumstances else { return };
    let ranked = nearness(pool, asking, units);
    let best = |values: &mut dyn Iterator<Item = f32>| values.fold(f32::EPSILON, f32::max);
    // What is quoted beside the best unit is measured by its score, whose scale is kept.
    let scale = best(&mut units.iter().map(|unit| unit.score)) / best(&mut ranked.iter().copied());
    for (unit, fit) in units.iter_mut().zip(ranked).filter(|(unit, _)| unit.score > 0.0) {
        unit.order = (1.0 - SHARE) * unit.score + SHARE * scale * fit;
    }
}

/// How near each unit comes to a question, of which `asking` is what asks.
pub(super) fn nearness(pool: &Pool<'_>, asking: &str, units: &[Scored]) -> Vec<f32> {
    let question = Question::new(pool, asking);
    let fits: Vec<Vec<f32>> =
        pool.passages.iter().map(|passage| question.fits(pool, passage)).collect();
    units.iter().map(|unit| question.with_words(pool, &fits, unit)).collect()
}

/// A question as units are held against it.
struct Question {
    /// Its words, for those that mean nearly the same.
    near: AskedWords,
    /// What its sentences that ask mean.
    vector: Vec<i8>,
    /// What each of its words counts, the more the fewer units have it.
    rarity: Vec<f32>,
    /// All of that together.
    rare: f32,
    /// What its words weigh together, as they are told apart.
    weight: f32,
    /// How many telling words a unit has on average.
    length: f32,
    /// How well the best passage fits.
    best: f32,
}

impl Question {
    fn new(pool: &Pool<'_>, asking: &str) -> Self {
        let words = &pool.asked.words;
        let units = || pool.passages.iter().flat_map(|passage| &passage.units);
        let all = units().count().max(1) as f32;
        let mut having: HashMap<&str, f32> = HashMap::new();
        for stem in units().flat_map(|unit| &unit.stems) {
            *having.entry(stem).or_default() += 1.0;
        }
        let rarity = words.iter().map(|word| {
            let having = having.get(word.stem.as_str()).copied().unwrap_or_default();
            word.weight * ((all + 1.0) / (having + 0.5)).ln()
        });
        let rarity: Vec<f32> = rarity.collect();
        let near = words.iter().enumerate().map(|(at, word)| (word.text.as_str(), pool.weight(at)));
        let fits = pool.passages.iter().map(|passage| passage.hit.score);
        Self {
            near: AskedWords::new(near),
            vector: quantise(&default_embedder().embed(asking)),
            rare: rarity.iter().sum::<f32>().max(f32::EPSILON),
            weight: (0..words.len()).map(|word| pool.weight(word)).sum::<f32>().max(f32::EPSILON),
            rarity,
            length: units().map(|unit| unit.stems.len()).sum::<usize>() as f32 / all,
            best: fits.fold(f32::MIN, f32::max),
        }
    }

    /// How near the units of a passage come to the question by rare words, near words and meaning.
    fn fits(&self, pool: &Pool<'_>, passage: &ReadPassage<'_>) -> Vec<f32> {
        let meanings: &[Meaning] = passage.meanings(&passage.hit.passage);
        let near = self.near.shares(meanings.iter().map(|meaning| &meaning.words));
        let units = passage.units.iter().zip(meanings).zip(near);
        let fit = units.map(|((unit, meaning), near)| {
            let words = pool.asked.words.iter().zip(&self.rarity);
            let own = words.filter(|(word, _)| unit.stems.contains(&word.stem));
            let own: f32 = own.map(|(_, rarity)| rarity).sum();
            let long = unit.stems.len() as f32 / self.length.max(1.0);
            let saturated = (K1 + 1.0) / (1.0 + K1 * (1.0 - B + B * long));
            saturated * own / self.rare + near + cosine(&self.vector, &meaning.vector)
        });
        fit.collect()
    }

    /// The same with the words that a unit shares with the question, what kind of statement it is, and
    /// how well its passage fits.
    fn with_words(&self, pool: &Pool<'_>, fits: &[Vec<f32>], unit: &Scored) -> f32 {
        let passage = &pool.passages[unit.at.passage];
        let found = unit.match_of.iter().enumerate();
        let shared: f32 = found.map(|(word, found)| pool.weight(word) * found).sum();
        let answers = |cue| passage.units[unit.at.unit].cues.contains(cue);
        let gain = |is_so, gain| if is_so { gain } else { 0.0 };
        let kind = cue_gain(pool, passage, unit.at.unit)
            + label_gain(pool, passage, unit.at.unit)
            + gain(pool.asked.demanded.iter().any(answers), DEMANDED)
            + gain(unit.at.unit == 0, FIRST)
            + gain(passage.hit.passage.units[unit.at.unit].kind == UnitKind::Stem, FIRST);
        let fall = (FALL * (passage.hit.score - self.best)).exp();
        fall * (shared / self.weight + fits[unit.at.passage][unit.at.unit] + kind)
    }
}

fn cosine(a: &[i8], b: &[i8]) -> f32 {
    let dot = |a: &[i8], b: &[i8]| -> i32 {
        a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
    };
    let lengths = (dot(a, a) as f32 * dot(b, b) as f32).sqrt();
    if lengths > 0.0 { dot(a, b) as f32 / lengths } else { 0.0 }
}
