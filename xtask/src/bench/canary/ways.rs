//! Asks questions full of personal data over every way in.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::personal::{Canary, KINDS};
use crate::step::say;

/// How many readers ask at once.
const READERS: usize = 4;

/// Asks each question, and tells in how many the reader was shown that something was masked.
pub(super) fn ask_all(address: SocketAddr, canaries: &[Canary], kept: &Path) -> Result<usize> {
    let (next, masked) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let reader = || -> Result<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(canary) = canaries.get(number) else { return Ok(()) };
            if ask(address, number, canary, kept)? {
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

/// Asks one question by one of the ways in, each kind of data by each of them, and whether what came back
/// shows a mask. Where a comment can be made, it holds the same data, and one in 101, so that every kind does, goes
/// wrong on purpose, with it in every field that is not for words.
fn ask(address: SocketAddr, number: usize, canary: &Canary, kept: &Path) -> Result<bool> {
    let question = format!("{} How much is a garden waste subscription?", canary.said);
    if number.is_multiple_of(101) {
        go_wrong(address, &question, &canary.said)?;
    }
    match number / KINDS % 6 {
        0 => by_page(address, "", &question, &canary.said),
        1 => by_page(address, "/cy", &question, &canary.said),
        2 => by_api(address, &question, &canary.said, &kept.join(number.to_string())),
        3 => {
            let messages = json!([{ "role": "user", "content": question }]);
            let body = json!({ "model": "assistant", "messages": messages });
            by_program(address, "/v1/chat/completions", &body, canary)
        }
        4 => by_program(address, "/api/v1/ask/stream", &json!({ "question": question }), canary),
        _ => {
            let arguments = json!({ "question": question });
            let call = json!({ "name": "ask", "arguments": arguments });
            let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call });
            by_program(address, "/mcp", &body, canary)
        }
    }
}

const JSON: (&str, &str) = ("Content-Type", "application/json");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const ACCEPT: (&str, &str) = ("Accept", "application/json, text/event-stream");

/// Sends personal data where none belongs.
fn go_wrong(address: SocketAddr, question: &str, said: &str) -> Result<()> {
    let encoded = form(said);
    let path = format!("/conversation?question={encoded}&nation={encoded}&audience={encoded}");
    send(address, "GET", &path, &[("X-Irid", said), ("Traceparent", said)], "")?;
    send(address, "POST", "/api/v1/ask", &[JSON], &format!("{{\"question\": {question}"))?;
    let odd = json!({ "question": "Bins", "nation": said, "audience": said, "conversation": said });
    send(address, "POST", "/api/v1/ask", &[JSON], &odd.to_string())?;
    let long = format!("{question} {}", "bins ".repeat(500));
    send(address, "POST", "/ask", &[FORM], &format!("question={}", form(&long)))?;
    let choice = format!("nation={encoded}&audience={encoded}&answer={encoded}&choice={encoded}");
    send(address, "POST", "/ask", &[FORM], &format!("question=Bins&{choice}"))?;
    send(address, "POST", "/feedback", &[FORM], &choice)?;
    Ok(())
}

fn by_page(address: SocketAddr, language: &str, question: &str, comment: &str) -> Result<bool> {
    let path = format!("{language}/ask");
    let asked = send(address, "POST", &path, &[FORM], &format!("question={}", form(question)))?;
    let cookie = asked
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .and_then(|line| line.split(';').next())
        .with_context(|| format!("no conversation began: {asked}"))?;
    let page = send(address, "GET", "/conversation", &[("Cookie", cookie)], "")?;
    let (_, rest) =
        page.split_once("name=\"answer\" value=\"").context("no feedback is asked for")?;
    let answer = rest.split('"').next().unwrap_or_default();
    let feedback = format!("answer={answer}&verdict=wrong&comment={}", form(comment));
    let thanked = send(address, "POST", "/feedback", &[FORM, ("Cookie", cookie)], &feedback)?;
    ensure!(thanked.contains("303 See Other"), "the comment was not taken: {thanked}");
    Ok(page.contains("We masked personal details in your question."))
}

/// Asks over the API. Of some the receipt is kept, and the conversation is then erased, with its
/// deletion receipt kept too.
fn by_api(address: SocketAddr, question: &str, comment: &str, kept: &Path) -> Result<bool> {
    let body = json!({ "question": question }).to_string();
    let answer = send(address, "POST", "/api/v1/ask", &[JSON], &body)?;
    let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    let turn: Value = serde_json::from_str(body).with_context(|| answer.clone())?;
    let named = |name: &str| turn[name].as_str().with_context(|| format!("no `{name}`: {answer}"));
    let (id, conversation) = (named("id")?, named("conversation")?);
    let feedback = json!({ "verdict": "wrong", "comment": comment }).to_string();
    let path = format!("/api/v1/answers/{id}/feedback");
    send(address, "POST", &path, &[JSON], &feedback)?;
    if id.ends_with('0') {
        let receipt = send(address, "GET", &format!("/api/v1/answers/{id}/receipt"), &[], "")?;
        let path = format!("/api/v1/conversations/{conversation}");
        let erased = send(address, "DELETE", &path, &[], "")?;
        ensure!(receipt.contains("200 OK") && erased.contains("200 OK"), "{receipt}\n{erased}");
        fs::write(kept, receipt + &erased)?;
    }
    Ok(turn["masked"].as_array().is_some_and(|masked| !masked.is_empty()))
}

/// Asks as a program does, to which only the answer tells that something was masked.
fn by_program(address: SocketAddr, path: &str, body: &Value, canary: &Canary) -> Result<bool> {
    let answer = send(address, "POST", path, &[JSON, ACCEPT], &body.to_string())?;
    ensure!(answer.contains("200 OK"), "{answer}");
    Ok(canary.secrets.iter().all(|secret| !answer.contains(secret)))
}

/// Sends one request and gives the whole response.
pub(super) fn send(
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
