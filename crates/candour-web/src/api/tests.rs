//! The API, as programs meet it.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};

use crate::asking::{self, NewQuestion};
use crate::failure::Code;
use crate::rate::Asker;
use crate::tests::Pilot;

const ASK: &str = r#"{"question":"How much is a garden waste subscription?"}"#;
const NOBODY: &str = "0e9d2c8a-9a4b-4c8e-8f0e-2f6a5b9c7d11";

#[tokio::test]
async fn a_question_is_answered_kept_and_deleted() {
    let pilot = Pilot::new().await;
    let reply = pilot.post_json("/api/v1/ask", ASK).await;
    assert_eq!((reply.status, reply.header("x-ai-generated")), (StatusCode::OK, "true"));
    let turn = reply.json();
    assert_eq!(turn["ai_generated"], true);
    assert_eq!(turn["masked"], serde_json::json!([]));
    let status = turn["answer"]["status"].as_str().unwrap();
    assert!(["answered", "partial"].contains(&status), "{turn}");
    let sentence = &turn["answer"]["sentences"][0];
    assert!(sentence["citations"][0]["quote"].as_str().is_some_and(|quote| !quote.is_empty()));

    let (id, conversation) = (turn["id"].as_str().unwrap(), turn["conversation"].as_str().unwrap());
    let again = pilot.get(&format!("/api/v1/answers/{id}")).await.json();
    assert_eq!(again["answer"], turn["answer"]);
    assert_eq!(again.get("masked"), None);
    // Who was shown one answer must not come to the whole conversation by it.
    assert!(!again.to_string().contains(conversation), "{again}");

    let follow_up = format!(
        r#"{{"question":"And for pensioners?","conversation":"{conversation}","nation":"england","locale":"cy"}}"#
    );
    let second = pilot.post_json("/api/v1/ask", &follow_up).await.json();
    assert_eq!(
        (&second["conversation"], &second["answer"]["nation"]),
        (&conversation.into(), &"england".into())
    );
    let taken_back = format!(
        r#"{{"question":"And for pensioners?","conversation":"{conversation}","nation":"unknown"}}"#
    );
    let third = pilot.post_json("/api/v1/ask", &taken_back).await.json();
    assert_eq!(third["answer"]["nation"], "wales", "the nation of the pilot itself: {third}");
    let path = format!("/api/v1/conversations/{conversation}");
    assert_eq!(pilot.get(&path).await.json()["turns"].as_array().unwrap().len(), 3);

    let request = Request::delete(&path).body(Body::empty()).unwrap();
    let deleted = pilot.send(request).await.json();
    assert_eq!((&deleted["turns"], &deleted["feedback"]), (&3.into(), &0.into()));
    let receipt: candour_core::SaltedErasure =
        serde_json::from_value(deleted["receipt"].clone()).unwrap();
    assert!(receipt.is_for(candour_core::ConversationId::parse(conversation).unwrap()));
    assert_eq!(pilot.get(&path).await.json()["error"]["code"], "conversation_not_found");
    let gone = pilot.get(&format!("/api/v1/answers/{id}")).await;
    assert_eq!(gone.json()["error"]["code"], "answer_not_found");
}

#[tokio::test]
async fn the_sources_of_an_answer_are_held_against_the_guidance_of_today() {
    let pilot = Pilot::new().await;
    let turn = pilot.post_json("/api/v1/ask", ASK).await.json();
    let conversation =
        candour_core::ConversationId::parse(turn["conversation"].as_str().unwrap()).unwrap();
    let path = |id: &str| format!("/api/v1/answers/{id}/sources");
    let sources = pilot.get(&path(turn["id"].as_str().unwrap())).await.json();
    let first = &sources["sources"][0];
    assert_eq!(first["state"], "unchanged", "{sources}");
    let quote = turn["answer"]["sentences"][0]["citations"][0]["quote"].as_str().unwrap();
    assert!(first["text"].as_str().unwrap().contains(quote));

    let mut kept = pilot.site.database.conversation(conversation, 1).await.unwrap().remove(0);
    kept.id = candour_core::AnswerId::from_random([3; 16]);
    let mut gone = kept.answer.sentences[0].citations[0].clone();
    gone.passage = candour_core::PassageId("/nowhere#0".into());
    let changed = &mut kept.answer.sentences[0].citations[0];
    changed.passage_hash = candour_core::ContentHash::of(b"as it was");
    kept.answer.sentences[0].citations.push(gone);
    kept.answer.sentences.truncate(1);
    pilot.keep(&kept).await;
    let sources = pilot.get(&path(&kept.id.to_string())).await.json();
    let states: Vec<&str> = sources["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| source["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["changed", "gone"]);
    assert_eq!(sources["sources"][1]["text"], serde_json::Value::Null);
}

#[tokio::test]
async fn every_answer_has_a_receipt_that_the_log_commits_to() {
    let pilot = Pilot::new().await;
    let turn = pilot.post_json("/api/v1/ask", ASK).await.json();
    let path = |id: &str| format!("/api/v1/answers/{id}/receipt");
    let reply = pilot.get(&path(turn["id"].as_str().unwrap())).await;
    let receipt: candour_core::SaltedReceipt = serde_json::from_str(&reply.text).unwrap();
    let kept = pilot.site.database.turn(receipt.receipt.answer).await.unwrap().unwrap();
    assert!(receipt.receipt.is_for(&kept));
    assert_eq!(receipt.receipt.written_by, None, "quotes were written by nobody");
    let entry = pilot.site.database.log_entry(receipt.log_position).await.unwrap().unwrap();
    assert_eq!(entry.commitment, receipt.commitment());
    assert!(!reply.text.contains("How much"), "{}", reply.text);
    assert_eq!(pilot.get(&path(NOBODY)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_switched_off_is_off_for_the_next_question() {
    let pilot = Pilot::new().await;
    let set = async |is_on: bool| {
        let state = candour_store::SwitchState {
            switch: candour_store::Switch::Answers,
            is_on,
            reason: pilot.site.assistant.redact("test"),
            set_by: "test".into(),
            set_at: jiff::Timestamp::UNIX_EPOCH,
        };
        pilot.site.database.set_switch(&state).await.unwrap();
    };
    let ask = async |question: &str| {
        let body = serde_json::json!({ "question": question }).to_string();
        pilot.post_json("/api/v1/ask", &body).await.json()["answer"].clone()
    };
    let question = "How much is a garden waste subscription?";
    assert_ne!(ask(question).await["sentences"], serde_json::json!([]));
    set(false).await;
    let off = ask(question).await;
    assert_eq!(
        (off["status"].as_str(), &off["sentences"]),
        (Some("signposted"), &serde_json::json!([]))
    );
    assert!(off["message"].as_str().unwrap().contains("switched off"), "{off}");
    let crisis = ask("I want to kill myself").await;
    assert!(crisis.to_string().contains("116 123"), "who is in danger is still helped: {crisis}");
    set(true).await;
    assert_ne!(ask(question).await["sentences"], serde_json::json!([]));
}

#[tokio::test]
async fn personal_data_is_masked_and_said_to_be() {
    let pilot = Pilot::new().await;
    let body = r#"{"question":"Can jo.canary@example.org get a Blue Badge?"}"#;
    let reply = pilot.post_json("/api/v1/ask", body).await;
    assert!(!reply.text.contains("canary"), "{}", reply.text);
    insta::assert_json_snapshot!(reply.json()["masked"], @r#"
    [
      {
        "kind": "email",
        "start": 4,
        "end": 25
      }
    ]
    "#);
}

#[tokio::test]
async fn what_is_noticed_in_a_question_is_kept_beside_its_answer() {
    let pilot = Pilot::new().await;
    for (question, expected) in [
        ("How much is a garden waste subscription?", vec![]),
        ("You are useless. How much is a garden waste subscription?", vec!["abuse"]),
        ("I want to die", vec!["crisis"]),
    ] {
        let body = serde_json::json!({ "question": question }).to_string();
        let turn = pilot.post_json("/api/v1/ask", &body).await.json();
        let id = candour_core::AnswerId::parse(turn["id"].as_str().unwrap()).unwrap();
        let signals = pilot.site.database.signals_of(id).await.unwrap();
        assert_eq!(signals, expected, "{question}");
    }
}

#[tokio::test]
async fn an_answer_comes_as_a_stream() {
    let pilot = Pilot::new().await;
    let reply = pilot.post_json("/api/v1/ask/stream", ASK).await;
    assert_eq!(reply.header("content-type"), "text/event-stream");
    let names: Vec<&str> =
        reply.text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    let stages = names.iter().filter(|name| **name == "stage").count();
    let sentences = names.iter().filter(|name| **name == "sentence").count();
    assert_eq!((names[0], names.last()), ("conversation", Some(&"done")), "{names:?}");
    assert_eq!(names.len(), stages + sentences + 2, "{names:?}");
    assert!(stages >= 3, "{names:?}");
    let done = reply.text.split("event: done\ndata: ").nth(1).unwrap().lines().next().unwrap();
    let turn: serde_json::Value = serde_json::from_str(done).unwrap();
    assert_eq!(turn["answer"]["sentences"].as_array().unwrap().len(), sentences);
    let first = reply.text.split("event: conversation\ndata: ").nth(1).unwrap();
    let first: serde_json::Value = serde_json::from_str(first.lines().next().unwrap()).unwrap();
    assert_eq!(first, serde_json::json!({ "conversation": turn["conversation"] }));
    let kept = pilot.get(&format!("/api/v1/answers/{}", turn["id"].as_str().unwrap())).await;
    assert_eq!(kept.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_deleted_before_its_first_answer_is_not_kept() {
    let pilot = Pilot::new().await;
    let question = || NewQuestion {
        text: "How much is a parking permit for a second car?".into(),
        locale: candour_core::Locale::En,
        nation: candour_core::Stated::Nothing,
        audience: candour_core::Stated::Nothing,
        chosen: None,
        leads_up: false,
        from: Asker::of_address(std::net::Ipv4Addr::LOCALHOST.into()),
    };
    let thread = async || asking::thread(&pilot.site, None).await.unwrap();
    let (kept, deleted) = (thread().await, thread().await);
    let (kept, deleted) =
        (kept.begun(&pilot.site).await.unwrap(), deleted.begun(&pilot.site).await.unwrap());
    let path = |id| format!("/api/v1/conversations/{id}");
    let (kept_at, deleted_at) = (path(kept.id), path(deleted.id));

    // Its reader was told its name, and has deleted it while the answer was made.
    let reply = pilot.send(Request::delete(&deleted_at).body(Body::empty()).unwrap()).await;
    assert_eq!((reply.status, reply.json()["turns"].as_u64()), (StatusCode::OK, Some(0)));
    let late = asking::ask(&pilot.site, deleted, question(), |_| {}).await;
    assert!(late.is_err_and(|failure| failure.code == Code::ConversationNotFound));
    assert_eq!(pilot.get(&deleted_at).await.status, StatusCode::NOT_FOUND);

    let asked = asking::ask(&pilot.site, kept, question(), |_| {}).await.unwrap();
    assert_eq!(pilot.get(&kept_at).await.status, StatusCode::OK);
    let receipt = pilot.site.database.receipt(asked.turn.id).await.unwrap();
    assert!(receipt.is_some_and(|receipt| receipt.log_position == 1), "one erasure, one answer");
}

#[tokio::test]
async fn feedback_is_kept() {
    let pilot = Pilot::new().await;
    let turn = pilot.post_json("/api/v1/ask", ASK).await.json();
    let id = turn["id"].as_str().unwrap();
    let path = format!("/api/v1/answers/{id}/feedback");
    let body = r#"{"verdict":"wrong","comment":"Call jo.canary@example.org"}"#;
    assert_eq!(pilot.post_json(&path, body).await.status, StatusCode::NO_CONTENT);
    let answer = candour_core::AnswerId::parse(id).unwrap();
    let kept = pilot.site.database.feedback(answer).await.unwrap().unwrap();
    assert_eq!(kept.verdict, candour_core::FeedbackVerdict::Wrong);
    assert!(!kept.comment.as_str().contains("canary"));
}

#[tokio::test]
async fn passages_are_found() {
    let pilot = Pilot::new().await;
    let body = r#"{"text":"garden waste","limit":3,"locale":"en","nation":"wales"}"#;
    let found = pilot.post_json("/api/v1/search", body).await.json();
    let hits = found["hits"].as_array().unwrap();
    assert!((1..=3).contains(&hits.len()), "{found}");
    assert!(found["ms"].as_f64().is_some());
    let mut keys: Vec<&String> = hits[0].as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["heading", "locale", "passage", "score", "title", "url"]);
    assert_eq!(hits[0]["locale"], "en");
    let body = r#"{"text":"How much is a permit for a second car?"}"#;
    let found = pilot.post_json("/api/v1/search", body).await.json();
    let parts = found["parts"].as_array().unwrap();
    let text = |part: &serde_json::Value| part["text"].as_str().unwrap().to_owned();
    assert!(text(&parts[0]).starts_with("Second car |") && parts.len() <= 5, "{found}");
    assert!(parts[0]["before"][0].as_str().unwrap().starts_with("Permit |"), "{found}");
    assert!(found["hits"].as_array().unwrap().iter().any(|hit| hit["url"] == parts[0]["url"]));
}

#[tokio::test]
async fn what_is_written_for_others_is_left_out_where_that_is_chosen() {
    let pilot = Pilot::new().await;
    let with = |field: &str, audience: &str| {
        format!(r#"{{"{field}":"When must I register a food business?","audience":"{audience}"}}"#)
    };
    for (audience, is_there) in [("business", true), ("individual", false)] {
        let found = pilot.post_json("/api/v1/search", &with("text", audience)).await.json();
        let page = "https://www.aberwen.example/business/register-food-business";
        assert_eq!(found.to_string().contains(page), is_there, "{found}");
        if is_there {
            assert_eq!(found["hits"][0]["audiences"], serde_json::json!(["business"]), "{found}");
        }
        let turn = pilot.post_json("/api/v1/ask", &with("question", audience)).await.json();
        let answer = &turn["answer"];
        assert_eq!(answer["audience"], audience);
        assert_eq!(answer["sources"].to_string().contains(page), is_there, "{answer}");
        let is_told = answer["notices"].to_string().contains(r#""kind":"audience""#);
        assert_eq!(is_told, !is_there, "{answer}");
        if is_there {
            assert_eq!(answer["sources"][0]["audiences"][0], "business");
        }
    }
}

#[tokio::test]
async fn the_service_says_how_it_is() {
    let pilot = Pilot::new().await;
    assert_eq!(pilot.get("/api/v1/health").await.json()["status"], "ok");
    assert_eq!(pilot.get("/api/v1/ready").await.json()["status"], "ready");
    assert_eq!(pilot.get("/api/v1/version").await.json()["api"], "v1");
    let document = pilot.get("/api/v1/openapi.json").await.json();
    assert!(document["paths"]["/api/v1/ask"]["post"].is_object());
    let empty = Pilot::empty().await;
    assert_eq!(empty.get("/api/v1/health").await.status, StatusCode::OK);
    let reply = empty.get("/api/v1/ready").await;
    assert_eq!((reply.status.as_u16(), &reply.json()["error"]["code"]), (503, &"not_ready".into()));
}

#[tokio::test]
async fn every_failure_has_its_code() {
    let pilot = Pilot::new().await;
    let long = format!(r#"{{"question":"{}"}}"#, "a".repeat(2001));
    let large = format!(r#"{{"question":"{}"}}"#, "a".repeat(70 * 1024));
    let unknown = format!(r#"{{"question":"x","conversation":"{NOBODY}"}}"#);
    let feedback = format!("/api/v1/answers/{NOBODY}/feedback");
    let comment = format!(r#"{{"verdict":"useful","comment":"{}"}}"#, "a".repeat(2001));
    for (path, body, status, code) in [
        ("/api/v1/ask", "{", 400, "invalid_json"),
        ("/api/v1/ask", "", 400, "invalid_json"),
        ("/api/v1/ask", "\u{0}", 400, "invalid_json"),
        ("/api/v1/ask", "[]", 400, "invalid_request"),
        ("/api/v1/ask", r#"["x","en",null,null]"#, 400, "invalid_request"),
        ("/api/v1/ask", r#"{"question":1}"#, 400, "invalid_request"),
        ("/api/v1/ask", r#"{"question":"x","colour":"red"}"#, 400, "invalid_request"),
        ("/api/v1/ask", r#"{"question":"x","nation":"mars"}"#, 400, "invalid_request"),
        ("/api/v1/ask", r#"{"question":"x","audience":"droids"}"#, 400, "invalid_request"),
        ("/api/v1/ask", r#"{"question":"x","conversation":"x"}"#, 400, "invalid_identifier"),
        ("/api/v1/ask", &unknown, 404, "conversation_not_found"),
        ("/api/v1/ask", r#"{"question":" \u0000\u200b "}"#, 422, "question_empty"),
        ("/api/v1/ask", &long, 422, "question_too_long"),
        ("/api/v1/ask", &large, 413, "too_large"),
        ("/api/v1/ask/stream", r#"{"question":""}"#, 422, "question_empty"),
        ("/api/v1/search", r#"{"text":""}"#, 422, "question_empty"),
        ("/api/v1/search", r#"{"text":"x","limit":0}"#, 400, "invalid_request"),
        ("/api/v1/search", r#"{"text":"x","limit":-1}"#, 400, "invalid_request"),
        (&feedback, r#"{"verdict":"useful"}"#, 404, "answer_not_found"),
        (&feedback, r#"{"verdict":"splendid"}"#, 400, "invalid_request"),
        (&feedback, &comment, 422, "comment_too_long"),
        ("/api/v1/nowhere", "{}", 404, "not_found"),
        ("/api/v1/health", "{}", 405, "method_not_allowed"),
    ] {
        let reply = pilot.post_json(path, body).await;
        let shown: String = body.chars().take(60).collect();
        assert_eq!(reply.status.as_u16(), status, "{path} {shown}: {}", reply.text);
        let json = reply.json();
        assert_eq!(json["error"]["code"], code, "{path} {shown}");
        assert!(json["error"]["message"].as_str().is_some_and(|message| message.len() > 20));
        assert_eq!(reply.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn a_stream_does_not_begin_where_there_is_nothing_to_answer_from() {
    let pilot = Pilot::empty().await;
    let reply = pilot.post_json("/api/v1/ask/stream", r#"{"question":"Which bin is for glass?"}"#);
    let reply = reply.await;
    assert_eq!(reply.status.as_u16(), 503);
    assert_eq!(reply.json()["error"]["code"], "not_ready");
}

#[tokio::test]
async fn requests_that_are_not_json_are_refused_in_json() {
    let pilot = Pilot::new().await;
    for (method, path, status, code) in [
        (Method::POST, "/api/v1/ask".to_owned(), 415, "unsupported_media_type"),
        (Method::GET, "/api/v1/ask".to_owned(), 405, "method_not_allowed"),
        (Method::GET, "/api/v1/answers/x".to_owned(), 400, "invalid_identifier"),
        (Method::GET, "/api/v1/answers/%ff".to_owned(), 400, "invalid_request"),
        (Method::GET, format!("/api/v1/answers/{NOBODY}"), 404, "answer_not_found"),
        (Method::GET, format!("/api/v1/answers/{NOBODY}/sources"), 404, "answer_not_found"),
        (Method::GET, format!("/api/v1/conversations/{NOBODY}"), 404, "conversation_not_found"),
        (Method::DELETE, format!("/api/v1/conversations/{NOBODY}"), 404, "conversation_not_found"),
        (Method::GET, "/api/v2".to_owned(), 404, "not_found"),
        (Method::GET, "/api".to_owned(), 404, "not_found"),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(&path)
            .header(header::CONTENT_TYPE, "text/plain")
            .body(Body::from("question"))
            .unwrap();
        let reply = pilot.send(request).await;
        assert_eq!(reply.status.as_u16(), status, "{path}: {}", reply.text);
        assert_eq!(reply.json()["error"]["code"], code, "{path}");
    }
    assert_eq!(
        pilot.get("/api/v1/ask").await.header("allow"),
        "POST",
        "a method that is refused names those that are taken"
    );
}

#[tokio::test]
async fn who_is_asked_for_circumstances_can_choose_or_not_know() {
    let pilot = Pilot::new().await;
    let ask = r#"{"question":"When is the deadline to apply for a school place?"}"#;
    let asked = pilot.post_json("/api/v1/ask", ask).await.json();
    assert_eq!(asked["answer"]["status"], "clarify", "{asked}");
    let choices = serde_json::json!([
        {"id": "1", "label": "Primary school"},
        {"id": "2", "label": "Secondary school"},
        {"id": "unknown", "label": "I do not know"},
    ]);
    assert_eq!(asked["answer"]["choices"], choices);
    let conversation = asked["conversation"].as_str().unwrap();
    let choose = |choice: &str| {
        serde_json::json!({"conversation": conversation, "choice": choice}).to_string()
    };
    for wrong in ["0", "3", "primary", ""] {
        let refused = pilot.post_json("/api/v1/ask", &choose(wrong)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert_eq!(refused.json()["error"]["code"], "choice_not_offered");
    }
    let reply = pilot.post_json("/api/v1/ask", &choose("2")).await.json();
    assert_eq!(reply["question"], "Secondary school");
    let text = reply["answer"]["sentences"].to_string();
    assert!(text.contains("27 November 2026") && !text.contains("15 January 2027"), "{text}");
    assert_eq!(reply["answer"].get("choices"), None);
    // What was answered offers nothing any more.
    let again = pilot.post_json("/api/v1/ask", &choose("1")).await.json();
    assert_eq!(again["error"]["code"], "choice_not_offered");
}
