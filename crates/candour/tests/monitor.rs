//! Monitoring, with the real program: a plan is started, readers ask, programs are killed, an answer is
//! damaged and another erased; in the end every figure can be computed anew.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by panicking")]
#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Nothing may take longer: a hang fails a test instead of holding it up.
const PATIENCE: Duration = Duration::from_mins(3);

const QUESTION: &str = "When is the bin emptied?";

/// A pilot in a scratch folder, about bins.
struct Pilot {
    folder: TempDir,
}

/// A server of it, which is killed at the end.
struct Server {
    child: Child,
    address: String,
}

impl Pilot {
    fn new() -> Self {
        let pilot = Self { folder: TempDir::new().unwrap() };
        let thresholds = "{ abstained = 0.2, citations = 0.99 }";
        pilot.write(
            "candour.toml",
            &format!(
                "[monitoring]\nshare = 1.0\nthresholds = {thresholds}\nquotes_only_on = [\"abstained\"]\n"
            ),
        );
        let body = "<p>The bin is emptied every Tuesday, unless it is a bank holiday.</p>";
        let page = json!({
            "base_path": "/bins", "schema_name": "answer", "document_type": "answer",
            "title": "Bins", "locale": "en", "details": {"body": body}, "links": {},
        });
        pilot.write("content/bins.json", &page.to_string());
        assert!(pilot.run(&["ingest", "dir:content"]).status.success());
        pilot
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = assert_cmd::Command::new(program());
        command.current_dir(self.folder.path()).timeout(PATIENCE).args(arguments);
        command.output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{arguments:?}: {}", stderr(&output)))
    }

    fn serve(&self) -> Server {
        let mut command = Command::new(program());
        command.current_dir(self.folder.path()).args(["serve", "--listen", "127.0.0.1:0"]);
        command.env("CANDOUR_SERVE__QUESTIONS_PER_MINUTE", "1000000");
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        // Nobody else reads what it says, and a full pipe would hold it up.
        std::thread::spawn(move || lines.for_each(drop));
        let address = first.split("http://").nth(1).unwrap().split(' ').next().unwrap();
        Server { address: address.to_owned(), child }
    }

    /// Waits until what is known of the plan is as it should be, and gives it.
    fn wait_until(&self, is_so: impl Fn(&Value) -> bool) -> Value {
        let given_up = Instant::now() + PATIENCE;
        loop {
            let shown = self.json(&["monitor", "show"]);
            if is_so(&shown) {
                return shown;
            }
            assert!(Instant::now() < given_up, "it never came: {shown}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What `monitor verify` says, by what it checked.
    fn verify(&self) -> Vec<(String, bool)> {
        let found = self.json(&["monitor", "verify"]);
        let checks = found["checks"].as_array().unwrap().iter();
        let text = |check: &Value| check["what"].as_str().unwrap().to_owned();
        checks.map(|check| (text(check), check["holds"].as_bool().unwrap())).collect()
    }

    /// Makes the answer to the question with these words one that cannot be read.
    fn damage(&self, words: &str) {
        let file = self.path("state/candour.sqlite");
        let mut bytes = fs::read(&file).unwrap();
        let find = |bytes: &[u8], text: &str| {
            bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap()
        };
        let question = find(&bytes, words);
        let answer = question + find(&bytes[question..], "{\"status\"");
        bytes[answer] = b'[';
        fs::write(&file, bytes).unwrap();
    }
}

impl Server {
    /// Asks, and gives the answer's identifier.
    fn ask(&self, question: &str) -> String {
        let body = json!({ "question": question }).to_string();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "POST /api/v1/ask HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: Value =
            serde_json::from_str(&body[body.find('{').unwrap()..=body.rfind('}').unwrap()])
                .unwrap();
        body["id"].as_str().unwrap().to_owned()
    }

    /// Asks it to end, and waits for that.
    fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself. Otherwise this is the kill that no program can catch.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> &'static Path {
    assert_cmd::cargo::cargo_bin!("candour")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_pilot_is_watched_through_kills_damage_and_erasure() {
    let pilot = Pilot::new();
    let none = pilot.run(&["monitor", "show"]);
    assert!(stderr(&none).contains("`candour monitor start` makes one"), "{}", stderr(&none));
    let started = pilot.json(&["monitor", "start", "--reason", "the pilot opens"]);
    assert_eq!((&started["number"], &started["log_position"]), (&json!(1), &json!(0)));
    let again = pilot.run(&["monitor", "start", "--reason", "another"]);
    assert!(stderr(&again).contains("another plan is open"), "{}", stderr(&again));

    // Killed again and again, soon after it answered and perhaps while it looks.
    let mut erased = String::new();
    for round in 0..3_u64 {
        let server = pilot.serve();
        for _ in 0..5 {
            erased = server.ask(QUESTION);
        }
        std::thread::sleep(Duration::from_millis(1_900 + 67 * round));
        drop(server);
    }
    // One that was not looked at yet is damaged; a slow machine may need several tries.
    let mut damaged = 0;
    let unreadable = |shown: &Value| shown["answers"]["unreadable"] == 1;
    let server = loop {
        let server = pilot.serve();
        server.ask(&format!("When is the heliotrope{damaged} bin emptied?"));
        server.stop();
        pilot.damage(&format!("heliotrope{damaged}"));
        damaged += 1;
        let server = pilot.serve();
        let all = |shown: &Value| shown["answers"]["not_decided"] == 0;
        if unreadable(&pilot.wait_until(all)) {
            break server;
        }
        assert!(damaged < 5, "every answer was looked at before it could be damaged");
        server.stop();
    };
    let looked = pilot.json(&["monitor", "show"]);
    assert_eq!(looked["answers"]["given"], 15 + damaged);
    assert_eq!(looked["answers"]["looked_at"], 14 + damaged, "none lost and none doubled");
    assert!(pilot.run(&["monitor", "show", "--require-quiet"]).status.success());

    let gone = pilot.run(&["erase", "--answer", &erased, "--reason", "asked by letter"]);
    assert!(gone.status.success(), "{}", stderr(&gone));
    for number in 0..30 {
        server.ask(&format!("What is the capital of Peru, asked {number} times?"));
    }
    let shown = pilot.wait_until(|shown| shown["answers"]["looked_at"] == 44 + damaged);
    let before = shown["figures"].clone();
    let figure = |name: &str| {
        before.as_array().unwrap().iter().find(|figure| figure["metric"] == name).unwrap().clone()
    };
    assert_eq!(
        figure("citations")["scores"],
        14 + damaged,
        "the erased answer's number is still there"
    );
    let abstained = figure("abstained");
    assert_eq!(abstained["state"], "broken", "{abstained}");
    let alarms = pilot.wait_until(|shown| shown["alarms"] != json!([]))["alarms"].clone();
    assert_eq!(alarms[0]["alarm"]["metric"], "abstained", "{alarms}");
    assert_eq!(pilot.json(&["switch"])[1]["is_on"], json!(false), "as the plan says");
    let quiet = pilot.run(&["monitor", "show", "--require-quiet"]);
    assert_eq!(quiet.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&quiet.stdout).contains("ALARM  abstained"));
    let doctor = pilot.json(&["doctor"]);
    let checks = doctor["checks"].as_array().unwrap();
    let own = checks.iter().find(|check| check["name"] == "monitoring").unwrap();
    assert_eq!(own["verdict"], "warning", "{own}");
    server.stop();

    assert!(pilot.verify().iter().all(|(_, holds)| *holds), "{:?}", pilot.verify());
    let closed = pilot.json(&["monitor", "close", "--reason", "abstentions looked into"]);
    assert_eq!(closed["closing"]["records"], 45 + damaged);
    let shown = pilot.json(&["monitor", "show"]);
    assert_eq!(shown["figures"], before, "what is closed stays as it was");
    let next = pilot.json(&["monitor", "start", "--reason", "go on", "--usual-days", "1"]);
    assert_eq!(next["plan"]["follows"], started["hash"]);
    let rules = next["plan"]["rules"].as_array().unwrap();
    let usual = rules.iter().find(|rule| rule["metric"] == "abstained").unwrap()["usual"].clone();
    assert_eq!(usual["scores"], 44, "without what is damaged and what is erased: {usual}");
    let listed = pilot.json(&["monitor", "list"]);
    let numbers: Vec<&Value> =
        listed.as_array().unwrap().iter().map(|plan| &plan["number"]).collect();
    assert_eq!(numbers, [&json!(2), &json!(1)]);
    let second = pilot.run(&["monitor", "verify", "--plan", "1"]);
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stdout));
}
