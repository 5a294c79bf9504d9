//! `[content]`, `[search]` and `[models]`: where the guidance comes from, and what helps to find it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{ConfigError, require};

/// Where the guidance comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Content {
    /// What `candour ingest` reads when it is given no source: `govuk:/path`, `govuk:sitemap`,
    /// `govuk-list:FILE`, `dir:PATH`, `jsonl:PATH`, `beir:PATH`.
    pub sources: Vec<String>,
    /// The publisher's Content API. Only this host, and `site`'s, are ever connected to.
    pub api: String,
    /// The publisher's site: paths are resolved against it for readers. An empty string keeps paths.
    pub site: String,
    /// Requests a second. GOV.UK allows 10 for a client; half of that leaves room for others.
    pub requests_per_second: f64,
    /// The largest page that is read, in bytes. GOV.UK's longest publications are under 2 MB.
    pub max_page_bytes: usize,
    /// The licence of the text, shown to readers.
    pub licence: Option<String>,
}

impl Default for Content {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            api: "https://www.gov.uk/api/content".into(),
            site: "https://www.gov.uk".into(),
            requests_per_second: 5.0,
            max_page_bytes: 10 * 1024 * 1024,
            licence: Some("Open Government Licence v3.0".into()),
        }
    }
}

impl Content {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        require(
            (0.1..=50.0).contains(&self.requests_per_second),
            "content.requests_per_second",
            "from 0.1 to 50",
        )?;
        require(self.max_page_bytes >= 1024, "content.max_page_bytes", "at least 1024")
    }
}

/// What helps to find the pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Search {
    /// What turns passages and questions into vectors: `default`, which comes with the program and
    /// needs nothing else, or `minilm` or `minilm-int8`, which know more English, take milliseconds a
    /// text rather than microseconds, and are obtained with `candour models pull`.
    pub embedder: String,
    /// A file of words and phrases that mean the same, as GOV.UK's own search lists them:
    /// `- search: licence, license => licence, license`. Absent by default: only a publisher knows
    /// which words its readers exchange.
    pub synonyms: Option<PathBuf>,
    /// A file of how often each page is read, with lines of `path,views`. Absent by default.
    pub views: Option<PathBuf>,
}

impl Default for Search {
    fn default() -> Self {
        Self { embedder: "default".into(), synonyms: None, views: None }
    }
}

/// Where models come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Models {
    /// An address under which the files of a model lie. Absent by default: no host is connected to
    /// that is not named here or on the command line.
    pub mirror: Option<String>,
    /// The hosts that the mirror may redirect to, as model hubs do.
    pub hosts: Vec<String>,
}
