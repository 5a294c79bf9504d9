//! `candour eval run` with a model that judges, from outside: refused without labels, corrected with
//! them, killed and gone on with, judged again without asking.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

mod model;

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use self::model::Model;

/// The words of a question, or from a judge, which is asked for a schema, the events of what it says.
fn reply(body: &Value) -> (u16, &'static str, String) {
    let last = body["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap();
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 10});
    let schema = &body["response_format"]["json_schema"]["schema"]["properties"];
    if schema.is_null() {
        let message = json!({"content": last});
        let whole = json!({"choices": [{"message": message}], "usage": usage});
        return (200, "application/json", whole.to_string());
    }
    assert_eq!((&body["temperature"], &body["max_tokens"]), (&json!(0.0), &json!(16_384)));
    let things = |text: &str| -> Vec<String> {
        let inside = text.split_once(">\n").unwrap().1.split_once("\n</").unwrap().0;
        inside
            .split(['.', '\n'])
            .map(str::trim)
            .filter(|one| !one.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let said = if !schema["items"].is_null() {
        let item = |thing: &String| json!({"text": thing, "quote": thing});
        json!({"items": things(last).iter().map(item).collect::<Vec<_>>()})
    } else if !schema["verdicts"].is_null() {
        let listed = last.trim_end().rsplit("\n\n<").next().unwrap();
        let lines =
            listed.lines().filter(|line| line.starts_with(|one: char| one.is_ascii_digit()));
        let verdict = |(at, line): (usize, &str)| {
            let said = if line.contains("wrong") { "no" } else { "yes" };
            json!({"item": at + 1, "verdict": said, "reason": "so it is"})
        };
        json!({"verdicts": lines.enumerate().map(verdict).collect::<Vec<_>>()})
    } else if last.contains("hard") {
        json!({"grade": 9, "reason": "off the scale"})
    } else {
        json!({"grade": 5, "reason": "it flows"})
    };
    let event = |event: Value| format!("data: {event}\n\n");
    let said =
        json!({"choices": [{"delta": {"content": said.to_string()}, "finish_reason": "stop"}]});
    let used = json!({"choices": [], "usage": usage});
    (200, "text/event-stream", format!("{}{}data: [DONE]\n\n", event(said), event(used)))
}

/// How many requests there were.
fn calls(model: &Model) -> u32 {
    model.asked().values().sum()
}

const SUITE: &str = "name = 'n'
samples = ['s.jsonl']
scorers = ['key_facts', 'answer_relevancy', 'coherence']
[judge]
prices = { currency = 'GBP', input_per_million = 1000.0, output_per_million = 2000.0 }
";

/// A suite of so many questions in a scratch folder, every fourth answered with something wrong.
fn suite(questions: usize) -> TempDir {
    let folder = TempDir::new().unwrap();
    let line = |at: usize| {
        let wrong = if at.is_multiple_of(4) { " This is wrong." } else { "" };
        let hard = if at == 1 { " It is hard." } else { "" };
        let question = format!("Yes {at}.{wrong}{hard}");
        format!("{}\n", json!({"id": format!("s{at}"), "question": question, "key_facts": ["yes"]}))
    };
    fs::write(folder.path().join("s.jsonl"), (0..questions).map(line).collect::<String>()).unwrap();
    fs::write(folder.path().join("suite.toml"), SUITE).unwrap();
    folder
}

fn run(folder: &Path, address: &str, more: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("candour"));
    command
        .current_dir(folder)
        .args(["eval", "run", "suite.toml", "--quiet", "--model", "m", "--judge-model", "j"])
        .args(["--judge-key-env", "JUDGE_KEY"])
        .env("JUDGE_KEY", "k")
        .arg(format!("--target=chat:{address}"))
        .arg(format!("--judge=chat:{address}"))
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn candour(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("candour"));
    command.current_dir(folder).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn records(folder: &Path, run: &str) -> Vec<String> {
    let text = fs::read_to_string(folder.join(run).join("journal.jsonl")).unwrap();
    let records = text.lines().filter(|line| line.starts_with("{\"id\""));
    let mut records: Vec<String> = records.map(str::to_owned).collect();
    records.sort();
    records
}

#[test]
fn a_bare_rate_is_refused_and_labels_correct_it() {
    let (folder, model) = (suite(80), Model::new(reply));
    let (folder, address) = (folder.path(), model.serve());
    // Nobody labelled anything.
    let output = run(folder, &address, &["--out", "r"]).output().unwrap();
    let told = said(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("Judged by openai j, temperature 0, 16384 tokens a reply"), "{told}");
    assert!(told.contains("not given") && told.contains("not measured"), "{told}");
    assert!(told.contains("ask for the bare rate with --uncorrected"), "{told}");
    assert!(told.contains("The judge failed on coherence of s1 (epoch 1): malformed"), "{told}");
    // An answer, its statements, their verdicts and its coherence.
    assert_eq!(calls(&model), 80 * 4);

    // The same command asks nothing again, and gives what is asked for by name.
    let output =
        run(folder, &address, &["--out", "r", "--uncorrected", "--json"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let relevancy = &summary["judge"]["measures"]["answer_relevancy"];
    let bare = relevancy["corrected"]["uncorrected"]["value"].as_f64().unwrap();
    assert!((bare - 0.875).abs() < 1e-9, "{relevancy}");
    assert_eq!(
        (&relevancy["spent"]["calls"], &relevancy["spent"]["input_tokens"]),
        (&json!(160), &json!(16_000))
    );
    assert!((relevancy["spent"]["money"].as_f64().unwrap() - 19.2).abs() < 1e-9);
    assert_eq!(summary["judge"]["measures"]["coherence"]["failures"], json!({"malformed": 1}));
    assert!(summary["measures"].get("answer_relevancy").is_none());

    // People labelled fifty, and once say otherwise than the judge.
    let label = |at: usize| {
        let human = u8::from(!at.is_multiple_of(4) && at != 3);
        format!("s{at},answer_relevancy,{human}\ns{at},coherence,1\n")
    };
    let table = format!("id,metric,human\n{}", (0..50).map(label).collect::<String>());
    fs::write(folder.join("labels.csv"), table).unwrap();
    let labelled = ["--out", "r", "--labels", "labels.csv", "--require", "answer_relevancy>=0.6"];
    let output = run(folder, &address, &labelled).output().unwrap();
    let told = said(&output);
    assert!(output.status.success(), "{told}");
    for words in [
        "passing, from 0.8",
        "corrected (",
        "kappa 0.",
        "50 of 80 answers labelled by people",
        "judge and people rarely differ",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let missed = [&labelled[..5], &["answer_relevancy>=0.9"]].concat();
    assert!(!run(folder, &address, &missed).output().unwrap().status.success());
    assert_eq!(calls(&model), 80 * 4, "labels cost no request");

    judged_again_from_the_record(folder, &model);
    logs_and_comparisons_keep_to_the_same_rules(folder);
}

/// Byte for byte, and without asking.
fn judged_again_from_the_record(folder: &Path, model: &Model) {
    let again = [
        "eval",
        "run",
        "suite.toml",
        "--quiet",
        "--target",
        "transcript:r",
        "--judge",
        "transcript:r",
        "--out",
        "again",
        "--uncorrected",
    ];
    let output = candour(folder, &again);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!((records(folder, "again"), calls(model)), (records(folder, "r"), 80 * 4));
}

fn logs_and_comparisons_keep_to_the_same_rules(folder: &Path) {
    let told = said(&candour(folder, &["eval", "log", "r/log.eval"]));
    assert!(
        told.contains("not given without people's labels: answer_relevancy, coherence"),
        "{told}"
    );
    let compare = ["eval", "compare", "r/log.eval", "again/log.eval"];
    let judged = [&compare[..], &["--score", "answer_relevancy"]].concat();
    let output = candour(folder, &judged);
    assert!(!output.status.success() && said(&output).contains("--uncorrected"));
    let told = said(&candour(folder, &compare));
    assert!(told.contains("key_facts") && !told.contains("\nanswer_relevancy"), "{told}");
    let left_out = "judged by a model, which --labels-before and --labels-after correct: answer_relevancy, coherence";
    assert!(told.contains(left_out), "{told}");
    let labels = ["--labels-before", "labels.csv", "--labels-after", "labels.csv"];
    let output = candour(folder, &[&compare[..], &labels].concat());
    let told = said(&output);
    assert!(output.status.success(), "{told}");
    let corrected = "answer_relevancy: people labelled both answers to 50 of 80 questions; the change is theirs alone";
    assert!(told.contains(corrected) && !told.contains("0.875"), "{told}");
    let error = said(&candour(folder, &[&compare[..], &labels[..2]].concat()));
    assert!(error.contains("--labels-after"), "{error}");
    assert!(candour(folder, &[&judged[..], &["--uncorrected"]].concat()).status.success());
}

#[test]
fn a_killed_run_pays_neither_model_nor_judge_twice_for_what_is_recorded() {
    const QUESTIONS: usize = 60;
    let (folder, model) = (suite(QUESTIONS), Model::new(reply));
    let (folder, address) = (folder.path(), model.serve());
    let more = ["--out", "r", "--uncorrected", "--json", "--connections", "4"];
    let journal = folder.join("r").join("journal.jsonl");
    let length = || fs::metadata(&journal).map_or(0, |about| about.len());
    let (mut kills, mut growth) = (0, 7);
    let summary: Value = loop {
        let child = &mut run(folder, &address, &more).spawn().unwrap();
        // However slow the machine is, something is written before it is killed.
        growth = (growth * 31 + 17) % 9973;
        let until = length() + 500 + growth;
        while length() < until && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(200));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let mut said = String::new();
        child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        if let Ok(summary) = serde_json::from_str(&said) {
            break summary;
        }
        kills += 1;
    };
    assert_eq!(
        (&summary["done"], &summary["judge"]["spent"]["calls"]),
        (&json!(QUESTIONS), &json!(QUESTIONS * 3))
    );
    assert_eq!(records(folder, "r").len(), QUESTIONS, "nothing is lost or doubled");
    // What was on its way when it was killed may be asked again: at most the connections, each time.
    let calls = calls(&model) as usize;
    assert!((QUESTIONS * 4..=QUESTIONS * 4 + kills * 4).contains(&calls), "{calls} after {kills}");
    assert!(kills > 5, "{kills}");
}

#[test]
fn a_judge_that_is_not_named_or_cannot_be_is_told_before_anything_is_asked() {
    let (folder, model) = (suite(2), Model::new(reply));
    let (folder, address) = (folder.path(), model.serve());
    let target = format!("chat:{address}");
    let fails = |more: &[&str]| {
        let all =
            [&["eval", "run", "suite.toml", "--model", "m", "--target", &target], more].concat();
        let output = candour(folder, &all);
        assert!(!output.status.success());
        said(&output)
    };
    let told = fails(&[]);
    assert!(told.contains("answer_relevancy is judged by a model, and none is named"), "{told}");
    let told = fails(&["--judge", &target]);
    assert!(told.contains("give --judge-model NAME"), "{told}");
    let told = fails(&["--judge", "suite"]);
    assert!(told.contains("the suite names no model"), "{told}");
    let told = fails(&["--judge", "pilot"]);
    assert!(told.contains("the pilot has no model to judge with"), "{told}");
    let told = fails(&["--judge", "transcript:nowhere"]);
    assert!(told.contains("nowhere"), "{told}");
    let told = fails(&["--judge", &target, "--judge-model", "j", "--judge-key-env", "NO_SUCH_KEY"]);
    assert!(told.contains("NO_SUCH_KEY"), "{told}");
    fs::write(folder.join("l.csv"), "id,human\ns0,1\n").unwrap();
    let told = fails(&["--judge", &target, "--judge-model", "j", "--labels", "l.csv"]);
    assert!(told.contains("a column `metric`"), "{told}");
    fs::write(folder.join("suite.toml"), SUITE.replace("prices", "price")).unwrap();
    let told = fails(&[]);
    assert!(told.contains("unknown field `price`"), "{told}");
    fs::write(
        folder.join("suite.toml"),
        SUITE.replace("'answer_relevancy', 'coherence'", "'status'"),
    )
    .unwrap();
    let told = fails(&["--uncorrected"]);
    assert!(told.contains("no model judges in this suite"), "{told}");
    assert_eq!(calls(&model), 0);
}

/// Whoever wrote a suite chooses neither a secret of the machine nor, unasked, where answers go.
#[test]
fn a_suite_gets_no_key_and_its_judge_is_asked_by_name_alone() {
    let (folder, model) = (suite(2), Model::new(reply));
    let (folder, address) = (folder.path(), model.serve());
    let judge =
        format!("{SUITE}[judge.model]\ntransport='openai'\nendpoint='{address}'\nmodel='j'\n");
    let asked = |suite: &str, more: &[&str]| {
        fs::write(folder.join("suite.toml"), suite).unwrap();
        let target = format!("--target=chat:{address}");
        let run = ["eval", "run", "suite.toml", "--quiet", "--model", "m", &target];
        let output = candour(folder, &[&run, more].concat());
        (output.status.success(), said(&output))
    };
    for key in ["key_variable = 'HOME'", "key_file = '/etc/hostname'"] {
        let (is_well, told) = asked(&format!("{judge}{key}\n"), &["--judge", "suite"]);
        assert!(!is_well && told.contains("a suite names no key"), "{told}");
    }
    let (is_well, told) = asked(&judge, &[]);
    assert!(
        !is_well && told.contains(&format!("--judge suite to send answers to {address}")),
        "{told}"
    );
    assert_eq!(calls(&model), 0);
    let (is_well, told) = asked(&judge, &["--judge", "suite", "--uncorrected"]);
    assert!(is_well && told.contains(&format!("answers go to {address}")), "{told}");
}
