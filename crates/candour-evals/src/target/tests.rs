//! Targets over a real socket, and from files: well-behaved, lying, hanging and gone.

use std::time::Duration;

use candour_core::{AnswerStatus, Answerer, AnswererError, Exchange, Question};
use serde_json::{Value, json};
use wiremock::matchers::{body_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

fn question(text: &str) -> Question {
    Question { id: "q".to_owned(), epoch: 1, text: text.to_owned(), ..Question::default() }
}

fn chat(server: &MockServer, key: Option<&str>) -> ChatCompletions {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = ChatOptions {
        model: "m".to_owned(),
        system: Some("Be brief.".to_owned()),
        ..ChatOptions::default()
    };
    ChatCompletions::new(&format!("{}/v1/", server.uri()), key, options).unwrap()
}

async fn serve(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(response).mount(&server).await;
    server
}

#[tokio::test]
async fn a_model_gets_the_conversation_and_the_key() {
    let server = MockServer::start().await;
    let expected = json!({"model": "m", "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Who pays?"},
        {"role": "assistant", "content": "All."},
        {"role": "user", "content": "And I?"},
    ]});
    let body = json!({"choices": [{"message": {"content": "You too."}}]});
    Mock::given(path("/v1/chat/completions"))
        .and(body_json(expected))
        .and(header("authorization", "Bearer k"))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .expect(1)
        .mount(&server)
        .await;
    let earlier = Exchange { question: "Who pays?".into(), answer: "All.".into() };
    let asked = Question { earlier: vec![earlier], ..question("And I?") };
    let target = chat(&server, Some("k"));
    let reply = target.answer(&asked).await.unwrap();
    assert_eq!(reply.text, "You too.");
    assert!(reply.latency_us > 0);
    let endpoint = target.endpoint().unwrap();
    assert_eq!(endpoint.model, "m");
    assert_eq!(endpoint.base_url, format!("{}/v1", server.uri()));
    assert!(!target.identity().contains("Bearer") && target.identity().contains("\"model\":\"m\""));
}

#[tokio::test]
async fn what_is_wrong_is_told_apart() {
    let busy = |status, seconds| AnswererError::Busy {
        status,
        retry_after: Option::map(seconds, Duration::from_secs),
    };
    let refused = |status, detail: &str| AnswererError::Refused { status, detail: detail.into() };
    let error = json!({"error": {"message": "No such model", "code": "x"}});
    let long = json!({"error": {"message": "Shorten it", "code": "question_too_long"}});
    let cases = [
        (ResponseTemplate::new(429).insert_header("retry-after", "7"), busy(429, Some(7))),
        (ResponseTemplate::new(503), busy(503, None)),
        (ResponseTemplate::new(404).set_body_json(error), refused(404, "No such model")),
        (
            ResponseTemplate::new(422).set_body_json(long),
            AnswererError::TooLong("Shorten it".into()),
        ),
        (ResponseTemplate::new(403).set_body_string("<p>Away</p>"), refused(403, "<p>Away</p>")),
        // Nobody follows: the host that was named is the only one.
        (
            ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1:1/"),
            refused(302, ""),
        ),
        (
            ResponseTemplate::new(200).set_body_json(json!({"choices": []})),
            AnswererError::Malformed("`choices` is empty".into()),
        ),
    ];
    for (response, expected) in cases {
        let server = serve(response).await;
        let found = chat(&server, None).answer(&question("q")).await;
        assert_eq!(found.unwrap_err(), expected);
    }
    for (body, expected) in [
        (
            "<!doctype html>\n<title>Sign in</title>",
            "no JSON and begins \"<!doctype html>\\n<title>Sign in</title>\"",
        ),
        ("", "no JSON and begins \"\""),
        ("{}", "its JSON has another shape (missing field `choices`"),
    ] {
        let server = serve(ResponseTemplate::new(200).set_body_string(body)).await;
        let found = chat(&server, None).answer(&question("q")).await.unwrap_err().to_string();
        assert!(found.contains(expected), "{found}");
    }
    let server = serve(ResponseTemplate::new(200).set_body_string("x".repeat(17 << 20))).await;
    let found = chat(&server, None).answer(&question("q")).await.unwrap_err();
    assert_eq!(found.kind(), "malformed");
}

#[tokio::test]
async fn a_host_that_is_gone_may_come_back() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let target = Deployment::new(&address, None).unwrap();
    let error = target.answer(&question("q")).await.unwrap_err();
    assert_eq!((error.kind(), error.may_pass()), ("unreachable", true));
}

#[tokio::test]
async fn a_deployment_is_asked_as_its_readers_ask() {
    let server = MockServer::start().await;
    let turn = |text: &str| {
        json!({"id": "a", "conversation": "c1", "question": "q", "asked_at": "2026-01-01T00:00:00Z",
            "ai_generated": true, "answer": {"status": "partial", "locale": "cy", "nation": null,
            "message": null, "sentences": [{"text": text, "item": false, "nested": false, "citations": []}],
            "sources": [], "links": [{"label": "More", "url": "https://a.example/x", "kind": "page"}],
            "notices": [{"kind": "old", "text": "Old."}], "contacts": [], "snapshot": "s", "timings_ms": {}}})
    };
    let respond = |body: Value, text: &str| {
        Mock::given(path("/api/v1/ask"))
            .and(body_json(body))
            .respond_with(ResponseTemplate::new(200).set_body_json(turn(text)))
            .expect(1)
    };
    let first = json!({"question": "Pwy?", "locale": "cy", "nation": "wales"});
    respond(first, "Neb.").mount(&server).await;
    let second =
        json!({"question": "A fi?", "locale": "cy", "nation": "wales", "conversation": "c1"});
    respond(second, "Ti.").mount(&server).await;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let target = Deployment::new(&server.uri(), None).unwrap();
    let earlier = Exchange { question: "Pwy?".into(), answer: "Rhywun.".into() };
    let asked = Question {
        earlier: vec![earlier],
        locale: candour_core::Locale::Cy,
        nation: Some(candour_core::Nation::Wales),
        ..question("A fi?")
    };
    let reply = target.answer(&asked).await.unwrap();
    assert_eq!((reply.status, reply.text.as_str()), (Some(AnswerStatus::Partial), "Ti.\nOld."));
    assert_eq!(reply.links, ["https://a.example/x"]);
    assert_eq!(reply.cited, None, "nothing is cited");
    assert_eq!(target.endpoint().unwrap().base_url, server.uri());
}

/// What a deployment cites is looked up there, so that it can be held against the quotations.
#[tokio::test]
async fn a_deployment_is_asked_for_the_passages_that_it_cites() {
    let citation = json!({"passage": "/bins#1", "passage_hash": "0".repeat(64), "url": "https://a.example/bins",
        "title": "Bins", "heading": "", "quote": "On Monday.", "start": 0, "end": 10});
    let answer = json!({"status": "answered", "locale": "en", "message": null, "sentences":
        [{"text": "On Monday.", "item": false, "nested": false, "citations": [citation]}],
        "sources": [], "links": [], "notices": [], "contacts": [], "snapshot": "s",
        "choices": [{"id": "1", "label": "A house"}]});
    let source = |passage: &str, state: &str, text: Value| {
        json!({"passage": passage, "url": "https://a.example/bins", "title": "Bins", "heading": "",
            "state": state, "text": text})
    };
    let sources = json!({"sources": [
        source("/bins#1", "unchanged", json!("On Monday. Or not.")),
        source("/bins#2", "changed", json!("On Friday.")),
        source("/bins#3", "gone", json!(null)),
    ]});
    let known = vec![("/bins#1", "On Monday. Or not."), ("/bins#2", "")];
    let cases = [
        (json!("a/../b"), ResponseTemplate::new(200).set_body_json(sources), Some(known)),
        (json!("a/../b"), ResponseTemplate::new(404), None),
        (json!(null), ResponseTemplate::new(200), None),
    ];
    let _ = rustls::crypto::ring::default_provider().install_default();
    for (id, response, expected) in cases {
        let turn = json!({"id": id, "answer": answer});
        let server = serve(ResponseTemplate::new(200).set_body_json(turn)).await;
        Mock::given(method("GET"))
            .and(path("/api/v1/answers/a%2F..%2Fb/sources"))
            .respond_with(response)
            .mount(&server)
            .await;
        let target = Deployment::new(&server.uri(), None).unwrap();
        let reply = target.answer(&question("When?")).await.unwrap();
        let cited = reply.cited.as_ref().map(|cited| {
            let all = cited.iter().map(|one| (one.id.as_str(), one.text.as_str()));
            all.collect::<Vec<_>>()
        });
        assert_eq!(cited, expected);
        assert_eq!(reply.text, "On Monday.\nA house", "the answer is there all the same");
    }
}

#[test]
fn an_address_has_a_scheme_and_a_host() {
    for address in ["", "127.0.0.1:80", "ftp://host", "http://", "file:///etc"] {
        assert!(Deployment::new(address, None).is_err(), "{address}");
    }
}

#[tokio::test]
async fn a_transcript_is_looked_up_by_name_and_epoch() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let open = |text: &str| {
        std::fs::write(file.path(), text).unwrap();
        let name = file.path().display().to_string();
        Transcript::open(file.path()).map_err(|error| error.to_string().replace(&name, "t"))
    };
    let lines = [
        r#"{"format":"candour-eval-run-1"}"#,
        r#"{"id":"q","answer":"first","later":"key"}"#,
        r#"{"id":"q","answer":"once more"}"#,
        r#"{"id":"q","epoch":2,"reply":{"text":"second","status":"answered"}}"#,
        r#"{"id":"e","error":{"kind":"busy","detail":"later"}}"#,
    ];
    let transcript = open(&lines.join("\n")).unwrap();
    let ask = async |id: &str, epoch| {
        let asked = Question { id: id.to_owned(), epoch, ..question("q") };
        transcript.answer(&asked).await.map(|reply| reply.text)
    };
    assert_eq!(ask("q", 1).await.as_deref(), Ok("once more"));
    assert_eq!(ask("q", 2).await.as_deref(), Ok("second"));
    assert_eq!(ask("q", 3).await, Err(AnswererError::NotRecorded));
    let recorded = ask("e", 1).await.unwrap_err();
    assert_eq!((recorded.kind(), recorded.to_string().as_str()), ("busy", "later"));
    let suite = |epochs: u32, ids: &[&str]| {
        let about = format!("name = 'n'\nsamples = []\nscorers = ['status']\nepochs = {epochs}");
        let sample = |id: &&str| crate::suite::Sample {
            id: (*id).into(),
            question: "?".into(),
            ..Default::default()
        };
        crate::suite::Suite::in_memory(&about, ids.iter().map(sample).collect()).unwrap()
    };
    for (epochs, ids, expected) in [
        (2, &["q", "e"][..], (0, None)),
        (1, &["e", "q"], (1, Some("q".to_owned()))),
        (2, &["Q", "q"], (1, Some("e".to_owned()))),
    ] {
        let found = transcript.strange(&suite(epochs, ids)).unwrap();
        assert_eq!((found.count, found.first), expected);
    }
}

/// A file that is no journal is read strictly: nothing that somebody wrote down is passed over.
#[tokio::test]
async fn a_line_of_answers_that_is_not_understood_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let open = |text: &str| {
        std::fs::write(file.path(), text).unwrap();
        let name = file.path().display().to_string();
        Transcript::open(file.path()).map_err(|error| error.to_string().replace(&name, "t"))
    };
    for (text, expected) in [
        (r#"{"answer":"a"}"#, "line 1: missing field `id`"),
        ("\n[]\n", "line 2: invalid"),
        (r#"{"id":"q","answr":"a"}"#, "line 1: unknown field `answr`"),
        (
            "{\"id\":\"p\",\"answer\":\"a\"}\n{\"id\":7}",
            "line 2: invalid type: integer `7`, expected a string (column 7)",
        ),
        (r#"{"id":"q","answer":"a","status":"bogus"}"#, "line 1: unknown variant `bogus`"),
        (
            "{\"id\":\"q\",\"answer\":\"a\"}\n\n{\"id\":\"q\",\"answer\":\"b\"}",
            "line 3: a line before it answers \"q\" at epoch 1",
        ),
        (
            "{\"id\":\"q\",\"answer\":\"a\"}\n{\"id\":\"q\",\"epoch\":1,\"answer\":\"a\"}",
            "line 2: a line before it",
        ),
        ("{\"id\":\"q\",\"answer\":\"a\"}\n{\"id\":\"p\",\"ans", "line 2: EOF"),
        (r#"{"id":"q","answer":"a","reply":{"text":"a"}}"#, "line 1: it has both"),
        (r#"{"id":"q","status":"partial","reply":{"text":"a"}}"#, "line 1: `status` stands beside"),
        (r#"{"id":"q","reply":{"txt":"a"}}"#, "line 1: `reply`: unknown field `txt`"),
        (r#"{"id":"q","reply":{"status":"no"}}"#, "line 1: `reply`: unknown variant `no`"),
    ] {
        let error = open(text).err().unwrap();
        assert!(error.starts_with(&format!("the transcript t, {expected}")), "{error}");
    }
    let record = json!({"id": "r", "epoch": 1, "cluster": "c", "reply": {"text": "a", "links": [], "model": null,
        "latency_us": 3}, "scores": {"status": {"value": 1.0}}});
    let lines = [r#"{"id":"q","answer":"a","status":"abstained"}"#.to_owned(), record.to_string()];
    let transcript = open(&lines.join("\n")).unwrap();
    for (id, status) in [("q", Some(AnswerStatus::Abstained)), ("r", None)] {
        let asked = Question { id: id.to_owned(), ..question("q") };
        let reply = transcript.answer(&asked).await.unwrap();
        assert_eq!((reply.status, reply.text.as_str()), (status, "a"), "{id}");
    }
}
