//! Asks all questions of a suite, many at a time, and keeps what comes of each.
//!
//! A run lives in a folder. Its journal gets a line before each request and after each answer, so that
//! a run that was killed goes on where it stopped: no question that was recorded is asked again, and
//! those that were on their way, of which nobody knows whether they were paid for, are known by name.
//! Samples are read as they are asked, and only numbers are kept of what was recorded, on disk where they
//! are many, so that memory does not grow with the suite. Nothing here knows what answers.

mod asking;
mod earlier;
mod feed;
mod journal;
mod judged;
mod judging;
mod latest;
mod log;
mod merge;
mod reach;
mod record;
mod shard;
mod summary;
mod tally;
#[cfg(test)]
mod tests;
mod writers;
mod written;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use candour_core::Answerer;
use candour_core::evidence::RESULT;
use jiff::Timestamp;

pub use earlier::set_aside;
pub use journal::Sync;
pub use judged::{JudgeSpent, JudgeSummary, JudgedMeasure, Judging};
pub use merge::merge;
pub use reach::{MOST_UNREACHED, Peer};
pub use record::{Failure, Header, Record};
pub(crate) use record::{Key, is_of_another_format};
pub use shard::Shard;
pub use summary::Summary;
pub use tally::Tally;
pub use writers::Writers;
pub use written::header_of;

use self::asking::Asking;
use self::feed::Feed;
use self::journal::Journal;
use self::written::{Contents, Written};
use crate::inspect_log::{self, LogError};
use crate::suite::{Suite, SuiteError};

/// The name of the journal in the folder of a run.
pub const JOURNAL: &str = "journal.jsonl";
/// The name of the log that is written there when all was asked.
pub const LOG: &str = "log.eval";

/// What is asked.
#[derive(Clone)]
pub enum Target {
    /// Something that answers.
    Answerer(Arc<dyn Answerer>),
    /// Nobody: the answers came with the suite.
    Recorded,
}

impl Target {
    fn identity(&self) -> String {
        match self {
            Self::Answerer(answerer) => answerer.identity(),
            Self::Recorded => "recorded".to_owned(),
        }
    }

    /// Whether somebody is asked now.
    fn is_live(&self) -> bool {
        matches!(self, Self::Answerer(answerer) if answerer.is_live())
    }
}

/// A run that is to be made, or to be gone on with.
#[derive(Clone)]
pub struct Run {
    /// What is asked, and how it is scored.
    pub suite: Arc<Suite>,
    /// What answers.
    pub target: Target,
    /// Who judges, where a scorer of the suite needs that.
    pub judging: Option<Judging>,
    /// Where the run is kept.
    pub folder: PathBuf,
    /// How many questions are on their way at a time.
    pub connections: usize,
    /// Which part of the suite, where it is not all of it.
    pub shard: Option<Shard>,
    /// How safe a line has to be.
    pub sync: Sync,
    /// Whether to ask again what had no answer in an earlier part of the run, or one without the model that
    /// was to write it, for that failed.
    pub retry_errors: bool,
    /// What to do with questions that were on their way when an earlier part of the run was killed.
    pub in_flight: InFlight,
    /// The time now.
    pub started_at: Timestamp,
}

/// What to do with a question that was sent, and of whose answer nothing is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InFlight {
    /// Ask it again. It may then be paid for twice.
    #[default]
    AskAgain,
    /// Count it as an error.
    GiveUp,
}

/// Hears how a run goes on.
pub trait Progress: Send + std::marker::Sync {
    /// Something was done.
    fn done(&self, tally: &Tally);
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything was asked.
    Complete,
    /// Whoever started it wants it to stop.
    Stopped,
    /// It reached a limit, named as in the suite.
    Limit(&'static str),
    /// Somebody could not be reached for [`MOST_UNREACHED`] questions in a row.
    Unreachable(Peer),
}

impl Run {
    /// Asks what has not been asked yet, until all is asked or something stops it; `stop` is set by
    /// whoever wants that. What is on its way then is waited for.
    pub async fn run(
        &self,
        stop: &Arc<AtomicBool>,
        progress: Arc<dyn Progress>,
    ) -> Result<Summary, RunnerError> {
        let journal = Journal::open(&self.folder, &self.header(), self.sync)?;
        self.run_into(journal, stop, progress).await
    }

    async fn run_into(
        &self,
        journal: Journal,
        stop: &Arc<AtomicBool>,
        progress: Arc<dyn Progress>,
    ) -> Result<Summary, RunnerError> {
        let header = self.header();
        set_aside(&self.folder, &[LOG, RESULT])?;
        let mut tally = Tally::new(&header.scorers, header.epochs, &self.folder);
        let earlier = self.taken_up(&journal, &mut tally)?;
        let Contents { records, in_flight, used_seconds, parts: begun } = earlier;
        let feed = Feed::new(&self.suite, self.shard, records, self.retry_errors)?;
        let asking = Arc::new(Asking {
            suite: Arc::clone(&self.suite),
            target: self.target.clone(),
            judge: self.judging.as_ref().map(|judging| judging.judge.clone()),
            given_up: match self.in_flight {
                InFlight::AskAgain => Vec::new(),
                InFlight::GiveUp => in_flight.clone(),
            },
            in_flight: self.in_flight,
            retry_errors: self.retry_errors,
            begun,
            journal,
            feed: Mutex::new(feed),
            tally: Mutex::new(tally),
            reach: Mutex::default(),
            stop: Arc::clone(stop),
            ending: Mutex::new(None),
            began: tokio::time::Instant::now(),
            used_before: Duration::try_from_secs_f64(used_seconds).unwrap_or_default(),
            progress,
        });
        asking.all(self.connections).await?;
        let ending = *asking.ending.lock().unwrap_or_else(PoisonError::into_inner);
        let ending = match ending {
            Some(limit) => limit,
            None if stop.load(Ordering::Relaxed) => Ending::Stopped,
            None => Ending::Complete,
        };
        let summary = {
            let mut tally = asking.tally.lock().unwrap_or_else(PoisonError::into_inner);
            let judging = self.judging.as_ref();
            Summary::new(&self.suite, header, &mut tally, ending, in_flight, judging)?
        };
        if summary.is_complete() {
            self.write_log(asking, summary.clone()).await?;
        }
        Ok(summary)
    }

    /// Writes the log of a run that is complete, for Inspect and whatever reads its logs.
    async fn write_log(&self, asking: Arc<Asking>, summary: Summary) -> Result<(), RunnerError> {
        let (suite, folder) = (Arc::clone(&self.suite), self.folder.clone());
        let header = header_of(&self.folder)?;
        let written = tokio::task::spawn_blocking(move || {
            log::write(&folder, &suite, &header, asking.journal.written(), &summary)
        });
        written.await.map_err(|error| RunnerError::Broken(error.to_string()))?
    }

    fn header(&self) -> Header {
        let about = &self.suite.about;
        Header {
            format: record::FORMAT.to_owned(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            suite: about.name.clone(),
            suite_hash: self.suite.hash.clone(),
            scorers: about.scorers.clone(),
            epochs: about.epochs,
            target: self.target.identity(),
            judge: self.judging.as_ref().map(|judging| judging.judge.identity.clone()),
            shard: self.shard,
            started_at: self.started_at,
        }
    }

    /// Takes up what an earlier part of the run has recorded and begun, and counts it. An answer on which the
    /// judge failed stands while it is judged again.
    fn taken_up(&self, journal: &Journal, tally: &mut Tally) -> Result<Contents, RunnerError> {
        let written = journal.written();
        let mut contents = written.contents()?;
        written.each_record(&mut contents.records, |record, place| {
            tally.spend_all(&record);
            if place.stands(self.retry_errors) {
                tally.add(&record);
                contents.parts.remove(&Key::of(&record.id, record.epoch));
            }
            Ok(())
        })?;
        for places in contents.parts.values() {
            let begun = judging::begun(written, places)?;
            begun.reply.iter().for_each(|reply| tally.spend(reply));
            begun.judgements.iter().for_each(|judgement| tally.spend_judgement(judgement));
        }
        Ok(contents)
    }
}

/// Gives the latest record of each question that the run in a folder has one of.
pub fn records(folder: &Path, mut record: impl FnMut(Record)) -> Result<(), RunnerError> {
    let written = Written::open(folder)?;
    written.each_record(&mut written.contents()?.records, |each, _| {
        record(each);
        Ok(())
    })
}

/// How far the journal in a folder is written by now, in bytes.
pub fn written_so_far(folder: &Path) -> Result<u64, RunnerError> {
    Written::open(folder)?.end()
}

/// For how many seconds the run in a folder was asked, its earlier parts included, where it has a limit on
/// them.
pub fn used_seconds(folder: &Path) -> Result<f64, RunnerError> {
    Ok(Written::open(folder)?.contents()?.used_seconds)
}

/// Gives what the run in a folder had recorded when its journal was `end` bytes long, whether it goes on or
/// not, as its log will have it but for what stands in the suite alone and what a judge's tokens cost. Of a
/// run that is complete there is the log itself.
pub fn read_unfinished(
    folder: &Path,
    end: u64,
    each: &mut dyn FnMut(inspect_log::Sample),
) -> Result<inspect_log::Header, RunnerError> {
    log::read_unfinished(&header_of(folder)?, &Written::open_to(folder, end)?, each)
}

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
    /// The log for Inspect cannot be written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A task of ours broke.
    #[error("the run broke off ({0}): this is a fault in candour, please report it")]
    Broken(String),
}
