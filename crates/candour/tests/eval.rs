//! `candour eval` from outside: a small benchmark, measured, saved, compared and spoilt.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use std::fs;
use std::process::Output;

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A benchmark of three pages in a scratch folder, in which the program runs.
struct Benchmark(TempDir);

const METRICS: [&str; 7] = [
    "ndcg@10",
    "recall@5",
    "recall@10",
    "mrr@10",
    "page_recall@1",
    "page_recall@5",
    "page_ndcg@10",
];

impl Benchmark {
    fn new() -> Self {
        let benchmark = Self(TempDir::new().unwrap());
        let row = |id: &str, page: &str, text: &str| json!({"_id": id, "title": page, "text": text, "metadata": {"url": format!("/{page}")}});
        // No passage of a publisher's page would be as long: a row is one all the same.
        let long = format!("{}The toll bridge costs 80p.", "Boats pass below it. ".repeat(2000));
        let rows = [
            row("bins#0", "bins", "Garden waste is collected on Tuesdays."),
            row("bins#1", "bins", "Bulky waste is collected when you ask for it."),
            row("parking#0", "parking", "A resident's permit costs 40 pounds."),
            row("bridge#0", "bridge", &long),
        ];
        let queries = [
            json!({"_id": "q1", "text": "When is garden waste collected?"}),
            json!({"_id": "q2", "text": "resident permit", "metadata": {"url": "/parking"}}),
            json!({"_id": "q3", "text": "What does the toll bridge cost?"}),
        ];
        benchmark.write("set/corpus.jsonl", &lines(&rows));
        benchmark.write("set/queries.jsonl", &lines(&queries));
        benchmark.write(
            "set/qrels/test.tsv",
            "query-id\tcorpus-id\tscore\nq1\tbins#0\t2\nq3\tbridge#0\t1\nq3\tmill#0\t1\nq9\tbins#0\t1\n",
        );
        benchmark
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Measures, with `more` arguments.
    fn run(&self, more: &[&str]) -> Output {
        let temporary = self.0.path().join("tmp");
        fs::create_dir_all(&temporary).unwrap();
        let output = Command::cargo_bin("candour")
            .unwrap()
            .current_dir(self.0.path())
            .env("TMPDIR", &temporary)
            .args(["eval", "retrieval", "--dataset", "set", "--qrels", "qrels/test.tsv"])
            .args(more)
            .output()
            .unwrap();
        assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "the temporary index is removed");
        output
    }

    fn json(&self, more: &[&str]) -> Value {
        let output = self.run(&[more, &["--json"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Measures, which must fail, and gives what is said.
    fn fails(&self, more: &[&str]) -> String {
        let output = self.run(more);
        assert!(!output.status.success() && output.stdout.is_empty(), "{more:?} should fail");
        String::from_utf8(output.stderr).unwrap()
    }
}

fn lines(rows: &[Value]) -> String {
    rows.iter().map(Value::to_string).collect::<Vec<_>>().join("\n") + "\n"
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_json_has_a_key_for_each_metric() {
    let benchmark = Benchmark::new();
    let found = benchmark.json(&[]);
    assert_eq!(keys(&found)[..7], METRICS);
    for metric in METRICS {
        let named = keys(&found[metric]);
        let is_alike = found[metric]["note"].is_string();
        assert_eq!(named[..3], ["value", "low", "high"]);
        assert_eq!((named.len() == 4, found[metric]["low"].is_null()), (is_alike, is_alike));
    }
    assert_eq!(found["ndcg@10"]["value"].as_f64().map(|value| value > 0.8), Some(true), "{found}");
    let pages = found["page_recall@5"]["value"].as_f64().unwrap();
    assert!((pages - 5.0 / 6.0).abs() < 1e-9, "one page of six is not in the corpus: {pages}");
    assert_eq!(found["averaged_over"]["recall@5"], json!(2));
    assert_eq!(found["averaged_over"]["page_recall@1"], json!(3));
    assert_eq!(found["queries"], json!(3));
    assert_eq!(found["clusters"], json!(3));
    assert_eq!(found["passages"], json!(4), "every row is one passage");
    assert_eq!(found["qrels_of_unknown_queries"], json!(1));
    assert_eq!(found["relevant_passages_not_in_corpus"], json!(1));
    assert!(found["ms_per_query"]["median"].as_f64().unwrap() > 0.0);
    assert_eq!(found.get("difference"), None);
}

#[test]
fn a_run_that_is_compared_with_itself_differs_by_nothing() {
    let benchmark = Benchmark::new();
    let first = benchmark.json(&["--save", "first.run", "--keep", "--state", "kept"]);
    let second = benchmark.json(&["--against", "first.run", "--keep", "--state", "kept"]);
    assert_eq!(first["snapshot"], second["snapshot"]);
    assert_eq!(keys(&second["difference"]), METRICS);
    let note = "all of it is the same, and nobody knows how much others differ";
    let nothing = json!({"value": 0.0, "low": null, "high": null, "note": note});
    assert!(METRICS.iter().all(|metric| second["difference"][metric] == nothing), "{second}");
    assert_eq!(second["made_otherwise"], json!([]));
    assert!(!benchmark.0.path().join("state").exists(), "no pilot's state is touched");

    benchmark.write("set/queries.jsonl", "{\"_id\":\"q1\",\"text\":\"When are bins emptied?\"}\n");
    let other = benchmark.fails(&["--against", "first.run"]);
    assert!(other.contains("2 of them in one run only (q2, q3)"), "{other}");
}

#[test]
fn a_run_that_was_made_otherwise_is_named_with_the_change() {
    let benchmark = Benchmark::new();
    benchmark.write("words.yml", "- search: waste => rubbish\n");
    benchmark.json(&["--save", "first.run", "--depth", "20"]);
    let (made, against) = (["--synonyms", "words.yml"], ["--against", "first.run"]);
    let found = benchmark.json(&[made, against].concat());
    let otherwise = found["made_otherwise"].as_array().unwrap();
    let named: Vec<_> = otherwise.iter().map(|one| [&one["what"], &one["earlier"]]).collect();
    assert_eq!(json!(named), json!([["depth", "20"], ["synonyms", "none"]]));
    assert_eq!(otherwise[1]["now"], found["hints"]["synonyms"]);
    let text = String::from_utf8(benchmark.run(&[made, against].concat()).stdout).unwrap();
    assert!(text.contains("the change may come of that: depth 20 then, 100 now"), "{text}");
    assert!(text.contains("the change may come of that: synonyms none then, "), "{text}");
}

#[test]
fn of_one_query_nothing_is_known_but_its_own_figure() {
    let benchmark = Benchmark::new();
    benchmark.write("one.jsonl", "{\"_id\":\"q1\",\"text\":\"garden waste\"}\n");
    let one = ["--queries", "one.jsonl"];
    let found = benchmark.json(&one);
    assert_eq!(found["ndcg@10"]["value"], json!(1.0));
    assert_eq!([&found["ndcg@10"]["low"], &found["ndcg@10"]["high"]], [&Value::Null; 2]);
    let text = String::from_utf8(benchmark.run(&one).stdout).unwrap();
    assert!(!text.contains("1.000 to 1.000"), "{text}");
    assert!(text.contains("page_ndcg@10 without an interval: it is a single value"), "{text}");
}

#[test]
fn the_table_says_what_was_not_measured() {
    let benchmark = Benchmark::new();
    let corpus = fs::read_to_string(benchmark.0.path().join("set/corpus.jsonl")).unwrap();
    let blank = "{\"_id\":\"blank\",\"title\":\"\",\"text\":\"\"}\n";
    benchmark.write("set/corpus.jsonl", &format!("{corpus}{blank}"));
    let text = String::from_utf8(benchmark.run(&[]).stdout).unwrap();
    for said in [
        "3 queries over 4 passages",
        "page_ndcg@10",
        "queries without a relevant passage in the qrels, counted for pages only: 1",
        "rows of the corpus with neither a title nor a text, left out: 1",
        "rows of the qrels that name a query not in the file, ignored: 1",
        "relevant passages that are not in the corpus, counted as missed: 1",
    ] {
        assert!(text.contains(said), "{said:?} is not in {text}");
    }
}

#[test]
fn what_cannot_be_measured_is_refused_in_plain_words() {
    let benchmark = Benchmark::new();
    benchmark.write("none.jsonl", "\n");
    benchmark.write("odd.jsonl", "{\"_id\":\"z\",\"text\":\"a\"}\n");
    let cases: [(&[&str], &str); 8] = [
        (&["--embedder", "minilim"], "there is no embedder `minilim`: choose one of default"),
        (&["--queries", "none.jsonl"], "none.jsonl has no queries"),
        (&["--queries", "gone.jsonl"], "set/gone.jsonl cannot be read"),
        (&["--queries", "odd.jsonl"], "nothing can be measured"),
        (&["--against", "set/corpus.jsonl"], "set/corpus.jsonl is not a run"),
        (&["--save", "none/a.run"], "no run can be saved as none/a.run"),
        (&["--depth", "9"], "give 10 to 1000: measures look at the first ten"),
        (&["--depth", "1001"], "give 10 to 1000"),
    ];
    for (arguments, expected) in cases {
        let said = benchmark.fails(arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    for (qrels, expected) in [
        ("q1\tzzz\nq3\tbridge#0\t1\n", "test.tsv line 1: 2 cells"),
        ("q1\tbins#0\thigh\n", "test.tsv line 1: the score \"high\" is not a number"),
        ("q1\tbins#0\t1\nq1\tbins#0\t0\n", "test.tsv line 2: the passage \"bins#0\" has"),
    ] {
        benchmark.write("set/qrels/test.tsv", qrels);
        let said = benchmark.fails(&[]);
        assert!(said.contains(expected), "{qrels:?}: {said}");
    }
}

#[test]
fn a_faulty_row_is_named_by_file_and_line() {
    let benchmark = Benchmark::new();
    let corpus = benchmark.0.path().join("set/corpus.jsonl");
    let sound = fs::read_to_string(&corpus).unwrap();
    for row in [
        "{\"_id\":\"x\"}",
        "not JSON",
        "{\"_id\":\"bins#0\",\"text\":\"twice\"}",
        "{\"_id\":\"\",\"text\":\"nameless\"}",
        "[\"x\",\"Bins\",\"in a row\"]",
    ] {
        benchmark.write("set/corpus.jsonl", &format!("{sound}{row}\n"));
        let said = benchmark.fails(&[]);
        assert!(said.contains("has faulty rows (1)") && said.contains("corpus.jsonl:5"), "{said}");
    }
    benchmark.write("set/corpus.jsonl", "");
    assert!(benchmark.fails(&[]).contains("has no passages"));
    fs::remove_file(&corpus).unwrap();
    assert!(benchmark.fails(&[]).contains("corpus.jsonl"), "the missing file is named");
}

#[test]
fn the_block_that_answers_is_ranked_first() {
    let benchmark = Benchmark::new();
    let page = |name: &str, blocks: Value| json!({"url": format!("https://www.gov.uk/{name}"), "title": name, "contents": blocks});
    let pages = [
        page(
            "guidance/skips",
            json!(["<h1>Cost</h1>", "<p>A skip permit costs £35.</p>", "<li>lamps</li>"]),
        ),
        page("ferry", json!(["<p>The ferry leaves at noon.</p>"])),
    ];
    let questions = [
        json!({"url": "https://www.gov.uk/guidance/skips", "scenario": "I have a skip.", "question": "What does a permit cost?", "evidences": ["<p>A skip permit costs £35.</p>"]}),
        json!({"url": "https://www.gov.uk/ferry", "question": "Is it free?", "evidences": []}),
    ];
    benchmark.write("set/pages-complete.jsonl", &lines(&pages));
    benchmark.write("set/questions-open.jsonl", &lines(&questions));
    for more in [&[][..], &["--scenario"]] {
        let output = Command::cargo_bin("candour")
            .unwrap()
            .current_dir(benchmark.0.path())
            .args(["eval", "blocks", "--dataset", "set", "--json"])
            .args(more)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(keys(&found)[..4], ["hit@1", "hit@3", "hit@5", "recall@5"]);
        assert_eq!(found["hit@1"]["value"], json!(1.0), "{found}");
        let of = found["hit@1"].as_object().unwrap();
        assert!(of["low"].is_null() && of["high"].is_null() && of["note"].is_string(), "{found}");
        assert_eq!((&found["questions"], &found["passages"]), (&json!(1), &json!(6)));
    }
}
