//! A judge over what a model wrote, both behind stand-ins: it takes sentences away, changes none, and
//! where it gives no verdict the configuration decides.

#![cfg(test)]

#[expect(dead_code, reason = "other tests look at the pages of a pilot")]
mod pilot;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use candour_assistant::model::{Models, Outside};
use candour_assistant::{Ask, Assistant, Begun, Event, Mode, Outcome};
use candour_content::source::SourceSpec;
use candour_core::{Config, Generator, Locale, Price, ReplyEnd, Transport};
use candour_standin::{Fault, Reply, Script, Standin};

use crate::pilot::{NOW, Pilot, in_repository};

const OUTSIDE: Outside = Outside {
    variable: |_| Some("a-key".into()),
    now: || jiff::Timestamp::UNIX_EPOCH,
    jitter: || 0.0,
};

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

/// The answer to one question, and the sentences that were told while it was made.
async fn answer(pilot: &Pilot, config: &Config) -> (Outcome, Vec<String>) {
    let mut assistant = Assistant::new(std::sync::Arc::clone(&pilot.index) as _, config);
    let Models { writer, judge, .. } = Models::of(config, OUTSIDE).unwrap();
    assistant = assistant.with_model(writer.unwrap());
    if let Some(judge) = judge {
        assistant = assistant.with_judge(judge);
    }
    let ask = Ask {
        text: "How much is a garden waste subscription? My NI number is AB123456C.",
        locale: Locale::En,
        nation: None,
        chosen: None,
        history: &[],
        now: NOW.parse().unwrap(),
        mode: Mode::On,
        reader: None,
    };
    let mut told = Vec::new();
    let mut tell = |event: Event<'_>| {
        if let Event::Sentence(sentence) = event {
            told.push(sentence.text.clone());
        }
    };
    let outcome = match assistant.begin(&ask, &mut tell).unwrap() {
        Begun::Answered(_) => panic!("no model is asked"),
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

#[test]
fn a_judge_can_only_take_away() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    let mut config = Config::resolve(&text, &BTreeMap::new()).unwrap();
    let pilot = Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let writer = Standin::start(Script::default()).await.unwrap();
        config.generation.models = vec![behind(&writer, "a-writer")];
        let (unjudged, told) = answer(&pilot, &config).await;
        let all = shown(&unjudged);
        assert!(all.len() > 1 && told == all, "{all:?}");
        assert_eq!(unjudged.generated.unwrap().judged, None);

        let error = Fault::Status {
            status: 400,
            kind: "invalid_request_error".into(),
            retry_after: None,
            error_code: None,
        };
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
            (Script::failing(error.clone()), false, ReplyEnd::Failed, None),
            (Script::failing(error), true, ReplyEnd::Failed, Some(all.len())),
            (Script::failing(Fault::Silence), false, ReplyEnd::TimedOut, None),
        ] {
            let judge = Standin::start(script.clone()).await.unwrap();
            config.judge.models = vec![behind(&judge, "a-judge")];
            (config.judge.deadline_seconds, config.judge.keep_unjudged) = (1, keeps);
            let began = Instant::now();
            let (outcome, told) = answer(&pilot, &config).await;
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
