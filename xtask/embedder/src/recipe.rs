//! The numbers of the recipe. They were chosen on held-back services, on clickstream-dev and on
//! agreement with the teacher; docs/embedder.md has the table of what was tried.

use serde::Serialize;

/// All that decides the table, but for the inputs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Recipe {
    /// Where all random numbers begin.
    pub(crate) seed: u64,
    /// How many numbers make a vector.
    pub(crate) dimensions: usize,
    /// The most words with a row of their own.
    pub(crate) words: usize,
    /// A word of fewer texts has none.
    pub(crate) texts_for_a_word: usize,
    /// How many rows pieces of words share.
    pub(crate) pieces: usize,
    /// A word that every text in so many has counts half (SIF: Arora and others, 2017).
    pub(crate) half_weight_rate: f32,
    /// How often a word is learned by its pieces alone, so that they learn to stand for it.
    pub(crate) left_out: f32,
    /// How many batches are learned from.
    pub(crate) steps: usize,
    /// Pairs in a batch.
    pub(crate) batch: usize,
    /// The first length of a step; the last is nearly 0.
    pub(crate) rate: f32,
    /// What differences of cosines are divided by before they compete.
    pub(crate) temperature: f32,
    /// What nearness to the teacher's vectors counts, in batches of their own and beside pairs.
    pub(crate) teacher: f32,
    pub(crate) teacher_beside_pairs: f32,
    /// What agreement with the teacher on which texts of a batch are near each other counts.
    pub(crate) neighbours: f32,
    /// How often each kind of batch is learned, against the others.
    pub(crate) shares: Shares,
}

/// How often each kind of batch is learned, against the others.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shares {
    pub(crate) welsh: f32,
    pub(crate) clicks: f32,
    pub(crate) glosses: f32,
    pub(crate) examples: f32,
    pub(crate) synonyms: f32,
    pub(crate) guidance: f32,
    pub(crate) teacher: f32,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            seed: 1,
            dimensions: 256,
            words: 60_000,
            texts_for_a_word: 2,
            pieces: 24_000,
            half_weight_rate: 1e-3,
            left_out: 0.2,
            steps: 6000,
            batch: 512,
            rate: 0.01,
            temperature: 0.05,
            teacher: 1.0,
            teacher_beside_pairs: 0.3,
            neighbours: 2.0,
            shares: Shares {
                welsh: 1.0,
                clicks: 1.0,
                glosses: 0.5,
                examples: 0.2,
                synonyms: 0.05,
                guidance: 0.1,
                teacher: 2.0,
            },
        }
    }
}
