//! How well passages are found, on a public collection of questions about guidance. The floors are
//! what was measured, less a point: a change that falls below one has broken something.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use candour_content::index::{LiveIndex, SnapshotBuilder, default_embedder, group_by_page};
use candour_content::prepared::Prepared;
use candour_core::{
    ContentHash, Embedder, EmbedderIdentity, Nations, Page, Passage, SearchQuery, Searcher as _,
};
use rayon::prelude::*;
use serde_json::{Value, json};

/// How many hits are looked at; pages are those of these hits.
const DEPTH: usize = 10;

#[test]
#[expect(clippy::print_stdout, reason = "the table is what this measures")]
fn questions_find_their_sections() {
    let Some(folder) = collection() else { return };
    let state = tempfile::tempdir().unwrap();
    build(state.path(), &pages(&lines(folder.join("corpus.jsonl"))));
    let relevant = relevant(&folder);
    let embedder = default_embedder();
    let both = LiveIndex::open(state.path(), Arc::clone(&embedder)).unwrap();
    let words = LiveIndex::open(state.path(), Arc::new(Silent(embedder.identity()))).unwrap();
    let files = ["queries-question.jsonl", "queries-scenario.jsonl"];
    let floors = [("words", &words, [0.480, 0.644]), ("words and vectors", &both, [0.494, 0.704])];
    println!(
        "{:18} {:24} {:>7} {:>8} {:>8}",
        "ranking", "questions", "nDCG@10", "page R@1", "page R@5"
    );
    for (ranking, index, floors) in floors {
        for (file, floor) in files.into_iter().zip(floors) {
            let [gain, first, fifth] = measure(index, &lines(folder.join(file)), &relevant);
            println!("{ranking:18} {file:24} {gain:7.3} {first:8.3} {fifth:8.3}");
            assert!(gain >= floor, "{ranking} on {file}: nDCG@10 {gain:.3} is below {floor}");
        }
    }
}

/// The embedder of a snapshot, struck dumb: what is found then is found by words.
struct Silent(EmbedderIdentity);

impl Embedder for Silent {
    fn identity(&self) -> EmbedderIdentity {
        self.0.clone()
    }

    fn embed(&self, _: &str) -> Vec<f32> {
        vec![0.0; self.0.dimensions]
    }
}

/// Mean nDCG@10 of sections, and the share of questions whose page is first and among the first five.
fn measure(
    index: &LiveIndex,
    questions: &[Value],
    relevant: &BTreeMap<String, BTreeSet<String>>,
) -> [f64; 3] {
    let results: Vec<(Option<f64>, Option<usize>)> =
        questions.par_iter().map(|question| ask(index, question, relevant)).collect();
    let gains: Vec<f64> = results.iter().filter_map(|(gain, _)| *gain).collect();
    let within = |most: usize| {
        let found = results.iter().filter(|(_, rank)| rank.is_some_and(|rank| rank < most));
        found.count() as f64 / questions.len() as f64
    };
    [gains.iter().sum::<f64>() / gains.len() as f64, within(1), within(5)]
}

/// The nDCG@10 of one question, if its sections are known, and the rank of its page.
fn ask(
    index: &LiveIndex,
    question: &Value,
    relevant: &BTreeMap<String, BTreeSet<String>>,
) -> (Option<f64>, Option<usize>) {
    let hits = index.search(&SearchQuery::new(text(&question["text"]), DEPTH)).unwrap();
    let gain = relevant.get(text(&question["_id"])).map(|relevant| {
        ndcg(hits.iter().map(|hit| relevant.contains(hit.passage.id.as_str())), relevant.len())
    });
    let wanted = text(&question["metadata"]["url"]);
    let rank = group_by_page(&hits).iter().position(|group| group[0].page.url == wanted);
    (gain, rank)
}

/// Järvelin and Kekäläinen (2002), with binary gains and cut at 10.
fn ndcg(is_relevant: impl Iterator<Item = bool>, relevant: usize) -> f64 {
    let gain = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
    let found = is_relevant.take(10).enumerate().filter(|(_, is)| *is).map(|(rank, _)| gain(rank));
    found.sum::<f64>() / (0..relevant.min(10)).map(gain).sum::<f64>()
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests must know what was not tested")]
fn collection() -> Option<PathBuf> {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/conditionalqa");
    if folder.join("corpus.jsonl").exists() {
        return Some(folder);
    }
    eprintln!("skipped: the ConditionalQA collection is not beside the repository");
    None
}

fn lines(path: PathBuf) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Which sections answer which question.
fn relevant(folder: &std::path::Path) -> BTreeMap<String, BTreeSet<String>> {
    let table = fs::read_to_string(folder.join("qrels/open.tsv")).unwrap();
    let mut relevant: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let mut cells = line.split('\t').map(str::to_owned);
        relevant.entry(cells.next().unwrap()).or_default().insert(cells.next().unwrap());
    }
    relevant
}

/// One page for each address, one passage for each row; the heading path that a row's text begins
/// with is taken off, as it is indexed apart.
fn pages(rows: &[Value]) -> Vec<Prepared> {
    let mut by_url: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for row in rows {
        by_url.entry(text(&row["metadata"]["url"])).or_default().push(row);
    }
    let embedder = default_embedder();
    let pages = by_url.into_par_iter().map(|(url, rows)| {
        let page = serde_json::from_value::<Page>(json!({
            "id": url, "url": url, "title": rows[0]["title"], "locale": "en", "schema": "beir",
            "document_type": "beir", "scope": {"applies": Nations::ALL},
        }));
        let passages = rows.into_iter().map(|row| passage(url, row)).collect();
        Prepared::new(page.unwrap(), passages, embedder.as_ref())
    });
    pages.collect()
}

fn passage(url: &str, row: &Value) -> Passage {
    let path = text(&row["metadata"]["heading"]);
    let words = text(&row["text"]);
    let words = words.strip_prefix(path).and_then(|rest| rest.strip_prefix(". ")).unwrap_or(words);
    let headings = path.split(" > ").filter(|heading| !heading.is_empty());
    let headings: Vec<Value> = headings.map(|text| json!({"level": 2, "text": text})).collect();
    serde_json::from_value(json!({
        "id": row["_id"], "page": url, "url": url, "text": words, "headings": headings,
        "units": [], "locale": "en", "scope": {"applies": Nations::ALL},
    }))
    .unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn build(state: &std::path::Path, pages: &[Prepared]) {
    let name = ContentHash::of(b"conditionalqa");
    let identity = default_embedder().identity();
    let built_at = jiff::Timestamp::UNIX_EPOCH;
    let mut builder = SnapshotBuilder::create(state, &name, "test", identity, built_at).unwrap();
    for page in pages {
        builder.add(page, &ContentHash::of(page.page.id.as_str().as_bytes())).unwrap();
    }
    builder.finish().unwrap();
}
