//! What an answer offered for choice that a client sends back: its text has only the labels, so the question
//! that it asked back about is asked again.

use candour_assistant::{Ask, Assistant, Mode};
use candour_core::{Answer, AnswerChoice, Locale, Turn};
use jiff::Timestamp;

use crate::asking;
use crate::plain;

/// The choices that a text lists, of which the labels alone are known, and not that they were offered.
pub(super) fn claimed(text: &str) -> Vec<AnswerChoice> {
    let choice = |label: &str| AnswerChoice {
        label: label.to_owned(),
        condition: String::new(),
        page: String::new(),
        nation: None,
    };
    plain::listed(text).into_iter().map(choice).collect()
}

/// Gives the last turns that claim choices those that they did offer, and all others none, and the turn after
/// them the words of what was chosen, for `2` tells nothing to what is asked next. A claim counts where the
/// question, asked again, has the same labels. No model is asked, and it is one question however many turns
/// there are.
pub(super) fn restore(assistant: &Assistant, turns: &mut [Turn]) {
    let claims = |turn: &&Turn| !turn.answer.choices.is_empty();
    let end = turns.iter().rposition(|turn| claims(&turn)).map_or(0, |last| last + 1);
    // Who was asked once more has the same list twice, and the question stands before the first.
    let first = end - turns[..end].iter().rev().take_while(claims).count();
    let (before, asking) = turns[..end].split_at_mut(first);
    for turn in before.iter_mut() {
        turn.answer.choices.clear();
    }
    let Some(asked) = asking.first() else { return };
    let answer = answer(assistant, asked, asking::recent(before));
    let is_same = |turn: &Turn, answer: &Answer| labels(&turn.answer).eq(labels(answer));
    let is_true = |answer: &Answer| asking.iter().all(|turn| is_same(turn, answer));
    let answer = answer.filter(is_true);
    for turn in asking {
        match &answer {
            Some(answer) => turn.answer = answer.clone(),
            None => turn.answer.choices.clear(),
        }
    }
    name_choice(assistant, turns, end);
}

/// Puts the words of what was chosen in the place of the reply that stands after so many turns, if there is one
/// and it chooses.
fn name_choice(assistant: &Assistant, turns: &mut [Turn], asked: usize) {
    let (asked, after) = turns.split_at_mut(asked);
    if let Some(reply) = after.first_mut()
        && let Some(label) = candour_assistant::chosen_label(reply.question.as_str(), asked)
    {
        reply.question = assistant.redact(&label);
    }
}

fn labels(answer: &Answer) -> impl Iterator<Item = &str> {
    answer.choices.iter().map(|choice| choice.label.trim_end())
}

/// The answer to a question that was asked before.
fn answer(assistant: &Assistant, asked: &Turn, history: &[Turn]) -> Option<Answer> {
    let ask = Ask {
        locale: history.last().map_or(Locale::En, |turn| turn.answer.locale.interface()),
        history,
        mode: Mode::QuotesOnly,
        ..Ask::new(asked.question.as_str(), Timestamp::now())
    };
    let outcome = assistant.ask(&ask, &mut |_| {}).ok()?;
    Some(outcome.answer.into_answer())
}
