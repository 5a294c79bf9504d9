//! What was found for a question, all of it in one snapshot, and what an answer from it is held against.

use candour_core::{Config, Hit, PublicContacts, SearchError, Searcher, Turn};

use crate::compose::Readings;
use crate::retrieve::{self, Quotable, Retrieved};
use crate::screen::Screened;
use crate::verify::Against;

/// How many snapshots may come one after another while one question is searched.
const MOST_SNAPSHOTS: usize = 3;

/// What was found for a question; nothing where none was looked for.
#[derive(Default)]
pub(super) struct Found {
    /// The snapshot that all of it is from.
    pub(super) snapshot: String,
    pub(super) retrieved: Option<Retrieved>,
    pub(super) contacts: Vec<Hit>,
    /// What was found and may not be quoted, but whose links may be shown.
    pub(super) beside: Vec<Hit>,
}

impl Found {
    /// What is found in one snapshot: another may begin to serve between two searches.
    pub(super) fn search(
        searcher: &dyn Searcher,
        readings: &Readings,
        question: &Screened,
        history: &[Turn],
    ) -> Result<Self, SearchError> {
        let mut before = searcher.snapshot();
        let mut tries = 1;
        loop {
            let found = Self::search_once(searcher, readings, question, history)?;
            let after = searcher.snapshot();
            if before == after || tries == MOST_SNAPSHOTS {
                return Ok(Self { snapshot: after, ..found });
            }
            (before, tries) = (after, tries + 1);
        }
    }

    fn search_once(
        searcher: &dyn Searcher,
        readings: &Readings,
        question: &Screened,
        history: &[Turn],
    ) -> Result<Self, SearchError> {
        let quotable = Quotable { searcher, readings, mitigations: question.mitigations };
        let mut found = retrieve::retrieve(&quotable, question, history)?;
        if let Some(known) = &question.circumstance {
            found.hits.retain(|hit| !known.rules_out(hit));
        }
        let contacts = retrieve::contact_pages(&quotable, &found.wording.question, &found.locale)?;
        let left_out = [&found.withdrawn, &found.elsewhere, &found.for_others];
        let beside = contacts.iter().chain(left_out.into_iter().flatten()).cloned().collect();
        Ok(Self { beside, contacts, retrieved: Some(found), ..Self::default() })
    }

    /// What an answer to the question is held against.
    pub(super) fn against<'a>(
        &'a self,
        question: &'a Screened,
        config: &'a Config,
        public: &'a PublicContacts,
    ) -> Against<'a> {
        let (hits, beside, place) = (self.hits(), &self.beside, question.place);
        let (locale, mitigations) = (&question.interface, question.mitigations);
        Against { hits, beside, place, config, public, locale, mitigations }
    }

    /// What may be quoted, best first.
    pub(super) fn hits(&self) -> &[Hit] {
        self.retrieved.as_ref().map_or(&[], |found| found.hits.as_slice())
    }
}
