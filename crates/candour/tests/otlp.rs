//! Traces: what the real program sends to a collector while it answers with models, and what it does where
//! the collector is silent. The collector is a socket, and its protobuf is read here without the library
//! that wrote it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by panicking")]
#![cfg(unix)]

#[path = "otlp/collector.rs"]
mod collector;
#[path = "otlp/protobuf.rs"]
mod protobuf;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use candour_standin::{Script, Standin};
use serde_json::{Value, json};
use tempfile::TempDir;

use collector::Collector;
use protobuf::Sent;

/// Nothing may take longer: a hang fails a test instead of holding it up.
const PATIENCE: Duration = Duration::from_mins(1);

const QUESTION: &str = "How much is a garden waste subscription? Write to jo.canary@example.org";

/// The sample pilot with models, served.
struct Served {
    server: Child,
    address: String,
    folder: TempDir,
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
        let log = folder.path().join("log");
        let mut serve = candour(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
        serve.env("THE_KEY", "sk-canary").env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address());
        serve.env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20secret");
        serve.envs(settings.iter().copied()).stderr(fs::File::create(&log).unwrap());
        let server = serve.spawn().unwrap();
        let address = wait_for(|| {
            let log = fs::read_to_string(&log).unwrap();
            let rest = log.split_once("Serving on http://")?.1;
            Some(rest.split_once(' ')?.0.to_owned())
        });
        Self { server, address, folder }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    fn request(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nUser-Agent: canary\r\n\
             X-Forwarded-For: 203.0.113.77\r\nCookie: conversation=canary\r\n\
             traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    fn ask(&self, question: &str) -> Value {
        let body = json!({ "question": question }).to_string();
        serde_json::from_str(&self.request("POST", "/api/v1/ask", &body)).unwrap()
    }

    /// Tells it to stop, and how long that took.
    fn stop(&mut self) -> Duration {
        let began = Instant::now();
        let _ = Command::new("kill").arg(self.server.id().to_string()).status();
        let status = wait_for(|| self.server.try_wait().unwrap());
        assert!(status.success(), "{}", self.log());
        began.elapsed()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It is gone already where the test stopped it.
        let _ = self.server.kill();
        let _ = self.server.wait();
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

fn wait_for<T>(mut there: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(there) = there() {
            return there;
        }
        assert!(began.elapsed() < PATIENCE, "it takes too long");
        std::thread::sleep(Duration::from_millis(20));
    }
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
    served.stop();

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
    served.stop();
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
    assert!(served.stop() < Duration::from_secs(30));
    assert!(served.log().contains("the last spans could not be sent"), "{}", served.log());
    assert!(!served.log().contains("secret") && !served.log().contains("canary"));
}
