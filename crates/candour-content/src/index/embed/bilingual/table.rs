//! The table of the bilingual embedder as a file: a header, the keys of the words in order, one scale
//! a row, and the rows, of words first and then of pieces. All numbers are little-endian.
//!
//! A number of a row is an integer from -7 to 7 in four bits, which costs next to no quality against
//! eight and leaves room for twice the words. A byte holds a number of the first half of the row in
//! its low bits, and that of the second half in its high ones.

use archmage::prelude::*;
use sha2::{Digest as _, Sha256};

const MAGIC: [u8; 8] = *b"CNDRBAG1";
/// The largest number of a row, and what is added so that none is negative.
const LARGEST: f32 = 7.0;
const BIAS: i8 = 8;
/// How much of the hash is kept, in bytes.
const FINGERPRINT: usize = 8;
const HEADER: usize = MAGIC.len() + 3 * size_of::<u32>() + FINGERPRINT;

/// Rows of small integers, found by the key of a word or the place of a piece.
#[derive(Debug, Default)]
pub struct Table<'a> {
    /// How many numbers make a row.
    pub dimensions: usize,
    /// How many rows are for pieces of words.
    pub pieces: usize,
    /// The beginning of the SHA-256 of all that follows the header, in hexadecimal.
    pub fingerprint: String,
    keys: Vec<u32>,
    /// Where the keys with each upper half begin, so that finding one touches few of them.
    begins: Vec<u32>,
    scales: Vec<f32>,
    rows: &'a [u8],
}

/// A row, and what its numbers are to be multiplied with.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    scale: f32,
    numbers: &'a [u8],
}

impl<'a> Table<'a> {
    /// Reads what [`to_bytes`] wrote; `None` where it is cut, damaged or of another version.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (header, body) = bytes.split_at_checked(HEADER)?;
        let (magic, header) = header.split_first_chunk::<8>()?;
        let (dimensions, header) = number(header)?;
        let (words, header) = number(header)?;
        let (pieces, fingerprint) = number(header)?;
        let count = words.checked_add(pieces)?;
        let (keys, rest) = body.split_at_checked(words.checked_mul(4)?)?;
        let (scales, rows) = rest.split_at_checked(count.checked_mul(4)?)?;
        if *magic != MAGIC || rows.len() != count.checked_mul(dimensions / 2)? {
            return None;
        }
        let keys = keys.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes));
        let keys: Vec<u32> = keys.collect();
        let scales = scales.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
        let fingerprint = hexadecimal(fingerprint);
        let (begins, scales) = (begins(&keys), scales.collect());
        Some(Self { dimensions, pieces, fingerprint, keys, begins, scales, rows })
    }

    /// Where the row of the word with this key is, if it has one.
    pub fn word(&self, key: u32) -> Option<u32> {
        let half = (key >> 16) as usize;
        let (begin, end) = (*self.begins.get(half)?, *self.begins.get(half + 1)?);
        let keys = self.keys.get(begin as usize..end as usize)?;
        keys.iter().position(|other| *other == key).map(|at| begin + at as u32)
    }

    /// Where the row of the piece with this place is.
    pub fn piece(&self, place: u32) -> u32 {
        self.keys.len() as u32 + place
    }

    /// A row by where it is.
    pub fn row(&self, at: u32) -> Option<Row<'a>> {
        let bytes = self.dimensions / 2;
        let numbers = self.rows.get(at as usize * bytes..(at as usize + 1) * bytes)?;
        Some(Row { scale: *self.scales.get(at as usize)?, numbers })
    }
}

impl<'a> Row<'a> {
    /// Adds this row, `weight` times, to `sum`.
    pub fn add_to(self, sum: &mut [f32], weight: f32) {
        add(self.numbers, weight * self.scale, sum);
    }

    /// The whole numbers of this row, without what they are to be multiplied with.
    pub(crate) fn whole_numbers(self) -> impl Iterator<Item = i8> + 'a {
        let first = self.numbers.iter().map(|byte| (byte & 15).cast_signed() - BIAS);
        let second = self.numbers.iter().map(|byte| (byte >> 4).cast_signed() - BIAS);
        first.chain(second)
    }
}

/// Adds numbers of four bits, `weight` times, to `sum`. Each sum is of its own numbers and nothing is
/// fused, so that each machine can use its widest instructions and all come to the same.
#[autoversion(v4x, v4, v3, neon, scalar)]
fn add(numbers: &[u8], weight: f32, sum: &mut [f32]) {
    let (first, second) = sum.split_at_mut(numbers.len());
    for ((first, second), byte) in first.iter_mut().zip(second).zip(numbers) {
        *first += weight * f32::from((byte & 15).cast_signed() - BIAS);
        *second += weight * f32::from((byte >> 4).cast_signed() - BIAS);
    }
}

/// Writes a table: the rows of words in any order, each with the word's key, and those of pieces by
/// place.
pub fn to_bytes(
    dimensions: usize,
    mut words: Vec<(u32, Vec<f32>)>,
    pieces: &[Vec<f32>],
) -> Vec<u8> {
    words.sort_by_key(|(key, _)| *key);
    // Of two words with one key the first stays: the trainer gives the commoner one first.
    words.dedup_by_key(|(key, _)| *key);
    let rows = || words.iter().map(|(_, row)| row).chain(pieces);
    let mut body = Vec::new();
    body.extend(words.iter().flat_map(|(key, _)| key.to_le_bytes()));
    body.extend(rows().flat_map(|row| scale(row).to_le_bytes()));
    body.extend(rows().flat_map(|row| packed(row, scale(row))));
    let mut bytes = MAGIC.to_vec();
    for count in [dimensions, words.len(), pieces.len()] {
        bytes.extend((count as u32).to_le_bytes());
    }
    bytes.extend(fingerprint(&body));
    bytes.append(&mut body);
    bytes
}

/// The scale with which a row's numbers, rounded and cut, come nearest to what they were.
fn scale(row: &[f32]) -> f32 {
    let largest = row.iter().fold(0.0_f32, |largest, number| largest.max(number.abs()));
    if largest == 0.0 {
        return 1.0;
    }
    let error = |scale: f32| -> f32 {
        row.iter().map(|number| (number - rounded(*number, scale) * scale).powi(2)).sum()
    };
    let scales = (0..12).map(|cut| largest / LARGEST * (1.0 - 0.05 * cut as f32));
    scales.min_by(|a, b| error(*a).total_cmp(&error(*b))).unwrap_or(1.0)
}

fn rounded(number: f32, scale: f32) -> f32 {
    (number / scale).round().clamp(-LARGEST, LARGEST)
}

/// The bytes of a row, two numbers each.
fn packed(row: &[f32], scale: f32) -> Vec<u8> {
    let bits = |number: &f32| (rounded(*number, scale) as i8 + BIAS).cast_unsigned();
    let (first, second) = row.split_at(row.len() / 2);
    first.iter().zip(second).map(|(first, second)| bits(first) | bits(second) << 4).collect()
}

fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_le_bytes(*number) as usize, rest))
}

/// For each upper half of a key, how many keys come before those that begin with it.
fn begins(keys: &[u32]) -> Vec<u32> {
    let mut begins = vec![0; (1 << 16) + 1];
    for key in keys {
        if let Some(count) = begins.get_mut((key >> 16) as usize + 1) {
            *count += 1;
        }
    }
    let mut before = 0;
    for begin in &mut begins {
        before += *begin;
        *begin = before;
    }
    begins
}

fn fingerprint(body: &[u8]) -> [u8; FINGERPRINT] {
    let mut begin = [0; FINGERPRINT];
    begin.copy_from_slice(&Sha256::digest(body)[..FINGERPRINT]);
    begin
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(table: &Table<'_>, at: u32) -> Option<Vec<f32>> {
        let mut sum = vec![0.0; table.dimensions];
        table.row(at)?.add_to(&mut sum, 2.0);
        Some(sum)
    }

    #[test]
    fn rows_are_found_by_key_and_by_place() {
        let words = vec![(0xffff_ffff, vec![0.7, -0.7]), (7, vec![0.5, 0.0])];
        let bytes = to_bytes(2, words, &[vec![0.0, 0.0], vec![0.0, -1.4]]);
        let table = Table::read(&bytes).unwrap();
        assert_eq!((table.dimensions, table.pieces), (2, 2));
        assert_eq!(
            (table.word(7), table.word(0xffff_ffff), table.word(8)),
            (Some(0), Some(1), None)
        );
        assert_eq!(sum(&table, 0), Some(vec![1.0, 0.0]));
        assert_eq!(sum(&table, 1), Some(vec![1.4, -1.4]));
        assert_eq!(sum(&table, table.piece(0)), Some(vec![0.0, 0.0]));
        assert_eq!(sum(&table, table.piece(1)), Some(vec![0.0, -2.8]));
        assert_eq!(sum(&table, table.piece(2)), None);
    }

    proptest! {
        #[test]
        fn a_cut_table_and_any_other_bytes_are_refused(any in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..50) {
            let bytes = to_bytes(2, vec![(1, vec![1.0, 2.0])], &[vec![3.0, 4.0]]);
            prop_assert!(Table::read(&bytes[..cut % bytes.len()]).is_none());
            prop_assert!(Table::read(&any).is_none());
            prop_assert!(Table::read(&[&MAGIC[..], &any].concat()).is_none_or(|table| table.rows.len() <= any.len()));
        }
    }
}
