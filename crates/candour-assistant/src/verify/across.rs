//! What can be held between two languages, where words cannot be matched one by one: figures and the line that
//! they are from, what limits a line, what is free, and what is said of which nation.

mod nations;
mod parts;
mod places;

use super::Code;
use super::claim::{Claim, Line};
use super::figure::Value;
use super::lexicon::{Lexicon, Role};
use super::price::prices;
use super::reading::{Mark, Reading};

/// Checks a sentence in another language than what it cites. What it cites is shown where this doubts it.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    if claim.same_language {
        return Ok(());
    }
    let cited = cited(claim);
    if places::may_be_anothers(claim, &cited) {
        Err(Code::NumberMissing)
    } else if is_free_otherwise(claim, &cited) {
        Err(Code::PolarityChanged)
    } else if nations::may_be_anothers(claim, &cited) {
        Err(Code::EntityMissing)
    } else if parts::are_left_out(claim, &cited) {
        Err(Code::ConditionDropped)
    } else {
        Ok(())
    }
}

/// A line that says something by itself or behind its introduction.
pub(super) struct Cited<'c> {
    pub(super) line: &'c Line<'c>,
    pub(super) introduction: Option<&'c Line<'c>>,
}

impl Cited<'_> {
    fn is_row(&self) -> bool {
        self.line.text.contains('|')
    }

    /// What it says with its introduction, which may be nothing.
    pub(super) fn readings(&self) -> impl Iterator<Item = &Reading> {
        self.introduction.into_iter().chain([self.line]).map(|line| &line.reading)
    }
}

/// What is cited, but for introductions and the heads of columns, which stand by their items and rows.
pub(super) fn cited<'c>(claim: &'c Claim<'c>) -> Vec<Cited<'c>> {
    let mut introduction = None;
    let mut cited = Vec::new();
    for line in claim.lines.iter().filter(|line| !line.is_header) {
        if line.is_stem() {
            introduction = Some(line);
        } else {
            // A whole sentence is no item.
            let is_whole = line.text.trim_end().ends_with('.')
                && line.reading.words.first().is_some_and(|word| word.capital);
            cited.push(Cited { line, introduction: introduction.filter(|_| !is_whole) });
        }
    }
    if cited.is_empty() {
        cited.extend(claim.lines.iter().map(|line| Cited { line, introduction: None }));
    }
    cited
}

/// Those of these lines that have the figures which the sentence says, with the same limit where one has; all
/// where none has.
pub(super) fn with_figures<'c, 'd>(
    claim: &Claim<'_>,
    cited: &'d [Cited<'c>],
) -> Vec<&'d Cited<'c>> {
    let score = |cited: &Cited<'_>| -> usize {
        let has = |value: &Value, bound| {
            let figures = cited.line.reading.figures.iter();
            let same = figures.filter(|figure| value.says(&figure.value));
            same.map(|figure| 1 + usize::from(figure.bound == bound)).max().unwrap_or(0)
        };
        claim.reading.figures.iter().map(|figure| has(&figure.value, figure.bound)).sum()
    };
    let most = cited.iter().map(score).max().unwrap_or(0);
    cited.iter().filter(|cited| score(cited) == most).collect()
}

/// Whether a price is asked for what the source gives free, or the other way round.
fn is_free_otherwise(claim: &Claim<'_>, cited: &[Cited<'_>]) -> bool {
    let own = &claim.reading;
    let source = || cited.iter().flat_map(Cited::readings);
    let is_denied = own.denies();
    let (costs, is_free) = (takes_side(claim, own, true), takes_side(claim, own, false));
    let free_source = source().any(|line| takes_side(claim, line, false));
    let has_price = source().any(|line| prices(line) || takes_side(claim, line, true));
    let denies = source().any(Reading::denies);
    costs && !is_free && !is_denied && free_source && !has_price
        || is_free && !free_source && !denies
}

/// Whether a reading says that something is paid, or that it is free.
fn takes_side(claim: &Claim<'_>, reading: &Reading, costs: bool) -> bool {
    let languages = [&claim.locale, &claim.page];
    let is_free = |mark: &Mark| {
        languages.iter().any(|locale| {
            let pair = Lexicon::of(locale).free;
            pair.is_some_and(|pair| mark.role == Role::Opposite(pair, costs))
        })
    };
    reading.marks.iter().any(is_free)
}

#[cfg(test)]
mod tests {
    use candour_core::Locale;

    use super::*;

    #[test]
    fn lines_hold_in_another_language() {
        for (text, quotes, expected) in [
            ("Rydym yn ad-dalu hanner y ffi.", "We refund half of the fee.", true),
            ("Rydym yn ad-dalu’r ffi.", "We refund half of the fee.", false),
            ("Mae’n rhaid cael 3 metr.", "You need 4 metres, or 3 metres in a lane.", false),
            ("Mae’n costio arian.", "It is free.", false),
            ("Mae am ddim.", "It is free.", true),
            ("Mae am ddim.", "You pay when you book.", false),
            (
                "Yng Nghymru nid yw nifer y lloriau yn cyfrif.",
                "In England the number of storeys does not count.\nThe test in Wales is another.",
                false,
            ),
            (
                "Yn Lloegr nid yw nifer y lloriau yn cyfrif.",
                "In England the number of storeys does not count.\nThe test in Wales is another.",
                true,
            ),
            (
                "Gallwch wneud cais os ydych yn rhentu.",
                "You can apply if you:\nrent your home and the landlord agrees",
                false,
            ),
            (
                "Gallwch wneud cais os ydych yn rhentu a’r landlord yn cytuno.",
                "You can apply if you:\nrent your home and the landlord agrees",
                true,
            ),
        ] {
            let claim = Claim::new(text, &Locale::Cy, quotes, &[], &Locale::En, false);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
