//! How the table does on texts that nothing was learned from.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use candour_content::index::embed::bilingual::{Bilingual, Table};
use candour_core::Embedder as _;
use rayon::prelude::*;
use serde::Serialize;

use crate::inputs::welsh::{HeldBack, Welsh};
use crate::inputs::{Inputs, Pair, search};
use crate::learn::dot;

/// How often the right text is the nearest, and among the ten nearest.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Recall {
    #[serde(rename = "recall@1")]
    at_1: f32,
    #[serde(rename = "recall@10")]
    at_10: f32,
}

/// The figures of a table.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    welsh_to_english: Recall,
    english_to_welsh: Recall,
    validation_welsh_to_english: Recall,
    validation_english_to_welsh: Recall,
    /// By the vectors alone, the words of the 13,438 paths being the texts.
    #[serde(rename = "clickstream_dev_ndcg@10")]
    clickstream_dev: f32,
}

/// Measures a table on what was held back.
pub(crate) fn measure(table: &[u8], data: &Path, welsh: &Welsh) -> Result<Figures> {
    let embedder = Bilingual::new(Table::read(table).context("the table cannot be read")?);
    Ok(Figures {
        welsh_to_english: recall(&embedder, &welsh.last, true),
        english_to_welsh: recall(&embedder, &welsh.last, false),
        validation_welsh_to_english: recall(&embedder, &welsh.validation, true),
        validation_english_to_welsh: recall(&embedder, &welsh.validation, false),
        clickstream_dev: clicks(&embedder, data)?,
    })
}

fn embedded(embedder: &Bilingual<'_>, texts: &[&str]) -> Vec<Vec<f32>> {
    texts.par_iter().map(|text| embedder.embed(text)).collect()
}

/// For each pair, how its one text ranks the other among all of that language. A tie counts against it.
fn recall(embedder: &Bilingual<'_>, held_back: &HeldBack, from_welsh: bool) -> Recall {
    let pairs = held_back.pairs.iter().map(|Pair { left, right }| {
        if from_welsh { (right.as_str(), left.as_str()) } else { (left.as_str(), right.as_str()) }
    });
    let pairs: Vec<(&str, &str)> = pairs.collect();
    let mut pool: Vec<&str> = pairs.iter().map(|(_, right)| *right).collect();
    pool.sort_unstable();
    pool.dedup();
    let asked: Vec<&str> = pairs.iter().map(|(asked, _)| *asked).collect();
    let (questions, texts) = (embedded(embedder, &asked), embedded(embedder, &pool));
    let ranks = questions.par_iter().zip(&pairs).filter_map(|(question, (_, right))| {
        let place = pool.binary_search(right).ok()?;
        let mine = dot(question, texts.get(place)?);
        let better = texts.iter().enumerate();
        Some(better.filter(|(at, text)| *at != place && dot(question, text) >= mine).count())
    });
    let ranks: Vec<usize> = ranks.collect();
    let within = |most: usize| {
        ranks.iter().filter(|rank| **rank < most).count() as f32 / ranks.len().max(1) as f32
    };
    Recall { at_1: within(1), at_10: within(10) }
}

fn clicks(embedder: &Bilingual<'_>, data: &Path) -> Result<f32> {
    // What is measured with is no input of the table.
    let mut unlisted = Inputs::default();
    let mut paths = search::paths(data, &mut unlisted)?;
    paths.sort();
    paths.dedup();
    let pool: Vec<&str> = paths.iter().map(String::as_str).collect();
    let texts = embedded(embedder, &pool);
    let mut judged: BTreeMap<String, BTreeMap<usize, f32>> = BTreeMap::new();
    for click in search::clicks(data, "govuk-search/clickstream-dev.csv", &mut unlisted)? {
        if let Ok(place) = pool.binary_search(&click.path.as_str()) {
            judged.entry(click.query).or_default().insert(place, click.weight);
        }
    }
    let gains: Vec<f32> = judged
        .par_iter()
        .map(|(query, gains)| {
            let question = embedder.embed(query);
            let mut ranked: Vec<(usize, f32)> =
                texts.iter().map(|text| dot(&question, text)).enumerate().collect();
            ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
            let found = ranked.iter().map(|(at, _)| gains.get(at).copied().unwrap_or(0.0));
            let mut best: Vec<f32> = gains.values().copied().collect();
            best.sort_by(|a, b| b.total_cmp(a));
            discounted(found) / discounted(best.into_iter())
        })
        .collect();
    Ok(gains.iter().sum::<f32>() / gains.len().max(1) as f32)
}

/// The gain of the first ten, the later the less (Järvelin and Kekäläinen, 2002).
fn discounted(gains: impl Iterator<Item = f32>) -> f32 {
    gains.take(10).zip(2_u8..).map(|(gain, place)| gain / f32::from(place).log2()).sum()
}
