//! Chat completions, as OpenAI and many local servers speak them.
//!
//! They have no citations. Every block of a source is a numbered line, the model is told to name the
//! numbers, and `marks` reads them out of what it says. What a server leaves out, a usage, an identifier
//! or a reason for its end, is done without; and one that streams nothing, but sends the whole completion as
//! one JSON object, is read too.

mod marks;

use std::collections::VecDeque;
use std::fmt::Write as _;

use candour_core::{
    LanguageModel, ModelError, ModelEvent, ModelIdentity, ModelRequest, ModelStream, ModelUsage,
    StopReason, Transport,
};
use reqwest::Client;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use self::marks::Marks;
use super::anthropic::{conversation, name};
use super::http::{error_event, secret_header, send};
use super::reading::{Protocol, read};
use super::sse::SseDecoder;

/// What a model is told beside its instructions.
const CITING: &str = "Every line of the sources begins with its mark, such as [2.1]. Right after each \
    sentence or list item that you write, put the marks of the lines that it stands on, such as [2.1] \
    or [2.1][3.4]. Write no other marks.";

/// A model behind chat completions.
pub(super) struct Openai {
    pub(super) client: Client,
    /// Such as `http://localhost:8000/v1`.
    pub(super) endpoint: String,
    pub(super) model: String,
    /// Local servers often want none.
    pub(super) key: Option<SecretString>,
}

impl Openai {
    pub(super) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.endpoint.trim_end_matches('/'))
    }

    /// Whether the server takes the key. Listing its models costs nothing.
    pub(super) async fn check(&self) -> Result<(), ModelError> {
        let request = self.authorised(self.client.get(self.address("/models")))?;
        send(request.timeout(super::CHECKING)).await.map(drop)
    }

    fn authorised(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::RequestBuilder, ModelError> {
        Ok(match &self.key {
            Some(key) => {
                request.header(reqwest::header::AUTHORIZATION, secret_header("Bearer ", key)?)
            }
            None => request,
        })
    }

    fn body(&self, request: &ModelRequest) -> Result<Value, ModelError> {
        let mut body = json!({
            "model": self.model,
            "messages": messages(request)?,
            "stream": true,
            "stream_options": {"include_usage": true},
        });
        // OpenAI's own models refuse the older name, and other servers may not know the newer.
        let is_openai = self.endpoint.contains(".openai.");
        let limit = if is_openai { "max_completion_tokens" } else { "max_tokens" };
        body[limit] = json!(request.max_output_tokens);
        if let Some(temperature) = request.temperature {
            body["temperature"] = json!(temperature);
        }
        if let Some(schema) = &request.schema {
            let schema = json!({"name": "answer", "schema": schema});
            body["response_format"] = json!({"type": "json_schema", "json_schema": schema});
        }
        Ok(body)
    }
}

impl LanguageModel for Openai {
    fn identity(&self) -> ModelIdentity {
        ModelIdentity { transport: Transport::Openai.key().into(), model: self.model.clone() }
    }

    fn generate(&self, request: ModelRequest) -> ModelStream {
        let sent = self.body(&request).and_then(|body| {
            self.authorised(self.client.post(self.address("/chat/completions")).json(&body))
        });
        let asking = Box::pin(async move { send(sent?).await });
        // What keeps to a schema has no marks, and brackets of its own.
        let cites = request.schema.is_none() && !request.sources.is_empty();
        read(asking, Completion::new(cites), request.max_output_tokens)
    }
}

fn messages(request: &ModelRequest) -> Result<Vec<Value>, ModelError> {
    let (last, earlier) = conversation(&request.messages)
        .ok_or_else(|| ModelError::Invalid("it asks nothing".into()))?;
    let mut asked = String::new();
    let mut instructions = request.instructions.trim().to_owned();
    if !request.sources.is_empty() {
        let _ = write!(instructions, "\n\n{CITING}");
        asked = sources(request);
        asked.push_str("\nThe question:\n");
    }
    asked.push_str(&last.text);
    let mut messages = Vec::new();
    if !instructions.trim().is_empty() {
        messages.push(json!({"role": "system", "content": instructions.trim()}));
    }
    let earlier = earlier.into_iter();
    messages.extend(earlier.map(|said| json!({"role": said.role, "content": said.text})));
    messages.push(json!({"role": "user", "content": asked}));
    Ok(messages)
}

/// Each source under its title, each of its blocks on a line with its mark. Writing to a String cannot
/// fail.
fn sources(request: &ModelRequest) -> String {
    let mut text = "The sources:\n".to_owned();
    for (number, source) in (1..).zip(&request.sources) {
        let (title, address) = (name(&source.title), name(&source.address));
        let _ = writeln!(text, "\n{title} ({address})");
        for (block, words) in (1..).zip(&source.blocks) {
            let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = writeln!(text, "[{number}.{block}] {line}");
        }
    }
    text
}

/// Reads a completion as it comes.
struct Completion {
    sse: SseDecoder,
    /// All that came so far, where it is one JSON object and no stream. How much is read of an answer bounds
    /// it.
    object: Vec<u8>,
    /// `None` where what is said has no marks.
    marks: Option<Marks>,
    stop: Option<StopReason>,
    has_choices: bool,
    is_begun: bool,
    is_over: bool,
}

impl Completion {
    fn new(cites: bool) -> Self {
        Self {
            sse: SseDecoder::default(),
            object: Vec::new(),
            marks: cites.then(Marks::default),
            stop: None,
            has_choices: false,
            is_begun: false,
            is_over: false,
        }
    }

    fn take(&mut self, chunk: Chunk, events: &mut VecDeque<ModelEvent>) -> Result<(), ModelError> {
        if let Some(error) = chunk.error {
            return Err(error_event(error["type"].as_str().unwrap_or_default()));
        }
        if let Some(used) = chunk.usage {
            events.push_back(ModelEvent::Usage(used.ours()));
        }
        for choice in chunk.choices {
            self.has_choices = true;
            let said = choice.delta;
            if said.refusal.is_some_and(|refusal| !refusal.is_empty()) {
                self.stop = Some(StopReason::Refused);
            }
            if let Some(text) = said.content.filter(|text| !text.is_empty()) {
                match &mut self.marks {
                    Some(marks) => marks.push(&text, events),
                    None => events.push_back(ModelEvent::Text(text)),
                }
            }
            if let (Some(reason), None) = (choice.finish_reason, &self.stop) {
                self.stop = Some(stop_reason(reason));
            }
        }
        Ok(())
    }

    /// Takes a completion that came as one object.
    fn take_object(&mut self, events: &mut VecDeque<ModelEvent>) -> Result<(), ModelError> {
        let chunk = serde_json::from_slice::<Chunk>(&self.object);
        let mut chunk = chunk
            .map_err(|_| ModelError::Broken("it is not as documented, or not whole".into()))?;
        for choice in &mut chunk.choices {
            choice.delta = choice.message.take().unwrap_or_default();
        }
        self.take(chunk, events)?;
        self.finish_all(events)
    }

    /// Nothing more is to come.
    fn finish_all(&mut self, events: &mut VecDeque<ModelEvent>) -> Result<(), ModelError> {
        if !self.has_choices {
            return Err(ModelError::Broken("it holds no choice".into()));
        }
        let reason = self.stop.take().unwrap_or(StopReason::Finished);
        self.finish(reason, events);
        Ok(())
    }

    /// All was said, for this reason.
    fn finish(&mut self, reason: StopReason, events: &mut VecDeque<ModelEvent>) {
        match &mut self.marks {
            Some(marks) => marks.finish(events),
            None => events.push_back(ModelEvent::SpanEnd(Vec::new())),
        }
        events.push_back(ModelEvent::Stop(reason));
        self.is_over = true;
    }
}

impl Protocol for Completion {
    fn push(&mut self, bytes: &[u8], events: &mut VecDeque<ModelEvent>) -> Result<(), ModelError> {
        // No line of a stream begins so.
        let is_object = !self.is_begun && bytes.trim_ascii_start().starts_with(b"{");
        self.is_begun |= !bytes.trim_ascii().is_empty();
        if is_object || !self.object.is_empty() {
            self.object.extend_from_slice(bytes);
            return Ok(());
        }
        let decoded = self.sse.push(bytes);
        let decoded =
            decoded.map_err(|_| ModelError::Broken("an event is longer than is read".into()))?;
        for event in decoded {
            if self.is_over {
                break;
            }
            if event.data == "[DONE]" {
                self.finish_all(events)?;
                break;
            }
            let chunk: Chunk = serde_json::from_str(&event.data)
                .map_err(|_| ModelError::Broken("an event is not as documented".into()))?;
            self.take(chunk, events)?;
        }
        Ok(())
    }

    /// Some servers end without the last event, but not without a reason.
    fn end(&mut self, events: &mut VecDeque<ModelEvent>) -> Result<(), ModelError> {
        if !self.object.is_empty() {
            return self.take_object(events);
        }
        match self.stop.take() {
            _ if self.is_over => Ok(()),
            Some(reason) => {
                self.finish(reason, events);
                Ok(())
            }
            None => Err(ModelError::Broken("it ended too soon".into())),
        }
    }
}

fn stop_reason(reason: String) -> StopReason {
    match reason.as_str() {
        "stop" => StopReason::Finished,
        "length" => StopReason::Length,
        "content_filter" => StopReason::Refused,
        _ => StopReason::Other(reason),
    }
}

#[derive(Debug, Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
    /// What stands in its place where nothing is streamed. Some streams end with all of it once more.
    #[serde(default)]
    message: Option<Delta>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PromptDetails {
    cached_tokens: Option<u64>,
}

impl Usage {
    /// Here what was cached counts among what was read.
    fn ours(self) -> ModelUsage {
        let cached = self.prompt_tokens_details.and_then(|details| details.cached_tokens);
        let cached = cached.unwrap_or(0);
        ModelUsage {
            input_tokens: self.prompt_tokens.saturating_sub(cached),
            output_tokens: self.completion_tokens,
            cache_write_tokens: 0,
            cache_read_tokens: cached,
        }
    }
}

#[cfg(test)]
mod tests {
    use candour_core::ModelCitation;

    use super::*;

    fn events(text: &str) -> Vec<Result<ModelEvent, ModelError>> {
        let (mut completion, mut events) = (Completion::new(true), VecDeque::new());
        let end = completion
            .push(text.as_bytes(), &mut events)
            .and_then(|()| completion.end(&mut events));
        events.into_iter().map(Ok).chain(end.err().map(Err)).collect()
    }

    #[test]
    fn what_servers_leave_out_is_done_without() {
        let hello = r#"data: {"choices":[{"delta":{"content":"Hello."}}]}"#;
        let broken = |why: &str| Err(ModelError::Broken(why.into()));
        let stop = |reason| Ok(ModelEvent::Stop(reason));
        for (text, expected) in [
            (format!("{hello}\n\ndata: [DONE]\n\n"), stop(StopReason::Finished)),
            (
                format!("{hello}\n\ndata: {{\"choices\":[{{\"finish_reason\":\"length\"}}]}}\n\n"),
                stop(StopReason::Length),
            ),
            (
                "data: {\"choices\":[{\"delta\":{\"content\":null,\"refusal\":\"No.\"}}]}\n\n\
                 data: [DONE]\n\n"
                    .into(),
                stop(StopReason::Refused),
            ),
            (format!("{hello}\n\n"), broken("it ended too soon")),
            ("data: {\"choices\":[]}\n\ndata: [DONE]\n\n".into(), broken("it holds no choice")),
            ("data: nonsense\n\n".into(), broken("an event is not as documented")),
            (
                "data: {\"error\":{\"type\":\"server_error\",\"message\":\"x\"}}\n\n".into(),
                Err(ModelError::Unavailable("it broke off, server_error".into())),
            ),
        ] {
            assert_eq!(events(&text).last(), Some(&expected), "{text}");
        }
    }

    /// However it is cut into pieces.
    #[test]
    fn a_server_that_streams_nothing_is_read_too() {
        let whole = r#" {"choices":[{"message":{"content":"Hello. [1.1]"},"finish_reason":"length"}],
            "usage":{"prompt_tokens":7,"completion_tokens":2}}"#;
        let used = ModelUsage { input_tokens: 7, output_tokens: 2, ..ModelUsage::default() };
        let cited = ModelCitation { source: 0, blocks: 0..1, quote: None };
        let expected = [
            ModelEvent::Usage(used),
            ModelEvent::Text("Hello.".into()),
            ModelEvent::SpanEnd(vec![cited]),
            ModelEvent::Stop(StopReason::Length),
        ];
        for size in [1, 5, whole.len()] {
            let (mut completion, mut events) = (Completion::new(true), VecDeque::new());
            for piece in whole.as_bytes().chunks(size) {
                completion.push(piece, &mut events).unwrap();
            }
            completion.end(&mut events).unwrap();
            assert_eq!(Vec::from(events), expected, "{size}");
        }
        let broken = |why: &str| Some(Err(ModelError::Broken(why.into())));
        for (text, expected) in [
            (r#"{"choices":[]}"#, broken("it holds no choice")),
            (&whole[..40], broken("it is not as documented, or not whole")),
            (
                r#"{"error":{"type":"server_error"}}"#,
                Some(Err(ModelError::Unavailable("it broke off, server_error".into()))),
            ),
        ] {
            assert_eq!(events(text).pop(), expected, "{text}");
        }
    }

    /// What a stream repeats at its end is not said twice.
    #[test]
    fn a_stream_may_end_with_all_of_it_once_more() {
        let text = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello.\"}}]}\n\n\
            data: {\"choices\":[{\"message\":{\"content\":\"Hello.\"},\"finish_reason\":\"stop\"}]}\n\n";
        let words = events(text).into_iter().filter_map(|event| match event {
            Ok(ModelEvent::Text(words)) => Some(words),
            _ => None,
        });
        assert_eq!(words.collect::<String>(), "Hello.");
    }
}
