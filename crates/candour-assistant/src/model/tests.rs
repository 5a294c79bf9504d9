//! The transports against the stand-in for their servers.

use candour_core::{
    LanguageModel, ModelCitation, ModelError, ModelEvent, ModelMessage, ModelRequest, ModelRole,
    ModelSource, ModelUsage, StopReason,
};
use candour_standin::{Fault, Reply, Script, Standin, Wire};
use futures_util::StreamExt as _;

use super::anthropic::Anthropic;
use super::http;

type Said = Vec<Result<ModelEvent, ModelError>>;

fn request() -> ModelRequest {
    let blocks = ["You can renew a licence online.", "It costs £20 if you are over 18.", "Fees"];
    ModelRequest {
        instructions: "Cite.".into(),
        sources: vec![ModelSource {
            address: "/licence".into(),
            title: "Licence".into(),
            blocks: blocks.map(Into::into).into(),
        }],
        messages: vec![ModelMessage { role: ModelRole::User, text: "How much is it?".into() }],
        max_output_tokens: 300,
        ..ModelRequest::default()
    }
}

fn anthropic(standin: &Standin) -> Anthropic {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Anthropic {
        client: http::client().unwrap(),
        endpoint: standin.address(),
        model: "a-model".into(),
        key: "a-key".into(),
    }
}

async fn said(model: &dyn LanguageModel) -> Said {
    model.generate(request()).collect().await
}

/// What was said in words, with what each span cites.
fn spans(said: &Said) -> Vec<(String, Vec<ModelCitation>)> {
    let (mut spans, mut text) = (Vec::new(), String::new());
    for event in said.iter().flatten() {
        match event {
            ModelEvent::Text(words) => text.push_str(words),
            ModelEvent::SpanEnd(citations) => {
                spans.push((std::mem::take(&mut text), citations.clone()));
            }
            _ => {}
        }
    }
    assert_eq!(text, "", "words that belong to no span");
    spans
}

fn cite(blocks: std::ops::Range<usize>, quote: &str) -> Vec<ModelCitation> {
    vec![ModelCitation { source: 0, blocks, quote: Some(quote.to_owned()) }]
}

#[tokio::test]
async fn a_message_comes_in_spans_with_what_they_cite() {
    let standin = Standin::start(Script::default()).await.unwrap();
    let model = anthropic(&standin);
    let said = said(&model).await;
    let (first, second) = (&request().sources[0].blocks[0], &request().sources[0].blocks[1]);
    let expected = vec![
        (first.clone(), cite(0..1, first)),
        ("\n\n".to_owned(), Vec::new()),
        (second.clone(), cite(1..2, second)),
    ];
    assert_eq!(spans(&said), expected);
    assert_eq!(said.last(), Some(&Ok(ModelEvent::Stop(StopReason::Finished))));
    let usage = said.iter().rev().find_map(|event| match event {
        Ok(ModelEvent::Usage(usage)) => Some(*usage),
        _ => None,
    });
    let expected = ModelUsage { input_tokens: 37, output_tokens: 15, ..ModelUsage::default() };
    assert_eq!(usage, Some(expected));
    assert_eq!(model.count_tokens(&request()).await, Ok(expected.input_tokens));
}

#[tokio::test]
async fn however_the_bytes_come_the_same_is_said() {
    let standin = Standin::start(Script::default()).await.unwrap();
    let model = anthropic(&standin);
    let plain = spans(&said(&model).await);
    for wire in [
        Wire { split: Some(11), ..Wire::default() },
        Wire { split: Some(9), crlf: true, ..Wire::default() },
        Wire { comments: true, pings: true, ..Wire::default() },
        Wire { unknown: true, split: Some(50), ..Wire::default() },
    ] {
        standin.follow(Script { wire: wire.clone(), ..Script::default() });
        assert_eq!(spans(&said(&model).await), plain, "{wire:?}");
    }
}

#[tokio::test]
async fn stops_are_told_apart() {
    let standin = Standin::start(Script::default()).await.unwrap();
    let model = anthropic(&standin);
    let stopped = |reason: &str| Reply::Stopped(reason.to_owned());
    for (reply, expected) in [
        (Reply::Refusal, StopReason::Refused),
        (stopped("max_tokens"), StopReason::Length),
        (stopped("model_context_window_exceeded"), StopReason::ContextFull),
        (stopped("stop_sequence"), StopReason::Finished),
        (stopped("pause_turn"), StopReason::Other("pause_turn".into())),
    ] {
        standin.follow(Script { reply, ..Script::default() });
        assert_eq!(said(&model).await.pop(), Some(Ok(ModelEvent::Stop(expected))));
    }
}

#[tokio::test]
async fn what_breaks_ends_in_an_error_that_repeats_nothing() {
    let standin = Standin::start(Script::default()).await.unwrap();
    let model = anthropic(&standin);
    for (fault, expected) in [
        (Fault::HangUp, "the connection broke before an answer"),
        (Fault::Page { status: 200 }, "it ended too soon"),
        (Fault::Page { status: 502 }, "not able to answer now (502)"),
        (Fault::Cut { after: 8 }, "the connection broke"),
        (Fault::Short { after: 8 }, "it ended too soon"),
        (Fault::NotJson { after: 3 }, "an event is not as documented"),
        (Fault::Garbage, "it ended too soon"),
        (Fault::EndlessLine, "longer than is read"),
        (Fault::EndlessWords, "longer than is read"),
        (Fault::ErrorEvent { after: 3, kind: "overloaded_error".into() }, "overloaded_error"),
    ] {
        standin.follow(Script::failing(fault.clone()));
        let said = said(&model).await;
        let error = said.last().unwrap().clone().unwrap_err().to_string();
        assert!(error.contains(expected), "{fault:?}: {error}");
        assert!(!error.contains("How much"), "{error}");
    }
}

#[tokio::test]
async fn connections_are_used_again() {
    let standin = Standin::start(Script::default()).await.unwrap();
    let model = anthropic(&standin);
    for _ in 0..5 {
        said(&model).await;
    }
    assert_eq!((standin.requests(), standin.connections()), (5, 1));
}
