//! The vectors of a snapshot, scanned from end to end.
//!
//! A scan of a million rows takes milliseconds, applies any filter on the way, and has nothing to
//! build or to tune; an approximate index would save little and lose all three. Where there are many
//! rows, their signs say first which some thousand are worth comparing by their numbers: what
//! this misses of the best ten is measured by `cargo xtask bench scan`.
//!
//! Vectors are in pieces, each written once: a later snapshot may keep a piece and add another.

mod quantise;
mod rows;
mod signs;
mod write;

use std::path::Path;

use tantivy::Directory;
use tantivy::directory::OwnedBytes;

pub use self::quantise::quantise;
use self::rows::{Query, Rows};
use self::signs::Signs;
pub use self::write::VectorWriter;
use super::best::{Best, Scored};
use super::error::IndexError;

/// So many times the depth are compared by their numbers, and at least so many. On sentences of
/// real text, half as many lose nothing of the best ten, and 3 in 1,000 of the best hundred.
const WIDER: usize = 20;
const LEAST_COMPARED: usize = 2_000;

/// All vectors, by the places of the passages.
pub struct Vectors {
    pieces: Vec<Piece>,
    /// The row of the passage at each place, counted through all pieces, and the other way round.
    row_of: Vec<u32>,
    place_of: Vec<u32>,
}

/// Vectors that were written together.
struct Piece {
    /// How many rows come before it.
    first: u32,
    rows: Rows,
    /// Few rows go without.
    signs: Option<Signs>,
}

impl Piece {
    fn fits(&self, query: Query<'_>) -> bool {
        self.rows.dimensions() == query.numbers.len()
    }
}

/// The place of a row whose passage is no longer there, and the row of such a passage.
pub(super) const NOWHERE: u32 = u32::MAX;

impl Vectors {
    /// Opens the vectors of a snapshot, which stay on disk. `row_of` names the row of the passage at
    /// each place.
    pub fn open(folder: &dyn Directory, row_of: Vec<u32>) -> Result<Self, IndexError> {
        let mut pieces = Vec::new();
        let mut first = 0;
        while let Some(piece) = open_piece(folder, pieces.len(), first)? {
            let next = piece.rows.len().checked_add(first);
            first = next.ok_or_else(|| unusable(&rows_file(pieces.len()), "there are too many"))?;
            pieces.push(piece);
        }
        Self::of_pieces(pieces, row_of, first)
    }

    fn of_pieces(pieces: Vec<Piece>, row_of: Vec<u32>, rows: u32) -> Result<Self, IndexError> {
        let mut place_of = vec![NOWHERE; rows as usize];
        for (place, row) in (0..).zip(&row_of).filter(|(_, row)| **row != NOWHERE) {
            let known = place_of.get_mut(*row as usize);
            *known.ok_or_else(|| unusable(&rows_file(0), "a passage has no row"))? = place;
        }
        Ok(Self { pieces, row_of, place_of })
    }

    /// The cosine of `query` with one passage.
    pub fn similarity(&self, query: &[i8], place: u32) -> f32 {
        let Some((piece, row)) = self.row(place) else { return 0.0 };
        let query = Query::new(query);
        if piece.fits(query) { piece.rows.cosine(query, row) } else { 0.0 }
    }

    /// What passages have in common: their mean, as vectors are stored.
    pub fn mean(&self, places: &[u32]) -> Vec<i8> {
        let mut sum: Vec<f32> = Vec::new();
        for (piece, row) in places.iter().filter_map(|place| self.row(*place)) {
            let numbers = piece.rows.unit_length(row);
            sum.resize(numbers.len().max(sum.len()), 0.0);
            sum.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
        }
        quantise::scaled(&sum)
    }

    /// The row of a passage in the piece that holds it.
    fn row(&self, place: u32) -> Option<(&Piece, u32)> {
        let row = *self.row_of.get(place as usize).filter(|row| **row != NOWHERE)?;
        let piece = self.pieces.partition_point(|piece| piece.first <= row).checked_sub(1)?;
        let piece = self.pieces.get(piece)?;
        Some((piece, row - piece.first))
    }

    /// The passages nearest to `query` among those that `admits` lets through, best first. Those
    /// that have nothing in common with it are left out.
    pub fn nearest(&self, query: &[i8], depth: usize, admits: &dyn Fn(u32) -> bool) -> Vec<Scored> {
        let query = Query::new(query);
        let mut best = Best::new(depth);
        if query.is_silent() || depth == 0 {
            return Vec::new();
        }
        for piece in self.pieces.iter().filter(|piece| piece.fits(query)) {
            let places = self.place_of.get(piece.first as usize..).unwrap_or_default();
            let place = |row: u32| places.get(row as usize).copied().unwrap_or(NOWHERE);
            let admits = |row: u32| place(row) != NOWHERE && admits(place(row));
            let mut offer = |row: u32, cosine: f32| {
                // Rows are not in the order of places, so that an equal one may come first.
                if cosine > 0.0 && cosine >= best.threshold() && admits(row) {
                    best.offer(cosine, place(row));
                }
            };
            if let Some(signs) = &piece.signs {
                let most = depth.saturating_mul(WIDER).max(LEAST_COMPARED);
                for row in signs.shortlist(query.numbers, most, admits) {
                    offer(row, piece.rows.cosine(query, row));
                }
            } else {
                (0..).zip(piece.rows.cosines(query)).for_each(|(row, cosine)| offer(row, cosine));
            }
        }
        best.into_sorted()
    }
}

fn rows_file(number: usize) -> String {
    format!("vectors-{number}.i8")
}

fn signs_file(number: usize) -> String {
    format!("vectors-{number}.signs")
}

fn open_piece(
    folder: &dyn Directory,
    number: usize,
    first: u32,
) -> Result<Option<Piece>, IndexError> {
    let file = rows_file(number);
    let Some(bytes) = mapped(folder, &file)? else { return Ok(None) };
    let rows = Rows::open(bytes).map_err(|why| unusable(&file, &why))?;
    let file = signs_file(number);
    let signs = mapped(folder, &file)?
        .map(|bytes| Signs::open(bytes, rows.dimensions(), rows.len()))
        .transpose()
        .map_err(|why| unusable(&file, &why))?;
    Ok(Some(Piece { first, rows, signs }))
}

/// A file as a part of memory that the system fills when it is read; `None` where there is none.
fn mapped(folder: &dyn Directory, file: &str) -> Result<Option<OwnedBytes>, IndexError> {
    let path = Path::new(file);
    let failed = |error: &dyn std::error::Error| unusable(file, &error.to_string());
    if !folder.exists(path).map_err(|error| failed(&error))? {
        return Ok(None);
    }
    let slice = folder.open_read(path).map_err(|error| failed(&error))?;
    slice.read_bytes().map(Some).map_err(|error| failed(&error))
}

fn unusable(file: &str, why: &str) -> IndexError {
    IndexError::Words(format!("{file} cannot be used: {why}"))
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use proptest::prelude::*;
    use tantivy::directory::RamDirectory;

    use super::*;

    /// One piece for each list of rows, with signs or without; places are the rows backwards.
    fn vectors(pieces: &[(Vec<Vec<i8>>, bool)]) -> Vectors {
        let mut count = 0;
        let pieces = pieces.iter().map(|(rows, has_signs)| {
            let dimensions = rows.first().map_or(0, Vec::len);
            let mut file = rows::header(dimensions, rows.len() as u64);
            file.extend(rows.iter().flat_map(|row| rows::row(row)));
            let opened = Rows::open(OwnedBytes::new(file)).unwrap();
            let signs: Vec<u8> = rows.chunks(signs::TOGETHER).flat_map(signs::together).collect();
            let signs = has_signs
                .then(|| Signs::open(OwnedBytes::new(signs), dimensions, opened.len()).unwrap());
            let first = count;
            count += opened.len();
            Piece { first, rows: opened, signs }
        });
        let pieces = pieces.collect();
        Vectors::of_pieces(pieces, (0..count).rev().collect(), count).unwrap()
    }

    fn plain_cosine(a: &[i8], b: &[i8]) -> f64 {
        let dot = |a: &[i8], b: &[i8]| -> f64 {
            a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let lengths = (dot(a, a) * dot(b, b)).sqrt();
        if lengths > 0.0 { dot(a, b) / lengths } else { 0.0 }
    }

    fn rows(dimensions: usize) -> impl Strategy<Value = (Vec<Vec<i8>>, bool)> {
        let row = prop::collection::vec(-127_i8..=127, dimensions);
        (prop::collection::vec(row, 0..40), any::<bool>())
    }

    proptest! {
        #[test]
        fn few_rows_are_searched_without_fail(
            (pieces, query) in (1_usize..150).prop_flat_map(|dimensions| (
                prop::collection::vec(rows(dimensions), 0..4),
                prop::collection::vec(-127_i8..=127, dimensions),
            )),
            depth in 0_usize..50,
            divisor in 1_u32..4,
        ) {
            let all: Vec<Vec<i8>> = pieces.iter().flat_map(|(rows, _)| rows.clone()).collect();
            let vectors = vectors(&pieces);
            let admits = |place: u32| place.is_multiple_of(divisor);
            let found = vectors.nearest(&query, depth, &admits);
            let mut expected: Vec<Scored> = Vec::new();
            for (place, row) in (0..).zip(all.iter().rev()) {
                let score = vectors.similarity(&query, place);
                prop_assert!((f64::from(score) - plain_cosine(&query, row)).abs() < 1e-5);
                if score > 0.0 && admits(place) {
                    expected.push(Scored { score, place });
                }
            }
            expected.sort_by_key(|scored| Reverse(*scored));
            expected.truncate(depth);
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn rows_of_passages_that_are_gone_are_never_found() {
        let file = [rows::header(1, 3), rows::row(&[1]), rows::row(&[2]), rows::row(&[3])].concat();
        let rows = || Rows::open(OwnedBytes::new(file.clone())).unwrap();
        let piece = || Piece { first: 0, rows: rows(), signs: None };
        let vectors = Vectors::of_pieces(vec![piece()], vec![2, NOWHERE, 0], 3).unwrap();
        let found = vectors.nearest(&[9], 5, &|_| true);
        assert_eq!(found.iter().map(|scored| scored.place).collect::<Vec<_>>(), [0, 2]);
        assert!(vectors.similarity(&[9], 1).abs() < f32::EPSILON);
        assert!(Vectors::of_pieces(vec![piece()], vec![3], 3).is_err(), "there is no such row");
    }

    #[test]
    fn a_mean_is_near_to_all_that_it_is_of() {
        let vectors = vectors(&[(vec![vec![0, 9], vec![100, 0]], false)]);
        assert_eq!(vectors.mean(&[0, 1]), [127, 127], "each counts alike, whatever its length");
        assert_eq!(vectors.mean(&[0]), [127, 0]);
        assert!(vectors.mean(&[7]).is_empty(), "there is no such passage");
        assert!(vectors.similarity(&[], 0).abs() < f32::EPSILON);
    }

    #[test]
    fn a_question_without_direction_or_of_other_dimensions_finds_nothing() {
        for has_signs in [false, true] {
            let vectors = vectors(&[(vec![vec![1, 2], vec![3, 4]], has_signs)]);
            assert_eq!(vectors.nearest(&[0, 0], 5, &|_| true), []);
            assert_eq!(vectors.nearest(&[1, 2, 3], 5, &|_| true), []);
            assert!(vectors.similarity(&[1, 2, 3], 0).abs() < f32::EPSILON);
            assert!(vectors.similarity(&[1, 2], 9).abs() < f32::EPSILON);
        }
    }

    #[test]
    fn damaged_files_are_told_and_never_read_past_their_end() {
        let whole = [rows::header(3, 2), rows::row(&[1, 2, 3]), rows::row(&[-1, 0, 127])].concat();
        let signs = signs::together(&[vec![1, 2, 3], vec![-1, 0, 127]]);
        let opened = |rows: &[u8], signs: &[u8]| {
            let folder = RamDirectory::create();
            folder.atomic_write(Path::new("vectors-0.i8"), rows).unwrap();
            folder.atomic_write(Path::new("vectors-0.signs"), signs).unwrap();
            Vectors::open(&folder, vec![0, 1])
        };
        assert!(opened(&whole, &signs).is_ok());
        for (rows, signs, expected) in [
            (&whole[..5], &signs[..], "vectors-0.i8 cannot be used: it is too short"),
            (&whole[..whole.len() - 1], &signs, "its length is not what its header says"),
            (&[255; 40], &signs, "it is not a vector file of this version"),
            (&[&whole[..8], &[255; 12], &whole[20..]].concat(), &signs, "its length is not"),
            (&whole, &signs[1..], "vectors-0.signs cannot be used: it does not fit the rows"),
            (&[&rows::header(3, 0)[..]].concat(), &[], "a passage has no row"),
        ] {
            let error = opened(rows, signs).err().unwrap().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(Vectors::open(&RamDirectory::create(), vec![]).is_ok());
    }
}
