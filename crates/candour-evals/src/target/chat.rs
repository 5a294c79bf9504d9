//! Any endpoint that speaks as OpenAI's chat completions do, without streaming.
//!
//! Endpoints differ in what they leave out, so that little is asked of a response: one choice with a
//! message. What a provider's filter stops is an answer too, and is marked as stopped.

use std::time::Instant;

use candour_core::{Answerer, AnswererError, Answering, Endpoint, Question, Reply, TokenUsage};
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::http::{Host, TargetError, malformed, refused};

/// What a model may read beside what it was sent, as passages that its host adds, and write beside what it
/// says, as thoughts: who says that it was more is mistaken. No token is shorter than a byte.
const MOST_HIDDEN: u64 = 200_000;
/// How many bytes a token of a text has at most, on average: who says that there were fewer tokens is mistaken.
const LONGEST_TOKENS: u64 = 20;
/// How many bytes of text make a token, roughly.
const BYTES_A_TOKEN: usize = 4;

/// A model behind an address.
pub struct ChatCompletions {
    host: Host,
    options: ChatOptions,
}

/// What is sent with every question.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChatOptions {
    /// The model's name.
    pub model: String,
    /// What the model is told first.
    #[serde(skip)]
    pub system: Option<String>,
    /// The most tokens that an answer may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// How freely words are drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// What they are drawn from, where the endpoint heeds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

impl ChatCompletions {
    /// A model at `address`, such as `https://host/v1`; the key is sent as a bearer token.
    pub fn new(
        address: &str,
        key: Option<&str>,
        options: ChatOptions,
    ) -> Result<Self, TargetError> {
        Ok(Self { host: Host::new(address, "chat/completions", key)?, options })
    }

    async fn ask(&self, question: &Question) -> Result<Reply, AnswererError> {
        let messages = messages(self.options.system.as_deref(), question);
        let read: usize = messages.iter().map(|message| message.content.len()).sum();
        let began = Instant::now();
        let (status, body) = self.host.post(&Request { options: &self.options, messages }).await?;
        let mut reply = match status {
            StatusCode::OK => completion(&body, read)?,
            StatusCode::BAD_REQUEST => filtered(&body).ok_or_else(|| refused(status, &body))?,
            _ => return Err(refused(status, &body)),
        };
        reply.latency_us = began.elapsed().as_micros() as u64;
        Ok(reply)
    }
}

impl Answerer for ChatCompletions {
    fn identity(&self) -> String {
        // What is sent decides the answers, so all of it is part of the name; the key is not.
        let system = self.options.system.as_deref().unwrap_or_default();
        let system = candour_core::ContentHash::of(system.as_bytes());
        let options = serde_json::to_string(&self.options).unwrap_or_default();
        format!("{} {options} system {}", self.host.url(), system.short())
    }

    fn endpoint(&self) -> Option<Endpoint> {
        let (model, base_url) = (self.options.model.clone(), self.host.base_url());
        Some(Endpoint { model, base_url })
    }

    fn answer<'a>(&'a self, question: &'a Question) -> Answering<'a> {
        Box::pin(self.ask(question))
    }
}

#[derive(Serialize)]
struct Request<'a> {
    #[serde(flatten)]
    options: &'a ChatOptions,
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

fn messages<'a>(system: Option<&'a str>, question: &'a Question) -> Vec<Message<'a>> {
    let mut messages: Vec<Message<'_>> =
        system.into_iter().map(|content| Message { role: "system", content }).collect();
    for exchange in &question.earlier {
        messages.push(Message { role: "user", content: &exchange.question });
        messages.push(Message { role: "assistant", content: &exchange.answer });
    }
    messages.push(Message { role: "user", content: &question.text });
    messages
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
    #[serde(default)]
    model: Value,
    #[serde(default)]
    usage: Value,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    content: Value,
    #[serde(default)]
    refusal: Option<String>,
}

/// Reads a response; `read` is how many bytes the model was given.
fn completion(body: &[u8], read: usize) -> Result<Reply, AnswererError> {
    let completion: Completion = serde_json::from_slice(body).map_err(|e| malformed(body, &e))?;
    let choice = completion.choices.into_iter().next();
    let choice = choice.ok_or_else(|| AnswererError::Malformed("`choices` is empty".to_owned()))?;
    let said = words(&choice.message.content);
    let text = if said.is_empty() { choice.message.refusal.unwrap_or_default() } else { said };
    let usage = Some(usage(&completion.usage, read, text.len()));
    let model = completion.model.as_str().map(str::to_owned);
    Ok(Reply { text, usage, model, stop: choice.finish_reason, ..Reply::default() })
}

/// What was said: a text, or the texts of several parts.
fn words(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part.get("text")?.as_str()).collect::<Vec<_>>().concat()
        }
        _ => String::new(),
    }
}

/// The tokens that were used, as the endpoint says where that is possible, else a guess: limits must
/// not go blind because an endpoint is silent or mistaken.
fn usage(said: &Value, read: usize, written: usize) -> TokenUsage {
    let count = |name: &str| said.get(name)?.as_u64();
    let input = count("prompt_tokens").unwrap_or_default();
    let output = count("completion_tokens");
    let said = TokenUsage { input, output: output.unwrap_or_default(), estimated: false };
    if output.is_some() { measured(said, read, written) } else { guess(read, written) }
}

/// The tokens that were used as they were told, or a guess from the length of the texts where that is
/// impossible.
pub(crate) fn measured(said: TokenUsage, read: usize, written: usize) -> TokenUsage {
    let can_be = |tokens: u64, bytes: usize| {
        let bytes = bytes as u64;
        (bytes.div_ceil(LONGEST_TOKENS)..=bytes + MOST_HIDDEN).contains(&tokens)
    };
    let is_possible = said.input > 0 && can_be(said.input, read) && can_be(said.output, written);
    if is_possible { said } else { guess(read, written) }
}

fn guess(read: usize, written: usize) -> TokenUsage {
    TokenUsage {
        input: read.div_ceil(BYTES_A_TOKEN) as u64,
        output: written.div_ceil(BYTES_A_TOKEN) as u64,
        estimated: true,
    }
}

/// A question that the provider's filter stopped gets its words, marked as stopped.
fn filtered(body: &[u8]) -> Option<Reply> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let error = body.get("error")?;
    let code = error.get("code")?.as_str()?;
    matches!(code, "content_policy_violation" | "content_filter").then(|| Reply {
        text: error.get("message").and_then(Value::as_str).unwrap_or_default().to_owned(),
        stop: Some("content_filter".to_owned()),
        ..Reply::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<Reply, AnswererError> {
        let mut reply = completion(body.to_string().as_bytes(), 40)?;
        reply.latency_us = 0;
        Ok(reply)
    }

    #[test]
    fn responses_are_read_whatever_they_leave_out() {
        let guess = |output| Some(TokenUsage { input: 10, output, estimated: true });
        let exact = Some(TokenUsage { input: 7, output: 2, estimated: false });
        let stop = Some("stop".to_owned());
        let said = |content: Value| json!({"choices": [{"message": {"content": content}}]});
        let with_usage = |usage: Value| json!({"choices": [{"message": {"content": "Yes, it is."}, "finish_reason": "stop"}], "usage": usage});
        let cases = [
            (said(json!("Yes, it is.")), "Yes, it is.", None, guess(3)),
            (said(json!(null)), "", None, guess(0)),
            (
                said(json!([{"type": "text", "text": "Yes"}, {"type": "text", "text": "."}])),
                "Yes.",
                None,
                guess(1),
            ),
            (
                with_usage(json!({"prompt_tokens": 7, "completion_tokens": 2})),
                "Yes, it is.",
                stop.clone(),
                exact,
            ),
            (
                with_usage(json!({"prompt_tokens": 7, "completion_tokens": 0})),
                "Yes, it is.",
                stop.clone(),
                guess(3),
            ),
            (
                with_usage(json!({"prompt_tokens": -7, "completion_tokens": 2})),
                "Yes, it is.",
                stop.clone(),
                guess(3),
            ),
            (
                with_usage(json!({"prompt_tokens": 7, "completion_tokens": 1_u64 << 60})),
                "Yes, it is.",
                stop.clone(),
                guess(3),
            ),
            (with_usage(json!("lots")), "Yes, it is.", stop.clone(), guess(3)),
            (
                with_usage(json!({"prompt_tokens": 9_999_999, "completion_tokens": 2})),
                "Yes, it is.",
                stop.clone(),
                guess(3),
            ),
            (
                with_usage(json!({"prompt_tokens": 7, "completion_tokens": 9_999_999})),
                "Yes, it is.",
                stop.clone(),
                guess(3),
            ),
            (
                with_usage(json!({"prompt_tokens": 100_000, "completion_tokens": 30_000})),
                "Yes, it is.",
                stop,
                Some(TokenUsage { input: 100_000, output: 30_000, estimated: false }),
            ),
        ];
        for (body, text, stop, usage) in cases {
            let expected = Reply { text: text.to_owned(), stop, usage, ..Reply::default() };
            assert_eq!(read(&body), Ok(expected), "{body}");
        }
        let long = "word ".repeat(680);
        for (told, estimated) in
            [((1, 1), true), ((169, 170), true), ((170, 169), true), ((170, 170), false)]
        {
            let usage = json!({"prompt_tokens": told.0, "completion_tokens": told.1});
            let found = super::usage(&usage, long.len(), long.len());
            let expected = if estimated { (850, 850) } else { told };
            assert_eq!(
                (found.input, found.output, found.estimated),
                (expected.0, expected.1, estimated)
            );
        }
        let refusal = json!({"choices": [{"message": {"content": null, "refusal": "No."}}]});
        assert_eq!(read(&refusal).unwrap().text, "No.");
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        for body in [json!({"choices": []}), json!({}), json!({"choices": [{}]}), json!("no")] {
            assert_eq!(read(&body).unwrap_err().kind(), "malformed", "{body}");
        }
    }

    #[test]
    fn a_filtered_question_has_an_answer() {
        let body = json!({"error": {"code": "content_policy_violation", "message": "Not that."}});
        let reply = filtered(body.to_string().as_bytes()).unwrap();
        assert_eq!(
            (reply.text.as_str(), reply.stop.as_deref()),
            ("Not that.", Some("content_filter"))
        );
        let other = json!({"error": {"code": "context_length_exceeded", "message": "Too long."}});
        assert_eq!(filtered(other.to_string().as_bytes()), None);
        let error = refused(StatusCode::BAD_REQUEST, other.to_string().as_bytes());
        assert_eq!(error, AnswererError::TooLong("Too long.".to_owned()));
    }
}
