//! `candour eval run` from outside: killed, gone on with, and on a full disk.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]
#![expect(clippy::print_stderr, reason = "a test that cannot run here says so")]

mod model;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use self::model::Model;

/// Says back what it is asked.
fn echo(body: &Value) -> (u16, &'static str, String) {
    let asked = &body["messages"][0]["content"];
    (200, "application/json", json!({"choices": [{"message": {"content": asked}}]}).to_string())
}

/// The same for the first two hundred questions; the others wait for ever, so that no run ends by itself.
fn echo_at_first(body: &Value) -> (u16, &'static str, String) {
    let asked = body["messages"][0]["content"].as_str().unwrap();
    while asked[1..].parse::<usize>().unwrap() >= 200 {
        std::thread::sleep(Duration::from_secs(1));
    }
    echo(body)
}

/// A suite of so many questions in a scratch folder.
fn suite(questions: usize) -> TempDir {
    let folder = TempDir::new().unwrap();
    let line = |at: usize| {
        format!("{{\"id\":\"s{at}\",\"question\":\"s{at}\",\"key_facts\":[\"s{at}\"]}}\n")
    };
    fs::write(folder.path().join("s.jsonl"), (0..questions).map(line).collect::<String>()).unwrap();
    let suite = "name = 'n'\nsamples = ['s.jsonl']\nscorers = ['key_facts']\n";
    fs::write(folder.path().join("suite.toml"), suite).unwrap();
    folder
}

fn run(folder: &Path, address: &str, out: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("candour"));
    command
        .current_dir(folder)
        .args(["eval", "run", "suite.toml", "--json", "--connections", "8", "--model", "m"])
        .arg(format!("--target=chat:{address}"))
        .arg("--out")
        .arg(out)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The whole lines of a journal.
fn lines(journal: &Path) -> Vec<Value> {
    let text = fs::read_to_string(journal).unwrap_or_default();
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The samples that a journal records, each with how often.
fn recorded(journal: &Path) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    for line in lines(journal) {
        if let Some(id) = line["id"].as_str() {
            *found.entry(id.to_owned()).or_default() += 1;
        }
    }
    found
}

/// The samples of which a journal says that they are asked.
fn announced(journal: &Path) -> BTreeSet<String> {
    let lines = lines(journal).into_iter();
    lines.filter_map(|line| Some(line["asking"][0].as_str()?.to_owned())).collect()
}

/// Kills a run again and again, after times that differ, until it ends by itself. Gives how often.
fn kill_until_done(kills: &mut usize, seed: u64) {
    const QUESTIONS: usize = 400;
    let (folder, model) = (suite(QUESTIONS), Model::new(echo));
    let (address, out) = (model.serve(), folder.path().join("run"));
    let journal = out.join("journal.jsonl");
    let mut in_flight = BTreeSet::new();
    let mut wait = seed;
    // On a busy machine even starting takes long: each kill leaves a little more time.
    let mut patience = 0;
    let summary: Value = loop {
        let child = &mut run(folder.path(), &address, &out).spawn().unwrap();
        wait = (wait * 31 + 17) % 97;
        let until = Instant::now() + Duration::from_millis(20 + wait + patience);
        patience += 4;
        while Instant::now() < until && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let (done, announced) = (recorded(&journal), announced(&journal));
        let mut said = String::new();
        child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        if let Ok(summary) = serde_json::from_str(&said) {
            break summary;
        }
        *kills += 1;
        // What is announced and not recorded may be asked again, and nothing else.
        in_flight.extend(announced.into_iter().filter(|id| !done.contains_key(id)));
    };
    let (recorded, asked) = (recorded(&journal), model.asked());
    assert_eq!(recorded.len(), QUESTIONS, "nothing is lost");
    assert!(recorded.values().all(|times| *times == 1), "nothing is doubled");
    let announced = announced(&journal);
    assert!(asked.keys().all(|id| announced.contains(id)), "nothing is asked unannounced");
    let twice: BTreeSet<String> =
        asked.into_iter().filter(|(_, times)| *times > 1).map(|(id, _)| id).collect();
    assert!(twice.is_subset(&in_flight), "{twice:?} {in_flight:?}");
    assert_eq!(
        (&summary["done"], &summary["measures"]["key_facts"]["value"]),
        (&json!(QUESTIONS), &json!(1.0))
    );
}

/// How often a run is killed: `CANDOUR_KILLS=100` in the environment kills more often.
#[test]
fn a_killed_run_loses_doubles_and_pays_twice_for_nothing_recorded() {
    let wanted = std::env::var("CANDOUR_KILLS").ok().and_then(|kills| kills.parse().ok());
    let wanted: usize = wanted.unwrap_or(12);
    let (mut kills, mut seed) = (0, 5);
    while kills < wanted {
        kill_until_done(&mut kills, seed);
        seed += 1;
    }
    eprintln!("killed {kills} times in {} runs", seed - 5);
}

#[test]
fn a_run_is_reported_while_it_goes_on() {
    let (folder, model) = (suite(2000), Model::new(echo_at_first));
    let out = folder.path().join("run");
    let mut child = run(folder.path(), &model.serve(), &out).spawn().unwrap();
    let journal = out.join("journal.jsonl");
    while recorded(&journal).len() < 20 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let report = folder.path().join("report.json");
    let output = Command::new(assert_cmd::cargo::cargo_bin("candour"))
        .args(["eval", "report"])
        .arg(&out)
        .arg("--out")
        .arg(&report)
        .output()
        .unwrap();
    let is_going_on = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(is_going_on, "it ended though nobody answered");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&fs::read(&report).unwrap()).unwrap();
    let (found, recorded) = (&found["runs"][0], recorded(&journal));
    let samples = found["samples"].as_u64().unwrap();
    assert!((20..=recorded.len() as u64).contains(&samples), "{samples} {}", recorded.len());
    assert_eq!(found["is_unfinished"], true);
}

/// Needs a small file system of its own, which only root can make, and only in a namespace of its own.
#[test]
fn a_full_disk_stops_a_run_that_can_go_on() {
    let (folder, model) = (suite(2000), Model::new(echo));
    let address = model.serve();
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let out = disk.join("run");
    let inner = run(folder.path(), &address, &out);
    let words: Vec<String> = std::iter::once(inner.get_program())
        .chain(inner.get_args())
        .map(|word| format!("'{}'", word.to_string_lossy()))
        .collect();
    let kept = folder.path().join("kept.jsonl");
    let script = format!(
        "mount -t tmpfs -o size=64k none '{}' || exit 77; {}; echo code $? >&2; cp '{}/journal.jsonl' '{}'",
        disk.display(),
        words.join(" "),
        out.display(),
        kept.display()
    );
    let tried = Command::new("unshare")
        .args(["--mount", "sh", "-c", &script])
        .current_dir(folder.path())
        .output();
    let Ok(tried) = tried
        .map(|tried| (tried.status.code(), String::from_utf8_lossy(&tried.stderr).into_owned()))
    else {
        eprintln!("skipped: there is no `unshare` here");
        return;
    };
    if !kept.exists() {
        eprintln!("skipped: no file system can be mounted here ({})", tried.1.trim());
        return;
    }
    assert!(
        tried.1.contains("code 1")
            && tried.1.contains("make room, and give the same command again"),
        "{}",
        tried.1
    );
    let before = recorded(&kept);
    assert!(before.len() > 20, "{}", before.len());
    // With room, the same command goes on from what was kept.
    fs::create_dir(&out).unwrap();
    fs::copy(&kept, out.join("journal.jsonl")).unwrap();
    let output = run(folder.path(), &address, &out).output().unwrap();
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["done"], 2000);
    let asked = model.asked();
    assert!(before.keys().all(|id| asked[id] == 1), "what was recorded is not asked again");
}

#[test]
fn a_gate_decides_the_exit_code() {
    let (folder, model) = (suite(3), Model::new(echo));
    let address = model.serve();
    let out: PathBuf = folder.path().join("run");
    for (requirement, is_met) in
        [("key_facts>=1", true), ("key_facts<=0.5", false), ("status>=0", false)]
    {
        let output =
            run(folder.path(), &address, &out).args(["--require", requirement]).output().unwrap();
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.success(), is_met, "{requirement} {summary}");
        assert_eq!(summary["missed"].as_array().unwrap().is_empty(), is_met);
    }
    assert_eq!(model.asked().values().sum::<u32>(), 3, "a finished run asks nothing");
}

/// It would fail on every question, and the run would be complete.
#[test]
fn a_pilot_without_guidance_is_not_asked() {
    let folder = suite(3);
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("candour"));
    command.current_dir(folder.path()).args(["--state", "state", "eval", "run", "suite.toml"]);
    let output = command.args(["--out", "run"]).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && error.contains("nothing has been ingested"), "{error}");
    assert!(!folder.path().join("run").exists());
}

/// Runs a suite on recorded answers, of which some are missing, and gives the figures of each score as the
/// run, the log and the report have them.
fn figures(samples: &[Value], wrong: usize) -> [BTreeMap<String, Value>; 3] {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, lines: Vec<Value>| {
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        fs::write(folder.path().join(name), lines.join("\n")).unwrap();
    };
    let answered = samples.iter().take(samples.len() - 2).enumerate();
    let answer = |(at, sample): (usize, &Value)| {
        let says = if at < wrong { "No" } else { "Yes" };
        let more = if at % 2 == 0 { "bins" } else { "recyclable refuse" };
        let text = format!(
            "{says}. We take the {more} from the kerb on every other Monday of the year. Put it all out \
             by six in the morning."
        );
        json!({"id": sample["id"], "answer": text})
    };
    write("answers.jsonl", answered.map(answer).collect());
    write("s.jsonl", samples.to_vec());
    let suite = "name = 'n'\nsamples = ['s.jsonl']\nscorers = ['key_facts', 'reading_age']\n";
    fs::write(folder.path().join("suite.toml"), suite).unwrap();
    let read = |arguments: &[&str]| -> Value {
        let output = Command::new(assert_cmd::cargo::cargo_bin("candour"))
            .current_dir(folder.path())
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    };
    let run = ["eval", "run", "suite.toml", "--target", "transcript:answers.jsonl"];
    let run = read(&[&run[..], &["--out", "r", "--json", "--quiet"]].concat());
    assert_eq!(run["errors"].as_object().unwrap().len(), 1, "{run}");
    let log = read(&["eval", "log", "r/log.eval", "--json"]);
    read(&["eval", "report", "r", "--out", "report.json"]);
    let report = fs::read_to_string(folder.path().join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    let figure = |of: &Value| {
        let keys = ["value", "low", "high", "n", "clusters", "method"];
        // Sums in another order may end otherwise in their last digit.
        let rounded = |value: &Value| match value.as_f64() {
            Some(number) => json!((number * 1e9).round() / 1e9),
            None => value.clone(),
        };
        keys.iter().map(|key| (key.to_string(), rounded(&of[key]))).collect::<Value>()
    };
    let named = |scores: &Value| {
        let scores = scores.as_array().unwrap().iter();
        scores.map(|score| (score["name"].as_str().unwrap().to_owned(), figure(score))).collect()
    };
    let measures = run["measures"].as_object().unwrap().iter();
    [
        measures.map(|(name, measure)| (name.clone(), figure(measure))).collect(),
        named(&log[0]["scores"]),
        named(&report["runs"][0]["scores"]),
    ]
}

#[test]
fn a_run_has_the_same_figures_in_its_log_and_its_report() {
    let sample = |at: usize, cluster: Option<usize>| {
        let mut sample =
            json!({"id": format!("s{at}"), "question": "Is it?", "key_facts": ["yes"]});
        if let Some(cluster) = cluster {
            sample["cluster"] = json!(format!("c{cluster}"));
        }
        sample
    };
    for (clusters, wrong, method) in [
        (None, 0, "wilson"),
        (None, 18, "clopper-pearson"),
        (Some(5), 3, "korn-graubard"),
        (Some(5), 18, "korn-graubard"),
    ] {
        let samples: Vec<Value> =
            (0..20).map(|at| sample(at, clusters.map(|clusters| at % clusters))).collect();
        let [run, log, report] = figures(&samples, wrong);
        assert_eq!(run.len(), 2);
        assert_eq!((&run, &run), (&log, &report));
        // What had no answer counts where something was due, and nowhere else.
        assert_eq!(
            (&run["key_facts"]["n"], &run["reading_age"]["n"]),
            (&json!(20.0), &json!(18.0))
        );
        assert_eq!(run["key_facts"]["value"], json!((18 - wrong) as f64 / 20.0));
        assert_eq!(run["key_facts"]["method"], method);
    }
}

#[test]
fn parts_of_the_sample_that_begin_at_once_measure_the_same_guidance() {
    let folder = TempDir::new().unwrap();
    let candour = |args: &[&str]| {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("candour"));
        command.current_dir(folder.path()).args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let part = |part: usize| {
        let (out, shard) = (format!("part{part}"), format!("{part}/3"));
        let args = ["eval", "run", "--quiet", "--json", "--out", &out, "--shard", &shard];
        candour(&args).spawn().unwrap()
    };
    let parts: Vec<_> = (1..=3).map(part).collect();
    let mut targets = BTreeSet::new();
    for part in parts {
        let output = part.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let run: Value = serde_json::from_slice(&output.stdout).unwrap();
        // The name of the target holds that of its snapshot.
        targets.insert(run["target"].as_str().unwrap().to_owned());
    }
    assert_eq!(targets.len(), 1, "{targets:?}");
    assert!(targets.first().unwrap().contains("snapshot"), "{targets:?}");
    let merged = candour(&["eval", "merge", "sample", "--out", "whole", "part1", "part2", "part3"])
        .output()
        .unwrap();
    assert!(merged.status.success(), "{}", String::from_utf8_lossy(&merged.stderr));
}
