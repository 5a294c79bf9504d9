//! Faults, met by the real program: hostile files and publishers, kills, full disks, damage. Each time
//! the old snapshot goes on answering, the fault is named, and the next ingest mends it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by panicking")]
#![cfg(unix)]

#[path = "faults/publisher.rs"]
mod publisher;
mod server;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use publisher::{Publisher, answer, bomb};
use server::{PATIENCE, Server};

/// A pilot in a scratch folder.
struct Pilot {
    folder: TempDir,
}

impl Pilot {
    fn new() -> Self {
        let pilot = Self { folder: TempDir::new().unwrap() };
        pilot.write("candour.toml", "");
        pilot
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Pages that say when bins are emptied.
    fn write_pages(&self, folder: &str, day: &str) {
        for number in 0..5 {
            self.write(&format!("{folder}/{number}.json"), page(&format!("/p{number}"), day));
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = assert_cmd::Command::new(program());
        command.current_dir(self.folder.path()).timeout(PATIENCE).args(arguments);
        command.output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.current_dir(self.folder.path()).args(arguments);
        // A test asks more often than a reader may.
        command.env("CANDOUR_SERVE__QUESTIONS_PER_MINUTE", "1000000");
        command
    }

    fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// The summary of an ingest, which may have found nothing but failures.
    fn ingest(&self, source: &str) -> Value {
        let output = self.run(&["ingest", "--json", source]);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{source}: {}", stderr(&output)))
    }

    /// Runs a command that must fail, and gives what it says.
    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", stderr(&output));
        stderr(&output)
    }

    /// Whether a search finds these words.
    fn finds(&self, words: &str) -> bool {
        let output = self.run(&["search", "when is the bin emptied"]);
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8_lossy(&output.stdout).contains(words)
    }

    /// What became of each page, as page and reason.
    fn outcomes(&self) -> BTreeSet<(String, String)> {
        let output = self.run(&["pages", "--json"]);
        let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let pages = listed["pages"].as_array().unwrap().iter();
        pages.map(|page| (text(&page["page"]), text(&page["reason"]))).collect()
    }

    fn expect_outcomes(&self, expected: &[(&str, &str)]) {
        let own = |(page, reason): &(&str, &str)| ((*page).to_owned(), (*reason).to_owned());
        assert_eq!(self.outcomes(), expected.iter().map(own).collect());
    }

    /// The folder of the snapshot that serves.
    fn snapshot(&self) -> PathBuf {
        let snapshots = self.path("state/snapshots");
        let current = fs::read_to_string(snapshots.join("current")).unwrap();
        snapshots.join(current.trim())
    }
}

fn program() -> PathBuf {
    assert_cmd::cargo::cargo_bin!("candour").to_path_buf()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn page(path: &str, day: &str) -> String {
    let body = format!("<p>The bin of {path} is emptied every {day}, unless it is a holiday.</p>");
    json!({
        "base_path": path, "schema_name": "answer", "document_type": "answer",
        "title": format!("Bins on {day}"), "locale": "en", "details": {"body": body}, "links": {},
    })
    .to_string()
}

#[test]
fn hostile_files_are_named_and_the_rest_is_indexed() {
    let pilot = Pilot::new();
    let utf16: Vec<u8> = page("/u", "day").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let nested = |unit: &str| format!("<h1>T</h1>{}<p>Words.</p>", unit.repeat(30_000));
    let mut invalid = page("/i", "day").into_bytes();
    invalid[80] = 0xff;
    for (name, bytes) in [
        ("good.json", page("/good", "Tuesday").into_bytes()),
        ("double.json", page("/good", "Tuesday").into_bytes()),
        ("cut.json", b"{\"base_path\": ".to_vec()),
        ("empty.json", Vec::new()),
        ("list.json", b"[]".to_vec()),
        ("utf16.json", utf16),
        ("invalid.json", invalid),
        ("deep.json", [b"[".repeat(100_000), b"]".repeat(100_000)].concat()),
        ("large.json", vec![b' '; 11 * 1024 * 1024]),
        ("nul.json", page("/a\0b", "day").into_bytes()),
        ("line.json", page("/a\nb", "day").into_bytes()),
        ("dots.json", page("/../../etc", "day").into_bytes()),
        ("host.json", page("//host.example/x", "day").into_bytes()),
        ("long.json", page(&format!("/{}", "a".repeat(100_000)), "day").into_bytes()),
        ("latin.html", b"<h1>T</h1><p>\xa35</p>".to_vec()),
        ("closed.html", nested("<div/>").into_bytes()),
        ("comment.html", nested("<!--><div>").into_bytes()),
        ("cells.html", nested("<div><table><tr><td></div>").into_bytes()),
        ("bold.html", nested("<b><div></b>").into_bytes()),
        ("quotes.html", nested("<a b='>'").into_bytes()),
        ("README.md", b"# Not guidance".to_vec()),
    ] {
        pilot.write(&format!("content/{name}"), bytes);
    }
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, pilot.path("content").join(name)).unwrap();
    };
    link("nowhere", "dangling.json");
    link("circle.json", "circle.json");
    link(".", "itself.json");
    link("/etc/passwd", "outside.json");
    assert!(
        Command::new("mkfifo").arg(pilot.path("content/pipe.json")).status().unwrap().success()
    );

    let summary = pilot.ingest("dir:content");
    assert_eq!(summary["indexed"], 6, "{summary}");
    pilot.expect_outcomes(&[
        ("/bold", ""),
        ("/cells", ""),
        ("/closed", ""),
        ("/comment", ""),
        ("/good", ""),
        ("/latin", "encoding"),
        ("/quotes", ""),
        ("README.md", "unsupported_file"),
        ("circle.json", "symlink"),
        ("cut.json", "not_json"),
        ("dangling.json", "symlink"),
        ("deep.json", "not_json"),
        ("dots.json", "invalid_path"),
        ("double.json", "superseded"),
        ("empty.json", "not_json"),
        ("host.json", "invalid_path"),
        ("invalid.json", "not_json"),
        ("itself.json", "unsupported_file"),
        ("large.json", "too_large"),
        ("line.json", "invalid_path"),
        ("list.json", "not_object"),
        ("long.json", "invalid_path"),
        ("nul.json", "invalid_path"),
        ("outside.json", "symlink"),
        ("pipe.json", "unsupported_file"),
        ("utf16.json", "not_json"),
    ]);
    assert!(pilot.finds("Tuesday"));
}

#[test]
fn sources_that_cannot_be_read_are_told_and_nothing_is_lost() {
    let pilot = Pilot::new();
    pilot.write_pages("content", "Tuesday");
    pilot.ingest("dir:content");
    assert!(Command::new("mkfifo").arg(pilot.path("pipe")).status().unwrap().success());
    for (source, expected) in [
        ("dir:absent", "absent: No such file"),
        ("dir:pipe", "neither a folder nor a plain file"),
        ("dir:/dev/zero", "neither a folder nor a plain file"),
        ("jsonl:pipe", "not a plain file"),
        ("jsonl:content", "not a plain file"),
        ("jsonl:/dev/zero", "not a plain file"),
        ("beir:content", "corpus.jsonl: No such file"),
        ("govuk-list:pipe", "not a plain file"),
    ] {
        let said = pilot.fails(&["ingest", source]);
        assert!(said.contains(expected) && said.contains(source), "{source}: {said}");
        assert!(pilot.finds("Tuesday"), "{source}");
    }
}

#[test]
fn a_benchmark_is_read_by_its_folder_or_by_its_corpus() {
    let pilot = Pilot::new();
    let row = json!({
        "_id": "bins#0", "title": "Bins", "text": "The bin is emptied every Tuesday.",
        "metadata": {"url": "https://www.gov.uk/bins"},
    });
    pilot.write("set/corpus.jsonl", row.to_string());
    pilot.write("set/queries.jsonl", "{}");
    let [folder, file] = ["beir:set", "beir:set/corpus.jsonl"].map(|source| {
        let state = source.replace([':', '/'], "-");
        let output = pilot.run(&["--state", &state, "ingest", "--json", source]);
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(summary["passages"], 1, "{summary}");
        summary["snapshot"].clone()
    });
    assert_eq!(folder, file);
}

#[test]
fn wrong_configuration_is_explained() {
    let pilot = Pilot::new();
    for (text, expected) in [
        ("[content]\nsource = []", "unknown field `source`"),
        ("[contents]", "unknown field `contents`"),
        ("[content]\nsources = \"dir:x\"", "content.sources"),
        ("[content]\nsources = [5]", "content.sources"),
        ("[content]\nsources = [\"nonsense\"]", "`nonsense` is not a source"),
        ("[content]\nsources = [\"ftp:x\"]", "`ftp` is not a kind of source"),
        ("[content]\nrequests_per_second = \"fast\"", "requests_per_second"),
        ("[content]\nrequests_per_second = nan", "from 0.1 to 50"),
        ("[content]\nmax_page_bytes = -1", "max_page_bytes"),
        ("[content]\napi = \"ftp://x\"\nsources = [\"govuk:/a\"]", "`content.api`"),
        ("[content", "line 1"),
    ] {
        pilot.write("candour.toml", text);
        let said = pilot.fails(&["ingest"]);
        assert!(said.contains(expected), "{text}: {said}");
    }
}

#[test]
fn a_hostile_publisher_is_survived_and_each_page_has_a_reason() {
    let publisher = Publisher::start(|path, count| {
        let good = || answer("200", "", page(path, "Tuesday").as_bytes());
        Some(match path {
            "/busy" if count < 3 => answer("429", "Retry-After: 1\r\n", b""),
            "/busy-always-said-oddly" if count < 3 => answer("429", "Retry-After: soon\r\n", b""),
            "/ill" if count < 3 => answer("500", "", b""),
            "/circle" => answer("302", "Location: /api/circle2\r\n", b""),
            "/circle2" => answer("302", "Location: /api/circle\r\n", b""),
            "/far" => answer("302", "Location: http://192.0.2.1/x\r\n", b""),
            "/lost" => answer("302", "", b""),
            "/moved" => answer("301", "Location: /api/arrived\r\n", b""),
            "/gone" => answer("410", "", b""),
            "/closed" => answer("403", "", b""),
            "/unasked" => answer("304", "", b""),
            "/html" => answer("200", "", b"<!doctype html><h1>Sorry</h1>"),
            "/empty" => answer("200", "", b""),
            "/half" => good().split_last_chunk::<20>().unwrap().0.to_vec(),
            "/noise" => b"\0\xff noise\r\n\r\n".to_vec(),
            "/large" => answer("200", "", &vec![b' '; 11 * 1024 * 1024]),
            "/bomb" => answer("200", "Content-Encoding: gzip\r\n", &bomb()),
            "/other-name" => answer("200", "", page("/../x", "day").as_bytes()),
            _ => good(),
        })
    });
    let pilot = Pilot::new();
    pilot.write("candour.toml", publisher.configuration());
    let expected = [
        ("/arrived", ""),
        ("/bomb", "too_large"),
        ("/busy", ""),
        ("/busy-always-said-oddly", ""),
        ("/circle", "redirect_loop"),
        ("/closed", "http_403"),
        ("/empty", "not_json"),
        ("/far", "host_not_allowed"),
        ("/gone", "gone"),
        ("/half", "truncated"),
        ("/html", "not_json"),
        ("/ill", ""),
        ("/large", "too_large"),
        ("/lost", "redirect_broken"),
        ("/moved", "redirect"),
        ("/noise", "connection"),
        ("/other-name", "invalid_path"),
        ("/unasked", "http_304"),
    ];
    let list: Vec<&str> =
        expected.iter().map(|(path, _)| *path).filter(|path| *path != "/arrived").collect();
    pilot.write("list", list.join("\n"));
    pilot.ingest("govuk-list:list");
    pilot.expect_outcomes(&expected);
}

#[test]
fn a_page_that_turns_to_nonsense_stays_as_it_was() {
    let publisher = Publisher::start(|path, count| {
        Some(match path {
            _ if count != 2 => answer("200", "", page(path, "Tuesday").as_bytes()),
            "/html" => answer("200", "", b"<!doctype html><h1>Back soon</h1>"),
            "/empty" => answer("200", "", b""),
            "/list" => answer("200", "", b"[]"),
            "/nameless" => answer("200", "", b"{}"),
            "/closed" => answer("403", "", b""),
            _ => answer("304", "", b""),
        })
    });
    let pilot = Pilot::new();
    pilot.write("candour.toml", publisher.configuration());
    pilot.write("list", "/html\n/empty\n/list\n/nameless\n/closed\n/unchanged\n");
    let first = pilot.ingest("govuk-list:list");
    assert_eq!(first["indexed"], 6, "{first}");
    let second = pilot.ingest("govuk-list:list");
    assert_eq!((&second["unchanged"], &second["deleted"]), (&json!(1), &json!(0)), "{second}");
    assert_eq!(first["snapshot"], second["snapshot"]);
    let third = pilot.ingest("govuk-list:list");
    assert_eq!((&third["unchanged"], &third["snapshot"]), (&json!(6), &first["snapshot"]));
}

#[test]
fn an_ingest_that_is_stopped_leaves_the_old_snapshot_and_goes_on_later() {
    for signal in ["-INT", "-KILL"] {
        let pilot = Pilot::new();
        pilot.write_pages("content", "Tuesday");
        pilot.ingest("dir:content");
        // The last page is never answered the first time it is asked for.
        let publisher = Publisher::start(|path, count| {
            (path != "/last" || count > 1)
                .then(|| answer("200", "", page(path, "Friday").as_bytes()))
        });
        pilot.write("candour.toml", publisher.configuration());
        pilot.write("list", "/p0\n/p1\n/p2\n/p3\n/p4\n/last\n");
        let first = pilot.start(&["ingest", "govuk-list:list"]);
        publisher.wait_for("/last");

        let said = pilot.fails(&["ingest", "dir:content"]);
        assert!(said.contains("another ingest is running"), "{said}");
        let id = first.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let stopped = first.wait_with_output().unwrap();
        assert!(!stopped.status.success());
        if signal == "-INT" {
            assert!(stderr(&stopped).contains("give the same command again to go on"));
        }
        assert!(pilot.finds("Tuesday"), "{signal}");

        let resumed = pilot.ingest("govuk-list:list");
        assert_eq!((&resumed["pages"], &resumed["failed"]), (&json!(6), &json!({})), "{signal}");
        assert!(pilot.finds("Friday"), "{signal}");
        let fresh = pilot.run(&["--state", "fresh", "ingest", "--json", "govuk-list:list"]);
        let fresh: Value = serde_json::from_slice(&fresh.stdout).unwrap();
        assert_eq!(resumed["snapshot"], fresh["snapshot"], "{signal}");
    }
}

/// Small changes to many pages make a snapshot that begins as the one before it. Killed at whatever
/// moment, it serves as it was or as it will be, never some pages of each.
#[test]
fn a_snapshot_that_begins_as_another_is_killed_at_many_moments() {
    const MOMENTS: u32 = 8;
    let pilot = Pilot::new();
    for number in 0..100 {
        pilot.write(&format!("content/{number}.json"), page(&format!("/p{number}"), "Sunday"));
    }
    pilot.ingest("dir:content");
    let change = |to: &str| {
        for number in 0..3 {
            pilot.write(&format!("content/{number}.json"), page(&format!("/p{number}"), to));
        }
    };
    let pages_with = |word: &str| {
        let output = pilot.run(&["search", "--json", "--limit", "100", &format!("bin {word}")]);
        assert!(output.status.success(), "{}", stderr(&output));
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let hits = found["hits"].as_array().unwrap().iter();
        hits.filter(|hit| hit["title"].as_str().unwrap().ends_with(word)).count()
    };
    change("Monday0");
    let began = Instant::now();
    pilot.ingest("dir:content");
    let whole = began.elapsed();
    assert!(pilot.snapshot().join("pages-1.jsonl").exists(), "it begins as the one before it");
    for moment in 1..=MOMENTS {
        let (old, new) = (format!("Monday{}", moment - 1), format!("Monday{moment}"));
        change(&new);
        let mut running = pilot.start(&["ingest", "dir:content"]);
        std::thread::sleep(whole * moment / MOMENTS);
        // It may have ended by itself.
        let _ = running.kill();
        running.wait().unwrap();
        let left = (pages_with(&old), pages_with(&new));
        assert!(left == (3, 0) || left == (0, 3), "killed at {moment} of {MOMENTS}: {left:?}");
        assert_eq!(pilot.ingest("dir:content")["failed"], json!({}));
        assert_eq!((pages_with(&old), pages_with(&new)), (0, 3));
    }
}

#[test]
fn every_damaged_file_of_a_snapshot_is_named_and_mended() {
    let pilot = Pilot::new();
    pilot.write_pages("content", "Tuesday");
    let whole = pilot.ingest("dir:content")["snapshot"].clone();
    let names = || -> Vec<String> {
        let files = fs::read_dir(pilot.snapshot()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.contains(".lock")).collect()
    };
    for number in 0..names().len() {
        for fault in ["changed", "cut", "removed"] {
            // Some names change when a snapshot is built again.
            let mut found = names();
            found.sort_by_key(|name| name.rsplit('.').next().map(str::to_owned));
            let (name, file) = (&found[number], pilot.snapshot().join(&found[number]));
            let mut bytes = fs::read(&file).unwrap();
            let middle = bytes.len() / 2;
            match fault {
                "changed" => bytes[middle] ^= 1,
                "cut" => bytes.truncate(middle),
                _ => fs::remove_file(&file).unwrap(),
            }
            if fault != "removed" {
                fs::write(&file, bytes).unwrap();
            }
            let said = pilot.fails(&["search", "bin"]);
            assert!(said.contains(name.as_str()) && said.contains("damaged"), "{name}: {said}");
            assert_eq!(pilot.ingest("dir:content")["snapshot"], whole, "{name} {fault}");
            assert!(pilot.finds("Tuesday"), "{name} {fault}");
        }
    }
}

#[test]
fn a_lost_or_damaged_pointer_is_mended() {
    let pilot = Pilot::new();
    pilot.write_pages("content", "Tuesday");
    let whole = pilot.ingest("dir:content")["snapshot"].clone();
    let current = pilot.path("state/snapshots/current");
    for text in ["", "nonsense", "../../etc", &"a".repeat(64)] {
        fs::write(&current, text).unwrap();
        assert!(pilot.fails(&["search", "bin"]).contains("candour ingest"), "{text}");
        assert_eq!(pilot.ingest("dir:content")["snapshot"], whole, "{text}");
        assert!(pilot.finds("Tuesday"), "{text}");
    }
    fs::remove_dir_all(pilot.path("state/snapshots")).unwrap();
    assert!(pilot.fails(&["search", "bin"]).contains("candour ingest"));
    assert_eq!(pilot.ingest("dir:content")["snapshot"], whole);
    assert!(pilot.finds("Tuesday"));
}

#[test]
fn a_damaged_database_is_told_and_the_snapshot_still_answers() {
    let pilot = Pilot::new();
    pilot.write_pages("content", "Tuesday");
    let whole = pilot.ingest("dir:content")["snapshot"].clone();
    let database = pilot.path("state/candour.sqlite");
    let size = fs::metadata(&database).unwrap().len();
    for bytes in
        [b"no database ".repeat(1000), fs::read(&database).unwrap()[..size as usize / 2].to_vec()]
    {
        fs::write(&database, bytes).unwrap();
        let said = pilot.fails(&["ingest", "dir:content"]);
        assert!(said.contains("damaged") && said.contains("move it away"), "{said}");
        assert!(pilot.finds("Tuesday"));
    }
    fs::remove_file(&database).unwrap();
    assert_eq!(pilot.ingest("dir:content")["snapshot"], whole);
}

/// What happens on a disk that fills up, in a place of its own where nobody else's disk is filled.
const FULL_DISK: &str = r#"
    mkdir disk && mount -t tmpfs -o size=16m candour disk || exit 77
    "$0" --state disk/state ingest -q dir:old || exit 2
    dd if=/dev/zero of=disk/ballast bs=4096 2>/dev/null
    "$0" --state disk/state ingest -q dir:new && exit 3
    "$0" --state disk/state search bin | grep -q Tuesday || exit 4
    rm disk/ballast
    "$0" --state disk/state ingest -q dir:new || exit 5
    "$0" --state disk/state search bin | grep -q Friday || exit 6
"#;

#[test]
#[expect(clippy::print_stderr, reason = "whoever runs the tests must know what was not tested")]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let pilot = Pilot::new();
    pilot.write_pages("old", "Tuesday");
    pilot.write_pages("new", "Friday");
    let mut command = assert_cmd::Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", FULL_DISK]).arg(program());
    let output = command.current_dir(pilot.folder.path()).timeout(PATIENCE).output();
    match output.as_ref().map(|output| (output.status.code(), stderr(output))) {
        Ok((Some(0), said)) => assert!(said.contains("the disk is full"), "{said}"),
        Ok((Some(code @ 2..=6), said)) => panic!("step {code}: {said}"),
        _ => eprintln!("skipped: this system lets no user mount a disk of their own"),
    }
}

/// What a server gives for a search, which must be answered.
fn search(server: &Server) -> String {
    let body = r#"{"text": "when is the bin emptied"}"#;
    let (status, found) = server.request("POST", "/api/v1/search", "", body);
    assert_eq!(status, 200, "{found}");
    found
}

#[test]
fn a_server_takes_up_a_new_snapshot_without_failing_a_request() {
    let pilot = Pilot::new();
    pilot.write_pages("content", "Tuesday");
    pilot.ingest("dir:content");
    let mut serve = pilot.command(&["serve", "--listen", "127.0.0.1:0"]);
    let server = Server::start(&mut serve, pilot.path("log"));
    for day in ["Wednesday", "Thursday", "Friday"] {
        pilot.write_pages("content", day);
        let ingest = pilot.start(&["ingest", "--quiet", "dir:content"]);
        let given_up = Instant::now() + PATIENCE;
        while !search(&server).contains(day) {
            assert!(Instant::now() < given_up, "{day} never came");
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(ingest.wait_with_output().unwrap().status.success());
    }
    // Killed without warning, it leaves everything as it was.
    drop(server);
    let mut again = Server::start(&mut serve, pilot.path("log"));
    assert!(search(&again).contains("Friday"));
    again.stop();
}
