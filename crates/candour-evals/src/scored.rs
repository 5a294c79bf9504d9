//! The scores of a run, read from an Inspect log whoever wrote it, and how sure their means are.
//!
//! Repeats of a question are made one by their mean before anything else is computed, for they are not
//! independent. A sample that failed has the scores that its log gives it: a run of ours counts what was due
//! as 0. Where there are none it is left out and counted, or counts as the worst there is where that is asked for. A score that
//! failures alone have is none.

mod better;
mod graded;
mod question;
mod rate;
mod reader;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub use self::better::Better;
pub use self::question::{Question, Scores};
pub use self::rate::Rate;
pub use self::reader::Reader;
pub(crate) use self::reader::{named, number};
use crate::inspect_log::{self, Header, LogError, SampleId};

/// How a log is read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The key of the samples' metadata that names their clusters. Where it is not given, `cluster` is
    /// used if the samples have it; where it is `id` every question stands alone.
    pub cluster: Option<String>,
    /// Whether a sample that failed counts in every score whose worst value is known as that, 0 or, where lower
    /// is better, 1, rather than in none but those that the log gives it.
    pub failures_count: bool,
    /// Whether what a model judged is given as it is, without people's labels.
    pub uncorrected: bool,
    /// Which end of a score is better, where somebody says so.
    pub better: BTreeMap<String, Better>,
}

/// The scores of a run.
#[derive(Debug, Clone)]
pub struct Scored {
    /// What the log says of itself.
    pub header: Header,
    /// The questions by name.
    pub questions: BTreeMap<SampleId, Question>,
    /// Samples that failed.
    pub failed: usize,
    /// Of these, how many count in each score as the worst there is.
    pub failed_as_worst: BTreeMap<String, usize>,
    /// Samples that a limit ended.
    pub limited: usize,
    /// All samples: each question as often as it was asked.
    pub samples: usize,
    /// Scores that are no numbers, by their names.
    pub not_numbers: BTreeMap<String, usize>,
    /// Scores that samples have only where they failed, and that are not given: a target that cannot be
    /// measured so would have a rate of its failures alone.
    pub of_failures: BTreeSet<String>,
    /// Of scores that a model judged, or may have, the hashes of what decided them.
    pub judged_by: BTreeMap<String, BTreeSet<String>>,
    /// Of the same, the questions on which the model failed.
    pub judge_failures: BTreeMap<String, BTreeSet<SampleId>>,
    /// Those of them that are not given, for a model judged them and nobody corrects that.
    pub withheld: BTreeSet<String>,
}

impl Scored {
    /// Reads a log.
    pub fn read(path: &Path, reading: &Reading) -> Result<Self, ScoredError> {
        let mut reader = Reader::new(reading);
        let header = inspect_log::read(path, &mut |sample| {
            reader.add(&sample);
        })?;
        reader.finish(header)
    }

    /// The names of all scores that are given.
    pub fn names(&self) -> BTreeSet<&str> {
        self.all_names().into_iter().filter(|name| !self.withheld.contains(*name)).collect()
    }

    /// The names of all scores, whoever decided them.
    pub(crate) fn all_names(&self) -> BTreeSet<&str> {
        self.questions.values().flat_map(|question| question.scores.names()).collect()
    }
}

/// Why the scores of a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ScoredError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A sample belongs nowhere.
    #[error(
        "sample {id:?} has no {key:?} in its metadata: a cluster is never missing, so name it for every sample of the dataset, or give another --cluster, or --cluster id where every question stands alone"
    )]
    NoCluster {
        /// The sample.
        id: String,
        /// What it lacks.
        key: String,
    },
}
