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

/// Gives the last turns the choices that they did offer, where they claim some, and all others none. A
/// claim counts where the question, asked again, has the same labels. No model is asked, and it is one
/// question however many turns there are.
pub(super) fn restore(assistant: &Assistant, turns: &mut [Turn]) {
    let claims = |turn: &&Turn| !turn.answer.choices.is_empty();
    // Who was asked once more has the same list twice, and the question stands before the first.
    let first = turns.len() - turns.iter().rev().take_while(claims).count();
    let (before, asking) = turns.split_at_mut(first);
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
