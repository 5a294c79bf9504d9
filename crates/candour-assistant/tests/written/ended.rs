//! What a model writes and does not end as it should: cut off, refused, without end, or not at all.

use candour_assistant::End;
use candour_core::{AnswerStatus, ModelError, ModelEvent, ModelRequest, StopReason};

use super::ask;
use crate::scripted::{QUESTION, says};

#[test]
fn whatever_ends_badly_ends_with_an_answer() {
    let cut = |end: Option<Result<ModelEvent, ModelError>>| {
        move |request: &ModelRequest| {
            let sentences = [
                ("The first brown bin costs £46 for 2026.", "First brown bin"),
                (" The price cov", ""),
            ];
            let mut events = says(request, &sentences, StopReason::Length);
            events.pop();
            events.extend(end.clone());
            events
        }
    };
    for (end, expected) in [
        (Some(Ok(ModelEvent::Stop(StopReason::Length))), End::CutOff),
        (Some(Ok(ModelEvent::Stop(StopReason::Refused))), End::Refused),
        (Some(Err(ModelError::Broken("reset".into()))), End::Failed),
        (None, End::CutOff),
    ] {
        let told = ask(QUESTION, cut(end));
        assert_eq!(told.end(), expected);
        assert_eq!(told.shown(), ["The first brown bin costs £46 for 2026."], "{expected:?}");
        let answer = &told.outcome.answer;
        assert_eq!(answer.status, AnswerStatus::Partial);
        // It says why it is not complete.
        let says = |words: &str| answer.notices.iter().any(|notice| notice.text.contains(words));
        let declined = says("declined to write the rest");
        assert_eq!(
            (declined, !declined),
            (expected == End::Refused, says("stopped before it was finished")),
            "{answer:?}"
        );
    }
    for (event, expected) in [
        (Err(ModelError::Unavailable("529".into())), End::Failed),
        (Err(ModelError::Spent("today".into())), End::Spent),
        (Ok(ModelEvent::Stop(StopReason::Length)), End::CutOff),
    ] {
        let told = ask(QUESTION, move |_| vec![event.clone()]);
        assert_eq!(told.end(), expected);
        assert_eq!(told.outcome.answer.model, None, "quotes take its place");
        assert!(told.shown().iter().any(|quote| quote.contains("£46")), "{:?}", told.shown());
        assert_eq!(told.sentences, told.shown());
    }
}

/// A model that says the same over and over, or more than any answer has, is heard so far and no further.
#[test]
fn what_never_ends_ends() {
    let said = "The first brown bin costs £46 for 2026.";
    let many = |count: usize, text: fn(usize) -> String| {
        move |request: &ModelRequest| {
            let lines: Vec<String> = (0..count).map(text).collect();
            let lines: Vec<_> =
                lines.iter().map(|line| (line.as_str(), "First brown bin")).collect();
            says(request, &lines, StopReason::Finished)
        }
    };
    let repeated = ask(QUESTION, many(90, |_| "The first brown bin costs £46 for 2026. ".into()));
    assert_eq!((repeated.shown(), repeated.end()), (vec![said], End::Whole));
    assert_eq!(repeated.outcome.answer.status, AnswerStatus::Answered);
    let endless = ask(
        QUESTION,
        many(2_000, |at| format!("The first brown bin costs £46 for 2026. It costs £{at} more. ")),
    );
    assert_eq!(endless.end(), End::CutOff);
    assert_eq!(endless.outcome.answer.status, AnswerStatus::Partial);
    let checked = endless.outcome.generated.as_ref().unwrap();
    assert!(checked.released + checked.dropped <= 100, "{checked:?}");
}

/// Where a model says that its words stand is no place that it was given.
#[test]
fn a_citation_without_end_is_none() {
    for blocks in [0..usize::MAX, 4..usize::MAX, usize::MAX - 1..usize::MAX, 2..2] {
        let told = ask(QUESTION, move |request| {
            let mut events =
                says(request, &[("It costs £46.", "First brown bin")], StopReason::Finished);
            for event in events.iter_mut().flatten() {
                if let ModelEvent::SpanEnd(citations) = event {
                    for citation in citations {
                        citation.blocks = blocks.clone();
                    }
                }
            }
            events
        });
        assert_eq!(told.outcome.answer.model, None, "quotes take its place");
        assert!(!told.sentences.is_empty());
    }
}

#[test]
fn a_model_that_is_silent_is_not_waited_for() {
    let told = ask(QUESTION, |_| Vec::new());
    assert_eq!(told.end(), End::TimedOut);
    assert!(!told.sentences.is_empty());
}

#[test]
fn a_model_may_decline_or_find_no_answer() {
    let end = |words: &'static str, reason: StopReason| {
        ask(QUESTION, move |request| says(request, &[(words, "")], reason.clone()))
    };
    let nothing = end("[[none]]", StopReason::Finished);
    assert_eq!(
        (nothing.end(), nothing.outcome.answer.status),
        (End::NoAnswer, AnswerStatus::Abstained)
    );
    let declined = end("I cannot help with that.", StopReason::Refused);
    assert_eq!(
        (declined.end(), declined.outcome.answer.status),
        (End::Refused, AnswerStatus::Abstained)
    );
    for told in [nothing, declined] {
        assert!(told.sentences.is_empty() && told.outcome.answer.message.is_some());
        assert!(!told.outcome.answer.contacts.is_empty());
    }
}
