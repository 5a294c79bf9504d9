//! The directions of single words: how near the meaning of one is to that of another.

use archmage::prelude::*;

use super::features::{key, piece_weight, pieces};
use super::table::Table;

/// The greatest number of a direction.
const MOST: f32 = 127.0;

/// Where a word points, in small whole numbers; its length means nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Direction {
    numbers: Vec<i8>,
    length: f32,
}

impl Direction {
    fn new(numbers: Vec<i8>) -> Self {
        let length = (dot(&numbers, &numbers) as f32).sqrt();
        Self { numbers, length }
    }

    /// The cosine of two directions; nothing where one of them points nowhere.
    pub(crate) fn cosine(&self, other: &Self) -> f32 {
        let lengths = self.length * other.length;
        if lengths > 0.0 { dot(&self.numbers, &other.numbers) as f32 / lengths } else { 0.0 }
    }
}

impl Table<'_> {
    /// The direction of the word with this key, if it has a row.
    pub(crate) fn direction_of(&self, key: u32) -> Option<Direction> {
        Some(Direction::new(self.row(self.word(key)?)?.whole_numbers()))
    }

    /// The direction of a word, by its pieces where it has no row.
    pub(crate) fn direction(&self, word: &str) -> Direction {
        self.direction_of(key(word)).unwrap_or_else(|| Direction::new(self.of_pieces(word)))
    }

    fn of_pieces(&self, word: &str) -> Vec<i8> {
        let mut sum = vec![0.0; self.dimensions];
        self.add_pieces(word, &mut sum);
        let most = sum.iter().fold(f32::MIN_POSITIVE, |most, number| most.max(number.abs()));
        sum.iter().map(|number| (number / most * MOST).round() as i8).collect()
    }

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

/// Whole numbers may be added in any order, so that each machine can use its widest instructions and
/// all come to the same.
#[autoversion(v4x, v4, v3, neon, scalar)]
fn dot(a: &[i8], b: &[i8]) -> i32 {
    let mut dot = 0;
    for (a, b) in a.iter().zip(b) {
        dot += i32::from(*a) * i32::from(*b);
    }
    dot
}
