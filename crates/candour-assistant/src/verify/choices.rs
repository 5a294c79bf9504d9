//! What a reader is offered to choose from stands in a retrieved passage, or is the name of a nation.

use std::collections::BTreeMap;

use candour_core::{Answer, AnswerChoice, AnswerStatus};

use super::{Against, Code};
use crate::replies;

/// Drops choices that are not words of the guidance. A question with fewer than two is none.
pub(super) fn drop_unfounded(
    answer: &mut Answer,
    against: &Against<'_>,
    dropped: &mut BTreeMap<Code, usize>,
) {
    let offered = answer.choices.len();
    let replies = replies::of(&answer.locale);
    answer.choices.retain(|choice| match choice.nation {
        Some(nation) => choice.label == replies.nation(nation),
        None => is_founded(choice, against),
    });
    if answer.choices.len() < offered {
        *dropped.entry(Code::CitationInvalid).or_default() += offered - answer.choices.len();
    }
    if offered > 0 && answer.choices.len() < 2 {
        answer.choices.clear();
        answer.status = AnswerStatus::Abstained;
        answer.message = Some(replies.text("abstained").to_owned());
    }
}

/// Whether the condition stands in its page as a title, a heading, or in the text, and what is shown is
/// part of it but for its first letter.
fn is_founded(choice: &AnswerChoice, against: &Against<'_>) -> bool {
    let of_page = against.hits.iter().filter(|hit| hit.page.url == choice.page);
    let mut places = of_page.flat_map(|hit| hit.path().chain([hit.passage.text.as_str()]));
    let shown = choice.label.to_lowercase();
    !choice.condition.is_empty()
        && !shown.is_empty()
        && choice.condition.to_lowercase().contains(&shown)
        && places.any(|place| place.contains(&choice.condition))
}
