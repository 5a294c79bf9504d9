//! Every date, weekday and tax year of a sentence must be in what it cites.

mod anchor;
mod start;

use super::Code;
use super::claim::{Claim, Fact};
use super::figure::{Date, Value};

/// Checks the dates of a sentence.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let facts = claim.facts();
    let dates = claim.reading.figures.iter().map(|figure| &figure.value).filter(|v| v.is_date());
    let is_known = |value: &Value| claim.bears_out(value) || is_put_together(value, &facts);
    if dates.into_iter().all(is_known) && anchor::agree(claim) && start::agrees(claim) {
        Ok(())
    } else {
        Err(Code::DateMissing)
    }
}

/// A day whose year stands elsewhere in the source, a year of a tax year, a tax year given by its dates.
fn is_put_together(value: &Value, facts: &[Fact<'_>]) -> bool {
    match value {
        Value::Date(Date { day: None, month: None, year: Some(year) }) => has_year(*year, facts),
        Value::Date(Date { year: Some(year), day, month }) => {
            let without = Value::Date(Date { day: *day, month: *month, year: None });
            let undated = |fact: &&Fact<'_>| {
                matches!(fact.figure.value, Value::Date(Date { year: None, .. }))
            };
            has_year(*year, facts)
                && facts.iter().filter(undated).any(|fact| fact.bears_out(&without))
        }
        Value::TaxYear(first) => has_year(*first, facts) && has_year(first + 1, facts),
        _ => false,
    }
}

fn has_year(year: u16, facts: &[Fact<'_>]) -> bool {
    facts.iter().any(|fact| match fact.figure.value {
        Value::Date(date) => date.year == Some(year),
        Value::TaxYear(first) => year == first || year == first + 1,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_agree_however_they_are_written() {
        for (text, quotes, expected) in [
            ("Apply by 15 January 2027.", "Apply by 15 January 2027.", true),
            ("Apply by 15 January.", "Apply by 15 January 2027.", true),
            ("Apply by 15/01/2027.", "Apply by 15th January 2027.", true),
            ("Apply by 15 February 2027.", "Apply by 15 January 2027.", false),
            ("Apply by 16 January 2027.", "Apply by 15 January 2027.", false),
            ("Apply by 15 January 2026.", "Apply by 15 January 2027.", false),
            ("From 31 March 2026 to 1 April 2027.", "From 1 April 2026 to 31 March 2027.", false),
            (
                "It is closed on 25 and 26 December.",
                "It is closed on 25 December and 26 December.",
                true,
            ),
            ("In 2024-25 it is £5.", "In 2024 to 2025 it is £5.", true),
            ("In 2025-26 it is £5.", "In 2024 to 2025 it is £5.", false),
            ("In 2026-27 it is £5.", "From 1 April 2026 to 31 March 2027 it is £5.", true),
            ("It is open on Mondays.", "It is open on Monday.", true),
            ("It is open on Tuesday.", "It is open on Monday.", false),
            ("You may apply.", "You may apply.", true),
            ("Apply in May.", "Apply in June.", false),
            ("Ask on the day of the hearing.", "Ask on the day before the hearing.", false),
            ("Ask on the day after the hearing.", "Ask on the day before the hearing.", false),
            ("Ask on the day before the hearing.", "Ask before the hearing.", false),
            ("Ask the previous day.", "Ask on the day before the hearing.", true),
            ("Ask on the day you move.", "Ask when you move.", true),
            ("cy: Gofynnwch ar ddiwrnod y sesiwn.", "Gofynnwch y diwrnod cyn y sesiwn.", false),
            ("cy: Gofynnwch y diwrnod cynt.", "Gofynnwch y diwrnod cyn y sesiwn.", true),
            ("cy: Gofynnwch y diwrnod ar ôl.", "Gofynnwch y diwrnod cyn y sesiwn.", false),
            ("cy: Ar gau ar ddydd Mawrth.", "Ar gau ar ddydd Mercher.", false),
            ("cy: Erbyn 15 Ebrill.", "Cyn 15 Ebrill 2026.", true),
            ("cy: Dewch â llun.", "Mae angen llun.", true),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
