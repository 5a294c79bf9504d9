//! Where content comes from: the GOV.UK Content API, folders, JSON Lines, BEIR corpora.
//!
//! A source is read as a stream of readings, one for each published item, with bounded memory. What
//! an item says is left to `extract`, and what becomes of it to `ingest`.

mod address;
mod beir;
mod files;
mod govuk;
mod http;
mod jsonl;
mod known;
mod lines;
mod pace;
mod sitemap;
#[cfg(test)]
pub(crate) mod tests;
mod versions;

use std::path::PathBuf;
use std::str::FromStr;

use candour_core::{ContentHash, PageId, config};
use tokio::sync::mpsc;

pub use self::beir::NO_WORDS;
pub(crate) use self::known::Known;
pub(crate) use self::pace::RetryPolicy;
use crate::extract::{self, Extraction};

/// A source, as a person writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceSpec {
    /// `govuk:/path`: one page of the Content API, with its parts.
    GovukPath(String),
    /// `govuk:sitemap`: every page in the site's sitemap.
    GovukSitemap,
    /// `govuk-list:FILE`: the paths in a file, one a line.
    GovukList(PathBuf),
    /// `dir:PATH`: a folder of Content API JSON, HTML or Markdown files.
    Dir(PathBuf),
    /// `jsonl:PATH`: Content API items, one a line.
    Jsonl(PathBuf),
    /// `beir:PATH`: the corpus of a retrieval benchmark in BEIR format.
    Beir(PathBuf),
}

const FORMS: &str =
    "use govuk:/path, govuk:sitemap, govuk-list:FILE, dir:PATH, jsonl:PATH or beir:PATH";

impl FromStr for SourceSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((kind, rest)) = text.split_once(':') else {
            return Err(format!("`{text}` is not a source: {FORMS}"));
        };
        if rest.is_empty() {
            return Err(format!("`{text}` does not say where: {FORMS}"));
        }
        match kind {
            "govuk" if rest == "sitemap" => Ok(Self::GovukSitemap),
            "govuk" => match address::check_path(rest) {
                Ok(()) => Ok(Self::GovukPath(rest.to_owned())),
                Err(why) => Err(format!("`{text}` is not a source: {why}; {FORMS}")),
            },
            "govuk-list" => Ok(Self::GovukList(rest.into())),
            "dir" => Ok(Self::Dir(rest.into())),
            "jsonl" => Ok(Self::Jsonl(rest.into())),
            "beir" => Ok(Self::Beir(rest.into())),
            _ => Err(format!("`{kind}` is not a kind of source: {FORMS}")),
        }
    }
}

impl std::fmt::Display for SourceSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::GovukPath(path) => write!(f, "govuk:{path}"),
            Self::GovukSitemap => f.write_str("govuk:sitemap"),
            Self::GovukList(file) => write!(f, "govuk-list:{}", file.display()),
            Self::Dir(path) => write!(f, "dir:{}", path.display()),
            Self::Jsonl(file) => write!(f, "jsonl:{}", file.display()),
            Self::Beir(file) => write!(f, "beir:{}", file.display()),
        }
    }
}

/// What a source tells of one published item.
#[derive(Debug)]
pub(crate) enum Reading {
    /// How many items there will be, told once and first where it is known.
    Expected(u64),
    /// What the publisher sent.
    Item(Record),
    /// Known and, by the publisher's word, the same as before.
    Unchanged(PageId),
    /// No longer published.
    Gone(PageId),
    /// Now found elsewhere.
    Moved {
        /// The path that was asked for.
        from: PageId,
        /// The path that it led to.
        to: String,
    },
    /// Not looked into, on purpose.
    Skipped(Remark),
    /// Could not be had.
    Failed {
        /// The page, where its path is known: then what is kept of it stays.
        page: Option<PageId>,
        /// Why.
        remark: Remark,
    },
    /// A part of the source could not be listed, so that not having seen a page means nothing.
    Incomplete,
}

/// Something to tell about an item.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    /// The item: a path, a file, or a file and line.
    pub(crate) item: String,
    /// The short stable name of the reason.
    pub(crate) reason: String,
    /// The same for people.
    pub(crate) detail: String,
}

impl Remark {
    fn new(item: impl Into<String>, reason: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { item: item.into(), reason: reason.into(), detail: detail.into() }
    }
}

/// One item as the publisher sent it.
#[derive(Debug)]
pub(crate) struct Record {
    /// Where it was found: a path, a file, or a file and line.
    pub(crate) identity: String,
    /// Where in its file it begins, for people; empty where it fills the file.
    pub(crate) place: String,
    /// What was sent.
    pub(crate) content: Sent,
    /// The publisher's `ETag`.
    pub(crate) etag: Option<String>,
    /// The publisher's `Last-Modified`, or the date in its sitemap.
    pub(crate) last_modified: Option<String>,
}

/// What was sent, by kind.
#[derive(Debug)]
pub(crate) enum Sent {
    /// A Content API item.
    Item(Vec<u8>),
    /// An HTML page, with the path that its place in the folder gives it.
    Html { bytes: Vec<u8>, path: String },
    /// A Markdown page, with the path that its place in the folder gives it.
    Markdown { bytes: Vec<u8>, path: String },
    /// The rows of one page of a BEIR corpus.
    Rows(Vec<Vec<u8>>),
}

impl Record {
    fn of_file(identity: impl Into<String>, content: Sent) -> Self {
        let identity = identity.into();
        Self { identity, place: String::new(), content, etag: None, last_modified: None }
    }

    /// By what an unchanged item is recognised: the bytes, and the path where it is not among them.
    pub(crate) fn hash(&self) -> ContentHash {
        match &self.content {
            Sent::Item(bytes) => ContentHash::of(bytes),
            Sent::Html { bytes, path } => ContentHash::of_list([b"html", path.as_bytes(), bytes]),
            Sent::Markdown { bytes, path } => {
                ContentHash::of_list([b"markdown", path.as_bytes(), bytes])
            }
            Sent::Rows(rows) => ContentHash::of_list(rows.iter().map(Vec::as_slice)),
        }
    }

    /// What the item says; `site` is the address that paths are shown under.
    pub(crate) fn extract(&self, site: &str) -> Extraction {
        let url = |path: &str| format!("{}{path}", site.trim_end_matches('/'));
        match &self.content {
            Sent::Item(bytes) => extract::content_item(bytes, site),
            Sent::Html { bytes, path } => extract::html_page(bytes, path, &url(path)),
            Sent::Markdown { bytes, path } => extract::markdown_page(bytes, path, &url(path)),
            Sent::Rows(rows) => beir::page(rows, site),
        }
    }
}

/// Why reading a source ended early.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// Nobody listens any more.
    Stopped,
    /// The source cannot be read at all, for this reason.
    Unreadable(String),
}

/// Takes readings, one by one.
type Emit<'a> = dyn FnMut(Reading) -> Result<(), ReadError> + 'a;

/// Reads a source to its end, giving a reading for each item. It waits while the listener is busy.
pub(crate) async fn read(
    source: &SourceSpec,
    content: &config::Content,
    policy: &RetryPolicy,
    known: &Known,
    readings: mpsc::Sender<Reading>,
) -> Result<(), ReadError> {
    match source {
        SourceSpec::GovukPath(_) | SourceSpec::GovukSitemap | SourceSpec::GovukList(_) => {
            Box::pin(govuk::read(source, content, policy, known, readings)).await
        }
        SourceSpec::Dir(path) | SourceSpec::Jsonl(path) | SourceSpec::Beir(path) => {
            let read = match source {
                SourceSpec::Dir(_) => files::read,
                SourceSpec::Jsonl(_) => jsonl::read,
                _ => beir::read,
            };
            let (path, limit) = (path.clone(), content.max_page_bytes);
            let reader = move || {
                let mut emit =
                    |reading| readings.blocking_send(reading).map_err(|_| ReadError::Stopped);
                read(&path, limit, &mut emit)
            };
            // The task fails only when the runtime is shut down under it.
            tokio::task::spawn_blocking(reader).await.unwrap_or(Err(ReadError::Stopped))
        }
    }
}

/// Opens a plain file. Pipes and devices are refused, for they may never end.
fn open_plain(path: &std::path::Path) -> Result<std::fs::File, ReadError> {
    let unreadable =
        |error: std::io::Error| ReadError::Unreadable(format!("{}: {error}", path.display()));
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(ReadError::Unreadable(format!("{} is not a plain file", path.display())));
    }
    std::fs::File::open(path).map_err(unreadable)
}
