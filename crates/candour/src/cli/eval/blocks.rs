//! `candour eval blocks`: whether the parts of pages that answer are ranked before the rest, on whole
//! pages whose blocks people have marked as evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use candour_assistant::{Ask, AskError, Assistant, parts};
use candour_content::index::{self, Hints, LiveIndex};
use candour_content::source::SourceSpec;
use candour_core::{SearchError, SearchQuery, Searcher as _};
use candour_evals::blocks::{self, BlockPage, BlockQuestion, MEASURES, Part};
use candour_evals::evidence::Outcome;
use candour_evals::statistics::Mean;
use clap::Args;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::collection::{Collection, Folder};
use super::table::{interval_of_mean, means_without_interval};
use crate::app::Place;
use crate::cli::{evidence, terminal};

/// `candour eval blocks`.
#[derive(Debug, Args)]
#[command(after_help = "\
Files in DIR:
  pages-complete.jsonl  whole pages: url, title, contents (their blocks as HTML, in order)
  questions-open.jsonl  questions: url, question, scenario, evidences (blocks of a page)
  corpus.jsonl          passages in BEIR format; those of other pages are found beside the whole ones

The parts of the first passages found are ranked as `candour search` shows them, and once more in
the order in which answers would begin with them (\"quoted\"). Each counts as the block that it stands
in. hit@3 is the share of questions with a marked block among the first three,
recall@5 the share of the marked blocks among the first five. Every mean has a 95 % bootstrap
interval, in which questions about one page are drawn together; where the mean is 0 or 1 it is the
rule of three, over pages, and of a single page there is none.")]
pub(crate) struct Blocks {
    /// The folder of the data
    #[arg(long, value_name = "DIR")]
    dataset: PathBuf,

    /// Ask with what the person tells of themselves before the question
    #[arg(long)]
    scenario: bool,

    /// How many of the passages found are looked at
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=24))]
    passages: u8,

    /// The embedder to measure with
    #[arg(long, value_name = "NAME", default_value = "default")]
    embedder: String,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How many passages a search finds where nobody says how many.
const USUAL_LIMIT: usize = 10;

type Means = BTreeMap<&'static str, Mean>;

/// What was measured.
struct Measured {
    /// Of the parts that a search shows.
    shown: Means,
    /// Of what answers begin with.
    quoted: Means,
    questions: usize,
    clusters: usize,
    passages: u64,
    snapshot: String,
    embedder: String,
}

impl Blocks {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let measured = self.measure(place).await?;
        let mut found = self.as_json(&measured);
        let outcome = Outcome {
            kind: "blocks".to_owned(),
            title: format!("{} quoted with {}", self.dataset.display(), measured.embedder),
            made_at: Timestamp::now(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            configuration: None,
            snapshot: Some(measured.snapshot.clone()),
            suite: None,
            result: found.clone(),
        };
        let entered = evidence::keep(place, &outcome.into()).await;
        if self.json {
            found["evidence"] = entered.as_json();
            terminal::print_json(&found)?;
        } else {
            terminal::print(&self.as_text(&measured))?;
            terminal::note(&entered.words(None));
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn measure(&self, place: &Place) -> Result<Measured> {
        let pages = blocks::pages(&self.dataset.join("pages-complete.jsonl"))?;
        let questions = blocks::questions(&self.dataset.join("questions-open.jsonl"))?;
        let embedder = index::embedder(&self.embedder, &place.state)?;
        let written = tempfile::tempdir().context("no temporary folder can be made")?;
        let sources = write(&self.dataset, &pages, written.path())?;
        let (content, hints) = (&place.config.content, Hints::default());
        let folder = Folder::passing()?;
        let collection =
            Collection::of(&sources, &self.dataset, folder, &embedder, content, hints).await?;
        let statistics = collection.index.statistics().context("the index is empty")?;
        let clusters = questions.iter().map(|question| &question.url).collect::<BTreeSet<_>>();
        let (count, clusters) = (questions.len(), clusters.len());
        let (config, of, scenario) =
            (place.config.clone(), usize::from(self.passages), self.scenario);
        let ranking = tokio::task::spawn_blocking(move || {
            let index = &collection.index;
            let shown = |asked: &BlockQuestion| shown(index, &words(asked, scenario), of);
            let shown = blocks::measure(&pages, &questions, shown)?;
            let assistant = Assistant::new(Arc::clone(index) as _, &config);
            let quoted = |asked: &BlockQuestion| quoted(&assistant, &words(asked, scenario), of);
            let quoted = blocks::measure(&pages, &questions, quoted)?;
            anyhow::Ok((shown, quoted))
        });
        let (shown, quoted) = ranking.await.context("measuring failed")??;
        Ok(Measured {
            shown,
            quoted,
            questions: count,
            clusters,
            passages: statistics.passages,
            snapshot: statistics.snapshot,
            embedder: statistics.embedder,
        })
    }

    fn as_json(&self, measured: &Measured) -> Value {
        let means = MEASURES.into_iter();
        let mut object: Map<String, Value> =
            means.map(|name| (name.to_owned(), json!(measured.shown.get(name)))).collect();
        let rest = json!({
            "quoted": measured.quoted,
            "scenario": self.scenario,
            "questions": measured.questions,
            "clusters": measured.clusters,
            "passages_looked_at": self.passages,
            "passages": measured.passages,
            "embedder": measured.embedder,
            "snapshot": measured.snapshot,
        });
        object.extend(rest.as_object().cloned().unwrap_or_default());
        object.into()
    }

    fn as_text(&self, measured: &Measured) -> String {
        let asked = if self.scenario { "with their scenarios" } else { "alone" };
        let mut text = format!(
            "{} {asked}, the first {} of {} passages looked at\n{}, snapshot {:.12}\n\n",
            terminal::counted(measured.questions, "question"),
            self.passages,
            measured.passages,
            measured.embedder,
            measured.snapshot,
        );
        for (means, of) in
            [(&measured.shown, "as a search shows them"), (&measured.quoted, "as answers begin")]
        {
            let _ = writeln!(text, "{of}\n{:10} {:>6}   95 % interval", "", "mean");
            for name in MEASURES {
                if let Some(mean) = means.get(name) {
                    let interval = interval_of_mean(mean);
                    let _ = writeln!(text, "{name:10} {:6.3}   {interval}", mean.value);
                }
            }
            let means = MEASURES.into_iter().filter_map(|name| Some((name, *means.get(name)?)));
            text += &means_without_interval("", means);
            text.push('\n');
        }
        let _ = writeln!(text, "The intervals draw whole pages: {}", measured.clusters);
        text
    }
}

/// What is asked.
fn words(asked: &BlockQuestion, scenario: bool) -> String {
    if scenario { format!("{} {}", asked.scenario, asked.question) } else { asked.question.clone() }
}

/// The parts that a search shows.
fn shown(index: &LiveIndex, asked: &str, passages: usize) -> Result<Vec<Part>, SearchError> {
    let hits = index.search(&SearchQuery::new(asked, passages.max(USUAL_LIMIT)))?;
    let found = parts(asked, &hits).into_iter().filter(|part| part.passage < passages);
    Ok(found.map(|part| of_page(&hits[part.passage].passage.url, part.text)).collect())
}

/// The parts that answers would begin with.
fn quoted(assistant: &Assistant, asked: &str, passages: usize) -> Result<Vec<Part>, AskError> {
    let ranked = assistant.ranked(&Ask::new(asked, Timestamp::UNIX_EPOCH), passages)?;
    Ok(ranked.into_iter().map(|quote| of_page(&quote.url, quote.quote)).collect())
}

fn of_page(url: &str, text: String) -> Part {
    Part { url: url.split('#').next().unwrap_or_default().to_owned(), text }
}

/// Writes the whole pages as HTML, each where its address says, and the rows of all other pages, as
/// sources that an ingest reads.
fn write(dataset: &Path, pages: &[BlockPage], to: &Path) -> Result<Vec<SourceSpec>> {
    let folder = to.join("pages");
    for page in pages {
        let path = page.url.splitn(4, '/').nth(3).unwrap_or(&page.url);
        let file = folder.join(format!("{path}.html"));
        fs::create_dir_all(file.parent().unwrap_or(&folder))?;
        fs::write(file, html(page))?;
    }
    let whole: BTreeSet<&str> = pages.iter().map(|page| page.url.as_str()).collect();
    let corpus = dataset.join("corpus.jsonl");
    let rows = fs::read_to_string(&corpus)
        .with_context(|| format!("{} cannot be read: check the name", corpus.display()))?;
    let mut others = String::new();
    for row in rows.lines() {
        let read: Value = serde_json::from_str(row).unwrap_or_default();
        let url = read["metadata"]["url"].as_str().unwrap_or_default();
        if !whole.contains(url) {
            others.push_str(row);
            others.push('\n');
        }
    }
    let file = to.join("corpus.jsonl");
    fs::write(&file, others)?;
    Ok(vec![SourceSpec::Dir(folder), SourceSpec::Beir(file)])
}

/// A page as a publisher would send it: items in lists, rows in tables, and no heading of the first
/// level but its own.
fn html(page: &BlockPage) -> String {
    let title = &page.title;
    let mut html = format!("<!doctype html><title>{title}</title><main><h1>{title}</h1>");
    let mut open = "";
    for block in &page.blocks {
        let around = match block.get(..3) {
            Some("<li") => "ul",
            Some("<tr") => "table",
            _ => "",
        };
        if open != around {
            for (sign, name) in
                [("/", open), ("", around)].into_iter().filter(|it| !it.1.is_empty())
            {
                // Writing to a String cannot fail.
                let _ = write!(html, "<{sign}{name}>");
            }
            open = around;
        }
        let lower = [("h3>", "h4>"), ("h2>", "h3>"), ("h1>", "h2>")];
        html += &lower.into_iter().fold(block.clone(), |block, (from, to)| block.replace(from, to));
    }
    html
}
