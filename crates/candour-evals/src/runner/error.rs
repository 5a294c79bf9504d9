//! Why a run cannot go on, and what to do about it.

use std::io;

use crate::inspect_log::LogError;
use crate::suite::SuiteError;

/// Why a run cannot go on. What was recorded stays, and the same command goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// The suite is not what it was.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// The system refuses to write.
    #[error(
        "the run cannot be written to {path} ({error}): make room, and give the same command again to go on"
    )]
    Unwritable {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// The system refuses to read.
    #[error("the run cannot be read from {path} ({error}): check the name")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// There is no room to sort the places of so many records.
    #[error(
        "the places of what is recorded cannot be sorted in {path} ({error}): make room there, or set TMPDIR to a folder that can be written to"
    )]
    Scratch {
        /// The folder.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// Another process has the run open.
    #[error("another process is busy with the run in {path}: wait for it, or name another folder")]
    InUse {
        /// The folder.
        path: String,
    },
    /// The folder holds a run of something else.
    #[error("{path} holds another run ({difference}): name another folder")]
    OtherRun {
        /// The folder.
        path: String,
        /// What is different about it.
        difference: String,
    },
    /// The file is something else.
    #[error("{path} is not the journal of a run: name another folder")]
    NotARun {
        /// The file.
        path: String,
    },
    /// The journal is one of a later program.
    #[error(
        "{path} is a journal of the format {format}, which this version of Candour cannot read: use a newer Candour"
    )]
    OtherFormat {
        /// The file.
        path: String,
        /// Its format.
        format: String,
    },
    /// A line cannot be read.
    #[error(
        "{path} is damaged at line {line} ({why}): take the line away to ask its question again"
    )]
    Damaged {
        /// The file.
        path: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// There is nothing to merge.
    #[error("there is nothing to merge: name the folders of runs")]
    NoParts,
    /// A merged run is to go where there is one.
    #[error("{path} holds a run already: name a new folder")]
    NotEmpty {
        /// The folder.
        path: String,
    },
    /// Two parts have an answer to one question.
    #[error("{id}, epoch {epoch}, is in {path} and in a part before it: leave one of them out")]
    Twice {
        /// The later folder.
        path: String,
        /// The sample.
        id: String,
        /// The epoch.
        epoch: u32,
    },
    /// There is no room for the log for Inspect.
    #[error(
        "what was answered is recorded, and its log cannot be written to {path} ({error}): make room, and give the same command again, which asks nothing twice"
    )]
    NoLog {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// The log for Inspect cannot be written otherwise.
    #[error(transparent)]
    Log(LogError),
    /// A task of ours broke.
    #[error("the run broke off ({0}): this is a fault in candour, please report it")]
    Broken(String),
}

impl From<LogError> for RunnerError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Unwritable { path, error } => Self::NoLog { path, error },
            error => Self::Log(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_for_which_there_is_no_room_loses_nothing() {
        let path = "r/log.eval.part".to_owned();
        let full =
            LogError::Unwritable { path: path.clone(), error: io::ErrorKind::StorageFull.into() };
        insta::assert_snapshot!(RunnerError::from(full), @"what was answered is recorded, and its log cannot be written to r/log.eval.part (no storage space): make room, and give the same command again, which asks nothing twice");
        let taken = RunnerError::from(LogError::Exists { path });
        insta::assert_snapshot!(taken, @"r/log.eval.part is there already, and is left as it is: name another file");
    }
}
