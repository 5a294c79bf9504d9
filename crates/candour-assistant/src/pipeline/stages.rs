//! The stages of the path: each is timed, and told of once it is done.

use std::collections::BTreeMap;
use std::time::Instant;

use candour_core::AnswerSentence;

use super::{Begun, Outcome};
use crate::given::Given;
use crate::screen::Screened;

/// What is told while an answer is made.
#[derive(Debug)]
pub enum Event<'a> {
    /// A stage is done.
    Stage {
        /// Its name: `screen`, `route`, `retrieve`, `compose`, `verify`, `rewrite`, `sort` or
        /// `write`.
        name: &'static str,
        /// How long it took, in milliseconds.
        milliseconds: f64,
    },
    /// A verified sentence is ready, in reading order. None is told where someone may be in danger or in
    /// distress: whom to call comes first, and only the whole answer has it.
    Sentence(&'a AnswerSentence),
}

/// Runs stages, times each and tells of it.
pub(super) struct Stages<'e> {
    pub(super) emit: &'e mut dyn FnMut(Event<'_>),
    /// Whether sentences wait for the whole answer.
    pub(super) holds_sentences: bool,
    pub(super) timings_ms: BTreeMap<String, f64>,
}

impl<'e> Stages<'e> {
    pub(super) fn new(emit: &'e mut dyn FnMut(Event<'_>)) -> Self {
        Self { emit, holds_sentences: false, timings_ms: BTreeMap::new() }
    }

    pub(super) fn run<T>(&mut self, name: &'static str, stage: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let made = stage();
        self.tell(name, began);
        made
    }

    /// The same for a stage that can fail: of one that failed nothing is told, because whoever listens
    /// takes a stage for done.
    pub(super) fn try_run<T, E>(
        &mut self,
        name: &'static str,
        stage: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let began = Instant::now();
        let made = stage()?;
        self.tell(name, began);
        Ok(made)
    }

    fn tell(&mut self, name: &'static str, began: Instant) {
        let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
        self.timings_ms.insert(name.to_owned(), milliseconds);
        (self.emit)(Event::Stage { name, milliseconds });
    }

    /// Tells the sentences in order, and notes the timings in the answer.
    pub(super) fn finish(self, question: Screened, given: Given) -> Outcome {
        for sentence in given.answer.sentences.iter().filter(|_| !self.holds_sentences) {
            (self.emit)(Event::Sentence(sentence));
        }
        Outcome::new(question, given, self.timings_ms)
    }

    pub(super) fn answered(self, question: Screened, given: Given) -> Begun {
        Begun::Answered(Box::new(self.finish(question, given)))
    }
}
