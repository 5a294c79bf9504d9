//! One step of learning: from bags of words to vectors, and from what the losses want of the vectors
//! back to the rows. Every sum has a fixed order, however many threads share the work.

use ndarray::Array2;
use rayon::prelude::*;

use crate::model::{Bag, Model, Row, WordId, add_scaled};
use crate::random::Random;

/// What Adam (Kingma and Ba, 2015) remembers of the direction and of the length of earlier steps.
const MOMENTUM: f32 = 0.9;
const SPREAD: f32 = 0.999;

/// The vectors of some texts, and how they came about.
pub(crate) struct Forward<'a> {
    bags: Vec<&'a Bag>,
    words: Vec<Spoken>,
    /// How long the vectors were before they got unit length.
    lengths: Vec<f32>,
    pub(crate) vectors: Array2<f32>,
}

/// A word of the batch.
struct Spoken {
    word: WordId,
    without_own: bool,
    vector: Vec<f32>,
}

/// Makes the vectors of texts. One word in so many is told by its pieces alone.
pub(crate) fn forward<'a>(
    model: &Model,
    bags: Vec<&'a Bag>,
    left_out: f32,
    random: &mut Random,
) -> Forward<'a> {
    let mut words: Vec<WordId> =
        bags.iter().flat_map(|bag| bag.iter().map(|(id, _)| *id)).collect();
    words.sort_unstable();
    words.dedup();
    let chosen: Vec<(WordId, bool)> = words
        .into_iter()
        .map(|word| (word, random.unit() < left_out && model.has_both(word)))
        .collect();
    let words: Vec<Spoken> = chosen
        .into_par_iter()
        .map(|(word, without_own)| Spoken {
            word,
            without_own,
            vector: model.word(word, without_own),
        })
        .collect();
    let mut vectors = Array2::zeros((bags.len(), model.dimensions));
    let lengths = vectors
        .as_slice_mut()
        .unwrap_or_default()
        .par_chunks_mut(model.dimensions)
        .zip(&bags)
        .map(|(vector, bag)| {
            for (id, weight) in *bag {
                if let Some(spoken) = find(&words, *id).and_then(|at| words.get(at)) {
                    add_scaled(vector, *weight, &spoken.vector);
                }
            }
            to_unit_length(vector)
        })
        .collect();
    Forward { bags, words, lengths, vectors }
}

fn find(words: &[Spoken], word: WordId) -> Option<usize> {
    words.binary_search_by_key(&word, |spoken| spoken.word).ok()
}

/// Makes a vector of unit length, and returns how long it was.
fn to_unit_length(vector: &mut [f32]) -> f32 {
    let length = dot(vector, vector).sqrt().max(1e-6);
    for number in vector {
        *number /= length;
    }
    length
}

pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Moves the rows a step against `slopes`, how the loss grows with each number of the vectors.
pub(crate) fn backward(
    model: &mut Model,
    forward: &Forward<'_>,
    mut slopes: Array2<f32>,
    rate: f32,
) {
    through_length(forward, &mut slopes);
    let of_words = through_bags(forward, &slopes);
    let of_rows = through_words(model, forward);
    let dimensions = model.dimensions;
    model.rows.par_iter_mut().zip(&of_rows).for_each(|(row, parts)| {
        if parts.is_empty() {
            return;
        }
        let mut slope = vec![0.0; dimensions];
        for (at, weight) in parts {
            if let Some(of_word) = of_words.get(*at as usize) {
                add_scaled(&mut slope, *weight, of_word);
            }
        }
        step(row, &slope, rate);
    });
}

/// A vector of unit length can only turn.
fn through_length(forward: &Forward<'_>, slopes: &mut Array2<f32>) {
    let rows = slopes.rows_mut().into_iter().zip(forward.vectors.rows()).zip(&forward.lengths);
    for ((mut slope, vector), length) in rows {
        let along = slope.dot(&vector);
        slope.scaled_add(-along, &vector);
        slope /= *length;
    }
}

/// What is wanted of each word: the sum over the texts that say it.
fn through_bags(forward: &Forward<'_>, slopes: &Array2<f32>) -> Vec<Vec<f32>> {
    let mut said: Vec<Vec<(usize, f32)>> = vec![Vec::new(); forward.words.len()];
    for (text, bag) in forward.bags.iter().enumerate() {
        for (word, weight) in *bag {
            if let Some(said) = find(&forward.words, *word).and_then(|at| said.get_mut(at)) {
                said.push((text, *weight));
            }
        }
    }
    let sum = |texts: &Vec<(usize, f32)>| {
        let mut sum = vec![0.0; slopes.ncols()];
        for (text, weight) in texts {
            add_scaled(&mut sum, *weight, slopes.row(*text).as_slice().unwrap_or_default());
        }
        sum
    };
    said.par_iter().map(sum).collect()
}

/// For each row, the words of the batch that it is part of, and what it weighs there.
fn through_words(model: &Model, forward: &Forward<'_>) -> Vec<Vec<(u32, f32)>> {
    let mut parts = vec![Vec::new(); model.rows.len()];
    for (at, spoken) in (0..).zip(&forward.words) {
        for (row, weight) in model.parts(spoken.word, spoken.without_own) {
            if let Some(parts) = parts.get_mut(row as usize) {
                parts.push((at, weight));
            }
        }
    }
    parts
}

/// A step of Adam with one spread for the whole row, so that its direction is not bent; a row that is
/// not in a batch stays as it is.
fn step(row: &mut Row, slope: &[f32], rate: f32) {
    row.steps += 1;
    let mean_square = dot(slope, slope) / slope.len() as f32;
    row.spread = SPREAD * row.spread + (1.0 - SPREAD) * mean_square;
    let spread = (row.spread / (1.0 - SPREAD.powi(row.steps))).sqrt() + 1e-10;
    let length = rate / (1.0 - MOMENTUM.powi(row.steps)) / spread;
    for ((number, momentum), slope) in row.numbers.iter_mut().zip(&mut row.momentum).zip(slope) {
        *momentum = MOMENTUM * *momentum + (1.0 - MOMENTUM) * slope;
        *number -= length * *momentum;
    }
}
