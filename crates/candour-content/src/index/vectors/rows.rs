//! The rows of vectors: for each, the scale that gives it unit length and its small whole numbers.
//!
//! The file: `CNDRVEC2`, dimensions and count as little-endian 32 and 64 bit numbers, then the rows,
//! each a little-endian 32 bit float and one signed byte for each dimension.

use archmage::prelude::*;
use tantivy::directory::OwnedBytes;

pub(super) const HEADER: usize = 8 + 4 + 8;
const MAGIC: &[u8; 8] = b"CNDRVEC2";
const SCALE: usize = size_of::<f32>();
/// More would not fit the sums of products, and no embedder has so many.
const MOST_DIMENSIONS: usize = 1 << 16;

/// A vector to compare with rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query<'a> {
    /// Its numbers.
    pub(super) numbers: &'a [i8],
    scale: f32,
}

impl<'a> Query<'a> {
    /// A vector that was made as the rows were.
    pub(super) fn new(numbers: &'a [i8]) -> Self {
        Self { numbers, scale: scale(numbers) }
    }

    /// Whether it has no direction.
    pub(super) fn is_silent(self) -> bool {
        self.scale == 0.0
    }
}

/// What the numbers of a vector are multiplied with to give it unit length; nothing for one that has
/// no length.
pub(super) fn scale(numbers: &[i8]) -> f32 {
    let squares: i32 = numbers.iter().map(|n| i32::from(*n) * i32::from(*n)).sum();
    if squares == 0 { 0.0 } else { 1.0 / (squares as f32).sqrt() }
}

/// The header of a file with so many rows.
pub(super) fn header(dimensions: usize, count: u64) -> Vec<u8> {
    [MAGIC.as_slice(), &(dimensions as u32).to_le_bytes(), &count.to_le_bytes()].concat()
}

/// One row as it stands in the file.
pub(super) fn row(numbers: &[i8]) -> Vec<u8> {
    let scale = scale(numbers).to_le_bytes();
    scale.into_iter().chain(numbers.iter().map(|number| number.cast_unsigned())).collect()
}

/// The numbers of a row as it stands in the file.
pub(super) fn numbers(row: &[u8]) -> &[u8] {
    row.get(SCALE..).unwrap_or_default()
}

/// The rows of one file, which stays where it is: only what is read is in memory.
pub(super) struct Rows {
    bytes: OwnedBytes,
    dimensions: usize,
}

impl Rows {
    /// Reads a file of rows; what is wrong with it is told in words.
    pub(super) fn open(mut bytes: OwnedBytes) -> Result<Self, String> {
        let header = bytes.get(..HEADER).ok_or("it is too short")?;
        let (magic, numbers) = header.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err("it is not a vector file of this version".to_owned());
        }
        let (dimensions, count) = numbers.split_at(4);
        let dimensions = u32::from_le_bytes(dimensions.try_into().unwrap_or_default()) as usize;
        let count = u64::from_le_bytes(count.try_into().unwrap_or_default());
        let length = (bytes.len() - HEADER) as u64;
        let is_whole = count.checked_mul((SCALE + dimensions) as u64) == Some(length);
        if !is_whole || count > u64::from(u32::MAX) || dimensions > MOST_DIMENSIONS {
            return Err("its length is not what its header says".to_owned());
        }
        bytes.advance(HEADER);
        Ok(Self { bytes, dimensions })
    }

    /// How many numbers each has.
    pub(super) fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// How many there are.
    pub(super) fn len(&self) -> u32 {
        (self.bytes.len() / (SCALE + self.dimensions)) as u32
    }

    /// The cosine of the query with one row; nothing for one that is not there.
    pub(super) fn cosine(&self, query: Query<'_>, row: u32) -> f32 {
        let length = SCALE + self.dimensions;
        let start = row as usize * length;
        let mut cosine = [0.0];
        cosines(
            query.numbers,
            query.scale,
            self.bytes.get(start..start + length).unwrap_or_default(),
            &mut cosine,
        );
        let [cosine] = cosine;
        cosine
    }

    /// One row at unit length; nothing for one that is not there.
    pub(super) fn unit_length(&self, row: u32) -> Vec<f32> {
        let length = SCALE + self.dimensions;
        let start = row as usize * length;
        let row = self.bytes.get(start..start + length).unwrap_or_default();
        let Some((scale, numbers)) = row.split_first_chunk() else { return Vec::new() };
        let scale = f32::from_le_bytes(*scale);
        numbers.iter().map(|byte| f32::from(byte.cast_signed()) * scale).collect()
    }

    /// The cosines of the query with all rows, in order.
    pub(super) fn cosines(&self, query: Query<'_>) -> Vec<f32> {
        let mut all = vec![0.0; self.len() as usize];
        cosines(query.numbers, query.scale, &self.bytes, &mut all);
        all
    }
}

/// The cosines of a query with as many rows as there is room for. The inner loop is written so that
/// the compiler can use the widest instructions of each machine: whole numbers, which may be added in
/// any order and come out the same everywhere.
#[autoversion(v4x, v4, v3, neon, scalar)]
fn cosines(query: &[i8], scale: f32, rows: &[u8], cosines: &mut [f32]) {
    for (row, cosine) in rows.chunks_exact(SCALE + query.len()).zip(cosines) {
        let Some((its_scale, row)) = row.split_first_chunk() else { continue };
        let mut dot = 0;
        for (a, b) in query.iter().zip(row) {
            dot += i32::from(*a) * i32::from(b.cast_signed());
        }
        *cosine = (dot as f32 * scale * f32::from_le_bytes(*its_scale)).clamp(-1.0, 1.0);
    }
}
