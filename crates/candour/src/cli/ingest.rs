//! `candour ingest`: reads published guidance and makes it searchable.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Result, bail};
use candour_content::ingest::{Ingest as Work, Summary};
use candour_content::source::SourceSpec;
use clap::Args;

use super::progress::Shown;
use super::terminal;
use crate::app::Place;

/// `candour ingest`.
#[derive(Debug, Args)]
#[command(after_help = "\
Sources:
  govuk:/PATH       one page of the Content API, with its parts
  govuk:sitemap     every page in the site's sitemap
  govuk-list:FILE   the paths in a file, one a line
  dir:PATH          a folder of Content API JSON, HTML or Markdown files
  jsonl:PATH        Content API items, one a line
  beir:PATH         the corpus of a retrieval benchmark in BEIR format

Without a source, those in candour.toml are read, and pages of others are forgotten.
An interrupted ingest goes on where it stopped when the same command is given again.")]
pub(crate) struct Ingest {
    /// What to read; pages of other sources stay as they are
    #[arg(value_name = "SOURCE")]
    sources: Vec<SourceSpec>,

    /// Print the summary as JSON
    #[arg(long)]
    json: bool,

    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

impl Ingest {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let only = self.sources.is_empty();
        let sources = if only { configured_sources(place)? } else { self.sources };
        let summary = ingest(place, &sources, only, self.quiet || self.json).await?;
        if self.json {
            terminal::print_json(&summary)?;
        } else {
            terminal::print(&describe(&summary))?;
        }
        let nothing_worked = summary.indexed + summary.unchanged == 0 && !summary.failed.is_empty();
        Ok(if nothing_worked { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

/// Ingests into a pilot's state directory, with progress on the terminal.
pub(crate) async fn ingest(
    place: &Place,
    sources: &[SourceSpec],
    only: bool,
    quiet: bool,
) -> Result<Summary> {
    let embedder = place.embedder()?;
    let database = place.open_database().await?;
    let progress = Shown::new(quiet);
    let work =
        Work { database: &database, state: &place.state, embedder, content: &place.config.content };
    let interrupted = async {
        // Without a signal handler there is nothing to wait for, and the ingest runs to its end.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let result = tokio::select! {
        result = work.run(sources, only, &progress) => result.map_err(anyhow::Error::from),
        () = interrupted => Err(anyhow::anyhow!(
            "interrupted: what was read is kept; give the same command again to go on"
        )),
    };
    progress.finish();
    database.close().await;
    result
}

fn configured_sources(place: &Place) -> Result<Vec<SourceSpec>> {
    if place.config.content.sources.is_empty() {
        bail!(
            "there is nothing to read: name a source, such as dir:content, or set `sources` under [content] in candour.toml"
        );
    }
    let parse = |source: &String| source.parse::<SourceSpec>().map_err(anyhow::Error::msg);
    place.config.content.sources.iter().map(parse).collect()
}

fn describe(summary: &Summary) -> String {
    let total = |counts: &std::collections::BTreeMap<String, u64>| counts.values().sum::<u64>();
    let mut text = format!(
        "{} in {:.1} s: {} indexed, {} unchanged, {} skipped, {} failed, {} deleted\n",
        terminal::counted(summary.pages, "page"),
        summary.seconds,
        summary.indexed,
        summary.unchanged,
        total(&summary.skipped),
        total(&summary.failed),
        summary.deleted,
    );
    for (what, counts) in [("skipped", &summary.skipped), ("failed", &summary.failed)] {
        for (reason, count) in counts {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {what} {count}: {reason}");
        }
    }
    let passages = terminal::counted(summary.passages, "passage");
    let _ = writeln!(text, "{passages} in snapshot {:.12}", summary.snapshot);
    if !summary.skipped.is_empty() || !summary.failed.is_empty() {
        text.push_str("`candour pages` lists what became of each page.\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_page_is_no_pages() {
        for (count, pages, passages) in [
            (0, "0 pages in", "\n0 passages in"),
            (1, "1 page in", "\n1 passage in"),
            (2, "2 pages in", "\n2 passages in"),
        ] {
            let summary = Summary { pages: count, passages: count, ..Summary::default() };
            let text = describe(&summary);
            assert!(text.starts_with(pages) && text.contains(passages), "{text}");
        }
    }
}
