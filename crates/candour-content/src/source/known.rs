//! What is kept of a source's pages from earlier runs, in the form in which readers ask for it.

use std::collections::{BTreeMap, HashMap};

use candour_core::{ContentHash, PageId};
use candour_store::{PageState, RunId};

/// The pages of one source that are kept.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pages: BTreeMap<PageId, KnownPage>,
    by_hash: HashMap<ContentHash, PageId>,
}

/// What is kept of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownPage {
    /// The publisher's `ETag`.
    pub(crate) etag: Option<String>,
    /// The publisher's `Last-Modified`, or the date in its sitemap.
    pub(crate) last_modified: Option<String>,
    /// Whether it was made by what would make it now, so that the same bytes give the same page.
    pub(crate) usable: bool,
    /// Whether the run that goes on has already dealt with it.
    pub(crate) seen: bool,
}

impl Known {
    /// What the store says of a source, for a run that prepares pages with `prepared_with`.
    pub(crate) fn new(
        states: BTreeMap<PageId, PageState>,
        prepared_with: &str,
        run: RunId,
    ) -> Self {
        let mut known = Self::default();
        for (id, state) in states {
            let usable = state.prepared_with == prepared_with;
            if usable {
                known.by_hash.insert(state.source_hash, id.clone());
            }
            let seen = usable && state.seen_in == run;
            let page =
                KnownPage { etag: state.etag, last_modified: state.last_modified, usable, seen };
            known.pages.insert(id, page);
        }
        known
    }

    /// What is kept of a page.
    pub(crate) fn page(&self, id: &PageId) -> Option<&KnownPage> {
        self.pages.get(id)
    }

    /// All pages, in order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &PageId> {
        self.pages.keys()
    }

    /// The page that was made of these very bytes by what would make it now.
    pub(crate) fn same_bytes(&self, hash: &ContentHash) -> Option<&PageId> {
        self.by_hash.get(hash)
    }

    /// The pages whose path is below a path.
    pub(crate) fn below(&self, path: &str) -> impl Iterator<Item = &PageId> {
        let from = PageId(format!("{path}/"));
        let inside = from.0.clone();
        self.pages.range(from..).map(|(id, _)| id).take_while(move |id| id.0.starts_with(&inside))
    }
}
