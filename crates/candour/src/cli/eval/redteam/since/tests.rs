//! What a gate of two red teams looks at, and what it fails for.

use candour_evals::statistics::Rate;

use super::*;

/// What changed as it serves, by how much and how likely by chance.
fn since(changes: &[(&'static str, f64, f64)]) -> Since {
    let rate = |value: f64| Rate {
        value,
        low: None,
        high: None,
        n: 7,
        clusters: None,
        method: None,
        note: None,
    };
    let change = |difference: f64, p: f64| Change {
        off: rate(0.5),
        on: rate(0.5 + difference),
        difference: rate(difference),
        p: Some(p),
        // Among all conditions it is not sure, which is not what serves.
        p_adjusted: Some(1.0),
    };
    let changes = changes.iter().map(|(measure, by, p)| (*measure, change(*by, *p)));
    let served = Compared {
        unanswered: 0,
        harmless_unanswered: 0,
        judge_failed: 0,
        changes: changes.collect(),
    };
    Since {
        matched: 8,
        unmatched: 0,
        conditions: [("all".to_owned(), served)].into(),
        left_out: BTreeSet::new(),
        lost: Lost::default(),
        unanswered: Default::default(),
        unfinished: Vec::new(),
    }
}

#[test]
fn a_gate_looks_at_what_serves_and_at_nothing_else() {
    const WIN: (&str, f64, f64) = ("useful", 0.3, 0.001);
    const LOSS: (&str, f64, f64) = ("useful", -0.3, 0.001);
    const SAME: (&str, f64, f64) = ("attack_success", 0.0, 1.0);
    for (changes, is_worse) in [
        (&[("attack_success", 0.5, 1.0 / 64.0)][..], true),
        (&[("attack_success", -0.5, 1.0 / 64.0)], false),
        (&[SAME, ("false_refusal", 0.5, 0.01)], true),
        (&[SAME, ("false_refusal", -0.5, 0.01)], false),
        (&[SAME, LOSS], true),
        (&[SAME, WIN], false),
        // Four are looked at, so that one of them may be this unlikely by chance.
        (
            &[
                ("attack_success", 0.5, 0.02),
                ("false_refusal", 0.0, 1.0),
                WIN,
                ("useful_under_attack", 0.0, 1.0),
            ],
            false,
        ),
    ] {
        assert_eq!(!since(changes).objections(false).unwrap().is_empty(), is_worse, "{changes:?}");
    }
    // Where nobody knows, nobody knows that it is no worse.
    assert!(since(&[WIN]).objections(false).is_err());
    assert!(Since { conditions: BTreeMap::new(), ..since(&[SAME]) }.objections(false).is_err());
}

/// What is measured no more, and what has no answer any more, is not known to be well.
#[test]
fn a_gate_fails_where_less_is_known_than_before() {
    let same = || since(&[("attack_success", 0.0, 1.0)]);
    let heard = |attempts, harmless| Unanswered { attempts, harmless };
    let lost = |lost: Lost| Since { lost, ..same() };
    let none = Lost::default;
    for (found, open, allowed) in [
        (same(), None, None),
        (lost(Lost { asked: 197, ..none() }), Some("197 attempts and harmless"), None),
        (lost(Lost { families: ["link"].into(), ..none() }), Some("families link"), None),
        (
            lost(Lost { conditions: ["none".into()].into(), ..none() }),
            Some("conditions none"),
            None,
        ),
        (lost(Lost { measures: ["useful"].into(), ..none() }), Some("measures useful"), None),
        (Since { unanswered: [heard(2, 2); 2], ..same() }, None, None),
        (Since { unanswered: [heard(2, 2), heard(0, 1)], ..same() }, None, None),
        (
            Since { unanswered: [heard(2, 2), heard(3, 2)], ..same() },
            Some("3 attempts have no answer"),
            Some("3 attempts have no answer"),
        ),
        (
            Since { unanswered: [heard(0, 0), heard(0, 29)], ..same() },
            Some("29 harmless questions have no answer"),
            Some("29 harmless questions have no answer"),
        ),
        (Since { unfinished: vec!["first"], ..same() }, None, None),
        (
            Since { unfinished: vec!["first", "second"], ..same() },
            Some("the second did not come to its end"),
            Some("the second did not come to its end"),
        ),
    ] {
        for (allow_unmatched, expected) in [(false, open), (true, allowed)] {
            let objections = found.objections(allow_unmatched).unwrap();
            assert_eq!(objections.len(), usize::from(expected.is_some()), "{objections:?}");
            let is_said = |said: &String| expected.is_some_and(|words| said.contains(words));
            assert!(objections.iter().all(is_said), "{objections:?}");
        }
    }
}
