//! `candour search`: finds passages of the guidance.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use candour_assistant::{Part, best_parts, parts};
use candour_core::{Audience, Hit, Locale, Nation, SearchQuery, Searcher as _};
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde_json::json;

use super::terminal::{self, READING_WIDTH, wrap};
use crate::app::Place;

/// How many letters of a passage or a part of it are printed, and how many lines behind a part.
const LONGEST: usize = 240;
const MOST_AFTER: usize = 4;

/// `candour search`.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// What to look for
    #[arg(value_name = "TEXT", required = true)]
    text: Vec<String>,

    /// The most passages to print
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,

    /// Only pages in this language: en, cy…
    #[arg(long)]
    locale: Option<String>,

    /// Only passages that apply to this nation
    #[arg(long, value_parser = parse_nation)]
    nation: Option<Nation>,

    /// Only pages that are written for this audience or for everyone
    #[arg(long, value_parser = parse_audience)]
    audience: Option<Audience>,

    /// Only pages that were changed on this day or later: 2026-04-06
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    updated_since: Option<Timestamp>,

    /// Withdrawn pages and those of earlier governments, too
    #[arg(long)]
    withdrawn: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The beginning of a day in the United Kingdom's clock of winter.
pub(crate) fn parse_day(text: &str) -> Result<Timestamp, String> {
    let day = text.parse::<Date>().ok();
    let begins = day.and_then(|day| Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok());
    begins.ok_or_else(|| format!("`{text}` is not a day: write it as 2026-04-06"))
}

/// Reads a nation as the command line takes it.
pub(crate) fn parse_nation(text: &str) -> Result<Nation, String> {
    let key = text.trim().to_lowercase().replace([' ', '-'], "_");
    Nation::from_key(&key)
        .ok_or_else(|| format!("`{text}` is not one of england, scotland, wales, northern_ireland"))
}

/// Reads an audience as the command line takes it.
pub(crate) fn parse_audience(text: &str) -> Result<Audience, String> {
    Audience::from_key(&text.trim().to_lowercase())
        .ok_or_else(|| format!("`{text}` is not one of individual, business, professional"))
}

impl Search {
    pub(crate) fn run(self, place: &Place) -> Result<ExitCode> {
        let index = place.open_index()?;
        let mut query = SearchQuery::new(self.text.join(" "), usize::from(self.limit));
        query.locale = self.locale.as_deref().map(Locale::from);
        query.nation = self.nation;
        query.audience = self.audience;
        query.updated_since = self.updated_since;
        query.include_withdrawn = self.withdrawn;
        let began = Instant::now();
        let hits = index.search(&query)?;
        let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
        if self.json {
            let parts = best_parts(&query.text, &hits);
            let parts: Vec<_> = parts.iter().map(|part| part_json(&hits, part)).collect();
            let hits: Vec<_> = hits.iter().map(as_json).collect();
            terminal::print_json(&json!({"hits": hits, "parts": parts, "ms": milliseconds}))?;
        } else if hits.is_empty() {
            terminal::print("Nothing was found. Try other words.")?;
        } else {
            let parts = parts(&query.text, &hits);
            let best = |rank| parts.iter().find(|part| part.passage == rank);
            let shown = hits.iter().enumerate();
            let shown = shown
                .fold(String::new(), |text, (rank, hit)| describe(text, rank, hit, best(rank)));
            terminal::print(&shown)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn as_json(hit: &Hit) -> serde_json::Value {
    json!({
        "passage": hit.passage.id,
        "url": hit.passage.url,
        "title": hit.page.title,
        "heading": hit.passage.heading_path(),
        "locale": hit.passage.locale,
        "audiences": hit.page.audiences,
        "score": hit.score,
    })
}

fn part_json(hits: &[Hit], part: &Part) -> serde_json::Value {
    let passage = &hits[part.passage].passage;
    json!({
        "passage": passage.id,
        "url": passage.url,
        "before": part.before,
        "text": part.text,
        "after": part.after,
    })
}

fn describe(mut text: String, rank: usize, hit: &Hit, best: Option<&Part>) -> String {
    let heading = hit.passage.heading_path();
    let separator = if heading.is_empty() { "" } else { " > " };
    let excerpt = best.map_or_else(|| vec![start(&hit.passage.text)], excerpt);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{:>3}. {}{separator}{heading}", rank + 1, hit.page.title);
    let _ = writeln!(text, "     {}", hit.passage.url);
    let audiences: Vec<&str> = hit.page.audiences.iter().map(|audience| audience.key()).collect();
    if !audiences.is_empty() {
        let _ = writeln!(text, "     Written for: {}", audiences.join(", "));
    }
    for line in excerpt {
        let _ = writeln!(text, "     {}", wrap(&line, READING_WIDTH, 5));
    }
    text.push('\n');
    text
}

/// The part that answers best, with what it is to be read with, line by line; a long list is cut.
fn excerpt(part: &Part) -> Vec<String> {
    let after = part.after.iter().take(MOST_AFTER);
    let lines = part.before.iter().chain([&part.text]).chain(after);
    let mut lines: Vec<String> = lines.map(|line| start(line)).collect();
    if part.after.len() > MOST_AFTER {
        lines.push("…".to_owned());
    }
    lines
}

/// The beginning of what is long.
fn start(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
