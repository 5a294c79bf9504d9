//! The index of a benchmark's corpus: built in a folder of its own, apart from any pilot's pages.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use candour_content::index::{Hints, LiveIndex};
use candour_content::ingest::{Ingest, Summary};
use candour_content::source::{NO_WORDS, SourceSpec};
use candour_core::{ContentHash, Embedder, config};
use candour_store::{Database, DatabaseAddress, OutcomeKind};
use tempfile::TempDir;

use crate::cli::progress::Shown;

/// Faulty rows that are named one by one.
const ROWS_NAMED: usize = 5;

/// A corpus that can be searched.
pub(super) struct Collection {
    /// The index.
    pub(super) index: Arc<LiveIndex>,
    /// Rows that were left out, since they have neither a title nor a text.
    pub(super) blank_rows: u64,
    /// Removes the folder once nothing is searched any more.
    _folder: Folder,
}

/// Where an index is built.
pub(super) enum Folder {
    /// Gone when the measurement is done.
    Passing(TempDir),
    /// Kept, so that an unchanged corpus need not be embedded again.
    Kept(PathBuf),
}

impl Folder {
    /// A folder that goes with the measurement.
    pub(super) fn passing() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("candour-eval-").tempdir();
        Ok(Self::Passing(folder.context("no temporary folder can be made: check TMPDIR")?))
    }

    /// The folder of this corpus and embedder within a state directory.
    pub(super) fn kept(state: &Path, dataset: &Path, embedder: &dyn Embedder) -> Result<Self> {
        let dataset = dataset.canonicalize().with_context(|| {
            format!("the dataset {} cannot be read: check the name", dataset.display())
        })?;
        let identity = serde_json::to_string(&embedder.identity())?;
        let name = [dataset.as_os_str().as_encoded_bytes(), identity.as_bytes()];
        Ok(Self::Kept(state.join("eval").join(ContentHash::of_list(name).short())))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Passing(folder) => folder.path(),
            Self::Kept(path) => path,
        }
    }
}

impl Collection {
    /// Reads the corpus of a dataset and opens its index. A corpus with a faulty row is refused: what
    /// is measured would not be the whole collection.
    pub(super) async fn build(
        dataset: &Path,
        folder: Folder,
        embedder: &Arc<dyn Embedder>,
        content: &config::Content,
        hints: Hints,
    ) -> Result<Self> {
        let sources = [SourceSpec::Beir(dataset.to_owned())];
        Self::of(&sources, dataset, folder, embedder, content, hints).await
    }

    /// The same of other sources, which `dataset` names in messages.
    pub(super) async fn of(
        sources: &[SourceSpec],
        dataset: &Path,
        folder: Folder,
        embedder: &Arc<dyn Embedder>,
        content: &config::Content,
        hints: Hints,
    ) -> Result<Self> {
        std::fs::create_dir_all(folder.path()).with_context(|| {
            format!("{} cannot be made: choose another --state", folder.path().display())
        })?;
        let database = Database::open(&DatabaseAddress::in_state(folder.path())).await?;
        let progress = Shown::new(false);
        let embedder = Arc::clone(embedder);
        let work = Ingest {
            database: &database,
            state: folder.path(),
            embedder: Arc::clone(&embedder),
            content,
        };
        let summary = work.run(sources, true, &progress).await;
        progress.finish();
        let checked = match summary {
            Ok(summary) => check(&database, dataset, &summary).await.map(|()| summary),
            Err(error) => Err(error.into()),
        };
        database.close().await;
        let blank_rows = checked?.skipped.get(NO_WORDS).copied().unwrap_or_default();
        let index = Arc::new(LiveIndex::open_with(folder.path(), embedder, hints)?);
        Ok(Self { index, blank_rows, _folder: folder })
    }

    /// The page of a passage, by the name that results give it.
    pub(super) fn page_of(&self, passage: &str) -> Option<String> {
        let passage = self.index.passage(&candour_core::PassageId(passage.to_owned()))?;
        let page = self.index.page(&passage.page)?;
        Some(candour_evals::retrieval::page_name(&page).to_owned())
    }
}

async fn check(database: &Database, dataset: &Path, summary: &Summary) -> Result<()> {
    if !summary.failed.is_empty() {
        let run = database
            .last_run()
            .await?
            .context("the ingest left no trace: give the command again")?;
        let failed = database.outcomes(run.id, Some(OutcomeKind::Failed)).await?;
        let named = failed.iter().take(ROWS_NAMED).map(|outcome| {
            let why = outcome.detail.as_deref().or(outcome.reason.as_deref()).unwrap_or_default();
            format!("\n  {}: {why}", outcome.page)
        });
        bail!(
            "the corpus in {} has faulty rows ({}); mend or remove them, so that what is measured is the whole of it:{}",
            dataset.display(),
            failed.len(),
            named.collect::<String>(),
        );
    }
    if summary.passages == 0 {
        bail!("the corpus in {} has no passages", dataset.display());
    }
    Ok(())
}
