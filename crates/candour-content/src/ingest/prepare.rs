//! What comes of one reading: extracted, split and embedded away from the runtime's own threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use candour_core::{ContentHash, Embedder, PageId};
use candour_store::{KeptPage, PageState, RunId};
use tokio::sync::oneshot;

use super::IngestError;
use crate::extract::Extraction;
use crate::prepared::Prepared;
use crate::source::{Known, Reading, Record, Remark};
use crate::split::split;

/// What preparing pages of one source needs.
pub(super) struct Preparation {
    pub(super) embedder: Arc<dyn Embedder>,
    pub(super) site: String,
    pub(super) source: String,
    pub(super) prepared_with: String,
    pub(super) run: RunId,
    pub(super) known: Arc<Known>,
}

/// What came of one reading.
#[derive(Debug)]
pub(super) enum Done {
    /// A page to keep.
    Page {
        /// The page.
        page: Box<KeptPage>,
        /// Where it was found.
        identity: String,
        /// Whether only what the publisher says for later comparison is new.
        same: bool,
    },
    /// A page that is the same as before, and where it was found.
    Unchanged(PageId, String),
    /// Paths that lead elsewhere now.
    Redirect(Vec<(PageId, String)>),
    /// What the source itself could tell.
    Told(Reading),
}

/// Prepares what was read.
pub(super) async fn prepare(
    reading: Reading,
    preparation: Arc<Preparation>,
) -> Result<Done, IngestError> {
    let record = match reading {
        Reading::Item(record) => record,
        Reading::Unchanged(id) => {
            let identity = id.0.clone();
            return Ok(Done::Unchanged(id, identity));
        }
        Reading::Moved { from, to } => return Ok(Done::Redirect(vec![(from, to)])),
        told => return Ok(Done::Told(told)),
    };
    let (sender, receiver) = oneshot::channel();
    rayon::spawn(move || {
        // One page that trips its parser must not end the ingest of all others.
        let done = catch_unwind(AssertUnwindSafe(|| done_with(&record, &preparation)));
        let done = done.unwrap_or_else(|_| {
            let detail = "reading this page failed inside Candour: please report it with the page";
            failed(
                page_asked(&record),
                record.identity.clone(),
                "internal_error".into(),
                detail.into(),
            )
        });
        // Nobody waits for it where the ingest was given up.
        let _ = sender.send(done);
    });
    receiver.await.map_err(|_| IngestError::Interrupted)
}

fn done_with(record: &Record, preparation: &Preparation) -> Done {
    // What reads a page is as much a part of what comes of it as what was sent: a snapshot's name
    // covers these hashes, and has to differ when either does.
    let sent = record.hash();
    let source_hash =
        ContentHash::of_list([sent.as_str().as_bytes(), preparation.prepared_with.as_bytes()]);
    let known = preparation.known.same_bytes(&source_hash);
    if let Some(id) = known.filter(|id| is_told_the_same(record, id, preparation)) {
        return Done::Unchanged(id.clone(), record.identity.clone());
    }
    let keep = |prepared: Prepared| {
        let state = PageState {
            source: preparation.source.clone(),
            source_hash: source_hash.clone(),
            prepared_with: preparation.prepared_with.clone(),
            etag: record.etag.clone(),
            last_modified: record.last_modified.clone(),
            seen_in: preparation.run,
        };
        let page = KeptPage { id: prepared.page.id.clone(), state, prepared: prepared.to_bytes() };
        let same = known == Some(&page.id);
        Done::Page { page: Box::new(page), identity: record.identity.clone(), same }
    };
    let embedder = preparation.embedder.as_ref();
    match record.extract(&preparation.site) {
        Extraction::Page(page) => {
            let passages = split(&page);
            keep(Prepared::new(page.page, passages, embedder))
        }
        Extraction::Passages(page, passages) => keep(Prepared::new(*page, passages, embedder)),
        Extraction::Gone(id) => Done::Told(Reading::Gone(id)),
        Extraction::Redirect(paths) => Done::Redirect(paths),
        Extraction::Skipped { page, reason } => Done::Told(Reading::Skipped(Remark {
            item: page.map_or_else(|| record.identity.clone(), |page| page.0),
            reason: reason.to_owned(),
            detail: record.place.clone(),
        })),
        Extraction::Rejected { page, reason, detail } => {
            let detail = if record.place.is_empty() {
                detail
            } else {
                format!("{}: {detail}", record.place)
            };
            let item = page.as_ref().map_or_else(|| record.identity.clone(), |page| page.0.clone());
            failed(page.or_else(|| page_asked(record)), item, reason, detail)
        }
    }
}

/// Whether a later run could recognise the page by what is kept already. Where it could not (a new
/// `ETag` for the same bytes), the page is kept again, so that it need not be fetched each time.
fn is_told_the_same(record: &Record, id: &PageId, preparation: &Preparation) -> bool {
    preparation.known.page(id).is_some_and(|kept| {
        kept.usable && kept.etag == record.etag && kept.last_modified == record.last_modified
    })
}

/// The page that a publisher was asked for by its path. Whatever nonsense came back, the page was not
/// said to be gone.
fn page_asked(record: &Record) -> Option<PageId> {
    record.identity.starts_with('/').then(|| PageId(record.identity.clone()))
}

fn failed(page: Option<PageId>, item: String, reason: String, detail: String) -> Done {
    Done::Told(Reading::Failed { page, remark: Remark { item, reason, detail } })
}
