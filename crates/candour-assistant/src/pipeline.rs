//! The whole path of a question, from the raw text to the verified answer.
//!
//! `begin` goes as far as computation alone can: to an answer of quotes, which is there whatever
//! happens. Where a model is to write the answer, `finish` waits for it and falls back to the quotes.

mod ask;
mod finish;
mod found;
mod quoting;
mod stages;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use candour_core::{
    Config, ContentHash, Hit, LanguageModel, Mask, PassageId, PublicContacts, Redacted,
    SearchError, SearchQuery, Searcher, Turn, WrittenBy, redaction,
};
use jiff::Timestamp;

pub use self::ask::{Ask, AskError, Mode};
pub use self::finish::Composing;
use self::found::Found;
pub use self::stages::Event;
use self::stages::Stages;
use crate::VerifiedAnswer;
use crate::account::Account;
use crate::clarify;
use crate::compose::{self, Readings};
use crate::given::{self, Given, GivenAnswers};
use crate::mitigations::Mitigations;
use crate::model::Models;
use crate::retrieve::{self, Quotable};
use crate::rewrite::{self, Rewritten};
use crate::route::Routed;
use crate::screen::{self, Crisis, Screened, Signal};
use crate::stream::Generated;
use crate::verify;

/// Answers questions from one pilot's guidance.
pub struct Assistant {
    searcher: Arc<dyn Searcher>,
    models: Models,
    readings: Arc<Readings>,
    given: GivenAnswers,
    config: Config,
    mitigations: Mitigations,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The question as it may be kept.
    pub question: Redacted,
    /// What was masked in it.
    pub masks: Vec<Mask>,
    /// What was noticed in it.
    pub signals: Vec<Signal>,
    /// The answer.
    pub answer: VerifiedAnswer,
    /// How many sentences and links verification dropped, by reason: `number_missing`…
    pub dropped: BTreeMap<&'static str, usize>,
    /// Who wrote the answer, where it is not quotes: now, or when it was first given.
    pub written_by: Option<WrittenBy>,
    /// The passages that it was made from, best first; none where nothing was looked for.
    pub retrieved: Vec<PassageId>,
    /// What a model did for it, if one was asked.
    pub generated: Option<Generated>,
    /// What a model did to sort the question, if one was asked.
    pub routed: Option<Routed>,
    /// What a model did to write a follow-up question out, if one was asked.
    pub rewritten: Option<Rewritten>,
}

/// A question as far as computation alone goes.
pub enum Begun {
    /// It has its answer, all of which was told.
    Answered(Box<Outcome>),
    /// Models are to write the question out, to sort it or to write the answer.
    Composing(Box<Composing>),
}

impl Assistant {
    /// An assistant over what `searcher` finds, which answers with quotes.
    pub fn new(searcher: Arc<dyn Searcher>, config: &Config) -> Self {
        Self {
            searcher,
            models: Models::default(),
            readings: Arc::default(),
            given: GivenAnswers::default(),
            config: config.clone(),
            mitigations: Mitigations::default(),
        }
    }

    /// The same with some mitigations off. For experiments alone: see `Experiment`.
    pub(crate) fn with_mitigations(self, mitigations: Mitigations) -> Self {
        Self { config: mitigations.applied_to(&self.config), mitigations, ..self }
    }

    /// The same with these models, and no others.
    #[must_use]
    pub fn with_models(self, models: Models) -> Self {
        Self { models, ..self }
    }

    /// The same with a model that writes the answers.
    #[must_use]
    pub fn with_model(mut self, model: Arc<dyn LanguageModel>) -> Self {
        self.models.writer = Some(model);
        self
    }

    /// The same with a model that looks at what another wrote, and can take sentences away.
    #[must_use]
    pub fn with_judge(mut self, judge: Arc<dyn LanguageModel>) -> Self {
        self.models.judge = Some(judge);
        self
    }

    /// Another over the same guidance, with no models, to compose quotes on another thread.
    fn for_quotes(&self) -> Self {
        Self {
            searcher: Arc::clone(&self.searcher),
            models: Models::default(),
            readings: Arc::clone(&self.readings),
            given: GivenAnswers::default(),
            config: self.config.clone(),
            mitigations: self.mitigations,
        }
    }

    /// Answers a question with quotes alone. This is CPU work of some milliseconds: call it off the
    /// async runtime.
    pub fn ask(&self, ask: &Ask<'_>, emit: &mut dyn FnMut(Event<'_>)) -> Result<Outcome, AskError> {
        Ok(match self.begin(ask, emit)? {
            Begun::Answered(outcome) => *outcome,
            // Another time a model may write it, so that these quotes are not given again.
            Begun::Composing(composing) => {
                self.with_quotes(Composing { key: None, ..*composing }, emit)
            }
        })
    }

    /// Answers a question, or goes up to where a model is to write the answer. CPU work as `ask` is.
    pub fn begin(&self, ask: &Ask<'_>, emit: &mut dyn FnMut(Event<'_>)) -> Result<Begun, AskError> {
        let public = self.searcher.public_contacts();
        let mut stages = Stages::new(emit);
        let mut question = stages.try_run("screen", || self.screen(ask, &public))?;
        stages.holds_sentences = question.crisis != Crisis::None;
        // What asked for circumstances is no subject of its own.
        let is_reply = question.circumstance.is_some();
        let asked_back = if is_reply { clarify::asking(ask.history).len() } else { 0 };
        let history = &ask.history[..ask.history.len() - asked_back];
        self.situate(&mut question, ask, history);
        if ask.mode == Mode::Off {
            let given = stages.run("route", || self.switched_off(&question, &public));
            return Ok(stages.answered(question, given));
        }
        let snapshot = self.searcher.snapshot();
        let key =
            ask.history.is_empty().then(|| given::key(&question, &snapshot, ask.now, ask.mode));
        if let Some(given) = key.as_ref().and_then(|key| self.given.get(key)) {
            return Ok(stages.answered(question, Given::clone(&given)));
        }
        let (route, found, quoted) =
            self.quote(&mut question, ask.now, history, &public, &mut stages)?;
        if !is_reply
            && let Some(again) =
                self.ask_again(ask, &question, (route, &quoted), &public, &mut stages)?
        {
            return Ok(stages.answered(question, again));
        }
        // An answer from a snapshot that came meanwhile is found by another key.
        let key = key.filter(|_| quoted.answer.snapshot == snapshot);
        // What is meant to change how a model works is answered with quotes, which it cannot change.
        let may_ask = ask.mode == Mode::On && !question.instructs();
        let is_open = may_ask && route.is_open();
        let follow_up = self.models.rewriter.as_ref().filter(|_| is_open);
        let follow_up = follow_up.and_then(|_| rewrite::follow_up(&question, history));
        // What lays every case before a reader who does not know which is theirs stays in quotes.
        let is_written = may_ask && self.models.writer.is_some() && !question.does_not_know();
        let is_sorted = is_open && self.models.router.is_some();
        let has_quotes = !quoted.answer.sentences.is_empty();
        if follow_up.is_none() && !(has_quotes && (is_written || is_sorted)) {
            self.keep(key, &quoted, ask.now);
            return Ok(stages.answered(question, quoted));
        }
        Ok(Begun::Composing(Box::new(Composing {
            question,
            route,
            found: Arc::new(found),
            history: history.to_vec(),
            now: ask.now,
            account: Account { reader: ask.reader.map(str::to_owned), calls: ask.calls.clone() },
            public,
            key,
            follow_up,
            is_written,
            quoted,
            timings_ms: stages.timings_ms,
        })))
    }

    /// The answer of fixed words while no question is answered.
    fn switched_off(&self, question: &Screened, public: &PublicContacts) -> Given {
        let answer = compose::switched_off(question, &self.config);
        let nothing = Found::default();
        Given::new(verify::verify(answer, &nothing.against(question, &self.config, public)), &[])
    }

    /// Where the reader is and in which role they ask, as far as they and the turns before say.
    fn situate(&self, question: &mut Screened, ask: &Ask<'_>, history: &[Turn]) {
        let pilot = &self.config.pilot;
        question.place = retrieve::place_of_follow_up(question, ask.nation, history, pilot);
        question.role = retrieve::role_of_follow_up(question, ask.audience, history);
    }

    /// Keeps an answer to be given again, where it has a key.
    fn keep(&self, key: Option<ContentHash>, given: &Given, now: Timestamp) {
        if let Some(key) = key {
            self.given.keep(key, Arc::new(given.clone()), now);
        }
    }

    /// Forgets the answers that are kept in memory to be given again: words of a reader may be in them.
    pub fn forget(&self) {
        self.given.forget();
    }

    /// What is found of the guidance, without what speaks to the program that reads it.
    pub fn search(&self, query: &SearchQuery) -> Result<Vec<Hit>, SearchError> {
        let (searcher, readings) = (self.searcher.as_ref(), self.readings.as_ref());
        Quotable { searcher, readings, mitigations: self.mitigations }.search(query)
    }

    /// Masks personal data in text that is not a question, such as a comment on an answer.
    pub fn redact(&self, text: &str) -> Redacted {
        redaction::redact(&screen::clean(text), &self.searcher.public_contacts()).text
    }

    /// Screens what was typed, or takes up the question before, to which a choice was made.
    fn screen(&self, ask: &Ask<'_>, public: &PublicContacts) -> Result<Screened, AskError> {
        if ask.chosen.is_some_and(|chosen| !clarify::is_offered(chosen, ask.history)) {
            return Err(AskError::NotOffered);
        }
        match clarify::reply(ask.text, ask.chosen, ask.history) {
            Some(reply) => screen::resume(ask, reply, &self.config, public, self.mitigations),
            None => screen::screen(ask, &self.config, public, self.mitigations),
        }
    }
}

impl Outcome {
    fn new(question: Screened, given: Given, timings_ms: BTreeMap<String, f64>) -> Self {
        let Screened { text, masks, signals, .. } = question;
        let Given { answer, dropped, written_by, retrieved } = given;
        Self {
            question: text,
            masks,
            signals,
            answer: answer.timed(timings_ms),
            dropped,
            written_by,
            retrieved,
            generated: None,
            routed: None,
            rewritten: None,
        }
    }
}
