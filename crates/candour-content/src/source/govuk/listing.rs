//! Which pages there are: by a list in a file, or by the site's sitemap.

use std::collections::HashSet;
use std::io::BufReader;
use std::path::Path;

use url::Url;

use super::Reader;
use crate::source::http::{Answer, Conditions};
use crate::source::lines::Lines;
use crate::source::sitemap::{self, Location};
use crate::source::{ReadError, Reading, Remark, open_plain};

/// The protocol's limit for one sitemap file is 50 MB; this leaves room for sloppy ones.
const SITEMAP_BYTES: usize = 64 * 1024 * 1024;
/// More sitemap files and pages than this are a fault or an attack: GOV.UK has 700,000 pages.
const SITEMAPS: usize = 2_000;
const PAGES: usize = 5_000_000;

/// A page to ask for.
pub(super) struct Listed {
    pub(super) path: String,
    /// The date in the sitemap.
    pub(super) changed: Option<String>,
}

impl Reader<'_> {
    /// The paths in a file, one a line; `#` begins a comment.
    pub(super) async fn list(&self, file: &Path) -> Result<Vec<Listed>, ReadError> {
        let owned = file.to_path_buf();
        let reading = tokio::task::spawn_blocking(move || {
            let unreadable =
                |e: std::io::Error| ReadError::Unreadable(format!("{}: {e}", owned.display()));
            let lines = Lines::new(BufReader::new(open_plain(&owned)?), 4096);
            lines.take(PAGES).collect::<Result<Vec<_>, _>>().map_err(unreadable)
        });
        let mut pages = Vec::new();
        for line in reading.await.unwrap_or(Err(ReadError::Stopped))? {
            let text = String::from_utf8(
                line.bytes.unwrap_or_else(|| b"a line of more than 4096 bytes".to_vec()),
            );
            let text = text.unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
            let listed = text.trim();
            if listed.starts_with('#') {
                continue;
            }
            match self.publisher.addresses.path_of(listed) {
                Ok(path) => pages.push(Listed { path, changed: None }),
                Err((reason, why)) => {
                    let item = format!("{}:{}", file.display(), line.number);
                    self.tell(Reading::Failed {
                        page: None,
                        remark: Remark::new(item, reason, why),
                    })
                    .await?;
                }
            }
        }
        Ok(pages)
    }

    /// The pages in the site's sitemap and in those that it leads to.
    pub(super) async fn sitemap(&self) -> Result<Vec<Listed>, ReadError> {
        let first = self.publisher.addresses.sitemap().map_err(ReadError::Unreadable)?;
        let sitemap =
            self.sitemap_at(&first).await.map_err(|(_, why)| ReadError::Unreadable(why))?;
        let mut pages = self.listed(sitemap.pages).await?;
        let mut visited = HashSet::from([first.to_string()]);
        let mut further: Vec<Location> = sitemap.sitemaps.into_iter().rev().collect();
        while let Some(Location { address, .. }) = further.pop() {
            if pages.len() > PAGES || visited.len() > SITEMAPS {
                return Err(ReadError::Unreadable(format!(
                    "{first} lists more than {PAGES} pages or {SITEMAPS} sitemaps"
                )));
            }
            if !visited.insert(address.clone()) {
                continue;
            }
            let found = match Url::parse(&address) {
                Ok(url) => self.sitemap_at(&url).await,
                Err(error) => Err(("invalid_path".into(), format!("`{address}`: {error}"))),
            };
            match found {
                Ok(sitemap) => {
                    pages.extend(self.listed(sitemap.pages).await?);
                    further.extend(sitemap.sitemaps.into_iter().rev());
                }
                Err((reason, why)) => {
                    self.tell(Reading::Failed {
                        page: None,
                        remark: Remark::new(address, reason, why),
                    })
                    .await?;
                    self.tell(Reading::Incomplete).await?;
                }
            }
        }
        Ok(pages)
    }

    async fn sitemap_at(&self, url: &Url) -> Result<sitemap::Sitemap, (String, String)> {
        match self.publisher.get(url, &Conditions::default(), SITEMAP_BYTES).await {
            Ok(Answer::Body(body)) => sitemap::parse(&body.bytes)
                .map_err(|why| ("not_a_sitemap".into(), format!("{url}: {why}"))),
            Ok(_) => Err(("http_404".into(), format!("there is no sitemap at {url}"))),
            Err(failure) => Err((failure.reason, failure.detail)),
        }
    }

    async fn listed(&self, locations: Vec<Location>) -> Result<Vec<Listed>, ReadError> {
        let mut pages = Vec::with_capacity(locations.len());
        for Location { address, changed } in locations {
            match self.publisher.addresses.path_of(&address) {
                Ok(path) => pages.push(Listed { path, changed }),
                Err((reason, why)) => {
                    self.tell(Reading::Failed {
                        page: None,
                        remark: Remark::new(address, reason, why),
                    })
                    .await?;
                }
            }
        }
        Ok(pages)
    }
}
