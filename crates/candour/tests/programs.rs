//! Programs that ask: keys, and the official clients of the protocols that are spoken, against the real
//! program with the sample pilot.
//!
//! `cargo xtask test` installs the clients and names their Python in CANDOUR_CALLERS_PYTHON.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by panicking")]
#![cfg(unix)]

mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use server::{PATIENCE, Server};

/// The sample pilot, served.
struct Served {
    folder: TempDir,
    server: Server,
}

impl Served {
    fn new(settings: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        copy(sampled(), folder.path());
        let mut serve = candour(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
        serve.env("CANDOUR_LOG", "trace").envs(settings.iter().copied());
        let server = Server::start(&mut serve, folder.path().join("log"));
        Self { folder, server }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        candour(self.folder.path(), arguments).output().unwrap()
    }

    /// Makes a key, and gives it.
    fn key(&self, arguments: &[&str]) -> String {
        let output = self.run(
            &[&["keys", "create", "--name", "tests", "--reason", "to test"], arguments].concat(),
        );
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Status and body.
    fn request(&self, method: &str, path: &str, key: &str, body: &str) -> (u16, String) {
        let headers = format!("X-Irid: abc123\r\nAuthorization: Bearer {key}\r\n");
        self.server.request(method, path, &headers, body)
    }

    /// Stops the server and gives everything that it has written: its log and every file of its state.
    fn stop(mut self) -> Vec<(PathBuf, String)> {
        self.server.stop();
        let mut files = files(&self.folder.path().join("state"));
        files.push(self.folder.path().join("log"));
        let read = |file: PathBuf| {
            let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
            (file, text)
        };
        files.into_iter().map(read).collect()
    }
}

fn candour(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_candour"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command
        .env("CANDOUR_CONFIG", configuration())
        .env("CANDOUR_SERVE__QUESTIONS_PER_MINUTE", "100000");
    command
}

fn configuration() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample/candour.toml")
}

/// A folder into which the sample was ingested, once for all tests.
fn sampled() -> &'static Path {
    static SAMPLED: OnceLock<TempDir> = OnceLock::new();
    let ingest = || {
        let folder = TempDir::new().unwrap();
        let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample/content");
        let source = format!("dir:{}", content.display());
        let done = candour(folder.path(), &["ingest", &source]).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        folder
    };
    SAMPLED.get_or_init(ingest).path()
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-R").arg(from.join("state")).arg(to).status().unwrap();
    assert!(copied.success());
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Runs a client written in Python; `None`, with a notice, where there is none to run it.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn client(script: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Option<Value> {
    let Some(python) = std::env::var_os("CANDOUR_CALLERS_PYTHON") else {
        eprintln!(
            "skipped: `cargo xtask test` installs the clients and sets CANDOUR_CALLERS_PYTHON"
        );
        return None;
    };
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let scratch = TempDir::new().unwrap();
    let mut command = assert_cmd::Command::new(python);
    command.current_dir(scratch.path()).arg(scripts.join(script)).args(arguments);
    let output = command.envs(settings.iter().copied()).timeout(PATIENCE).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {said}");
    Some(serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{script}: {said}")))
}

#[test]
fn keys_are_given_used_and_taken() {
    let served = Served::new(&[("CANDOUR_SERVE__REQUIRE_KEY", "true")]);
    let key = served.key(&["--role", "machine", "--questions-per-minute", "9"]);
    let id = key.split('_').nth(1).unwrap();
    assert_eq!(served.request("GET", "/v1/models", &key, "").0, 200);
    assert_eq!(served.request("GET", "/v1/models", "none", "").0, 401);

    let listed = served.run(&["keys", "list"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.starts_with(&format!("{id}  valid    machine  tests, 9 questions")), "{listed}");
    assert!(listed.contains("last used on 2"), "{listed}");
    assert!(served.run(&["keys", "revoke", id, "--reason", "lost", "--by", "jo"]).status.success());
    assert_eq!(served.request("GET", "/v1/models", &key, "").0, 401);
    let again = served.run(&["keys", "revoke", id, "--reason", "lost"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("candour keys list"));

    let audit = served.run(&["audit", "--json"]);
    let audit: Value = serde_json::from_slice(&audit.stdout).unwrap();
    let [last, first] = [&audit["entries"][0], &audit["entries"][1]]
        .map(|entry| ["action", "reason"].map(|what| entry[what].as_str().unwrap().to_owned()));
    assert_eq!(last, [format!("revoke key {id}"), "lost".into()]);
    assert_eq!(first, [format!("create key {id}"), "to test".into()]);
    assert_eq!(audit["entries"][0]["by"], "jo");
    for (file, text) in served.stop() {
        let secret = key.rsplit('_').next().unwrap();
        assert!(!text.contains(secret), "{} holds a secret", file.display());
    }
}

#[test]
fn what_programs_ask_leaves_no_trace() {
    let served = Served::new(&[("CANDOUR_SERVE__MCP", "true")]);
    let key = served.key(&["--role", "machine"]);
    let question =
        "Do xylocanary keepers of 12 Canary Road, jo.canary@example.org, get a Blue Badge?";
    let before = r#"{"role":"user","content":"My xylocanary is ill, call 07700 900461"}"#;
    for more in [r#""stream":false"#, r#""stream":true"#] {
        let body = format!(
            r#"{{"model":"assistant",{more},"messages":[{before},{{"role":"user","content":"{question}"}}]}}"#
        );
        let (status, text) = served.request("POST", "/v1/chat/completions", &key, &body);
        assert_eq!(status, 200, "{text}");
    }
    let call = serde_json::json!({"name": "ask", "arguments": {"question": question}});
    let body =
        serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call});
    let headers =
        format!("Accept: application/json, text/event-stream\r\nAuthorization: Bearer {key}\r\n");
    let (status, text) = served.server.request("POST", "/mcp", &headers, &body.to_string());
    assert!(status == 200 && text.contains("Blue Badge"), "{status}: {text}");
    let (status, metrics) = served.request("GET", "/metrics", "", "");
    assert_eq!(status, 200);
    assert!(metrics.contains("candour_pii_masked_total"), "{metrics}");
    let mut written = served.stop();
    written.push(("metrics".into(), metrics));
    let log = written.iter().find(|(file, _)| file.ends_with("log")).unwrap();
    assert!(log.1.contains("abc123"), "{}", log.1);
    assert!(written.len() > 4, "{written:?}");
    for (file, text) in &written {
        for trace in ["anary", "07700", "[email address]", "[phone number]"] {
            assert!(!text.contains(trace), "{trace} is in {}", file.display());
        }
    }
}

#[test]
fn the_official_openai_client_is_answered() {
    let served = Served::new(&[("CANDOUR_SERVE__REQUIRE_KEY", "true")]);
    let key = served.key(&["--role", "machine"]);
    let hurried = served.key(&["--role", "machine", "--questions-per-minute", "1"]);
    let url = format!("http://{}/v1", served.server.address);
    let Some(found) = client("openai_client.py", &[&url, &key, &hurried], &[]) else { return };
    let text = found["whole"]["text"].as_str().unwrap();
    assert!(text.contains("[1]") && text.contains("https://www.aberwen.example/"), "{text}");
    assert_eq!(found["whole"]["finish_reason"], "stop");
    assert_eq!(found["streamed"]["text"].as_str().unwrap().trim(), text.trim());
    assert_eq!(found["streamed"]["usage"], found["whole"]["usage"]);
    assert_eq!(found["crisis"]["finish_reason"], "content_filter");
    assert!(found["crisis"]["text"].as_str().unwrap().contains("116 123"), "{found}");
    assert_eq!(found["follow_up"]["has_subject"], true, "{found}");
    assert_eq!(found["models"], serde_json::json!(["assistant"]));
    assert_eq!(
        found["errors"],
        serde_json::json!({
            "no_key": ["AuthenticationError", 401, "key_missing"],
            "too_long": ["BadRequestError", 400, "context_length_exceeded"],
            "unknown_model": ["NotFoundError", 404, "model_not_found"],
            "too_many": ["RateLimitError", 429, "rate_limit_exceeded"],
        })
    );
}

/// What Inspect makes of each of our responses, as an evaluation would meet them.
#[test]
fn inspect_evaluates_us_as_a_model() {
    let served = Served::new(&[("CANDOUR_SERVE__REQUIRE_KEY", "true")]);
    let key = served.key(&["--role", "machine"]);
    let url = format!("http://{}/v1", served.server.address);
    let hurried = served.key(&["--role", "machine", "--questions-per-minute", "12"]);
    let settings = [
        ("CANDOUR_API_KEY", key.as_str()),
        ("CANDOUR_BASE_URL", url.as_str()),
        ("HURRIED_KEY", hurried.as_str()),
    ];
    let Some(found) = client("inspect_task.py", &[], &settings) else { return };
    assert_eq!(found["status"], "success", "{found}");
    let of = |sample: &str, what: &str| found["samples"][sample][what].clone();
    assert_eq!(of("answered", "stop_reason"), "stop");
    assert_eq!(of("answered", "score"), "C", "{found}");
    assert!(of("answered", "input_tokens").as_u64().unwrap() > 0);
    assert!(of("answered", "output_tokens").as_u64().unwrap() > 0);
    assert_eq!(of("crisis", "stop_reason"), "content_filter");
    assert_eq!(of("crisis", "score"), "C", "{found}");
    assert_eq!(of("too_long", "stop_reason"), "model_length");
    assert_eq!(found["streamed"], "success");
    assert_eq!(found["hurried"], serde_json::json!(["success", 14, 1.0]));
    let (_, metrics) = served.request("GET", "/metrics", &key, "");
    assert!(!metrics.contains("candour_rate_limited_total 0"), "nobody was asked to wait");
}

#[test]
fn the_official_mcp_client_uses_the_tools() {
    let settings = [("CANDOUR_SERVE__REQUIRE_KEY", "true"), ("CANDOUR_SERVE__MCP", "true")];
    let served = Served::new(&settings);
    let key = served.key(&["--role", "machine"]);
    let url = format!("http://{}/mcp", served.server.address);
    let (folder, config) = (served.folder.path().display().to_string(), configuration());
    let config = config.display().to_string();
    let arguments = [&url, &key, env!("CARGO_BIN_EXE_candour"), &folder, &config];
    let Some(found) = client("mcp_client.py", &arguments, &[]) else { return };
    for way in ["http", "http_legacy", "stdio"] {
        let found = &found[way];
        assert_eq!(found["tools"], serde_json::json!(["ask", "fetch_passage", "search_guidance"]));
        for fact in ["read_only", "same", "missing_is_error"] {
            assert_eq!(found[fact], true, "{way}: {fact}");
        }
        assert_eq!(found["status"], "answered", "{way}: {found}");
        assert!(found["text"].as_str().unwrap().contains("\n[1] "), "{way}: {found}");
        assert!(found["instructions"].as_str().unwrap().contains("Aberwen Council"), "{found}");
    }
    assert_ne!(found["http"]["protocol"], found["http_legacy"]["protocol"]);
}
