//! One ingest: every source read, every page kept or given a reason, one new snapshot.
//!
//! Reading is left to `source`, and what a snapshot is made of to `index`.

mod ledger;
mod lock;
mod prepare;
mod snapshot;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use candour_core::{Embedder, PageId, config};
use candour_store::{Database, OutcomeKind, RunId, StoreError};
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use self::ledger::{Batch, Ledger};
use self::prepare::Preparation;
use crate::index::IndexError;
use crate::source::{self, Known, ReadError, Reading, RetryPolicy, SourceSpec};

/// What an ingest works with.
pub struct Ingest<'a> {
    /// Where the state of pages is kept.
    pub database: &'a Database,
    /// The state directory: snapshots and the lock file are in it.
    pub state: &'a Path,
    /// What embeds passages.
    pub embedder: Arc<dyn Embedder>,
    /// How to reach the publisher.
    pub content: &'a config::Content,
}

/// What is told while an ingest goes on, for a progress bar.
pub trait Progress: Send + Sync {
    /// A source is being read; how many pages it has, where that is known.
    fn source(&self, source: &SourceSpec, pages: Option<u64>);
    /// A page is done.
    fn page(&self, page: &str, outcome: OutcomeKind);
    /// The snapshot of so many passages is being built.
    fn indexing(&self, passages: u64);
}

/// What an ingest did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Published items that were looked at.
    pub pages: u64,
    /// Pages that were split and embedded.
    pub indexed: u64,
    /// Pages that were the same as before.
    pub unchanged: u64,
    /// Pages left out on purpose, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Pages that could not be read, by reason.
    pub failed: BTreeMap<String, u64>,
    /// Pages that are no longer at their source.
    #[serde(default)]
    pub deleted: u64,
    /// Passages in the new snapshot.
    pub passages: u64,
    /// The new snapshot's hash.
    pub snapshot: String,
    /// How long it took.
    pub seconds: f64,
}

impl Ingest<'_> {
    /// Reads the sources and swaps in a new snapshot. Pages of other sources stay as they are,
    /// unless `only` says that these are all the sources there are.
    ///
    /// When it is interrupted, even by a kill, the next run of the same sources goes on from there.
    pub async fn run(
        &self,
        sources: &[SourceSpec],
        only: bool,
        progress: &dyn Progress,
    ) -> Result<Summary, IngestError> {
        self.run_patiently(sources, only, progress, &RetryPolicy::default()).await
    }

    async fn run_patiently(
        &self,
        sources: &[SourceSpec],
        only: bool,
        progress: &dyn Progress,
        policy: &RetryPolicy,
    ) -> Result<Summary, IngestError> {
        let began = Instant::now();
        let lock = Arc::new(lock::take(self.state)?);
        let names = distinct_names(sources);
        let run = self.database.begin_run(&names, Timestamp::now()).await?;
        let mut ledger = Ledger::new(self.database, run, progress);
        let reading = Sources {
            ingest: self,
            list: sources,
            policy,
            run,
            prepared_with: self.prepared_with(),
        };
        reading.read(&mut ledger).await?;
        if only {
            ledger.summary.deleted += self.database.keep_only_sources(&names).await?;
        }
        let mut built =
            snapshot::bring_up_to_date(self, &reading.prepared_with, progress, &lock).await?;
        if let snapshot::Outcome::Damaged(pages) = built {
            reading.repair(&mut ledger, pages).await?;
            built =
                snapshot::bring_up_to_date(self, &reading.prepared_with, progress, &lock).await?;
        }
        let statistics = match built {
            snapshot::Outcome::Serving(statistics) => statistics,
            snapshot::Outcome::Damaged(pages) => return Err(still_damaged(&pages)),
        };
        let mut summary = ledger.summary;
        summary.passages = statistics.passages;
        summary.snapshot = statistics.snapshot;
        summary.seconds = began.elapsed().as_secs_f64();
        // A summary is numbers and names, which always have a form in JSON.
        let text = serde_json::to_string(&summary).unwrap_or_default();
        self.database.finish_run(run, &text, Timestamp::now()).await?;
        Ok(summary)
    }

    /// The version of everything that decides what is made of a page.
    fn prepared_with(&self) -> String {
        let embedder = self.embedder.identity();
        format!(
            "{} {} {} {}/{}/{} {}",
            crate::extract::VERSION,
            crate::split::VERSION,
            crate::prepared::VERSION,
            embedder.name,
            embedder.dimensions,
            embedder.precision,
            self.content.site,
        )
    }
}

/// The sources of one run.
struct Sources<'a> {
    ingest: &'a Ingest<'a>,
    list: &'a [SourceSpec],
    policy: &'a RetryPolicy,
    run: RunId,
    prepared_with: String,
}

impl Sources<'_> {
    async fn read(&self, ledger: &mut Ledger<'_>) -> Result<(), IngestError> {
        let mut read = BTreeSet::new();
        for source in self.list {
            if read.insert(source.to_string()) {
                Box::pin(self.read_one(source, ledger)).await?;
            }
        }
        Ok(())
    }

    /// Forgets pages that cannot be read back, and makes them again from the sources.
    async fn repair(&self, ledger: &mut Ledger<'_>, pages: Vec<PageId>) -> Result<(), IngestError> {
        tracing::warn!(pages = pages.len(), "kept pages are damaged and are made again");
        self.ingest.database.forget_pages(&pages).await?;
        ledger.begin_repair(pages);
        self.read(ledger).await?;
        ledger.end_repair().await
    }

    async fn read_one(
        &self,
        source: &SourceSpec,
        ledger: &mut Ledger<'_>,
    ) -> Result<(), IngestError> {
        let name = source.to_string();
        let states = self.ingest.database.page_states(&name).await?;
        let known = Arc::new(Known::new(states, &self.prepared_with, self.run));
        let preparation = Arc::new(Preparation {
            embedder: Arc::clone(&self.ingest.embedder),
            site: self.ingest.content.site.clone(),
            source: name.clone(),
            prepared_with: self.prepared_with.clone(),
            run: self.run,
            known: Arc::clone(&known),
        });
        ledger.begin_source(source);
        // Few readings wait here, for each may hold a page of the largest size.
        let (sender, readings) = mpsc::channel(4);
        let reading = source::read(source, self.ingest.content, self.policy, &known, sender);
        let keeping = keep(source, preparation, readings, ledger);
        let (read, kept) = tokio::join!(Box::pin(reading), Box::pin(keeping));
        kept?;
        match read {
            Ok(()) => ledger.end_source(&name, &known).await,
            Err(ReadError::Stopped) => Err(IngestError::Interrupted),
            Err(ReadError::Unreadable(why)) => Err(IngestError::Source { source_spec: name, why }),
        }
    }
}

/// Prepares readings on all cores and keeps what comes of them, in the order of the source. While a part is
/// written, the next is prepared.
async fn keep(
    source: &SourceSpec,
    preparation: Arc<Preparation>,
    readings: mpsc::Receiver<Reading>,
    ledger: &mut Ledger<'_>,
) -> Result<(), IngestError> {
    let known = Arc::clone(&preparation.known);
    let readings =
        stream::unfold(readings, async |mut readings| Some((readings.recv().await?, readings)));
    let at_once = 4 * rayon::current_num_threads();
    let done = readings
        .map(|reading| prepare::prepare(reading, Arc::clone(&preparation)))
        .buffered(at_once);
    let (batches, due) = mpsc::channel(1);
    let writing = write(ledger.store(), due);
    let entering = async {
        // Whoever writes has failed where it takes no more, and says why: nothing else is prepared.
        {
            let mut done = std::pin::pin!(done.take_until(batches.closed()));
            while let Some(done) = done.next().await {
                ledger.enter(done?, source, &known);
                if ledger.is_due() {
                    let _ = batches.send(ledger.take_batch()).await;
                }
            }
        }
        let _ = batches.send(ledger.take_batch()).await;
        drop(batches);
        Ok::<_, IngestError>(())
    };
    let (entered, written) = tokio::join!(entering, writing);
    ledger.summary.deleted += written?;
    entered
}

/// Writes batches, one after another. Returns how many pages were forgotten.
async fn write(
    (database, run): (&Database, RunId),
    mut due: mpsc::Receiver<Batch>,
) -> Result<u64, IngestError> {
    let mut forgotten = 0;
    while let Some(batch) = due.recv().await {
        forgotten += batch.write(database, run).await?;
    }
    Ok(forgotten)
}

/// A page that was written a moment ago and cannot be read is a fault of the disk.
fn still_damaged(pages: &[PageId]) -> IngestError {
    let why = format!(
        "{} of them were damaged again as soon as they were written: check the disk",
        pages.len()
    );
    IngestError::Store(StoreError::Damaged { what: "page", why })
}

fn distinct_names(sources: &[SourceSpec]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in sources.iter().map(ToString::to_string) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Why an ingest stopped. The snapshot that was serving before still does.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// Another ingest holds the lock.
    #[error(
        "another ingest is running on this state directory: wait for it to end, or use another --state"
    )]
    Busy,
    /// The runtime was shut down under it.
    #[error("the ingest was interrupted: run it again and it goes on from there")]
    Interrupted,
    /// A source cannot be read at all.
    #[error("the source {source_spec} cannot be read: {why}")]
    Source {
        /// The source.
        source_spec: String,
        /// What is wrong with it.
        why: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The snapshot could not be built.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
}
