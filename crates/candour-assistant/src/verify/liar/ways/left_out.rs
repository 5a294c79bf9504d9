//! Lies that leave out what stands above a unit, or limits it: a denial, a condition, the head of a column,
//! how long or by when, a duty.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use candour_core::{AnswerSentence, Hit, Unit, UnitKind};
use regex::Regex;

use super::{ADDRESS, DENIAL, Dice, NUMBER, Truth};
use crate::words::{plain_words, stems};

pattern!(ASKS_OTHERWISE, r"^(?:How|Why|If|What happens|Work)\b|\bif\b|\bwithout\b");
pattern!(
    WISH,
    r"(?i)\byou(?:[’'](?:re|d))?(?: (?:are|would|do|not|don[’']t|aren[’']t|still|need|to))* (?:disagree|want|wish|prefer|happy|unhappy|complain|like|help)\b"
);
pattern!(
    LIMIT,
    r",? (?:for up to|within|for no more than|for at most) (?:\d+|one|two|three) (?:working )?(?:minute|hour|day|week|month|year)s?\b"
);
pattern!(DUTY, r", but (?:give|tell|take|keep|ask|you must|you have to|you need)\b[^.;:|]*[.]?$");
pattern!(ALLOWS, r"\b(?:can|must|may|will)\b");
pattern!(DETERMINED, r"(?i)\b(?:if|unless|until|after|before|up to|only)\b");

impl Truth<'_> {
    /// The unit that is said.
    fn unit(&self) -> Option<&Unit> {
        let passage = &self.hit.passage;
        passage.units.iter().find(|unit| passage.quote(unit) == self.text)
    }

    /// What the unit needs of this kind.
    fn needed(&self, kind: UnitKind) -> impl Iterator<Item = &str> {
        let passage = &self.hit.passage;
        let needs = self.unit().into_iter().flat_map(|unit| &unit.needs);
        let units = needs.filter_map(|need| passage.units.get(*need as usize));
        units.filter(move |unit| unit.kind == kind).map(|unit| passage.quote(unit))
    }
}

/// A text without its one denial; none where it denies only in a condition, or asks how or why.
fn affirmed(text: &str) -> Option<String> {
    let is_plain = !ASKS_OTHERWISE.is_match(text.split(" if").next()?);
    let mut denials = DENIAL.find_iter(text);
    let denial = denials.next().filter(|_| is_plain && denials.next().is_none())?;
    let before_condition = text.find(" if ").is_none_or(|at| denial.start() < at);
    let verb = match denial.as_str() {
        "do not" | "does not" | "don’t" | "doesn’t" => "",
        "cannot" | "can’t" => "can",
        other => other.strip_suffix(" not")?,
    };
    let affirmed = format!("{}{verb}{}", &text[..denial.start()], &text[denial.end()..]);
    before_condition.then(|| affirmed.replace("  ", " "))
}

/// What a heading denies of an item of a list is affirmed. Where the list has an introduction, that denies
/// too.
pub(super) fn heading_affirmed(
    truth: &Truth<'_>,
    _: &[Hit],
    _: &mut Dice,
) -> Option<AnswerSentence> {
    let heading = &truth.hit.passage.headings.last()?.text;
    let is_item = truth.unit()?.kind == UnitKind::Item;
    if !truth.is_english()
        || !is_item
        || !truth.needed(UnitKind::Stem).all(|s| affirmed(s).is_some())
    {
        return None;
    }
    let lie = truth.with(format!("{}: {}", affirmed(heading)?, truth.text))?;
    Some(AnswerSentence { item: false, ..lie })
}

/// What an introduction denies of its item is affirmed. The item itself denies and excepts nothing.
pub(super) fn introduction_affirmed(
    truth: &Truth<'_>,
    _: &[Hit],
    _: &mut Dice,
) -> Option<AnswerSentence> {
    let stem = truth.needed(UnitKind::Stem).find(|stem| stem.ends_with(':'))?;
    let lower = truth.text.to_lowercase();
    let is_plain = !["not", "n’t", "no ", "unless", "without", "only", "never", "except"]
        .iter()
        .any(|word| lower.contains(word));
    if !truth.is_english() || !is_plain || truth.unit()?.kind != UnitKind::Item {
        return None;
    }
    let lie = truth.with(format!("{} {}", affirmed(stem)?.trim_end_matches(':'), truth.text))?;
    Some(AnswerSentence { item: false, ..lie })
}

/// A permission, a duty or a number under a heading that is a condition, with none of its words, is said by
/// itself. Without its full stop it is no quote, which would be shown under its heading.
pub(super) fn heading_condition(
    truth: &Truth<'_>,
    _: &[Hit],
    _: &mut Dice,
) -> Option<AnswerSentence> {
    let headings = &truth.hit.passage.headings;
    let heading = headings.iter().map(|h| h.text.as_str()).find(|text| text.starts_with("If "))?;
    let locale = &truth.hit.passage.locale;
    let own = stems(&truth.text, locale);
    // A `refusal` is a word of `If we refuse`, whatever stands for either.
    let begins = |text: &str| -> BTreeSet<String> {
        let long = plain_words(text).into_iter().filter(|word| word.chars().count() > 4);
        long.map(|word| word.chars().take(5).collect()).collect()
    };
    let is_apart = !stems(heading, locale).iter().any(|stem| own.contains(stem))
        && begins(heading).is_disjoint(&begins(&truth.text));
    let is_whole = truth.unit()?.kind == UnitKind::Sentence
        && truth.text.ends_with('.')
        && (NUMBER.is_match(&truth.text) || ALLOWS.is_match(&truth.text))
        && !ADDRESS.is_match(&truth.text);
    if !truth.is_english() || !is_apart || !is_whole || WISH.is_match(heading) {
        return None;
    }
    truth.with(truth.text.trim_end_matches('.').to_owned())
}

/// A figure of a row is said of the row alone, where its column is one of a condition, or of a number that
/// tells it from another.
pub(super) fn column(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    let header = truth.needed(UnitKind::Header).next()?;
    let heads: Vec<&str> = header.split(" | ").collect();
    let cells: Vec<&str> = truth.text.split(" | ").collect();
    let numbered = heads.iter().filter(|head| NUMBER.is_match(head)).count();
    let limits = |head: &str| head.starts_with("If ") || numbered > 1 && NUMBER.is_match(head);
    let is_plain = |cell: &str| cell.starts_with('£') && !DETERMINED.is_match(cell);
    let places: Vec<usize> = (1..cells.len().min(heads.len()))
        .filter(|at| limits(heads[*at]) && is_plain(cells[*at]))
        .filter(|at| cells.iter().filter(|cell| *cell == &cells[*at]).count() == 1)
        .collect();
    let at = *places.get(dice.below(places.len())?)?;
    truth.with(format!("{} costs {}.", cells[0], cells[at]))
}

/// How long or by when at most is left out.
pub(super) fn limit(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    let is_english = truth.is_english() && !truth.text.contains('|') && !truth.text.ends_with(':');
    // What `of` follows would be no sentence any more.
    let is_last = |end: usize| !truth.text[end..].starts_with(" of");
    let cut =
        || truth.replace(&LIMIT, dice, |found| is_last(found.get(0)?.end()).then(String::new));
    is_english
        .then(cut)
        .flatten()
        .filter(|lie| stems(&lie.text, &truth.hit.passage.locale).len() > 1)
}

/// A duty behind a `but` is left out.
pub(super) fn duty(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    truth.is_english().then(|| truth.replace(&DUTY, dice, |_| Some(".".to_owned()))).flatten()
}
