//! What a gate of two runs fails for.

use super::*;

/// Fewer attacks that succeed are no reason to stop, and more are.
#[test]
fn a_gate_fails_in_the_bad_direction_of_each_score() {
    let many: Vec<f64> = (0..40).map(|at| f64::from(u8::from(at < 32))).collect();
    let few: Vec<f64> = (0..40).map(|at| f64::from(u8::from(at < 12))).collect();
    let (higher, lower) = (Some(Better::Higher), Some(Better::Lower));
    for (name, said, worse_where_fewer) in [
        ("key_facts", None, Some(true)),
        ("attack_success", None, Some(false)),
        ("bias", None, Some(false)),
        ("reading_age", None, Some(false)),
        ("match", None, Some(true)),
        ("toxicity", None, None),
        ("toxicity", lower, Some(false)),
        ("quality", higher, Some(true)),
        ("bias", higher, Some(true)),
    ] {
        let better = said.map(|said| (name.to_owned(), said)).into_iter().collect();
        let plan = Plan { better, ..PLAN };
        let gate = |before: &[f64], after: &[f64]| {
            let [before, after] = [before, after].map(|values| named(run(values, 0), name));
            let found = compare(&before, &after, &plan).unwrap().objections(&plan, false);
            let is_unknown = found.iter().any(|said| said.starts_with("nobody knows"));
            if is_unknown { Err(found) } else { Ok(!found.is_empty()) }
        };
        let found = [gate(&many, &few), gate(&few, &many), gate(&few, &few)];
        let expected = worse_where_fewer.map(|fewer| [fewer, !fewer, false]);
        let refused = found.iter().filter(|found| found.is_err()).count();
        assert_eq!(refused, if expected.is_some() { 0 } else { 3 }, "{name}");
        let found: Vec<bool> = found.into_iter().flatten().collect();
        assert_eq!(found, expected.into_iter().flatten().collect::<Vec<_>>(), "{name}");
    }
}

/// What has no answer any more, or is measured no more, is not measured to be well.
#[test]
fn a_gate_fails_where_less_is_known_than_before() {
    let run = |failed: usize, unscored: usize, others: &[&str]| {
        let mut run = named(run(&[1.0; 40], 0), "key_facts");
        run.failed = failed;
        run.failed_as_worst = [("key_facts".to_owned(), failed / 2)].into();
        for (at, question) in run.questions.values_mut().enumerate() {
            if at < unscored {
                question.scores = Scores::default();
            }
            for name in others {
                question.scores.insert(&(*name).into(), 1, 1.0);
            }
        }
        run
    };
    let usual = || run(2, 0, &["links"]);
    let declared = Plan { family: vec!["key_facts".into()], ..PLAN };
    let loose = Plan { allow_unmatched: true, ..PLAN };
    let failures = "8 of 40 samples of the second run have no answer, and 2 of 40 of the first";
    let lost = "the second run has no links, which the first has";
    for (after, plan, failures_count, expected) in [
        (usual(), &PLAN, false, None),
        (run(2, 0, &["links", "numbers"]), &PLAN, false, None),
        (run(0, 0, &["links"]), &PLAN, false, None),
        (run(8, 0, &["links"]), &PLAN, false, Some(failures)),
        (run(8, 0, &["links"]), &PLAN, true, Some(failures)),
        (run(2, 19, &["links"]), &PLAN, false, None),
        (run(2, 20, &["links"]), &PLAN, false, None),
        (run(2, 21, &["links"]), &PLAN, false, Some("key_facts: 21 of 40 questions")),
        (run(2, 0, &[]), &PLAN, false, Some(lost)),
        (run(2, 0, &[]), &declared, false, None),
        (run(2, 0, &[]), &loose, false, None),
    ] {
        let found = compare(&usual(), &after, plan).unwrap();
        assert_eq!(found.answered[1], Answered { samples: 40, failed: after.failed });
        let score = found.scores.iter().find(|score| score.name == "key_facts").unwrap();
        assert_eq!(score.failed_as_worst, [1, after.failed / 2]);
        let objections = found.objections(plan, failures_count);
        assert_eq!(objections.len(), usize::from(expected.is_some()), "{objections:?}");
        assert!(
            objections.iter().all(|said| said.starts_with(expected.unwrap())),
            "{objections:?}"
        );
    }
}

/// A failure that counts in one score and not in another is in no mean of the other.
#[test]
fn failures_pass_a_gate_where_every_score_counts_them_all() {
    let run = |failed: usize, counted: [usize; 2]| {
        let mut run = named(run(&[1.0; 40], 0), "key_facts");
        for question in run.questions.values_mut() {
            question.scores.insert(&"links".into(), 1, 1.0);
        }
        run.failed = failed;
        let names = ["key_facts", "links"].map(str::to_owned).into_iter();
        run.failed_as_worst = names.zip(counted).collect();
        run
    };
    let declared = Plan { family: vec!["key_facts".into()], ..PLAN };
    for (before, after, plan, failures_count, expected) in [
        ([2, 2], [8, 8], &PLAN, true, None),
        ([2, 2], [8, 8], &PLAN, false, Some("of the first; --count-failures counts")),
        ([2, 2], [8, 0], &PLAN, true, Some("do not all count as the worst value of links")),
        ([2, 2], [4, 8], &PLAN, true, Some("do not all count as the worst value of key_facts")),
        ([1, 2], [8, 8], &PLAN, true, Some("do not all count as the worst value of key_facts")),
        ([2, 0], [8, 0], &declared, true, None),
    ] {
        let found = compare(&run(2, before), &run(8, after), plan).unwrap();
        let objections = found.objections(plan, failures_count);
        assert_eq!(objections.len(), usize::from(expected.is_some()), "{objections:?}");
        assert!(objections.iter().all(|said| said.contains(expected.unwrap())), "{objections:?}");
    }
}
