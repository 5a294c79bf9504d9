//! A limit stays on its side: over or under, at least or at most, before or after, at the same number.

use super::Code;
use super::claim::{Claim, Fact, about};
use super::condition::extent;
use super::figure::{Figure, Kind, Value, is_filler};
use super::lexicon::{Bound, Condition, Role};
use super::order::WAITS;
use super::reading::{Mark, Reading};

/// Checks the limit of every number and date of a sentence.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let facts = claim.facts();
    let figures = &claim.reading.figures;
    let agrees = |at: usize| {
        let figure = &figures[at];
        if !has_limits(figure) {
            return true;
        }
        let own = about(&claim.reading, at, None);
        let mut best: Vec<&Fact<'_>> = Vec::new();
        let mut most = 0;
        for fact in facts.iter().filter(|fact| fact.bears_out(&figure.value)) {
            let shared = fact.about.intersection(&own).count();
            if shared > most {
                best.clear();
                most = shared;
            }
            if shared == most {
                best.push(fact);
            }
        }
        best.is_empty() || best.iter().any(|fact| same_limit(figure, &claim.reading, fact))
    };
    if (0..figures.len()).all(agrees) { Ok(()) } else { Err(Code::ComparatorChanged) }
}

fn has_limits(figure: &Figure) -> bool {
    match &figure.value {
        Value::Ordinal(_) => false,
        // `Over a year` has a limit, `£5 a year` none.
        Value::Rate(..) => figure.bound.is_some(),
        // A measure that is not known, such as `50cc`.
        Value::Code(code) => code.starts_with(|c: char| c.is_ascii_digit()),
        _ => true,
    }
}

fn same_limit(figure: &Figure, reading: &Reading, fact: &Fact<'_>) -> bool {
    // `Within 6 months of` and `after` are one; `before` is not, but where one waits that long before.
    let waits = reading.has_one_of(&WAITS);
    let towards = waits
        || match (figure.towards, fact.figure.towards) {
            (Some(one), Some(other)) => one == other,
            (Some(before), None) => !before,
            (None, _) => true,
        };
    towards && same_bound(figure, reading, fact)
}

fn same_bound(figure: &Figure, reading: &Reading, fact: &Fact<'_>) -> bool {
    match (figure.bound, fact.figure.bound) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            one == other
                || is_near(one, other, &figure.value)
                || begins(figure, reading) && begins(fact.figure, fact.reading)
                || one == other.complement()
                    && is_turned((figure, reading), (fact.figure, fact.reading))
        }
        (None, Some(bound)) => is_said(reading, figure, bound),
        (Some(bound), None) => {
            // A cell with a time is how long something takes at most.
            let is_cell = fact.header.is_some() && fact.figure.value.family() == 2;
            is_cell && bound == Bound::AtMost
                || is_said(fact.reading, fact.figure, bound)
                || fact
                    .header
                    .is_some_and(|header| hints(header, 0, header.words.len(), fact.figure, bound))
        }
    }
}

/// `By` and `before` a day or an hour, `from` and `after` an hour: nobody means one and not the other.
fn is_near(one: Bound, other: Bound, value: &Value) -> bool {
    let is_upper = |bound| matches!(bound, Bound::AtMost | Bound::LessThan);
    match value {
        Value::Date(_) => is_upper(one) && is_upper(other),
        Value::Amount(_, Kind::Clock) => is_upper(one) == is_upper(other),
        _ => false,
    }
}

/// `Once 12 months have passed` and `after 12 months`: nobody counts the moment itself.
fn begins(figure: &Figure, reading: &Reading) -> bool {
    let word = figure.limit.map_or("", |(from, _)| reading.text_at(from));
    figure.value.family() == 2 && matches!(word, "after" | "once" | "from" | "ar" | "wedi")
}

/// `Unless it is for less than 8 weeks` is `if it is for 8 weeks or more`, and `not more than 10 days
/// unless` is `more than 10 days only if`.
fn is_turned(one: (&Figure, &Reading), other: (&Figure, &Reading)) -> bool {
    let has = |(_, reading): (&Figure, &Reading), wanted: Condition| {
        reading.conditions().any(|(_, condition)| condition == wanted)
    };
    let is_excepted = |(figure, reading): (&Figure, &Reading)| {
        reading.conditions().any(|(mark, condition)| {
            let (from, to) = extent(reading, &mark);
            condition == Condition::Unless && (from..to).contains(&figure.from)
        })
    };
    let is_denied = |side: (&Figure, &Reading)| side.0.denial.is_some();
    let allows = |side, other| {
        is_denied(side)
            && has(side, Condition::Unless)
            && !is_denied(other)
            && has(other, Condition::Only)
    };
    is_excepted(one) != is_excepted(other) || allows(one, other) || allows(other, one)
}

/// Whether the sentence says in other words that its number is such a limit: `the deadline is 5 May`,
/// `you have 28 days`.
pub(super) fn is_said(reading: &Reading, figure: &Figure, bound: Bound) -> bool {
    let (from, to) = reading.sentence(figure.from);
    // `Within 12 weeks for one kind or 6 months for the other`.
    let carries_on = reading.figures.iter().any(|other| {
        other.from >= from
            && other.to <= to
            && other.from != figure.from
            && other.bound == Some(bound)
            && other.value.family() == figure.value.family()
    });
    carries_on || hints(reading, from, to, figure, bound)
}

fn hints(reading: &Reading, from: usize, to: usize, figure: &Figure, bound: Bound) -> bool {
    let is_when = figure.value.is_date() || figure.value.family() == 3;
    let says = |hint: Bound| match bound {
        Bound::AtMost => hint == Bound::AtMost,
        // `At least 12 days before` is the last day.
        Bound::AtLeast => hint == Bound::AtLeast || figure.towards == Some(true),
        Bound::LessThan => is_when && hint == Bound::AtMost,
        Bound::MoreThan => false,
    };
    reading.marks.iter().any(|mark| match mark.role {
        Role::Hint(hint) => {
            mark.from >= from
                && mark.to <= to
                && says(hint)
                && is_near_enough(reading, mark, figure)
        }
        _ => false,
    })
}

/// `You have 28 days` sets a limit and `you have been here for 28 days` does not: verbs must stand at
/// their number.
fn is_near_enough(reading: &Reading, hint: &Mark, figure: &Figure) -> bool {
    const VERBS: [&str; 14] = [
        "have", "has", "get", "given", "takes", "take", "lasts", "allowed", "lets", "gennych",
        "para", "cymryd", "hyd", "amser",
    ];
    let is_verb = VERBS.contains(&reading.text_at(hint.from));
    let is_beside = hint.to <= figure.from
        && reading.words[hint.to..figure.from].iter().all(|word| is_filler(&word.text));
    let is_time = figure.value.is_date() || matches!(figure.value.family(), 2 | 3);
    !is_verb || is_beside && is_time
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_stay_on_their_side() {
        for (text, quotes, expected) in [
            ("You must be over 18.", "You must be over 18.", true),
            ("You must be over 18.", "You must be 18 or over.", false),
            ("You must be at least 18.", "You must be 18 or over.", true),
            ("You must be under 18.", "You must be 18 or over.", false),
            ("You can get up to £300.", "You can get no more than £300.", true),
            ("You can get at least £300.", "You can get up to £300.", false),
            ("You get £300.", "You can get up to £300.", false),
            ("Pay within 14 days.", "You have 14 days to pay.", true),
            ("Pay after 14 days.", "Pay within 14 days.", false),
            ("The deadline is 5 May.", "Apply by 5 May.", true),
            ("Apply before 5 May.", "Apply by 5 May.", true),
            ("Apply after 5 May.", "Apply by 5 May.", false),
            ("Apply until 5 May.", "Apply from 5 May.", false),
            ("Open between 9am and 5pm.", "Open 9am to 5pm.", true),
            ("It can be up to 4 metres.", "It cannot be longer than 4 metres.", true),
            ("It can be longer than 4 metres.", "It cannot be longer than 4 metres.", false),
            (
                "You cannot bring a van if it is more than 2 metres high.",
                "You cannot bring a van that is more than 2 metres high.",
                true,
            ),
            (
                "You must be at least 16 and over 19.",
                "You must be at least 16 and under 19.",
                false,
            ),
            ("Apply 28 days after you move.", "Apply 28 days before you move.", false),
            (
                "Apply within 28 days after the decision.",
                "Apply within 28 days of the decision.",
                true,
            ),
            (
                "Apply within 28 days before the decision.",
                "Apply within 28 days of the decision.",
                false,
            ),
            ("An officer calls within 3 days.", "Step | Time\nAn officer calls | 3 days", true),
            ("cy: O leiaf 28 diwrnod.", "Hyd at 28 diwrnod.", false),
            ("cy: Dim mwy na 28 diwrnod.", "Hyd at 28 diwrnod.", true),
            ("cy: Rydych yn 60 oed neu’n iau.", "Rydych yn 60 oed neu’n hŷn.", false),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }

    #[test]
    fn limits_agree_when_they_are_said_otherwise() {
        for (text, quotes, expected) in [
            ("Once 6 months have passed, ask.", "After 6 months, ask.", true),
            ("Wait 6 months before you ask again.", "You cannot ask again for 6 months.", true),
            ("The deadline is 12 days before.", "Ask at least 12 days before.", true),
            ("The deadline to ask is 12 days before.", "Ask at least 12 days before.", true),
            ("Ask no later than 12 days before.", "Ask at least 12 days before.", true),
            (
                "Leave a gap of 24 hours or more between two events.",
                "Leave at least 24 hours between two events.",
                true,
            ),
            (
                "It is 5 metres deep and 2 metres wide or more.",
                "It is at least 5 metres deep and 2 metres wide.",
                true,
            ),
            (
                "If you are ill for under a year, ask.",
                "Ask if you are ill for more than a year.",
                false,
            ),
            ("The deadline is 12 days after.", "Ask at least 12 days before.", false),
            ("Wait 4 months before you give blood.", "Wait 4 months after a tattoo.", true),
            ("Ask between 1 June and 9 July.", "We open on 1 June and close on 9 July.", true),
            ("Ask once you are 16.", "Ask from the age of 16.", true),
            ("Ask if it is 8 weeks or more.", "Ask unless it is less than 8 weeks.", true),
            ("Ask if it is less than 8 weeks.", "Ask if it is 8 weeks or more.", false),
            (
                "Only in bad weather can it be more than 10 days.",
                "It cannot be more than 10 days unless the weather is bad.",
                true,
            ),
            ("It can be more than 10 days.", "It cannot be more than 10 days.", false),
            (
                "It takes up to 3 weeks, but can take longer if you are late.",
                "It takes within 3 weeks.\nIt can take longer than 3 weeks if you are late.",
                true,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
