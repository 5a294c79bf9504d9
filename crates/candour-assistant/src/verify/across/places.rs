//! A figure that may be that of another line, in another language than the lines.

use super::{Cited, with_figures};
use crate::verify::claim::Claim;
use crate::verify::figure::{Figure, Value};
use crate::verify::reading::Reading;

/// Whether a sentence says one of two rival figures of its source, and not the first of its line: one of a line,
/// or of two lines that no other figure tells apart. How near a line is to the sentence tells too little.
pub(super) fn may_be_anothers(claim: &Claim<'_>, cited: &[Cited<'_>]) -> bool {
    let is_told = claim.reading.figures.len() > 1 && with_figures(claim, cited).len() == 1;
    let lines: Vec<&Cited<'_>> = cited.iter().filter(|cited| !cited.is_row()).collect();
    claim.reading.figures.iter().filter(|figure| counts(figure)).any(|figure| {
        let has = |cited: &Cited<'_>| cited.line.reading.bears_out(&figure.value);
        let is_known = lines.iter().any(|cited| has(cited) || is_introduced(cited, figure));
        let mut rivals = lines.iter().filter(|cited| is_rival(claim, cited, figure));
        is_known
            && rivals.any(|cited| {
                if has(cited) {
                    !is_first(cited, figure)
                } else {
                    !is_told || is_introduced(cited, figure)
                }
            })
    })
}

/// Whether a line has another figure of this kind, which the sentence does not say. A line about another nation
/// is none that may be meant.
fn is_rival(claim: &Claim<'_>, cited: &Cited<'_>, figure: &Figure) -> bool {
    let (said, named) = (claim.nations(), cited.line.nations());
    let is_abroad =
        !named.is_empty() && !said.is_empty() && !said.iter().any(|n| named.contains(n));
    let is_other =
        |other: &Figure| !other.value.says(&figure.value) && !claim.reading.says(&other.value);
    !is_abroad && of_kind(cited, figure).any(is_other)
}

fn is_first(cited: &Cited<'_>, figure: &Figure) -> bool {
    of_kind(cited, figure).next().is_some_and(|first| figure.value.says(&first.value))
}

/// Whether only the introduction of an item has a figure: what it says may not hold for an item that says
/// otherwise.
fn is_introduced(cited: &Cited<'_>, figure: &Figure) -> bool {
    let has = |reading: &Reading| reading.bears_out(&figure.value);
    !has(&cited.line.reading) && cited.introduction.is_some_and(|line| has(&line.reading))
}

/// The figures of a line that this one may be mistaken for, itself among them.
fn of_kind<'c>(cited: &'c Cited<'_>, figure: &Figure) -> impl Iterator<Item = &'c Figure> {
    let family = figure.value.family();
    let figures = cited.line.reading.figures.iter();
    figures.filter(move |other| counts(other) && other.value.family() == family)
}

fn counts(figure: &Figure) -> bool {
    !matches!(figure.value, Value::Ordinal(_) | Value::Rate(..) | Value::Code(_))
}
