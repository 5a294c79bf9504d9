//! Runs that differ, and runs that cannot be compared.

mod gate;

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::corrected::CorrectedStatus;
use crate::inspect_log::{Header, SampleId, Spec};
use crate::scored::{Better, Scores};
use crate::statistics::{Method, NoInterval};

const PLAN: Plan = Plan {
    family: Vec::new(),
    adjustment: Adjustment::Holm,
    declared: None,
    better: BTreeMap::new(),
    confidence: Confidence::P95,
    allow_unmatched: false,
    judged: JudgedScores { uncorrected: false, other_judges: false },
    labels: BTreeMap::new(),
};

/// A run of questions with one score each, in clusters of `size` where that is not 0.
fn run(values: &[f64], size: usize) -> Scored {
    let question = |(at, value): (usize, &f64)| {
        let mut question = Question {
            place: at,
            asked: Some(at as u128),
            cluster: at.checked_div(size).map(|cluster| cluster.to_string().into()),
            scores: Scores::default(),
        };
        question.scores.insert(&"s".into(), 1, *value);
        (SampleId::from(at.to_string()), question)
    };
    Scored {
        header: Header::started(Spec::default()),
        questions: values.iter().enumerate().map(question).collect(),
        failed: 0,
        failed_as_worst: BTreeMap::new(),
        limited: 0,
        samples: values.len(),
        not_numbers: BTreeMap::new(),
        of_failures: BTreeSet::new(),
        judged_by: BTreeMap::new(),
        judge_failures: BTreeMap::new(),
        withheld: BTreeSet::new(),
    }
}

fn one(first: &Scored, second: &Scored) -> Change {
    compare(first, second, &PLAN).unwrap().scores.remove(0)
}

/// The same run with its score under another name.
fn named(mut run: Scored, name: &str) -> Scored {
    for question in run.questions.values_mut() {
        let value = question.scores.mean("s").unwrap();
        question.scores = Scores::default();
        question.scores.insert(&name.into(), 1, value);
    }
    run
}

/// Where there is nothing to compare, it is told what there is.
#[test]
fn runs_without_a_score_in_common_name_those_of_each() {
    let (first, mut second) = (run(&[0.0, 1.0], 0), run(&[0.0, 1.0], 0));
    for question in second.questions.values_mut() {
        question.scores = Scores::default();
        question.scores.insert(&"t".into(), 1, 1.0);
    }
    second.withheld.insert("t".to_owned());
    for family in [Vec::new(), vec!["s".to_owned()]] {
        let error = compare(&first, &second, &Plan { family, ..PLAN }).unwrap_err().to_string();
        assert!(error.contains("the first has s, the second t (judged)"), "{error}");
    }
}

#[test]
fn what_a_model_judged_is_compared_with_care() {
    let judged = |by: &[&str]| {
        let hashes: BTreeSet<String> = by.iter().map(ToString::to_string).collect();
        let judged_by = [("s".to_owned(), hashes)];
        let judged_by = judged_by.into_iter().filter(|(_, hashes)| !hashes.is_empty());
        Scored { judged_by: judged_by.collect(), ..run(&[0.0, 0.5, 1.0], 0) }
    };
    let (both, uncorrected) = ((true, true), (true, false));
    let cases: [(&[&str], &[&str], _, _); 7] = [
        (&["a"], &["a"], (false, false), "was judged by a model"),
        (&["a"], &["a"], (false, true), "was judged by a model"),
        (&["a"], &["a"], uncorrected, ""),
        (&["a"], &["b"], uncorrected, "by a in the first and by b in"),
        (&["a", "b"], &["a", "b"], uncorrected, "is not the same measure"),
        (&["a"], &[], uncorrected, "by nobody that is named in the second"),
        (&["a"], &["b"], both, ""),
    ];
    for (first, second, (uncorrected, other_judges), expected) in cases {
        let plan = Plan { judged: JudgedScores { uncorrected, other_judges }, ..PLAN };
        let error = compare(&judged(first), &judged(second), &plan).err();
        let error = error.map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(error.is_empty(), expected.is_empty(), "{error}");
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn right_and_wrong_are_compared_by_their_disagreements() {
    let before: Vec<f64> = (0..40).map(|at| f64::from(u8::from(at < 20))).collect();
    let after: Vec<f64> = (0..40).map(|at| f64::from(u8::from(at < 32))).collect();
    let found = one(&run(&before, 0), &run(&after, 0));
    let disagreement = found.disagreement.unwrap();
    assert_eq!((disagreement.gained, disagreement.lost), (12, 0));
    assert!((found.p.unwrap() - 2.0 * 0.5_f64.powi(12)).abs() < 1e-12);
    assert_eq!(
        (found.verdict, found.difference.method),
        (Verdict::Higher, Some(Method::BonettPrice))
    );
    assert_eq!(one(&run(&after, 0), &run(&before, 0)).verdict, Verdict::Lower);
    assert_eq!(one(&run(&after, 0), &run(&after, 0)).verdict, Verdict::Unsure);
    // All twelve are on two of five pages, which may be chance.
    let found = one(&run(&before, 8), &run(&after, 8));
    assert_eq!((found.verdict, found.difference.clusters), (Verdict::Unsure, Some(5)));
}

#[test]
fn runs_of_other_questions_are_refused() {
    let (long, mut short) = (run(&[0.0, 1.0, 0.0], 0), run(&[0.0, 1.0], 0));
    let error = compare(&long, &short, &PLAN).unwrap_err();
    insta::assert_snapshot!(error, @"the runs are not of the same questions: 1 are in the first alone, 0 in the second alone, and 0 ask something else (2); --allow-unmatched compares what they share");
    short.questions.get_mut(&SampleId::from("1")).unwrap().asked = None;
    let plan = Plan { allow_unmatched: true, ..PLAN };
    let found = compare(&long, &short, &plan).unwrap();
    assert_eq!(
        (found.matched, found.only_first, found.changed),
        (1, vec!["2".into()], vec!["1".into()])
    );
    short.questions.get_mut(&SampleId::from("0")).unwrap().asked = None;
    let error = compare(&long, &short, &plan).unwrap_err();
    insta::assert_snapshot!(error, @"the runs have no question in common, so that there is nothing to compare: name two runs of one suite");
    let plan = Plan { family: vec!["t".into()], ..PLAN };
    let error = compare(&long, &long, &plan).unwrap_err();
    insta::assert_snapshot!(error, @r#"the score "t" is not in both runs; those in both are: s"#);
}

#[test]
fn scores_are_compared_by_their_differences() {
    let before: Vec<f64> = (0..30).map(|at| f64::from(at) / 30.0).collect();
    let after: Vec<f64> = before.iter().map(|value| value * 0.8).collect();
    let found = one(&run(&before, 0), &run(&after, 0));
    assert_eq!((found.verdict, found.difference.method), (Verdict::Lower, Some(Method::T)));
    assert!(found.disagreement.is_none());
}

/// A score whose change has no interval is shown as it is, and neither stops the others nor counts in their
/// family.
#[test]
fn a_change_without_an_interval_is_shown_with_its_reason() {
    let before: Vec<f64> = (0..40).map(|at| f64::from(u8::from(at < 20))).collect();
    let after: Vec<f64> = (0..40).map(|at| f64::from(u8::from(at < 32))).collect();
    let (mut first, mut second) = (run(&before, 0), run(&after, 0));
    let mut add = |name: &str, id: &str, values: [f64; 2]| {
        for (run, value) in [&mut first, &mut second].into_iter().zip(values) {
            let question = run.questions.get_mut(&SampleId::from(id)).unwrap();
            question.scores.insert(&name.into(), 1, value);
        }
    };
    add("age", "3", [12.5, 13.5]);
    add("age", "4", [12.5, 13.5]);
    add("one", "3", [0.25, 0.75]);
    add("huge", "3", [0.0, f64::MAX]);
    add("huge", "4", [0.0, -1.0]);
    for (run, id) in [(&mut first, "3"), (&mut second, "4")] {
        let question = run.questions.get_mut(&SampleId::from(id)).unwrap();
        question.scores.insert(&"apart".into(), 1, 1.0);
    }
    let found = compare(&first, &second, &PLAN).unwrap();
    let alone = one(&run(&before, 0), &run(&after, 0));
    let expected = [
        ("age", Some(NoInterval::NoSpread), 0),
        ("apart", Some(NoInterval::NoValue), 2),
        ("huge", Some(NoInterval::TooLarge), 0),
        ("one", Some(NoInterval::OneValue), 0),
        ("s", None, 0),
    ];
    for (score, (name, note, unscored)) in found.scores.iter().zip(expected) {
        assert_eq!((&*score.name, score.difference.note, score.unscored), (name, note, unscored));
        let is_tested = matches!(note, None | Some(NoInterval::NoSpread));
        assert_eq!(score.p.is_some(), is_tested, "{name}");
    }
    assert!((found.scores[3].difference.value - 0.5).abs() < 1e-12);
    // Beside it the signs of what is alike were tested alone, which takes nothing from a probability of one.
    let found = Change { p_adjusted: alone.p_adjusted, ..found.scores[4].clone() };
    assert_eq!(found, alone);
    let pages = one(&run(&before, 40), &run(&after, 40));
    assert_eq!((pages.difference.note, pages.p), (Some(NoInterval::OneCluster), None));
    assert!((pages.difference.value - 0.3).abs() < 1e-12 && pages.verdict == Verdict::Unsure);
}

/// A score of which the judge says this in each run, and people that of the first questions.
fn labelled(judged: [f64; 2], people: [f64; 2], labels: usize) -> ([Scored; 2], Plan) {
    let runs = judged.map(|value| {
        let values: Vec<f64> =
            (0..200).map(|at| f64::from(u8::from(at % 10 < (value * 10.0) as usize))).collect();
        let judged_by = BTreeMap::from([("s".to_owned(), BTreeSet::from(["a".to_owned()]))]);
        Scored { judged_by, withheld: BTreeSet::from(["s".to_owned()]), ..run(&values, 0) }
    });
    let label = |at: usize, value: f64| Label {
        id: at.to_string(),
        metric: None,
        unjudged: None,
        judge: None,
        human: Some(f64::from(u8::from(at % 10 < (value * 10.0) as usize))),
        cluster: None,
        chance: Some(0.5),
        stratum: None,
        annotators: BTreeMap::new(),
    };
    let tables = people.map(|value| (0..labels).map(|at| label(at, value)).collect::<Vec<Label>>());
    (runs, Plan { labels: BTreeMap::from([("s".to_owned(), tables)]), ..PLAN })
}

#[test]
fn labels_of_people_correct_a_judged_difference() {
    use CorrectedStatus::{Corrected, Labelled, RarelyDifferAlone, Uncalibrated};
    let cases = [
        // The judge sees nothing, and people see a rise.
        ([0.5, 0.5], [0.4, 0.7], 100, Corrected, 0.3),
        ([0.5, 0.8], [0.5, 0.8], 100, RarelyDifferAlone, 0.3),
        ([0.5, 0.5], [0.4, 0.7], 40, Uncalibrated, 0.3),
        ([0.5, 0.5], [0.4, 0.7], 200, Labelled, 0.3),
    ];
    for (judged, people, labels, status, expected) in cases {
        let ([first, second], plan) = labelled(judged, people, labels);
        let found = compare(&first, &second, &plan).unwrap().scores.remove(0);
        let corrected = found.corrected.unwrap();
        assert_eq!((corrected.status, corrected.labelled), (status, labels));
        assert!((found.difference.value - expected).abs() < 1e-9, "{:?}", found.difference);
        assert_eq!(found.verdict, Verdict::Higher);
        assert!(found.before.is_nan() && found.after.is_nan(), "no bare mean of a judge");
        assert_eq!(corrected.trust.is_some(), status == Corrected);
    }
}

#[test]
fn where_the_judge_failed_a_question_still_counts() {
    let ([mut first, second], plan) = labelled([0.5, 0.5], [0.4, 0.7], 100);
    for id in ["3", "150"] {
        first.questions.get_mut(&SampleId::from(id)).unwrap().scores = Scores::default();
    }
    let found = |first: &Scored| compare(first, &second, &plan).unwrap().scores.remove(0);
    let lost = found(&first);
    assert_eq!((lost.unscored, lost.corrected.unwrap().questions), (2, 198));
    let failed = ["3", "150"].map(SampleId::from).into();
    first.judge_failures.insert("s".to_owned(), failed);
    let kept = found(&first);
    let corrected = kept.corrected.unwrap();
    assert_eq!((kept.unscored, corrected.questions, corrected.judge_failures), (0, 200, 2));
    assert!((kept.difference.value - 0.3).abs() < 0.01);
}

#[test]
fn labels_that_cannot_correct_a_difference_are_refused() {
    let told = |change: &dyn Fn(&mut [Vec<Label>; 2])| {
        let ([first, second], mut plan) = labelled([0.5, 0.5], [0.4, 0.7], 100);
        change(plan.labels.get_mut("s").unwrap());
        compare(&first, &second, &plan).unwrap_err().to_string()
    };
    let strange = told(&|labels| labels[1].iter_mut().for_each(|label| label.id += "x"));
    assert!(strange.contains("fewer than two questions"), "{strange}");
    let uneven = told(&|labels| labels[0][7].chance = Some(0.1));
    assert!(uneven.contains("likelier to be labelled"), "{uneven}");
    let ([mut first, second], plan) = labelled([0.5, 0.5], [0.4, 0.7], 100);
    let other = first.questions.get_mut(&SampleId::from("1")).unwrap();
    other.scores.insert(&"rule".into(), 1, 1.0);
    let family = Plan { family: vec!["rule".into()], ..plan };
    let mut both = second;
    let other = both.questions.get_mut(&SampleId::from("1")).unwrap();
    other.scores.insert(&"rule".into(), 1, 1.0);
    let unused = compare(&first, &both, &family).unwrap_err().to_string();
    assert!(unused.contains("the labels are of s, which is not compared"), "{unused}");
    let wrong = told(&|labels| labels[0][7].human = Some(7.0));
    assert!(wrong.contains("the label of \"7\" is 7"), "{wrong}");
}

#[test]
fn scores_that_are_not_compared_are_named() {
    let ([mut first, second], labels) = labelled([0.5, 0.5], [0.4, 0.7], 100);
    let mut second = second;
    let add = |run: &mut Scored, name: &str| {
        let question = run.questions.get_mut(&SampleId::from("1")).unwrap();
        question.scores.insert(&name.into(), 1, 1.0);
    };
    add(&mut first, "old");
    add(&mut second, "new");
    for name in ["rule", "other"] {
        add(&mut first, name);
        add(&mut second, name);
    }
    let left_out = |plan: &Plan| compare(&first, &second, plan).unwrap().left_out;
    let of = |all: &[(&str, LeftOut)]| -> BTreeMap<String, LeftOut> {
        all.iter().map(|(name, why)| ((*name).to_owned(), *why)).collect()
    };
    let away = [("new", LeftOut::OnlySecond), ("old", LeftOut::OnlyFirst)];
    assert_eq!(left_out(&PLAN), of(&[&away[..], &[("s", LeftOut::Judged)]].concat()));
    assert_eq!(left_out(&labels), of(&away));
    let family = Plan { family: vec!["s".into(), "rule".into()], ..labels };
    assert_eq!(left_out(&family), of(&[&away[..], &[("other", LeftOut::OutsideFamily)]].concat()));
}
