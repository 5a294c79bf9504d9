//! `cargo xtask bench canary`: asks questions full of made-up personal data over every way in, then looks
//! for it in every file of the state directory, in the log, in the metrics and, where a server can be
//! started, in PostgreSQL.

mod personal;

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use self::personal::{Canary, canary};
use super::server::{Scratch, Server};
use crate::postgres::Cluster;
use crate::step::say;

/// How many readers ask at once.
const READERS: usize = 4;

/// Asks so many questions on SQLite and, where there is one, on PostgreSQL.
pub(super) fn run(questions: usize) -> Result<()> {
    let canaries: Vec<Canary> = (0..questions).map(canary).collect();
    measure("SQLite", &canaries, None)?;
    match Cluster::start() {
        Ok(cluster) => measure("PostgreSQL", &canaries, Some(&cluster)),
        Err(reason) => {
            say(&format!("canary: skipped on PostgreSQL: {reason:#}"));
            Ok(())
        }
    }
}

fn measure(database: &str, canaries: &[Canary], cluster: Option<&Cluster>) -> Result<()> {
    let scratch = Scratch::new()?;
    let log = scratch.path().join("log");
    let began = Instant::now();
    let server = Server::logging(&scratch, File::create(&log)?, cluster.map(Cluster::url))?;
    let masked = ask_all(server.address(), canaries)?;
    let metrics = send(server.address(), "GET", "/metrics", &[], "")?;
    ensure!(metrics.contains("candour_pii_masked_total"), "there are no metrics: {metrics}");
    fs::write(scratch.path().join("metrics"), &metrics)?;
    if let Some(cluster) = cluster {
        cluster.dump(&scratch.path().join("dump"))?;
    }
    // Looked through while it runs: what is in the log of the database is not yet in the database.
    let mut places = vec![scratch.path().to_owned()];
    places.extend(cluster.map(|cluster| cluster.folder().to_owned()));
    let running = Found::search(canaries, &places)?;
    drop(server);
    let stopped = Found::search(canaries, &places)?;
    let seconds = began.elapsed().as_secs_f64();
    for (kind, place) in running.kinds.iter().chain(&stopped.kinds) {
        say(&format!("canary: found {kind} in {}", place.display()));
    }
    say(&format!(
        "canary: {database}: {} questions, {masked} of which came back masked, {} masks kept, {:.0} MB in {} files searched twice, {} bytes of personal data found (bar: 0), {seconds:.0} s",
        canaries.len(),
        stopped.masks,
        running.searched as f64 / 1e6,
        running.files,
        running.bytes + stopped.bytes,
    ));
    ensure!(running.bytes + stopped.bytes == 0, "personal data was kept");
    ensure!(masked == canaries.len(), "not every canary was masked");
    // What stands in its place must be found, or nothing was looked through.
    ensure!(stopped.masks > 0, "no mask was found in what is kept");
    Ok(())
}

/// Asks each question, and tells in how many the reader was shown that something was masked.
fn ask_all(address: SocketAddr, canaries: &[Canary]) -> Result<usize> {
    let (next, masked) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let reader = || -> Result<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(canary) = canaries.get(number) else { return Ok(()) };
            if ask(address, number, canary)? {
                masked.fetch_add(1, Ordering::Relaxed);
            } else {
                say(&format!("canary: not masked: {}", canary.said));
            }
        }
    };
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(reader)).collect();
        readers.into_iter().try_for_each(|reader| match reader.join() {
            Ok(done) => done,
            Err(_) => bail!("a reader panicked"),
        })
    })?;
    Ok(masked.into_inner())
}

/// Asks one question by one of the ways in, and whether what came back shows a mask. Every answer is also
/// commented on with the same data, and every hundredth goes wrong on purpose, with it in the address.
fn ask(address: SocketAddr, number: usize, canary: &Canary) -> Result<bool> {
    let question = format!("{} How much is a garden waste subscription?", canary.said);
    if number.is_multiple_of(100) {
        let path = format!("/conversation?question={}", form(&canary.said));
        send(address, "GET", &path, &[("X-Irid", &canary.said)], "")?;
        send(address, "POST", "/api/v1/ask", &[JSON], &format!("{{\"question\": {question}"))?;
        let long = format!("{question} {}", "bins ".repeat(500));
        send(address, "POST", "/ask", &[FORM], &format!("question={}", form(&long)))?;
    }
    match number % 4 {
        0 => by_page(address, "", &question),
        1 => by_page(address, "/cy", &question),
        2 => by_api(address, &question, &canary.said),
        _ => {
            let messages = serde_json::json!([{ "role": "user", "content": question }]);
            let body = serde_json::json!({ "model": "assistant", "messages": messages });
            let answer = send(address, "POST", "/v1/chat/completions", &[JSON], &body.to_string())?;
            ensure!(answer.contains("200 OK"), "{answer}");
            Ok(canary.secrets.iter().all(|secret| !answer.contains(secret)))
        }
    }
}

const JSON: (&str, &str) = ("Content-Type", "application/json");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

fn by_page(address: SocketAddr, language: &str, question: &str) -> Result<bool> {
    let path = format!("{language}/ask");
    let asked = send(address, "POST", &path, &[FORM], &format!("question={}", form(question)))?;
    let cookie = asked
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .and_then(|line| line.split(';').next())
        .with_context(|| format!("no conversation began: {asked}"))?;
    let page = send(address, "GET", "/conversation", &[("Cookie", cookie)], "")?;
    Ok(page.contains("We masked personal details in your question."))
}

fn by_api(address: SocketAddr, question: &str, comment: &str) -> Result<bool> {
    let body = serde_json::json!({ "question": question }).to_string();
    let answer = send(address, "POST", "/api/v1/ask", &[JSON], &body)?;
    let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    let turn: serde_json::Value = serde_json::from_str(body).with_context(|| answer.clone())?;
    let id = turn["id"].as_str().context("an answer has an identifier")?;
    let feedback = serde_json::json!({ "verdict": "wrong", "comment": comment }).to_string();
    let path = format!("/api/v1/answers/{id}/feedback");
    send(address, "POST", &path, &[JSON], &feedback)?;
    Ok(turn["masked"].as_array().is_some_and(|masked| !masked.is_empty()))
}

/// Sends one request and gives the whole response.
fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let headers: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let headers = headers.concat();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    Ok(String::from_utf8_lossy(&response).into_owned())
}

/// Text as forms and addresses carry it.
fn form(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| format!("{encoded}%{byte:02X}"))
}

/// What was found, and where.
#[derive(Default)]
struct Found {
    bytes: usize,
    /// How often a mask was found, which stands where personal data stood.
    masks: usize,
    searched: usize,
    files: usize,
    kinds: BTreeMap<&'static str, PathBuf>,
}

impl Found {
    /// Looks for every secret in every file under these folders.
    fn search(canaries: &[Canary], folders: &[PathBuf]) -> Result<Self> {
        let mut beginnings: HashMap<&[u8], Vec<(&str, &'static str)>> = HashMap::new();
        for canary in canaries {
            for secret in &canary.secrets {
                let beginning = &secret.as_bytes()[..BEGINNING];
                beginnings.entry(beginning).or_default().push((secret, canary.kind));
            }
        }
        beginnings.entry(&MASK.as_bytes()[..BEGINNING]).or_default().push((MASK, ""));
        let mut found = Self::default();
        for folder in folders {
            found.search_folder(&beginnings, folder)?;
        }
        ensure!(found.files > 3 && found.searched > 1_000_000, "there is too little to search");
        Ok(found)
    }

    fn search_folder(&mut self, beginnings: &Beginnings<'_>, folder: &Path) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            // Sockets are no files, and PostgreSQL removes files of its own as it works.
            if path.is_dir() {
                self.search_folder(beginnings, &path)?;
            } else if let Ok(bytes) = fs::read(&path) {
                self.files += 1;
                self.searched += bytes.len();
                self.search_bytes(beginnings, &bytes, &path);
            }
        }
        Ok(())
    }

    fn search_bytes(&mut self, beginnings: &Beginnings<'_>, bytes: &[u8], path: &Path) {
        for (at, window) in bytes.windows(BEGINNING).enumerate() {
            let Some(secrets) = beginnings.get(window) else { continue };
            for (secret, kind) in secrets {
                let is_it = bytes[at..].starts_with(secret.as_bytes());
                if is_it && *secret == MASK {
                    self.masks += 1;
                } else if is_it && !is_inside(bytes, at, at + secret.len()) {
                    self.bytes += secret.len();
                    self.kinds.insert(kind, path.to_owned());
                }
            }
        }
    }
}

/// One of the masks.
const MASK: &str = "[National Insurance number]";

/// How many bytes of a secret are looked up at once. No secret is shorter.
const BEGINNING: usize = 8;

type Beginnings<'a> = HashMap<&'a [u8], Vec<(&'a str, &'static str)>>;

/// Whether these bytes are but a part of a longer number or word, such as a hash.
fn is_inside(bytes: &[u8], start: usize, end: usize) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    is_part(before) || is_part(bytes.get(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_and_parts_of_longer_words_are_not() {
        let canaries: Vec<Canary> = (0..10_000).map(canary).collect();
        let secrets = canaries.iter().flat_map(|canary| &canary.secrets);
        let each: std::collections::BTreeSet<&String> = secrets.clone().collect();
        assert!(
            each.iter().all(|secret| secret.len() >= BEGINNING),
            "none is too short to look for"
        );
        assert!(each.len() > 10_000, "every question has its own");
        for canary in &canaries {
            assert!(canary.secrets.iter().any(|secret| canary.said.contains(secret)));
        }
        let mut beginnings: Beginnings<'_> = HashMap::new();
        for canary in &canaries[1..2] {
            let secret = canary.secrets[1].as_str();
            beginnings.insert(&secret.as_bytes()[..BEGINNING], vec![(secret, canary.kind)]);
        }
        let card = &canaries[1].secrets[1];
        for (text, expected) in [
            (format!("a\"{card}\"b"), card.len()),
            (format!("\0{card}\0{card}"), 2 * card.len()),
            (format!("deadbeef{card}"), 0),
            (format!("{card}0"), 0),
        ] {
            let mut found = Found::default();
            found.search_bytes(&beginnings, text.as_bytes(), Path::new("file"));
            assert_eq!(found.bytes, expected, "{text}");
        }
    }
}
