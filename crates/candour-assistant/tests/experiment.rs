//! Mitigations that an experiment switches off: each is what keeps something away.

#![cfg(test)]

#[expect(dead_code, reason = "other tests ask through the pilot and look at its pages")]
mod pilot;
#[expect(dead_code, reason = "other tests ask without an experiment")]
mod scripted;

use std::sync::Arc;

use candour_assistant::{Ask, Experiment, Mitigation, Mitigations, Observing};
use candour_core::{ModelRequest, Reply, StopReason};

use crate::scripted::{QUESTION, Scripted, assistant, now, says};

/// What an experiment with these mitigations shows, and what its model was given.
fn observed(mitigations: Mitigations, question: &str) -> (String, ModelRequest) {
    let script = |request: &ModelRequest| {
        let sentences = [
            ("The first brown bin costs £46 for 2026.", "First brown bin"),
            ("Bins are a matter for purple herons.", "First brown bin"),
            ("Nothing is cited for a purple heron.", ""),
        ];
        says(request, &sentences, StopReason::Finished)
    };
    let model = Scripted::new(script);
    let experiment = Experiment::new(assistant(Arc::clone(&model) as _), mitigations);
    let ask = Ask::new(question, now());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let observed = match experiment.begin(&ask).unwrap() {
        Observing::Answered(observed) => *observed,
        Observing::Composing(unfinished) => runtime.block_on(experiment.finish(unfinished)),
    };
    let request = model.requests().into_iter().next().unwrap_or_default();
    (Reply::from(observed.answer).text, request)
}

#[test]
fn each_check_is_what_keeps_a_lie_away() {
    let shown = |off: &[Mitigation]| {
        observed(Mitigations::default().without(off.iter().copied()), QUESTION).0
    };
    let whole = shown(&[]);
    assert!(whole.contains("£46") && !whole.contains("heron"), "{whole}");
    let unread = shown(&[Mitigation::ClaimCheck]);
    assert!(unread.contains("purple herons") && !unread.contains("Nothing is cited"), "{unread}");
    let unchecked = shown(&Mitigation::VERIFICATION);
    assert!(unchecked.contains("purple herons") && unchecked.contains("Nothing is cited"));
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
