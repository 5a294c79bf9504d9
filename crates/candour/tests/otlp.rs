//! Traces: what the real program sends to a collector while it answers with models, and what it does where
//! the collector is silent. The collector is a socket, and its protobuf is read here without the library
//! that wrote it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by panicking")]
#![cfg(unix)]

#[path = "otlp/collector.rs"]
mod collector;
#[path = "otlp/protobuf.rs"]
mod protobuf;
mod server;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use candour_standin::{Fault, Script, Standin};
use serde_json::{Value, json};
use tempfile::TempDir;

use collector::Collector;
use protobuf::Sent;
use server::{PATIENCE, Server};

const QUESTION: &str = "How much is a garden waste subscription? Write to jo.canary@example.org";

/// The sample pilot with models, served.
struct Served {
    server: Server,
    _folder: TempDir,
}

impl Served {
    fn new(standin: &str, collector: &Collector, settings: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample");
        let sampled = fs::read_to_string(sample.join("candour.toml")).unwrap();
        let model = |section: &str, name: &str| {
            format!(
                "\n[[{section}.models]]\ntransport = \"anthropic\"\nmodel = \"{name}\"\n\
                 endpoint = \"{standin}\"\nkey_variable = \"THE_KEY\"\n\
                 price = {{ input = 2.0, output = 10.0 }}\n"
            )
        };
        let models = [model("generation", "the-writer"), model("judge", "the-judge")];
        fs::write(folder.path().join("candour.toml"), sampled + &models.concat()).unwrap();
        let content = format!("dir:{}", sample.join("content").display());
        let done = candour(folder.path(), &["ingest", &content]).status().unwrap();
        assert!(done.success());
        let mut serve = candour(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
        serve.env("THE_KEY", "sk-canary").env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address());
        serve.env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20secret");
        serve.envs(settings.iter().copied());
        let server = Server::start(&mut serve, folder.path().join("log"));
        Self { server, _folder: folder }
    }

    fn request(&self, method: &str, path: &str, body: &str) -> String {
        let headers = "User-Agent: canary\r\nX-Forwarded-For: 203.0.113.77\r\nCookie: conversation=canary\r\n\
             traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";
        self.server.request(method, path, headers, body).1
    }

    fn ask(&self, question: &str) -> Value {
        let body = json!({ "question": question }).to_string();
        serde_json::from_str(&self.request("POST", "/api/v1/ask", &body)).unwrap()
    }
}

fn candour(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_candour"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command.env("CANDOUR_SERVE__QUESTIONS_PER_MINUTE", "100000").env("CANDOUR_LOG", "info");
    // Where nobody listens: neither questions nor spans go through a proxy that the environment names.
    command.env("HTTP_PROXY", "http://127.0.0.1:9").env_remove("NO_PROXY");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_of_an_answer_has_its_parts_in_their_places_and_no_word_of_anybody() {
    let standin = Standin::start(Script::default()).await.unwrap();
    let collector = Collector::start();
    let names = [("OTEL_SERVICE_NAME", "ask-aberwen"), ("OTEL_RESOURCE_ATTRIBUTES", "team=waste")];
    let mut served = Served::new(&standin.address(), &collector, &names);
    let turn = served.ask(QUESTION);
    assert_eq!(turn["answer"]["model"], "the-writer", "{turn}");
    let answer = turn["id"].as_str().unwrap();
    let conversation = turn["conversation"].as_str().unwrap();
    served.request("GET", &format!("/api/v1/answers/{answer}?canary=1"), "");
    served.server.stop();

    let sent = Sent::read(&collector.bodies());
    assert_eq!(sent.resource["service.name"], "ask-aberwen");
    assert_eq!(sent.resource["team"], "waste");
    let root = sent.one("POST /api/v1/ask");
    assert_eq!((root.kind, root.parent.as_str()), (2, ""));
    assert_eq!(root.attributes["http.route"], "/api/v1/ask");
    assert_eq!(root.attributes["http.response.status_code"], "200");
    assert_ne!(root.trace, "0af7651916cd43dd8448eb211c80319c", "callers are not followed");
    let whole = sent.one("answer");
    assert_eq!(whole.parent, root.id);
    assert_eq!(whole.attributes["candour.answer.status"], turn["answer"]["status"]);
    for stage in ["screen", "route", "retrieve", "compose", "verify", "write", "judge"] {
        let span = sent.one(stage);
        assert_eq!((&span.parent, &span.trace), (&whole.id, &root.trace), "{stage}");
        let rounding = 1000;
        let is_inside = whole.start <= span.start + rounding && span.end <= whole.end + rounding;
        assert!(is_inside, "{stage}: {span:?} in {whole:?}");
    }
    for (model, stage) in [("the-writer", "write"), ("the-judge", "judge")] {
        let call = sent.one(&format!("chat {model}"));
        assert_eq!((&call.parent, call.kind), (&sent.one(stage).id, 3), "{model}");
        assert_eq!(call.attributes["gen_ai.request.model"], model);
        assert_eq!(call.attributes["gen_ai.provider.name"], "anthropic");
        assert_eq!(call.attributes["candour.outcome"], "answered");
        for tokens in ["input", "output"] {
            let count = &call.attributes[&format!("gen_ai.usage.{tokens}_tokens")];
            assert!(count.parse::<u64>().unwrap() > 0, "{model}: {count}");
        }
        assert!(call.attributes["candour.cost_gbp"].parse::<f64>().unwrap() > 0.0);
    }
    assert_eq!(sent.one("GET /api/v1/answers/{id}").trace.len(), 32);

    let sentence = turn["answer"]["sentences"][0]["text"].as_str().unwrap();
    for word in [answer, conversation, sentence, "garden", "canary", "203.0.113", "127.0.0.1"] {
        assert!(!collector.has(word.as_bytes()), "{word} arrived");
        let bare = word.replace('-', "");
        assert!(!collector.has(bare.as_bytes()), "{bare} arrived");
    }
    assert!(collector.heads().contains("authorization: Bearer secret"), "{}", collector.heads());
}

/// Whoever closes the connection while a model writes leaves what that had cost by then.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_away_leaves_the_calls_made_for_them() {
    let stalls = Script::failing(Fault::Stall { after: 8 });
    let standin = Standin::start(stalls).await.unwrap();
    let collector = Collector::start();
    let mut served = Served::new(&standin.address(), &collector, &[]);
    let metric = |name: &str| -> f64 {
        let metrics = served.server.request("GET", "/metrics", "", "").1;
        let line = metrics.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(0.0, |value| value.trim().parse().unwrap())
    };
    let in_flight = || metric("candour_answers_in_flight");
    let until = |is_so: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < PATIENCE, "{}", served.request("GET", "/metrics", ""));
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let body = json!({ "question": QUESTION }).to_string();
    let reader = served.server.send("POST", "/api/v1/ask", "", &body);
    until(&|| in_flight() > 0.0 && standin.requests() > 0);
    // The first events, which say what was read, are on their way.
    std::thread::sleep(Duration::from_millis(500));
    drop(reader);
    until(&|| in_flight() == 0.0);
    let labels = "stage=\"write\",model=\"the-writer\"";
    let tokens = metric(&format!("candour_tokens_total{{{labels},kind=\"input\"}}"));
    let pounds = metric(&format!("candour_cost_gbp_total{{{labels}}}"));
    assert!(tokens > 100.0 && pounds > 0.0, "{tokens} tokens, {pounds} pounds");
    assert!(metric("candour_budget_spent_gbp") > pounds, "what was not said counts in full");
    served.server.stop();

    let sent = Sent::read(&collector.bodies());
    let (answer, write) = (sent.one("answer"), sent.one("write"));
    assert_eq!(answer.attributes["error.type"], "given_up");
    assert_eq!(write.parent, answer.id);
    let call = sent.one("chat the-writer");
    assert_eq!(call.parent, write.id);
    assert_eq!(call.attributes["candour.outcome"], "dropped");
    assert_eq!(call.attributes["gen_ai.usage.input_tokens"], tokens.to_string());
    assert!(!collector.has(b"garden") && !collector.has(b"canary"));
}

/// Spans wait in a queue that has an end, and nobody waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_hangs_delays_no_answer_and_fills_no_memory() {
    let standin = Standin::start(Script::default()).await.unwrap();
    let collector = Collector::start();
    collector.hang();
    let short = [
        ("OTEL_BSP_MAX_QUEUE_SIZE", "64"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "16"),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "60000"),
    ];
    let mut served = Served::new(&standin.address(), &collector, &short);
    for _ in 0..300 {
        assert!(served.request("GET", "/api/v1/health", "").contains("ok"));
    }
    let turn = served.ask(QUESTION);
    assert_eq!(turn["answer"]["model"], "the-writer", "{turn}");
    collector.go_on();
    served.server.stop();
    let spans = Sent::read(&collector.bodies()).spans.len();
    assert!((64..=128).contains(&spans), "{spans} of more than 300");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_hangs_keeps_the_program_for_seconds_alone() {
    let standin = Standin::start(Script::default()).await.unwrap();
    let collector = Collector::start();
    collector.hang();
    let mut served = Served::new(&standin.address(), &collector, &[]);
    served.ask(QUESTION);
    let began = Instant::now();
    let log = served.server.stop();
    assert!(began.elapsed() < Duration::from_secs(30));
    assert!(log.contains("the last spans could not be sent"), "{log}");
    assert!(!log.contains("secret") && !log.contains("canary"), "{log}");
}
