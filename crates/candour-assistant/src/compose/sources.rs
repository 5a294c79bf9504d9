//! Where quotes come from: the parts of pages that sentences cite.

use candour_core::{AnswerSentence, Hit, Source};
use jiff::tz::TimeZone;

/// The parts of pages that sentences come from, in order of first use: one for each heading, since
/// what stands under one heading need not hold under another.
pub(crate) fn sources(sentences: &[AnswerSentence], hits: &[Hit]) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    let mut parts = Vec::new();
    for citation in sentences.iter().flat_map(|sentence| &sentence.citations) {
        let Some(hit) = hits.iter().find(|hit| hit.passage.id == citation.passage) else {
            continue;
        };
        let part = (&hit.page.id, hit.passage.heading_path());
        if !parts.contains(&part) {
            parts.push(part);
            sources.push(source(hit));
        }
    }
    sources
}

fn source(hit: &Hit) -> Source {
    let (page, passage) = (&hit.page, &hit.passage);
    let scope = passage.scope.applies;
    Source {
        url: passage.url.clone(),
        title: page.title.clone(),
        heading: passage.heading_path(),
        locale: page.locale.clone(),
        updated: page.updated_at.map(|at| TimeZone::UTC.to_datetime(at).date().to_string()),
        audiences: page.audiences.iter().copied().collect(),
        nations: if scope.is_all() { Vec::new() } else { scope.iter().collect() },
    }
}
