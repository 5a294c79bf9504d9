//! How a judge is asked: a language model that is handed in, or what it said in an earlier run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use candour_core::{
    Calls, ContentHash, LanguageModel, ModelError, ModelEvent, ModelRequest, ModelUsage,
    StopReason, TokenUsage,
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
    /// What it took, in tokens.
    pub usage: TokenUsage,
    /// How long it took, in microseconds.
    pub latency_us: u64,
}

impl Judgement {
    /// A question that got no reply.
    pub(crate) fn failed(step: Step, request: ContentHash, error: Failure) -> Self {
        let usage = TokenUsage::default();
        Self { step, request, said: String::new(), error: Some(error), usage, latency_us: 0 }
    }
}

/// Asks a model and waits for all that it says.
pub(super) async fn ask(
    model: &dyn LanguageModel,
    step: Step,
    request: ModelRequest,
    hash: ContentHash,
    patience: Duration,
) -> Judgement {
    let began = Instant::now();
    let sent = request.instructions.len()
        + request.messages.iter().map(|message| message.text.len()).sum::<usize>();
    let (most, calls) = (request.max_output_tokens, request.calls.clone());
    let mut heard = Heard::default();
    let ended = tokio::time::timeout(patience, heard.listen(model, request, most)).await;
    let error = ended.unwrap_or_else(|_| Err(failed(&ModelError::TimedOut))).err();
    let told = heard.usage(&calls);
    // What was turned away at once cost nothing; of what broke off nobody knows.
    let is_free = heard.said.is_empty()
        && error.as_ref().is_some_and(|error| !["timed_out", "broken"].contains(&&*error.kind));
    let usage = if is_free { told } else { measured(told, sent, heard.said.len()) };
    let latency_us = began.elapsed().as_micros() as u64;
    Judgement { step, request: hash, said: heard.said, error, usage, latency_us }
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
}

impl Heard {
    async fn listen(
        &mut self,
        model: &dyn LanguageModel,
        request: ModelRequest,
        most: u32,
    ) -> Result<(), Failure> {
        let mut stream = model.generate(request);
        while let Some(event) = stream.next().await {
            match event.map_err(|error| failed(&error))? {
                ModelEvent::Text(text) => self.said.push_str(&text),
                ModelEvent::Usage(usage) => self.latest = usage,
                ModelEvent::SpanEnd(_) => {}
                ModelEvent::Stop(reason) => return stopped(reason, most),
            }
        }
        Err(failed(&ModelError::Broken("it ended too soon".to_owned())))
    }

    /// All requests together, where they are noted: those that failed or were given up were paid for too.
    fn usage(&self, calls: &Calls) -> TokenUsage {
        let mut all = ModelUsage::default();
        calls.ended().iter().for_each(|attempt| add(&mut all, attempt.usage));
        if all == ModelUsage::default() { self.latest.into() } else { all.into() }
    }
}

fn add(sum: &mut ModelUsage, more: ModelUsage) {
    sum.input_tokens += more.input_tokens;
    sum.output_tokens += more.output_tokens;
    sum.cache_read_tokens += more.cache_read_tokens;
    sum.cache_write_tokens += more.cache_write_tokens;
}

fn failed(error: &ModelError) -> Failure {
    failure(error.key(), error.to_string())
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
