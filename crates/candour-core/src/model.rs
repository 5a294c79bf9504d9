//! The seam around language models: what one is given, and what it says, piece by piece.
//!
//! It says nothing of any provider. What a model is given to cite is data and stands apart from what it
//! is told to do; what it says comes in spans, each with the texts that it claims to stand on. Nobody
//! has checked any of it.

use std::ops::{AddAssign, Range};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_core::Stream;
use serde::{Deserialize, Serialize};

use crate::answerer::UNREACHABLE;

/// Generates text.
pub trait LanguageModel: Send + Sync {
    /// What names it in records: never a secret.
    fn identity(&self) -> ModelIdentity;

    /// Begins to generate. Nothing is sent before the stream is polled, and dropping it ends the
    /// request. After an error the stream ends.
    fn generate(&self, request: ModelRequest) -> ModelStream;
}

/// What a model says, as it comes.
pub type ModelStream = Pin<Box<dyn Stream<Item = Result<ModelEvent, ModelError>> + Send>>;

/// What names a model.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ModelIdentity {
    /// Over which transport it is reached: `anthropic`, `openai`, `bedrock` or `replay`.
    pub transport: String,
    /// The provider's name for it.
    pub model: String,
}

/// What a model is given.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ModelRequest {
    /// What it is told to do: ours, the same for every reader.
    pub instructions: String,
    /// What it may cite: data, whatever they say.
    pub sources: Vec<ModelSource>,
    /// The conversation, ending with what is asked now.
    pub messages: Vec<ModelMessage>,
    /// The most tokens that it may say.
    pub max_output_tokens: u32,
    /// The JSON Schema that what it says must keep to, if any. Not together with sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<serde_json::Value>,
    /// How freely words are drawn, 0 for the likeliest always, where the transport can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f32>,
    /// What tells the reader whose budget it counts against from others. It is sent to nobody, and held
    /// in memory for the day alone.
    #[serde(skip)]
    pub reader: Option<String>,
    /// Where whoever sends it notes what became of each try. It is sent to nobody.
    #[serde(skip)]
    pub calls: Calls,
    /// Whether anyone was shown something of the answer. It is sent to nobody.
    #[serde(skip)]
    pub shown: Shown,
}

/// A text that may be cited, cut into the smallest parts that can be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelSource {
    /// What names it to the model.
    pub address: String,
    /// Its title.
    pub title: String,
    /// Its sentences, list items or table rows, none of them empty.
    pub blocks: Vec<String>,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelMessage {
    /// Who said it.
    pub role: ModelRole,
    /// What was said.
    pub text: String,
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelRole {
    /// Whoever asks.
    User,
    /// The model.
    Assistant,
}

/// A piece of what a model says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelEvent {
    /// The next words of the span.
    Text(String),
    /// The span is whole. This is all that its words stand on; nothing, where it cites nothing.
    SpanEnd(Vec<ModelCitation>),
    /// What was used so far, in all.
    Usage(ModelUsage),
    /// It has finished, and why. The last event, unless the stream breaks.
    Stop(StopReason),
    /// Another model takes its place, and all that was said so far is void. This does not come once
    /// something was shown.
    Again,
}

/// Where a span claims to come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelCitation {
    /// Which source, counted from 0.
    pub source: usize,
    /// Which of its blocks, counted from 0, the end exclusive.
    pub blocks: Range<usize>,
    /// What the model says stands there; `None` where its provider does not repeat it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
}

/// Tokens used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelUsage {
    /// Read, and neither written to nor read from the provider's cache.
    pub input_tokens: u64,
    /// Said.
    pub output_tokens: u64,
    /// Read and written to the provider's cache.
    pub cache_write_tokens: u64,
    /// Read from the provider's cache.
    pub cache_read_tokens: u64,
}

impl AddAssign for ModelUsage {
    fn add_assign(&mut self, more: Self) {
        let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more);
        add(&mut self.input_tokens, more.input_tokens);
        add(&mut self.output_tokens, more.output_tokens);
        add(&mut self.cache_write_tokens, more.cache_write_tokens);
        add(&mut self.cache_read_tokens, more.cache_read_tokens);
    }
}

/// Whether something of what a model says was shown to whoever asked, so that no other model may take its
/// place. Every clone tells of the same answer.
#[derive(Debug, Clone, Default)]
pub struct Shown(Arc<AtomicBool>);

impl Shown {
    /// Notes that something was shown.
    pub fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether something was.
    pub fn is_noted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// One request to one model, and what became of it. It holds nothing that anyone said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelAttempt {
    /// The model that was asked.
    pub model: ModelIdentity,
    /// `answered`; `dropped` where another model spoke first or nobody waited any longer; or the key of an
    /// error.
    pub outcome: String,
    /// When it began, while the program runs that asked; no record has it.
    #[serde(skip)]
    pub began: Option<Instant>,
    /// Milliseconds until the first words, if there were any.
    pub first_words_ms: Option<u64>,
    /// Milliseconds in all.
    pub milliseconds: u64,
    /// Tokens used, as far as the provider said.
    pub usage: ModelUsage,
    /// What they cost, in millionths of a pound.
    pub micro_pounds: u64,
}

/// The requests to models that have ended, of all that are made for one answer.
///
/// They stand beside the stream and not in it: what is given up has a price too, and nobody listens to its
/// stream any more. Every clone notes in the same list.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    stage: &'static str,
    ended: Arc<Mutex<Vec<(&'static str, ModelAttempt)>>>,
    micro_pounds: Arc<AtomicU64>,
}

impl Calls {
    /// The same list, in which is noted what a stage asks for.
    #[must_use]
    pub fn of(&self, stage: &'static str) -> Self {
        Self { stage, ..self.clone() }
    }

    /// Sets so many millionths of a pound aside for the answer, where all that is set aside and spent for it
    /// stays within `limit` with them. Tells whether it does.
    pub fn set_aside(&self, amount: u64, limit: u64) -> bool {
        let with = |spent: u64| spent.checked_add(amount).filter(|all| *all <= limit);
        self.micro_pounds.fetch_update(Ordering::Relaxed, Ordering::Relaxed, with).is_ok()
    }

    /// Counts what something did cost in place of what was set aside for it.
    pub fn settle(&self, aside: u64, cost: u64) {
        let in_place = |spent: u64| Some(spent.saturating_sub(aside).saturating_add(cost));
        // It cannot fail: there is always a sum.
        let _ = self.micro_pounds.fetch_update(Ordering::Relaxed, Ordering::Relaxed, in_place);
    }

    /// Notes that a request has ended.
    pub fn note(&self, attempt: ModelAttempt) {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).push((self.stage, attempt));
    }

    /// Those of this stage, as they ended.
    pub fn ended(&self) -> Vec<ModelAttempt> {
        let all = self.all().into_iter();
        all.filter(|(stage, _)| *stage == self.stage).map(|(_, attempt)| attempt).collect()
    }

    /// Those of every stage, each with its stage, as they ended.
    pub fn all(&self) -> Vec<(&'static str, ModelAttempt)> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Why a model stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// It had said all.
    Finished,
    /// It reached the most tokens that it may say.
    Length,
    /// What it was given does not fit.
    ContextFull,
    /// It declined.
    Refused,
    /// Another reason, in the provider's word.
    Other(String),
}

/// Why a model said nothing, or not all. No message holds what was asked or a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The provider does not take the key.
    #[error("the model's provider refused the key: check the key that the configuration names")]
    Unauthorised,
    /// The provider does not take the request.
    #[error("the model's provider refused the request ({0}): check the model's name and limits")]
    Invalid(String),
    /// Too many requests for now.
    #[error("the model's provider asks for fewer requests")]
    Limited {
        /// How long to wait, where it says so.
        retry_after: Option<Duration>,
    },
    /// Money or tokens have run out: at the provider, or in our own budget.
    #[error("the budget for the model is spent ({0}): answers are quoted until it is renewed")]
    Spent(String),
    /// Nobody can say whether there is money left, for the database that counts it failed.
    #[error(
        "the budget for the model cannot be read: answers are quoted until the database answers"
    )]
    Uncounted,
    /// There is no connection to the provider: nothing was sent.
    #[error("the model cannot be reached ({0}): check its address, and that it runs")]
    Unreachable(String),
    /// The provider cannot answer just now.
    #[error("the model's provider is not able to answer now ({0})")]
    Unavailable(String),
    /// The connection broke, or what came was not what the protocol says.
    #[error("the model's answer broke off ({0})")]
    Broken(String),
    /// It took too long.
    #[error("the model did not answer in time")]
    TimedOut,
}

impl ModelError {
    /// The name in records and metrics.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Unauthorised => "unauthorised",
            Self::Invalid(_) => "invalid",
            Self::Limited { .. } => "limited",
            Self::Spent(_) => "spent",
            Self::Uncounted => "uncounted",
            Self::Unreachable(_) => UNREACHABLE,
            Self::Unavailable(_) => "unavailable",
            Self::Broken(_) => "broken",
            Self::TimedOut => "timed_out",
        }
    }
}
