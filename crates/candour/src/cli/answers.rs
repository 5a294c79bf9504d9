//! `candour answers`: which answers a change of the guidance affects.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Result;
use candour_content::index::LiveIndex;
use candour_core::{AnswerId, CitedPassage, PageId, PassageId, page_address};
use candour_store::CitingAnswer;
use clap::{Args, Subcommand};
use serde_json::json;

use super::receipt::state;
use super::terminal;
use crate::app::Place;

/// `candour answers`.
#[derive(Debug, Args)]
pub(crate) struct Answers {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the answers that cite a part of a page that has changed since, or is gone
    AffectedBy(AffectedBy),
}

#[derive(Debug, Args)]
struct AffectedBy {
    /// The page's address or path
    #[arg(value_name = "URL")]
    page: String,

    /// List answers whose cited parts have not changed too
    #[arg(long)]
    all: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Answers {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let What::AffectedBy(what) = self.what;
        what.run(place).await
    }
}

impl AffectedBy {
    async fn run(self, place: &Place) -> Result<ExitCode> {
        let index = place.open_index()?;
        let page = page_at(&index, page_id(&self.page, &place.config.content.site));
        let database = place.open_database().await?;
        let citing = database.answers_citing(&page).await?;
        let kept = database.pages_named(std::slice::from_ref(&page)).await?;
        let is_known = !citing.is_empty() || !kept.is_empty();
        database.close().await;
        let mut answers: BTreeMap<AnswerId, Vec<(String, &'static str)>> = BTreeMap::new();
        let mut order = Vec::new();
        for CitingAnswer { answer, passage, passage_hash } in citing {
            let (id, url) = (passage.0.clone(), String::new());
            let state = state(&index, &CitedPassage { passage, hash: passage_hash, url });
            if self.all || state != "unchanged" {
                if !answers.contains_key(&answer) {
                    order.push(answer);
                }
                answers.entry(answer).or_default().push((id, state));
            }
        }
        if self.json {
            let listed: Vec<_> = order
                .iter()
                .map(|answer| {
                    let passages: Vec<_> = answers[answer]
                        .iter()
                        .map(|(passage, state)| json!({ "passage": passage, "state": state }))
                        .collect();
                    json!({ "answer": answer, "passages": passages })
                })
                .collect();
            terminal::print_json(&json!({ "page": page, "answers": listed }))?;
        } else if is_known {
            terminal::print(&describe(&page, &order, &answers))?;
        } else {
            terminal::print(&format!(
                "No page {} was ingested, and no answer that is kept cites it: `candour pages` lists the pages.\n",
                page.0
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The page that an address names: its path on the publisher's site, without fragment and query. People copy
/// addresses without `https://` too.
fn page_id(address: &str, site: &str) -> PageId {
    let bare = |address: &str| address.split_once("://").map_or(0, |(scheme, _)| scheme.len() + 3);
    let host = &site[bare(site)..];
    let rest = address[bare(address)..].strip_prefix(host).filter(|_| !host.is_empty());
    let is_whole = |rest: &&str| rest.is_empty() || rest.starts_with(['/', '?', '#']);
    let path =
        rest.filter(is_whole).unwrap_or(address).split(['#', '?']).next().unwrap_or_default();
    PageId(match path.trim_end_matches('/') {
        "" => "/".to_owned(),
        path => path.to_owned(),
    })
}

/// The page of which a part has this path: a page in parts has an address for each of them.
fn page_at(index: &LiveIndex, path: PageId) -> PageId {
    let part = |page: &PageId| {
        let passages = (0..).map_while(|at| index.passage(&PassageId(format!("{}#{at}", page.0))));
        passages.into_iter().any(|passage| page_address(&passage.url).ends_with(&path.0))
    };
    let above = |page: &PageId| Some(PageId(page.0.rsplit_once('/')?.0.to_owned()));
    let mut pages = std::iter::successors(above(&path), above).filter(|page| !page.0.is_empty());
    if index.page(&path).is_some() { None } else { pages.find(part) }.unwrap_or(path)
}

fn describe(
    page: &PageId,
    order: &[AnswerId],
    answers: &BTreeMap<AnswerId, Vec<(String, &'static str)>>,
) -> String {
    if order.is_empty() {
        return format!("No answer that is kept rests on a part of {} that has changed.\n", page.0);
    }
    let mut lines = Vec::new();
    for answer in order {
        let parts: Vec<String> =
            answers[answer].iter().map(|(passage, state)| format!("{passage} {state}")).collect();
        lines.push(format!("{answer}  {}", parts.join(", ")));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_pages() {
        for (address, expected) in [
            ("https://a.example/bins#cost", "/bins"),
            ("https://a.example/bins/?a=b", "/bins"),
            ("a.example/bins#cost", "/bins"),
            ("http://a.example/bins", "/bins"),
            ("a.example", "/"),
            ("https://a.example?a=b", "/"),
            ("/bins", "/bins"),
            ("/", "/"),
            ("a.example.org/bins", "a.example.org/bins"),
            ("https://b.example/bins", "https://b.example/bins"),
        ] {
            assert_eq!(page_id(address, "https://a.example").0, expected, "{address}");
        }
    }
}
