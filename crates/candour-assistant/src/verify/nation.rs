//! A sentence may not name a nation that its passage does not, nor quote what does not apply where
//! the reader is.

use candour_core::{AnswerSentence, Nation, Nations};

use super::{Against, Code};
use crate::screen::nations_named_in;

/// Checks a sentence against its passages and the question.
pub(super) fn check(sentence: &AnswerSentence, against: &Against<'_>) -> Result<(), Code> {
    let mut speaks_of = Nations::NONE;
    for citation in &sentence.citations {
        let hit = against.hit(citation).ok_or(Code::CitationInvalid)?;
        let scope = hit.passage.scope.applies;
        let named = nations_named_in(&hit.passage.text);
        if let Some(nation) = against.place.nation
            && !scope.contains(nation)
            && (against.place.assumed || !named.contains(nation))
        {
            return Err(Code::NationMismatch);
        }
        let around = format!("{} {} {}", citation.quote, citation.heading, citation.title);
        speaks_of = union(speaks_of, nations_named_in(&around));
        if !scope.is_all() {
            speaks_of = union(speaks_of, scope);
        }
    }
    let claims = nations_named_in(&sentence.text);
    if Nation::ALL.into_iter().any(|nation| claims.contains(nation) && !speaks_of.contains(nation))
    {
        return Err(Code::NationMismatch);
    }
    Ok(())
}

fn union(one: Nations, other: Nations) -> Nations {
    other.iter().fold(one, Nations::with)
}
