//! Pages of the GOV.UK Content API: one path, a list of paths, or the whole site by its sitemap.
//!
//! The parts of a guide are inside its item. The real text of a publication is often in HTML
//! publications below it, which no sitemap lists, so those are asked for with it.

mod listing;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use candour_core::{PageId, config};
use futures_util::stream::{self, TryStreamExt as _};
use serde::Deserialize;
use tokio::sync::mpsc;

use self::listing::Listed;
use super::http::{Answer, Body, Conditions, Failure, Publisher};
use super::pace::RetryPolicy;
use super::{Known, ReadError, Reading, Record, Remark, Sent, SourceSpec};

/// How many pages are asked for at a time. The rate is limited apart from this.
const AT_ONCE: usize = 4;

/// Reads a source of Content API pages.
pub(super) async fn read(
    source: &SourceSpec,
    content: &config::Content,
    policy: &RetryPolicy,
    known: &Known,
    readings: mpsc::Sender<Reading>,
) -> Result<(), ReadError> {
    let publisher = Publisher::new(content, policy).map_err(ReadError::Unreadable)?;
    let reader = Reader {
        publisher,
        known,
        readings,
        limit: content.max_page_bytes,
        visited: Mutex::new(HashSet::new()),
        failures: AtomicU32::new(0),
    };
    let pages = match source {
        SourceSpec::GovukPath(path) => vec![Listed { path: path.clone(), changed: None }],
        SourceSpec::GovukList(file) => reader.list(file).await?,
        _ => Box::pin(reader.sitemap()).await?,
    };
    let pages: Vec<Listed> =
        pages.into_iter().filter(|page| reader.is_first_visit(&page.path)).collect();
    reader.tell(Reading::Expected(pages.len() as u64)).await?;
    stream::iter(pages.into_iter().map(Ok))
        .try_for_each_concurrent(AT_ONCE, |page| reader.page(page))
        .await
}

struct Reader<'a> {
    publisher: Publisher,
    known: &'a Known,
    readings: mpsc::Sender<Reading>,
    limit: usize,
    visited: Mutex<HashSet<String>>,
    /// How many pages in a row failed for the publisher's reasons.
    failures: AtomicU32,
}

impl Reader<'_> {
    async fn tell(&self, reading: Reading) -> Result<(), ReadError> {
        self.readings.send(reading).await.map_err(|_| ReadError::Stopped)
    }

    fn is_first_visit(&self, path: &str) -> bool {
        self.visited.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned())
    }

    /// Reads a page and the HTML publications below it. Those come first: whoever finds the page kept
    /// after an interruption can rely on them being kept too.
    async fn page(&self, page: Listed) -> Result<(), ReadError> {
        self.check_health()?;
        let asked = page.path.clone();
        let (below, readings) = match self.ask(page).await {
            Asked::Item(record, moved) => {
                let below = publications_below(&record);
                (below, [moved, Some(Reading::Item(*record))])
            }
            Asked::Gone => (Vec::new(), [Some(Reading::Gone(PageId(asked))), None]),
            Asked::Unchanged => {
                (self.known_below(&asked), [Some(Reading::Unchanged(PageId(asked))), None])
            }
            Asked::Failed(reading) => (self.known_below(&asked), [Some(reading), None]),
        };
        for path in below.into_iter().filter(|path| self.is_first_visit(path)) {
            let id = PageId(path.clone());
            match self.ask(Listed { path, changed: None }).await {
                Asked::Item(record, moved) => {
                    for reading in moved.into_iter().chain([Reading::Item(*record)]) {
                        self.tell(reading).await?;
                    }
                }
                Asked::Unchanged => self.tell(Reading::Unchanged(id)).await?,
                Asked::Gone => self.tell(Reading::Gone(id)).await?,
                Asked::Failed(reading) => self.tell(reading).await?,
            }
        }
        for reading in readings.into_iter().flatten() {
            self.tell(reading).await?;
        }
        Ok(())
    }

    /// The HTML publications that are kept of a publication which is not read again.
    fn known_below(&self, path: &str) -> Vec<String> {
        if !path.starts_with(PUBLICATIONS) {
            return Vec::new();
        }
        self.known.below(path).map(|id| id.0.clone()).collect()
    }

    async fn ask(&self, page: Listed) -> Asked {
        let kept = self.known.page(&PageId(page.path.clone())).filter(|kept| kept.usable);
        if kept.is_some_and(|kept| {
            kept.seen || (page.changed.is_some() && page.changed == kept.last_modified)
        }) {
            return Asked::Unchanged;
        }
        let url = match self.publisher.addresses.item(&page.path) {
            Ok(url) => url,
            Err((reason, why)) => return Asked::failed(&page.path, reason, why),
        };
        let conditions = kept.map_or_else(Conditions::default, |kept| Conditions {
            etag: kept.etag.clone(),
            // A date from a sitemap is of another form, and is not the publisher's to compare.
            last_modified: kept.last_modified.clone().filter(|date| date.ends_with("GMT")),
        });
        let answer = self.publisher.get(&url, &conditions, self.limit).await;
        match &answer {
            Err(failure) if failure.is_of_the_publisher() => {
                self.failures.fetch_add(1, Ordering::Relaxed)
            }
            _ => self.failures.swap(0, Ordering::Relaxed),
        };
        match answer {
            Ok(Answer::Body(body)) => self.item(page, body),
            Ok(Answer::Unchanged) if kept.is_some() => Asked::Unchanged,
            Ok(Answer::Unchanged) => Asked::failed(
                &page.path,
                "http_304",
                format!("{url} was not asked whether it changed"),
            ),
            Ok(Answer::Gone) => Asked::Gone,
            Err(Failure { reason, detail, .. }) => Asked::failed(&page.path, reason, detail),
        }
    }

    /// Ends the reading of a publisher that is down. What was read until then is kept, and the next
    /// run goes on from there.
    fn check_health(&self) -> Result<(), ReadError> {
        if self.failures.load(Ordering::Relaxed) < FAILURES {
            return Ok(());
        }
        let why = format!(
            "{FAILURES} pages in a row could not be had, so the publisher seems to be down: try again later"
        );
        Err(ReadError::Unreadable(why))
    }

    fn item(&self, page: Listed, body: Body) -> Asked {
        let found = self.publisher.addresses.path_of_item(&body.url);
        let moved = found.filter(|found| *found != page.path);
        let moved = moved.map(|to| Reading::Moved { from: PageId(page.path.clone()), to });
        let record = Record {
            identity: page.path,
            place: String::new(),
            content: Sent::Item(body.bytes),
            etag: body.etag,
            last_modified: page.changed.or(body.last_modified),
        };
        Asked::Item(Box::new(record), moved)
    }
}

/// So many failures in a row mean that the publisher is down. Going on would only take days.
const FAILURES: u32 = 25;

/// What came of asking for a page.
enum Asked {
    /// Its item, and where it was moved, if it was.
    Item(Box<Record>, Option<Reading>),
    Unchanged,
    Gone,
    Failed(Reading),
}

impl Asked {
    fn failed(path: &str, reason: impl Into<String>, detail: impl Into<String>) -> Self {
        let remark = Remark::new(path, reason, detail);
        Self::Failed(Reading::Failed { page: Some(PageId(path.to_owned())), remark })
    }
}

/// Everything that has HTML publications below it is here.
const PUBLICATIONS: &str = "/government/";

/// The paths of the HTML publications that an item lists as its children and that are below it.
fn publications_below(record: &Record) -> Vec<String> {
    let Sent::Item(bytes) = &record.content else { return Vec::new() };
    // An item of another shape has no such children; whether it is an item is for `extract` to say.
    let Ok(item) = serde_json::from_slice::<Parent>(bytes) else { return Vec::new() };
    let inside = format!("{}/", item.base_path);
    let is_below = |path: &String| inside.starts_with(PUBLICATIONS) && path.starts_with(&inside);
    let publications =
        item.links.children.into_iter().filter(|child| child.schema_name == "html_publication");
    publications.map(|child| child.base_path).filter(is_below).collect()
}

#[derive(Deserialize)]
struct Parent {
    base_path: String,
    links: Links,
}

#[derive(Deserialize)]
struct Links {
    #[serde(default)]
    children: Vec<Child>,
}

#[derive(Deserialize)]
struct Child {
    #[serde(default)]
    base_path: String,
    #[serde(default)]
    schema_name: String,
}
