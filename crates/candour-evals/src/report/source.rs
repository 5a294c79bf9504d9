//! What reports are made from: a folder of ours, whether its run is complete or not, or an Inspect log,
//! whoever wrote it.

use std::path::{Path, PathBuf};

use super::ReportError;
use crate::evidence::{EvidenceError, Found};
use crate::inspect_log::{self, Header, Sample, Status};
use crate::runner::{self, JOURNAL, LOG, RunnerError};

/// A run that can be read.
#[derive(Debug, Clone)]
pub struct Source {
    /// The last part of the path that it was given by: the rest is of one machine, and reports are sent.
    pub name: String,
    /// What was left in its folder at its end, where anything was.
    pub found: Option<Found>,
    samples: Samples,
    /// The first of the runs that it is the figures of, where there are several.
    first: Option<PathBuf>,
}

/// The first run of a measurement of several: beside the suites that are asked there is a folder for each
/// condition, with a run for each suite.
pub fn run_below(folder: &Path) -> Option<PathBuf> {
    let below = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    let is_run = |path: &PathBuf| path.join(JOURNAL).is_file();
    let has_suites = folder.join("suites").is_dir();
    let conditions = has_suites.then(|| below(folder)).into_iter().flatten();
    conditions.flat_map(|condition| below(&condition)).find(is_run)
}

/// Whether a log says that its run did not come to its end.
fn has_stopped(log: &Path) -> bool {
    inspect_log::read_header(log).is_ok_and(|header| header.status != Status::Success)
}

/// Where the samples are.
#[derive(Debug, Clone)]
enum Samples {
    /// In a log.
    Log(PathBuf),
    /// In the journal of a run that is not complete, up to where it was written when the report began: it is
    /// read more than once, and may go on meanwhile.
    Journal(PathBuf, u64),
    /// Nowhere: there are figures alone.
    None,
}

impl Source {
    /// Finds out what a file or folder is.
    pub fn open(path: &Path) -> Result<Self, ReportError> {
        let shown = path.display().to_string();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_else(|| shown.clone());
        if !path.is_dir() {
            // Whether it is a log is found out when it is read.
            let samples = Samples::Log(path.to_owned());
            return Ok(Self { name, found: None, samples, first: None });
        }
        let found = match Found::at(path) {
            Ok(found) => Some(found),
            Err(EvidenceError::NoResult { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let (log, journal) = (path.join(LOG), path.join(JOURNAL));
        let is_at_its_end = match &found {
            Some(found) => found.outcome.is_at_its_end(),
            None => !has_stopped(&log),
        };
        // What a later program left in a folder may mean something else, its log too.
        if let Err(newer @ RunnerError::OtherFormat { .. }) = runner::header_of(path) {
            return Err(newer.into());
        }
        let samples = if is_at_its_end && log.is_file() {
            Samples::Log(log)
        } else if journal.is_file() {
            Samples::Journal(path.to_owned(), runner::written_so_far(path)?)
        } else if found.is_some() {
            Samples::None
        } else {
            return Err(match run_below(path) {
                Some(first) => {
                    ReportError::NotYet { path: shown, first: first.display().to_string() }
                }
                None => ReportError::NotARun { path: shown },
            });
        };
        let first = if matches!(samples, Samples::None) { run_below(path) } else { None };
        Ok(Self { name, found, samples, first })
    }

    /// The file with the samples, where there is one that does not change any more.
    pub(super) fn log(&self) -> Option<&Path> {
        match &self.samples {
            Samples::Log(path) => Some(path),
            _ => None,
        }
    }

    /// Refuses what has no samples, where two are to be compared question by question.
    pub(super) fn has_questions(&self) -> Result<(), ReportError> {
        let name = self.name.clone();
        match (&self.samples, &self.first) {
            (Samples::None, Some(first)) => {
                Err(ReportError::Several { name, first: first.display().to_string() })
            }
            (Samples::None, None) => Err(ReportError::Figures { name }),
            _ => Ok(()),
        }
    }

    /// Whether there are samples.
    pub(super) fn has_samples(&self) -> bool {
        !matches!(self.samples, Samples::None)
    }

    /// Whether the run stopped before its end.
    pub(super) fn is_unfinished(&self) -> bool {
        matches!(self.samples, Samples::Journal(..))
    }

    /// Gives every sample, then what is known of the run as a whole.
    pub(super) fn read(&self, each: &mut dyn FnMut(Sample)) -> Result<Header, ReportError> {
        match &self.samples {
            Samples::Log(path) => Ok(inspect_log::read(path, each)?),
            Samples::Journal(folder, end) => Ok(runner::read_unfinished(folder, *end, each)?),
            Samples::None => Ok(Header::started(inspect_log::Spec::default())),
        }
    }
}
