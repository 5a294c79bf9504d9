//! What people typed into GOV.UK's search and then opened, the titles of its Welsh pages, and its
//! synonyms. Of the judged queries only those for training are learned from.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::{Inputs, Pair};

const LICENCE: &str = "MIT";

/// A query with the words of a path that was opened, and how much that counts: 1 for the best.
#[derive(Debug)]
pub(crate) struct Click {
    pub(crate) query: String,
    pub(crate) path: String,
    pub(crate) weight: f32,
}

/// A row of judged queries.
#[derive(Deserialize)]
struct Judged {
    query: String,
    link: String,
    score: f32,
}

/// Reads a file of judged queries.
pub(crate) fn clicks(data: &Path, name: &str, inputs: &mut Inputs) -> Result<Vec<Click>> {
    let bytes = inputs.bytes(data, name, LICENCE)?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let rows = reader.deserialize().map(|row| {
        let row: Judged = row.with_context(|| name.to_owned())?;
        Ok(Click { query: row.query, path: path_words(&row.link), weight: row.score / 3.0 })
    });
    rows.collect()
}

/// The words of every judged path.
pub(crate) fn paths(data: &Path, inputs: &mut Inputs) -> Result<Vec<String>> {
    let text = inputs.text(data, "govuk-search/paths.txt", LICENCE)?;
    Ok(text.lines().map(path_words).filter(|words| !words.is_empty()).collect())
}

/// Titles of Welsh pages with their English, English on the left.
pub(crate) fn welsh_titles(data: &Path, inputs: &mut Inputs) -> Result<Vec<Pair>> {
    #[derive(Deserialize)]
    struct Titles {
        title: String,
        title_english: String,
    }
    let bytes = inputs.bytes(data, "govuk-search/welsh.csv", LICENCE)?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let mut pairs = Vec::new();
    for row in reader.deserialize() {
        let Titles { title, title_english } = row.context("govuk-search/welsh.csv")?;
        if !title.is_empty() && !title_english.is_empty() {
            pairs.push(Pair { left: title_english, right: title });
        }
    }
    pairs.sort();
    pairs.dedup();
    Ok(pairs)
}

/// Every two expressions that a synonym rule makes equal.
pub(crate) fn synonyms(data: &Path, inputs: &mut Inputs) -> Result<Vec<Pair>> {
    let text = inputs.text(data, "govuk-search/synonyms.yml", LICENCE)?;
    let mut pairs: Vec<Pair> = text.lines().filter_map(rule).flatten().collect();
    pairs.sort();
    pairs.dedup();
    Ok(pairs)
}

/// The pairs of one line such as `- search: abroad => abroad, overseas`.
fn rule(line: &str) -> Option<Vec<Pair>> {
    let (kind, body) = line.trim().strip_prefix("- ")?.split_once(": ")?;
    if !["search", "index", "both"].contains(&kind) {
        return None;
    }
    let body = body.trim().trim_matches(['"', '\'']);
    let (from, to) = body.split_once("=>").unwrap_or((body, body));
    let expressions = |list: &str| {
        let trimmed = list.split(',').map(|expression| expression.trim().to_owned());
        trimmed.filter(|expression| !expression.is_empty()).collect::<Vec<_>>()
    };
    let (from, to) = (expressions(from), expressions(to));
    let pairs = from.iter().flat_map(|left| to.iter().map(move |right| (left, right)));
    let different = pairs.filter(|(left, right)| left != right);
    Some(different.map(|(l, r)| Pair { left: l.clone(), right: r.clone() }).collect())
}

/// The words of a path, in order.
pub(crate) fn path_words(path: &str) -> String {
    let words = path.split(['/', '-', '_', '.']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}
