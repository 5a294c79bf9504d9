//! How a judge is asked: a language model that is handed in, or what it said in an earlier run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use candour_core::{
    ContentHash, LanguageModel, ModelError, ModelEvent, ModelRequest, ModelUsage, StopReason,
    TokenUsage,
};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};

use super::findings::failure;
use super::step::Step;
use crate::runner::Failure;
use crate::target::{Transcript, measured};

/// Who says what is judged.
#[derive(Clone)]
pub(super) enum Voice {
    /// A model.
    Model(Arc<dyn LanguageModel>),
    /// An earlier run, in which it was said.
    Recorded(Arc<Transcript>),
}

/// One question to a judge, and what it said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// What was asked.
    pub step: Step,
    /// The hash of all that was sent, and of who it was sent to.
    pub request: ContentHash,
    /// What was said, word for word.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub said: String,
    /// Why that is of no use, where it came to no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// How many requests were sent for it.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub requests: u32,
    /// What it took, in tokens.
    pub usage: TokenUsage,
    /// How long it took, in microseconds.
    pub latency_us: u64,
}

fn one() -> u32 {
    1
}

// The signature is serde's.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands in a reference")]
fn is_one(requests: &u32) -> bool {
    *requests == 1
}

/// A failure that may pass when the same is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passing {
    /// How long the model asks to be left alone, where it says so.
    pub(crate) retry_after: Option<Duration>,
}

impl Passing {
    /// After a time-out it may too, but that may have been paid for, as with targets.
    fn of(error: &ModelError) -> Option<Self> {
        match error {
            ModelError::Limited { retry_after } => Some(Self { retry_after: *retry_after }),
            ModelError::Unreachable(_) | ModelError::Unavailable(_) | ModelError::Broken(_) => {
                Some(Self { retry_after: None })
            }
            ModelError::Unauthorised
            | ModelError::Invalid(_)
            | ModelError::Spent(_)
            | ModelError::Uncounted
            | ModelError::TimedOut => None,
        }
    }
}

impl Judgement {
    /// A question that was not sent.
    pub(crate) fn failed(step: Step, request: ContentHash, error: Failure) -> Self {
        let usage = TokenUsage::default();
        let said = String::new();
        Self { step, request, said, error: Some(error), requests: 0, usage, latency_us: 0 }
    }

    /// Adds what an earlier try took.
    pub(crate) fn took_also(&mut self, before: &Self) {
        self.requests += before.requests;
        self.usage = self.usage.and(before.usage);
        self.latency_us += before.latency_us;
    }
}

/// Asks a model once and waits for all that it says.
pub(super) async fn ask(
    model: &dyn LanguageModel,
    step: Step,
    request: ModelRequest,
    hash: ContentHash,
    patience: Duration,
) -> (Judgement, Option<Passing>) {
    let began = Instant::now();
    let sent = request.instructions.len()
        + request.messages.iter().map(|message| message.text.len()).sum::<usize>();
    let most = request.max_output_tokens;
    let mut heard = Heard::default();
    let ended = tokio::time::timeout(patience, heard.listen(model, request)).await;
    let ended = ended.unwrap_or(Err(ModelError::TimedOut));
    let passing = ended.as_ref().err().and_then(Passing::of);
    let requests = u32::from(!matches!(ended, Err(ModelError::Unreachable(_))));
    let error = match ended {
        Ok(reason) => stopped(reason, most).err(),
        Err(error) => Some(failure(error.key(), error.to_string())),
    };
    let mut told = heard.latest;
    told += heard.void;
    let told = told.into();
    // What was turned away at once cost nothing; of what broke off nobody knows.
    let is_free = heard.said.is_empty()
        && error.as_ref().is_some_and(|error| !["timed_out", "broken"].contains(&&*error.kind));
    let usage = if is_free { told } else { measured(told, sent, heard.said.len()) };
    let latency_us = began.elapsed().as_micros() as u64;
    let said = heard.said;
    (Judgement { step, request: hash, said, error, requests, usage, latency_us }, passing)
}

/// What was said in an earlier run, where the same was asked.
pub(super) fn recall(recorded: &[Judgement], step: Step, hash: ContentHash) -> Judgement {
    let is_same = |one: &&Judgement| one.step == step && one.request == hash;
    recorded.iter().find(is_same).cloned().unwrap_or_else(|| {
        let why = "the earlier run was not asked this: judge with a model";
        Judgement::failed(step, hash, failure("not_recorded", why.to_owned()))
    })
}

/// What was heard so far.
#[derive(Default)]
struct Heard {
    said: String,
    latest: ModelUsage,
    /// What models used that broke off, in whose place another spoke.
    void: ModelUsage,
}

impl Heard {
    async fn listen(
        &mut self,
        model: &dyn LanguageModel,
        request: ModelRequest,
    ) -> Result<StopReason, ModelError> {
        let mut stream = model.generate(request);
        while let Some(event) = stream.next().await {
            match event? {
                ModelEvent::Text(text) => self.said.push_str(&text),
                ModelEvent::Usage(usage) => self.latest = usage,
                ModelEvent::SpanEnd(_) => {}
                ModelEvent::Again => {
                    self.said.clear();
                    self.void += std::mem::take(&mut self.latest);
                }
                ModelEvent::Stop(reason) => return Ok(reason),
            }
        }
        Err(ModelError::Broken("it ended too soon".to_owned()))
    }
}

/// Only what was said to its end can be read.
fn stopped(reason: StopReason, most: u32) -> Result<(), Failure> {
    let (kind, why) = match reason {
        StopReason::Finished => return Ok(()),
        StopReason::Length => (
            "truncated",
            format!("it took more than {most} tokens: raise max_output_tokens under [judge]"),
        ),
        StopReason::ContextFull => (
            "context_full",
            "what it was given does not fit: choose a judge that reads more".to_owned(),
        ),
        StopReason::Refused => ("refused", "it declined to judge".to_owned()),
        StopReason::Other(word) => ("stopped", format!("it stopped with the word {word:?}")),
    };
    Err(failure(kind, why))
}
