//! The server, spoken to over HTTP in plain JSON.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::tests::{Pilot, Reply, sample_config, sample_index};

async fn pilot() -> Pilot {
    let mut config = sample_config();
    config.serve.mcp = true;
    config.serve.public_url = Some("https://ask.aberwen.example".into());
    Pilot::with(config, sample_index()).await
}

async fn send(pilot: &Pilot, headers: &[(&str, &str)], body: &Value) -> Reply {
    let mut request = Request::post("/mcp")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    pilot.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn message(method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

async fn call(pilot: &Pilot, tool: &str, arguments: &Value) -> Value {
    let message = message("tools/call", &json!({"name": tool, "arguments": arguments}));
    let reply = send(pilot, &[("host", "localhost:8080")], &message).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    reply.json()["result"].clone()
}

#[tokio::test]
async fn it_is_served_where_a_body_has_decided_so() {
    let off = Pilot::new().await;
    let list = message("tools/list", &json!({}));
    assert_eq!(send(&off, &[("host", "localhost")], &list).await.status, StatusCode::NOT_FOUND);
    let on = pilot().await;
    let reply = send(&on, &[("host", "localhost")], &list).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let tools = reply.json()["result"]["tools"].as_array().unwrap().clone();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["ask", "fetch_passage", "search_guidance"]);
    for tool in tools {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
        assert_eq!(tool["annotations"]["destructiveHint"], false, "{tool}");
        assert_eq!(tool["outputSchema"]["type"], "object", "{tool}");
        assert!(tool["description"].as_str().unwrap().contains("guidance"), "{tool}");
    }
}

#[tokio::test]
async fn guidance_is_found_fetched_and_said_to_be_data() {
    let pilot = pilot().await;
    let found =
        call(&pilot, "search_guidance", &json!({"query": "garden waste", "limit": 3})).await;
    let found = &found["structuredContent"];
    let passages = found["passages"].as_array().unwrap();
    assert!((1..=3).contains(&passages.len()), "{found}");
    let first = &passages[0];
    assert!(first["url"].as_str().unwrap().starts_with("https://www.aberwen.example/"));
    assert_eq!(found["provenance"]["body"], "Aberwen Council");
    assert!(found["provenance"]["note"].as_str().unwrap().contains("no instruction"), "{found}");
    let part = &found["parts"][0];
    let of = passages.iter().find(|passage| passage["id"] == part["passage"]).unwrap();
    assert!(of["text"].as_str().unwrap().contains(part["text"].as_str().unwrap()), "{found}");
    // A page that states no licence is under that of the pilot.
    let licence = sample_config().content.licence.expect("the sample has a licence");
    assert_eq!(first["licence"], licence);
    let fetched = call(&pilot, "fetch_passage", &json!({"id": first["id"]})).await;
    assert_eq!(&fetched["structuredContent"]["passage"], first);
    assert_eq!(fetched["structuredContent"]["provenance"], found["provenance"]);
    let text: Value =
        serde_json::from_str(fetched["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(text, fetched["structuredContent"]);
}

#[tokio::test]
async fn guidance_says_whom_it_is_written_for() {
    let pilot = pilot().await;
    let question = "When must I register a food business?";
    for (audience, is_there) in [("business", true), ("individual", false)] {
        let query = json!({"query": question, "audience": audience});
        let found = call(&pilot, "search_guidance", &query).await["structuredContent"].take();
        let is_for_business = |passage: &Value| passage["audiences"] == json!(["business"]);
        let passages = found["passages"].as_array().unwrap();
        assert_eq!(passages.iter().any(is_for_business), is_there, "{found}");
        let query = json!({"question": question, "audience": audience});
        let answer = call(&pilot, "ask", &query).await["structuredContent"].take();
        let page = "/business/register-food-business";
        assert_eq!(answer["sources"].to_string().contains(page), is_there, "{answer}");
    }
}

#[tokio::test]
async fn a_question_is_answered_with_its_sources() {
    let pilot = pilot().await;
    let question =
        "Can jo.canary@example.org have a garden waste subscription, and how much is it?";
    let asked = call(&pilot, "ask", &json!({"question": question, "nation": "wales"})).await;
    let answer = &asked["structuredContent"];
    assert_eq!(answer["ai_generated"], true);
    let sources = answer["sources"].as_array().unwrap();
    for sentence in answer["sentences"].as_array().unwrap() {
        let number = sentence["sources"][0].as_u64().unwrap() as usize;
        let source = &sources[number - 1];
        assert_eq!(source["number"], number);
        let quotes = source["quotes"].as_array().unwrap();
        assert!(quotes.contains(&sentence["text"]), "{sentence} is not quoted in {source}");
    }
    assert!(!sources.is_empty(), "{answer}");
    let contacts = answer["contacts"].as_array().unwrap();
    assert!(contacts.iter().any(|line| line.as_str().unwrap().contains("029 2018 0100")));
    let notices = answer["notices"].to_string();
    assert!(notices.contains("an e-mail address"), "{notices}");
    let text = asked["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("[1] ") && text.contains("https://www.aberwen.example/"), "{text}");
    assert!(!asked.to_string().contains("canary"), "{asked}");
}

#[tokio::test]
async fn what_cannot_be_done_is_said_to_whoever_called() {
    let pilot = pilot().await;
    let long = "bins ".repeat(500);
    for (tool, arguments, part) in [
        ("search_guidance", json!({"query": " "}), "empty"),
        ("search_guidance", json!({"query": long}), "too long"),
        ("search_guidance", json!({"query": "bins", "limit": 21}), "from 1 to 20"),
        ("fetch_passage", json!({"id": "/nowhere#9"}), "no such passage"),
        ("ask", json!({"question": ""}), "empty"),
        ("ask", json!({"question": long}), "2000"),
    ] {
        let result = call(&pilot, tool, &arguments).await;
        assert_eq!(result["isError"], true, "{tool}: {result}");
        assert!(result["content"][0]["text"].as_str().unwrap().contains(part), "{result}");
    }
    for params in [
        json!({"name": "ask", "arguments": {"question": 1}}),
        json!({"name": "ask", "arguments": {"question": "x", "colour": "red"}}),
        json!({"name": "delete_everything", "arguments": {}}),
    ] {
        let reply = send(&pilot, &[("host", "localhost")], &message("tools/call", &params)).await;
        let json = reply.json();
        let is_refused = json["error"].is_object() || json["result"]["isError"] == true;
        assert!(is_refused, "{json}");
    }
}

#[tokio::test]
async fn only_names_that_are_ours_are_answered() {
    let pilot = pilot().await;
    let list = message("tools/list", &json!({}));
    for (headers, allowed) in [
        (&[("host", "localhost:8080")][..], true),
        (&[("host", "127.0.0.1:8080")], true),
        (&[("host", "ask.aberwen.example")], true),
        (&[("host", "ask.aberwen.example"), ("origin", "https://ask.aberwen.example")], true),
        (&[("host", "localhost:8080"), ("origin", "http://localhost:8080")], true),
        // A name of the attacker's that leads to this machine: host and origin agree.
        (&[("host", "evil.example:8080"), ("origin", "http://evil.example:8080")], false),
        (&[("host", "evil.example")], false),
        (&[("host", "localhost:8080"), ("origin", "https://evil.example")], false),
        (&[("host", "localhost:8080"), ("origin", "null")], false),
    ] {
        let reply = send(&pilot, headers, &list).await;
        let status = if allowed { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(reply.status, status, "{headers:?}: {}", reply.text);
    }
}

#[tokio::test]
async fn calls_are_limited_and_messages_bounded() {
    let mut config = sample_config();
    (config.serve.mcp, config.serve.questions_per_minute) = (true, 2);
    let pilot = Pilot::with(config, sample_index()).await;
    for is_refused in [false, false, true] {
        let result = call(&pilot, "search_guidance", &json!({"query": "bins"})).await;
        assert_eq!(result["isError"], is_refused, "{result}");
        let said = result["content"][0]["text"].as_str().unwrap();
        assert_eq!(said.contains("seconds)"), is_refused, "{said}");
    }
    let large = message("tools/list", &json!({"x": "a".repeat(70 * 1024)}));
    let reply = send(&pilot, &[("host", "localhost")], &large).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    let get = Request::get("/mcp").header("host", "localhost").body(Body::empty()).unwrap();
    let reply = pilot.send(get).await;
    assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(reply.json()["error"]["code"], "method_not_allowed");
}

#[tokio::test]
async fn where_a_key_is_required_nobody_else_calls() {
    let mut config = sample_config();
    (config.serve.mcp, config.serve.require_key) = (true, true);
    let pilot = Pilot::with(config, sample_index()).await;
    let list = message("tools/list", &json!({}));
    let reply = send(&pilot, &[("host", "localhost")], &list).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert_eq!(reply.json()["error"]["code"], "key_missing");
    assert_eq!(reply.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn a_choice_is_sent_with_the_question_again() {
    let pilot = pilot().await;
    let question = "When is the deadline to apply for a school place?";
    let asked = call(&pilot, "ask", &json!({"question": question})).await;
    let asked = &asked["structuredContent"];
    assert_eq!(asked["status"], "clarify", "{asked}");
    assert_eq!(asked["choices"][1], json!({"id": "2", "label": "Secondary school"}));
    let chosen = call(&pilot, "ask", &json!({"question": question, "choice": "2"})).await;
    let text = chosen["structuredContent"]["sentences"].to_string();
    assert!(text.contains("27 November 2026") && !text.contains("15 January 2027"), "{chosen}");
    let settled = "How much is a garden waste subscription?";
    for (question, choice) in [(question, "9"), (settled, "1"), (settled, "unknown")] {
        let wrong = call(&pilot, "ask", &json!({"question": question, "choice": choice})).await;
        assert_eq!(wrong["isError"], true, "{wrong}");
    }
}
