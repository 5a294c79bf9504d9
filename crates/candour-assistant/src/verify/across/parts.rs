//! What limits a line, and is left out in another language: a share, how long or by when, a second condition.

use super::{Cited, with_figures};
use crate::verify::claim::Claim;
use crate::verify::figure::{Figure, Value};
use crate::verify::lexicon::{Condition, Role};
use crate::verify::meaning::Meanings;
use crate::verify::reading::{Reading, Word};

/// A word is said in another language where one is at least so near to it.
const NEAR: f32 = 0.4;

/// Whether a sentence leaves out what limits each of the lines that it may rest on.
pub(super) fn are_left_out(claim: &Claim<'_>, cited: &[Cited<'_>]) -> bool {
    let rests_on = with_figures(claim, cited);
    !rests_on.is_empty()
        && rests_on.iter().all(|cited| {
            loses_limit(claim, cited)
                || loses_condition(claim, cited)
                || cited.introduction.is_some() && loses_second(claim, &cited.line.reading)
        })
}

/// Whether a line has a share or a limit, or an item a number, that the sentence does not say. Of a row, other columns are rows of
/// another price.
fn loses_limit(claim: &Claim<'_>, cited: &Cited<'_>) -> bool {
    let limits = |figure: &&Figure| {
        let is_share = matches!(figure.value, Value::Amount(part, _) if part < 1000);
        let is_amount = matches!(figure.value, Value::Amount(..));
        is_amount && (is_share || figure.bound.is_some() || cited.introduction.is_some())
    };
    let mut figures = cited.line.reading.figures.iter().filter(limits);
    !cited.is_row() && figures.any(|figure| !claim.reading.says(&figure.value))
}

/// Whether a line sets a condition, or an exception, of which the sentence has none.
fn loses_condition(claim: &Claim<'_>, cited: &Cited<'_>) -> bool {
    let has = |reading: &Reading, wanted: &[Condition]| {
        reading.conditions().any(|(_, condition)| wanted.contains(&condition))
    };
    let kinds: [&[Condition]; 2] = [&[Condition::If], &[Condition::Unless]];
    kinds.into_iter().any(|kind| {
        let is_set = cited.readings().any(|reading| has(reading, kind));
        let turned: &[Condition] =
            &[Condition::If, Condition::Unless, Condition::Only, Condition::When];
        is_set && !has(&claim.reading, kind) && !has(&claim.reading, turned)
    })
}

/// Whether an item asks for two things, and at most half of the words of the second are said.
fn loses_second(claim: &Claim<'_>, item: &Reading) -> bool {
    let own = Meanings::telling(&claim.reading.words);
    // Welsh `a` is an English article too.
    let begins = item.words.iter().position(|word| matches!(word.text.as_str(), "and" | "ac"));
    let Some(begins) = begins else { return false };
    let before: Vec<&str> = item.telling(0, begins).map(|word| word.stem.as_str()).collect();
    let is_new = |word: &&Word| !before.contains(&word.stem.as_str());
    let second: Vec<&Word> = item.telling(begins, item.words.len()).filter(is_new).collect();
    let said = second.iter().filter(|word| own.nearest(&word.text) >= NEAR).count();
    let is_list = item.marks.iter().any(|mark| mark.role == Role::Deny);
    !is_list && !before.is_empty() && !second.is_empty() && said * 2 <= second.len()
}
