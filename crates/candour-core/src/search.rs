//! The seams around finding: what turns text into a vector, and what turns a query into passages.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::audience::Audience;
use crate::locale::Locale;
use crate::nation::Nation;
use crate::page::Page;
use crate::passage::Passage;
use crate::redaction::PublicContacts;

/// Turns text into a vector of unit length, so that texts of like meaning have a large dot product.
///
/// The same identity must give the same vector for the same text, on every machine: the identity is
/// part of a snapshot's name, and vectors of two identities are never compared.
pub trait Embedder: Send + Sync {
    /// What names this embedder and all that decides its output.
    fn identity(&self) -> EmbedderIdentity;

    /// The vector of `text`, of the identity's dimension and unit length, or all zeros when nothing
    /// in the text means anything to this embedder.
    fn embed(&self, text: &str) -> Vec<f32>;
}

/// What names an embedder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedderIdentity {
    /// Its name and version, such as `bilingual-1`, with the hash of what it was trained to.
    pub name: String,
    /// How many numbers make a vector.
    pub dimensions: usize,
    /// How a stored number is written: `i8` or `f32`.
    pub precision: String,
}

/// Finds passages. The same query on the same snapshot gives the same hits in the same order.
pub trait Searcher: Send + Sync {
    /// The best passages for `query`, best first, at most `query.limit`.
    fn search(&self, query: &SearchQuery) -> Result<Vec<Hit>, SearchError>;

    /// The hash of the snapshot that is searched.
    fn snapshot(&self) -> String;

    /// The telephone numbers and e-mail addresses that the guidance itself publishes.
    fn public_contacts(&self) -> Arc<PublicContacts>;
}

/// What to look for, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchQuery {
    /// The words, read as words and never as query syntax.
    pub text: String,
    /// The most hits to return.
    pub limit: usize,
    /// Only pages in this language, if given.
    pub locale: Option<Locale>,
    /// Only passages that apply to this nation, if given.
    pub nation: Option<Nation>,
    /// Only pages that are written for this audience or for everyone, if given.
    pub audience: Option<Audience>,
    /// Only pages of this schema, such as `contact`, if given.
    pub schema: Option<String>,
    /// Whether withdrawn pages and pages in history mode are found too.
    pub include_withdrawn: bool,
    /// Only pages that their publisher changed at this time or later, if given. A page whose publisher
    /// does not say is left out then.
    pub updated_since: Option<Timestamp>,
}

impl SearchQuery {
    /// A query for current pages, in any language, for any nation and audience.
    pub fn new(text: impl Into<String>, limit: usize) -> Self {
        Self {
            text: text.into(),
            limit,
            locale: None,
            nation: None,
            audience: None,
            schema: None,
            include_withdrawn: false,
            updated_since: None,
        }
    }
}

/// A passage that was found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The passage.
    pub passage: Arc<Passage>,
    /// The page that it is part of.
    pub page: Arc<Page>,
    /// How well it fits; comparable within one search only.
    pub score: f32,
    /// The share of the query's telling words (weighted by how rare they are) found in the passage,
    /// its headings or its title: 0 to 1, comparable between searches.
    pub coverage: f32,
    /// The dot product of the passage's vector and the query's, of all its words or of the part that
    /// asks, whichever is larger: -1 to 1.
    pub similarity: f32,
}

impl Hit {
    /// The title of the page and the headings above the passage, outermost first.
    pub fn path(&self) -> impl Iterator<Item = &str> {
        let headings = self.passage.headings.iter().map(|heading| heading.text.as_str());
        std::iter::once(self.page.title.as_str()).chain(headings)
    }
}

/// Why a search gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// There is no snapshot yet.
    #[error("nothing has been ingested yet: run `candour ingest` first")]
    Empty,
    /// The snapshot cannot be read.
    #[error("the search index cannot be read ({0}): run `candour ingest` to build it again")]
    Unreadable(String),
}
