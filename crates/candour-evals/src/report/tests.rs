//! Whole reports: their structure, their size, and what hostile answers make of them.

mod attacks;

use std::path::{Path, PathBuf};

use candour_core::Locale;
use serde_json::json;

use super::*;
use crate::compare::{Adjustment, JudgedScores, Plan};
use crate::inspect_log::{
    Failure, LimitHit, LimitKind, LogWriter, Output, Sample, Score, Spec, Status, StopReason, Usage,
};
use crate::scored::Better;

const PLAN: Plan = Plan {
    family: Vec::new(),
    adjustment: Adjustment::Holm,
    declared: None,
    better: BTreeMap::new(),
    confidence: Confidence::P95,
    allow_unmatched: true,
    labels: BTreeMap::new(),
    judged: JudgedScores { uncorrected: false, other_judges: false },
};

/// Writes a log of samples.
fn log(folder: &Path, name: &str, samples: impl IntoIterator<Item = Sample>) -> PathBuf {
    let path = folder.join(name);
    let spec = Spec {
        packages: [("candour".to_owned(), "0".to_owned())].into(),
        created: "2026-11-26T10:00:00+00:00".into(),
        task: "bins".into(),
        model: "m".into(),
        ..Spec::default()
    };
    let mut header = Header::started(spec);
    let mut log = LogWriter::create(&path, &header).unwrap();
    for sample in samples {
        log.append(&sample).unwrap();
    }
    header.status = Status::Success;
    log.finish(&header).unwrap();
    path
}

fn sample(at: usize, question: &str, answer: &str, value: f64) -> Sample {
    let mut sample = Sample::new(format!("s{at}"), 1, question, "expected");
    sample.output = Output::new("m", answer, StopReason::Stop);
    sample
        .scores
        .insert("right".into(), Score { explanation: Some(answer.into()), ..Score::new(value) });
    let tag = if at.is_multiple_of(2) { "even" } else { "odd" };
    sample.metadata.insert("tags".into(), json!([tag, "all"]));
    sample.metadata.insert("locale".into(), json!("cy"));
    sample.metadata.insert("cluster".into(), json!(format!("page {}", at / 4)));
    sample.total_time = Some(0.02 * (at % 50 + 1) as f64);
    sample
        .model_usage
        .insert("m".into(), Usage { input_tokens: 7, output_tokens: 3, ..Usage::default() });
    sample
}

fn report(path: &Path) -> RunReport {
    let source = Source::open(path).unwrap();
    RunReport::read(&source, &Reading::default(), Confidence::P95).unwrap()
}

fn page(path: &Path, language: &Locale) -> String {
    html(&RunReport::document(&[report(path)], language, Confidence::P95))
}

/// What every page must be, told without a browser: each element closed in its order, headings without
/// gaps, one main heading, captions and scopes, names that are there once, nothing that runs or is fetched.
fn check(page: &str, language: &str) {
    const EMPTY: [&str; 6] = ["meta", "link", "line", "circle", "polyline", "rect"];
    assert!(page.starts_with(&format!("<!DOCTYPE html>\n<html lang=\"{language}\">")));
    let body = page.split_once("</style>").unwrap().1;
    let (mut open, mut levels, mut names) = (Vec::new(), vec![0], Vec::new());
    for tag in body.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        let name = tag.split(' ').next().unwrap();
        if let Some(name) = name.strip_prefix('/') {
            if !["head", "html"].contains(&name) {
                assert_eq!(open.pop(), Some(name), "</{name}>");
            }
            continue;
        }
        if let Some(level) = name.strip_prefix('h').and_then(|level| level.parse::<usize>().ok()) {
            assert!(level <= levels.last().unwrap() + 1, "{levels:?} {tag}");
            levels.push(level);
        }
        names.extend(tag.split("id=\"").nth(1).map(|rest| rest.split('"').next().unwrap()));
        assert!(!["script", "iframe", "object", "form", "img", "style"].contains(&name), "{tag}");
        assert!(!tag.contains(" on") && !tag.contains(" style="), "{tag}");
        assert!(!tag.contains("href=\"") || tag.contains("href=\"#main\""), "{tag}");
        if !EMPTY.contains(&name) {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&str>::new());
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "a name is there once");
    assert_eq!(body.matches("<table>").count(), body.matches("<caption ").count());
    assert_eq!(body.matches("<svg ").count(), body.matches("<desc ").count());
    assert!(!page.contains('⟦'), "a word is missing");
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
}

#[test]
fn a_page_has_its_structure_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let mut samples: Vec<Sample> = (0..40)
        .map(|at| sample(at, "When?", "On Tuesday", f64::from(u8::from(at % 3 > 0))))
        .collect();
    samples[3].error = Some(Failure::new("busy: it could not answer now"));
    samples[5].limit = Some(LimitHit { kind: LimitKind::Token, limit: 10.0, reason: None });
    let path = log(folder.path(), "a.eval", samples);
    for (language, tag) in [(Locale::En, "en"), (Locale::Cy, "cy")] {
        check(&page(&path, &language), tag);
    }
    let page = page(&path, &Locale::En);
    for said in [
        "1 of 40 samples have no answer",
        "1 samples were ended by a limit: token",
        "busy: it could not answer now",
        "<bdi lang=\"cy\">On Tuesday</bdi>",
        "280</td>",
        "Hash of the log",
    ] {
        assert!(page.contains(said), "{said}");
    }
    let found = report(&path);
    assert_eq!((found.failed, found.questions, found.below), (1, 40, 13));
    assert_eq!((found.tags[0].name.as_str(), found.tags[0].questions), ("all", 40));
    assert_eq!(found.all_clusters, 10);
}

#[test]
fn hostile_answers_are_shown_and_not_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = [
        "</bdi></td><script>alert(1)</script><img src=x onerror=alert(1)>".to_owned(),
        "\u{202e}desrever\u{2066}\u{0}\u{1b}[2J &lt;b&gt; \"' --> ]]> <!-- <![CDATA[".to_owned(),
        "x".repeat(300_000),
        "\n".repeat(100_000),
        "a\u{301}".repeat(50_000),
        "=HYPERLINK(\"http://evil.test\")".to_owned(),
        "| # *a* [b](http://evil.test) `c`".to_owned(),
    ];
    let samples = hostile.iter().enumerate().map(|(at, text)| {
        let mut sample = sample(at, text, text, 0.0);
        sample.metadata.insert("tags".into(), json!([text.chars().take(500).collect::<String>()]));
        sample
    });
    let path = log(folder.path(), "a.eval", samples);
    let text = page(&path, &Locale::En);
    check(&text, "en");
    assert!(text.len() < 300_000, "{} bytes", text.len());
    assert!(!text.contains(['\u{202e}', '\u{2066}', '\0', '\u{1b}']));
    assert!(text.contains("[U+202E]desrever") && text.contains("&lt;script&gt;"));
    let document = RunReport::document(&[report(&path)], &Locale::En, Confidence::P95);
    let text = markdown(&document);
    assert!(!text.contains("<script") && !text.contains("[b](http"));
    assert!(
        text.contains("\\| \\# \\*a\\*") || text.contains("\\| # \\*a\\*"),
        "marks are escaped"
    );
    let mut rows = Vec::new();
    csv(&[Source::open(&path).unwrap()], &[report(&path)], &mut rows).unwrap();
    let rows = String::from_utf8(rows).unwrap();
    assert!(rows.contains("'=HYPERLINK"), "no cell is a formula");
    assert!(rows.len() > 600_000, "rows are whole");
}

#[test]
fn a_page_of_many_samples_stays_small_and_says_what_it_leaves_out() {
    let folder = tempfile::tempdir().unwrap();
    let long = "word ".repeat(300);
    let samples = (0..800).map(|at| {
        let mut sample = sample(at, &long, &long, 0.25);
        for score in 0..12 {
            sample.scores.insert(format!("score {score}"), Score::new(0.5));
        }
        if at % 10 == 0 {
            sample.error = Some(Failure::new(format!("error {at}")));
        }
        sample.metadata.insert("tags".into(), json!([format!("tag {at}")]));
        sample
    });
    let path = log(folder.path(), "a.eval", samples);
    let text = page(&path, &Locale::En);
    check(&text, "en");
    assert!(text.len() < 500_000, "{} bytes", text.len());
    for said in ["25 of the 720 answers", "The first 50 samples", "There are more tags"] {
        assert!(text.contains(said), "{said}");
    }
    let mut rows = Vec::new();
    csv(&[Source::open(&path).unwrap()], &[report(&path)], &mut rows).unwrap();
    assert_eq!(::csv::Reader::from_reader(rows.as_slice()).records().count(), 800);
}

#[test]
fn a_page_of_many_runs_is_as_short_as_one_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let long = "word ".repeat(300);
    let low = log(folder.path(), "a.eval", (0..60).map(|at| sample(at, &long, &long, 0.25)));
    let few = log(folder.path(), "b.eval", (0..3).map(|at| sample(at, "q", "a", 1.0)));
    let runs = |path: &Path, count| (0..count).map(|_| report(path)).collect::<Vec<_>>();
    let page = |runs: &[RunReport], language: &Locale| {
        html(&RunReport::document(runs, language, Confidence::P95))
    };
    let in_short = |text: &str| text.matches("here are its scores alone").count();
    let two = page(&runs(&few, 2), &Locale::En);
    check(&two, "en");
    assert_eq!((in_short(&two), two.contains("left out")), (0, false));
    let some = page(&runs(&low, 30), &Locale::En);
    check(&some, "en");
    assert!((1..30).contains(&in_short(&some)) && some.len() > 800_000, "{}", in_short(&some));
    let all = runs(&few, 800);
    for (language, said) in
        [(Locale::En, "of 800 runs are left out"), (Locale::Cy, "o 800 rhediad allan")]
    {
        let page = page(&all, &language);
        check(&page, language.tag());
        assert!(page.contains(said), "{said}");
    }
}

/// As many figures as attacks leave that are tried under thirty-two conditions, and a log of many scores.
#[test]
fn a_page_of_many_figures_and_scores_stays_small() {
    let folder = tempfile::tempdir().unwrap();
    let rate = json!({"value": 0.1, "low": 0.05, "high": 0.2, "n": 60, "method": "korn-graubard"});
    let condition = || (0..80).map(|at| (format!("figure-{at:02}"), rate.clone())).collect();
    let conditions = (0..32).map(|at| (format!("condition-{at:02}"), condition()));
    let result = json!({"outcomes": conditions.collect::<serde_json::Map<_, _>>()});
    outcome(result).write(folder.path()).unwrap();
    let text = page(folder.path(), &Locale::En);
    check(&text, "en");
    assert!(text.contains("Of 2560 figures the first 800"));
    assert_eq!(report(folder.path()).figures.len(), 2560, "none is lost");
    let samples = (0..70).map(|at| {
        let mut sample = sample(at, "q", "a", 0.25);
        for score in 0..400 {
            sample.scores.insert(format!("score {score}"), Score::new(0.5));
        }
        sample.metadata.insert("tags".into(), json!([format!("tag {at}")]));
        sample
    });
    let text = page(&log(folder.path(), "a.eval", samples), &Locale::En);
    check(&text, "en");
    assert!(text.contains("Of 401 scores the first 40"));
}

/// A table of many scores that some samples lack, and tokens of many models.
#[test]
fn what_some_samples_lack_is_named_for_the_scores_that_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let key = |at: usize| format!("{at:04}{}", "x".repeat(900));
    let table: serde_json::Map<_, _> = (0..1200).map(|at| (key(at), json!(0.5))).collect();
    let samples = (0..3).map(|at| {
        let mut sample = sample(at, "q", "a", 1.0);
        if at > 0 {
            sample.scores.insert("table".into(), Score { value: json!(table), ..Score::new(0.0) });
        }
        sample.model_usage = (0..60).map(|at| (format!("m{at:02}"), Usage::of(1, 1))).collect();
        sample
    });
    let path = log(folder.path(), "a.eval", samples);
    for (language, said) in [
        (Locale::En, ["1161 more scores, which", "Of 60 models the first 40"]),
        (Locale::Cy, ["1161 sgôr arall, nas", "O 60 model dangosir y 40"]),
    ] {
        let text = page(&path, &language);
        check(&text, language.tag());
        assert!(said.iter().all(|said| text.contains(said)), "{said:?}");
        assert!(!text.contains("would be too long") && !text.contains("yn rhy hir"));
    }
    assert_eq!(report(&path).tokens.len(), 60, "none is lost");
}

/// Whatever a run holds, its page stays short, and says that it does.
#[test]
fn a_page_of_one_run_that_would_be_too_long_shows_its_scores() {
    let folder = tempfile::tempdir().unwrap();
    let samples = (0..25).map(|at| {
        let mut sample = sample(at, &"&".repeat(1200), &"&".repeat(1200), 0.25);
        for score in 0..30 {
            let why = Some("&".repeat(400));
            let score_of = Score { explanation: why, ..Score::new(0.5) };
            sample.scores.insert(format!("score {score}"), score_of);
        }
        sample
    });
    let path = log(folder.path(), "a.eval", samples);
    for (language, said) in [(Locale::En, "would be too long"), (Locale::Cy, "yn rhy hir")] {
        let text = page(&path, &language);
        check(&text, language.tag());
        assert!(text.contains(said) && text.contains("score 29"), "{} bytes", text.len());
    }
}

/// What fails counts where a score has a worst value, and the page says so.
#[test]
fn a_page_says_what_failures_count_for() {
    let folder = tempfile::tempdir().unwrap();
    let samples = (0..12).map(|at| {
        let mut sample = sample(at, "When?", "Then.", 0.5);
        if at == 11 {
            sample.error = Some(Failure::new("hung up"));
            sample.scores.clear();
        }
        sample
    });
    let path = log(folder.path(), "a.eval", samples);
    for failures_count in [false, true] {
        let reading = Reading { failures_count, ..Reading::default() };
        let source = Source::open(&path).unwrap();
        let report = [RunReport::read(&source, &reading, Confidence::P95).unwrap()];
        for (language, said) in [
            (Locale::En, "count as the worst value of each score"),
            (Locale::Cy, "cyfrif fel gwerth gwaethaf pob sgôr"),
        ] {
            let text = html(&RunReport::document(&report, &language, Confidence::P95));
            assert_eq!(text.contains(said), failures_count, "{text}");
        }
    }
}

/// A score whose better end nobody knows moves no question, and bias is the better the lower it is.
#[test]
fn better_and_worse_are_told_by_scores_with_a_direction() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, bias: f64, years: f64| {
        let samples = (0..12).map(|at| {
            let mut sample = sample(at, "When?", name, 0.5);
            let bias = bias + if bias < 0.5 { 0.01 * at as f64 } else { 0.0 };
            sample.scores.insert("bias".into(), Score::new(bias));
            sample.scores.insert("reading_age".into(), Score::new(years));
            sample
        });
        Source::open(&log(folder.path(), name, samples)).unwrap()
    };
    let (old, new) = (run("old.eval", 0.75, 8.0), run("new.eval", 0.25, 3.0));
    let found = ComparisonReport::read(&old, &new, &Reading::default(), &PLAN).unwrap();
    assert_eq!((found.all_worse, found.all_better), (0, 12));
    assert!((found.better[0].by - 0.5).abs() < 1e-12);
    assert_eq!(found.no_direction, ["reading_age"]);
    let text = html(&found.document(&Locale::En, Confidence::P95));
    assert!(text.contains("say nothing of a question here: reading_age"), "{text}");
    assert!(text.contains("lower: better"), "{text}");
}

#[test]
fn a_comparison_shows_both_answers_and_what_was_refused() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, first: usize, right: &dyn Fn(usize) -> bool| {
        let samples = (first..60).map(|at| {
            let answer = format!("{name} <b>{at}</b>");
            let mut sample = sample(at, "When?", &answer, f64::from(u8::from(right(at))));
            sample.error = (at == 59).then(|| Failure::new("hung up"));
            sample
        });
        Source::open(&log(folder.path(), name, samples)).unwrap()
    };
    let old = run("old.eval", 0, &|at| at % 3 == 0);
    let new = run("new.eval", 2, &|at| at % 3 != 1 || at == 4);
    let better = BTreeMap::from([("right".to_owned(), Better::Higher)]);
    let reading = Reading { better, ..Reading::default() };
    let found = ComparisonReport::read(&old, &new, &reading, &PLAN).unwrap();
    assert_eq!((found.all_worse, found.all_better), (0, 21));
    assert_eq!(found.comparison.only_first.len(), 2);
    for (language, tag) in [(Locale::En, "en"), (Locale::Cy, "cy")] {
        check(&html(&found.document(&language, Confidence::P95)), tag);
    }
    let text = html(&found.document(&Locale::En, Confidence::P95));
    for said in [
        "old.eval &lt;b&gt;5&lt;/b&gt;",
        "new.eval &lt;b&gt;5&lt;/b&gt;",
        "2 questions are in the first run alone",
        "1 in the second alone",
        "Samples of the second run without an answer",
        "1 of 58",
        "of samples without an answer 1 of the first run and 0 of the second count as 0",
    ] {
        assert!(text.contains(said), "{said}");
    }
    let mut rows = Vec::new();
    found.csv(&mut rows).unwrap();
    assert_eq!(String::from_utf8(rows).unwrap().lines().count(), 2);
    let strict = Plan { allow_unmatched: false, ..PLAN };
    assert!(ComparisonReport::read(&old, &new, &Reading::default(), &strict).is_err());
}

/// Whatever two runs hold, the page of their comparison stays short, and says what it leaves out.
#[test]
fn a_comparison_of_many_scores_and_long_answers_stays_small() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, scores: usize, value: &dyn Fn(usize) -> f64| {
        let samples = (0..26).map(|at| {
            let mut sample = sample(at, "When?", &"&".repeat(1200), 0.5);
            for score in 0..scores {
                let explanation = Some("&".repeat(200));
                let score_of = Score { explanation, ..Score::new(value(at + score)) };
                sample.scores.insert(format!("{score:04} {}", "<".repeat(190)), score_of);
            }
            sample
        });
        Source::open(&log(folder.path(), name, samples)).unwrap()
    };
    for (scores, said) in [
        (200, ["Of 201 scores the 40 whose change is surest", "Of 201 scores the first 30"]),
        (20, ["of 26 questions, those that changed most first", "score"]),
    ] {
        let old = run(&format!("old{scores}.eval"), scores, &|_| 0.25);
        let new = run(&format!("new{scores}.eval"), scores, &|at| {
            0.5 + 0.25 * f64::from(u8::from(at % 3 == 0))
        });
        let found = ComparisonReport::read(&old, &new, &Reading::default(), &PLAN).unwrap();
        assert_eq!(found.comparison.scores.len(), scores + 1, "none is lost");
        for (language, tag) in [(Locale::En, "en"), (Locale::Cy, "cy")] {
            check(&html(&found.document(&language, Confidence::P95)), tag);
        }
        let text = html(&found.document(&Locale::En, Confidence::P95));
        assert!(said.iter().all(|said| text.contains(said)), "{scores}: {}", text.len());
        assert!(text.len() > 300_000, "and it is used: {}", text.len());
    }
}

fn outcome(result: serde_json::Value) -> crate::evidence::Outcome {
    crate::evidence::Outcome {
        kind: "redteam".into(),
        title: "attacks on the pilot".into(),
        made_at: jiff::Timestamp::UNIX_EPOCH,
        program: "0.1.0".into(),
        configuration: None,
        snapshot: None,
        suite: None,
        result,
    }
}

#[test]
fn what_several_runs_came_to_is_compared_run_by_run() {
    let folder = tempfile::tempdir().unwrap();
    outcome(attacks::attacks(&["all", "none"])).write(folder.path()).unwrap();
    let refused = |why: &str| {
        let own = Source::open(folder.path()).unwrap();
        let error = ComparisonReport::read(&own, &own, &Reading::default(), &PLAN).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    };
    refused("holds figures without questions");
    let run = folder.path().join("all").join("guidance");
    std::fs::create_dir_all(&run).unwrap();
    std::fs::create_dir(folder.path().join("suites")).unwrap();
    std::fs::write(run.join("journal.jsonl"), "").unwrap();
    refused(&format!("the same one of both, such as {}", run.display()));
}

#[test]
fn figures_without_samples_are_reported_too() {
    let folder = tempfile::tempdir().unwrap();
    let estimate = json!({"value": 0.1, "low": 0.05, "high": 0.2, "n": 60, "method": "wilson"});
    let result =
        json!({"on": {"plain": estimate, "base64": estimate}, "attacks": {"a": ["plain"]}});
    outcome(result).write(folder.path()).unwrap();
    let text = page(folder.path(), &Locale::En);
    check(&text, "en");
    assert!(text.contains("attacks.a") && text.contains("0.050 to 0.200"));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(Source::open(empty.path()), Err(ReportError::NotARun { .. })));
    let own = (Source::open(folder.path()).unwrap(), report(folder.path()));
    let mut rows = Vec::new();
    csv(std::slice::from_ref(&own.0), std::slice::from_ref(&own.1), &mut rows).unwrap();
    let rows = String::from_utf8(rows).unwrap();
    let lines: Vec<&str> = rows.lines().collect();
    assert_eq!((lines[0], lines.len()), ("run,figure,value,low,high,n,clusters,method", 3));
    assert!(lines[1].ends_with(",on.plain,0.1,0.05,0.2,60,,Wilson"), "{rows}");
    // Beside a run with samples every row has all columns.
    let path = log(folder.path(), "a.eval", [sample(0, "What?", "That.", 0.5)]);
    let both = [Source::open(&path).unwrap(), own.0];
    let mut rows = Vec::new();
    csv(&both, &[report(&path), own.1], &mut rows).unwrap();
    assert_eq!(::csv::Reader::from_reader(rows.as_slice()).records().flatten().count(), 3);
}

#[test]
fn labels_are_shown_with_their_intervals() {
    let folder = tempfile::tempdir().unwrap();
    let rate = |value: f64| json!({"value": value, "low": 0.25, "high": 0.875, "n": 8});
    let label = json!({
        "expected": 8, "precision": 0.5, "recall": 0.75, "f1": 0.6, "f2": null,
        "intervals": {"precision": rate(0.5), "recall": rate(0.75)},
    });
    let mut run = report(&log(folder.path(), "a.eval", [sample(0, "What?", "That.", 0.5)]));
    run.outcome = Some(outcome(json!({"labels": {"<b>tax": label}})));
    for (language, interval) in
        [(Locale::En, "0.750 (0.250 to 0.875)"), (Locale::Cy, "0.750 (0.250 i 0.875)")]
    {
        let text =
            html(&RunReport::document(std::slice::from_ref(&run), &language, Confidence::P95));
        check(&text, &language.to_string());
        assert!(text.contains(interval) && text.contains("&lt;b&gt;tax"), "{text}");
        assert!(text.contains("0.600"), "a figure of an earlier version has no interval");
    }
    let level = |value: f64| Confidence::try_from(value).unwrap();
    for (confidence, is_said) in [(Confidence::P95, false), (level(0.8), true)] {
        let page = RunReport::document(std::slice::from_ref(&run), &Locale::En, confidence);
        assert_eq!(html(&page).contains("when they were measured, at 95 %"), is_said);
    }
}

#[test]
fn a_folder_of_runs_that_did_not_end_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("all").join("guidance");
    std::fs::create_dir_all(&run).unwrap();
    std::fs::create_dir(folder.path().join("suites")).unwrap();
    std::fs::write(run.join("journal.jsonl"), "").unwrap();
    let error = Source::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("with the same --out goes on") && error.contains("guidance"), "{error}");
}

#[test]
fn an_answer_that_was_given_before_took_no_time_that_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let sample = |id: &str, seconds| {
        let mut sample = Sample::new(id, 1, "q", "");
        sample.total_time = Some(seconds);
        sample
    };
    let times = |name: &str, samples| report(&log(folder.path(), name, samples)).times;
    assert_eq!(times("a.eval", vec![sample("a", 0.0)]), None);
    let mixed = times("b.eval", vec![sample("a", 0.0), sample("b", 2.0)]);
    assert_eq!(mixed.map(|times| times.n), Some(1));
}
