//! `candour eval calibrate` from outside: labels in, a threshold with a promise out.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

mod model;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

use self::model::Model;

fn calibrate(folder: &Path, arguments: &[&str]) -> (bool, String, String) {
    let mut command = Command::cargo_bin("candour").unwrap();
    let output =
        command.current_dir(folder).args(["eval", "calibrate"]).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// 200 answers, of which those below one half are wrong.
fn lines(row: impl Fn(f64, bool) -> Value) -> String {
    (0..200).fold(String::new(), |mut lines, number| {
        let confidence = f64::from(number) / 200.0;
        writeln!(lines, "{}", row(confidence, confidence >= 0.5)).unwrap();
        lines
    })
}

#[test]
fn labels_give_a_threshold() {
    let folder = tempfile::tempdir().unwrap();
    let labels = lines(|confidence, correct| json!({"confidence": confidence, "correct": correct}));
    fs::write(folder.path().join("labels.jsonl"), labels).unwrap();
    let arguments = ["labels.jsonl", "--level", "0.1", "--curve", "curve.csv", "--json"];
    let (is_kept, json, _) = calibrate(folder.path(), &arguments);
    let json: Value = serde_json::from_str(&json).unwrap();
    let threshold = json["calibration"]["threshold"]["threshold"].as_f64().unwrap();
    assert!(is_kept && (0.4..=0.5).contains(&threshold), "{json}");
    let curve = fs::read_to_string(folder.path().join("curve.csv")).unwrap();
    assert_eq!(curve.lines().count(), 102);
    assert!(curve.contains("\n0.5,100,0.5,0,0,"), "{curve}");
    let (is_kept, text, _) = calibrate(folder.path(), &["labels.jsonl", "--level", "0.001"]);
    assert!(!is_kept && text.contains("No threshold"), "{text}");
}

/// Judges every answer, and fails on one of them.
fn judge(body: &Value) -> (u16, &'static str, String) {
    let is_hard = body.to_string().contains("hard");
    let said = json!({"grade": if is_hard { 9 } else { 5 }, "reason": "so it is"}).to_string();
    let event = json!({"choices": [{"delta": {"content": said}, "finish_reason": "stop"}]});
    (200, "text/event-stream", format!("data: {event}\n\ndata: [DONE]\n\n"))
}

/// A suite with answers to it: 20 that cite the expected page, 20 that cite none, and 20 of which no page
/// is expected. Twice nothing was answered, and two answers have no confidence.
fn answered(folder: &Path) {
    let sentence = json!([{"text": "Yes.", "citations": [{
        "passage": "/p#0", "passage_hash": "0".repeat(64), "url": "https://a.example/p",
        "title": "", "heading": "", "quote": "Yes.", "start": 0, "end": 4,
    }]}]);
    let (mut samples, mut answers) = (String::new(), String::new());
    for number in 0..64 {
        let pages = if number % 3 == 2 { json!([]) } else { json!(["/p"]) };
        let sentences = if number % 3 == 0 { sentence.clone() } else { json!([]) };
        let question = if number == 5 { "Is it hard?" } else { "Is it?" };
        let sample = json!({"id": format!("s{number}"), "question": question, "status": "answered",
            "pages": pages});
        writeln!(samples, "{sample}").unwrap();
        let mut reply = json!({"status": "answered", "text": "Yes.", "sentences": sentences});
        if number < 60 {
            reply["confidence"] = json!(0.5);
        }
        if number < 62 {
            writeln!(answers, "{}", json!({"id": format!("s{number}"), "reply": reply})).unwrap();
        }
    }
    fs::write(folder.join("s.jsonl"), samples).unwrap();
    fs::write(folder.join("answers.jsonl"), answers).unwrap();
    let suite = "name = 'n'\nsamples = ['s.jsonl']\n\
        scorers = ['answered', 'expected_page', 'reading_age', 'coherence']\n";
    fs::write(folder.join("suite.toml"), suite).unwrap();
}

#[test]
fn a_run_labels_each_of_its_answers_once() {
    let folder = tempfile::tempdir().unwrap();
    answered(folder.path());
    let model = Model::new(judge);
    let address = model.serve();
    for more in [&[][..], &["--retry-errors"]] {
        let mut command = Command::cargo_bin("candour").unwrap();
        command.current_dir(folder.path()).args(["eval", "run", "suite.toml", "--out", "run"]);
        command.args(["--target", "transcript:answers.jsonl", "--uncorrected", "--quiet"]);
        command.arg(format!("--judge=chat:{address}")).args(["--judge-model", "j"]).args(more);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(
        model.asked().values().sum::<u32>(),
        62 + 1,
        "what the judge failed on it is asked again"
    );
    // Answers stand in lines on the way to their records too, and what failed was recorded twice.
    let journal = fs::read_to_string(folder.path().join("run/journal.jsonl")).unwrap();
    let count = |begins: &str| journal.lines().filter(|line| line.starts_with(begins)).count();
    assert_eq!(count("{\"id\""), 64 + 3);
    assert!(count("{\"part_of\"") > 60);
    let counts = |by: &[&str]| {
        let (_, json, said) = calibrate(folder.path(), &[&["run", "--json"][..], by].concat());
        let found: Value = serde_json::from_str(&json).unwrap_or_else(|_| panic!("{said}"));
        let calibration = &found["calibration"];
        let errors = &calibration["curve"][50]["errors"];
        [&calibration["labelled"], errors, &found["left_out"]].map(|count| count.as_u64().unwrap())
    };
    assert_eq!(counts(&[]), [60, 20, 0]);
    assert_eq!(counts(&["--by", "answered"]), [60, 0, 0]);
    // A score that an answer does not have counts neither for it nor against it.
    assert_eq!(counts(&["--by", "answered,expected_page"]), [60, 20, 0]);
    assert_eq!(counts(&["--by", "expected_page"]), [40, 20, 20]);
    let (_, _, said) = calibrate(folder.path(), &["run", "--by", "expected_page"]);
    assert!(said.contains("20 answers have none of the scores"), "{said}");
    let (_, text, _) = calibrate(folder.path(), &["run"]);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("Of 60 answers 60 have answered, 40 have expected_page"), "{text}");
    // All that expect a page expect the same; the others stand alone.
    assert!(words.contains("These 60 answers come in 21 families"), "{text}");
    for (by, expected) in [
        ("answred", "there is no score \"answred\""),
        ("coherence", "a model judges it"),
        ("reading_age", "it has no value at which an answer is right"),
        ("links", "this run has no scores of links: name --by some of its own, answered"),
    ] {
        let (is_kept, _, said) = calibrate(folder.path(), &["run", "--by", by]);
        assert!(!is_kept && said.contains(expected), "{said}");
    }
}

#[test]
fn mistakes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for (text, arguments, expected) in [
        ("{\"confidence\": 0.5}\n", &["l"][..], "l, line 1: expected"),
        ("{\"confidence\": 2, \"correct\": true}\n", &["l"], "answer 1 is not from 0 to 1"),
        ("\n", &["l"], "no labelled answers"),
        ("", &["gone"], "gone cannot be read"),
        ("{\"confidence\": 1, \"correct\": true}\n", &["l", "--level", "5"], "level must lie"),
        ("", &["l", "--by", "answered"], "--by names scores of a run, and l is none"),
        ("", &["."], "journal.jsonl"),
    ] {
        fs::write(folder.path().join("l"), text).unwrap();
        let (is_kept, _, said) = calibrate(folder.path(), arguments);
        assert!(!is_kept && said.contains(expected), "{text:?}: {said}");
    }
}
