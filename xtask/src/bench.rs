//! `cargo xtask bench`: the figures of docs/benchmarks.md, each printed beside its bar.
//!
//! Every measurement runs the release program from outside, as its users do.

mod canary;
mod corpus;
mod load;
mod scale;
mod server;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};

use crate::step::{cargo, root, run, say};
use server::{Scratch, Server};

/// `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand, Clone, Copy)]
enum What {
    /// From nothing to the first page served, with the program built
    Startup,
    /// Passages a second, over a BEIR corpus
    Ingest,
    /// Answers over HTTP with 50 readers at once
    Load,
    /// Memory of an idle server with the sample
    Memory,
    /// Size of the release program
    Size,
    /// A made-up corpus of any size: ingest, memory, answers, and a second ingest
    Scale {
        /// How many passages; 700000 are those of GOV.UK
        #[arg(long, default_value_t = 50_000)]
        passages: u64,
    },
    /// Questions full of made-up personal data, and what is left of it anywhere
    Canary {
        /// How many questions; each is asked on SQLite and on PostgreSQL
        #[arg(long, default_value_t = 10_000)]
        questions: usize,
    },
    /// The search by vectors alone: its time, and what it misses
    Scan,
}

impl Bench {
    /// Measures one thing, or all.
    pub(crate) fn run(self) -> Result<()> {
        if env::var_os(server::PROGRAM).is_none() {
            run(cargo(&["build", "--release", "--locked", "--package", "candour"]))?;
        }
        match self.what {
            Some(what) => measure(what),
            None => [What::Size, What::Startup, What::Memory, What::Load, What::Ingest]
                .into_iter()
                .try_for_each(measure),
        }
    }
}

fn measure(what: What) -> Result<()> {
    match what {
        What::Startup => startup(),
        What::Ingest => ingest(),
        What::Load => load(),
        What::Memory => memory(),
        What::Size => size(),
        What::Scale { passages } => scale::run(passages),
        What::Canary { questions } => canary::run(questions),
        What::Scan => run(cargo(&["bench", "--package", "candour-content", "--bench", "scan"])),
    }
}

fn startup() -> Result<()> {
    let scratch = Scratch::new()?;
    let began = Instant::now();
    let server = Server::start(&scratch)?;
    server.get("/")?;
    let seconds = began.elapsed().as_secs_f64();
    say(&format!(
        "startup: {seconds:.2} s from an empty state directory to the first page served (bar: 10 s)"
    ));
    Ok(())
}

fn ingest() -> Result<()> {
    let corpus = env::var("CANDOUR_BEIR")
        .map_or_else(|_| root().join("../shared/data/conditionalqa"), Into::into);
    if !corpus.join("corpus.jsonl").is_file() {
        say(
            "ingest: skipped, no BEIR corpus here; name a folder with corpus.jsonl in CANDOUR_BEIR",
        );
        return Ok(());
    }
    let mut rates = Vec::new();
    let mut passages = 0.0;
    let before = server::processor_seconds();
    for _ in 0..5 {
        let scratch = Scratch::new()?;
        let output = Command::new(server::program())
            .args(["ingest", "--json", "--state"])
            .arg(scratch.path())
            .arg(format!("beir:{}", corpus.display()))
            .output()?;
        let summary: serde_json::Value =
            serde_json::from_slice(&output.stdout).with_context(|| {
                format!(
                    "the ingest printed no summary: {}",
                    String::from_utf8_lossy(&output.stderr)
                )
            })?;
        passages = summary["passages"].as_f64().unwrap_or_default();
        rates.push(passages / summary["seconds"].as_f64().unwrap_or(f64::INFINITY));
    }
    let processor = (server::processor_seconds() - before) / 5.0;
    rates.sort_by(f64::total_cmp);
    say(&format!(
        "ingest: {:.0} passages/s, median of 5 (from {:.0} to {:.0}), {:.0} for each second of processor time, {passages} passages (bar: 10000)",
        rates[2],
        rates[0],
        rates[4],
        passages / processor
    ));
    Ok(())
}

fn load() -> Result<()> {
    let scratch = Scratch::new()?;
    let server = Server::start(&scratch)?;
    let questions = sample_questions(&root().join("sample/questions"))?;
    let asked = |turn: usize| body(&questions[turn % questions.len()], "");
    // A number that no other reader gives makes every question a new one.
    let asked_once = |turn: usize| {
        body(&questions[turn % questions.len()], &format!(" My house has the number {turn}."))
    };
    measure_load(&server, "the sample's questions, again and again (bar: p95 50 ms)", &asked);
    measure_load(&server, "no question twice", &asked_once);
    Ok(())
}

fn measure_load(server: &Server, what: &str, body: &(dyn Fn(usize) -> String + Sync)) {
    // A short warm-up keeps first-use costs out of the percentiles.
    load::run(server.address(), body, 50, Duration::from_secs(2));
    let measured = load::run(server.address(), body, 50, Duration::from_secs(10));
    say(&format!(
        "load: 50 readers at once, {what}: {} answers, {} errors, {:.0} answers/s, p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms",
        measured.latencies.len(),
        measured.errors,
        measured.latencies.len() as f64 / measured.seconds,
        measured.percentile(50),
        measured.percentile(95),
        measured.percentile(99),
    ));
}

fn memory() -> Result<()> {
    let scratch = Scratch::new()?;
    let server = Server::start(&scratch)?;
    server.get("/")?;
    std::thread::sleep(Duration::from_secs(3));
    let idle = server.resident()?.all;
    let questions = sample_questions(&root().join("sample/questions"))?;
    let asked = |turn: usize| body(&questions[turn % questions.len()], "");
    load::run(server.address(), &asked, 50, Duration::from_secs(5));
    std::thread::sleep(Duration::from_secs(3));
    let after = server.resident()?.all;
    say(&format!(
        "memory: {idle:.0} MB idle with the sample, {after:.0} MB after 5 s of load (bar: 150 MB idle)"
    ));
    Ok(())
}

fn size() -> Result<()> {
    let bytes = fs::metadata(server::program())?.len();
    say(&format!("size: {:.1} MB, one file with its assets (bar: 60 MB)", bytes as f64 / 1e6));
    Ok(())
}

/// The questions of the sample.
fn sample_questions(folder: &Path) -> Result<Vec<serde_json::Value>> {
    let mut files: Vec<_> =
        fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let mut questions = Vec::new();
    for file in files {
        for line in fs::read_to_string(&file)?.lines() {
            questions.push(serde_json::from_str(line)?);
        }
    }
    anyhow::ensure!(!questions.is_empty(), "there are no questions in {}", folder.display());
    Ok(questions)
}

/// A question as the API takes it, with something said after it.
fn body(question: &serde_json::Value, after: &str) -> String {
    let text = question["question"].as_str().unwrap_or_default();
    let text = format!("{text}{after}");
    serde_json::json!({"question": text, "locale": question["locale"]}).to_string()
}
