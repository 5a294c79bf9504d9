//! A thousand streams at once are carried.

use candour_standin::{Script, Standin};
use serde_json::json;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_streams_at_once_all_end_well() {
    let script = Script { latency_ms: 300, ..Script::default() };
    let standin = Standin::start(script).await.unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let text = json!({"type": "text", "text": "You can renew a licence online at any time."});
    let source = json!({"type": "search_result", "source": "/licence", "title": "Licence",
        "content": [text], "citations": {"enabled": true}});
    let body = json!({"model": "a-model", "max_tokens": 100, "stream": true,
        "messages": [{"role": "user", "content": [source, {"type": "text", "text": "renew?"}]}]});
    let mut streams = JoinSet::new();
    for _ in 0..1000 {
        let request = client
            .post(format!("{}/v1/messages", standin.address()))
            .header("x-api-key", "a-key")
            .header("anthropic-version", "2026-10-21")
            .body(body.to_string());
        streams.spawn(async move { request.send().await.unwrap().text().await.unwrap() });
    }
    while let Some(stream) = streams.join_next().await {
        let stream = stream.unwrap();
        assert!(stream.ends_with("data: {\"type\":\"message_stop\"}\n\n"), "{stream}");
    }
    assert_eq!(standin.requests(), 1000);
}
