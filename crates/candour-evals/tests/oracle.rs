//! The metrics agree with ir_measures, and with figures that were published for two public datasets.
//!
//! `cargo xtask test` installs ir_measures and names its Python in CANDOUR_ORACLE_PYTHON. The datasets
//! are not part of the project: see CONTRIBUTING.md.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

mod collection;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use candour_evals::dataset::Dataset;
use candour_evals::retrieval::{Measured, Measurement, Metric, Ranked, scores};
use candour_evals::run::HintHashes;
use collection::{Overlap, data, skipped};
use serde_json::{Value, json};

/// The names of the same measures in ir_measures, for passages and for pages.
const PASSAGES: [(Metric, &str); 4] = [
    (Metric::Ndcg10, "nDCG@10"),
    (Metric::Recall5, "R@5"),
    (Metric::Recall10, "R@10"),
    (Metric::Mrr10, "RR@10"),
];
const PAGES: [(Metric, &str); 3] =
    [(Metric::PageRecall1, "R@1"), (Metric::PageRecall5, "R@5"), (Metric::PageNdcg10, "nDCG@10")];

#[test]
fn cranfield_agrees_with_ir_measures() {
    let Some(folder) = data("cranfield") else { return };
    check(&folder, &folder.join("queries.jsonl"), &folder.join("qrels/test.tsv"));
}

#[test]
fn graded_relevance_agrees_with_ir_measures() {
    let Some(folder) = data("cranfield") else { return };
    let scratch = tempfile::tempdir().unwrap();
    let graded = scratch.path().join("graded.tsv");
    let qrels = fs::read_to_string(folder.join("qrels/test.tsv")).unwrap();
    // Grades 0 to 3 in turn, so that some of the judged passages are not relevant.
    let row = |(place, row): (usize, &str)| {
        let (judged, _) = row.rsplit_once('\t').unwrap();
        format!("{judged}\t{}", place % 4)
    };
    let rows: Vec<String> = qrels.lines().skip(1).enumerate().map(row).collect();
    fs::write(&graded, rows.join("\n")).unwrap();
    check(&folder, &folder.join("queries.jsonl"), &graded);
}

#[test]
fn pages_agree_with_ir_measures() {
    let Some(folder) = data("conditionalqa") else { return };
    for queries in ["queries-question.jsonl", "queries-scenario.jsonl"] {
        let dataset = check(&folder, &folder.join(queries), &folder.join("qrels/open.tsv"));
        let with = |metric: Metric| dataset.run.count(metric);
        assert_eq!((with(Metric::Ndcg10), with(Metric::PageRecall1)), (155, 165));
    }
}

/// The judged passages of each query, in the reverse order of the file.
#[test]
fn cranfield_in_reverse_has_the_published_means() {
    let Some(folder) = data("cranfield") else { return };
    let qrels = fs::read_to_string(folder.join("qrels/test.tsv")).unwrap();
    let mut judged: BTreeMap<&str, Vec<(&str, f64)>> = BTreeMap::new();
    for row in qrels.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        judged.entry(cells[0]).or_default().insert(0, (cells[1], cells[2].parse().unwrap()));
    }
    let expected = [0.768_812, 0.685_067, 0.922_955, 0.5];
    assert_means(&judged, &PASSAGES.map(|(metric, _)| metric), &expected);
}

/// The links of each query in alphabetical order, with grades from 1 to 3.
#[test]
fn clicks_in_alphabetical_order_have_the_published_mean() {
    let Some(folder) = data("govuk-search") else { return };
    let table = fs::read_to_string(folder.join("clickstream-dev.csv")).unwrap();
    let mut judged: BTreeMap<&str, Vec<(&str, f64)>> = BTreeMap::new();
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.rsplitn(3, ',').collect();
        let links = judged.entry(cells[2]).or_default();
        let grade: f64 = cells[0].parse().unwrap();
        match links.iter_mut().find(|(link, _)| *link == cells[1]) {
            Some((_, kept)) => *kept = kept.max(grade),
            None => links.push((cells[1], grade)),
        }
    }
    for links in judged.values_mut() {
        links.sort_by_key(|(link, _)| *link);
    }
    assert_eq!(judged.len(), 989);
    assert_means(&judged, &[Metric::Ndcg10], &[0.909_021]);
}

/// The means over queries, each with its judged passages in the order in which they are ranked.
fn assert_means(judged: &BTreeMap<&str, Vec<(&str, f64)>>, metrics: &[Metric], expected: &[f64]) {
    let all = judged.values().map(|ranking| {
        let found: Vec<Ranked> = ranking
            .iter()
            .map(|(id, _)| Ranked { passage: (*id).into(), page: String::new(), score: 0.0 })
            .collect();
        let grades = ranking.iter().map(|(id, grade)| ((*id).to_owned(), *grade)).collect();
        scores(&found, &grades, &BTreeSet::new())
    });
    let all: Vec<_> = all.collect();
    for (metric, expected) in metrics.iter().zip(expected) {
        let values: Vec<f64> =
            all.iter().filter_map(|scores| scores.get(metric).copied()).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        assert!((mean - expected).abs() < 5e-7, "{metric}: {mean}");
    }
}

/// Measures a plain searcher and holds every metric of every query against the oracle's.
fn check(folder: &Path, queries: &Path, qrels: &Path) -> Measured {
    let dataset = Dataset::read(queries, qrels).unwrap();
    let searcher = Overlap::read(folder);
    let measurement = Measurement {
        searcher: &searcher,
        embedder: "none",
        depth: 100,
        hints: HintHashes::default(),
        page_of: &|passage| searcher.page_of(passage),
        clock: &|| Duration::ZERO,
    };
    let measured = measurement.run(&dataset, &mut |_| true).unwrap();
    let passages: Value =
        dataset.queries.iter().map(|query| (query.id.clone(), whole(&query.grades))).collect();
    compare(&measured, &PASSAGES, &passages, |hit| &hit.passage);
    let pages: Value = dataset
        .queries
        .iter()
        .map(|query| {
            let of = |(passage, grade): (&String, &f64)| {
                (*grade > 0.0).then(|| searcher.page_of(passage)).flatten()
            };
            let named: Vec<String> = query.url.clone().into_iter().collect();
            let pages =
                if named.is_empty() { query.grades.iter().filter_map(of).collect() } else { named };
            (query.id.clone(), pages.into_iter().map(|page| (page, json!(1))).collect::<Value>())
        })
        .collect();
    compare(&measured, &PAGES, &pages, |hit| &hit.page);
    measured
}

/// The oracle takes whole grades.
fn whole(grades: &BTreeMap<String, f64>) -> Value {
    grades.iter().map(|(passage, grade)| (passage.clone(), json!(*grade as i64))).collect()
}

fn compare(
    measured: &Measured,
    metrics: &[(Metric, &str)],
    qrels: &Value,
    found: impl Fn(&Ranked) -> &String,
) {
    let Some(python) = std::env::var_os("CANDOUR_ORACLE_PYTHON") else {
        return skipped("`cargo xtask test` installs ir_measures and sets CANDOUR_ORACLE_PYTHON");
    };
    let run: Value = measured
        .run
        .queries
        .iter()
        .map(|query| {
            let mut seen = BTreeSet::new();
            let names = query.found.iter().map(&found).filter(|name| seen.insert(*name));
            (query.id.clone(), names.cloned().collect::<Value>())
        })
        .collect();
    let names: Vec<&str> = metrics.iter().map(|(_, name)| *name).collect();
    let asked = json!({"qrels": qrels, "run": run, "measures": names});
    let answered = ask(Path::new(&python), &asked);
    let mut compared = 0;
    for (metric, name) in metrics {
        for query in &measured.run.queries {
            let Some(ours) = query.metrics.get(metric) else { continue };
            let theirs = answered[name][&query.id].as_f64().unwrap();
            assert!((ours - theirs).abs() < 1e-6, "{metric} of {}: {ours}, {theirs}", query.id);
            compared += 1;
        }
    }
    assert!(compared >= 150 * metrics.len(), "only {compared} values were compared");
}

fn ask(python: &Path, asked: &Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle.py");
    let mut oracle = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Dropping the pipe at the end of the statement tells the oracle that this is all.
    oracle.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = oracle.wait_with_output().unwrap();
    assert!(output.status.success(), "the oracle failed");
    serde_json::from_slice(&output.stdout).unwrap()
}
