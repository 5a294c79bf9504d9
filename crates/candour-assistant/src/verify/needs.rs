//! What a unit needs must be quoted with it: its stem, its header, the condition after it.

use candour_core::{AnswerSentence, Citation, Passage, UnitKind};

use super::Against;

/// The sentences without those whose needs are not quoted; `None` where nothing is missing.
pub(super) fn without_orphans(
    sentences: &[AnswerSentence],
    against: &Against<'_>,
) -> Option<Vec<AnswerSentence>> {
    let keeps = |sentence: &&AnswerSentence| {
        sentence.citations.iter().all(|citation| is_complete(citation, sentences, against))
    };
    let left: Vec<AnswerSentence> = sentences.iter().filter(keeps).cloned().collect();
    (left.len() < sentences.len()).then_some(left)
}

/// Whether all that the cited units need is cited too, and a stem or header is not alone.
fn is_complete(citation: &Citation, sentences: &[AnswerSentence], against: &Against<'_>) -> bool {
    let Some(hit) = against.hit(citation) else { return false };
    let passage = &hit.passage;
    let quoted: Vec<bool> =
        (0..passage.units.len()).map(|unit| is_quoted(passage, unit, sentences)).collect();
    let cited = passage
        .units
        .iter()
        .enumerate()
        .filter(|(_, unit)| citation.start < unit.end && unit.start < citation.end);
    let mut cited = cited.peekable();
    // Words outside every unit (there are none in our own passages) cannot be vouched for.
    cited.peek().is_some()
        && cited.all(|(at, unit)| {
            let needs_are_there = unit.needs.iter().all(|need| {
                *need as usize == at || quoted.get(*need as usize).copied().unwrap_or_default()
            });
            let introduces = matches!(unit.kind, UnitKind::Stem | UnitKind::Header);
            needs_are_there && (!introduces || is_continued(passage, at, &quoted))
        })
}

fn is_quoted(passage: &Passage, unit: usize, sentences: &[AnswerSentence]) -> bool {
    let unit = &passage.units[unit];
    sentences.iter().flat_map(|sentence| &sentence.citations).any(|citation| {
        citation.passage == passage.id && citation.start <= unit.start && unit.end <= citation.end
    })
}

/// Whether a quoted unit hangs on the stem or header at `stem`.
fn is_continued(passage: &Passage, stem: usize, quoted: &[bool]) -> bool {
    passage.units.iter().enumerate().any(|(at, unit)| {
        at != stem && quoted[at] && unit.needs.iter().any(|need| *need as usize == stem)
    })
}
