//! What is told of a request to whoever gathers traces: its parts, in their places, and no word of anybody.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use candour_assistant::{Ask, Assistant, Routed};
use candour_core::{ContentHash, ModelIdentity, ReplyEnd};
use serde_json::json;

use super::*;
use crate::tests::{Pilot, sample_config, sample_index};
use crate::{App, router};

const QUESTION: &str = "How much is a garden waste subscription for jo.canary@example.org?";
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Keeps what it is told.
#[derive(Clone, Default)]
struct Taken(Arc<Mutex<Vec<Span>>>);

impl Spans for Taken {
    fn take(&self, span: Span) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(span);
    }
}

impl Taken {
    fn all(&self) -> Vec<Span> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

async fn pilot(follows_callers: bool) -> (Pilot, Taken) {
    let mut config = sample_config();
    config.serve.mcp = true;
    let mut pilot = Pilot::with(config.clone(), sample_index()).await;
    let assistant = Assistant::new(sample_index(), &config);
    let taken = Taken::default();
    let app = App::new(config, assistant, sample_index(), pilot.site.database.clone())
        .with_spans(Arc::new(taken.clone()), follows_callers);
    (pilot.site, pilot.router) = (Arc::clone(&app.site), router(app));
    (pilot, taken)
}

/// What each span is and is a part of, in the order in which they ended.
fn shape(spans: &[Span]) -> Vec<(String, Option<String>)> {
    let name = |span: &Span| match &span.what {
        What::Request { method, route, status } => {
            format!("{method} {} {status:?}", route.as_ref().map_or("-", Route::as_str))
        }
        What::Answer { end, .. } => format!("{end:?}"),
        What::Stage(name) => (*name).to_owned(),
        What::Call(stage, attempt) => format!("{stage}: {}", attempt.model.model),
    };
    let parent = |span: &Span| {
        let parent = span.place.parent?;
        Some(spans.iter().find(|other| other.place.span == parent).map_or_else(|| "?".into(), name))
    };
    spans.iter().map(|span| (name(span), parent(span))).collect()
}

const STAGES: [&str; 5] = ["screen", "route", "retrieve", "compose", "verify"];

fn answered(request: &str) -> Vec<(String, Option<String>)> {
    let answer = "Ok(Answered)".to_owned();
    let stages = STAGES.map(|stage| (stage.to_owned(), Some(answer.clone())));
    let mut shape = stages.to_vec();
    shape.push((answer, Some(request.to_owned())));
    shape
}

/// On every way to ask an answer is a part of its request, also where another task makes it.
#[tokio::test]
async fn each_part_is_in_its_place_and_holds_no_word() {
    let (pilot, taken) = pilot(false).await;
    let body = json!({ "question": QUESTION }).to_string();
    let chat = json!({ "model": "assistant", "stream": true,
        "messages": [{ "role": "user", "content": QUESTION }] });
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "ask", "arguments": { "question": QUESTION } } });
    let mut said = Vec::new();
    for (path, body, request) in [
        ("/api/v1/ask", &body, "POST /api/v1/ask Some(200)"),
        ("/api/v1/ask/stream", &body, "POST /api/v1/ask/stream Some(200)"),
        ("/v1/chat/completions", &chat.to_string(), "POST /v1/chat/completions Some(200)"),
        ("/mcp", &call.to_string(), "POST /mcp Some(200)"),
    ] {
        pilot.site.assistant.forget();
        let sent = Request::post(path)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("host", "localhost")
            .header("traceparent", PARENT);
        let reply = pilot.send(sent.body(Body::from(body.clone())).unwrap()).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        let mut spans = taken.all();
        said.push(format!("{spans:?}"));
        let trace = spans[0].place.trace;
        assert!(spans.iter().all(|span| span.place.trace == trace));
        assert_ne!(
            traceparent(PARENT).map(|(trace, ..)| trace),
            Some(trace),
            "nobody was to be followed"
        );
        // A stream may go on after the head of the response, which ends the request.
        let at = spans.iter().position(|span| matches!(span.what, What::Request { .. })).unwrap();
        let last = spans.remove(at);
        spans.push(last);
        let mut expected = answered(request);
        expected.push((request.to_owned(), None));
        assert_eq!(shape(&spans), expected);
        let answer = &spans[STAGES.len()];
        for stage in &spans[..STAGES.len()] {
            let rounding = Duration::from_micros(1);
            assert!(stage.began + rounding >= answer.began, "{stage:?}");
            assert!(stage.began + stage.took <= answer.began + answer.took + rounding, "{stage:?}");
        }
    }
    for word in ["garden", "canary", "[email", "127.0.0.1", "Aberwen"] {
        assert!(!said.iter().any(|spans| spans.contains(word)), "{word} is in {said:?}");
    }
}

#[tokio::test]
async fn what_fails_or_is_nowhere_is_told_without_what_was_asked_for() {
    let (pilot, taken) = pilot(false).await;
    pilot.post_json("/api/v1/ask", &json!({ "question": " " }).to_string()).await;
    pilot.get("/no/such/canary").await;
    let odd = Request::builder().method("CANARY").uri("/?canary=1").header("cookie", "canary");
    pilot.send(odd.body(Body::empty()).unwrap()).await;
    let spans = taken.all();
    let names: Vec<String> = shape(&spans).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "Err(\"question_empty\")",
            "POST /api/v1/ask Some(422)",
            "GET - Some(404)",
            "_OTHER / Some(405)"
        ]
    );
    assert!(!format!("{spans:?}").to_lowercase().contains("canary"), "{spans:?}");
}

#[tokio::test]
async fn whoever_goes_away_leaves_an_answer_that_was_given_up() {
    let (pilot, taken) = pilot(false).await;
    let body = json!({ "question": QUESTION }).to_string();
    {
        // Until the assistant may compute, the answer has begun and is waited for.
        let computations = &pilot.site.computations;
        let all = computations.available_permits().try_into().unwrap();
        let _busy = computations.acquire_many(all).await.unwrap();
        let asking = pilot.post_json("/api/v1/ask", &body);
        let waited = tokio::time::timeout(Duration::from_millis(300), asking).await;
        assert!(waited.is_err(), "it cannot be answered");
    }
    let spans = taken.all();
    let names: Vec<String> = shape(&spans).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Err(\"given_up\")", "POST /api/v1/ask None"]);
}

#[tokio::test]
async fn a_caller_is_followed_where_that_is_wanted() {
    let (pilot, taken) = pilot(true).await;
    let get = async |parent: &str| {
        let sent = Request::get("/about").header("traceparent", parent);
        pilot.send(sent.body(Body::empty()).unwrap()).await;
        taken.all()
    };
    let followed = get(PARENT).await;
    let place = followed[0].place;
    assert_eq!(Some((place.trace, place.parent.unwrap(), true)), traceparent(PARENT));
    let unsampled = format!("{}00", &PARENT[..53]);
    assert_eq!(get(&unsampled).await, [], "the caller gathers nothing of this trace");
    for wrong in ["", "00", "00-canary-canary-01", &PARENT.to_uppercase(), "00-é"] {
        let own = get(wrong).await;
        assert_eq!((own.len(), own[0].place.parent), (1, None), "{wrong}");
    }
}

#[test]
fn a_model_that_sorts_has_one_name_in_traces_and_timings() {
    let assistant = Assistant::new(sample_index(), &sample_config());
    let ask = Ask::new(QUESTION, Timestamp::UNIX_EPOCH);
    let mut outcome = assistant.ask(&ask, &mut |_| {}).unwrap();
    let model = ModelIdentity { transport: "test".into(), model: "a-sorter".into() };
    let prompt = ContentHash::of(b"sort");
    let (label, end, milliseconds) = (None, ReplyEnd::TimedOut, 2.0);
    outcome.routed = Some(Routed { model, prompt, label, end, attempts: Vec::new(), milliseconds });
    let stages: Vec<(&str, f64)> = asked(&outcome).map(|(stage, took, _)| (stage, took)).collect();
    assert_eq!(stages, [("sort", 2.0)]);
}
