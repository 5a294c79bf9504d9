//! A model behind the stand-in sorts the questions that the rules leave open: its label counts, and
//! whatever else it says or fails to say leaves the rules to decide.

#![cfg(test)]

#[expect(dead_code, reason = "other tests look at the pages of a pilot")]
mod pilot;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use candour_assistant::model::{Models, Outside};
use candour_assistant::{Ask, Assistant, Begun, Mode, Outcome};
use candour_content::source::SourceSpec;
use candour_core::{
    AnswerStatus, Config, Generator, Locale, NoticeKind, Price, ReplyEnd, Transport,
};
use candour_standin::{Fault, Reply, Script, Standin};

use crate::pilot::{NOW, Pilot, in_repository};

const OUTSIDE: Outside = Outside {
    variable: |_| Some("a-key".into()),
    now: || jiff::Timestamp::UNIX_EPOCH,
    jitter: || 0.0,
};
const QUESTION: &str = "How much is a garden waste subscription?";

fn behind(standin: &Standin, model: &str) -> Generator {
    Generator {
        transport: Transport::Anthropic,
        model: model.into(),
        endpoint: standin.address(),
        key_variable: Some("KEY".into()),
        key_file: None,
        price: Price::default(),
    }
}

async fn answer(pilot: &Pilot, config: &Config, text: &str, mode: Mode) -> Outcome {
    answered(&assistant(pilot, config), text, mode).await
}

fn assistant(pilot: &Pilot, config: &Config) -> Assistant {
    let mut assistant = Assistant::new(std::sync::Arc::clone(&pilot.index) as _, config);
    let Models { writer, router, .. } = Models::of(config, OUTSIDE).unwrap();
    if let Some(writer) = writer {
        assistant = assistant.with_model(writer);
    }
    assistant.with_router(router.unwrap())
}

async fn answered(assistant: &Assistant, text: &str, mode: Mode) -> Outcome {
    let (locale, now) = (Locale::En, NOW.parse().unwrap());
    let ask =
        Ask { text, locale, nation: None, chosen: None, history: &[], now, mode, reader: None };
    match assistant.begin(&ask, &mut |_| {}).unwrap() {
        Begun::Answered(outcome) => *outcome,
        Begun::Composing(composing) => assistant.finish(*composing, &mut |_| {}).await,
    }
}

fn labels(label: &str) -> Script {
    let words = format!("{{\"label\": \"{label}\"}}");
    Script { reply: Reply::Words(words), ..Script::default() }
}

#[test]
fn a_model_sorts_what_the_rules_leave_open() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    let mut config = Config::resolve(&text, &BTreeMap::new()).unwrap();
    let pilot = Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let nonsense = Script { reply: Reply::Words("political".into()), ..Script::default() };
        let error = Fault::Status {
            status: 400,
            kind: "invalid_request_error".into(),
            retry_after: None,
            error_code: None,
        };
        for (script, end, label, status) in [
            (labels("answerable"), ReplyEnd::Read, Some("answerable"), AnswerStatus::Answered),
            (labels("political"), ReplyEnd::Read, Some("political"), AnswerStatus::Abstained),
            (labels("about"), ReplyEnd::Read, Some("about"), AnswerStatus::Signposted),
            (labels("crisis"), ReplyEnd::Read, Some("crisis"), AnswerStatus::Signposted),
            (
                labels("personal_account"),
                ReplyEnd::Read,
                Some("personal_account"),
                AnswerStatus::Signposted,
            ),
            (labels("poem"), ReplyEnd::Unreadable, None, AnswerStatus::Answered),
            (nonsense, ReplyEnd::Unreadable, None, AnswerStatus::Answered),
            (Script::failing(error), ReplyEnd::Failed, None, AnswerStatus::Answered),
            (Script::failing(Fault::Silence), ReplyEnd::TimedOut, None, AnswerStatus::Answered),
        ] {
            let router = Standin::start(script.clone()).await.unwrap();
            config.routing.models = vec![behind(&router, "a-router")];
            config.routing.deadline_seconds = 1;
            let began = Instant::now();
            let outcome = answer(&pilot, &config, QUESTION, Mode::On).await;
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

#[test]
fn the_rules_come_first_and_an_answer_takes_two_requests_at_most() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    let mut config = Config::resolve(&text, &BTreeMap::new()).unwrap();
    let pilot = Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let writer = Standin::start(Script::default()).await.unwrap();
        let router = Standin::start(labels("answerable")).await.unwrap();
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
            let outcome = answer(&pilot, &config, text, mode).await;
            assert_eq!(outcome.routed, None, "{text} {mode:?}");
        }
        assert_eq!((router.requests(), writer.requests()), (0, 0));
        let outcome = answer(&pilot, &config, QUESTION, Mode::On).await;
        assert!(outcome.routed.is_some() && outcome.generated.is_some());
        assert_eq!((router.requests(), writer.requests()), (1, 1));
    });
}

#[test]
fn a_router_is_sent_no_personal_data() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    let mut config = Config::resolve(&text, &BTreeMap::new()).unwrap();
    let pilot = Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let router = Standin::start(labels("answerable")).await.unwrap();
        config.routing.models = vec![behind(&router, "a-router")];
        let text = format!("{QUESTION} My NI number is AB123456C.");
        let outcome = answer(&pilot, &config, &text, Mode::On).await;
        assert!(outcome.routed.is_some() && outcome.masks.len() == 1);
        let bodies = router.bodies();
        assert_eq!(bodies.len(), 1);
        let sent = bodies[0].to_string();
        assert!(sent.contains(QUESTION) && !sent.contains("AB123456C"), "{sent}");
    });
}

#[test]
fn an_answer_is_given_again_only_where_it_was_sorted() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    let mut config = Config::resolve(&text, &BTreeMap::new()).unwrap();
    let pilot = Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for (script, requests) in [(labels("answerable"), 1), (labels("poem"), 2)] {
            let writer = Standin::start(Script::default()).await.unwrap();
            let router = Standin::start(script).await.unwrap();
            config.generation.models = vec![behind(&writer, "a-writer")];
            config.routing.models = vec![behind(&router, "a-router")];
            let assistant = assistant(&pilot, &config);
            for _ in 0..2 {
                let outcome = answered(&assistant, QUESTION, Mode::On).await;
                assert_eq!(outcome.answer.model.as_deref(), Some("a-writer"));
            }
            assert_eq!((router.requests(), writer.requests()), (requests, requests));
        }
    });
}
