//! Lies about conditions: left out, cut, or turned round.

use std::sync::LazyLock;

use candour_core::{AnswerSentence, Hit};
use regex::{Captures, Regex};

use super::{Dice, Truth};
use crate::words::stems;

pattern!(CONDITION, r"(,? (?:if|unless|except|as long as|provided) [^.,;:|()]+)([.]?)$");
pattern!(CONDITION_FIRST, r"^(?:If|Unless) [^.,;:|()]+, (\w)");
pattern!(
    CUT,
    r"(?:,| and| but)?(?: only)? (?:if|unless|except|as long as|provided|until) [^,;:|()]+"
);
pattern!(TURNED, r"\b(?i:if|unless)\b");
pattern!(ONLY, r"\b(?i:only)\b ?");

/// A condition at the beginning or end of a sentence is left out. It has a word that the rest does not
/// have, so that something is lost; `even if` sets no condition.
pub(super) fn dropped(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    let locale = &truth.hit.passage.locale;
    let text = &truth.text;
    if !truth.is_english()
        || text.contains("even if")
        || text.contains("for example if")
        || text.contains("such as if")
    {
        return None;
    }
    let first = CONDITION_FIRST.is_match(text) && dice.next().is_multiple_of(2);
    let left = if first {
        CONDITION_FIRST.replace(text, |found: &Captures<'_>| found[1].to_uppercase()).into_owned()
    } else {
        CONDITION.replace(text, "$2").into_owned()
    };
    let (rest, all) = (stems(&left, locale), stems(text, locale));
    let is_left =
        |stem: &String| rest.iter().any(|other| other.get(..5) == stem.get(..5) || other == stem);
    let lost = all.iter().filter(|stem| !is_left(stem)).count();
    // `Decide if` means whether, and what ends in `or` is no sentence, or only one case less.
    let end = left.trim_end_matches(['.', ' ', '-', '–', ',']).to_lowercase();
    let dangles = [
        "or", "and", "but", "only", "decide", "know", "check", "see", "out", "ask", "tell us",
        "say",
    ];
    // In a table a condition is a cell, and what hangs on it is another.
    let is_part = ["or ", "and ", "but ", "unless ", "except "]
        .iter()
        .any(|word| left.to_lowercase().starts_with(word));
    if is_part || text.contains('|') || dangles.iter().any(|word| end.ends_with(word)) {
        return None;
    }
    (lost > 0 && rest.len() > 1 && left.len() < text.len()).then(|| truth.with(left)).flatten()
}

/// What stands between a condition's first word and the next comma is left out, wherever it stands, so
/// that its other parts stay and the sentence seems to say it. Left out are what sets no condition
/// (`even if`, `check if`), what ends in one of several cases, and what has no word that the rest lacks.
pub(super) fn cut(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    let locale = &truth.hit.passage.locale;
    let text = &truth.text;
    if !truth.is_english() {
        return None;
    }
    let doubtful = [
        "even", "check", "know", "decide", "ask", "see", "find out", "matter", "example",
        "such as", "or", "say", "consider", "as", "whether", "not", "what", "confirm", "sure",
    ];
    let lie = truth.replace(&CUT, dice, |found| {
        let place = found.get(0)?;
        let before = text[..place.start()].to_lowercase();
        let is_doubtful = before.trim().is_empty()
            || doubtful.iter().any(|word| before.ends_with(word))
            || place.as_str().ends_with(" or");
        let (rest, lost) = (
            stems(&format!("{before}{}", &text[place.end()..]), locale),
            stems(place.as_str(), locale),
        );
        let has = |stem: &String| rest.iter().any(|other| other.get(..5) == stem.get(..5));
        (!is_doubtful && rest.len() > 1 && !lost.iter().all(has)).then(String::new)
    })?;
    Some(lie)
}

/// `If` becomes `unless`, and the other way round: the condition is met by those who did not meet it.
pub(super) fn turned(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    let lower = truth.text.to_lowercase();
    let doubtful = [
        "even if",
        "as if",
        "if any",
        "if not",
        "if so",
        "only if",
        "if possible",
        "if you can",
        "what if",
        "see if",
        "check if",
        "and if",
        "decide if",
        "out if",
        "find out if",
        "ask if",
        "know if",
        "whether",
    ];
    let is_one = TURNED.find_iter(&truth.source).count() == 1;
    if !truth.is_english() || !is_one || doubtful.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let has_denial =
        ["not", "n’t", "no ", "never", "without"].iter().any(|word| lower.contains(word));
    truth.replace(&TURNED, dice, |found| {
        (!has_denial).then(|| {
            match &found[0] {
                "If" => "Unless",
                "if" => "unless",
                "Unless" => "If",
                _ => "if",
            }
            .to_owned()
        })
    })
}

/// `Only` is left out. Before a number it may say that the number is small, which is no limit.
pub(super) fn only_dropped(
    truth: &Truth<'_>,
    _: &[Hit],
    dice: &mut Dice,
) -> Option<AnswerSentence> {
    if !truth.is_english()
        || ["not only", "only a ", "only one", "only exception"]
            .iter()
            .any(|w| truth.text.contains(w))
    {
        return None;
    }
    let is_one = ONLY.find_iter(&truth.source).count() == 1;
    truth.replace(&ONLY, dice, |_| is_one.then(String::new))
}
