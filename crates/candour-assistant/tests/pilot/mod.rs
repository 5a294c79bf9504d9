//! A pilot over a folder of content, built in a temporary folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use candour_assistant::{Ask, Assistant};
use candour_content::index::{LiveIndex, default_embedder};
use candour_content::ingest::{Ingest, Progress};
use candour_content::source::SourceSpec;
use candour_core::{Answer, Config, Locale, PageId};
use candour_store::{Database, DatabaseAddress, OutcomeKind};
use jiff::Timestamp;

/// The moment at which the sample's questions are asked.
pub(crate) const NOW: &str = "2026-11-23T12:00:00Z";

/// A path relative to the root of the repository.
pub(crate) fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

pub(crate) struct Pilot {
    pub(crate) index: Arc<LiveIndex>,
    pub(crate) assistant: Assistant,
    _state: tempfile::TempDir,
}

impl Pilot {
    /// Ingests `source` and opens the assistant over it.
    pub(crate) fn new(source: SourceSpec, config: &Config) -> Self {
        Self::over(&[source], config)
    }

    /// The same over several sources.
    pub(crate) fn over(sources: &[SourceSpec], config: &Config) -> Self {
        let state = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let database = Database::open(&DatabaseAddress::in_state(state.path())).await.unwrap();
            let ingest = Ingest {
                database: &database,
                state: state.path(),
                embedder: default_embedder(),
                content: &config.content,
            };
            Box::pin(ingest.run(sources, true, &Quiet)).await.unwrap();
        });
        let index = Arc::new(LiveIndex::open(state.path(), default_embedder()).unwrap());
        let assistant = Assistant::new(Arc::clone(&index) as _, config);
        Self { index, assistant, _state: state }
    }

    pub(crate) fn answer(&self, text: &str, locale: Locale) -> Answer {
        let now: Timestamp = NOW.parse().unwrap();
        let ask = Ask { locale, ..Ask::new(text, now) };
        self.assistant.ask(&ask, &mut |_| {}).unwrap().answer.into_answer()
    }

    /// The paths of the pages that an answer quotes.
    pub(crate) fn pages(&self, answer: &Answer) -> Vec<PageId> {
        let citations = answer.sentences.iter().flat_map(|sentence| &sentence.citations);
        citations
            .filter_map(|citation| Some(self.index.passage(&citation.passage)?.page.clone()))
            .collect()
    }
}

struct Quiet;

impl Progress for Quiet {
    fn source(&self, _: &SourceSpec, _: Option<u64>) {}
    fn page(&self, _: &str, _: OutcomeKind) {}
    fn indexing(&self, _: u64) {}
}
