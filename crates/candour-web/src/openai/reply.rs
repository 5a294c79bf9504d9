//! The shape of a chat completion, and what an answer is called in it.

use candour_core::{Answer, ModelUsage, Turn};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::openai::MODEL;

/// How many bytes are counted as one token.
const BYTES_IN_TOKEN: usize = 4;

/// A chat completion.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompletionBody {
    #[serde(flatten)]
    heading: Heading,
    /// Always `chat.completion`.
    object: &'static str,
    /// The one answer.
    choices: [ChoiceBody; 1],
    /// How many tokens there were.
    usage: Usage,
}

/// What every object of one completion begins with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Heading {
    /// Names the answer in the log of whoever asked. It cannot be looked up: the answer is not kept.
    id: String,
    /// When it was asked, in seconds since 1970.
    created: i64,
    /// Always `assistant`.
    model: &'static str,
    /// The snapshot of the guidance that was searched: where no model writes, the same question on the
    /// same snapshot has the same answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    system_fingerprint: Option<String>,
    /// Always true: a computer made the answer.
    ai_generated: bool,
}

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChoiceBody {
    /// Always 0.
    index: u32,
    /// What the assistant says.
    message: ReplyBody,
    /// `stop`, or `content_filter` where nobody may be answered: who may be in danger, who asks for a
    /// political opinion, whom a model declined to answer, or anyone while answers are switched off.
    finish_reason: &'static str,
}

/// What the assistant says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplyBody {
    /// Always `assistant`.
    role: &'static str,
    /// The answer with its sources, as text.
    content: String,
}

/// How many tokens there were: those of every request to a language model that the answer took, or, where
/// none wrote it, a token for every four bytes of UTF-8.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Usage {
    /// In the messages that were read.
    prompt_tokens: u64,
    /// In the answer.
    completion_tokens: u64,
    /// In both.
    total_tokens: u64,
    /// Which of the first were cheap.
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_tokens_details: Option<PromptTokens>,
}

/// Which tokens were cheap.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct PromptTokens {
    /// Read from the cache of the model's provider.
    cached_tokens: u64,
}

impl CompletionBody {
    pub(super) fn new(heading: Heading, answer: &Answer, content: String, usage: Usage) -> Self {
        let message = ReplyBody { role: "assistant", content };
        let finish_reason = finish_reason(answer);
        let choices = [ChoiceBody { index: 0, message, finish_reason }];
        Self { heading, object: "chat.completion", choices, usage }
    }
}

impl Heading {
    pub(super) fn of(turn: &Turn) -> Self {
        let mut heading = Self::new(&turn.id.to_string(), turn.asked_at);
        heading.answered_from(&turn.answer);
        heading
    }

    /// Names the guidance that the answer is from.
    pub(super) fn answered_from(&mut self, answer: &Answer) {
        self.system_fingerprint =
            answer.snapshot.get(..12).map(|snapshot| format!("fp_{snapshot}"));
    }

    /// The same for an answer that is not there yet.
    pub(super) fn new(id: &str, at: Timestamp) -> Self {
        Self {
            id: format!("chatcmpl-{id}"),
            created: at.as_second(),
            model: MODEL,
            system_fingerprint: None,
            ai_generated: true,
        }
    }
}

impl Usage {
    /// What models used, or else the bytes that were read and said.
    pub(super) fn of(model: Option<ModelUsage>, read: usize, said: usize) -> Self {
        let tokens = |bytes: usize| bytes.div_ceil(BYTES_IN_TOKEN) as u64;
        let Some(model) = model else { return Self::new(tokens(read), tokens(said), None) };
        let cached_tokens = model.cache_read_tokens;
        let prompt = model.input_tokens + model.cache_write_tokens + cached_tokens;
        Self::new(prompt, model.output_tokens, Some(PromptTokens { cached_tokens }))
    }

    fn new(prompt: u64, completion: u64, details: Option<PromptTokens>) -> Self {
        Self {
            prompt_tokens: prompt,
            completion_tokens: completion,
            total_tokens: prompt + completion,
            prompt_tokens_details: details,
        }
    }
}

/// What ended the answer. That the guidance says nothing is an answer like any other; where nobody may be
/// answered, evaluation tools count that as a block.
pub(super) fn finish_reason(answer: &Answer) -> &'static str {
    if answer.is_blocked { "content_filter" } else { "stop" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_the_models_or_else_counted_in_bytes() {
        let json = |usage: Usage| serde_json::to_value(usage).unwrap();
        assert_eq!(
            json(Usage::of(None, 9, 8)),
            serde_json::json!({"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5})
        );
        let model = ModelUsage {
            input_tokens: 60,
            output_tokens: 7,
            cache_write_tokens: 5,
            cache_read_tokens: 40,
        };
        assert_eq!(
            json(Usage::of(Some(model), 9, 8)),
            serde_json::json!({"prompt_tokens": 105, "completion_tokens": 7, "total_tokens": 112,
                "prompt_tokens_details": {"cached_tokens": 40}})
        );
    }
}
