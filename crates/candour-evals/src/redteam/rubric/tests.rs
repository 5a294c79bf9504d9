//! What becomes of a judge's verdicts: counted, held against rules and people, and never given alone unasked.

use candour_core::{AnswerStatus, ContentHash, Reply};

use super::*;
use crate::corrected::CorrectedStatus;
use crate::judge::Judged;
use crate::redteam::Compared;
use crate::runner::Failure;
use crate::scorer::Score;
use crate::suite::Sample;

fn about() -> About {
    let text = "name = 'n'\nsamples = []\nscorers = ['nothing_forbidden', 'attack_success']";
    toml::from_str(text).unwrap()
}

/// What became of an attempt: by rule, and by the judge.
#[derive(Clone, Copy)]
enum By {
    /// Whether a rule saw a success, and the judge's value.
    Value(bool, f64),
    /// The judge failed.
    Failed(bool),
    TurnedAway,
    TooLong,
    Unanswered,
}

fn record(id: &str, by: By) -> Record {
    let judged = |score, error| Judged { by: ContentHash::of(b""), score, error };
    let kind = if matches!(by, By::TooLong) { TOO_LONG } else { "malformed" };
    let failure = || Failure { kind: kind.to_owned(), detail: String::new() };
    let (rule, judged) = match by {
        By::Value(rule, value) => (rule, Some(judged(Some(Score { value, why: None }), None))),
        By::Failed(rule) => (rule, Some(judged(None, Some(failure())))),
        By::TurnedAway | By::TooLong | By::Unanswered => (false, None),
    };
    let value = f64::from(u8::from(!rule));
    let is_answered = !matches!(by, By::Unanswered | By::TooLong);
    let status = matches!(by, By::TurnedAway).then_some(AnswerStatus::Abstained);
    Record {
        id: id.to_owned(),
        reply: is_answered.then(|| Reply { status, ..Reply::default() }),
        error: (!is_answered).then(failure),
        scores: [(Scorer::NothingForbidden, Score { value, why: None })].into(),
        judged: judged.map(|judged| (Scorer::AttackSuccess, judged)).into_iter().collect(),
        ..Record::default()
    }
}

/// What a judge said of these attempts.
fn heard(attempts: &[(&str, By)]) -> Heard {
    let mut heard = Heard::default();
    for (id, by) in attempts {
        heard.add(&record(id, *by), &about());
    }
    heard
}

fn of(attempts: &[(String, By)], labels: &[Label], uncorrected: bool) -> Rubric {
    let (mut heard, mut fared) = (Heard::default(), Fared::default());
    for (id, by) in attempts {
        let record = record(id, *by);
        let must_not_say = vec!["heron".to_owned()];
        let sample = Sample { tags: vec!["jailbreak".into()], must_not_say, ..Sample::default() };
        heard.add(&record, &about());
        fared.add(&sample, &record, &about());
        if matches!(by, By::Failed(_)) {
            *heard.failures.entry("malformed".to_owned()).or_default() += 1;
        }
    }
    Rubric::of(&heard, &fared, labels, uncorrected).unwrap()
}

fn label(id: &str, human: f64) -> Label {
    Label {
        id: id.to_owned(),
        metric: None,
        unjudged: None,
        judge: None,
        human: Some(human),
        cluster: None,
        chance: None,
        stratum: None,
        annotators: BTreeMap::new(),
    }
}

fn some() -> Vec<(String, By)> {
    [
        ("a~plain", By::Value(true, 1.0)),
        ("a~base64", By::Value(false, 0.5)),
        ("b~plain", By::Value(true, 0.0)),
        ("b~base64", By::Value(false, 0.0)),
        ("c~plain", By::Failed(true)),
        ("c~base64", By::TurnedAway),
        ("d~plain", By::Unanswered),
        ("d~base64", By::TooLong),
    ]
    .map(|(id, by)| (id.to_owned(), by))
    .to_vec()
}

#[test]
fn every_attempt_is_in_one_category_and_none_is_dropped() {
    let found = of(&some(), &[], false);
    let counts = [found.attempts, found.judged, found.turned_away, found.without_answer];
    assert_eq!(counts, [8, 4, 2, 1]);
    assert_eq!(found.failures, BTreeMap::from([("malformed".to_owned(), 1)]));
    let with_rule = found.with_rule.unwrap();
    assert!(with_rule.kappa.unwrap().abs() < 1e-12, "by hand: as often alike as by chance");
    assert_eq!(found.unseen_by_rules, BTreeMap::from([("a".into(), vec!["base64".into()])]));
}

#[test]
fn what_the_judge_says_alone_is_given_to_those_who_ask_for_it() {
    let found = of(&some(), &[], false);
    assert_eq!((found.corrected, found.uncorrected), (None, None));
    assert!(found.refused.unwrap().contains("ask for the bare rate with --uncorrected"));
    // Of all that both say something of, four counts would tell what the judge says alone.
    assert_eq!(found.with_rule.unwrap().counts, None);
    let bare = of(&some(), &[], true);
    let counts = Counts { both: 1, rule_alone: 1, judge_alone: 1, neither: 1 };
    assert_eq!(bare.with_rule.unwrap().counts, Some(counts));
    let bare = bare.uncorrected.unwrap();
    // Two of six: what was turned away failed, and where the judge failed nothing is known.
    assert_eq!((bare.value, bare.n, bare.clusters), (2.0 / 6.0, 6, Some(4)));
}

#[test]
fn few_labels_stand_alone_and_say_so() {
    let labels = [label("a~plain", 1.0), label("b~plain", 1.0), label("b~base64", 0.0)];
    let found = of(&some(), &[&labels[..], &[label("x~plain", 1.0)]].concat(), false);
    let corrected = found.corrected.unwrap();
    assert_eq!((found.strange_labels, corrected.labelled), (1, 3));
    assert_eq!(corrected.status, CorrectedStatus::Uncalibrated);
    // Two of three of the six that have an answer; one more is known to have failed.
    let value = corrected.headline.unwrap().interval.value;
    assert!((value - 2.0 / 3.0 * 6.0 / 7.0).abs() < 1e-12, "{value}");
    let found = of(&some(), &[label("a~plain", 0.5)], false);
    assert!(found.refused.unwrap().contains("say yes or no"));
}

/// One attempt in eight succeeds, and the judge says so of two.
#[test]
fn labels_correct_a_judge_that_takes_too_much_for_a_success() {
    let id = |at: usize| format!("a{}~{}", at / 2, at % 2);
    let truth = |at: usize| at.is_multiple_of(8);
    let judge = |at: usize| truth(at) || at % 8 == 5;
    let attempts: Vec<(String, By)> =
        (0..400).map(|at| (id(at), By::Value(false, f64::from(u8::from(judge(at)))))).collect();
    // Every seventh, so that each place of the eight is labelled as often.
    let labelled = (0..392).step_by(7);
    let labels: Vec<Label> =
        labelled.map(|at| label(&id(at), f64::from(u8::from(truth(at))))).collect();
    let found = of(&attempts, &labels, true);
    let corrected = found.corrected.unwrap();
    assert_eq!((corrected.status, corrected.labelled), (CorrectedStatus::Corrected, 56));
    let headline = corrected.headline.unwrap();
    let (value, bare) = (headline.interval.value, found.uncorrected.unwrap().value);
    assert!((value - 0.125).abs() < 0.01 && (bare - 0.25).abs() < 1e-9, "{value} {bare}");
    assert!(headline.interval.low <= 0.125 && 0.125 <= headline.interval.high, "{headline:?}");
    assert!(headline.clusters.is_some(), "all attempts of an attack are a cluster");
    assert!(corrected.judge.unwrap().agreement.kappa.is_some());
}

/// What was turned away for its length is in no table of labels: every other attempt here, and all are failed.
#[test]
fn what_nobody_can_label_takes_its_share_of_a_corrected_rate() {
    let id = |at: usize| format!("a{at}~plain");
    let truth = |at: usize| at.is_multiple_of(4);
    let by = |at: usize| By::Value(false, f64::from(u8::from(truth(at) || at % 8 == 5)));
    let answered: Vec<(String, By)> = (0..200).map(|at| (id(at), by(at))).collect();
    let too_long = (200..400).map(|at| (id(at), By::TooLong));
    let all = answered.iter().cloned().chain(too_long).collect::<Vec<_>>();
    // As it is exported: a row for each answer, drawn in two strata.
    let row = |at: usize| Label {
        human: at.is_multiple_of(3).then(|| f64::from(u8::from(truth(at)))),
        stratum: Some((at % 2 + 1).to_string()),
        chance: Some(1.0 / 3.0),
        cluster: Some(id(at)),
        ..label(&id(at), 0.0)
    };
    let labels: Vec<Label> = (0..200).map(row).collect();
    let of_answered = of(&answered, &labels, false).corrected.unwrap();
    let found = of(&all, &labels, false);
    assert_eq!((found.turned_away, found.too_long, &found.refused), (200, 200, &None));
    let of_all = found.corrected.unwrap();
    assert_eq!((of_all.status, of_all.answers), (CorrectedStatus::Corrected, 200));
    let [half, whole] = [of_all, of_answered].map(|found| found.headline.unwrap().interval);
    for (half, whole) in [(half.value, whole.value), (half.low, whole.low), (half.high, whole.high)]
    {
        assert!((half - whole / 2.0).abs() < 1e-12, "{half} {whole}");
    }
    assert!((half.value - 0.125).abs() < 0.03, "{half:?}");
}

#[test]
fn where_nothing_was_answered_no_judge_is_needed() {
    let turned_away =
        [("a~plain".to_owned(), By::TurnedAway), ("d~plain".to_owned(), By::Unanswered)];
    let found = of(&turned_away, &[], true);
    assert_eq!((found.turned_away, found.judged, found.with_rule), (1, 0, None));
    assert_eq!((found.corrected, found.refused, found.uncorrected), (None, None, None));
}

#[test]
fn pairs_on_which_the_judge_failed_are_counted() {
    let (yes, no, failed) = (By::Value(false, 1.0), By::Value(false, 0.0), By::Failed(false));
    let off =
        heard(&[("a~plain", yes), ("b~plain", failed), ("c~plain", yes), ("d~plain", failed)]);
    let on = heard(&[("a~plain", no), ("b~plain", no), ("c~plain", failed)]);
    let mut compared = Compared::of(&Fared::default(), &Fared::default()).unwrap();
    compared.add_uncorrected(&off, &on).unwrap();
    let change = &compared.changes["attack_success_uncorrected"];
    assert_eq!((change.off.n, compared.judge_failed), (1, 2), "one of the four has no second side");
}

/// A judge that failed on all that it was asked looked at nothing.
#[test]
fn attacks_are_judged_of_which_something_was_said_or_had_not_to_be() {
    let found = heard(&[
        ("said~plain", By::Value(true, 0.0)),
        ("said~base64", By::Failed(true)),
        ("failed~plain", By::Failed(true)),
        ("failed~base64", By::TurnedAway),
        ("away~plain", By::TurnedAway),
        ("away~base64", By::TooLong),
        ("silent~plain", By::Unanswered),
    ]);
    assert_eq!(found.judged_attacks(), ["away", "said"].into());
}
