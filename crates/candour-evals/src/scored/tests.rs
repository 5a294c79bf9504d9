//! Logs whose scores are read, whoever wrote them.

use serde_json::{Value, json};

use super::*;
use crate::inspect_log::{Failure, LogWriter, Sample, Score, Spec, Status};
use crate::statistics::{Confidence, Method, NoInterval};

fn scored(samples: &[Sample], reading: &Reading) -> Result<Scored, ScoredError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.eval");
    let header = Header { status: Status::Success, ..Header::started(Spec::default()) };
    let mut log = LogWriter::create(&path, &header).unwrap();
    for sample in samples {
        log.append(sample).unwrap();
    }
    log.finish(&header).unwrap();
    Scored::read(&path, reading)
}

fn sample(id: &str, epoch: u64, value: Value, cluster: Option<&str>) -> Sample {
    let mut sample = Sample::new(id, epoch, id, "");
    sample.scores.insert("s".into(), Score::new(value));
    if let Some(cluster) = cluster {
        sample.metadata.insert("cluster".into(), cluster.into());
    }
    sample
}

fn higher(name: &str) -> BTreeMap<String, Better> {
    [(name.to_owned(), Better::Higher)].into()
}

#[test]
fn values_become_numbers_as_in_inspect() {
    let cases = [
        (json!("C"), Some(1.0)),
        (json!("I"), Some(0.0)),
        (json!("P"), Some(0.5)),
        (json!("N"), Some(0.0)),
        (json!(true), Some(1.0)),
        (json!("No"), Some(0.0)),
        (json!("0.25"), Some(0.25)),
        (json!("nan"), None),
        (json!("B"), None),
        (json!([1]), None),
        (json!(null), None),
    ];
    for (value, expected) in cases {
        assert_eq!(number(&value), expected, "{value}");
    }
}

#[test]
fn repeats_are_made_one_and_tables_taken_apart() {
    let table = json!({"relevant": 1, "faithful": "high"});
    let samples = [
        sample("a", 1, json!("C"), None),
        sample("a", 2, json!("I"), None),
        sample("b", 1, json!("C"), None),
        sample("b", 2, json!("C"), None),
        Sample {
            scores: [("t".into(), Score::new(table))].into(),
            ..sample("c", 1, json!(0), None)
        },
    ];
    let found = scored(&samples, &Reading::default()).unwrap();
    assert_eq!(found.names(), BTreeSet::from(["s", "t/relevant"]));
    assert_eq!(found.not_numbers["t/faithful"], 5, "it is missing four times and no number once");
    let rate = found.rate("s", Confidence::P95);
    assert_eq!((rate.estimate.n, rate.answers), (2, 4));
    assert!((rate.estimate.value - 0.75).abs() < 1e-12);
}

#[test]
fn failures_are_left_out_or_count_as_nothing() {
    let failed = Sample {
        error: Some(Failure::new("hung up")),
        scores: BTreeMap::new(),
        ..sample("c", 1, json!(0), None)
    };
    let samples = [sample("a", 1, json!("C"), None), sample("b", 1, json!("C"), None), failed];
    for (failures_count, n, mean) in [(false, 2, 1.0), (true, 3, 2.0 / 3.0)] {
        let reading = Reading { failures_count, better: higher("s"), ..Reading::default() };
        let found = scored(&samples, &reading).unwrap();
        assert_eq!((found.failed, found.samples), (1, 3));
        let rate = found.rate("s", Confidence::P95);
        assert_eq!(rate.estimate.n, n);
        assert!((rate.estimate.value - mean).abs() < 1e-12);
    }
}

/// What is best of a score is no punishment, and nobody knows the worst of what has no end.
#[test]
fn failures_count_as_the_worst_value() {
    for (name, values, said, expected) in [
        ("key_facts", [1.0, 0.5], None, Some(0.5)),
        ("attack_success", [0.0, 0.5], None, Some(0.5)),
        ("bias", [0.0, 0.0], None, Some(1.0 / 3.0)),
        ("reading_age", [9.0, 11.0], None, None),
        // Of log-probabilities 0 is the best, and of what nobody knows the direction it may be.
        ("match", [-0.5, -2.0], None, None),
        ("match", [0.0, -2.0], None, None),
        ("match", [4.0, 0.5], None, Some(1.5)),
        ("quality", [-4.0, 0.5], Some(Better::Higher), None),
        ("quality", [4.0, 0.5], Some(Better::Higher), Some(1.5)),
        ("toxicity", [1.0, 0.5], None, None),
        ("toxicity", [0.0, 0.5], Some(Better::Lower), Some(0.5)),
        ("toxicity", [4.0, 2.0], Some(Better::Lower), None),
    ] {
        let scores = |value: f64| [(name.to_owned(), Score::new(value))].into();
        let mut samples: Vec<Sample> = ["a", "b", "c"].map(|id| Sample::new(id, 1, id, "")).into();
        samples[0].scores = scores(values[0]);
        samples[1].scores = scores(values[1]);
        samples[2].error = Some(Failure::new("hung up"));
        let better = said.map(|said| (name.to_owned(), said)).into_iter().collect();
        let reading = Reading { failures_count: true, better, ..Reading::default() };
        let found = scored(&samples, &reading).unwrap();
        let counted = found.failed_as_worst.get(name).copied();
        assert_eq!(counted, expected.map(|_| 1), "{name}");
        let found = found.rate(name, Confidence::P95).estimate;
        let n = if expected.is_some() { 3 } else { 2 };
        let mean = expected.unwrap_or_else(|| f64::midpoint(values[0], values[1]));
        assert_eq!(found.n, n, "{name}");
        assert!((found.value - mean).abs() < 1e-12, "{name}: {}", found.value);
    }
}

/// A log that scores what failed says what that counts for.
#[test]
fn failures_that_are_scored_count_as_they_are_scored() {
    let failed =
        Sample { error: Some(Failure::new("hung up")), ..sample("c", 1, json!(0), Some("c")) };
    let samples = [
        sample("a", 1, json!("C"), Some("a")),
        Sample { scores: BTreeMap::new(), ..sample("b", 1, json!(0), Some("b")) },
        failed,
    ];
    let found = scored(&samples, &Reading::default()).unwrap();
    let rate = found.rate("s", Confidence::P95);
    assert_eq!((rate.estimate.n, rate.estimate.value), (2, 0.5));
    assert_eq!((rate.estimate.method, rate.estimate.clusters), (Some(Method::Wilson), None));
    assert_eq!(found.not_numbers["s"], 1, "an answer has none, whatever failures have");
}

/// A target of which a score can tell nothing has no rate for failing now and then, whoever wrote the log.
#[test]
fn a_score_of_failures_alone_is_none() {
    let with = |mut sample: Sample, failed: bool| {
        sample.error = failed.then(|| Failure::new("hung up"));
        sample.scores.insert("t".into(), Score::new(json!("C")));
        sample
    };
    let without = |id: &str| {
        let mut sample = with(sample(id, 1, json!(0), None), false);
        sample.scores.remove("s");
        sample
    };
    let samples = [without("a"), with(sample("b", 1, json!(0), None), true), without("c")];
    for failures_count in [false, true] {
        let reading = Reading { failures_count, better: higher("t"), ..Reading::default() };
        let found = scored(&samples, &reading).unwrap();
        assert_eq!(found.names(), BTreeSet::from(["t"]));
        assert_eq!(found.of_failures, BTreeSet::from(["s".to_owned()]));
        assert!(found.not_numbers.is_empty(), "{:?}", found.not_numbers);
        let value = found.rate("t", Confidence::P95).estimate.value;
        assert!((value - if failures_count { 2.0 / 3.0 } else { 1.0 }).abs() < 1e-12);
    }
}

#[test]
fn a_run_may_be_looked_at_while_it_goes_on() {
    // The first twenty are answered badly, and were asked first whatever their names.
    let scores = |value: fn(usize) -> Value| -> Vec<Sample> {
        (0..80).map(|at| sample(&format!("{}", 999 - at), 1, value(at), None)).collect()
    };
    let rights = scored(&scores(|at| json!(at >= 20)), &Reading::default()).unwrap();
    let found = rights.rate_at_any_time("s", Confidence::P95).estimate;
    assert_eq!((found.n, found.method), (80, Some(Method::BetaMixture)));
    let once = rights.rate("s", Confidence::P95).estimate.interval().unwrap();
    let found = found.interval().unwrap();
    assert!(found.width() > once.width() && found.holds(0.75));
    let graded = scored(&scores(|at| json!(at as f64 / 80.0)), &Reading::default()).unwrap();
    let found = graded.rate_at_any_time("s", Confidence::P95).estimate;
    assert_eq!(found.method, Some(Method::HedgedCapital));
    let apart = [sample("a", 1, json!(1), Some("p")), sample("b", 1, json!(1), Some("q"))];
    let twice = vec![sample("a", 1, json!(1), None), sample("a", 2, json!(0), None)];
    let paged = vec![sample("a", 1, json!(1), Some("p")), sample("b", 1, json!(1), Some("p"))];
    for (samples, expected) in [
        (apart.to_vec(), None),
        (twice, Some(NoInterval::RepeatedAtAnyTime)),
        (paged, Some(NoInterval::ClusteredAtAnyTime)),
        (scores(|at| json!(at)), Some(NoInterval::NoShareAtAnyTime)),
    ] {
        let found = scored(&samples, &Reading::default()).unwrap();
        let found = found.rate_at_any_time("s", Confidence::P95).estimate;
        assert_eq!((found.note, found.interval().is_none()), (expected, expected.is_some()));
        assert!(found.value.is_finite(), "the figure itself is known");
    }
}

/// A score without an interval takes none from the others.
#[test]
fn every_score_has_its_figure_and_its_interval_or_why_it_has_none() {
    let with = |mut sample: Sample, name: &str, value: f64| {
        sample.scores.insert(name.into(), Score::new(value));
        sample
    };
    let pages = [("a", "p"), ("b", "p"), ("c", "q")];
    let [a, b, c] = pages.map(|(id, page)| sample(id, 1, json!(id == "a"), Some(page)));
    let samples = [
        with(with(with(with(a, "one", 0.7), "page", 0.0), "huge", f64::MAX), "age", 12.5),
        with(with(b, "page", 0.5), "huge", f64::MAX),
        with(with(c, "huge", -1.0), "age", 12.5),
    ];
    let found = scored(&samples, &Reading::default()).unwrap();
    for (name, value, note) in [
        ("s", Some(1.0 / 3.0), None),
        ("one", Some(0.7), Some(NoInterval::OneValue)),
        ("page", Some(0.25), Some(NoInterval::OneCluster)),
        ("huge", None, Some(NoInterval::TooLarge)),
        ("age", Some(12.5), Some(NoInterval::NoSpread)),
        ("none", None, Some(NoInterval::NoValue)),
    ] {
        let rate = found.rate(name, Confidence::P95).estimate;
        assert_eq!((rate.note, rate.interval().is_some()), (note, note.is_none()), "{name}");
        let json = serde_json::to_value(rate).unwrap();
        assert_eq!(json["value"].as_f64(), value, "{name}");
        assert_eq!(json["low"].is_null(), note.is_some(), "{json}");
        assert_eq!(json.get("note").and_then(Value::as_str), note.map(NoInterval::why), "{name}");
    }
}

#[test]
fn a_cluster_is_never_missing() {
    let all = [("a", "p"), ("b", "q"), ("c", "q")];
    let all = all.map(|(id, page)| sample(id, 1, json!(id == "a"), Some(page)));
    let found = scored(&all, &Reading::default()).unwrap();
    assert_eq!(found.rate("s", Confidence::P95).estimate.clusters, Some(2));
    let some = [sample("a", 1, json!(1), Some("p")), sample("b", 1, json!(0), None)];
    let error = scored(&some, &Reading::default()).unwrap_err();
    insta::assert_snapshot!(error, @r#"sample "b" has no "cluster" in its metadata: a cluster is never missing, so name it for every sample of the dataset, or give another --cluster, or --cluster id where every question stands alone"#);
    let reading = Reading { cluster: Some("page".into()), ..Reading::default() };
    assert!(matches!(scored(&all, &reading), Err(ScoredError::NoCluster { .. })));
    let reading = Reading { cluster: Some("id".into()), ..Reading::default() };
    let found = scored(&some, &reading).unwrap();
    assert_eq!(found.rate("s", Confidence::P95).estimate.clusters, None);
}

/// Inspect's logs name their scorers in the header, ours on each score.
#[test]
fn what_a_model_judged_in_a_log_of_inspect_is_withheld() {
    let judged = |at: usize| {
        let mut sample = sample(&format!("{at}"), 1, json!(0), None);
        let value = if at.is_multiple_of(3) { "I" } else { "C" };
        sample.scores =
            ["model_graded_qa", "includes"].map(|name| (name.to_owned(), Score::new(value))).into();
        sample
    };
    let samples: Vec<Sample> = (0..6).map(judged).collect();
    for (uncorrected, expected) in
        [(false, &["includes"][..]), (true, &["includes", "model_graded_qa"])]
    {
        let reading = Reading { uncorrected, ..Reading::default() };
        let found = scored(&samples, &reading).unwrap();
        assert_eq!(found.names().into_iter().collect::<Vec<_>>(), expected);
        assert_eq!(found.withheld.contains("model_graded_qa"), !uncorrected);
        assert!(found.judged_by.contains_key("model_graded_qa"));
    }
}
