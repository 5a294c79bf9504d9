//! The directions of words: how near the meaning of one comes to those of others.

use archmage::prelude::*;

use super::features::{key, piece_weight, pieces};
use super::shipped;
use super::table::Table;

/// The greatest number of a direction.
const MOST: f32 = 127.0;

/// Where some words point in the table that comes with the program, in small whole numbers, one after the
/// other. Their lengths mean nothing.
#[derive(Debug, Default)]
pub(crate) struct Directions {
    numbers: Vec<i8>,
}

impl Directions {
    /// Adds that of a word, by its pieces where it has no row.
    pub(crate) fn add(&mut self, word: &str) {
        if !self.add_row(key(word)) {
            let table = &shipped().table;
            let mut sum = vec![0.0; table.dimensions];
            table.add_pieces(word, &mut sum);
            let most = sum.iter().fold(f32::MIN_POSITIVE, |most, number| most.max(number.abs()));
            self.numbers.extend(sum.iter().map(|number| (number / most * MOST).round() as i8));
        }
    }

    /// Adds that of the word with this key, if it has a row.
    pub(crate) fn add_row(&mut self, key: u32) -> bool {
        let table = &shipped().table;
        let row = table.word(key).and_then(|at| table.row(at));
        row.inspect(|row| self.numbers.extend(row.whole_numbers())).is_some()
    }

    /// Takes all of them out again.
    pub(crate) fn clear(&mut self) {
        self.numbers.clear();
    }

    /// For each of these, the cosine of the nearest of `others`; nothing where there is none.
    pub(crate) fn nearest(&self, others: &Self) -> Vec<f32> {
        let dimensions = shipped().table.dimensions.max(1);
        let mut nearest = vec![0.0; self.numbers.len() / dimensions];
        compare(&self.numbers, &others.numbers, dimensions, &mut nearest);
        nearest
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

/// The cosine of each direction with the nearest of others. Sums of whole numbers come out the same in
/// any order, so that each machine can use its widest instructions and all come to the same.
#[autoversion(v4x, v4, v3, neon, scalar)]
fn compare(these: &[i8], others: &[i8], dimensions: usize, nearest: &mut [f32]) {
    for other in others.chunks_exact(dimensions) {
        let mut squares = 0;
        for number in other {
            squares += i32::from(*number) * i32::from(*number);
        }
        let length = (squares.max(1) as f32).sqrt();
        for (this, nearest) in these.chunks_exact(dimensions).zip(nearest.iter_mut()) {
            let mut dot = 0;
            for (a, b) in this.iter().zip(other) {
                dot += i32::from(*a) * i32::from(*b);
            }
            *nearest = nearest.max(dot as f32 / length);
        }
    }
    for (this, nearest) in these.chunks_exact(dimensions).zip(nearest) {
        let mut squares = 0;
        for number in this {
            squares += i32::from(*number) * i32::from(*number);
        }
        *nearest /= (squares.max(1) as f32).sqrt();
    }
}
