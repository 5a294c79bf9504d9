//! Labels that are given once and again, alone and in clusters, and more of them than are counted.

use super::*;
use crate::scorer::Score;
use crate::statistics::Method;

fn record(id: usize, cluster: &str, expected: &str, given: &str) -> Record {
    let score = Score { value: 0.0, why: Some(given.to_owned()) };
    Record {
        id: format!("s{id}"),
        cluster: cluster.to_owned(),
        label: Some(expected.to_owned()),
        scores: [(Scorer::Label, score)].into(),
        ..Record::default()
    }
}

#[test]
fn labels_are_counted_one_by_one_as_far_as_there_are_few() {
    let folder = tempfile::tempdir().unwrap();
    let mut tally = LabelTally::new(1, folder.path());
    for at in 0..2 * LABELS_COUNTED {
        tally.add(&record(at, "c", &format!("e{at}"), &format!("g{at}")));
    }
    // One that is expected is known when it is given, however many others were.
    tally.add(&record(0, "c", "e0", "e1"));
    let found = tally.measured().unwrap();
    assert_eq!(found.len(), LABELS_COUNTED, "what stands for the others is no label");
    let of = |label: &str| (found[label].expected, found[label].precision, found[label].recall);
    assert_eq!((of("e0"), of("e1")), ((2, None, Some(0.0)), (1, Some(0.0), Some(0.0))));
    assert!(!found.contains_key(OTHER) && !found.contains_key("e300"), "{:?}", found.keys());
}

/// Questions that stand alone have Wilson's interval, those that share a page the clustered one.
#[test]
fn every_figure_of_a_label_has_its_interval() {
    let folder = tempfile::tempdir().unwrap();
    for pages in [false, true] {
        let mut tally = LabelTally::new(1, folder.path());
        for at in 0..60 {
            let cluster = if pages { format!("page {}", at / 6) } else { format!("s{at}") };
            let expected = if at % 3 == 0 { "true" } else { "false" };
            let given = if at % 10 == 0 || at % 7 == 0 { "true" } else { expected };
            tally.add(&record(at, &cluster, expected, given));
        }
        let labels = tally.measured().unwrap();
        let (label, rates) = (&labels["true"], labels["true"].intervals.unwrap());
        let figures = [label.precision, label.recall, label.f1, label.f2];
        let of = [rates.precision, rates.recall, rates.f1, rates.f2].map(Option::unwrap);
        for (value, rate) in figures.into_iter().zip(of) {
            assert!((value.unwrap() - rate.value).abs() < 1e-12, "{value:?} {rate:?}");
            let found = rate.interval().unwrap();
            assert!(found.holds(rate.value) && found.width() > 0.0, "{rate:?}");
            assert_eq!(rate.clusters.is_some(), pages, "{rate:?}");
        }
        let expected = crate::statistics::wilson(20.0, 30.0, Confidence::P95).unwrap();
        let found = of[0].interval().unwrap();
        assert_eq!(of[0].n, 30);
        assert_eq!((found.low - expected.low).abs() < 1e-12, !pages, "{found:?} {expected:?}");
        assert_eq!(of[1].method == Some(Method::ClopperPearson), !pages, "all were found");
    }
}

#[test]
fn labels_have_precision_and_recall() {
    let folder = tempfile::tempdir().unwrap();
    let mut tally = LabelTally::new(1, folder.path());
    let pairs = [("a", "a", 3), ("a", "b", 1), ("b", "a", 2), ("c", "x", 1)];
    let each = pairs.iter().flat_map(|(expected, given, count)| vec![(*expected, *given); *count]);
    for (at, (expected, given)) in each.enumerate() {
        tally.add(&record(at, &format!("s{at}"), expected, given));
    }
    let found = tally.measured().unwrap();
    let close = |value: Option<f64>, wanted: f64| (value.unwrap() - wanted).abs() < 1e-12;
    let a = &found["a"];
    assert!(a.expected == 4 && close(a.precision, 0.6) && close(a.recall, 0.75), "{a:?}");
    assert!(close(a.f1, 6.0 / 9.0) && close(a.f2, 15.0 / 21.0), "{a:?}");
    assert_eq!((found["b"].precision, found["b"].recall), (Some(0.0), Some(0.0)));
    assert_eq!((found["c"].precision, found["c"].f1), (None, Some(0.0)));
    assert_eq!(found.len(), 3);
    // By hand, with 4, 2 and 1 expected: nothing is known of the precision of c.
    let mean = weighted(&found).unwrap();
    assert!(close(mean.precision, 0.6 * 4.0 / 6.0) && close(mean.recall, 3.0 / 7.0));
    assert!(close(mean.f1, 6.0 / 9.0 * 4.0 / 7.0) && close(mean.f2, 15.0 / 21.0 * 4.0 / 7.0));
}

/// The figures of samples that get these labels in each epoch: page, expected, given.
fn repeated(samples: &[(&str, &str, Vec<&str>)], epochs: u32) -> BTreeMap<String, Label> {
    let folder = tempfile::tempdir().unwrap();
    let mut tally = LabelTally::new(epochs, folder.path());
    for epoch in 0..epochs as usize {
        for (at, (page, expected, given)) in samples.iter().enumerate() {
            if let Some(given) = given.get(epoch) {
                tally.add(&record(at, page, expected, given));
            }
        }
    }
    tally.measured().unwrap()
}

/// Asking the same again says nothing of other questions: whatever is known of a label is known of as
/// many questions as there are, in clusters too.
#[test]
fn a_question_that_is_asked_again_counts_once() {
    for pages in [40, 8] {
        let names: Vec<String> = (0..40).map(|at| format!("p{}", at % pages)).collect();
        let samples = |epochs: usize| -> Vec<(&str, &str, Vec<&str>)> {
            let of = |at: usize| {
                let expected = if at.is_multiple_of(2) { "yes" } else { "no" };
                let given = if at.is_multiple_of(7) { "no" } else { expected };
                (names[at].as_str(), expected, vec![given; epochs])
            };
            (0..40).map(of).collect()
        };
        let once = repeated(&samples(1), 1);
        assert_eq!(once["yes"].expected, 20);
        assert_eq!(repeated(&samples(50), 50), once, "{pages}");
        // A run that was stopped counts with what there is.
        assert_eq!(repeated(&samples(3), 50), once, "{pages}");
    }
}

/// By hand: of s0 half is yes, of s1 all, of s2 a quarter, which should be no.
#[test]
fn answers_to_one_question_are_parts_of_it() {
    let samples = [
        ("s0", "yes", vec!["yes", "no", "yes", "no"]),
        ("s1", "yes", vec!["yes"; 4]),
        ("s2", "no", vec!["no", "yes", "no", "no"]),
    ];
    let yes = &repeated(&samples, 4)["yes"];
    let close = |value: Option<f64>, wanted: f64| (value.unwrap() - wanted).abs() < 1e-12;
    assert_eq!(yes.expected, 2);
    assert!(close(yes.recall, 0.75) && close(yes.precision, 1.5 / 1.75), "{yes:?}");
    assert!(close(yes.f1, 3.0 / 3.75) && close(yes.f2, 7.5 / 9.75), "{yes:?}");
    let rates = yes.intervals.unwrap();
    let n = [rates.precision, rates.recall, rates.f1, rates.f2].map(|rate| rate.unwrap().n);
    assert_eq!(n, [3, 2, 3, 3]);
}
