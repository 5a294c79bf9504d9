//! What the teacher says of texts: one vector each, turned so that the first numbers say most, and cut.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use candour_content::index::embedder;
use candour_content::models::MINILM;
use candour_core::Embedder;
use ndarray::{Array2, Axis};
use rayon::prelude::*;
use serde::Deserialize;

use crate::corpus::Corpus;
use crate::inputs::{Inputs, sha256};
use crate::random::Random;
use crate::recipe::Recipe;
use crate::say;
use crate::texts::TextId;

/// The teacher: all-MiniLM-L6-v2, which understands English.
pub(crate) struct Teacher {
    model: Arc<dyn Embedder>,
    vocabulary: BTreeSet<String>,
}

/// What the teacher says, by text: rows of `vectors`.
pub(crate) struct Lessons {
    pub(crate) vectors: Array2<f32>,
    pub(crate) rows: BTreeMap<TextId, usize>,
}

impl Lessons {
    /// What the teacher says of a text, or of what it translates.
    pub(crate) fn of(&self, text: TextId) -> Option<&[f32]> {
        self.vectors.row(*self.rows.get(&text)?).to_slice()
    }
}

#[derive(Deserialize)]
struct Tokenizer {
    model: WordPieces,
}

#[derive(Deserialize)]
struct WordPieces {
    vocab: BTreeMap<String, u32>,
}

impl Teacher {
    /// Opens the teacher that `candour models pull minilm` put into this state directory.
    pub(crate) fn open(state: &Path, inputs: &mut Inputs) -> Result<Self> {
        for (file, bytes) in MINILM.files.iter().zip(MINILM.read(state)?) {
            let name = format!("{}/{}", MINILM.title, file.name);
            inputs.remember(name, MINILM.licence, &bytes);
            if file.name == "tokenizer.json" {
                return Self::with_vocabulary(state, &bytes);
            }
        }
        bail!("{} has no vocabulary", MINILM.title)
    }

    /// A teacher that is at hand everywhere, for tests: it knows no word to be common.
    #[cfg(test)]
    pub(crate) fn at_hand() -> Self {
        let model = candour_content::index::default_embedder();
        Self { model, vocabulary: BTreeSet::new() }
    }

    fn with_vocabulary(state: &Path, tokenizer: &[u8]) -> Result<Self> {
        let tokenizer: Tokenizer = serde_json::from_slice(tokenizer).context("tokenizer.json")?;
        let is_word =
            |word: &String| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
        let vocabulary = tokenizer.model.vocab.into_keys().filter(is_word).collect();
        Ok(Self { model: embedder("minilm", state)?, vocabulary })
    }

    /// Whether a word is among the commonest of English.
    pub(crate) fn knows(&self, word: &str) -> bool {
        self.vocabulary.contains(word)
    }

    /// What the teacher says of all texts that it is to be asked about. `kept` is a folder for it.
    pub(crate) fn lessons(&self, corpus: &Corpus, recipe: &Recipe, kept: &Path) -> Result<Lessons> {
        let asked: BTreeSet<TextId> = corpus.taught.values().copied().collect();
        let text = |id: &TextId| corpus.texts.all.get(*id as usize).map(String::as_str);
        let texts: Vec<&str> = asked.iter().filter_map(text).collect();
        let vectors = self.ask(&texts, kept)?;
        let vectors = turned(&vectors, recipe.dimensions, &mut Random(recipe.seed));
        let places: BTreeMap<TextId, usize> = asked.into_iter().zip(0..).collect();
        let rows = corpus.taught.iter().filter_map(|(text, of)| Some((*text, *places.get(of)?)));
        Ok(Lessons { vectors, rows: rows.collect() })
    }

    /// Asks about each text, or reads what was said of just these texts before.
    fn ask(&self, texts: &[&str], kept: &Path) -> Result<Array2<f32>> {
        let identity = self.model.identity();
        let asked = format!("{}\n{}", identity.name, texts.join("\u{1f}"));
        let file = kept.join(format!("teacher-{}.f32", sha256(asked.as_bytes())));
        let numbers: Vec<f32> = if let Ok(bytes) = fs::read(&file) {
            bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
        } else {
            say(&format!("asking the teacher about {} texts", texts.len()));
            let vectors = texts.par_iter().flat_map_iter(|text| self.model.embed(text));
            let numbers: Vec<f32> = vectors.collect();
            let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
            fs::create_dir_all(kept)?;
            fs::write(&file, bytes).with_context(|| file.display().to_string())?;
            numbers
        };
        Array2::from_shape_vec((texts.len(), identity.dimensions), numbers)
            .with_context(|| format!("{} is damaged: remove it", file.display()))
    }
}

/// Turns vectors into the `dimensions` directions in which they differ most, found by orthogonal
/// iteration (Golub and Van Loan, section 8.2), and makes them of unit length again.
fn turned(vectors: &Array2<f32>, dimensions: usize, random: &mut Random) -> Array2<f32> {
    const ROUNDS: usize = 60;
    let spread = vectors.t().dot(vectors);
    let mut directions =
        Array2::from_shape_simple_fn((spread.nrows(), dimensions), || random.unit() - 0.5);
    for _ in 0..ROUNDS {
        directions = spread.dot(&directions);
        orthogonalise(&mut directions);
    }
    let mut turned = vectors.dot(&directions);
    for mut row in turned.rows_mut() {
        let length = row.dot(&row).sqrt().max(f32::MIN_POSITIVE);
        row /= length;
    }
    turned
}

/// Makes the columns orthogonal and of unit length, one after the other (modified Gram–Schmidt).
fn orthogonalise(columns: &mut Array2<f32>) {
    for at in 0..columns.ncols() {
        let (before, mut rest) = columns.view_mut().split_at(Axis(1), at);
        let mut column = rest.column_mut(0);
        for other in before.columns() {
            let along = other.dot(&column);
            column.scaled_add(-along, &other);
        }
        let length = column.dot(&column).sqrt().max(f32::MIN_POSITIVE);
        column /= length;
    }
}
