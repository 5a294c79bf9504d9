//! What an ingest has to write down: pages, outcomes and counts, gathered so that many go into the
//! store together.

use std::collections::{BTreeSet, HashSet};
use std::time::{Duration, Instant};

use candour_core::PageId;
use candour_store::{Database, KeptPage, Outcome, OutcomeKind, RunId, StoreError};

use super::prepare::Done;
use super::{IngestError, Progress, Summary};
use crate::source::{Known, Reading, Remark, SourceSpec};

/// So many outcomes, bytes of pages or so much time are written in one go.
pub(super) const OUTCOMES: usize = 200;
const BYTES: usize = 8 * 1024 * 1024;
const WAIT: Duration = Duration::from_secs(1);

/// What is gathered and what is counted.
pub(super) struct Ledger<'a> {
    /// The counts so far.
    pub(super) summary: Summary,
    database: &'a Database,
    run: RunId,
    progress: &'a dyn Progress,
    /// The pages that this run has met: the first source that has a page provides it.
    met: HashSet<PageId>,
    /// Pages of this source that could not be read this time and stay as they are.
    spared: Vec<PageId>,
    /// Pages of this source that are gone, by the word of the publisher.
    gone: HashSet<PageId>,
    is_complete: bool,
    repair: Option<BTreeSet<PageId>>,
    batch: Batch,
}

/// What is written in one go.
pub(super) struct Batch {
    began: Instant,
    bytes: usize,
    outcomes: Vec<Outcome>,
    pages: Vec<KeptPage>,
    same: Vec<PageId>,
    gone: Vec<PageId>,
    aliases: Vec<(PageId, String)>,
}

impl Batch {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            bytes: 0,
            outcomes: Vec::new(),
            pages: Vec::new(),
            same: Vec::new(),
            gone: Vec::new(),
            aliases: Vec::new(),
        }
    }

    /// Writes it, and returns how many pages were forgotten. Outcomes go first: when the process ends in
    /// between, a page that seems done but is not kept is simply done again.
    pub(super) async fn write(self, database: &Database, run: RunId) -> Result<u64, StoreError> {
        if !self.outcomes.is_empty() {
            database.record_outcomes(run, &self.outcomes).await?;
        }
        let mut forgotten = 0;
        if !self.gone.is_empty() {
            forgotten = database.forget_pages(&self.gone).await?;
        }
        for (from, to) in &self.aliases {
            database.keep_alias(from, to).await?;
        }
        if !self.pages.is_empty() {
            database.keep_pages(&self.pages).await?;
        }
        if !self.same.is_empty() {
            database.mark_pages_seen(&self.same, run).await?;
        }
        Ok(forgotten)
    }
}

impl<'a> Ledger<'a> {
    /// An empty ledger of a run.
    pub(super) fn new(database: &'a Database, run: RunId, progress: &'a dyn Progress) -> Self {
        Self {
            summary: Summary::default(),
            database,
            run,
            progress,
            met: HashSet::new(),
            spared: Vec::new(),
            gone: HashSet::new(),
            is_complete: true,
            repair: None,
            batch: Batch::new(),
        }
    }

    /// Begins with a source.
    pub(super) fn begin_source(&mut self, source: &SourceSpec) {
        self.spared.clear();
        self.gone.clear();
        self.is_complete = true;
        self.progress.source(source, None);
    }

    /// Enters what came of one reading.
    pub(super) fn enter(&mut self, done: Done, source: &SourceSpec, known: &Known) {
        match done {
            Done::Page { page, identity, same } => self.page(*page, identity, same),
            Done::Unchanged(id, identity) => self.unchanged(id, identity, known),
            Done::Redirect(paths) => {
                for (from, to) in paths {
                    if self.gone(from.clone(), "redirect", known) {
                        self.batch.aliases.push((from, to));
                    }
                }
            }
            Done::Told(Reading::Gone(id)) => {
                self.gone(id, "gone", known);
            }
            Done::Told(Reading::Skipped(remark)) => self.remark(OutcomeKind::Skipped, remark),
            Done::Told(Reading::Failed { page, remark }) => {
                self.spared.extend(page);
                self.remark(OutcomeKind::Failed, remark);
            }
            Done::Told(Reading::Expected(pages)) => self.progress.source(source, Some(pages)),
            Done::Told(Reading::Incomplete) => self.is_complete = false,
            // These were taken apart when they were prepared.
            Done::Told(Reading::Item(_) | Reading::Unchanged(_) | Reading::Moved { .. }) => {}
        }
    }

    /// Whether it is time to write.
    pub(super) fn is_due(&self) -> bool {
        let gathered = self.batch.outcomes.len() + self.batch.same.len();
        gathered >= OUTCOMES
            || self.batch.bytes >= BYTES
            || (gathered > 0 && self.batch.began.elapsed() >= WAIT)
    }

    /// What was gathered, to be written.
    pub(super) fn take_batch(&mut self) -> Batch {
        std::mem::replace(&mut self.batch, Batch::new())
    }

    /// Where batches are written, and for which run.
    pub(super) fn store(&self) -> (&'a Database, RunId) {
        (self.database, self.run)
    }

    /// Writes what was gathered.
    async fn flush(&mut self) -> Result<(), IngestError> {
        let batch = self.take_batch();
        self.summary.deleted += batch.write(self.database, self.run).await?;
        Ok(())
    }

    /// Ends with a source: forgets the pages that it no longer has, if all of it could be read.
    pub(super) async fn end_source(
        &mut self,
        name: &str,
        known: &Known,
    ) -> Result<(), IngestError> {
        if self.repair.is_some() {
            return Ok(());
        }
        let spared = std::mem::take(&mut self.spared);
        self.database.mark_pages_seen(&spared, self.run).await?;
        if !self.is_complete {
            tracing::warn!(
                source = name,
                "a part of the source could not be read, so no page of it is forgotten"
            );
            return Ok(());
        }
        let spared: HashSet<PageId> = spared.into_iter().collect();
        let is_missing =
            |id: &&PageId| [&self.met, &spared, &self.gone].iter().all(|set| !set.contains(*id));
        for id in known.ids().filter(is_missing) {
            self.batch.outcomes.push(outcome(
                OutcomeKind::Deleted,
                &id.0,
                Some("not_at_source"),
                None,
            ));
            self.progress.page(&id.0, OutcomeKind::Deleted);
        }
        self.flush().await?;
        self.summary.deleted += self.database.forget_unseen(name, self.run).await?;
        Ok(())
    }

    /// From here on only these pages count, which were kept but turned out to be damaged.
    pub(super) fn begin_repair(&mut self, pages: Vec<PageId>) {
        self.met.clear();
        self.repair = Some(pages.into_iter().collect());
    }

    /// Says which damaged pages could not be made again: their source is not among those of the run.
    pub(super) async fn end_repair(&mut self) -> Result<(), IngestError> {
        for id in self.repair.take().unwrap_or_default() {
            let detail =
                "what was kept of the page is damaged: run `candour ingest` with its source";
            let remark = Remark { item: id.0, reason: "damaged".into(), detail: detail.into() };
            self.remark(OutcomeKind::Failed, remark);
        }
        self.flush().await
    }

    fn page(&mut self, page: KeptPage, identity: String, same: bool) {
        let id = page.id.clone();
        if let Some(repair) = &mut self.repair {
            if !repair.remove(&id) {
                return;
            }
            // It was the same as before, until it turned out to be damaged.
            self.summary.unchanged = self.summary.unchanged.saturating_sub(1);
            self.summary.pages = self.summary.pages.saturating_sub(1);
        }
        if !self.met.insert(id.clone()) {
            return self.remark(OutcomeKind::Skipped, superseded(identity, &id));
        }
        self.batch.bytes += page.prepared.len();
        self.batch.pages.push(page);
        let kind = if same { OutcomeKind::Unchanged } else { OutcomeKind::Indexed };
        self.count(outcome(kind, &id.0, None, None));
    }

    fn unchanged(&mut self, id: PageId, identity: String, known: &Known) {
        if self.repair.is_some() {
            return;
        }
        if !self.met.insert(id.clone()) {
            return self.remark(OutcomeKind::Skipped, superseded(identity, &id));
        }
        if known.page(&id).is_some_and(|kept| kept.seen) {
            // This run dealt with it before it was interrupted, and its outcome stands.
            self.summary.pages += 1;
            self.summary.unchanged += 1;
            self.progress.page(&id.0, OutcomeKind::Unchanged);
            return;
        }
        self.count(outcome(OutcomeKind::Unchanged, &id.0, None, None));
        self.batch.same.push(id);
    }

    /// Forgets a page, unless a source that comes first has it.
    fn gone(&mut self, id: PageId, reason: &'static str, known: &Known) -> bool {
        if self.met.contains(&id) || self.repair.is_some() {
            return false;
        }
        let kind =
            if known.page(&id).is_some() { OutcomeKind::Deleted } else { OutcomeKind::Skipped };
        self.count(outcome(kind, &id.0, Some(reason), None));
        self.gone.insert(id.clone());
        self.batch.gone.push(id);
        true
    }

    fn remark(&mut self, kind: OutcomeKind, remark: Remark) {
        if self.repair.is_none() {
            let detail = Some(remark.detail).filter(|detail| !detail.is_empty());
            self.count(outcome(kind, &remark.item, Some(&remark.reason), detail));
        }
    }

    fn count(&mut self, outcome: Outcome) {
        let summary = &mut self.summary;
        let reason = outcome.reason.clone().unwrap_or_default();
        summary.pages += 1;
        match outcome.kind {
            OutcomeKind::Indexed => summary.indexed += 1,
            OutcomeKind::Unchanged => summary.unchanged += 1,
            OutcomeKind::Skipped => *summary.skipped.entry(reason).or_default() += 1,
            OutcomeKind::Failed => *summary.failed.entry(reason).or_default() += 1,
            // Those are counted when they are forgotten.
            OutcomeKind::Deleted => {}
        }
        self.progress.page(&outcome.page, outcome.kind);
        self.batch.outcomes.push(outcome);
    }
}

fn outcome(kind: OutcomeKind, page: &str, reason: Option<&str>, detail: Option<String>) -> Outcome {
    Outcome { page: page.to_owned(), kind, reason: reason.map(str::to_owned), detail }
}

fn superseded(identity: String, id: &PageId) -> Remark {
    let detail = format!("another record of {id} came first");
    Remark { item: identity, reason: "superseded".into(), detail }
}
