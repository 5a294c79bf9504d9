//! The shape of a chat completion, and what an answer is called in it.

use candour_core::{Answer, AnswerStatus, NoticeKind, Turn};
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
    /// The snapshot of the guidance that was searched: the same question on the same snapshot has the
    /// same answer.
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
    /// `stop`, or `content_filter` where the question is for people and fixed words say whom to call.
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

/// How many tokens there were. Where no language model ran, a token is four bytes of UTF-8.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names are the protocol's")]
pub(crate) struct Usage {
    /// In the messages that were read.
    prompt_tokens: usize,
    /// In the answer.
    completion_tokens: usize,
    /// In both.
    total_tokens: usize,
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
        let snapshot = turn.answer.snapshot.get(..12);
        Self {
            system_fingerprint: snapshot.map(|snapshot| format!("fp_{snapshot}")),
            ..Self::new(&turn.id.to_string(), turn.asked_at)
        }
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
    pub(super) fn of(prompt_bytes: usize, completion_bytes: usize) -> Self {
        let prompt_tokens = prompt_bytes.div_ceil(BYTES_IN_TOKEN);
        let completion_tokens = completion_bytes.div_ceil(BYTES_IN_TOKEN);
        Self { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
    }
}

/// What ended the answer. Whoever may be in danger is told whom to call and nothing else; evaluation
/// tools count that as a block. That the guidance says nothing is an answer like any other.
pub(super) fn finish_reason(answer: &Answer) -> &'static str {
    let is_crisis = answer.notices.iter().any(|notice| notice.kind == NoticeKind::Crisis);
    if is_crisis && answer.status == AnswerStatus::Signposted { "content_filter" } else { "stop" }
}
