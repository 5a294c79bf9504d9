//! Inspect reads the logs that we write, and we read those that it writes.
//!
//! `cargo xtask test` installs two versions of inspect-ai, a late and an early one, and names their
//! Pythons in CANDOUR_INSPECT_PYTHON and CANDOUR_INSPECT_EARLY_PYTHON.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

mod shapes;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use candour_evals::inspect_log::{Input, Sample, Score, Status, read, read_header, write_json};
use serde_json::{Value, json};

const EARLY: &str = "CANDOUR_INSPECT_EARLY_PYTHON";

#[test]
fn inspect_reads_our_logs() {
    reads_our_logs("CANDOUR_INSPECT_PYTHON");
}

#[test]
fn an_early_inspect_reads_our_logs() {
    reads_our_logs(EARLY);
}

fn reads_our_logs(variable: &str) {
    let Some(python) = python(variable) else { return };
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("logs");
    fs::create_dir(&folder).unwrap();
    let mut expected = BTreeMap::new();
    for shape in shapes::all() {
        let path = shape.write(&folder);
        let json = path.with_extension("json");
        write_json(&path, &json).unwrap();
        for path in [path, json] {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let status = serde_json::to_value(shape.header.status).unwrap();
            let samples: Vec<Value> = shape.samples.iter().map(facts).collect();
            let facts = json!({
                "status": status, "header": status, "viewed": [&shape.header.eval.task, status, samples.len()],
                "listed": true, "bundled": true, "dumped": true,
                "intervals": shape.header.results.is_some(),
                "summaries": samples.len(), "samples": samples,
            });
            expected.insert(name, facts);
        }
    }
    assert!(expected.len() >= 20);
    let found = inspect(&python, "read", &folder);
    let mut found: BTreeMap<String, Value> = serde_json::from_str(&found).unwrap();
    for (name, expected) in expected {
        let mut found = found.remove(&name).unwrap();
        sort(&mut found);
        let mut expected = expected;
        sort(&mut expected);
        // Early versions know of no roles, and leave the last batch of summaries out while a run goes on.
        if variable == EARLY {
            for sample in expected["samples"].as_array_mut().unwrap() {
                sample[5] = json!({});
            }
        }
        if variable == EARLY && found["status"] == "started" && !name.ends_with("json") {
            expected["summaries"] =
                (expected["samples"].as_array().unwrap().len() / 64 * 64).into();
        }
        assert!(found == expected, "{name}: {found:.600} should be {expected:.600}");
    }
}

/// Inspect orders samples by epoch and name.
fn sort(facts: &mut Value) {
    let samples = facts["samples"].as_array_mut().unwrap();
    samples.sort_by_key(|sample| format!("{} {}", sample[0], sample[1]));
}

fn facts(sample: &Sample) -> Value {
    let input = match &sample.input {
        Input::Text(text) => Some(text),
        Input::Messages(_) => None,
    };
    let scores = sample.scores.iter().map(|(name, score)| (name.clone(), score.value.clone()));
    let judged_by = |(name, score): (&String, &Score)| {
        Some((name.clone(), score.metadata.as_ref()?.get("judged_by")?.clone()))
    };
    let judged = sample.scores.iter().filter_map(judged_by).collect::<Value>();
    let roles =
        sample.role_usage.iter().map(|(role, used)| (role.clone(), json!(used.total_tokens)));
    let (scores, roles) = (scores.collect::<Value>(), roles.collect::<Value>());
    json!([sample.id, sample.epoch, input, scores, judged, roles])
}

#[test]
fn we_read_the_logs_of_inspect() {
    let Some(python) = python("CANDOUR_INSPECT_PYTHON") else { return };
    let folder = tempfile::tempdir().unwrap();
    inspect(&python, "make", folder.path());
    let mut statuses = BTreeMap::new();
    for entry in folder.path().read_dir().unwrap() {
        let path = entry.unwrap().path();
        let mut samples = Vec::new();
        let header = read(&path, &mut |sample| samples.push(sample)).unwrap();
        assert_eq!(read_header(&path).unwrap(), header);
        let task = header.eval.task.clone();
        let asked = if task == "epochs" { 9 } else { 3 };
        assert!(samples.len() == asked || task == "failing", "{task}: {}", samples.len());
        for sample in &samples {
            check(sample, &task);
        }
        statuses.entry(task).or_insert_with(Vec::new).push(header.status);
    }
    let expected = |status| vec![status; 2];
    assert_eq!(
        statuses,
        BTreeMap::from([
            ("epochs".to_owned(), expected(Status::Success)),
            ("failing".to_owned(), expected(Status::Error)),
            ("judged".to_owned(), expected(Status::Success)),
            ("partly".to_owned(), expected(Status::Success)),
            ("plain".to_owned(), expected(Status::Success)),
            ("unscored".to_owned(), expected(Status::Success)),
        ])
    );
}

fn check(sample: &Sample, task: &str) {
    let id = sample.id.to_string();
    let cluster = if id == "a b" { "/bins" } else { "/parking" };
    assert_eq!(sample.metadata["cluster"], cluster);
    let fails = id == "2" && matches!(task, "failing" | "partly");
    assert_eq!(sample.error.is_some(), fails, "{task} {id}");
    if task == "judged" {
        let score = &sample.scores["model_graded_qa"];
        assert_eq!(score.value, "C");
        assert!(score.explanation.as_ref().unwrap().contains("GRADE: C"));
        assert!(score.metadata.as_ref().unwrap().contains_key("grading"));
        assert_eq!(sample.role_usage["grader"].total_tokens, 5);
    }
    if task == "plain" {
        let half = if id == "nan" { Value::Null } else { json!(0.5) };
        assert_eq!(sample.scores["halves"].value, half);
        assert_eq!(sample.scores["tables"].value, json!({"relevant": 1, "faithful": 0.25}));
        assert_eq!(sample.model_usage["mockllm/model"].total_tokens, 5);
    }
}

/// The Python of an Inspect, where there is one.
#[expect(clippy::print_stderr, reason = "whoever runs the tests must know what was not tested")]
fn python(variable: &str) -> Option<OsString> {
    let python = env::var_os(variable);
    if python.is_none() {
        eprintln!("skipped: `cargo xtask test` installs inspect-ai and sets {variable}");
    }
    python
}

fn inspect(python: &OsString, what: &str, folder: &Path) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/with_inspect.py");
    let output = Command::new(python).arg(script).arg(what).arg(folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "Inspect failed: {said}");
    String::from_utf8(output.stdout).unwrap()
}
