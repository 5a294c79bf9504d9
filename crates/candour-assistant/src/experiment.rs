//! An assistant with some of what stands against attacks switched off, to measure what that is worth.
//!
//! What an experiment gives is `Observed`, whose answer is of the plain type: it is no `VerifiedAnswer`,
//! which the pages and the API take from an `Assistant`. That no served code names an experiment is held
//! by a test of the architecture (`xtask/tests/architecture.rs`); types alone do not keep it away.
//!
//! ```compile_fail
//! fn shown(observed: candour_assistant::Observed) -> candour_assistant::VerifiedAnswer {
//!     observed.answer
//! }
//! ```

use std::collections::BTreeMap;

use candour_core::{Answer, PassageId, Redacted};

use crate::mitigations::Mitigations;
use crate::pipeline::{Ask, AskError, Assistant, Begun, Composing, Outcome};
use crate::screen::Signal;
use crate::stream::Generated;

/// An assistant that is experimented with.
pub struct Experiment {
    assistant: Assistant,
}

/// What the assistant of an experiment would have said. Nothing in it need be true: it is for measuring.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The question, masked, so that it can be the history of the next one.
    pub question: Redacted,
    /// The answer.
    pub answer: Answer,
    /// What was noticed in the question.
    pub signals: Vec<Signal>,
    /// How many sentences and links were dropped, by reason.
    pub dropped: BTreeMap<&'static str, usize>,
    /// The passages that it was made from, best first; none where nothing was looked for.
    pub retrieved: Vec<PassageId>,
    /// What a model did for it, where one was asked.
    pub generated: Option<Generated>,
}

/// A question of an experiment, as far as computation alone goes.
pub enum Observing {
    /// It has its answer.
    Answered(Box<Observed>),
    /// A model is to write the answer.
    Composing(Unfinished),
}

/// What a model is to write an answer from. Only an experiment can finish it: an `Assistant` would take
/// it for a question of its own.
pub struct Unfinished(Box<Composing>);

impl Experiment {
    /// An assistant with only `mitigations` on.
    pub fn new(assistant: Assistant, mitigations: Mitigations) -> Self {
        Self { assistant: assistant.with_mitigations(mitigations) }
    }

    /// Goes as far as computation alone can. CPU work: call it off the async runtime.
    pub fn begin(&self, ask: &Ask<'_>) -> Result<Observing, AskError> {
        Ok(match self.assistant.begin(ask, &mut |_| {})? {
            Begun::Answered(outcome) => Observing::Answered(Box::new((*outcome).into())),
            Begun::Composing(composing) => Observing::Composing(Unfinished(composing)),
        })
    }

    /// Has the model write the answer.
    pub async fn finish(&self, unfinished: Unfinished) -> Observed {
        self.assistant.finish(*unfinished.0, &mut |_| {}).await.into()
    }
}

impl From<Outcome> for Observed {
    fn from(outcome: Outcome) -> Self {
        let Outcome { question, signals, answer, dropped, retrieved, generated, .. } = outcome;
        Self { question, answer: answer.into_answer(), signals, dropped, retrieved, generated }
    }
}
