//! `candour eval retrieval`: how well passages and pages are found, on a benchmark in BEIR format.

mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use candour_content::index;
use candour_core::ContentHash;
use candour_evals::dataset::Dataset;
use candour_evals::evidence::Outcome;
use candour_evals::retrieval::{Measured, Measurement};
use candour_evals::run::{HintHashes, Run};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use self::report::{Corpus, Report};
use super::collection::{Collection, Folder};
use crate::app::{Place, hints};
use crate::cli::{evidence, terminal};

/// Queries between two lines, where there is no terminal to draw a bar on.
const QUERIES_A_LINE: usize = 1000;
/// As far down as measures look.
const LEAST_DEPTH: u16 = 10;

/// `candour eval retrieval`.
#[derive(Debug, Args)]
#[command(after_help = "\
Files:
  DIR/corpus.jsonl  passages: _id, title, text, metadata.url, metadata.heading
  --queries FILE    queries: _id, text and, where it is known, metadata.url: the page that answers
  --qrels FILE      query, passage and grade, separated by tabs, with or without a header
A file is looked for in DIR first, then here.

Every mean has a 95 % bootstrap interval, in which queries about one page are drawn together. Where
all are 0 or all are 1 it is the rule of three, over pages; of a single page, or where all is the
same otherwise, there is none.
Queries are asked one after another. The time of one is the processor's, so that other work does
not count; it grows with --depth, since every passage that is found is read.")]
pub(crate) struct Retrieval {
    /// The folder of the benchmark
    #[arg(long, value_name = "DIR")]
    dataset: PathBuf,

    /// The queries, as JSON Lines
    #[arg(long, value_name = "FILE", default_value = "queries.jsonl")]
    queries: PathBuf,

    /// Which passages are relevant to which query
    #[arg(long, value_name = "FILE")]
    qrels: PathBuf,

    /// The embedder to measure with
    #[arg(long, value_name = "NAME", default_value = "default")]
    embedder: String,

    /// Words that mean the same, as `search.synonyms` of candour.toml
    #[arg(long, value_name = "FILE")]
    synonyms: Option<PathBuf>,

    /// How often each page is read, as `search.views` of candour.toml
    #[arg(long, value_name = "FILE")]
    views: Option<PathBuf>,

    /// How many passages to ask for
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = depth)]
    depth: u16,

    /// Keep the index in the state directory, so that the next time is quicker. Leave it out after a
    /// change of how Candour itself indexes
    #[arg(long)]
    keep: bool,

    /// Save what was found for each query
    #[arg(long, value_name = "RUN")]
    save: Option<PathBuf>,

    /// Compare with a run that was saved, query by query
    #[arg(long, value_name = "RUN")]
    against: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Retrieval {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let stop = Arc::new(AtomicBool::new(false));
        tokio::select! {
            report = self.report(place, &stop) => {
                let report = report?;
                let mut found = report.as_json();
                let entered = evidence::keep(place, &self.outcome(&report, found.clone()).into()).await;
                if self.json {
                    found["evidence"] = entered.as_json();
                    terminal::print_json(&found)?;
                } else {
                    terminal::print(&report.as_text())?;
                    terminal::note(&entered.words(None));
                }
                Ok(ExitCode::SUCCESS)
            }
            Ok(()) = tokio::signal::ctrl_c() => {
                stop.store(true, Ordering::Relaxed);
                bail!("interrupted: nothing was saved")
            }
        }
    }

    fn outcome(&self, report: &Report, result: serde_json::Value) -> Outcome {
        let about = &report.run().about;
        Outcome {
            kind: "retrieval".to_owned(),
            title: format!("{} searched with {}", self.dataset.display(), about.embedder),
            made_at: jiff::Timestamp::now(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            configuration: None,
            snapshot: Some(about.snapshot.clone()),
            suite: None,
            result,
        }
    }

    async fn report(&self, place: &Place, stop: &Arc<AtomicBool>) -> Result<Report> {
        // What can be wrong is found before the long work begins.
        let dataset = Dataset::read(&self.find(&self.queries), &self.find(&self.qrels))?;
        let against = self.against.as_deref().map(Run::read).transpose()?;
        self.check_save()?;
        let hints = hints(self.synonyms.as_deref(), self.views.as_deref())?;
        let hashes = HintHashes {
            synonyms: self.synonyms.as_deref().map(hash).transpose()?,
            views: self.views.as_deref().map(hash).transpose()?,
        };
        let embedder = index::embedder(&self.embedder, &place.state)?;
        let folder = if self.keep {
            Folder::kept(&place.state, &self.dataset, embedder.as_ref())?
        } else {
            Folder::passing()?
        };
        let content = &place.config.content;
        let collection =
            Collection::build(&self.dataset, folder, &embedder, content, hints).await?;
        let (depth, stop, asked) = (usize::from(self.depth), Arc::clone(stop), dataset.clone());
        let measured =
            tokio::task::spawn_blocking(move || measure(&collection, &asked, depth, hashes, &stop));
        let (measured, corpus) = measured.await.context("measuring failed")??;
        let report = Report::new(&dataset, measured, corpus, against.as_ref())?;
        if let Some(path) = &self.save {
            report.run().save(path)?;
        }
        Ok(report)
    }

    /// A file as it is named within the dataset or, where there is none, from here.
    fn find(&self, file: &Path) -> PathBuf {
        let inside = self.dataset.join(file);
        if !inside.exists() && file.exists() { file.to_owned() } else { inside }
    }

    fn check_save(&self) -> Result<()> {
        let Some(path) = &self.save else { return Ok(()) };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if path.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
            bail!(
                "no run can be saved as {}: name a file in a folder that is there",
                path.display()
            );
        }
        Ok(())
    }
}

/// As many passages as may be asked for.
fn depth(text: &str) -> Result<u16, String> {
    let depth = text.parse().ok().filter(|depth| (LEAST_DEPTH..=1000).contains(depth));
    depth.ok_or_else(|| {
        format!(
            "give {LEAST_DEPTH} to 1000: measures look at the first ten, and what was not asked for would count as not found"
        )
    })
}

fn hash(file: &Path) -> Result<ContentHash> {
    let bytes = std::fs::read(file);
    let bytes = bytes.with_context(|| format!("{} cannot be read: check its name", file.display()));
    Ok(ContentHash::of(&bytes?))
}

/// Asks every query, and counts the passages.
fn measure(
    collection: &Collection,
    dataset: &Dataset,
    depth: usize,
    hints: HintHashes,
    stop: &AtomicBool,
) -> Result<(Measured, Corpus)> {
    let statistics = collection.index.statistics().context("the index is empty")?;
    let bar = ProgressBar::new(dataset.queries.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} queries, {eta} left") {
        bar.set_style(style);
    }
    let measurement = Measurement {
        searcher: collection.index.as_ref(),
        embedder: &statistics.embedder,
        depth,
        hints,
        page_of: &|passage| collection.page_of(passage),
        clock: &processor_time,
    };
    let measured = measurement.run(dataset, &mut |asked| {
        bar.inc(1);
        if bar.is_hidden() && asked.is_multiple_of(QUERIES_A_LINE) {
            terminal::note(&format!("{asked} queries asked"));
        }
        !stop.load(Ordering::Relaxed)
    });
    bar.finish_and_clear();
    let corpus = Corpus { passages: statistics.passages, blank_rows: collection.blank_rows };
    Ok((measured?, corpus))
}

/// The processor time that this process has used, on all its threads.
#[cfg(unix)]
fn processor_time() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(used).unwrap_or_default()
}

/// Where the system does not tell, the time that has passed.
#[cfg(not(unix))]
fn processor_time() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}
