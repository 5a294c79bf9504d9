//! The vectors of a snapshot: one flat file of small whole numbers, scanned from end to end.
//!
//! An exact scan of a million rows takes tens of milliseconds, finds what is nearest without fail,
//! and applies any filter on the way; an approximate index would save little and lose all three.
//!
//! The file: `CNDRVEC1`, dimensions and count as little-endian 32 and 64 bit numbers, then the rows.

use std::io::{self, Write};

use super::best::{Best, Scored};

const MAGIC: &[u8; 8] = b"CNDRVEC1";
const HEADER: usize = 8 + 4 + 8;
/// A vector of unit length times 127 with itself gives this, but for rounding.
const UNIT: f32 = 127.0 * 127.0;

/// All vectors, in the order of the passages.
#[derive(Debug, Default)]
pub(crate) struct Vectors {
    rows: Vec<i8>,
    dimensions: usize,
}

impl Vectors {
    /// Reads a vector file; what is wrong with it is told in words.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let (header, rows) = bytes.split_at_checked(HEADER).ok_or("it is too short")?;
        let (magic, numbers) = header.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err("it is not a vector file of this version".to_owned());
        }
        let (dimensions, count) = numbers.split_at(4);
        let dimensions = u32::from_le_bytes(dimensions.try_into().unwrap_or_default()) as usize;
        let count = u64::from_le_bytes(count.try_into().unwrap_or_default());
        if (dimensions as u64).checked_mul(count) != Some(rows.len() as u64) {
            return Err("its length is not what its header says".to_owned());
        }
        Ok(Self { rows: rows.iter().map(|byte| byte.cast_signed()).collect(), dimensions })
    }

    /// The same vectors in the order in which `rows` names them, one for each passage.
    pub(crate) fn in_order(self, rows: impl ExactSizeIterator<Item = u32>) -> Result<Self, String> {
        if rows.len() != self.len() {
            return Err(format!("it has {} rows for {} passages", self.len(), rows.len()));
        }
        let order: Vec<u32> = rows.collect();
        if order.iter().copied().eq(0..order.len() as u32) {
            return Ok(self);
        }
        let mut ordered = Vec::with_capacity(self.rows.len());
        for row in order {
            let start = row as usize * self.dimensions;
            let row = self.rows.get(start..start + self.dimensions);
            ordered.extend_from_slice(row.ok_or("it lacks a row")?);
        }
        Ok(Self { rows: ordered, dimensions: self.dimensions })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len().checked_div(self.dimensions).unwrap_or(0)
    }

    /// The cosine of `query` with one passage.
    pub(crate) fn similarity(&self, query: &[i8], place: u32) -> f32 {
        let start = place as usize * self.dimensions;
        let row = self.rows.get(start..start + self.dimensions).unwrap_or_default();
        (dot(query, row) as f32 / UNIT).clamp(-1.0, 1.0)
    }

    /// The passages nearest to `query` among those that `admits` lets through, best first. Those
    /// that have nothing in common with it are left out.
    pub(crate) fn nearest(
        &self,
        query: &[i8],
        depth: usize,
        admits: &dyn Fn(u32) -> bool,
    ) -> Vec<Scored> {
        let mut best = Best::new(depth);
        let is_silent = query.iter().all(|number| *number == 0);
        if is_silent || query.len() != self.dimensions {
            return Vec::new();
        }
        for (place, row) in (0_u32..).zip(self.rows.chunks_exact(self.dimensions)) {
            let dot = dot(query, row) as f32;
            if dot > 0.0 && dot > best.threshold() && admits(place) {
                best.offer(dot, place);
            }
        }
        let mut nearest = best.into_sorted();
        for scored in &mut nearest {
            scored.score = (scored.score / UNIT).min(1.0);
        }
        nearest
    }
}

/// The dot product, written so that the compiler can use wide instructions: fixed pieces, whole
/// numbers, no early exit.
fn dot(a: &[i8], b: &[i8]) -> i32 {
    const LANES: usize = 32;
    let (a_pieces, b_pieces) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: i32 = product_sum(a_pieces.remainder(), b_pieces.remainder());
    a_pieces.zip(b_pieces).map(|(a, b)| product_sum(a, b)).sum::<i32>() + rest
}

fn product_sum(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(a, b)| i32::from(i16::from(*a) * i16::from(*b))).sum()
}

/// Writes the header of a vector file. It is written twice: first with a count of 0, to keep its
/// place, then with the true count.
pub(crate) fn write_header(to: &mut impl Write, dimensions: usize, count: u64) -> io::Result<()> {
    to.write_all(MAGIC)?;
    to.write_all(&(dimensions as u32).to_le_bytes())?;
    to.write_all(&count.to_le_bytes())
}

/// Writes one row.
pub(crate) fn write_row(to: &mut impl Write, row: &[i8]) -> io::Result<()> {
    let bytes: Vec<u8> = row.iter().map(|number| number.cast_unsigned()).collect();
    to.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::quantise;
    use super::*;

    fn file(dimensions: usize, rows: &[Vec<i8>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_header(&mut bytes, dimensions, rows.len() as u64).unwrap();
        for row in rows {
            write_row(&mut bytes, row).unwrap();
        }
        bytes
    }

    #[test]
    fn damaged_files_are_told_and_never_read_past_their_end() {
        let whole = file(3, &[vec![1, 2, 3], vec![-1, 0, 127]]);
        assert_eq!(Vectors::from_bytes(&whole).unwrap().len(), 2);
        for (damaged, expected) in [
            (whole[..5].to_vec(), "it is too short"),
            (whole[..whole.len() - 1].to_vec(), "its length is not what its header says"),
            (vec![255; 40], "it is not a vector file of this version"),
            (
                [&whole[..8], &[255; 12], &whole[20..]].concat(),
                "its length is not what its header says",
            ),
        ] {
            assert_eq!(Vectors::from_bytes(&damaged).unwrap_err(), expected);
        }
        let empty = Vectors::from_bytes(&file(0, &[])).unwrap();
        assert_eq!((empty.len(), empty.nearest(&[], 5, &|_| true)), (0, vec![]));
    }

    #[test]
    fn filters_are_applied_before_the_depth() {
        let rows: Vec<Vec<i8>> = (1..=100).map(|n| vec![n, 0]).collect();
        let vectors = Vectors::from_bytes(&file(2, &rows)).unwrap();
        let found = vectors.nearest(&[127, 0], 2, &|place| place < 10);
        assert_eq!(found.iter().map(|scored| scored.place).collect::<Vec<_>>(), [9, 8]);
    }

    proptest! {
        #[test]
        fn the_scan_agrees_with_plain_arithmetic(
            rows in prop::collection::vec(prop::collection::vec(-127_i8..=127, 70), 1..20),
            query in prop::collection::vec(-127_i8..=127, 70),
        ) {
            let vectors = Vectors::from_bytes(&file(70, &rows)).unwrap();
            let plain = |row: &[i8]| -> i32 {
                row.iter().zip(&query).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
            };
            for (place, row) in rows.iter().enumerate() {
                prop_assert_eq!(dot(&query, row), plain(row));
                let similarity = vectors.similarity(&query, place as u32);
                prop_assert!((-1.0..=1.0).contains(&similarity));
            }
            let best = rows.iter().map(|row| plain(row)).max().unwrap_or(0);
            let found = vectors.nearest(&query, 1, &|_| true);
            prop_assert_eq!(found.first().map(|s| plain(&rows[s.place as usize])), (best > 0).then_some(best));
        }

        #[test]
        fn quantising_keeps_cosines(numbers in prop::collection::vec(-1.0_f32..1.0, 64)) {
            let length = numbers.iter().map(|n| n * n).sum::<f32>().sqrt();
            prop_assume!(length > 0.1);
            let unit: Vec<f32> = numbers.iter().map(|n| n / length).collect();
            let small = quantise(&unit);
            let cosine = dot(&small, &small) as f32 / UNIT;
            prop_assert!((cosine - 1.0).abs() < 0.05, "{}", cosine);
            for (small, number) in small.iter().zip(&unit) {
                prop_assert!((f32::from(*small) / 127.0 - number).abs() <= 0.5 / 127.0 + 1e-6);
            }
        }
    }
}
