//! `cargo xtask bench scale`: a made-up corpus of any size, from ingest to answers over HTTP and to
//! the ingest after a few pages have changed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};

use super::corpus::Corpus;
use super::load;
use super::server::{self, Scratch, Server};
use crate::step::say;

/// After so many pages comes one that changes.
const CHANGED_EVERY: u64 = 100;
const QUESTIONS: u64 = 200;

/// Measures with a corpus of so many passages.
pub(super) fn run(passages: u64) -> Result<()> {
    let scratch = Scratch::new()?;
    let (corpus, state) = (scratch.path().join("corpus.jsonl"), scratch.path().join("state"));
    let made_up = Corpus { passages, changed_every: 0 };
    let pages = made_up.write(&corpus)?;
    let first = ingest(&corpus, &state)?;
    say(&format!(
        "scale: {passages} passages on {pages} pages: {:.0} passages/s (bar: 10000), {:.1} s, {:.1} s of processor time",
        passages as f64 / first.seconds,
        first.seconds,
        first.processor
    ));
    let snapshot = state.join("snapshots").join(&first.snapshot);
    say(&format!(
        "scale: the snapshot takes {:.0} MB, the whole state directory {:.0} MB",
        size_of(&snapshot)? as f64 / 1e6,
        size_of(&state)? as f64 / 1e6
    ));
    serve(&scratch, &state, made_up)?;
    let pages = Corpus { passages, changed_every: CHANGED_EVERY }.write(&corpus)?;
    let second = ingest(&corpus, &state)?;
    say(&format!(
        "scale: {} of {pages} pages changed: {:.1} s to serve them, {:.1} s of processor time",
        second.indexed, second.seconds, second.processor
    ));
    Ok(())
}

fn serve(scratch: &Scratch, state: &Path, corpus: Corpus) -> Result<()> {
    let began = Instant::now();
    let server = Server::serve(scratch.path(), state)?;
    let opening = began.elapsed().as_secs_f64();
    let before = server.resident()?;
    let bodies: Vec<String> = corpus
        .questions(QUESTIONS)
        .iter()
        .map(|question| serde_json::json!({"question": question, "locale": "en"}).to_string())
        .collect();
    let measured = load::ask_each(server.address(), &bodies);
    let after = server.resident()?;
    say(&format!(
        "scale: {opening:.1} s to open; {:.0} MB resident, after {QUESTIONS} questions {:.0} MB, {:.0} MB of it mapped files (bar: 600 MB)",
        before.all, after.all, after.files
    ));
    say(&format!(
        "scale: one reader, {} answers, {} errors: p50 {:.1} ms, p95 {:.1} ms",
        measured.latencies.len(),
        measured.errors,
        measured.percentile(50),
        measured.percentile(95)
    ));
    Ok(())
}

/// What an ingest said of itself.
struct Ingested {
    seconds: f64,
    processor: f64,
    indexed: u64,
    snapshot: String,
}

fn ingest(corpus: &Path, state: &Path) -> Result<Ingested> {
    let before = server::processor_seconds();
    let output = Command::new(server::program())
        .args(["ingest", "--json", "--quiet", "--state"])
        .arg(state)
        .arg(format!("beir:{}", corpus.display()))
        .output()?;
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).with_context(|| {
        format!("the ingest printed no summary: {}", String::from_utf8_lossy(&output.stderr))
    })?;
    Ok(Ingested {
        seconds: summary["seconds"].as_f64().context("no seconds")?,
        processor: server::processor_seconds() - before,
        indexed: summary["indexed"].as_u64().context("no pages")?,
        snapshot: summary["snapshot"].as_str().context("no snapshot")?.to_owned(),
    })
}

/// The bytes of all files in a folder.
fn size_of(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { size_of(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}
