//! Rows of numbers in order, more of them than memory should hold: what does not fit lies in a file that
//! has no name and is gone with its owner.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// So many bytes of rows are held; what is sorted is written in pieces of this size.
const HELD: usize = 512 << 10;
/// So many bytes of each piece are held while all are merged.
const READ_AHEAD: usize = 4 << 10;

/// Collects rows of `N` numbers.
#[derive(Debug)]
pub(crate) struct Sorted<const N: usize> {
    rows: Vec<[u64; N]>,
    file: Option<File>,
    /// Where each piece of the file ends.
    ends: Vec<u64>,
    /// Why a piece could not be written. It is told when rows are asked for.
    failed: Option<io::ErrorKind>,
}

impl<const N: usize> Default for Sorted<N> {
    fn default() -> Self {
        Self { rows: Vec::new(), file: None, ends: Vec::new(), failed: None }
    }
}

impl<const N: usize> Sorted<N> {
    /// Adds a row. What does not fit goes to this folder.
    pub(crate) fn add(&mut self, folder: &Path, row: [u64; N]) {
        // There is no use in rows of which others are missing.
        if self.failed.is_some() {
            return;
        }
        self.rows.push(row);
        if size_of_val(self.rows.as_slice()) >= HELD
            && let Err(error) = self.spill(folder)
        {
            self.failed = Some(error.kind());
        }
    }

    /// Writes what is held, sorted, behind the pieces that are there.
    fn spill(&mut self, folder: &Path) -> io::Result<()> {
        self.rows.sort_unstable();
        let mut file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile_in(folder)?,
        };
        let start = self.ends.last().copied().unwrap_or_default();
        file.seek(SeekFrom::Start(start))?;
        let mut out = BufWriter::new(&mut file);
        for number in self.rows.iter().flatten() {
            out.write_all(&number.to_le_bytes())?;
        }
        out.flush()?;
        drop(out);
        self.ends.push(start + size_of_val(self.rows.as_slice()) as u64);
        self.file = Some(file);
        self.rows.clear();
        Ok(())
    }

    /// Whether there is no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.ends.is_empty()
    }

    /// Gives every row in order. It can be asked for again.
    pub(crate) fn each(&mut self, mut row: impl FnMut(&[u64; N])) -> io::Result<()> {
        let mut merge = self.begin()?;
        while let Some(least) = self.next(&mut merge)? {
            row(&least);
        }
        Ok(())
    }

    /// The rows in order, for whoever takes one now and then.
    pub(crate) fn into_rows(mut self) -> io::Result<Rows<N>> {
        let merge = self.begin()?;
        Ok(Rows { sorted: self, merge })
    }

    fn begin(&mut self) -> io::Result<Merge<N>> {
        if let Some(kind) = self.failed {
            return Err(kind.into());
        }
        self.rows.sort_unstable();
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let pieces = starts.zip(&self.ends).map(|(at, end)| Piece::new(at, *end)).collect();
        let mut merge = Merge { pieces, held: 0, first: BinaryHeap::new() };
        for at in 0..=self.ends.len() {
            self.take_from(at, &mut merge)?;
        }
        Ok(merge)
    }

    fn next(&self, merge: &mut Merge<N>) -> io::Result<Option<[u64; N]>> {
        let Some(Reverse((least, at))) = merge.first.pop() else { return Ok(None) };
        self.take_from(at, merge)?;
        Ok(Some(least))
    }

    /// Takes the first row that a piece has left; what is held is the last of the pieces.
    fn take_from(&self, at: usize, merge: &mut Merge<N>) -> io::Result<()> {
        let next = if let (Some(piece), Some(file)) = (merge.pieces.get_mut(at), &self.file) {
            piece.next(file)?
        } else {
            merge.held += 1;
            self.rows.get(merge.held - 1).copied()
        };
        merge.first.extend(next.map(|row| Reverse((row, at))));
        Ok(())
    }
}

/// Rows that are taken in order.
pub(crate) struct Rows<const N: usize> {
    sorted: Sorted<N>,
    merge: Merge<N>,
}

impl<const N: usize> Rows<N> {
    /// The next row; nothing at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<[u64; N]>> {
        self.sorted.next(&mut self.merge)
    }
}

/// How far the pieces are merged.
struct Merge<const N: usize> {
    pieces: Vec<Piece>,
    /// How many rows were taken of those that are held.
    held: usize,
    /// The first row that each piece has left.
    first: BinaryHeap<Reverse<([u64; N], usize)>>,
}

/// A sorted part of the file, read a little at a time.
struct Piece {
    at: u64,
    end: u64,
    bytes: Vec<u8>,
    /// How many of these bytes were given.
    given: usize,
}

impl Piece {
    fn new(at: u64, end: u64) -> Self {
        Self { at, end, bytes: Vec::new(), given: 0 }
    }

    fn next<const N: usize>(&mut self, mut file: &File) -> io::Result<Option<[u64; N]>> {
        if self.given == self.bytes.len() {
            let length = ((self.end - self.at) as usize).min(READ_AHEAD / (8 * N) * (8 * N));
            self.bytes.resize(length, 0);
            file.seek(SeekFrom::Start(self.at))?;
            file.read_exact(&mut self.bytes)?;
            (self.at, self.given) = (self.at + length as u64, 0);
        }
        let rest = self.bytes.get(self.given..).unwrap_or_default();
        let numbers = rest.as_chunks::<8>().0;
        let Some(numbers) = numbers.first_chunk::<N>() else { return Ok(None) };
        self.given += 8 * N;
        Ok(Some(numbers.map(u64::from_le_bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::SplitMix64;

    #[test]
    fn rows_come_in_order_however_many_there_are() {
        let folder = tempfile::tempdir().unwrap();
        for count in [0, 1, 5, 200_000] {
            let (mut random, mut sorted) = (SplitMix64(7), Sorted::<2>::default());
            let rows: Vec<[u64; 2]> =
                (0..count).map(|at| [(random.share() * 1000.0) as u64, at]).collect();
            for row in &rows {
                sorted.add(folder.path(), *row);
            }
            assert_eq!(sorted.file.is_some(), count > 100_000);
            assert!(sorted.rows.len() * 16 < HELD);
            let mut expected = rows;
            expected.sort_unstable();
            for _ in 0..2 {
                let mut found = Vec::new();
                sorted.each(|row| found.push(*row)).unwrap();
                assert!(found == expected, "{count}");
            }
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no file is seen");
    }

    #[test]
    fn a_folder_that_is_not_there_is_told_of() {
        let mut sorted = Sorted::<2>::default();
        let nowhere = Path::new("/nowhere at all");
        (0..100_000).for_each(|at| sorted.add(nowhere, [at, at]));
        assert_eq!(sorted.each(|_| {}).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    /// `/dev/full` takes no byte, as a disk without room.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_disk_that_is_full_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let full = File::options().read(true).write(true).open("/dev/full").unwrap();
        let mut sorted = Sorted::<2> { file: Some(full), ..Sorted::default() };
        (0..100_000).for_each(|at| sorted.add(folder.path(), [at, at]));
        assert_eq!(sorted.each(|_| {}).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(sorted.rows.len() * 16 <= HELD, "what can be written nowhere is not heaped up");
    }
}
