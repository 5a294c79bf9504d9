//! One question, asked once: what was asked, what came back, and how it was scored.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::LogError;
use super::header::{Failure, or_default};

/// No name of a sample may be longer: it becomes part of a file name.
const LONGEST_ID: usize = 200;

/// One question, asked once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Names the question within its dataset.
    pub id: SampleId,
    /// Which of its repeats this is, from 1.
    pub epoch: u64,
    /// What was asked.
    pub input: Input,
    /// What should come back.
    #[serde(default, deserialize_with = "or_default")]
    pub target: Target,
    /// The conversation.
    #[serde(default, deserialize_with = "or_default")]
    pub messages: Vec<Message>,
    /// What came back.
    #[serde(default, deserialize_with = "or_default")]
    pub output: Output,
    /// How it was scored, by scorer.
    #[serde(default, deserialize_with = "or_default")]
    pub scores: BTreeMap<String, Score>,
    /// Anything else, by name: the place for clusters, tags and hashes.
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: Map<String, Value>,
    /// Tokens by model.
    #[serde(default, deserialize_with = "or_default")]
    pub model_usage: BTreeMap<String, Usage>,
    /// The same by what the model is there for, where it is not to answer.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub role_usage: BTreeMap<String, Usage>,
    /// When it was first asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When it was scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
    /// Seconds from one to the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_time: Option<f64>,
    /// The same without waiting for a turn or a retry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_time: Option<f64>,
    /// Names this sample and no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// The failures after which it was asked again.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub error_retries: Vec<Failure>,
    /// The limit that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitHit>,
}

impl Sample {
    /// A sample that was asked and not yet answered.
    pub fn new(
        id: impl Into<SampleId>,
        epoch: u64,
        input: impl Into<String>,
        target: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            epoch,
            input: Input::Text(input.into()),
            target: Target::One(target.into()),
            messages: Vec::new(),
            output: Output::default(),
            scores: BTreeMap::new(),
            metadata: Map::new(),
            model_usage: BTreeMap::new(),
            role_usage: BTreeMap::new(),
            started_at: None,
            completed_at: None,
            total_time: None,
            working_time: None,
            uuid: None,
            error: None,
            error_retries: Vec::new(),
            limit: None,
        }
    }
}

/// The name of a question: text or a number, which are never the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SampleId {
    /// A number.
    Number(i64),
    /// Text.
    Text(String),
}

impl SampleId {
    /// Refuses a name that cannot be part of a file name in an archive.
    pub fn check(&self) -> Result<(), LogError> {
        let Self::Text(id) = self else { return Ok(()) };
        let why = if id.is_empty() {
            "it is empty"
        } else if id.len() > LONGEST_ID {
            "it is longer than 200 bytes"
        } else if id.contains(['/', '\\']) {
            "it contains a slash"
        } else if id.contains("..") {
            "it contains two dots in a row"
        } else if id.contains(char::is_control) {
            "it contains a control character"
        } else {
            return Ok(());
        };
        Err(LogError::BadId { id: id.chars().take(60).collect(), why })
    }
}

impl fmt::Display for SampleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(id) => id.fmt(f),
            Self::Text(id) => id.fmt(f),
        }
    }
}

impl From<&str> for SampleId {
    fn from(id: &str) -> Self {
        Self::Text(id.to_owned())
    }
}

impl From<String> for SampleId {
    fn from(id: String) -> Self {
        Self::Text(id)
    }
}

impl From<i64> for SampleId {
    fn from(id: i64) -> Self {
        Self::Number(id)
    }
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Input {
    /// One question.
    Text(String),
    /// A conversation.
    Messages(Vec<Message>),
}

/// What should come back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Target {
    /// One text.
    One(String),
    /// Any of several.
    Many(Vec<String>),
}

impl Default for Target {
    fn default() -> Self {
        Self::One(String::new())
    }
}

/// A turn of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Whose turn it is.
    pub role: Role,
    /// What is said.
    pub content: Content,
}

impl Message {
    /// A turn of plain text.
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self { role, content: Content::Text(text.into()) }
    }
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are those of every chat interface")]
pub enum Role {
    System,
    User,
    Assistant,
    Tool,
}

/// What is said in a turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Content {
    /// Plain text.
    Text(String),
    /// Parts, of which not all are text.
    Parts(Vec<Value>),
}

impl Content {
    /// Its words, without parts that have none.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Parts(parts) => {
                let words = parts.iter().filter_map(|part| part.get("text")?.as_str());
                words.collect::<Vec<_>>().join("\n")
            }
        }
    }
}

/// What came back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Output {
    /// Who answered.
    pub model: String,
    /// The answers; the first is the one that counts.
    pub choices: Vec<Choice>,
    /// Tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<f64>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Output {
    /// One answer of plain text.
    pub fn new(
        model: impl Into<String>,
        answer: impl Into<String>,
        stop_reason: StopReason,
    ) -> Self {
        let message = Message::new(Role::Assistant, answer);
        let choices = vec![Choice { message, stop_reason }];
        Self { model: model.into(), choices, ..Self::default() }
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The answer.
    pub message: Message,
    /// Why it ends where it ends.
    #[serde(default)]
    pub stop_reason: StopReason,
}

/// Why an answer ends where it ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// It is complete.
    Stop,
    /// It came to the limit of tokens.
    MaxTokens,
    /// The conversation is longer than the model can take.
    ModelLength,
    /// A tool is called.
    ToolCalls,
    /// A filter stopped it.
    ContentFilter,
    /// Nobody says.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Tokens that were used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Read.
    pub input_tokens: u64,
    /// Written.
    pub output_tokens: u64,
    /// Both.
    pub total_tokens: u64,
    /// Kept in a cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens_cache_write: Option<u64>,
    /// Read from a cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens_cache_read: Option<u64>,
    /// Written while thinking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u64>,
    /// What it cost, in dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_cost: Option<f64>,
}

impl Usage {
    /// So many tokens read and written.
    pub fn of(input: u64, output: u64) -> Self {
        let total_tokens = input + output;
        Self { input_tokens: input, output_tokens: output, total_tokens, ..Self::default() }
    }

    /// Adds what another took. What neither says stays unsaid.
    pub fn add(&mut self, more: &Self) {
        self.input_tokens += more.input_tokens;
        self.output_tokens += more.output_tokens;
        self.total_tokens += more.total_tokens;
        let tokens = |one: Option<u64>, other| sum(one, other, |one, other| one + other);
        self.input_tokens_cache_write =
            tokens(self.input_tokens_cache_write, more.input_tokens_cache_write);
        self.input_tokens_cache_read =
            tokens(self.input_tokens_cache_read, more.input_tokens_cache_read);
        self.reasoning_tokens = tokens(self.reasoning_tokens, more.reasoning_tokens);
        self.total_cost = sum(self.total_cost, more.total_cost, |one, other| one + other);
    }
}

/// The sum of what is said; nothing where neither says anything.
fn sum<T>(one: Option<T>, other: Option<T>, add: fn(T, T) -> T) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(add(one, other)),
        (one, other) => one.or(other),
    }
}

/// How an answer was scored by one scorer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Text, a number, a truth value, a list or a table; never null when written.
    pub value: Value,
    /// The part of the answer that was scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Why it was scored so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// Anything else, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

impl Score {
    /// A score without reasons.
    pub fn new(value: impl Into<Value>) -> Self {
        Self { value: value.into(), ..Self::default() }
    }
}

/// The limit that ended a sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitHit {
    /// Which one.
    #[serde(rename = "type")]
    pub kind: LimitKind,
    /// Where it stood.
    #[serde(default)]
    pub limit: f64,
    /// What came to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The limits that every version of Inspect knows. One on cost is [`Custom`](Self::Custom), and its
/// reason says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LimitKind {
    /// The length of a conversation that a model can take.
    Context,
    /// Time from the beginning.
    Time,
    /// Time without waiting.
    Working,
    /// Turns.
    Message,
    /// Tokens.
    Token,
    /// Somebody ended it.
    Operator,
    /// Any other.
    #[serde(other)]
    Custom,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_adds_up() {
        let mut used = Usage::of(10, 2);
        let more = Usage {
            input_tokens_cache_write: Some(3),
            reasoning_tokens: Some(4),
            total_cost: Some(0.5),
            ..Usage::of(5, 1)
        };
        used.add(&more);
        assert_eq!(used, Usage { input_tokens: 15, output_tokens: 3, total_tokens: 18, ..more });
        used.add(&more);
        let twice = (used.input_tokens_cache_write, used.reasoning_tokens, used.total_cost);
        assert_eq!(twice, (Some(6), Some(8), Some(1.0)));
        assert_eq!(used.input_tokens_cache_read, None, "what neither says stays unsaid");
    }
}
