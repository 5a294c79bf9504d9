//! A figure of a table is that of its row and column: `£35` only `if you pay within 14 days`.

use super::Own;
use crate::verify::claim::{Claim, Fact};
use crate::verify::condition::{Item, words_of};
use crate::verify::figure::Figure;
use crate::verify::reading::Reading;

/// A sentence names a row or a column when it has at least this share of the words of its name.
const KEEPS: f32 = 0.5;

/// Whether a sentence has a figure that stands in columns of a condition or of figures alone, and does not say
/// what they are.
pub(super) fn loses_column(claim: &Claim<'_>, own: &Own<'_>) -> bool {
    any_in_table(claim, |fact| {
        let Some(header) = fact.header else { return false };
        let (from, to) = cell(header, fact.reading.column(fact.figure.from));
        let is_here = |at: usize| (from..to).contains(&at);
        let is_condition = header.conditions().any(|(mark, _)| is_here(mark.from));
        // A figure tells a column from others that have one of its kind.
        let (here, others): (Vec<&Figure>, Vec<&Figure>) =
            header.figures.iter().partition(|figure| is_here(figure.from));
        let is_rival = |figure: &&&Figure| {
            let family = figure.value.family();
            is_condition || others.iter().any(|other| other.value.family() == family)
        };
        let figures = here.iter().filter(is_rival).map(|figure| Item::Figure(&figure.value));
        let figures: Vec<Item<'_>> = figures.collect();
        let words: Vec<Item<'_>> = words_of(header, from, to)
            .into_iter()
            .filter(|item| is_condition && figures.is_empty() && matches!(item, Item::Word(_)))
            .collect();
        own.share(&figures) < 1.0 || own.share(&words) < KEEPS
    })
}

/// Whether a sentence has a figure of rows whose names it does not say.
pub(super) fn loses_row(claim: &Claim<'_>, own: &Own<'_>) -> bool {
    any_in_table(claim, |fact| {
        let (from, to) = cell(fact.reading, 0);
        let name = words_of(fact.reading, from, from + name_length(fact.reading, from, to));
        let place = fact.reading.column(fact.figure.from);
        // Another figure of the row names it too.
        let is_other = |figure: &&Figure| fact.reading.column(figure.from) != place;
        let mut others = fact.reading.figures.iter().filter(is_other);
        // `Each bedroom above 5` is not each bedroom.
        let limits = |figure: &&Figure| {
            let named = from..from + name_length(fact.reading, from, to);
            figure.bound.is_some() && named.contains(&figure.from)
        };
        let mut limits = fact.reading.figures.iter().filter(limits);
        if place > 0 && limits.any(|limit| !own.has(&Item::Figure(&limit.value))) {
            return true;
        }
        place > 0
            && own.share(&name) < KEEPS
            && !others.any(|other| own.has(&Item::Figure(&other.value)))
    })
}

/// How many words a name has: what stands behind a comma or in brackets explains it.
fn name_length(reading: &Reading, from: usize, to: usize) -> usize {
    let ends = |at: &usize| matches!(reading.text_at(*at), "," | "(");
    (from..to).find(ends).unwrap_or(to) - from
}

/// Whether `is_lost` holds for all places of a figure of the sentence, which are in a table.
fn any_in_table(claim: &Claim<'_>, is_lost: impl Fn(&Fact<'_>) -> bool) -> bool {
    let facts = claim.facts();
    claim.reading.figures.iter().any(|figure: &Figure| {
        let mut known = facts.iter().filter(|fact| fact.bears_out(&figure.value)).peekable();
        known.peek().is_some() && known.all(|fact| fact.header.is_some() && is_lost(fact))
    })
}

/// Where the words of a cell begin and end.
fn cell(reading: &Reading, column: usize) -> (usize, usize) {
    let mut edges: Vec<usize> = vec![0];
    let bars = (0..reading.words.len()).filter(|at| reading.words[*at].text == "|");
    edges.extend(bars.map(|bar| bar + 1));
    let from = edges.get(column).copied().unwrap_or(reading.words.len());
    let to = edges.get(column + 1).map_or(reading.words.len(), |next| next - 1);
    (from, to)
}
