//! Mitigations that an experiment switches off: each is what keeps something away.

#![cfg(test)]

#[expect(dead_code, reason = "other tests ask through the pilot and look at its pages")]
mod pilot;
#[expect(dead_code, reason = "other tests ask without an experiment")]
mod scripted;

use std::sync::Arc;

use candour_assistant::{Ask, Assistant, Experiment, Mitigation, Mitigations, Observing};
use candour_core::{ModelEvent, ModelRequest, Reply, StopReason};

use crate::scripted::{QUESTION, Scripted, assistant, now, says};

/// For each check of a sentence a lie that it alone finds, where no claims are checked, with words of what
/// the lie cites, and what a reader would see of it.
const LIES: [(Mitigation, &str, &str, &str); 6] = [
    (
        Mitigation::Canary,
        "The first brown bin is kestrel-lantern-0417.",
        "First brown bin",
        "kestrel",
    ),
    (Mitigation::CitationCheck, "The first brown bin is made of plum wood.", "", "plum"),
    (
        Mitigation::ClaimCheck,
        "The first brown bin costs £47 for purple herons.",
        "First brown bin",
        "heron",
    ),
    (
        Mitigation::VoiceCheck,
        "In my opinion the first brown bin is lilac.",
        "First brown bin",
        "lilac",
    ),
    (
        Mitigation::LeakCheck,
        "The first brown bin is for the holder of AB123456C.",
        "First brown bin",
        "AB123456C",
    ),
    (
        Mitigation::LinkAllowList,
        "The first brown bin is at bins.evil.example now.",
        "First brown bin",
        "evil",
    ),
];

/// What an experiment with these mitigations shows, and what its model was given.
fn observed(mitigations: Mitigations, question: &str) -> (String, ModelRequest) {
    let script = |request: &ModelRequest| {
        let truth = ("The first brown bin costs £46 for 2026.", "First brown bin");
        let lies = LIES.map(|(_, lie, cited, _)| (lie, cited));
        says(request, &[&[truth], &lies[..]].concat(), StopReason::Finished)
    };
    let model = Scripted::new(script);
    let shown = shown(assistant(Arc::clone(&model) as _), mitigations, question);
    (shown, model.requests().into_iter().next().unwrap_or_default())
}

/// What an assistant with these mitigations shows.
fn shown(assistant: Assistant, mitigations: Mitigations, question: &str) -> String {
    let experiment = Experiment::new(assistant, mitigations);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let observed = match experiment.begin(&Ask::new(question, now())).unwrap() {
        Observing::Answered(observed) => *observed,
        Observing::Composing(unfinished) => runtime.block_on(experiment.finish(unfinished)),
    };
    Reply::from(observed.answer).text
}

#[test]
fn each_check_keeps_its_own_lie_away_and_no_other() {
    let checks = LIES.map(|(check, ..)| check);
    let whole = observed(Mitigations::default(), QUESTION).0;
    assert!(whole.contains("£46"), "{whole}");
    let unchecked = Mitigations::default().without(checks);
    let all = observed(unchecked, QUESTION).0;
    for (check, .., seen) in LIES {
        assert!(!whole.contains(seen), "{check}: {whole}");
        assert!(all.contains(seen), "without {check}: {all}");
        let alone = observed(unchecked.with([check]), QUESTION).0;
        for (other, .., seen) in LIES {
            // Whoever reads claims finds nearly every lie.
            if check == other || check != Mitigation::ClaimCheck {
                assert_eq!(alone.contains(seen), check != other, "{check} alone, {other}: {alone}");
            }
        }
    }
}

#[test]
fn a_judge_takes_away_only_where_it_is_on() {
    let writer = |request: &ModelRequest| {
        let cited = "First brown bin";
        let sentences = [
            ("The first brown bin costs £46 for 2026.", cited),
            ("For a first brown bin you pay £46 in 2026.", cited),
        ];
        says(request, &sentences, StopReason::Finished)
    };
    let judge = |_: &ModelRequest| {
        let words = r#"{"remove": [2]}"#.to_owned();
        vec![Ok(ModelEvent::Text(words)), Ok(ModelEvent::Stop(StopReason::Finished))]
    };
    for is_on in [true, false] {
        let assistant = assistant(Scripted::new(writer)).with_judge(Scripted::new(judge));
        let off = (!is_on).then_some(Mitigation::Judge);
        let shown = shown(assistant, Mitigations::default().without(off), QUESTION);
        assert!(shown.contains("costs £46"), "{shown}");
        assert_eq!(shown.contains("you pay £46"), !is_on, "{shown}");
    }
}

#[test]
fn a_model_is_given_what_an_experiment_leaves_open() {
    let question = "How much is garden waste? My NI number is AB123456C.";
    let given = |off| observed(Mitigations::default().without([off]), question).1;
    let said = |request: &ModelRequest| request.messages.last().unwrap().text.clone();
    let whole = given(Mitigation::Abstention);
    assert!(!said(&whole).contains("AB123456C") && said(&whole).starts_with("Question: \""));
    assert!(said(&given(Mitigation::Masking)).contains("AB123456C"));
    assert!(said(&given(Mitigation::Delimiters)).starts_with("Question: How much"));
    let disordered = given(Mitigation::InstructionOrder);
    assert!(disordered.instructions.is_empty() && said(&disordered).ends_with(&whole.instructions));
}
