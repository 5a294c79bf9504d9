//! Logs whose scores are read, whoever wrote them.

use serde_json::{Value, json};

use super::*;
use crate::inspect_log::{Failure, LogWriter, Sample, Score, Spec, Status};
use crate::statistics::{Confidence, Method};

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
    let rate = found.rate("s", Confidence::P95).unwrap();
    assert_eq!((rate.estimate.n, rate.answers), (2, 4));
    assert!((rate.estimate.interval.value - 0.75).abs() < 1e-12);
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
        let reading = Reading { failures_count, ..Reading::default() };
        let found = scored(&samples, &reading).unwrap();
        assert_eq!((found.failed, found.samples), (1, 3));
        let rate = found.rate("s", Confidence::P95).unwrap();
        assert_eq!(rate.estimate.n, n);
        assert!((rate.estimate.interval.value - mean).abs() < 1e-12);
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
    let rate = found.rate("s", Confidence::P95).unwrap();
    assert_eq!((rate.estimate.n, rate.estimate.interval.value), (2, 0.5));
    assert_eq!((rate.estimate.method, rate.estimate.clusters), (Method::Wilson, None));
    assert_eq!(found.not_numbers["s"], 1, "an answer has none, whatever failures have");
}

#[test]
fn a_run_may_be_looked_at_while_it_goes_on() {
    // The first twenty are answered badly, and were asked first whatever their names.
    let scores = |value: fn(usize) -> Value| -> Vec<Sample> {
        (0..80).map(|at| sample(&format!("{}", 999 - at), 1, value(at), None)).collect()
    };
    let rights = scored(&scores(|at| json!(at >= 20)), &Reading::default()).unwrap();
    let found = rights.rate_at_any_time("s", Confidence::P95).unwrap().estimate;
    assert_eq!((found.n, found.method), (80, Method::BetaMixture));
    let once = rights.rate("s", Confidence::P95).unwrap().estimate.interval;
    assert!(found.interval.width() > once.width() && found.interval.holds(0.75));
    let graded = scored(&scores(|at| json!(at as f64 / 80.0)), &Reading::default()).unwrap();
    let found = graded.rate_at_any_time("s", Confidence::P95).unwrap().estimate;
    assert_eq!(found.method, Method::HedgedCapital);
    let [twice, paged, counts] = [
        vec![sample("a", 1, json!(1), None), sample("a", 2, json!(0), None)],
        vec![sample("a", 1, json!(1), Some("p")), sample("b", 1, json!(1), Some("p"))],
        scores(|at| json!(at)),
    ];
    let apart = [sample("a", 1, json!(1), Some("p")), sample("b", 1, json!(1), Some("q"))];
    let apart = scored(&apart, &Reading::default()).unwrap();
    assert!(apart.rate_at_any_time("s", Confidence::P95).is_ok(), "clusters of one are none");
    for samples in [twice, paged, counts] {
        let found = scored(&samples, &Reading::default()).unwrap();
        let refused = found.rate_at_any_time("s", Confidence::P95);
        assert!(matches!(refused, Err(ScoredError::NotAtAnyTime { .. })));
    }
}

#[test]
fn a_cluster_is_never_missing() {
    let all = [("a", "p"), ("b", "q"), ("c", "q")];
    let all = all.map(|(id, page)| sample(id, 1, json!(id == "a"), Some(page)));
    let found = scored(&all, &Reading::default()).unwrap();
    assert_eq!(found.rate("s", Confidence::P95).unwrap().estimate.clusters, Some(2));
    let some = [sample("a", 1, json!(1), Some("p")), sample("b", 1, json!(0), None)];
    let error = scored(&some, &Reading::default()).unwrap_err();
    insta::assert_snapshot!(error, @r#"sample "b" has no "cluster" in its metadata: a cluster is never missing, so name it for every sample of the dataset, or give another --cluster, or --cluster id where every question stands alone"#);
    let reading = Reading { cluster: Some("page".into()), ..Reading::default() };
    assert!(matches!(scored(&all, &reading), Err(ScoredError::NoCluster { .. })));
    let reading = Reading { cluster: Some("id".into()), ..Reading::default() };
    let found = scored(&some, &reading).unwrap();
    assert_eq!(found.rate("s", Confidence::P95).unwrap().estimate.clusters, None);
}
