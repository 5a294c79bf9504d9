//! The stages after screening, up to an answer of quotes.

use candour_core::{Answer, Citation, PublicContacts, Turn};
use jiff::Timestamp;

use super::found::Found;
use super::stages::Stages;
use super::{Ask, AskError, Assistant};
use crate::clarify::{self, Circumstance};
use crate::compose::{self, Material};
use crate::given::Given;
use crate::retrieve;
use crate::route::{self, Route};
use crate::screen::{self, Crisis, Screened};
use crate::verify;

impl Assistant {
    /// The parts of the first so many passages found that may begin a quotation, best first, before it
    /// is settled which of them make an answer. This is for measuring: readers are told nothing of it.
    pub fn ranked(&self, ask: &Ask<'_>, passages: usize) -> Result<Vec<Citation>, AskError> {
        let question = self.screen(ask, &self.searcher.public_contacts())?;
        let (searcher, readings) = (self.searcher.as_ref(), &self.readings);
        let found = Found::search(searcher, readings, &question, ask.history)?;
        let retrieved = found.retrieved.as_ref();
        Ok(retrieved.map(|found| compose::ranked(found, readings, passages)).unwrap_or_default())
    }

    /// Routes, searches, composes and verifies, for a question that has no answer yet.
    pub(super) fn quote(
        &self,
        question: &mut Screened,
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
                return Found::search(self.searcher.as_ref(), &self.readings, question, history);
            }
            Ok(Found { snapshot: self.searcher.snapshot(), ..Found::default() })
        })?;
        let draft = stages.run("compose", || self.draft(question, route, &found, history, now));
        let verified = stages.run("verify", || {
            verify::verify(draft, &found.against(question, &self.config, public))
        });
        let quoted = Given::new(verified, found.hits());
        Ok((route, found, quoted))
    }

    /// Asks once more for the circumstance that the last turn asked for, where what the reader said tells
    /// nothing of it and nothing was found for it either.
    pub(super) fn ask_again(
        &self,
        ask: &Ask<'_>,
        said: &Screened,
        (route, found): (Route, &Given),
        public: &PublicContacts,
        stages: &mut Stages<'_>,
    ) -> Result<Option<Given>, AskError> {
        if said.crisis != Crisis::None
            || !clarify::is_no_reply(ask.text, ask.history, route, &found.answer)
        {
            return Ok(None);
        }
        let (history, asked) = ask.history.split_at(ask.history.len() - 1);
        let unsaid = Circumstance::unsaid(asked[0].question.clone());
        let mut question = screen::resume(ask, unsaid, &self.config, public, self.mitigations)?;
        (question.circumstance, question.masks) = (None, said.masks.clone());
        self.situate(&mut question, ask, history);
        let (.., given) = self.quote(&mut question, ask.now, history, public, stages)?;
        let again = |given: Given| Given { answer: given.answer.opening("choice_again"), ..given };
        Ok(Some(given).filter(|given| !given.answer.choices.is_empty()).map(again))
    }

    /// The answer as it is before anything is verified: fixed words, where the route has some. Who may not
    /// be asked for their circumstances is shown every case, and counts as one who does not know them.
    pub(super) fn draft(
        &self,
        question: &mut Screened,
        route: Route,
        found: &Found,
        history: &[Turn],
        now: Timestamp,
    ) -> Answer {
        let fixed = compose::fixed(question, route, &self.config);
        let may_ask = clarify::may_ask(question, history);
        let composed = |question: &Screened| self.composed(question, route, found, may_ask, now);
        let mut draft = fixed.unwrap_or_else(|| composed(question));
        if !(draft.choices.is_empty() || may_ask) {
            question.circumstance = Some(Circumstance::unsaid(question.asked().clone()));
            draft = composed(question);
        }
        Answer { snapshot: found.snapshot.clone(), ..draft }
    }

    fn composed(
        &self,
        question: &Screened,
        route: Route,
        found: &Found,
        may_ask: bool,
        now: Timestamp,
    ) -> Answer {
        let is_broad = route == Route::Broad && may_ask;
        let which = || compose::clarification(question, found.hits(), &self.config);
        let about_what = || compose::fixed(question, Route::Unclear, &self.config);
        let unnamed = || about_what().filter(|_| route::names_nothing(question));
        let asks_back = if is_broad { which().or_else(unnamed) } else { None };
        match (self.material(question, route, found, now), asks_back) {
            (_, Some(clarification)) => clarification,
            (Some(material), None) => {
                let mut answer = compose::compose(&material);
                material.found.spelling.tell(&mut answer, &question.own_words);
                answer
            }
            (None, None) => compose::nothing(question, &self.config),
        }
    }

    /// What an answer is composed from; nothing where nothing was looked for.
    pub(super) fn material<'a>(
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
