//! The program from outside: what is typed, what is printed, and what goes wrong.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A pilot in a scratch folder.
struct Pilot {
    folder: TempDir,
}

impl Pilot {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("candour").unwrap();
        command.current_dir(self.folder.path()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs a command that must fail, and gives what it says.
    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} should fail");
        assert!(output.stdout.is_empty(), "a failure prints no result");
        stderr(&output)
    }

    fn write_page(&self, name: &str, body: &str) {
        let page = json!({
            "base_path": format!("/{name}"), "content_id": null, "schema_name": "answer",
            "document_type": "answer", "title": name, "description": null, "locale": "en",
            "details": {"body": body}, "links": {}, "withdrawn_notice": {},
        });
        fs::create_dir_all(self.path("content")).unwrap();
        fs::write(self.path("content").join(format!("{name}.json")), page.to_string()).unwrap();
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn sample() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample/content");
    format!("dir:{}", folder.display())
}

/// The keys of a JSON object, in order.
fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn results_have_the_shapes_that_other_tools_rely_on() {
    let pilot = Pilot::new();
    let summary = pilot.json(&["ingest", "--json", &sample()]);
    let expected = [
        "pages",
        "indexed",
        "unchanged",
        "skipped",
        "failed",
        "deleted",
        "passages",
        "snapshot",
        "seconds",
    ];
    assert_eq!(keys(&summary), expected);
    assert!(summary["indexed"].as_u64().unwrap() >= 60, "{summary}");
    assert_eq!(summary["failed"], json!({}));

    let found = pilot.json(&["search", "--json", "--limit", "3", "garden waste subscription"]);
    assert_eq!(keys(&found), ["hits", "parts", "ms"]);
    let hits = found["hits"].as_array().unwrap();
    assert_eq!(hits.len(), 3);
    let expected = ["passage", "url", "title", "heading", "locale", "audiences", "score"];
    assert_eq!(keys(&hits[0]), expected);
    assert_eq!(keys(&found["parts"][0]), ["passage", "url", "before", "text", "after"]);
    let second = pilot.run(&["search", "--limit", "1", "permit for a second car"]).stdout;
    let second = String::from_utf8(second).unwrap();
    let row = second.lines().position(|line| line.starts_with("     Second car | £")).unwrap();
    assert!(second.lines().nth(row - 1).unwrap().contains("Permit | Price"), "{second}");
    let food = pilot.run(&["search", "--limit", "1", "register a food business"]).stdout;
    let food = String::from_utf8(food).unwrap();
    assert!(food.contains("\n     Written for: business\n"), "{food}");

    let answer = pilot.json(&["ask", "--json", "How much is a garden waste subscription?"]);
    for key in ["status", "sentences", "sources", "links", "timings_ms"] {
        assert!(answer.get(key).is_some(), "{key} is missing from {answer}");
    }
    assert!(["answered", "partial"].contains(&answer["status"].as_str().unwrap()), "{answer}");
    let citation = &answer["sentences"][0]["citations"][0];
    for key in ["passage", "url", "heading", "quote"] {
        assert!(citation.get(key).is_some(), "{key} is missing from {citation}");
    }
}

#[test]
fn a_second_ingest_changes_nothing_and_a_deleted_page_goes() {
    let pilot = Pilot::new();
    pilot.write_page(
        "bins",
        "<p>Your bin is emptied every Tuesday unless it is a bank holiday.</p>",
    );
    pilot.write_page(
        "parking",
        "<p>A parking permit costs £42 for one car and £60 for a second car.</p>",
    );
    let first = pilot.json(&["ingest", "--json", "dir:content"]);
    assert_eq!(first["indexed"], 2);
    let second = pilot.json(&["ingest", "--json", "dir:content"]);
    assert_eq!((&second["indexed"], &second["unchanged"]), (&json!(0), &json!(2)));
    assert_eq!(first["snapshot"], second["snapshot"]);

    fs::remove_file(pilot.path("content/parking.json")).unwrap();
    let third = pilot.json(&["ingest", "--json", "dir:content"]);
    assert_eq!(third["deleted"], 1);
    let found = pilot.json(&["search", "--json", "parking permit"]);
    assert!(!found.to_string().contains("/parking"), "{found}");
}

#[test]
fn bad_pages_are_named_and_the_rest_is_indexed() {
    let pilot = Pilot::new();
    pilot.write_page(
        "bins",
        "<p>Your bin is emptied every Tuesday unless it is a bank holiday.</p>",
    );
    fs::write(pilot.path("content/broken.json"), "{\"base_path\": ").unwrap();
    fs::write(pilot.path("content/picture.png"), [0x89, 0x50]).unwrap();
    let summary = pilot.json(&["ingest", "--json", "dir:content"]);
    assert_eq!(summary["indexed"], 1);
    assert_eq!(summary["failed"], json!({"not_json": 1}));
    let pages = pilot.json(&["pages", "--json", "--outcome", "failed"]);
    assert!(pages.to_string().contains("broken.json"), "{pages}");
}

/// What is logged to a file is read by people and programs who see codes of colour as they are.
#[test]
fn nothing_is_in_colour_where_it_is_no_terminal() {
    let pilot = Pilot::new();
    pilot.write_page("bins", "<p>Your bin is emptied every Tuesday.</p>");
    let mut ingest = pilot.command(&["ingest", "--json", "dir:content"]);
    let output = ingest.env("CANDOUR_LOG", "trace").env_remove("NO_COLOR").output().unwrap();
    let said = stderr(&output);
    assert!(said.contains("INFO") && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn init_writes_a_configuration_once() {
    let pilot = Pilot::new();
    assert!(pilot.run(&["init"]).status.success());
    assert!(pilot.run(&["doctor"]).status.success());
    assert!(pilot.fails(&["init"]).contains("left as it is"));
}

#[test]
fn doctor_names_what_is_missing_and_hides_secrets() {
    let pilot = Pilot::new();
    let output = pilot
        .command(&["doctor", "--json"])
        .env("CANDOUR_STORE__DATABASE_URL", "postgres://me:hunter2@127.0.0.1:1/none")
        .output()
        .unwrap();
    assert!(!output.status.success(), "an unreachable database is unhealthy");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output);
    assert!(!printed.contains("hunter2"), "{printed}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let verdicts: Vec<&str> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["verdict"].as_str().unwrap())
        .collect();
    assert!(verdicts.contains(&"unhealthy") && verdicts.contains(&"warning"), "{report}");
}

#[test]
fn doctor_tells_what_is_spent_of_the_budget() {
    let pilot = Pilot::new();
    let model =
        "[[generation.models]]\ntransport = \"replay\"\nmodel = \"m\"\nendpoint = \"none\"\n";
    let budget = |config: &str| {
        fs::write(pilot.path("candour.toml"), config).unwrap();
        let output = pilot.command(&["doctor", "--json"]).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut checks = report["checks"].as_array().unwrap().iter();
        checks.find(|check| check["name"] == "budget").cloned()
    };
    assert_eq!(budget(""), None, "without models there is nothing to spend");
    let check = budget(model).unwrap();
    assert!(check["detail"].as_str().unwrap().starts_with("£0.00 of £50.00 spent"), "{check}");
    let check = budget(&format!("[generation]\npounds_per_day = 0\n{model}")).unwrap();
    assert_eq!(check["verdict"], "warning", "{check}");
}

#[test]
fn mistakes_are_explained() {
    let pilot = Pilot::new();
    fs::write(pilot.path("candour.toml"), "[serve]\nlissen = \"127.0.0.1:1\"\n").unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = port.local_addr().unwrap().to_string();
    for (arguments, expected) in [
        (vec!["--config", "/dev/null", "pages"], "candour ingest"),
        (vec!["ingest"], "lissen"),
        (vec!["--config", "absent.toml", "ingest"], "--config"),
        (vec!["--config", "/dev/null", "ingest"], "there is nothing to read"),
        (vec!["--config", "/dev/null", "ingest", "ftp://x"], "dir:PATH"),
        (vec!["--config", "/dev/null", "ingest", "dir:absent"], "absent"),
        (vec!["--config", "/dev/null", "search", "x"], "candour ingest"),
        (vec!["--config", "/dev/null", "ask", "x"], "candour ingest"),
        (vec!["ask", "--locale", "fr", "x"], "[possible values: en, cy]"),
        (vec!["switch", "answers", "off", "--reason", " "], "say why"),
        (vec!["keys", "create", "--name", " ", "--role", "staff"], "say whose key it is"),
        (
            vec!["keys", "create", "--name", "x", "--role", "staff", "--expires", "2020-01-01"],
            "give a later day",
        ),
        (
            vec!["--config", "/dev/null", "serve", "--listen", taken.as_str()],
            "another program uses this port",
        ),
        (vec!["demo", "--listen", taken.as_str()], "another program uses this port"),
    ] {
        let said = pilot.fails(&arguments);
        assert!(said.contains(expected), "{arguments:?} said {said:?}");
    }
}

/// Whatever address is shown as a source leads to the answers that rest on it: a page in parts has one for each.
#[test]
fn answers_are_found_by_any_address_of_a_page() {
    let pilot = Pilot::new();
    assert!(pilot.run(&["ingest", &sample()]).status.success());
    let garden = "/bins-and-recycling/garden-waste";
    for (address, page) in [
        (garden.to_owned(), garden),
        (format!("{garden}/how-to-subscribe"), garden),
        (format!("{garden}/how-to-subscribe#pay"), garden),
        (format!("{garden}/nothing"), &format!("{garden}/nothing")),
        ("/bins-and-recycling".to_owned(), "/bins-and-recycling"),
    ] {
        let found = pilot.json(&["answers", "affected-by", &address, "--json"]);
        assert_eq!(found["page"], page, "{address}");
    }
}

#[test]
fn a_damaged_snapshot_is_named() {
    let pilot = Pilot::new();
    pilot.write_page(
        "bins",
        "<p>Your bin is emptied every Tuesday unless it is a bank holiday.</p>",
    );
    let summary = pilot.json(&["ingest", "--json", "dir:content"]);
    let snapshot = pilot.path("state/snapshots").join(summary["snapshot"].as_str().unwrap());
    let vectors = fs::read_dir(&snapshot)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("vectors"))
        .unwrap();
    let mut bytes = fs::read(&vectors).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&vectors, bytes).unwrap();
    let said = pilot.fails(&["search", "bin"]);
    assert!(said.contains("damaged") && said.contains("vectors"), "{said}");
    // The next ingest mends it.
    pilot.json(&["ingest", "--json", "dir:content"]);
    pilot.json(&["search", "--json", "bin"]);
}

#[test]
fn questions_of_every_kind_are_taken() {
    let pilot = Pilot::new();
    pilot.json(&["ingest", "--json", &sample()]);
    for question in [
        "'; DROP TABLE turns; --",
        "<script>alert(1)</script>",
        "\u{202e}\u{200b}\u{e0041}bins?",
        "AND OR NOT \" : ^ * (",
        "🗑️",
    ] {
        let answer = pilot.json(&["ask", "--json", question]);
        assert!(answer["status"].is_string(), "{question:?}");
    }
    let megabyte = "council tax ".repeat(90_000);
    let output = pilot.command(&["ask"]).write_stdin(megabyte).output().unwrap();
    assert!(!output.status.success());
    assert!(stderr(&output).contains("shorten it"), "{}", stderr(&output));
}

#[test]
fn completions_are_printed() {
    let output = Pilot::new().run(&["completions", "bash"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("candour"));
}

#[test]
fn what_cannot_be_erased_is_said() {
    let pilot = Pilot::new();
    for (arguments, expected) in [
        (&["erase", "--conversation", "nonsense"][..], "no identifier"),
        (&["erase", "--answer", "nonsense"], "no answer `nonsense`"),
        (
            &["erase", "--conversation", "0e9d2c8a-9a4b-4c8e-8f0e-2f6a5b9c7d11"],
            "may have been deleted already",
        ),
        (&["erase"], "--conversation"),
    ] {
        let arguments = [arguments, &["--reason", "asked by letter"]].concat();
        assert!(pilot.fails(&arguments).contains(expected), "{arguments:?}");
    }
    let without_reason = ["erase", "--conversation", "0e9d2c8a-9a4b-4c8e-8f0e-2f6a5b9c7d11"];
    assert!(pilot.fails(&without_reason).contains("--reason"));
}
