//! `candour eval calibrate` from outside: labels in, a threshold with a promise out.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

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

#[test]
fn the_folder_of_a_run_is_labels_too() {
    let folder = tempfile::tempdir().unwrap();
    let row = |confidence: f64, correct: bool| {
        json!({
            "reply": {"confidence": confidence},
            "scores": {"answered": {"value": 1.0}, "expected_page": {"value": f64::from(correct)}},
        })
    };
    // Answers in fixed words have no confidence, and the first line is no answer.
    let other = "{\"format\":\"x\"}\n{\"reply\":{\"text\":\"hello\"},\"scores\":{}}\n";
    fs::write(folder.path().join("journal.jsonl"), format!("{other}{}", lines(row))).unwrap();
    let count = |arguments: &[&str]| {
        let (_, json, _) = calibrate(folder.path(), arguments);
        let json: Value = serde_json::from_str(&json).unwrap();
        (
            json["calibration"]["labelled"].as_u64(),
            json["calibration"]["curve"][100]["errors"].as_u64(),
        )
    };
    assert_eq!(count(&[".", "--json"]), (Some(200), Some(100)));
    assert_eq!(count(&[".", "--json", "--by", "answered"]), (Some(200), Some(0)));
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
    ] {
        fs::write(folder.path().join("l"), text).unwrap();
        let (is_kept, _, said) = calibrate(folder.path(), arguments);
        assert!(!is_kept && said.contains(expected), "{text:?}: {said}");
    }
}
