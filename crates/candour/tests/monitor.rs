//! Monitoring, with the real program: a plan is started, readers ask, programs are killed, an answer is
//! damaged and another erased; in the end every figure can be computed anew.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by panicking")]
#![cfg(unix)]

mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use candour_evals::inspect_log::{Header, LogWriter, Sample, Score, Spec, Status};
use serde_json::{Value, json};
use tempfile::TempDir;

use server::{PATIENCE, Server};

const QUESTION: &str = "When is the bin emptied?";

/// A pilot in a scratch folder, about bins.
struct Pilot {
    folder: TempDir,
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
        Server::start(&mut command, self.path("log"))
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

/// Asks, and gives the answer's identifier.
fn ask(server: &Server, question: &str) -> String {
    let body = json!({ "question": question }).to_string();
    let (status, answer) = server.request("POST", "/api/v1/ask", "", &body);
    assert_eq!(status, 200, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["id"].as_str().unwrap().to_owned()
}

fn program() -> &'static Path {
    assert_cmd::cargo::cargo_bin!("candour")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Damages an answer that was not looked at yet, for which a slow machine may need several tries. Gives the
/// program that serves after it, and how many answers it took.
fn with_a_damaged_answer(pilot: &Pilot) -> (Server, i32) {
    for damaged in 0..5 {
        let mut server = pilot.serve();
        ask(&server, &format!("When is the heliotrope{damaged} bin emptied?"));
        server.stop();
        pilot.damage(&format!("heliotrope{damaged}"));
        let mut server = pilot.serve();
        let shown = pilot.wait_until(|shown| shown["answers"]["not_decided"] == 0);
        if shown["answers"]["unreadable"] == 1 {
            return (server, damaged + 1);
        }
        server.stop();
    }
    panic!("every answer was looked at before it could be damaged")
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
            erased = ask(&server, QUESTION);
        }
        std::thread::sleep(Duration::from_millis(1_900 + 67 * round));
        drop(server);
    }
    let (mut server, damaged) = with_a_damaged_answer(&pilot);
    let looked = pilot.json(&["monitor", "show"]);
    assert_eq!(looked["answers"]["given"], 15 + damaged);
    assert_eq!(looked["answers"]["looked_at"], 14 + damaged, "none lost and none doubled");
    assert!(pilot.run(&["monitor", "show", "--require-quiet"]).status.success());

    let gone = pilot.run(&["erase", "--answer", &erased, "--reason", "asked by letter"]);
    assert!(gone.status.success(), "{}", stderr(&gone));
    for number in 0..30 {
        ask(&server, &format!("What is the capital of Peru, asked {number} times?"));
    }
    pilot.wait_until(|shown| shown["answers"]["looked_at"] == 44 + damaged);
    // Figures are read before answers are counted: only now are those of all of them there.
    let shown = pilot.json(&["monitor", "show"]);
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
    closed_and_followed_by_another(&pilot, &started, &shown["figures"], 45 + damaged);
}

/// A plan cannot be changed, so that none is fixed by mistake in which nothing is watched for drift.
#[test]
fn a_plan_for_which_nothing_is_usual_is_refused() {
    let pilot = Pilot::new();
    let log = |name: &str, score: &str| {
        let header = Header { status: Status::Success, ..Header::started(Spec::default()) };
        fs::create_dir_all(pilot.path(name)).unwrap();
        let mut log = LogWriter::create(&pilot.path(name).join("log.eval"), &header).unwrap();
        for at in 0..40 {
            let mut sample = Sample::new(format!("q{at}"), 1, "Why?", "");
            sample.scores.insert(score.to_owned(), Score::new(1.0));
            log.append(&sample).unwrap();
        }
        log.finish(&header).unwrap();
    };
    log("strange", "taste");
    log("run", "numbers");
    let start = |more: &[&str]| pilot.run(&[&["monitor", "start", "--reason", "r"], more].concat());
    for (more, why) in [
        (["--usual-days", "30"], "the answers of the last 30 days are too few"),
        (["--usual-run", "strange"], "strange says of no metric what is usual"),
        (["--usual-run", "content"], "content is a folder without a log.eval"),
    ] {
        let refused = start(&more);
        assert!(
            !refused.status.success() && stderr(&refused).contains(why),
            "{}",
            stderr(&refused)
        );
    }
    assert_eq!(pilot.json(&["monitor", "list"]), json!([]), "nothing was fixed");
    let started = start(&["--usual-run", "run"]);
    assert!(started.status.success(), "{}", stderr(&started));
    let listed = String::from_utf8(pilot.run(&["monitor", "list"]).stdout).unwrap();
    assert!(listed.contains("open") && !listed.contains(['.', 'Z']), "{listed}");
}

/// What is closed stays as it was, and the next plan knows what was usual.
fn closed_and_followed_by_another(pilot: &Pilot, first: &Value, before: &Value, records: i32) {
    let closed = pilot.json(&["monitor", "close", "--reason", "abstentions looked into"]);
    assert_eq!(closed["closing"]["records"], records);
    let shown = pilot.json(&["monitor", "show"]);
    assert_eq!(&shown["figures"], before, "what is closed stays as it was");
    let next = pilot.json(&["monitor", "start", "--reason", "go on", "--usual-days", "1"]);
    assert_eq!(next["plan"]["follows"], first["hash"]);
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
