//! Follow-up questions: `How much is it?` is searched as it stands and together with what it rests on.

use candour_core::{AnswerStatus, Locale, Turn};

use super::Wording;
use crate::screen::Screened;
use crate::words::{plain_words, words};

/// A question with more telling words than this stands on its own.
const MOST_TELLING: usize = 3;

/// Beginnings of a question that goes on from the last one.
const BEGINNINGS: [&str; 16] = [
    "and ",
    "what about",
    "how about",
    "what if",
    "but ",
    "so ",
    "also ",
    "is that",
    "does that",
    "ok ",
    "a beth",
    "beth am",
    "beth os",
    "ac ",
    "ond ",
    "felly ",
];

/// Words that point to something said before.
const POINTERS: [&str; 20] = [
    "it", "they", "them", "that", "those", "these", "this", "there", "then", "one", "ones", "same",
    "hyn", "hynny", "hwnnw", "nhw", "yno", "fe", "hi", "rheini",
];

/// Whether a question may rest on the one before it.
pub(crate) fn rests_on_history(text: &str, locale: &Locale, history: &[Turn]) -> bool {
    if history.is_empty() {
        return false;
    }
    let telling = words(text, locale).iter().filter(|word| word.telling).count();
    if telling > MOST_TELLING {
        return false;
    }
    let lowered = text.to_lowercase();
    BEGINNINGS.iter().any(|beginning| lowered.starts_with(beginning))
        || plain_words(text).iter().any(|word| POINTERS.contains(&word.as_str()))
        || telling <= 1
        || after_clarification(history)
}

/// What to look for: the question, and with a follow-up the question before it.
pub(super) fn wording(question: &Screened, history: &[Turn]) -> Wording {
    let text = question.text.as_str();
    let follows = rests_on_history(text, &question.locale, history);
    let before = if follows { subject(history, &question.locale) } else { None };
    Wording { question: text.to_owned(), before }
}

/// The last questions back to the one that began the subject, but no more than two.
fn subject(history: &[Turn], locale: &Locale) -> Option<String> {
    let mut texts: Vec<&str> = Vec::new();
    for (at, turn) in history.iter().enumerate().rev().take(2) {
        texts.push(turn.question.as_str());
        let earlier = history.get(..at).unwrap_or_default();
        if !rests_on_history(turn.question.as_str(), locale, earlier) {
            break;
        }
    }
    texts.reverse();
    (!texts.is_empty()).then(|| texts.join(" "))
}

/// Whether the assistant has just asked the reader to say more.
fn after_clarification(history: &[Turn]) -> bool {
    history.last().is_some_and(|turn| turn.answer.status == AnswerStatus::Clarify)
}
