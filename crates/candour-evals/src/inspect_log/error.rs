//! Why a log cannot be written or read.

use std::io;
use std::path::Path;

/// Why a log cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The system refuses to write.
    #[error(
        "the log {path} cannot be written ({error}): make room or name another place, and give the same command again"
    )]
    Unwritable {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// Another file has its name.
    #[error("{path} is there already, and is left as it is: name another file")]
    Exists {
        /// The file.
        path: String,
    },
    /// The system refuses to read.
    #[error("the log {path} cannot be read ({error}): check the name")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// The file is something else.
    #[error("{path} is not an Inspect log: give an .eval archive or a .json log")]
    NotALog {
        /// The file.
        path: String,
    },
    /// The schema is one that was made later.
    #[error(
        "the log {path} has schema version {version}, and this program reads versions up to 2: use a newer Candour"
    )]
    TooNew {
        /// The file.
        path: String,
        /// Its version, as it is written.
        version: String,
    },
    /// The schema has no version that any schema has.
    #[error(
        "the log {path} has the schema version {version}, which is none: Inspect writes a whole number from 1 up. Have the log written anew by the tool that wrote it"
    )]
    NoVersion {
        /// The file.
        path: String,
        /// The version, as it is written.
        version: String,
    },
    /// A part of the log is not what it should be.
    #[error("the log {path} is damaged in {part}: {why}")]
    Damaged {
        /// The file.
        path: String,
        /// Which part of it.
        part: String,
        /// What is wrong with it.
        why: String,
    },
    /// The file is not as it was when it was written last.
    #[error(
        "the log {path} ends in the middle ({part}): `candour eval log --recover` makes a whole one of what is there"
    )]
    Truncated {
        /// The file.
        path: String,
        /// What is missing.
        part: &'static str,
    },
    /// The log would take more memory or time than any honest log.
    #[error(
        "the log {path} is refused ({why}): what comes from strangers is read within limits only"
    )]
    TooLarge {
        /// The file.
        path: String,
        /// Which limit it passes.
        why: String,
    },
    /// A log has a sample twice.
    #[error(
        "the log {path} has sample {id:?}, epoch {epoch}, more than once, and nobody knows which of them counts: take out all but one, or give each an id or an epoch of its own"
    )]
    Repeated {
        /// The file.
        path: String,
        /// The sample.
        id: String,
        /// Its epoch.
        epoch: u64,
    },
    /// A sample is written twice.
    #[error("sample {id:?}, epoch {epoch}, is in the log already: samples need different names")]
    Duplicate {
        /// The sample.
        id: String,
        /// Its epoch.
        epoch: u64,
    },
    /// The name of a sample cannot be part of a file name.
    #[error("the sample id {id:?} cannot be used ({why}): rename the sample")]
    BadId {
        /// The name, or its beginning.
        id: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A sample cannot be written, for Inspect would refuse it.
    #[error("sample {id:?} cannot be written: {why}")]
    BadSample {
        /// The sample.
        id: String,
        /// What is wrong with it.
        why: String,
    },
}

impl LogError {
    pub(super) fn unwritable(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.display().to_string();
        move |error| match error.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists { path: path.clone() },
            _ => Self::Unwritable { path: path.clone(), error },
        }
    }

    pub(super) fn unreadable(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.display().to_string();
        move |error| Self::Unreadable { path: path.clone(), error }
    }

    pub(super) fn damaged(path: &Path, part: &str, why: impl Into<String>) -> Self {
        let (path, part) = (path.display().to_string(), part.to_owned());
        Self::Damaged { path, part, why: why.into() }
    }
}
