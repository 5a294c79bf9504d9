//! What a search finds, without what speaks to the assistant rather than to readers: that is neither quoted
//! nor given to a model, and no other page is judged beside it.

use candour_core::{Hit, SearchError, SearchQuery, Searcher};

use crate::compose::Readings;
use crate::mitigations::{Mitigation, Mitigations};

/// The guidance that may be quoted.
pub(crate) struct Quotable<'a> {
    pub(crate) searcher: &'a dyn Searcher,
    pub(crate) readings: &'a Readings,
    pub(crate) mitigations: Mitigations,
}

impl Quotable<'_> {
    /// What may be quoted of what is found.
    pub(crate) fn search(&self, query: &SearchQuery) -> Result<Vec<Hit>, SearchError> {
        let mut hits = self.searcher.search(query)?;
        if self.mitigations.has(Mitigation::Detection) {
            hits.retain(|hit| !self.readings.of(hit).speaks(hit));
        }
        Ok(hits)
    }
}
