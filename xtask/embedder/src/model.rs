//! What is learned: a row for each known word and for each place of a piece. A word is the sum of its
//! own row and its pieces' while it is learned; the table keeps that sum as the word's only row.

use std::collections::HashMap;

use candour_content::index::embed::bilingual::{
    key, mentions_weight, piece_weight, pieces, to_bytes, words,
};
use rayon::prelude::*;

/// The place of a word.
pub(crate) type WordId = u32;

/// The words of a text, in order of place, with what they weigh.
pub(crate) type Bag = Vec<(WordId, f32)>;

/// Rows, and how words are made of them.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) dimensions: usize,
    pub(crate) rows: Vec<Row>,
    words: Vec<Word>,
    ids: HashMap<String, WordId>,
    /// How many words have a row of their own; the rows of pieces follow.
    known: usize,
    piece_rows: usize,
}

/// Numbers that are learned, and what the optimiser remembers of them.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) numbers: Vec<f32>,
    pub(crate) momentum: Vec<f32>,
    pub(crate) spread: f32,
    pub(crate) steps: i32,
}

/// A word, by its rows.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) own: Option<u32>,
    pub(crate) pieces: Vec<u32>,
}

impl Model {
    /// A model of these words, the commonest first, with `piece_rows` rows for pieces; `beginning`
    /// gives each row its first numbers.
    pub(crate) fn new(
        dimensions: usize,
        known: &[String],
        piece_rows: usize,
        mut beginning: impl FnMut(Option<&str>) -> Vec<f32>,
    ) -> Self {
        let mut row = |word| {
            let momentum = vec![0.0; dimensions];
            Row { numbers: beginning(word), momentum, spread: 0.0, steps: 0 }
        };
        let mut rows: Vec<Row> = known.iter().map(|word| row(Some(word.as_str()))).collect();
        rows.extend((0..piece_rows).map(|_| row(None)));
        let (words, ids) = (Vec::new(), HashMap::new());
        let mut model = Self { dimensions, rows, words, ids, known: known.len(), piece_rows };
        for (at, word) in (0..).zip(known) {
            model.add(word, Some(at));
        }
        model
    }

    fn add(&mut self, word: &str, own: Option<u32>) -> WordId {
        // Numbers that look alike mean nothing alike: a known one has no pieces.
        let has_pieces = own.is_none() || !word.bytes().all(|byte| byte.is_ascii_digit());
        let places = if has_pieces { pieces(word, self.piece_rows) } else { Vec::new() };
        let pieces = places.into_iter().map(|place| self.known as u32 + place).collect();
        let id = self.words.len() as WordId;
        self.words.push(Word { own, pieces });
        self.ids.insert(word.to_owned(), id);
        id
    }

    /// The bag of a text.
    pub(crate) fn bag(&mut self, text: &str) -> Bag {
        let words = words(text);
        let mut ids: Vec<WordId> = Vec::with_capacity(words.len());
        for word in &words {
            let known = self.ids.get(word).copied();
            ids.push(known.unwrap_or_else(|| self.add(word, None)));
        }
        ids.sort_unstable();
        let mentions = ids.chunk_by(|a, b| a == b);
        mentions.filter_map(|m| Some((*m.first()?, mentions_weight(m.len())))).collect()
    }

    /// The rows that a word is made of, each with what it weighs.
    pub(crate) fn parts(
        &self,
        word: WordId,
        without_own: bool,
    ) -> impl Iterator<Item = (u32, f32)> {
        let word = self.words.get(word as usize);
        let own = word.and_then(|word| word.own).filter(|_| !without_own);
        let pieces = word.map_or(&[][..], |word| &word.pieces);
        let weight = piece_weight(pieces.len());
        own.map(|row| (row, 1.0)).into_iter().chain(pieces.iter().map(move |row| (*row, weight)))
    }

    /// Whether a word can be told by its pieces alone in spite of having a row.
    pub(crate) fn has_both(&self, word: WordId) -> bool {
        self.words
            .get(word as usize)
            .is_some_and(|word| word.own.is_some() && !word.pieces.is_empty())
    }

    /// The vector of a word.
    pub(crate) fn word(&self, word: WordId, without_own: bool) -> Vec<f32> {
        let mut sum = vec![0.0; self.dimensions];
        for (row, weight) in self.parts(word, without_own) {
            if let Some(row) = self.rows.get(row as usize) {
                add_scaled(&mut sum, weight, &row.numbers);
            }
        }
        sum
    }

    /// The table of this model, as bytes.
    pub(crate) fn to_table(&self, known: &[String]) -> Vec<u8> {
        let words = (0..known.len() as WordId).into_par_iter().map(|id| self.word(id, false));
        let keys = known.iter().map(|word| key(word));
        let words = keys.zip(words.collect::<Vec<_>>()).collect();
        let pieces = self.rows.iter().skip(self.known).map(|row| row.numbers.clone());
        to_bytes(self.dimensions, words, &pieces.collect::<Vec<_>>())
    }
}

/// Adds `weight` times `more` to `sum`.
pub(crate) fn add_scaled(sum: &mut [f32], weight: f32, more: &[f32]) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum += weight * more;
    }
}
