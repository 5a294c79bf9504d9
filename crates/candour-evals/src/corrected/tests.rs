//! What labels allow to be said of a judge, and what they do not.

use super::*;

/// Answers of which every `nth` is labelled; the judge misses every seventh that people find.
fn labels(count: usize, nth: usize) -> Vec<Label> {
    let label = |at: usize| {
        let human = f64::from(u8::from(at.is_multiple_of(2)));
        let judge = if at.is_multiple_of(14) { 0.0 } else { human };
        Label {
            id: at.to_string(),
            metric: None,
            unjudged: None,
            judge: Some(judge),
            human: (at % nth < 2).then_some(human),
            cluster: None,
            chance: None,
            stratum: None,
            annotators: BTreeMap::new(),
        }
    };
    (0..count).map(label).collect()
}

fn status(labels: &[Label]) -> CorrectedStatus {
    correct(labels, false, Confidence::P95).unwrap().status
}

#[test]
fn labels_decide_what_can_be_said() {
    assert_eq!(status(&labels(1000, 10)), CorrectedStatus::Corrected);
    assert_eq!(status(&labels(100, 10)), CorrectedStatus::Uncalibrated);
    assert_eq!(status(&labels(100, 2)), CorrectedStatus::Labelled);
    let mut perfect = labels(1000, 10);
    perfect
        .iter_mut()
        .enumerate()
        .for_each(|(at, label)| label.judge = Some(f64::from(u8::from(at % 2 == 0))));
    assert_eq!(status(&perfect), CorrectedStatus::RarelyDiffer);
    let found = correct(&labels(1000, 10), false, Confidence::P95).unwrap();
    let (headline, people) = (found.headline.unwrap(), found.people.unwrap());
    assert!(headline.interval.width() < people.interval.width());
    assert!(headline.interval.holds(0.5) && found.check.unwrap().holds(0.5));
    assert_eq!(found.uncorrected, None);
}

/// A spread of errors that was hardly seen makes no interval narrow, whatever else is known.
#[test]
fn rare_disagreements_leave_people_alone_in_clusters_and_with_chances() {
    let mut perfect = labels(1000, 10);
    for (at, label) in perfect.iter_mut().enumerate() {
        label.judge = Some(f64::from(u8::from(at % 2 == 0)));
        label.cluster = Some((at / 5).to_string());
    }
    let found = correct(&perfect, false, Confidence::P95).unwrap();
    assert_eq!(found.status, CorrectedStatus::RarelyDifferAlone);
    assert!(found.alpha.is_some() && found.headline == found.people);
    for label in &mut perfect {
        (label.cluster, label.chance) = (None, Some(0.2));
    }
    let found = correct(&perfect, false, Confidence::P95).unwrap();
    assert_eq!(found.status, CorrectedStatus::RarelyDifferAlone);
    assert!(found.alpha.is_none() && found.headline == found.people && found.trust.is_none());
}

/// Of a judge that says the same of everything nobody knows what it would miss, clusters or none.
#[test]
fn an_error_rate_that_nobody_knows_is_told_apart_from_clusters() {
    let mut one_sided = labels(1000, 10);
    for label in &mut one_sided {
        (label.judge, label.human) = (Some(1.0), label.human.map(|_| 1.0));
    }
    let found = correct(&one_sided, false, Confidence::P95).unwrap();
    assert_eq!(found.status, CorrectedStatus::ErrorRatesUnknown);
    assert!(found.headline == found.people && found.check.is_none());
    assert_eq!(found.judge.unwrap().specificity, None);
    // Two that people call wrong are enough to see that it finds none.
    for label in one_sided.iter_mut().filter(|label| label.human.is_some()).take(2) {
        label.human = Some(0.0);
    }
    assert_eq!(status(&one_sided), CorrectedStatus::ErrorRatesUnknown);
}

#[test]
fn a_bare_rate_is_given_to_those_alone_who_ask_for_it() {
    let mut bare = labels(100, 10);
    for label in &mut bare {
        label.human = None;
    }
    let error = correct(&bare, false, Confidence::P95).unwrap_err();
    insta::assert_snapshot!(error, @"none of the 100 answers has a human label, and what a judge says alone is off by nobody knows how much: label at least 50 chosen at random, or ask for the bare rate with --uncorrected");
    let found = correct(&bare, true, Confidence::P95).unwrap();
    assert_eq!((found.status, found.headline), (CorrectedStatus::Uncorrected, None));
    assert!(found.uncorrected.is_some());
}

#[test]
fn a_judge_that_failed_is_not_left_out() {
    let mut some = labels(1000, 10);
    for label in some.iter_mut().step_by(13) {
        label.judge = None;
    }
    let found = correct(&some, false, Confidence::P95).unwrap();
    assert_eq!((found.judge_failures, found.answers, found.labelled), (77, 1000, 200));
    assert!(found.headline.unwrap().interval.holds(0.5));
    for label in some.iter_mut().step_by(26) {
        label.unjudged = Some(Unjudged::Inapplicable);
    }
    let apart = correct(&some, false, Confidence::P95).unwrap();
    assert_eq!((apart.judge_failures, apart.inapplicable), (38, 39));
    assert_eq!(apart.headline, found.headline, "the rate is of them too");
    for label in &mut some {
        label.judge = None;
    }
    assert!(matches!(correct(&some, true, Confidence::P95), Err(CorrectedError::NoJudge)));
    let found = correct(&some, false, Confidence::P95).unwrap();
    assert_eq!((found.status, found.judge_failures), (CorrectedStatus::Unjudged, 0));
    assert_eq!(found.headline, found.people);
}

/// The judge misses every seventh of what people find, and people look at all that it leaves but at
/// few of the rest: what it misses must not count for more than it is.
#[test]
fn labels_by_strata_stand_for_what_was_left() {
    let mut planned = labels(1400, 1);
    for (at, label) in planned.iter_mut().enumerate() {
        let is_found = label.judge > Some(0.5);
        label.stratum = Some(if is_found { "found" } else { "left" }.to_owned());
        label.human = Some(f64::from(u8::from(at % 2 == 0))).filter(|_| !is_found || at % 10 == 0);
    }
    let found = correct(&planned, false, Confidence::P95).unwrap();
    let (headline, judge) = (found.headline.unwrap(), found.judge.unwrap());
    assert_eq!((found.status, headline.method), (CorrectedStatus::Corrected, Method::Stratified));
    assert!((headline.interval.value - 0.5).abs() < 1e-12 && headline.interval.width() < 0.06);
    assert!((judge.sensitivity.unwrap().value - 6.0 / 7.0).abs() < 1e-12);
    assert!((judge.agreement.share - 13.0 / 14.0).abs() < 1e-12);
    planned[3].stratum = None;
    let error = correct(&planned, false, Confidence::P95).unwrap_err();
    assert!(error.to_string().contains("`stratum`"), "{error}");
}

#[test]
fn people_are_compared_with_each_other() {
    let mut said = labels(400, 2);
    for (at, label) in said.iter_mut().enumerate() {
        let first = ["yes", "no"][at % 2];
        let second = if at % 10 == 0 { "no" } else { first };
        let both = [("annotator_1", first), ("annotator_2", second)];
        label.annotators = both.map(|(who, said)| (who.to_owned(), said.to_owned())).into();
    }
    let found = correct(&said, false, Confidence::P95).unwrap().between_people.unwrap();
    assert!((found.share - 0.9).abs() < 1e-12 && found.kappa.is_some());
    assert!(found.alpha.unwrap().interval().unwrap().holds(found.kappa.unwrap()));
    said[0].annotators.insert("annotator_3".into(), "no".into());
    let found = correct(&said, false, Confidence::P95).unwrap().between_people.unwrap();
    assert_eq!(found.kappa, None);
    said[0].chance = Some(0.5);
    said[1].human = None;
    assert!(matches!(correct(&said, false, Confidence::P95), Err(CorrectedError::SomeHave { .. })));
}
