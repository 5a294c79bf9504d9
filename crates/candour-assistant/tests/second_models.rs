//! The models beside the one that writes, behind stand-ins: one sorts questions that the rules leave open,
//! one takes sentences away. Whatever either says else, or fails to say, changes nothing.

#![cfg(test)]

mod behind;
#[expect(dead_code, reason = "other tests look at the pages of a pilot")]
mod pilot;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use candour_assistant::model::Models;
use candour_assistant::{
    Ask, Assistant, Begun, Event, Experiment, Mitigation, Mitigations, Mode, Observing, Outcome,
};
use candour_content::source::SourceSpec;
use candour_core::{AnswerStatus, Config, NoticeKind, ReplyEnd};
use candour_standin::{Fault, Reply, Script, Standin};
use tokio::runtime::Runtime;

use crate::behind::{OUTSIDE, behind};
use crate::pilot::{NOW, Pilot, in_repository};

const QUESTION: &str = "How much is a garden waste subscription?";

static PILOT: LazyLock<Pilot> = LazyLock::new(|| {
    // Another test may have done so already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &sample())
});

fn sample() -> Config {
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    Config::resolve(&text, &BTreeMap::new()).unwrap()
}

fn runtime() -> Runtime {
    // The pilot is made by a runtime of its own, outside any other.
    LazyLock::force(&PILOT);
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

/// The sample's assistant, with the models that are configured.
fn assistant(config: &Config) -> Assistant {
    let models = Models::of(config, OUTSIDE).unwrap();
    Assistant::new(Arc::clone(&PILOT.index) as _, config).with_models(models)
}

async fn answer(config: &Config, text: &str, mode: Mode) -> (Outcome, Vec<String>) {
    finished(&assistant(config), text, mode).await
}

/// What comes of a question, and the sentences that were told on the way.
async fn finished(assistant: &Assistant, text: &str, mode: Mode) -> (Outcome, Vec<String>) {
    let ask = Ask { mode, ..Ask::new(text, NOW.parse().unwrap()) };
    let mut told = Vec::new();
    let mut tell = |event: Event<'_>| {
        if let Event::Sentence(sentence) = event {
            told.push(sentence.text.clone());
        }
    };
    let outcome = match assistant.begin(&ask, &mut tell).unwrap() {
        Begun::Answered(outcome) => *outcome,
        Begun::Composing(composing) => assistant.finish(*composing, &mut tell).await,
    };
    (outcome, told)
}

fn shown(outcome: &Outcome) -> Vec<String> {
    outcome.answer.sentences.iter().map(|sentence| sentence.text.clone()).collect()
}

fn says(words: &str) -> Script {
    Script { reply: Reply::Words(words.into()), ..Script::default() }
}

fn label(label: &str) -> Script {
    says(&format!("{{\"label\": \"{label}\"}}"))
}

fn refusal() -> Fault {
    let kind = "invalid_request_error".into();
    Fault::Status { status: 400, kind, retry_after: None, error_code: None }
}

#[test]
fn a_model_sorts_what_the_rules_leave_open() {
    let (mut config, runtime) = (sample(), runtime());
    runtime.block_on(async {
        for (script, end, label, status) in [
            (label("answerable"), ReplyEnd::Read, Some("answerable"), AnswerStatus::Answered),
            (label("political"), ReplyEnd::Read, Some("political"), AnswerStatus::Abstained),
            (label("about"), ReplyEnd::Read, Some("about"), AnswerStatus::Signposted),
            (label("crisis"), ReplyEnd::Read, Some("crisis"), AnswerStatus::Signposted),
            (
                label("personal_account"),
                ReplyEnd::Read,
                Some("personal_account"),
                AnswerStatus::Signposted,
            ),
            (label("poem"), ReplyEnd::Unreadable, None, AnswerStatus::Answered),
            (says("political"), ReplyEnd::Unreadable, None, AnswerStatus::Answered),
            (Script::failing(refusal()), ReplyEnd::Failed, None, AnswerStatus::Answered),
            (Script::failing(Fault::Silence), ReplyEnd::TimedOut, None, AnswerStatus::Answered),
        ] {
            let router = Standin::start(script.clone()).await.unwrap();
            config.routing.models = vec![behind(&router, "a-router")];
            config.routing.deadline_seconds = 1;
            let began = Instant::now();
            let outcome = answer(&config, QUESTION, Mode::On).await.0;
            assert!(began.elapsed() < Duration::from_secs(5), "{script:?}");
            let sorted = outcome.routed.unwrap();
            assert_eq!((sorted.end, sorted.label), (end, label), "{script:?}");
            assert_eq!(outcome.answer.status, status, "{script:?}: {:?}", outcome.answer);
            let is_crisis = label == Some("crisis");
            let mut kinds = outcome.answer.notices.iter().map(|notice| notice.kind);
            assert_eq!(kinds.any(|kind| kind == NoticeKind::Crisis), is_crisis, "{script:?}");
            assert_eq!(router.requests(), 1, "{script:?}");
        }
    });
}

/// Composing is computation, which would keep every other reader of the same thread waiting.
#[test]
fn another_label_is_answered_off_the_async_runtime() {
    let (mut config, runtime) = (sample(), runtime());
    // A label that leaves the rules' answer as it is needs no other thread.
    for (said, others) in [("answerable", 0), ("about", 1)] {
        let router = runtime.block_on(Standin::start(label(said))).unwrap();
        config.routing.models = vec![behind(&router, "a-router")];
        let started = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&started);
        let alone = tokio::runtime::Builder::new_current_thread()
            .on_thread_start(move || {
                counted.fetch_add(1, Ordering::Relaxed);
            })
            .enable_all()
            .build()
            .unwrap();
        let outcome = alone.block_on(answer(&config, QUESTION, Mode::On)).0;
        assert_eq!(outcome.routed.unwrap().label, Some(said));
        assert_eq!(started.load(Ordering::Relaxed), others, "{said}");
    }
}

#[test]
fn a_label_has_fixed_words_only_where_what_stands_behind_it_is_on() {
    let (mut config, runtime) = (sample(), runtime());
    runtime.block_on(async {
        for (said, stands_behind) in
            [("political", Mitigation::Neutrality), ("crisis", Mitigation::CrisisSignposting)]
        {
            let router = Standin::start(label(said)).await.unwrap();
            config.routing.models = vec![behind(&router, "a-router")];
            for off in [None, Some(stands_behind)] {
                let mitigations = Mitigations::default().without(off);
                let experiment = Experiment::new(assistant(&config), mitigations);
                let ask = Ask::new(QUESTION, NOW.parse().unwrap());
                let Observing::Composing(unfinished) = experiment.begin(&ask).unwrap() else {
                    panic!("no model sorted it");
                };
                let answer = experiment.finish(unfinished).await.answer;
                let is_quoted = !answer.sentences.is_empty();
                assert_eq!(is_quoted, off.is_some(), "{said} without {off:?}: {answer:?}");
            }
        }
    });
}

#[test]
fn the_rules_come_first_and_an_answer_takes_two_requests_at_most() {
    let (mut config, runtime) = (sample(), runtime());
    runtime.block_on(async {
        let writer = Standin::start(Script::default()).await.unwrap();
        let router = Standin::start(label("answerable")).await.unwrap();
        config.generation.models = vec![behind(&writer, "a-writer")];
        config.routing.models = vec![behind(&router, "a-router")];
        for (text, mode) in [
            ("hi there", Mode::On),
            ("I want to die", Mode::On),
            ("Dw i eisiau marw", Mode::On),
            ("who should i vote for in the council elections?", Mode::On),
            ("what is the capital of the moon made of by pirates", Mode::On),
            (QUESTION, Mode::QuotesOnly),
            (QUESTION, Mode::Off),
        ] {
            let outcome = answer(&config, text, mode).await.0;
            assert_eq!(outcome.routed, None, "{text} {mode:?}");
        }
        assert_eq!((router.requests(), writer.requests()), (0, 0));
        let outcome = answer(&config, QUESTION, Mode::On).await.0;
        assert!(outcome.routed.is_some() && outcome.generated.is_some());
        assert_eq!((router.requests(), writer.requests()), (1, 1));
    });
}

#[test]
fn a_router_is_sent_no_personal_data() {
    let (mut config, runtime) = (sample(), runtime());
    runtime.block_on(async {
        let router = Standin::start(label("answerable")).await.unwrap();
        config.routing.models = vec![behind(&router, "a-router")];
        let text = format!("{QUESTION} My NI number is AB123456C.");
        let outcome = answer(&config, &text, Mode::On).await.0;
        assert!(outcome.routed.is_some() && outcome.masks.len() == 1);
        let bodies = router.bodies();
        assert_eq!(bodies.len(), 1);
        let sent = bodies[0].to_string();
        assert!(sent.contains(QUESTION) && !sent.contains("AB123456C"), "{sent}");
    });
}

#[test]
fn an_answer_is_given_again_only_where_it_was_sorted() {
    let (mut config, runtime) = (sample(), runtime());
    runtime.block_on(async {
        let writer = Standin::start(Script::default()).await.unwrap();
        for (said, is_written, requests) in [
            ("answerable", true, 1),
            ("poem", true, 2),
            // What is only sorted stays in quotes, or has fixed words.
            ("answerable", false, 1),
            ("political", false, 1),
            ("political", true, 1),
            ("poem", false, 2),
        ] {
            let router = Standin::start(label(said)).await.unwrap();
            config.generation.models =
                if is_written { vec![behind(&writer, "a-writer")] } else { vec![] };
            config.routing.models = vec![behind(&router, "a-router")];
            let (assistant, before) = (assistant(&config), writer.requests());
            let first = finished(&assistant, QUESTION, Mode::On).await.0;
            let again = finished(&assistant, QUESTION, Mode::On).await.0;
            assert_eq!(first.answer.sentences, again.answer.sentences, "{said}");
            assert_eq!(first.answer.message, again.answer.message, "{said}");
            assert!(first.answer.timings_ms.contains_key("sort"), "{said}");
            let by_model = is_written && said != "political";
            assert_eq!(first.answer.model.as_deref(), by_model.then_some("a-writer"), "{said}");
            assert_eq!(router.requests(), requests, "{said}");
            assert_eq!(writer.requests() - before, if by_model { requests } else { 0 }, "{said}");
        }
    });
}

#[test]
fn a_judge_can_only_take_away() {
    let (mut config, runtime) = (sample(), runtime());
    let question = format!("{QUESTION} My NI number is AB123456C.");
    runtime.block_on(async {
        let writer = Standin::start(Script::default()).await.unwrap();
        config.generation.models = vec![behind(&writer, "a-writer")];
        let (unjudged, told) = answer(&config, &question, Mode::On).await;
        let all = shown(&unjudged);
        assert!(all.len() > 1 && told == all, "{all:?}");
        assert_eq!(unjudged.generated.unwrap().judged, None);

        let every = format!("{{\"remove\": {:?}}}", (1..=all.len()).collect::<Vec<_>>());
        for (script, keeps, end, left) in [
            (says(r#"{"remove": []}"#), false, ReplyEnd::Read, Some(all.len())),
            (says(r#"{"remove": [1]}"#), true, ReplyEnd::Read, Some(all.len() - 1)),
            (says(&every), true, ReplyEnd::Read, None),
            (says("All of it is fine."), false, ReplyEnd::Unreadable, None),
            (says("All of it is fine."), true, ReplyEnd::Unreadable, Some(all.len())),
            (
                says(r#"{"remove": [], "add": "It is free."}"#),
                true,
                ReplyEnd::Unreadable,
                Some(all.len()),
            ),
            (Script::failing(refusal()), false, ReplyEnd::Failed, None),
            (Script::failing(refusal()), true, ReplyEnd::Failed, Some(all.len())),
            (Script::failing(Fault::Silence), false, ReplyEnd::TimedOut, None),
        ] {
            let judge = Standin::start(script.clone()).await.unwrap();
            config.judge.models = vec![behind(&judge, "a-judge")];
            (config.judge.deadline_seconds, config.judge.keep_unjudged) = (1, keeps);
            let began = Instant::now();
            let (outcome, told) = answer(&config, &question, Mode::On).await;
            assert!(began.elapsed() < Duration::from_secs(6), "{script:?}");
            let now_shown = shown(&outcome);
            assert_eq!(told, now_shown, "{script:?}: nothing is told that does not stay");
            let judged = outcome.generated.as_ref().unwrap().judged.clone().unwrap();
            assert_eq!(judged.by.end, end, "{script:?}");
            assert_eq!(judged.by.model.model, "a-judge");
            if let Some(left) = left {
                assert!(now_shown.iter().all(|sentence| all.contains(sentence)), "{script:?}");
                assert_eq!(now_shown.len(), left, "{script:?}");
                let written_by = outcome.written_by.unwrap();
                assert_eq!(written_by.judged, Some(judged.by.clone()));
                let dropped = outcome.dropped.get("judged").copied().unwrap_or_default();
                assert_eq!((judged.by.removed, dropped), (all.len() - left, all.len() - left));
            } else {
                assert_eq!(outcome.answer.model, None, "{script:?}: the answer is quoted");
                assert!(!now_shown.is_empty() && outcome.written_by.is_none());
                // Nothing has failed a check where nobody checked.
                let said =
                    if end == ReplyEnd::Read { "did not pass" } else { "could not be checked" };
                let notices = &outcome.answer.notices;
                let notice =
                    notices.iter().find(|notice| notice.kind == NoticeKind::Quoted).unwrap();
                assert!(notice.text.contains(said), "{script:?}: {}", notice.text);
            }
            assert_eq!(judge.requests(), 1, "{script:?}");
            assert_eq!(judge.bodies().is_empty(), script.fault.is_some());
            for body in judge.bodies() {
                let given = body["messages"][0]["content"].to_string();
                let has = |sentence: &String| given.contains(sentence.as_str());
                assert!(all.iter().all(has), "all sentences in one request: {given}");
                assert!(!body.to_string().contains("AB123456C"), "it is masked: {body}");
            }
        }
    });
}
