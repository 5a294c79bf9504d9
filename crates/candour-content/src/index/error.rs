//! Why a snapshot could not be built or opened, in words that say what to do next.

use std::io::{self, ErrorKind};
use std::path::Path;

use tantivy::TantivyError;
use tantivy::directory::error::{OpenReadError, OpenWriteError};

/// Why a snapshot could not be built or opened.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A file is not what the manifest says.
    #[error(
        "the snapshot {snapshot} is damaged: {file} has hash {found}, its manifest says {expected}; run `candour ingest` to build it again"
    )]
    Damaged {
        /// The snapshot.
        snapshot: String,
        /// The file.
        file: String,
        /// The hash in the manifest.
        expected: String,
        /// The hash of the file as it is.
        found: String,
    },
    /// It was built with another embedder.
    #[error(
        "the snapshot was built with the embedder {found}, but {expected} is configured; run `candour ingest` to build it again"
    )]
    Embedder {
        /// The embedder in the manifest.
        found: String,
        /// The embedder that is configured.
        expected: String,
    },
    /// The vectors of a page are not one for each passage, or not of the embedder's dimensions.
    #[error(
        "the vectors of the page {page} do not fit its passages or the embedder; run `candour ingest` with a fresh state directory"
    )]
    Vectors {
        /// The page.
        page: String,
    },
    /// The disk is full.
    #[error(
        "the disk is full: free some space and run `candour ingest` again; the old snapshot still serves"
    )]
    DiskFull,
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// The word index failed.
    #[error("the word index failed: {0}")]
    Words(String),
}

impl IndexError {
    /// What went wrong with the file at `path`.
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        if is_full(&error) {
            return Self::DiskFull;
        }
        Self::Io { path: path.display().to_string(), error }
    }

    /// What went wrong in the word index.
    pub(crate) fn words(error: &TantivyError) -> Self {
        let cause = match error {
            TantivyError::IoError(error)
            | TantivyError::OpenReadError(OpenReadError::IoError { io_error: error, .. })
            | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error: error, .. }) => {
                Some(error)
            }
            _ => None,
        };
        if cause.is_some_and(|error| is_full(error)) {
            return Self::DiskFull;
        }
        Self::Words(error.to_string())
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_full_disk_is_told_as_such() {
        let full = || io::Error::from(ErrorKind::StorageFull);
        let by_tantivy = TantivyError::IoError(Arc::new(full()));
        for error in [IndexError::io(Path::new("f"), full()), IndexError::words(&by_tantivy)] {
            assert!(matches!(error, IndexError::DiskFull), "{error}");
        }
        let other = IndexError::io(Path::new("f"), ErrorKind::NotFound.into());
        insta::assert_snapshot!(other, @"f: entity not found");
    }
}
