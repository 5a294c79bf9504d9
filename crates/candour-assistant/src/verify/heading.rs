//! What a heading says of the words beneath it must be in a sentence that rests on them.
//!
//! `Things we do not collect` makes a denial of the list beneath it, and `If you get Pension Credit` is a
//! condition of each amount beneath it. What is quoted word for word needs neither: it is shown under its
//! headings.

mod denied;
mod limited;

use candour_core::{AnswerSentence, Citation, Locale, UnitKind};

pub(super) use self::denied::excludes;
use self::denied::{Denial, is_statement};
use self::limited::{is_kept, is_of_other_dates};
use super::claim::Claim;
use super::reading::Reading;
use super::{Against, Code};

/// Notes of the lines of a claim which of them headings deny. What is quoted is shown under them.
pub(super) fn carry_denials(
    claim: &mut Claim<'_>,
    sentence: &AnswerSentence,
    against: &Against<'_>,
) {
    if sentence.is_quoted() {
        return;
    }
    let page = claim.page.clone();
    let excludes = Denial::of(&claim.reading, &claim.locale).excludes;
    let is_turned = |citation: &&Citation| {
        let cited = Cited::of(citation, &page, against);
        let mut headings = cited.headings.iter().map(|text| Reading::of(text, &page));
        !cited.is_statement && headings.any(|heading| denied::denies(&heading, &page))
    };
    for citation in sentence.citations.iter().filter(is_turned) {
        for line in claim.lines.iter_mut().filter(|line| line.text == citation.quote) {
            // What is called excluded is not denied once more.
            line.is_denied |= !excludes;
            line.is_under_denial = true;
        }
    }
}

/// Checks that a sentence denies what the headings above it deny.
pub(super) fn check_denials(claim: &Claim<'_>) -> Result<(), Code> {
    let own = Denial::of(&claim.reading, &claim.locale);
    let mut denied = claim.lines.iter().filter(|line| line.is_under_denial);
    let is_kept = denied.all(|line| own.is_more_than(&line.reading, &claim.page));
    if is_kept { Ok(()) } else { Err(Code::PolarityChanged) }
}

/// Checks that the conditions, dates and limits of the headings above a sentence are said: in itself, or in
/// the sentences before it that stand under the same headings, which `claim` holds too. What is quoted is
/// shown under them.
pub(super) fn check_limits(
    claim: &Claim<'_>,
    sentence: &AnswerSentence,
    against: &Against<'_>,
) -> Result<(), Code> {
    let keeps = |citation: &Citation| {
        Cited::of(citation, &claim.page, against).headings.iter().all(|text| {
            let heading = Reading::of(text, &claim.page);
            let is_one_of_several = is_of_other_dates(&heading, citation, &claim.page, against);
            is_kept(claim, &heading, is_one_of_several)
        })
    };
    if sentence.citations.iter().all(keeps) { Ok(()) } else { Err(Code::ConditionDropped) }
}

/// A cited unit, as far as headings go.
#[derive(Default)]
struct Cited<'a> {
    headings: Vec<&'a str>,
    /// Whether it, or what introduces it, says something by itself.
    is_statement: bool,
}

impl<'a> Cited<'a> {
    fn of(citation: &Citation, page: &Locale, against: &'a Against<'_>) -> Self {
        let Some(hit) = against.hit(citation) else { return Self::default() };
        let says = |text: &str| is_statement(&Reading::of(text, page));
        let passage = &hit.passage;
        let mut headings: Vec<&str> = passage.headings.iter().map(|h| h.text.as_str()).collect();
        let mut is_statement = says(&citation.quote);
        let unit = passage.units.iter().find(|unit| unit.start == citation.start);
        let needs = unit.into_iter().flat_map(|unit| &unit.needs);
        for need in needs.filter_map(|need| passage.units.get(*need as usize)) {
            let text = passage.quote(need);
            if need.kind == UnitKind::Stem && !text.trim_end().ends_with(':') {
                // The heading of a short part is said in the text of the passage that it became part of.
                headings.push(text);
            } else if need.kind == UnitKind::Stem {
                is_statement |= says(text);
            }
        }
        Self { headings, is_statement }
    }
}
