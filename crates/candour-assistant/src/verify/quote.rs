//! A citation must be byte for byte what stands in the passage that was retrieved.

use candour_core::{AnswerSentence, Citation};

use super::{Against, Code};

/// Checks all citations of a sentence; it must have one.
pub(super) fn check(sentence: &AnswerSentence, against: &Against<'_>) -> Result<(), Code> {
    if sentence.citations.is_empty() || sentence.text.trim().is_empty() {
        return Err(Code::CitationInvalid);
    }
    sentence.citations.iter().try_for_each(|citation| check_citation(citation, against))
}

fn check_citation(citation: &Citation, against: &Against<'_>) -> Result<(), Code> {
    let hit = against.hit(citation).ok_or(Code::CitationInvalid)?;
    if hit.page.withdrawn.is_some() || hit.page.history_mode {
        return Err(Code::SourceStale);
    }
    if hit.passage.hash() != citation.passage_hash {
        return Err(Code::SourceStale);
    }
    let stands_there = hit.passage.text.get(citation.start as usize..citation.end as usize);
    let is_exact = stands_there == Some(citation.quote.as_str())
        && !citation.quote.is_empty()
        && citation.url == hit.passage.url;
    if is_exact { Ok(()) } else { Err(Code::CitationInvalid) }
}
