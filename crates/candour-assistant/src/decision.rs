//! Asks a model for a decision: one small JSON value, of which nothing but what was asked for is read.

use std::time::Duration;

use candour_core::{
    LanguageModel, ModelAttempt, ModelError, ModelEvent, ModelIdentity, ModelMessage, ModelRequest,
    ModelRole, ModelStream, ReplyEnd, StopReason,
};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

/// What is longer than so many bytes is no decision.
const LONGEST: usize = 4096;

/// What was decided, and what it took.
pub(crate) struct Decided<T> {
    /// The decision; nothing where there is none.
    pub(crate) decision: Option<T>,
    /// The model that decided; where none did, the one that was asked first.
    pub(crate) model: ModelIdentity,
    /// How it ended.
    pub(crate) end: ReplyEnd,
    /// The requests that it took.
    pub(crate) attempts: Vec<ModelAttempt>,
    /// Milliseconds in all.
    pub(crate) milliseconds: f64,
}

/// The request for a decision: one JSON object, in which `name` is what `schema` describes.
pub(crate) fn request(
    instructions: &str,
    text: String,
    (name, schema): (&str, Value),
    max_output_tokens: u32,
) -> ModelRequest {
    ModelRequest {
        instructions: instructions.to_owned(),
        messages: vec![ModelMessage { role: ModelRole::User, text }],
        max_output_tokens,
        schema: Some(json!({
            "type": "object",
            "properties": {name: schema},
            "required": [name],
            "additionalProperties": false,
        })),
        ..ModelRequest::default()
    }
}

/// Asks for a decision, for no longer than `limit`. `read` makes one of what was said, or nothing.
pub(crate) async fn ask<T>(
    model: &dyn LanguageModel,
    request: ModelRequest,
    limit: Duration,
    read: impl FnOnce(&str) -> Option<T>,
) -> Decided<T> {
    let (began, calls) = (Instant::now(), request.calls.clone());
    let mut said = String::new();
    let mut end = listen(model.generate(request), began + limit, &mut said).await;
    let decision = if end == ReplyEnd::Read { read(unfenced(&said)) } else { None };
    if end == ReplyEnd::Read && decision.is_none() {
        end = ReplyEnd::Unreadable;
    }
    let attempts = calls.ended();
    let answered = attempts.iter().rfind(|attempt| attempt.outcome == "answered");
    Decided {
        decision,
        model: answered.map_or_else(|| model.identity(), |attempt| attempt.model.clone()),
        end,
        attempts,
        milliseconds: began.elapsed().as_secs_f64() * 1000.0,
    }
}

/// Models like to put JSON into a block of code.
fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let inside = text.strip_prefix("```json").or_else(|| text.strip_prefix("```"));
    inside.and_then(|inside| inside.strip_suffix("```")).unwrap_or(text).trim()
}

/// Listens to what is said, to the end or until the time is up, which ends the request.
async fn listen(mut stream: ModelStream, deadline: Instant, said: &mut String) -> ReplyEnd {
    loop {
        match timeout_at(deadline, stream.next()).await {
            Err(_) => return ReplyEnd::TimedOut,
            Ok(Some(Ok(ModelEvent::Text(text)))) => {
                if said.len() + text.len() > LONGEST {
                    return ReplyEnd::Unreadable;
                }
                said.push_str(&text);
            }
            Ok(Some(Ok(ModelEvent::Stop(StopReason::Finished)))) => return ReplyEnd::Read,
            Ok(Some(Ok(ModelEvent::Usage(_) | ModelEvent::SpanEnd(_)))) => {}
            Ok(Some(Ok(ModelEvent::Again))) => said.clear(),
            Ok(Some(Ok(ModelEvent::Stop(_))) | None) => return ReplyEnd::Unreadable,
            Ok(Some(Err(error))) => {
                tracing::warn!(%error, "a model gave no decision");
                return match error {
                    ModelError::Spent(_) => ReplyEnd::Spent,
                    ModelError::TimedOut => ReplyEnd::TimedOut,
                    _ => ReplyEnd::Failed,
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_code_is_opened() {
        for (said, expected) in [
            ("{}", "{}"),
            (" ```json\n{\"a\": 1}\n``` ", "{\"a\": 1}"),
            ("```\n{}\n```", "{}"),
            ("```json\n{}", "```json\n{}"),
            ("", ""),
        ] {
            assert_eq!(unfenced(said), expected, "{said}");
        }
    }

    /// A model that says this many spaces around an empty object.
    struct Padding(usize);

    impl LanguageModel for Padding {
        fn identity(&self) -> ModelIdentity {
            ModelIdentity { transport: "test".into(), model: "padding".into() }
        }

        fn generate(&self, _: ModelRequest) -> ModelStream {
            let events = [
                ModelEvent::Text("{}".to_owned()),
                ModelEvent::Text(" ".repeat(self.0)),
                ModelEvent::Stop(StopReason::Finished),
            ];
            Box::pin(futures_util::stream::iter(events.map(Ok)))
        }
    }

    #[test]
    fn what_is_too_long_is_no_decision() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        for (spaces, end) in [(LONGEST - 2, ReplyEnd::Read), (LONGEST - 1, ReplyEnd::Unreadable)] {
            let (request, limit) = (ModelRequest::default(), Duration::from_secs(5));
            let read = |said: &str| (said == "{}").then_some(());
            let decided = runtime.block_on(ask(&Padding(spaces), request, limit, read));
            assert_eq!((decided.end, decided.decision.is_some()), (end, end == ReplyEnd::Read));
        }
    }
}
