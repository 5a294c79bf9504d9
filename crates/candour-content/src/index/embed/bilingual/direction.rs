//! The directions of words: how near the meaning of one comes to those of others.

use archmage::prelude::*;

use super::features::{key, piece_weight, pieces};
use super::shipped;
use super::table::Table;

/// The greatest number of a direction.
const MOST: f32 = 127.0;

/// Where some words point in the table that comes with the program, in small whole numbers, one after the
/// other.
#[derive(Debug, Default)]
pub(crate) struct Directions {
    numbers: Vec<i8>,
    lengths: Vec<f32>,
}

impl Directions {
    /// Adds that of a word, by its pieces where it has no row.
    pub(crate) fn add(&mut self, word: &str) {
        let table = &shipped().table;
        let begin = self.numbers.len();
        if let Some(row) = table.word(key(word)).and_then(|at| table.row(at)) {
            self.numbers.extend(row.whole_numbers());
        } else {
            let mut sum = vec![0.0; table.dimensions];
            table.add_pieces(word, &mut sum);
            let most = sum.iter().fold(f32::MIN_POSITIVE, |most, number| most.max(number.abs()));
            self.numbers.extend(sum.iter().map(|number| (number / most * MOST).round() as i8));
        }
        self.lengths.push(length(&self.numbers[begin..]));
    }

    /// For each of some keys, a line of its cosines with all of these, none of them below 0; of a word
    /// without a row they are 0.
    pub(crate) fn cosines(&self, others: &[u32]) -> Vec<f32> {
        let table = &shipped().table;
        let these = self.lengths.len();
        let mut cosines = vec![0.0; others.len() * these];
        let mut numbers = Vec::with_capacity(table.dimensions);
        for (key, line) in others.iter().zip(cosines.chunks_exact_mut(these.max(1))) {
            if let Some(row) = table.word(*key).and_then(|at| table.row(at)) {
                numbers.clear();
                numbers.extend(row.whole_numbers());
                compare(&self.numbers, &self.lengths, &numbers, line);
            }
        }
        cosines
    }
}

impl Table<'_> {
    /// Adds the pieces of a word to `sum`.
    pub(super) fn add_pieces(&self, word: &str, sum: &mut [f32]) {
        let pieces = pieces(word, self.pieces);
        let weight = piece_weight(pieces.len());
        for piece in pieces {
            if let Some(row) = self.row(self.piece(piece)) {
                row.add_to(sum, weight);
            }
        }
    }
}

/// The cosine of each direction with another. Sums of whole numbers come out the same in any order, so
/// that each machine can use its widest instructions and all come to the same.
#[autoversion(v4x, v4, v3, neon, scalar)]
fn compare(these: &[i8], lengths: &[f32], other: &[i8], cosines: &mut [f32]) {
    let mut squares = 0;
    for number in other {
        squares += i32::from(*number) * i32::from(*number);
    }
    let other_length = (squares.max(1) as f32).sqrt();
    let these = these.chunks_exact(other.len()).zip(lengths);
    for ((this, length), cosine) in these.zip(cosines) {
        let mut dot = 0;
        for (a, b) in this.iter().zip(other) {
            dot += i32::from(*a) * i32::from(*b);
        }
        *cosine = (dot.max(0) as f32 / other_length) / length;
    }
}

/// The length of a direction, or 1 where it has none.
fn length(numbers: &[i8]) -> f32 {
    let squares: i32 = numbers.iter().map(|number| i32::from(*number) * i32::from(*number)).sum();
    (squares.max(1) as f32).sqrt()
}
