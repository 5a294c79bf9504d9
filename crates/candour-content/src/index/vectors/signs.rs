//! The signs of vectors: one bit for each number, to find the few hundred rows worth comparing.
//!
//! The more signs two vectors share, the smaller the angle between them is likely to be (Charikar,
//! 2002). Eight times less is read than of the rows themselves, and the best are then compared by
//! these.
//!
//! The file: rows by eights, the last ones filled up with zeros. Of each eight, the first 64 signs of
//! every row, then the next 64, and so on, each a little-endian 64 bit number: so that one wide
//! instruction does the same to eight rows.

use archmage::prelude::*;
use tantivy::directory::OwnedBytes;

/// So many rows stand together.
pub(super) const TOGETHER: usize = 8;
/// So many of the highest bits of each number of a query are looked at.
const PLANES: usize = 3;
const WORD: usize = size_of::<u64>();
/// So many times eight rows are measured before the best of them are picked out.
const AT_ONCE: usize = 512;
/// The same 64 signs of rows that stand together.
type Words = [u8; WORD * TOGETHER];

/// The signs of the rows of one piece.
pub(super) struct Signs {
    bytes: OwnedBytes,
    words: usize,
    count: u32,
}

impl Signs {
    /// Reads the file of the signs of `count` rows; what is wrong with it is told in words.
    pub(super) fn open(bytes: OwnedBytes, dimensions: usize, count: u32) -> Result<Self, String> {
        let words = dimensions.div_ceil(64);
        let expected = (count as usize).div_ceil(TOGETHER) * words * size_of::<Words>();
        if bytes.len() != expected {
            return Err("it does not fit the rows beside it".to_owned());
        }
        Ok(Self { bytes, words, count })
    }

    /// The `most` rows that share the most signs with the query, among those that `admits` lets
    /// through; of equal ones, the first.
    pub(super) fn shortlist(
        &self,
        query: &[i8],
        most: usize,
        admits: impl Fn(u32) -> bool,
    ) -> Vec<u32> {
        let query = planes(query);
        let mut shortlist = Shortlist::new(most);
        let (words, _) = self.bytes.as_chunks();
        let mut found = [[0; TOGETHER]; AT_ONCE];
        let pieces = words.chunks(AT_ONCE * self.words.max(1));
        for (first, piece) in (0_u32..).step_by(AT_ONCE * TOGETHER).zip(pieces) {
            let found = found.get_mut(..piece.len() / self.words.max(1)).unwrap_or_default();
            distances(piece, &query, found);
            shortlist.offer((first..self.count).zip(found.as_flattened()), &admits);
        }
        shortlist.finish()
    }
}

/// How far rows that stand together are from the query: in how many signs they differ from each
/// plane, a plane counting twice as much as the next. The loops are written so that the compiler can
/// use the widest instructions of each machine.
#[autoversion(v4x, v4, v3, neon, scalar)]
fn distances(words: &[Words], query: &[[u64; PLANES]], distances: &mut [[u32; TOGETHER]]) {
    for (rows, distances) in words.chunks_exact(query.len().max(1)).zip(distances) {
        let mut by_plane = [[0; TOGETHER]; PLANES];
        for (words, planes) in rows.iter().zip(query) {
            let (words, _) = words.as_chunks::<WORD>();
            for (sums, plane) in by_plane.iter_mut().zip(planes) {
                for (sum, word) in sums.iter_mut().zip(words) {
                    *sum += u64::from((u64::from_le_bytes(*word) ^ plane).count_ones());
                }
            }
        }
        let mut all = [0; TOGETHER];
        for sums in by_plane {
            for (all, sum) in all.iter_mut().zip(sums) {
                *all = 2 * *all + sum;
            }
        }
        *distances = all.map(|distance| distance as u32);
    }
}

/// A question by the highest bits of its numbers, for it need not be as coarse as the rows: each bit is a
/// sign that counts twice as much as the next.
fn planes(numbers: &[i8]) -> Vec<[u64; PLANES]> {
    let mut planes = vec![[0; PLANES]; numbers.len().div_ceil(64)];
    for (words, numbers) in planes.iter_mut().zip(numbers.chunks(64)) {
        for (place, number) in numbers.iter().enumerate() {
            let positive = number.cast_unsigned() ^ 0x80;
            for (plane, word) in words.iter_mut().enumerate() {
                *word |= u64::from(positive >> (7 - plane) & 1) << place;
            }
        }
    }
    planes
}

/// The signs of a vector, 64 to a number.
fn signs(numbers: &[i8]) -> Vec<u64> {
    let word = |numbers: &[i8]| {
        let bits = (0..).zip(numbers).map(|(place, number)| u64::from(*number > 0) << place);
        bits.fold(0, |word, bit| word | bit)
    };
    numbers.chunks(64).map(word).collect()
}

/// Rows that stand together as they stand in the file; there may be fewer than eight.
pub(super) fn together(rows: &[Vec<i8>]) -> Vec<u8> {
    let rows: Vec<Vec<u64>> = rows.iter().map(|row| signs(row)).collect();
    let words = rows.first().map_or(0, Vec::len);
    let word = |row: usize, at: usize| rows.get(row).and_then(|row| row.get(at)).copied();
    let all = (0..words).flat_map(|at| (0..TOGETHER).map(move |row| word(row, at)));
    all.flat_map(|word| word.unwrap_or_default().to_le_bytes()).collect()
}

/// The best of what was offered so far, cut to size whenever twice as much has gathered.
struct Shortlist {
    most: usize,
    /// A row is not worth offering from this distance on.
    limit: u32,
    kept: Vec<(u32, u32)>,
}

impl Shortlist {
    fn new(most: usize) -> Self {
        Self { most: most.max(1), limit: u32::MAX, kept: Vec::new() }
    }

    fn offer<'a>(
        &mut self,
        rows: impl Iterator<Item = (u32, &'a u32)>,
        admits: impl Fn(u32) -> bool,
    ) {
        for (row, distance) in rows {
            if *distance < self.limit && admits(row) {
                self.kept.push((*distance, row));
                if self.kept.len() >= 2 * self.most {
                    self.cut();
                }
            }
        }
    }

    fn cut(&mut self) {
        if self.kept.len() > self.most {
            let (_, last, _) = self.kept.select_nth_unstable(self.most - 1);
            self.limit = last.0;
            self.kept.truncate(self.most);
        }
    }

    fn finish(mut self) -> Vec<u32> {
        self.cut();
        let mut rows: Vec<u32> = self.kept.into_iter().map(|(_, row)| row).collect();
        rows.sort_unstable();
        rows
    }
}
