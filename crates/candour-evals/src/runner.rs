//! Asks all questions of a suite, many at a time, and keeps what comes of each.
//!
//! A run lives in a folder. Its journal gets a line before each request and after each answer, so that
//! a run that was killed goes on where it stopped: no question that was recorded is asked again, and
//! those that were on their way, of which nobody knows whether they were paid for, are known by name.
//! Samples are read as they are asked, and only numbers are kept of what was recorded, on disk where they
//! are many, so that memory does not grow with the suite. Nothing here knows what answers.

mod asking;
mod distribution;
mod earlier;
mod ending;
mod error;
mod feed;
mod journal;
mod judged;
mod judging;
mod labels;
mod latest;
mod log;
mod merge;
mod pace;
mod reach;
mod record;
mod shard;
mod summary;
mod tally;
#[cfg(test)]
mod tests;
mod writers;
mod written;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use candour_core::evidence::RESULT;
use candour_core::{Answerer, Endpoint};
use jiff::Timestamp;

pub use distribution::Distribution;
pub use earlier::set_aside;
pub use ending::{Ending, Limit};
pub use error::RunnerError;
pub use journal::Sync;
pub use judged::{JudgeSpent, JudgeSummary, JudgedMeasure, Judging, names_an_answer};
pub use labels::{Label, LabelRates};
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
use self::pace::Pace;
use self::written::{Contents, Written};
use crate::inspect_log;
use crate::suite::{Limits, Suite};

/// The name of the journal in the folder of a run.
pub const JOURNAL: &str = "journal.jsonl";
/// The name of the log that is written there when the run comes to rest, complete or not.
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

    fn endpoint(&self) -> Option<Endpoint> {
        match self {
            Self::Answerer(answerer) => answerer.endpoint(),
            Self::Recorded => None,
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
        let ended = log::completed_at(&self.folder);
        set_aside(&self.folder, &[LOG, RESULT])?;
        let mut tally = Tally::new(&header.scorers, header.epochs, &self.folder);
        let earlier = self.taken_up(&journal, &mut tally)?;
        let Contents { records, in_flight, used_seconds, parts: begun, again, retried } = earlier;
        let lost = (in_flight.len() + again.len() + retried.len()) as u64 + tally.given_up();
        tally.again = again;
        let (given_up, mut open) = match self.in_flight {
            InFlight::AskAgain => (Vec::new(), in_flight),
            InFlight::GiveUp => (in_flight, Vec::new()),
        };
        open.extend(retried);
        let done_before = tally.done();
        let feed = Feed::new(&self.suite, self.shard, records, self.retry_errors)?;
        let asking = Arc::new(Asking {
            suite: Arc::clone(&self.suite),
            limits: self.limits(),
            target: self.target.clone(),
            judge: self.judging.as_ref().map(|judging| judging.judge.clone()),
            given_up,
            in_flight: self.in_flight,
            open: Mutex::new(open.iter().map(|(id, at)| Key::of(id, *at)).collect()),
            lost,
            retry_errors: self.retry_errors,
            begun,
            journal,
            feed: Mutex::new(feed),
            tally: Mutex::new(tally),
            reach: Mutex::default(),
            pace: Pace::new(self.connections),
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
        let (summary, has_asked) = {
            let mut tally = asking.tally.lock().unwrap_or_else(PoisonError::into_inner);
            let has_asked = tally.done() > done_before;
            // What was not asked again yet may have been paid for once, and will be.
            let still = asking::lock(&asking.open);
            let is_open = |(id, at): &(String, u32)| still.contains(&Key::of(id, *at));
            let mut perhaps_twice = std::mem::take(&mut tally.again);
            perhaps_twice.extend(open.into_iter().filter(is_open));
            perhaps_twice.sort();
            let judging = self.judging.as_ref();
            let summary =
                Summary::new(&self.suite, header, &mut tally, ending, perhaps_twice, judging)?;
            (summary, has_asked)
        };
        // A run that is only looked at again, with other labels say, ended when it did.
        self.write_log(asking, summary.clone(), ended.filter(|_| !has_asked)).await?;
        Ok(summary)
    }

    /// Writes the log of a run that came to rest, for Inspect and whatever reads its logs.
    async fn write_log(
        &self,
        asking: Arc<Asking>,
        summary: Summary,
        ended: Option<String>,
    ) -> Result<(), RunnerError> {
        let (suite, folder) = (Arc::clone(&self.suite), self.folder.clone());
        let header = header_of(&self.folder)?;
        let now = || self.started_at.checked_add(asking.began.elapsed()).ok().map(log::time);
        let ended = ended.or_else(now).unwrap_or_default();
        let written = tokio::task::spawn_blocking(move || {
            log::write(&folder, &suite, &header, asking.journal.written(), &summary, ended)
        });
        written.await.map_err(|error| RunnerError::Broken(error.to_string()))?
    }

    /// When this run stops: a part of a suite has its part of what the whole may spend.
    fn limits(&self) -> Limits {
        let limits = self.suite.about.limits;
        self.shard.map_or(limits, |shard| shard.limits(limits))
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
            endpoint: self.target.endpoint(),
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
            } else if record.error.as_ref().is_some_and(|error| error.kind == record::IN_FLIGHT) {
                contents.retried.push((record.id, record.epoch));
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
