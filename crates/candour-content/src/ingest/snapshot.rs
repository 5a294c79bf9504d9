//! The snapshot of everything that is kept: built from the store in pieces, unless it serves already.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use candour_core::{ContentHash, Embedder, PageId};
use candour_store::{Database, KeptPage};
use jiff::Timestamp;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use tokio::sync::{mpsc, oneshot};

use super::{Ingest, IngestError, Progress};
use crate::index::{self, IndexStatistics, LiveIndex, SnapshotBuilder};
use crate::prepared::Prepared;

/// So many pages are read back at a time.
const PIECE: u32 = 64;

/// What came of bringing the snapshot up to date.
pub(super) enum Outcome {
    /// This snapshot serves.
    Serving(IndexStatistics),
    /// These pages cannot be read back, so no snapshot was built.
    Damaged(Vec<PageId>),
}

/// Builds the snapshot of the pages that are kept and takes it into service, unless it serves already.
/// The lock is held until the building has ended, even where nobody waits for it any more.
pub(super) async fn bring_up_to_date(
    ingest: &Ingest<'_>,
    prepared_with: &str,
    progress: &dyn Progress,
    lock: &Arc<File>,
) -> Result<Outcome, IngestError> {
    let hashes = ingest.database.page_hashes().await?;
    let added = Arc::new(AtomicU64::new(0));
    let building = Building {
        added: Arc::clone(&added),
        state: ingest.state.to_path_buf(),
        hashes,
        prepared_with: prepared_with.to_owned(),
        embedder: Arc::clone(&ingest.embedder),
        _lock: Arc::clone(lock),
    };
    let (ask, wanted) = oneshot::channel();
    let (sender, pieces) = mpsc::channel(1);
    let building = tokio::task::spawn_blocking(move || building.run(ask, pieces));
    let tell = || match added.load(Ordering::Relaxed) {
        0 => {}
        passages => progress.indexing(passages),
    };
    let reading = read_back(ingest.database, wanted, sender, &tell);
    let (built, read) = tokio::join!(building, reading);
    read?;
    let built = built.map_err(|_| IngestError::Interrupted)?;
    tell();
    built
}

/// What the builder asks for.
enum Wanted {
    All,
    /// These, in order: all others are in the snapshot already.
    Only(Vec<PageId>),
}

/// What the builder is sent.
enum Piece {
    Pages(Vec<KeptPage>),
    /// There are no more. Without it, the ingest was given up midway.
    End,
}

/// Sends the builder the pages that it wants, in order, for as long as it wants them.
async fn read_back(
    database: &Database,
    wanted: oneshot::Receiver<Wanted>,
    pieces: mpsc::Sender<Piece>,
    tell: &(dyn Fn() + Sync),
) -> Result<(), IngestError> {
    // The builder asks for nothing where there is nothing to build.
    let Ok(mut wanted) = wanted.await else { return Ok(()) };
    let mut after: Option<PageId> = None;
    while let Ok(place) = pieces.reserve().await {
        let pages = match &mut wanted {
            Wanted::All => database.pages_after(after.as_ref(), PIECE).await?,
            Wanted::Only(ids) => {
                let next: Vec<PageId> = ids.drain(..ids.len().min(PIECE as usize)).collect();
                database.pages_named(&next).await?
            }
        };
        let Some(last) = pages.last() else {
            place.send(Piece::End);
            break;
        };
        after = Some(last.id.clone());
        place.send(Piece::Pages(pages));
        tell();
    }
    Ok(())
}

struct Building {
    /// How many passages are in it so far.
    added: Arc<AtomicU64>,
    state: PathBuf,
    /// The pages of the snapshot, each with the hash of what is kept of it.
    hashes: Vec<(PageId, ContentHash)>,
    prepared_with: String,
    embedder: Arc<dyn Embedder>,
    _lock: Arc<File>,
}

impl Building {
    fn run(
        self,
        ask: oneshot::Sender<Wanted>,
        mut pieces: mpsc::Receiver<Piece>,
    ) -> Result<Outcome, IngestError> {
        let name = index::snapshot_name(&self.hashes, &self.prepared_with);
        if let Some(statistics) = self.serving(&name) {
            return Ok(Outcome::Serving(statistics));
        }
        let (mut builder, wanted) = self.begin(&name)?;
        // Where nobody listens any more, no piece will come either.
        let _ = ask.send(wanted);
        let mut damaged = Vec::new();
        while let Some(piece) = pieces.blocking_recv() {
            let Piece::Pages(pages) = piece else {
                return Ok(if damaged.is_empty() {
                    Outcome::Serving(builder.finish()?)
                } else {
                    Outcome::Damaged(damaged)
                });
            };
            let read: Vec<_> = pages.into_par_iter().map(|page| self.read(page)).collect();
            for page in read {
                match page {
                    Ok((prepared, hash)) => {
                        builder.add(&prepared, &hash)?;
                        self.added.fetch_add(prepared.passages.len() as u64, Ordering::Relaxed);
                    }
                    Err(id) => damaged.push(id),
                }
            }
        }
        Err(IngestError::Interrupted)
    }

    /// Begins with the snapshot that serves, if that is worth while, or with nothing.
    fn begin(&self, name: &ContentHash) -> Result<(SnapshotBuilder, Wanted), IngestError> {
        let (state, with, now) = (&self.state, &self.prepared_with, Timestamp::now());
        let embedder = self.embedder.identity();
        let successor = SnapshotBuilder::succeed(state, &self.hashes, with, &embedder, now)?;
        if let Some((builder, added)) = successor {
            return Ok((builder, Wanted::Only(added)));
        }
        Ok((SnapshotBuilder::create(state, name, with, embedder, now)?, Wanted::All))
    }

    /// The snapshot that serves, if it is the right one and sound.
    fn serving(&self, name: &ContentHash) -> Option<IndexStatistics> {
        let current = index::current(&self.state).ok().flatten();
        if current.as_deref() != Some(name.as_str()) {
            return None;
        }
        match LiveIndex::open(&self.state, Arc::clone(&self.embedder)) {
            Ok(index) => index.statistics().filter(|found| found.snapshot == name.as_str()),
            Err(error) => {
                tracing::warn!(%error, "the snapshot that serves is not sound and is built again");
                None
            }
        }
    }

    /// A page as it was kept. One that another embedder made, and whose source is not read this time,
    /// gets new vectors: those of two embedders cannot be compared.
    fn read(&self, page: KeptPage) -> Result<(Prepared, ContentHash), PageId> {
        let KeptPage { id, state, prepared } = page;
        let prepared =
            Prepared::from_bytes(&prepared).filter(|prepared| prepared.page.id == id).ok_or(id)?;
        if state.prepared_with == self.prepared_with {
            return Ok((prepared, state.source_hash));
        }
        let Prepared { page, passages, .. } = prepared;
        Ok((Prepared::new(page, passages, self.embedder.as_ref()), state.source_hash))
    }
}
