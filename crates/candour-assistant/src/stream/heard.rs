//! Listening to a model while it writes: each sentence is verified as soon as it is whole, and told once
//! those that passed make the answer sure enough.

use candour_core::{
    AnswerLink, AnswerSentence, ModelError, ModelEvent, ModelStream, ModelUsage, Shown, StopReason,
};
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout_at};

use super::End;
use crate::compose::{self, Brief, Completeness, Measure, Sentences};
use crate::mitigations::Mitigation;
use crate::pipeline::Event;
use crate::verify::{Against, Verifier};

/// How many sentences of a model are listened to: more than any answer has that somebody would read, and few
/// enough that verifying them takes no time that a reader would notice.
const MOST_SENTENCES: usize = 100;

/// What came from a model, and what was released of it.
pub(super) struct Heard<'a> {
    pub(super) sentences: Sentences,
    pub(super) usage: ModelUsage,
    pub(super) release: Release<'a>,
}

impl<'a> Heard<'a> {
    pub(super) fn new(release: Release<'a>) -> Self {
        let (sentences, usage) = (Sentences::default(), ModelUsage::default());
        Self { sentences, usage, release }
    }

    /// Listens to the end, or until the time is up, which ends the request.
    pub(super) async fn listen(
        &mut self,
        mut stream: ModelStream,
        deadline: Instant,
        emit: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> End {
        let end = loop {
            // What comes without a pause never lets the clock interrupt it.
            if Instant::now() >= deadline {
                break End::TimedOut;
            }
            if self.release.heard > self.release.most {
                break End::CutOff;
            }
            match timeout_at(deadline, stream.next()).await {
                Err(_) => break End::TimedOut,
                Ok(None) => break End::CutOff,
                Ok(Some(Err(error))) => break of_error(&error),
                Ok(Some(Ok(ModelEvent::Stop(reason)))) => break self.of_stop(&reason),
                Ok(Some(Ok(ModelEvent::Usage(used)))) => self.usage = used,
                Ok(Some(Ok(ModelEvent::Again))) => {
                    (self.sentences, self.usage) = Default::default();
                    self.release.begin_again();
                }
                Ok(Some(Ok(event))) => self.release.all(self.sentences.take(&event), emit),
            }
        };
        // The last line tells whether there is an answer, and may be heard of only now.
        let is_whole = matches!(end, End::Whole | End::NoAnswer);
        self.release.all(self.sentences.finish(!is_whole), emit);
        if self.release.heard > self.release.most {
            return End::CutOff;
        }
        if is_whole { self.of_whole() } else { end }
    }

    fn of_stop(&self, reason: &StopReason) -> End {
        match reason {
            StopReason::Finished => self.of_whole(),
            StopReason::Refused => End::Refused,
            StopReason::Length | StopReason::ContextFull | StopReason::Other(_) => End::CutOff,
        }
    }

    fn of_whole(&self) -> End {
        match self.sentences.completeness() {
            Some(Completeness::Nothing) => End::NoAnswer,
            _ => End::Whole,
        }
    }
}

/// Verifies sentences and tells those that pass, once they make the answer sure enough.
pub(super) struct Release<'a> {
    brief: Brief<'a>,
    measure: &'a Measure<'a>,
    pub(super) verifier: Verifier<'a>,
    /// Where it is noted that something was told.
    shown: Shown,
    /// What the model said, with the links that it points at: they are shown with it, or not at all.
    pub(super) pointed: Vec<(AnswerSentence, Vec<AnswerLink>)>,
    /// How many sentences were heard, and how many may be: without budgets there is no bound.
    heard: usize,
    most: usize,
    /// How many of those that passed were told.
    told: usize,
    pub(super) first: Option<Instant>,
}

impl<'a> Release<'a> {
    pub(super) fn new(
        brief: Brief<'a>,
        measure: &'a Measure<'a>,
        against: Against<'a>,
        shown: Shown,
    ) -> Self {
        let is_bounded = against.mitigations.has(Mitigation::Budgets);
        let most = if is_bounded { MOST_SENTENCES } else { usize::MAX };
        let (pointed, verifier) = (Vec::new(), Verifier::new(against));
        Self { brief, measure, verifier, shown, pointed, heard: 0, most, told: 0, first: None }
    }

    /// Forgets a model that broke off before anything of it was told.
    fn begin_again(&mut self) {
        self.verifier.begin_again();
        (self.pointed, self.heard, self.told, self.first) = Default::default();
    }

    fn all(&mut self, said: Vec<compose::Said>, emit: &mut (dyn FnMut(Event<'_>) + Send)) {
        for said in said {
            self.heard += 1;
            if self.heard > self.most {
                return;
            }
            let (sentence, links) = self.brief.sentence(&said);
            if !links.is_empty() {
                self.pointed.push((sentence.clone(), links));
            }
            self.verifier.take(sentence);
            let (passed, false_starts) = (self.verifier.sentences(), self.verifier.false_starts());
            let is_sure = || self.measure.is_sure(passed, false_starts);
            if passed.len() == self.told || self.told == 0 && !is_sure() {
                continue;
            }
            self.first.get_or_insert_with(Instant::now);
            passed[self.told..].iter().for_each(|sentence| emit(Event::Sentence(sentence)));
            self.told = passed.len();
            self.shown.note();
        }
    }
}

fn of_error(error: &ModelError) -> End {
    tracing::warn!(%error, "a model did not write an answer");
    match error {
        ModelError::Spent(_) => End::Spent,
        ModelError::TimedOut => End::TimedOut,
        _ => End::Failed,
    }
}
