//! The snapshot that serves, exchanged while the program runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use candour_core::{
    Audience, Embedder, Hit, Page, PageId, Passage, PassageId, PublicContacts, SearchError,
    SearchQuery, Searcher,
};

use super::error::IndexError;
use super::folder;
use super::opened::Snapshot;
use super::{Hints, IndexStatistics};

/// The snapshot that serves, exchanged while the program runs when `current` names another.
///
/// A search keeps the snapshot that it began with; the old one is freed when its last search ends.
pub struct LiveIndex {
    state: PathBuf,
    embedder: Arc<dyn Embedder>,
    hints: Hints,
    serving: RwLock<Option<Arc<Snapshot>>>,
    /// Held while a snapshot is opened, so that two refreshes do not open it twice.
    refreshing: Mutex<()>,
}

impl LiveIndex {
    /// Opens the current snapshot of a state directory, if there is one. A damaged one is an error.
    pub fn open(state: &Path, embedder: Arc<dyn Embedder>) -> Result<Self, IndexError> {
        Self::open_with(state, embedder, Hints::default())
    }

    /// The same, with what the publisher knows beside the pages.
    pub fn open_with(
        state: &Path,
        embedder: Arc<dyn Embedder>,
        hints: Hints,
    ) -> Result<Self, IndexError> {
        let index = Self {
            state: state.to_owned(),
            embedder,
            hints,
            serving: RwLock::new(None),
            refreshing: Mutex::new(()),
        };
        index.refresh()?;
        Ok(index)
    }

    /// Looks whether `current` names another snapshot and takes it into service if it is sound.
    /// Returns whether it did. A damaged new snapshot leaves the old one serving.
    pub fn refresh(&self) -> Result<bool, IndexError> {
        let _alone = self.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut name) = folder::current(&self.state)? else { return Ok(false) };
        if self.serving().is_some_and(|serving| serving.manifest.snapshot == name) {
            return Ok(false);
        }
        let snapshot = loop {
            let opened = self.open_snapshot(&name);
            // Ingests that end while this one is being opened may replace and remove it.
            match folder::current(&self.state)? {
                Some(newer) if opened.is_err() && newer != name => name = newer,
                _ => break opened?,
            }
        };
        let mut serving = self.serving.write().unwrap_or_else(PoisonError::into_inner);
        *serving = Some(Arc::new(snapshot));
        Ok(true)
    }

    fn open_snapshot(&self, name: &str) -> Result<Snapshot, IndexError> {
        Snapshot::open(&self.state, name, self.embedder.as_ref(), &self.hints.views)
    }

    /// A page of the snapshot that serves.
    pub fn page(&self, id: &PageId) -> Option<Arc<Page>> {
        match self.serving()?.page(id) {
            Ok(page) => page,
            Err(error) => {
                tracing::error!(%error, page.id = %id, "a page could not be read");
                None
            }
        }
    }

    /// A passage of the snapshot that serves.
    pub fn passage(&self, id: &PassageId) -> Option<Arc<Passage>> {
        match self.serving()?.passage(id) {
            Ok(passage) => passage.map(Arc::new),
            Err(error) => {
                tracing::error!(%error, passage.id = %id, "a passage could not be read");
                None
            }
        }
    }

    /// The audiences that some pages of the snapshot are written for; of any other, all are for everyone.
    pub fn audiences(&self) -> BTreeSet<Audience> {
        self.serving().map(|serving| serving.audiences()).unwrap_or_default()
    }

    /// What the snapshot that serves holds.
    pub fn statistics(&self) -> Option<IndexStatistics> {
        Some(self.serving()?.manifest.statistics())
    }

    fn serving(&self) -> Option<Arc<Snapshot>> {
        self.serving.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Searcher for LiveIndex {
    fn search(&self, query: &SearchQuery) -> Result<Vec<Hit>, SearchError> {
        let snapshot = self.serving().ok_or(SearchError::Empty)?;
        snapshot
            .search(query, self.embedder.as_ref(), &self.hints.synonyms)
            .map_err(|error| SearchError::Unreadable(error.to_string()))
    }

    fn snapshot(&self) -> String {
        self.serving().map(|serving| serving.manifest.snapshot.clone()).unwrap_or_default()
    }

    fn public_contacts(&self) -> Arc<PublicContacts> {
        self.serving().map(|serving| Arc::clone(&serving.contacts)).unwrap_or_default()
    }
}
