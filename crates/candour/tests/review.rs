//! `candour review` from outside: a run is reviewed by three people, and what they say becomes a rate.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use std::path::Path;

use assert_cmd::Command;
use candour_core::Redacted;
use candour_evals::inspect_log::{
    Header, LogWriter, Output, Sample, Score, Spec, Status, StopReason,
};
use candour_store::{Database, DatabaseAddress, Given, Job, NewLabel};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

/// Whether an answer is right, as people find it, and as a judge says that misses every fifth of these.
fn truth(at: usize) -> (bool, bool) {
    let is_right = !at.is_multiple_of(3);
    (is_right, is_right && !at.is_multiple_of(5))
}

/// A log of 600 answers, each of its own cluster, in which a judge scored each.
fn log(folder: &Path, name: &str, words: &str) {
    log_with(folder, name, words, |_, _| {});
}

/// The same with something changed in each.
fn log_with(folder: &Path, name: &str, words: &str, change: impl Fn(usize, &mut Sample)) {
    let spec = Spec {
        created: "2026-11-26T10:00:00+00:00".into(),
        task: "bins".into(),
        model: "secret-system".into(),
        ..Spec::default()
    };
    let header = Header { status: Status::Success, ..Header::started(spec) };
    let mut log = LogWriter::create(&folder.join(name), &header).unwrap();
    for at in 0..600 {
        let mut sample = Sample::new(format!("q{at}"), 1, format!("Question {at}?"), "");
        sample.output = Output::new("secret-system", format!("{words} {at}."), StopReason::Stop);
        sample.metadata.insert("cluster".into(), format!("page {at}").into());
        sample.scores.insert("right".into(), Score::new(if truth(at).1 { "C" } else { "I" }));
        change(at, &mut sample);
        log.append(&sample).unwrap();
    }
    log.finish(&header).unwrap();
}

/// Standard output and standard error, where the command ends with this status.
fn review(folder: &TempDir, arguments: &[&str], status: i32) -> (String, String) {
    let output = Command::cargo_bin("candour")
        .unwrap()
        .current_dir(folder.path())
        .env("USER", "jo")
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (out, said) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}{said}");
    (out, said)
}

fn json(folder: &TempDir, arguments: &[&str]) -> Value {
    let (out, _) = review(folder, &[arguments, &["--json"]].concat(), 0);
    serde_json::from_str(&out).unwrap()
}

const CREATE: [&str; 14] = [
    "review",
    "create",
    "accuracy",
    "--run",
    "run.eval",
    "--judge",
    "right",
    "--question",
    "Is every statement right?",
    "--labels",
    "right,partly,wrong",
    "--answers",
    "120",
    "--seed=1",
];

/// Has two people label all that they are given and a third settle between them. Bob errs now and then.
#[tokio::main(flavor = "current_thread")]
async fn label(folder: &Path, most: usize) {
    let address = DatabaseAddress::in_state(&folder.join("state"));
    let database = Database::open(&address).await.unwrap();
    let at = Timestamp::now() + SignedDuration::from_hours(1);
    for (person, job) in [("ann", Job::Label), ("bob", Job::Label), ("cat", Job::Settle)] {
        for _ in 0..most {
            let taken = database.take_answer("accuracy", person, job, at).await.unwrap();
            let Some(position) = taken else { break };
            let answer = database.review_answer("accuracy", position).await.unwrap().unwrap();
            let (is_right, _) = truth(answer.answer[1..].parse().unwrap());
            let errs = person == "bob" && answer.answer.ends_with('7');
            let label = Some(if is_right && !errs { "right" } else { "wrong" });
            let (review, note) = ("accuracy", Redacted::default());
            let new = NewLabel { review, position, person, label, note, at };
            assert_eq!(database.give_label(&new).await.unwrap(), Given::Kept);
        }
    }
    database.close().await;
}

#[test]
fn a_run_is_reviewed_and_its_rate_comes_out_right() {
    let folder = TempDir::new().unwrap();
    log(folder.path(), "run.eval", "The charge is £40. Answer");
    let (out, _) = review(&folder, &["review", "plan", "--run", "run.eval", "--judge", "right"], 0);
    insta::assert_snapshot!(out);
    let (out, _) = review(&folder, &CREATE, 0);
    insta::assert_snapshot!(out, @"
    120 of 600 answers are to be labelled, 24 of them by two people.
    They are drawn from all alike: corrected by the judge, that is expected to be narrower than strata.
    Expect a rate to within 0.063 either way.
    Staff label them at /staff/reviews/accuracy, each with a key of their own name.
    ");
    let (_, said) = review(&folder, &["review", "export", "accuracy"], 1);
    assert!(said.contains("none is labelled yet"), "{said}");

    // A review that is half done says what it can, with a wider interval.
    label(folder.path(), 40);
    let rate = |expected: &str| {
        let (_, said) =
            review(&folder, &["review", "export", "accuracy", "--out", "labels.csv"], 0);
        assert!(said.contains(expected), "{said}");
        json(&folder, &["eval", "judged", "--labels", "labels.csv"])
    };
    let half = rate("48 answers have no label yet");
    label(folder.path(), 1000);
    let whole = rate("");
    for found in [&half, &whole] {
        let headline = &found["headline"];
        let (low, high) = (headline["low"].as_f64().unwrap(), headline["high"].as_f64().unwrap());
        assert!(low < 2.0 / 3.0 && 2.0 / 3.0 < high, "{found}");
        assert_eq!(
            (&headline["method"], &found["status"]),
            (&"prediction-powered".into(), &"corrected".into())
        );
    }
    let width = |found: &Value| {
        found["headline"]["high"].as_f64().unwrap() - found["headline"]["low"].as_f64().unwrap()
    };
    assert!(width(&whole) < width(&half) && width(&whole) < 0.15);
    assert_eq!(whole["labelled"], 120);
    assert!(whole["between_people"]["alpha"]["value"].as_f64().unwrap() > 0.5);
    let sensitivity = &whole["judge"]["sensitivity"];
    assert!((sensitivity["value"].as_f64().unwrap() - 0.8).abs() < 0.1, "{sensitivity}");

    let listed = json(&folder, &["review", "list"]);
    let listed = &listed["reviews"][0];
    assert_eq!(
        (&listed["progress"]["given"], &listed["progress"]["unsettled"]),
        (&144.into(), &0.into())
    );
    assert!(listed["source"].as_str().unwrap().contains("run.eval"));
    let (out, _) = review(&folder, &["review", "list"], 0);
    assert!(out.contains("accuracy   open    144 of 144        3           0"), "{out}");
    let exported = json(&folder, &["review", "export", "accuracy"]);
    assert_eq!(exported["answers"].as_array().unwrap().len(), 600);
    assert!(!exported.to_string().contains("bob"), "names of people stay here");
    let closed = json(&folder, &["review", "close", "accuracy", "--reason", "done"]);
    assert_eq!(closed["review"], "accuracy");
    let (_, said) = review(&folder, &["review", "close", "accuracy", "--reason", "again"], 1);
    assert!(said.contains("there is no open review `accuracy`"), "{said}");
}

/// Answers that the score has nothing to look at in are no failures of the judge, and are in the rate.
#[test]
fn answers_to_which_a_score_does_not_apply_are_told_apart() {
    let folder = TempDir::new().unwrap();
    log_with(folder.path(), "run.eval", "The charge is £40. Answer", |at, sample| {
        if at.is_multiple_of(14) {
            sample.scores.clear();
        }
        if at.is_multiple_of(140) {
            let failed = serde_json::json!({"right": {"kind": "busy"}});
            sample.metadata.insert("judge_failures".into(), failed);
        }
    });
    review(&folder, &CREATE, 0);
    label(folder.path(), 1000);
    review(&folder, &["review", "export", "accuracy", "--out", "labels.csv"], 0);
    let (out, _) = review(&folder, &["eval", "judged", "--labels", "labels.csv"], 0);
    for words in
        ["600 answers", "the judge failed on 5 answers", "the score does not apply to 38 answers"]
    {
        assert!(out.contains(words), "{words}: {out}");
    }
    // As exports were before.
    let table = std::fs::read_to_string(folder.path().join("labels.csv")).unwrap();
    let old = table.replace("unjudged", "notes");
    std::fs::write(folder.path().join("labels.csv"), old).unwrap();
    let (before, _) = review(&folder, &["eval", "judged", "--labels", "labels.csv"], 0);
    assert!(before.contains("the judge failed on 43 answers"), "{before}");
    let rates = |text: &str| {
        text.lines()
            .take_while(|line| !line.contains("failed"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(rates(&before), rates(&out), "the rate is the same");
}

#[test]
fn the_same_command_draws_the_same_answers() {
    let drawn = |seed: &str| {
        let folder = TempDir::new().unwrap();
        log(folder.path(), "run.eval", "Forty pounds, answer");
        let mut arguments = CREATE;
        arguments[13] = seed;
        review(&folder, &arguments, 0);
        label(folder.path(), 1000);
        review(&folder, &["review", "export", "accuracy"], 0).0
    };
    let first = drawn("--seed=7");
    assert_eq!(first, drawn("--seed=7"));
    assert_ne!(first, drawn("--seed=8"));
}

#[test]
fn what_cannot_be_reviewed_is_told() {
    let folder = TempDir::new().unwrap();
    log(folder.path(), "run.eval", "One");
    log(folder.path(), "other.eval", "Two");
    let with = |changes: &[(usize, &'static str)]| {
        let mut arguments = CREATE;
        for (at, value) in changes {
            arguments[*at] = value;
        }
        review(&folder, &arguments, 1).1
    };
    for (changes, expected) in [
        (&[(2, "Accuracy!")][..], "cannot name a review"),
        (&[(4, "nowhere.eval")], "nowhere.eval"),
        (&[(6, "kind")], "no score `kind`: name one of right"),
        (&[(8, " ")], "the question is empty"),
        (&[(10, "right")], "names 1 labels"),
    ] {
        let said = with(changes);
        assert!(said.contains(expected), "{said}");
    }
    review(&folder, &CREATE, 0);
    assert!(with(&[]).contains("there is a review `accuracy` already"));
    let (_, said) = review(&folder, &["review", "export", "nothing"], 1);
    assert!(said.contains("there is no review `nothing`"), "{said}");
    let pairs = [
        "review",
        "create",
        "pairs",
        "--run",
        "run.eval",
        "--run",
        "other.eval",
        "--judge",
        "right",
        "--question",
        "Which is better?",
    ];
    let made = json(&folder, &pairs);
    assert_eq!(
        (&made["answers"], &made["to_label"], &made["by_two"]),
        (&600.into(), &100.into(), &20.into())
    );
    let live = [
        "review",
        "create",
        "live",
        "--from",
        "2026-01-01",
        "--question",
        "Right?",
        "--labels",
        "yes,no",
    ];
    let (_, said) = review(&folder, &live, 1);
    assert!(said.contains("readers were given 0 answers in that time"), "{said}");
}
