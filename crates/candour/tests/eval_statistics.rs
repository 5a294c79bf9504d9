//! `candour eval log`, `compare`, `judged` and `power` from outside: what a person sees, what a program
//! reads, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use candour_core::ContentHash;
use candour_evals::inspect_log::{
    Failure, Header, LogWriter, MetricValue, Sample, Score, ScorerResults, Spec, Status,
};
use serde_json::{Map, Value};
use tempfile::TempDir;

/// Writes a log of 40 questions on eight pages, of which the first `right` are answered well. The last
/// fails.
fn log(folder: &Path, name: &str, right: usize, questions: usize) {
    let spec = Spec {
        created: "2026-11-25T10:00:00+00:00".into(),
        task: "bins".into(),
        model: "candour/assistant".into(),
        ..Spec::default()
    };
    let header = Header { status: Status::Success, ..Header::started(spec) };
    let mut log = LogWriter::create(&folder.join(name), &header).unwrap();
    for at in 0..questions {
        let mut sample = Sample::new(format!("q{at}"), 1, format!("Question {at}?"), "");
        sample.metadata.insert("page".into(), format!("/page{}", at / 5).into());
        if at + 1 == questions {
            sample.error = Some(Failure::new("hung up"));
        } else {
            let value = if at < right { "C" } else { "I" };
            sample.scores.insert("right".into(), Score::new(value));
            sample.scores.insert("clear".into(), Score::new(0.5 + 0.01 * (at % 7) as f64));
        }
        log.append(&sample).unwrap();
    }
    log.finish(&header).unwrap();
}

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    log(folder.path(), "a.eval", 10, 40);
    log(folder.path(), "b.eval", 26, 40);
    log(folder.path(), "c.eval", 26, 38);
    folder
}

/// What is printed, where the command ends with this status.
fn eval(folder: &TempDir, arguments: &[&str], status: i32) -> String {
    let output = Command::cargo_bin("candour")
        .unwrap()
        .current_dir(folder.path())
        .arg("eval")
        .args(arguments)
        .output()
        .unwrap();
    let (out, error) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
    let said = if status == 0 || error.as_ref().unwrap().is_empty() { out } else { error };
    assert_eq!(output.status.code(), Some(status), "{said:?}");
    said.unwrap()
}

fn json(folder: &TempDir, arguments: &[&str]) -> Value {
    serde_json::from_str(&eval(folder, &[arguments, &["--json"]].concat(), 0)).unwrap()
}

#[test]
fn a_log_gets_its_intervals() {
    let folder = folder();
    insta::assert_snapshot!(eval(&folder, &["log", "a.eval"], 0));
    insta::assert_snapshot!(eval(
        &folder,
        &["log", "a.eval", "--cluster=page", "--count-failures", "--higher-is-better=right"],
        0
    ));
    let found = json(&folder, &["log", "a.eval", "b.eval"]);
    assert_eq!(
        (found[0]["failed"].as_u64(), found[1]["scores"][1]["n"].as_u64()),
        (Some(1), Some(39))
    );
    assert_eq!(found[1]["scores"][1]["method"], "wilson");
    let narrow = json(&folder, &["log", "a.eval", "--confidence", "0.8"]);
    assert!(narrow[0]["scores"][1]["low"].as_f64() > found[0]["scores"][1]["low"].as_f64());
    let anytime = json(&folder, &["log", "a.eval", "--anytime"]);
    assert_eq!(anytime[0]["scores"][1]["method"], "beta-mixture");
    for (arguments, expected) in [
        (&["log", "none.eval"][..], "cannot be read"),
        (&["log", "a.eval", "--cluster", "persona"], "has no \"persona\" in its metadata"),
        (&["log", "a.eval", "b.eval", "--as-json", "a.json"], "one log at a time"),
    ] {
        let said = eval(&folder, arguments, 1);
        assert!(said.contains(expected), "{said}");
    }
}

/// Of one answer, or of one page, nobody knows how far others are from it. That is said, and all else is shown.
#[test]
fn a_score_without_an_interval_is_shown_with_its_reason() {
    let folder = folder();
    for (name, marks) in [("one.eval", 0.7), ("two.eval", 0.9)] {
        let header = Header { status: Status::Success, ..Header::started(Spec::default()) };
        let mut log = LogWriter::create(&folder.path().join(name), &header).unwrap();
        for at in 0..4 {
            let mut sample = Sample::new(format!("q{at}"), 1, "?", "");
            sample.metadata.insert("cluster".into(), if at < 2 { "bins" } else { "tax" }.into());
            sample.scores.insert("right".into(), Score::new(at % 2));
            if at < 2 {
                sample.scores.insert("page".into(), Score::new(0.5 + 0.1 * f64::from(at)));
            }
            if at == 0 {
                sample.scores.insert("mark".into(), Score::new(marks));
            }
            log.append(&sample).unwrap();
        }
        log.finish(&header).unwrap();
    }
    insta::assert_snapshot!(eval(&folder, &["log", "one.eval"], 0));
    let known = ["right", "page", "mark"].map(|name| ["--higher-is-better", name]).concat();
    let gate = [&["compare", "one.eval", "two.eval", "--gate"], &known[..]].concat();
    insta::assert_snapshot!(eval(&folder, &gate, 0));
    let anytime = eval(&folder, &["log", "one.eval", "--anytime"], 0);
    assert!(anytime.contains("right has no interval: questions in clusters"), "{anytime}");
    let found = json(&folder, &["log", "one.eval"]);
    let mark = &found[0]["scores"][0];
    assert!(mark["value"] == 0.7 && mark["low"].is_null() && mark["high"].is_null(), "{mark}");
    assert!(mark["note"].as_str().unwrap().starts_with("it is a single value"), "{mark}");
    let found = json(&folder, &["compare", "one.eval", "two.eval"]);
    let page = &found["scores"][1]["difference"];
    assert!(page["value"] == 0.0 && page["low"].is_null() && page["note"].is_string(), "{page}");
    for (format, reason) in [("md", "mark has no interval: "), ("html", "mark has no interval: ")] {
        for arguments in
            [&["report", "one.eval"][..], &["report", "two.eval", "--against", "one.eval"]]
        {
            let out = format!("r.{format}");
            eval(&folder, &[arguments, &["--out", &out]].concat(), 0);
            let text = fs::read_to_string(folder.path().join(&out)).unwrap();
            assert!(text.contains(reason), "{text}");
            fs::remove_file(folder.path().join(out)).unwrap();
        }
    }
}

#[test]
fn a_log_is_turned_into_json_and_a_broken_one_is_recovered() {
    let folder = folder();
    eval(&folder, &["log", "a.eval", "--as-json", "a.json"], 0);
    let [archive, text] = ["a.eval", "a.json"].map(|name| json(&folder, &["log", name]));
    assert_eq!(archive[0]["scores"], text[0]["scores"]);
    let bytes = fs::read(folder.path().join("a.eval")).unwrap();
    fs::write(folder.path().join("cut.eval"), &bytes[..bytes.len() / 2]).unwrap();
    let said = eval(&folder, &["log", "cut.eval"], 1);
    assert!(said.contains("--recover"), "{said}");
    let said = eval(&folder, &["log", "cut.eval", "--recover", "whole.eval"], 0);
    assert!(said.contains("samples recovered, 0 could not be read"), "{said}");
    assert_eq!(json(&folder, &["log", "whole.eval"])[0]["status"], "error");
}

/// The folder of a run stands for the log in it, and one without any is told of.
#[test]
fn a_folder_of_a_run_stands_for_its_log() {
    let folder = folder();
    fs::create_dir(folder.path().join("run")).unwrap();
    let said = eval(&folder, &["log", "run"], 1);
    assert!(said.contains("run is a folder without a log.eval"), "{said}");
    fs::copy(folder.path().join("a.eval"), folder.path().join("run/log.eval")).unwrap();
    let [own, named] = ["run", "a.eval"].map(|name| json(&folder, &["log", name]));
    assert_eq!(own[0]["scores"], named[0]["scores"]);
    let [own, named] = ["run", "a.eval"].map(|name| json(&folder, &["compare", name, "b.eval"]));
    assert_eq!(own["scores"], named["scores"]);
}

#[test]
fn runs_are_compared() {
    let folder = folder();
    insta::assert_snapshot!(eval(&folder, &["compare", "a.eval", "b.eval"], 0));
    insta::assert_snapshot!(eval(
        &folder,
        &["compare", "b.eval", "a.eval", "--cluster", "page", "--score", "right"],
        0
    ));
    for (runs, right, status, said) in [
        (["b.eval", "a.eval"], "--higher-is-better", 1, "the gate fails: right is surely worse"),
        (["b.eval", "a.eval"], "--lower-is-better", 0, "lower: better"),
        (["a.eval", "b.eval"], "--higher-is-better", 0, "higher: better"),
        (["a.eval", "b.eval"], "--lower-is-better", 1, "right is surely worse, by 0.410"),
    ] {
        let arguments = ["--higher-is-better", "clear", right, "right", "--gate"];
        let found = eval(&folder, &[&["compare"], &runs[..], &arguments].concat(), status);
        assert!(found.contains(said), "{found}");
    }
    let counted =
        ["compare", "a.eval", "b.eval", "--count-failures", "--higher-is-better", "right"];
    let failed = eval(&folder, &counted, 0);
    for said in [
        "without an answer: 1 of 40 samples of the first run, 1 of 40 of the second",
        "right: of samples without an answer 1 of the first run and 1 of the second count as 0",
        "not all count as the worst value, for nobody knows it: clear\n",
    ] {
        assert!(failed.contains(said), "{failed}");
    }
    let found = json(&folder, &["compare", "a.eval", "b.eval"]);
    assert_eq!(found["answered"][1], serde_json::json!({"samples": 40, "failed": 1}));
    let refused = eval(&folder, &["compare", "b.eval", "a.eval", "--gate"], 1);
    assert!(refused.contains("nobody knows whether it is better or worse"), "{refused}");
    let plan = folder.path().join("plan.toml");
    std::fs::write(&plan, "scores = ['right']\nadjust = 'holm'\n").unwrap();
    let declared = ["compare", "a.eval", "b.eval", "--plan", "plan.toml"];
    let found = json(&folder, &declared);
    let hash = ContentHash::of(&std::fs::read(&plan).unwrap());
    assert_eq!(
        (&found["declared"], &found["scores"][0]["name"]),
        (&hash.as_str().into(), &"right".into())
    );
    assert!(eval(&folder, &declared, 0).contains(hash.as_str()));
    eval(&folder, &[&declared[..], &["--score", "clear"]].concat(), 2);
    std::fs::write(&plan, "scores = ['right']\n").unwrap();
    assert!(eval(&folder, &declared, 1).contains("plan.toml declares no family"));
    let found = json(&folder, &["compare", "b.eval", "a.eval", "--adjust", "bh"]);
    assert_eq!(found["scores"][1]["verdict"], "lower");
    assert_eq!(found["scores"][1]["disagreement"]["lost"], 16);
    let said = eval(&folder, &["compare", "a.eval", "c.eval"], 1);
    assert!(said.contains("2 are in the first alone") && said.contains("q38, q39"), "{said}");
    let said = eval(&folder, &["compare", "a.eval", "c.eval", "--allow-unmatched"], 0);
    assert!(said.contains("left out, only in the first run: 2 (q38, q39)"), "{said}");
    let said = eval(&folder, &["compare", "a.eval", "b.eval", "--score", "kind"], 1);
    assert!(said.contains("those in both are: clear, right"), "{said}");
}

/// Five hundred answers, of which every fifth is labelled; the judge misses every seventh.
/// What a model says alone is off by nobody knows how much, also where Inspect had it asked.
#[test]
fn what_a_model_judged_in_a_log_of_inspect_is_withheld() {
    let folder = TempDir::new().unwrap();
    for name in ["a.eval", "b.eval"] {
        judged_log(&folder.path().join(name));
    }
    let report = ["report", "a.eval", "--out", "a.json"];
    for arguments in [&["log", "a.eval"][..], &["log", "a.eval", "--json"], &report] {
        let bare = |more: &[&str]| {
            let said = eval(&folder, &[arguments, more].concat(), 0);
            let page = folder.path().join("a.json");
            let said = if page.exists() { fs::read_to_string(&page).unwrap() } else { said };
            let _ = fs::remove_file(&page);
            assert!(said.contains("model_graded_qa") && said.contains("0.25"), "{said}");
            said.contains("0.75")
        };
        assert!(!bare(&[]) && bare(&["--uncorrected"]), "{arguments:?}");
    }
    let found = json(&folder, &["compare", "a.eval", "b.eval"]);
    assert_eq!(found["left_out"]["model_graded_qa"], "judged");
    assert_eq!(found["scores"].as_array().unwrap().len(), 1);
    let named = ["compare", "a.eval", "b.eval", "--score", "model_graded_qa"];
    assert!(eval(&folder, &named, 1).contains("was judged by a model"));
    let found = json(&folder, &["compare", "a.eval", "b.eval", "--uncorrected"]);
    assert_eq!(found["scores"].as_array().unwrap().len(), 2);
}

/// A log of eight samples, of which a model judged six right and a rule two.
fn judged_log(path: &Path) {
    let spec = Spec { model: "mockllm/model".into(), ..Spec::default() };
    let mut header = Header { status: Status::Success, ..Header::started(spec) };
    let metric = MetricValue { name: "accuracy".into(), value: Some(0.75), params: Map::new() };
    header.results.get_or_insert_default().scores.push(ScorerResults {
        name: "model_graded_qa".into(),
        scorer: "model_graded_qa".into(),
        metrics: [("accuracy".to_owned(), metric)].into(),
        ..ScorerResults::default()
    });
    let mut log = LogWriter::create(path, &header).unwrap();
    for at in 0..8 {
        let mut sample = Sample::new(format!("q{at}"), 1, format!("Question {at}?"), "");
        let score = |is_right: bool| Score::new(if is_right { "C" } else { "I" });
        sample.scores.insert("model_graded_qa".into(), score(at < 6));
        sample.scores.insert("match".into(), score(at < 2));
        log.append(&sample).unwrap();
    }
    log.finish(&header).unwrap();
}

fn labels(labelled: bool) -> String {
    let row = |at: usize| {
        let human = usize::from(at.is_multiple_of(2));
        let judge = if at.is_multiple_of(14) { 0 } else { human };
        let label = |text: String| if labelled && at % 10 < 2 { text } else { String::new() };
        let second = usize::from(at.is_multiple_of(2) && !at.is_multiple_of(20));
        format!(
            "a{at},{judge},{},{},{}\n",
            label(human.to_string()),
            label(human.to_string()),
            label(second.to_string())
        )
    };
    "id,judge,human,annotator_1,annotator_2\n".to_owned() + &(0..500).map(row).collect::<String>()
}

#[test]
fn judged_rates_are_corrected_or_refused() {
    let folder = folder();
    fs::write(folder.path().join("labels.csv"), labels(true)).unwrap();
    fs::write(folder.path().join("bare.csv"), labels(false)).unwrap();
    insta::assert_snapshot!(eval(&folder, &["judged", "--labels", "labels.csv"], 0));
    let found = json(&folder, &["judged", "--labels", "labels.csv"]);
    assert_eq!(
        (found["status"].as_str(), found["uncorrected"].is_null()),
        (Some("corrected"), true)
    );
    let said = eval(&folder, &["judged", "--labels", "bare.csv"], 1);
    assert!(said.contains("--uncorrected"), "{said}");
    insta::assert_snapshot!(eval(&folder, &["judged", "--labels", "bare.csv", "--uncorrected"], 0));
    let few: String = labels(true).lines().take(101).flat_map(|line| [line, "\n"]).collect();
    fs::write(folder.path().join("few.csv"), few).unwrap();
    let said = eval(&folder, &["judged", "--labels", "few.csv"], 0);
    assert!(said.contains("uncalibrated: 20 labels are too few"), "{said}");
}

#[test]
fn of_labels_of_several_scores_one_is_chosen() {
    let folder = folder();
    let rows = |metric: &'static str, human: u8| {
        (0..60)
            .flat_map(|at| [format!("a{at},{metric},{human},{human}"), "\n".into()])
            .collect::<String>()
    };
    let all = "id,metric,judge,human\n".to_owned() + &rows("x", 1) + &rows("y", 0);
    fs::write(folder.path().join("two.csv"), all).unwrap();
    let judged = ["judged", "--labels", "two.csv"];
    assert!(eval(&folder, &judged, 1).contains("choose one with --metric: x, y"));
    let found = json(&folder, &[&judged[..], &["--metric", "y"]].concat());
    assert_eq!((&found["answers"], &found["people"]["value"]), (&60.into(), &0.0.into()));
    assert!(
        eval(&folder, &[&judged[..], &["--metric", "z"]].concat(), 1).contains("has those of x, y")
    );
}

/// Of a judge that says yes to everything, where people do too, nothing is said of clusters or chances.
#[test]
fn what_is_not_known_of_a_judge_is_told_with_its_reason() {
    let folder = folder();
    let row = |at: usize| {
        let judge = if at == 7 { "" } else { "1" };
        format!("a{at},{judge},{}\n", if at.is_multiple_of(5) { "1" } else { "" })
    };
    let all = "id,judge,human\n".to_owned() + &(0..500).map(row).collect::<String>();
    fs::write(folder.path().join("yes.csv"), all).unwrap();
    let said = eval(&folder, &["judged", "--labels", "yes.csv", "--uncorrected"], 0);
    for part in [
        "people say yes of every answer that they labelled",
        "failed on 1 answers, which are left out of what it says",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("clusters"), "{said}");
    let found = json(&folder, &["judged", "--labels", "yes.csv"]);
    assert_eq!(found["status"], "error-rates-unknown");
    assert!(found["alpha"]["low"].is_null() && found["alpha"]["note"].is_string(), "{found}");
}

#[test]
fn a_plan_is_made_before_a_run() {
    let folder = folder();
    insta::assert_snapshot!(eval(&folder, &["power", "paired", "--discordance", "0.2"], 0));
    let arms = ["power", "arms", "--rate", "0.5", "--difference", "0.1"];
    assert_eq!(json(&folder, &arms)["rows"][0]["questions"], 388.0);
    let scores = [
        "power",
        "scores",
        "--between",
        "0.1",
        "--within",
        "0.2",
        "--epochs",
        "4",
        "--questions",
        "500",
        "--cluster-size",
        "5",
        "--correlation",
        "0.25",
    ];
    let found = json(&folder, &scores);
    assert_eq!(found["design_effect"], 2.0);
    assert!((found["rows"][0]["difference"].as_f64().unwrap() - 0.0792).abs() < 1e-3);
    let said =
        eval(&folder, &["power", "paired", "--discordance", "0.1", "--difference", "0.2"], 1);
    assert!(said.contains("at most the discordance"), "{said}");
    let said = eval(&folder, &["power", "paired", "--discordance", "0"], 1);
    assert!(said.contains("should be above 0 and at most 1"), "{said}");
    eval(&folder, &["power", "paired", "--discordance", "0.2", "--questions", "0"], 2);
}
