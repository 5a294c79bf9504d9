//! Writing a piece of vectors: the rows as they come, then their signs if there are many.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::super::error::IndexError;
use super::{rows, rows_file, signs, signs_file};

/// From so many rows on, it pays to look at the signs first. Below, comparing all rows takes well
/// under a millisecond.
const MANY_ROWS: u64 = 20_000;

/// A piece that is being written.
pub struct VectorWriter {
    folder: PathBuf,
    number: usize,
    dimensions: usize,
    count: u64,
    rows: BufWriter<File>,
}

impl VectorWriter {
    /// Begins the piece of this number in a folder.
    pub fn create(folder: &Path, number: usize, dimensions: usize) -> Result<Self, IndexError> {
        let path = folder.join(rows_file(number));
        let file = File::create_new(&path).map_err(|error| IndexError::io(&path, error))?;
        let mut rows = BufWriter::new(file);
        // The header keeps its place until the count is known.
        rows.write_all(&rows::header(dimensions, 0))
            .map_err(|error| IndexError::io(&path, error))?;
        Ok(Self { folder: folder.to_owned(), number, dimensions, count: 0, rows })
    }

    /// How many numbers each row has to have.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Adds a row.
    pub fn add(&mut self, numbers: &[i8]) -> Result<(), IndexError> {
        self.rows.write_all(&rows::row(numbers)).map_err(|error| self.failed(error))?;
        self.count += 1;
        Ok(())
    }

    /// Writes what is left to write.
    pub fn finish(mut self) -> Result<(), IndexError> {
        let header = rows::header(self.dimensions, self.count);
        self.rows
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.rows.write_all(&header))
            .and_then(|()| self.rows.flush())
            .map_err(|error| self.failed(error))?;
        if self.count >= MANY_ROWS {
            self.write_signs().map_err(|error| self.failed(error))?;
        }
        Ok(())
    }

    fn write_signs(&self) -> io::Result<()> {
        let mut from = BufReader::new(File::open(self.folder.join(rows_file(self.number)))?);
        from.seek(SeekFrom::Start(rows::HEADER as u64))?;
        let to = File::create_new(self.folder.join(signs_file(self.number)))?;
        let mut to = BufWriter::new(to);
        let mut left = self.count;
        while left > 0 {
            let together = left.min(signs::TOGETHER as u64);
            let mut rows = Vec::with_capacity(signs::TOGETHER);
            for _ in 0..together {
                let mut row = vec![0; rows::row(&[]).len() + self.dimensions];
                from.read_exact(&mut row)?;
                rows.push(rows::numbers(&row).iter().map(|byte| byte.cast_signed()).collect());
            }
            to.write_all(&signs::together(&rows))?;
            left -= together;
        }
        to.flush()
    }

    fn failed(&self, error: io::Error) -> IndexError {
        IndexError::io(&self.folder.join(rows_file(self.number)), error)
    }
}

#[cfg(test)]
mod tests {
    use tantivy::directory::MmapDirectory;

    use super::super::{Vectors, quantise};
    use super::*;

    #[test]
    fn many_rows_have_signs_and_a_row_is_still_nearest_to_itself() {
        let folder = tempfile::tempdir().unwrap();
        let count = MANY_ROWS as u32 + 3;
        let row = |number: u32| -> Vec<i8> {
            let angle = number as f32 + 1.0;
            quantise(&(1..=70).map(|n| (angle * (n as f32).sqrt()).sin()).collect::<Vec<_>>())
        };
        for (number, first) in [(0, 0), (1, 10)] {
            let mut writer = VectorWriter::create(folder.path(), number, 70).unwrap();
            for place in first..if number == 0 { count } else { 20 } {
                writer.add(&row(place)).unwrap();
            }
            writer.finish().unwrap();
        }
        let has = |file: &str| folder.path().join(file).exists();
        assert!(has("vectors-0.signs") && !has("vectors-1.signs"));
        let directory = MmapDirectory::open(folder.path()).unwrap();
        let vectors = Vectors::open(&directory, (0..count + 10).collect()).unwrap();
        for place in [0, 8, 777, count - 1] {
            let found = vectors.nearest(&row(place), 1, &|_| true);
            assert_eq!(found[0].place, place);
            assert!(found[0].score > 0.999, "{}", found[0].score);
        }
        let found = vectors.nearest(&row(12), 2, &|_| true);
        assert_eq!(found.iter().map(|scored| scored.place).collect::<Vec<_>>(), [12, count + 2]);
    }
}
