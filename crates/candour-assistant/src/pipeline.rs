//! The whole path of a question, from the raw text to the verified answer.
//!
//! `begin` goes as far as computation alone can: to an answer of quotes, which is there whatever
//! happens. Where a model is to write the answer, `finish` waits for it and falls back to the quotes.

mod stages;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use candour_core::{
    Answer, Chosen, Config, ContentHash, Hit, LanguageModel, Locale, Mask, Nation, PublicContacts,
    Redacted, ReplyEnd, SearchError, Searcher, Turn, WrittenBy, redaction,
};
use jiff::Timestamp;

pub use self::stages::Event;
use self::stages::Stages;
use crate::VerifiedAnswer;
use crate::clarify;
use crate::compose::{self, Material, Readings};
use crate::given::{self, Given, GivenAnswers};
use crate::mitigations::{Mitigation, Mitigations};
use crate::retrieve::{self, Retrieved};
use crate::route::{self, Route, Routed};
use crate::screen::{self, Crisis, Screened, Signal};
use crate::stream::{self, Generated};
use crate::verify::{self, Against};

/// How many snapshots may come one after another while one question is searched.
const MOST_SNAPSHOTS: usize = 3;

/// Answers questions from one pilot's guidance.
pub struct Assistant {
    searcher: Arc<dyn Searcher>,
    model: Option<Arc<dyn LanguageModel>>,
    router: Option<Arc<dyn LanguageModel>>,
    judge: Option<Arc<dyn LanguageModel>>,
    readings: Readings,
    given: GivenAnswers,
    config: Config,
    mitigations: Mitigations,
}

/// A question, with what is known around it.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// What the reader typed.
    pub text: &'a str,
    /// The language of the interface; the answer follows the question's own language if it differs.
    pub locale: Locale,
    /// The nation that the reader chose, if any.
    pub nation: Option<Nation>,
    /// What the reader chose, where the last turn asked for their circumstances: `text` is then read for
    /// signs of danger alone.
    pub chosen: Option<Chosen>,
    /// The earlier turns of the conversation, oldest first.
    pub history: &'a [Turn],
    /// The time of asking.
    pub now: Timestamp,
    /// How much of the assistant is switched on.
    pub mode: Mode,
    /// What tells the reader from others, such as their network or key, whose budget a model counts
    /// against. It is sent to nobody, and held in memory for the day alone.
    pub reader: Option<&'a str>,
}

impl<'a> Ask<'a> {
    /// A first question in English, with nothing known around it.
    pub fn new(text: &'a str, now: Timestamp) -> Self {
        Self {
            text,
            locale: Locale::En,
            nation: None,
            chosen: None,
            history: &[],
            now,
            mode: Mode::default(),
            reader: None,
        }
    }
}

/// How much of the assistant is switched on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// All of it.
    #[default]
    On,
    /// No model is asked: answers are quotes.
    QuotesOnly,
    /// No question is answered. Who is in danger is still told who can help.
    Off,
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
    /// What a model did for it, if one was asked.
    pub generated: Option<Generated>,
    /// What a model did to sort the question, if one was asked.
    pub routed: Option<Routed>,
}

/// A question as far as computation alone goes.
pub enum Begun {
    /// It has its answer, all of which was told.
    Answered(Box<Outcome>),
    /// A model is to write the answer.
    Composing(Box<Composing>),
}

/// What a model is to write an answer from, and the answer of quotes that stands in for it.
pub struct Composing {
    question: Screened,
    route: Route,
    found: Found,
    history: Vec<Turn>,
    now: Timestamp,
    reader: Option<String>,
    public: Arc<PublicContacts>,
    key: Option<ContentHash>,
    quoted: Given,
    timings_ms: BTreeMap<String, f64>,
}

impl Assistant {
    /// An assistant over what `searcher` finds, which answers with quotes.
    pub fn new(searcher: Arc<dyn Searcher>, config: &Config) -> Self {
        let (readings, given) = (Readings::default(), GivenAnswers::default());
        let (config, mitigations) = (config.clone(), Mitigations::default());
        Self {
            searcher,
            model: None,
            router: None,
            judge: None,
            readings,
            given,
            config,
            mitigations,
        }
    }

    /// The same with some mitigations off. For experiments alone: see `Experiment`.
    pub(crate) fn with_mitigations(self, mitigations: Mitigations) -> Self {
        Self { config: mitigations.applied_to(&self.config), mitigations, ..self }
    }

    /// The same with a model that writes the answers.
    #[must_use]
    pub fn with_model(self, model: Arc<dyn LanguageModel>) -> Self {
        Self { model: Some(model), ..self }
    }

    /// The same with a model that sorts the questions that rules leave open.
    #[must_use]
    pub fn with_router(self, router: Arc<dyn LanguageModel>) -> Self {
        Self { router: Some(router), ..self }
    }

    /// The same with a model that looks at what another wrote, and can take sentences away.
    #[must_use]
    pub fn with_judge(self, judge: Arc<dyn LanguageModel>) -> Self {
        Self { judge: Some(judge), ..self }
    }

    /// Answers a question with quotes alone. This is CPU work of some milliseconds: call it off the
    /// async runtime.
    pub fn ask(&self, ask: &Ask<'_>, emit: &mut dyn FnMut(Event<'_>)) -> Result<Outcome, AskError> {
        Ok(match self.begin(ask, emit)? {
            Begun::Answered(outcome) => *outcome,
            Begun::Composing(composing) => composing.with_quotes(emit, None),
        })
    }

    /// Answers a question, or goes up to where a model is to write the answer. CPU work as `ask` is.
    pub fn begin(&self, ask: &Ask<'_>, emit: &mut dyn FnMut(Event<'_>)) -> Result<Begun, AskError> {
        let public = self.searcher.public_contacts();
        let mut stages = Stages::new(emit);
        let mut question = stages.try_run("screen", || self.screen(ask, &public))?;
        stages.holds_sentences = question.crisis != Crisis::None;
        // What asked for circumstances is no subject of its own.
        let asked_back = usize::from(question.circumstance.is_some());
        let history = &ask.history[..ask.history.len() - asked_back];
        question.place = retrieve::place_of_follow_up(&question, history, &self.config.pilot);
        if ask.mode == Mode::Off {
            let answer = stages.run("route", || compose::switched_off(&question, &self.config));
            let found = Found::default();
            let given = Given::new(verify::verify(
                answer,
                &found.against(&question, &self.config, &public),
            ));
            return Ok(stages.answered(question, given));
        }
        let snapshot = self.searcher.snapshot();
        let key =
            ask.history.is_empty().then(|| given::key(&question, &snapshot, ask.now, ask.mode));
        if let Some(given) = key.as_ref().and_then(|key| self.given.get(key)) {
            return Ok(stages.answered(question, Given::clone(&given)));
        }
        let (route, found, quoted) =
            self.quote(&question, ask.now, history, &public, &mut stages)?;
        // An answer from a snapshot that came meanwhile is found by another key.
        let key = key.filter(|_| quoted.answer.snapshot == snapshot);
        // What is meant to change how a model works is answered with quotes, which it cannot change.
        let is_sorted = self.router.is_some() && route.is_open();
        let may_compose = ask.mode == Mode::On && !question.instructs();
        let is_written = self.model.is_some() && !question.does_not_know();
        let may_compose = may_compose && (is_written || is_sorted);
        if may_compose && !quoted.answer.sentences.is_empty() {
            let (history, now, timings_ms) = (history.to_vec(), ask.now, stages.timings_ms);
            let reader = ask.reader.map(str::to_owned);
            return Ok(Begun::Composing(Box::new(Composing {
                question,
                route,
                found,
                history,
                now,
                reader,
                public,
                key,
                quoted,
                timings_ms,
            })));
        }
        if let Some(key) = key {
            self.given.keep(key, Arc::new(quoted.clone()), ask.now);
        }
        Ok(stages.answered(question, quoted))
    }

    /// Has models sort the question and write the answer, as they are configured, and tells each sentence
    /// once it is verified. It always ends with an
    /// answer, within the deadline of the configuration: with the quotes where the model gives none.
    pub async fn finish(
        &self,
        composing: Composing,
        emit: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Outcome {
        let holds_sentences = composing.question.crisis != Crisis::None;
        let emit: &mut (dyn FnMut(Event<'_>) + Send) = &mut |event| {
            if !(holds_sentences && matches!(event, Event::Sentence(_))) {
                emit(event);
            }
        };
        let (composing, routed) = self.sort(composing).await;
        let outcome = self.finish_sorted(composing, emit).await;
        Outcome { routed, ..outcome }
    }

    /// Has a model sort a question that the rules leave open, and answers by its label where that is
    /// another than theirs.
    async fn sort(&self, mut composing: Composing) -> (Composing, Option<Routed>) {
        let Some(model) = self.router.as_deref().filter(|_| composing.route.is_open()) else {
            return (composing, None);
        };
        let limit = Duration::from_secs(u64::from(self.config.routing.deadline_seconds));
        let reader = composing.reader.clone();
        let (route, routed) = route::sort(model, &composing.question, reader, limit).await;
        if routed.end != ReplyEnd::Read {
            // Another time it may be sorted, and then answered otherwise.
            composing.key = None;
        }
        if let Some(route) = route.filter(|route| !route.is_open()) {
            composing.take_route(route, self);
        }
        (composing, Some(routed))
    }

    async fn finish_sorted(
        &self,
        composing: Composing,
        emit: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Outcome {
        // What has fixed words is not for a model to write, nor what lays every case before a reader who
        // does not know which is theirs.
        let is_fixed = composing.quoted.answer.sentences.is_empty();
        if is_fixed || composing.question.does_not_know() {
            return composing.with_quotes(emit, None);
        }
        let Some((written, generated)) = self.write(&composing, emit).await else {
            return composing.with_quotes(emit, None);
        };
        let Some(written) = written else { return composing.with_quotes(emit, Some(generated)) };
        let Composing { question, key, now, mut timings_ms, .. } = composing;
        if let Some(key) = key.filter(|_| generated.is_settled()) {
            self.given.keep(key, Arc::new(written.clone()), now);
        }
        emit(Event::Stage { name: "write", milliseconds: generated.milliseconds });
        timings_ms.insert("write".into(), generated.milliseconds);
        timings_ms.extend(generated.first_sentence_ms.map(|ms| ("first_sentence".into(), ms)));
        let outcome = Outcome::new(question, written, timings_ms);
        Outcome { generated: Some(generated), ..outcome }
    }

    async fn write(
        &self,
        composing: &Composing,
        emit: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Option<(Option<Given>, Generated)> {
        let Composing { question, route, found, history, now, reader, public, .. } = composing;
        let model = self.model.as_ref()?;
        let material = self.material(question, *route, found, *now)?;
        let against = found.against(question, &self.config, public);
        let snapshot = &found.snapshot;
        let reader = reader.clone();
        let judge = self.judge.as_deref().filter(|_| self.mitigations.has(Mitigation::Judge));
        let writing = stream::Writing { material, against, history, snapshot, reader, judge };
        let (verified, generated) = stream::write(model.as_ref(), writing, emit).await;
        let (model, prompt) = (generated.model.clone(), generated.prompt.clone());
        let judged = generated.judged.as_ref().map(|judged| judged.by.clone());
        let written_by = Some(WrittenBy { model, prompt, judged });
        let given = verified.map(|verified| Given { written_by, ..Given::new(verified) });
        Some((given, generated))
    }

    /// The stages after screening, for a question that has no answer yet, up to an answer of quotes.
    fn quote(
        &self,
        question: &Screened,
        now: Timestamp,
        history: &[Turn],
        public: &PublicContacts,
        stages: &mut Stages<'_>,
    ) -> Result<(Route, Found, Given), AskError> {
        let follows = retrieve::rests_on_history(&question.own_words, &question.locale, history);
        let route = stages.run("route", || route::route(question, follows));
        let is_fixed = compose::fixed(question, route, &self.config).is_some();
        let found = stages.try_run("retrieve", || {
            if !is_fixed {
                return self.find_in_one(question, history);
            }
            Ok(Found { snapshot: self.searcher.snapshot(), ..Found::default() })
        })?;
        let draft = stages.run("compose", || self.draft(question, route, &found, history, now));
        let verified = stages.run("verify", || {
            verify::verify(draft, &found.against(question, &self.config, public))
        });
        Ok((route, found, Given::new(verified)))
    }

    /// Forgets the answers that are kept in memory to be given again: words of a reader may be in them.
    pub fn forget(&self) {
        self.given.forget();
    }

    /// Masks personal data in text that is not a question, such as a comment on an answer.
    pub fn redact(&self, text: &str) -> Redacted {
        redaction::redact(&screen::clean(text), &self.searcher.public_contacts()).text
    }

    /// What is found, with the one snapshot that all of it is from: another may begin to serve between
    /// two searches.
    fn find_in_one(&self, question: &Screened, history: &[Turn]) -> Result<Found, SearchError> {
        let mut before = self.searcher.snapshot();
        let mut tries = 1;
        loop {
            let found = self.find(question, history)?;
            let after = self.searcher.snapshot();
            if before == after || tries == MOST_SNAPSHOTS {
                return Ok(Found { snapshot: after, ..found });
            }
            (before, tries) = (after, tries + 1);
        }
    }

    fn find(&self, question: &Screened, history: &[Turn]) -> Result<Found, SearchError> {
        let searcher = self.searcher.as_ref();
        let mut found = retrieve::retrieve(searcher, &self.readings, question, history)?;
        if let Some(known) = &question.circumstance {
            found.hits.retain(|hit| !known.rules_out(hit));
        }
        let contacts = retrieve::contact_pages(searcher, &found.wording.question, &found.locale)?;
        let beside = contacts.iter().chain(&found.withdrawn).chain(&found.elsewhere);
        let beside = beside.cloned().collect();
        Ok(Found { beside, contacts, retrieved: Some(found), ..Found::default() })
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

    /// The answer as it is before anything is verified: fixed words, where the route has some.
    fn draft(
        &self,
        question: &Screened,
        route: Route,
        found: &Found,
        history: &[Turn],
        now: Timestamp,
    ) -> Answer {
        let fixed = compose::fixed(question, route, &self.config);
        let draft = fixed.unwrap_or_else(|| self.composed(question, route, found, history, now));
        Answer { snapshot: found.snapshot.clone(), ..draft }
    }

    fn composed(
        &self,
        question: &Screened,
        route: Route,
        found: &Found,
        history: &[Turn],
        now: Timestamp,
    ) -> Answer {
        let may_ask = clarify::may_ask(question, history);
        let which = || compose::clarification(question, found.hits(), &self.config);
        let asks_back = if route == Route::Broad && may_ask { which() } else { None };
        match (self.material(question, route, found, now), asks_back) {
            (_, Some(clarification)) => clarification,
            (Some(material), None) => {
                let mut answer = compose::compose(&material, may_ask);
                material.found.spelling.tell(&mut answer, &question.own_words);
                answer
            }
            (None, None) => compose::nothing(question, &self.config),
        }
    }

    /// What an answer is composed from; nothing where nothing was looked for.
    fn material<'a>(
        &'a self,
        question: &'a Screened,
        route: Route,
        found: &'a Found,
        now: Timestamp,
    ) -> Option<Material<'a>> {
        Some(Material {
            question,
            route,
            found: found.retrieved.as_ref()?,
            contact_pages: &found.contacts,
            readings: &self.readings,
            config: &self.config,
            now,
        })
    }
}

impl Composing {
    /// Answers by another label than that of the rules.
    fn take_route(&mut self, route: Route, assistant: &Assistant) {
        if route == Route::Crisis {
            self.question.crisis = Crisis::Acute;
        }
        self.route = route;
        let Self { question, found, history, now, .. } = &*self;
        let draft = assistant.draft(question, route, found, history, *now);
        let against = found.against(question, &assistant.config, &self.public);
        self.quoted = Given::new(verify::verify(draft, &against));
    }

    /// The answer of quotes, all of which is told.
    fn with_quotes(self, emit: &mut dyn FnMut(Event<'_>), generated: Option<Generated>) -> Outcome {
        let holds_sentences = self.question.crisis != Crisis::None;
        let stages = Stages { emit, holds_sentences, timings_ms: self.timings_ms };
        let outcome = stages.finish(self.question, self.quoted);
        Outcome { generated, ..outcome }
    }
}

impl Outcome {
    fn new(question: Screened, given: Given, timings_ms: BTreeMap<String, f64>) -> Self {
        let Screened { text, masks, signals, .. } = question;
        let Given { answer, dropped, written_by } = given;
        let answer = answer.timed(timings_ms);
        let (generated, routed) = (None, None);
        Self { question: text, masks, signals, answer, dropped, written_by, generated, routed }
    }
}

/// What was found for a question; nothing where none was looked for.
#[derive(Default)]
struct Found {
    /// The snapshot that all of it is from.
    snapshot: String,
    retrieved: Option<Retrieved>,
    contacts: Vec<Hit>,
    beside: Vec<Hit>,
}

impl Found {
    fn against<'a>(
        &'a self,
        question: &'a Screened,
        config: &'a Config,
        public: &'a PublicContacts,
    ) -> Against<'a> {
        let (hits, beside, place) = (self.hits(), &self.beside, question.place);
        let (locale, mitigations) = (&question.interface, question.mitigations);
        Against { hits, beside, place, config, public, locale, mitigations }
    }

    fn hits(&self) -> &[Hit] {
        self.retrieved.as_ref().map_or(&[], |found| found.hits.as_slice())
    }
}

/// Why a question was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// There is nothing in it.
    #[error("the question is empty: write what you want to know")]
    Empty,
    /// There is too much in it.
    #[error(
        "the question has {characters} characters, more than the {limit} that are read: shorten it"
    )]
    TooLong {
        /// How many it has.
        characters: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A choice was made that was not offered.
    #[error("that choice was not offered: choose again, or ask in your own words")]
    NotOffered,
    /// The guidance could not be searched.
    #[error(transparent)]
    Search(#[from] SearchError),
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use candour_core::SearchQuery;

    use super::*;

    /// Serves one snapshot for the first three times it is asked which, and another afterwards.
    #[derive(Default)]
    struct Changing {
        asked: AtomicUsize,
        searches: AtomicUsize,
        is_empty: bool,
    }

    impl Searcher for Changing {
        fn search(&self, _: &SearchQuery) -> Result<Vec<Hit>, SearchError> {
            self.searches.fetch_add(1, Ordering::Relaxed);
            if self.is_empty { Err(SearchError::Empty) } else { Ok(Vec::new()) }
        }

        fn snapshot(&self) -> String {
            let is_old = self.asked.fetch_add(1, Ordering::Relaxed) < 2;
            if is_old { "old".to_owned() } else { "new".to_owned() }
        }

        fn public_contacts(&self) -> Arc<PublicContacts> {
            Arc::default()
        }
    }

    fn ask(searcher: &Arc<Changing>, stages: &mut Vec<&'static str>) -> Result<Outcome, AskError> {
        let searcher: Arc<dyn Searcher> = Arc::clone(searcher) as _;
        let assistant = Assistant::new(searcher, &Config::default());
        let ask = Ask::new("How much is a garden waste subscription?", Timestamp::UNIX_EPOCH);
        assistant.ask(&ask, &mut |event| {
            if let Event::Stage { name, .. } = event {
                stages.push(name);
            }
        })
    }

    #[test]
    fn a_stage_that_failed_is_not_told_of() {
        let searcher = Arc::new(Changing { is_empty: true, ..Changing::default() });
        let mut stages = Vec::new();
        assert!(matches!(ask(&searcher, &mut stages), Err(AskError::Search(SearchError::Empty))));
        assert_eq!(stages, ["screen", "route"]);
    }

    #[test]
    fn an_answer_is_from_one_snapshot() {
        let steady = Arc::new(Changing { asked: AtomicUsize::new(9), ..Changing::default() });
        assert_eq!(ask(&steady, &mut Vec::new()).unwrap().answer.snapshot, "new");
        let changing = Arc::new(Changing::default());
        assert_eq!(ask(&changing, &mut Vec::new()).unwrap().answer.snapshot, "new");
        let searches = |searcher: &Changing| searcher.searches.load(Ordering::Relaxed);
        assert_eq!(searches(&changing), searches(&steady) * 2, "it is searched again");
    }
}
