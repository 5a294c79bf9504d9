//! Headings that hold a condition, a date or a limit: `If we refuse`, `Tenancies that began before 2020`.

use candour_core::{Citation, Locale};

use crate::verify::Against;
use crate::verify::claim::Claim;
use crate::verify::condition::{Item, extent, words_of};
use crate::verify::figure::{Figure, Kind, Value};
use crate::verify::lexicon::{Bound, Condition, Role};
use crate::verify::meaning::Meanings;
use crate::verify::nation::named_by;
use crate::verify::reading::{Mark, Reading, Word};

/// A sentence keeps the condition of a heading when it has at least this share of its words.
const KEEPS: f32 = 0.5;

/// Words for what held once and holds no more, at the beginning of a heading.
const PAST: [&str; 8] =
    ["old", "previous", "former", "earlier", "past", "hen", "blaenorol", "flaenorol"];

/// What whoever reads on wishes for themselves, so that it need not be said again: `If you disagree`.
const WISHES: [&str; 15] = [
    "disagree",
    "want",
    "wish",
    "prefer",
    "happy",
    "unhappy",
    "complain",
    "like",
    "help",
    "anghytuno",
    "eisiau",
    "dymuno",
    "hapus",
    "anhapus",
    "cwyno",
];

/// Those who read on, behind whom their wish stands: `you`, and the `angen` of `Os oes angen help`.
const WISHERS: [&str; 7] = ["you", "youre", "youd", "ydych", "byddwch", "byddech", "angen"];

/// Words that may stand between them and their wish: `you would like`, `you are not happy`.
const BEFORE_WISHES: [&str; 13] = [
    "are", "would", "do", "not", "dont", "arent", "still", "need", "to", "chi", "chin", "yn",
    "ddim",
];

/// Whether a sentence says what a heading limits the words beneath it to. A period is such a limit where it
/// is one of several.
pub(super) fn is_kept(claim: &Claim<'_>, heading: &Reading, is_one_of_several: bool) -> bool {
    let conditions: Vec<(usize, usize)> = heading
        .conditions()
        .filter(|(mark, kind)| sets(heading, mark, *kind))
        .map(|(mark, _)| extent(heading, &mark))
        .chain(is_for(heading).then_some((0, heading.words.len())))
        .collect();
    let is_set =
        |figure: &&Figure| conditions.iter().any(|(from, to)| (*from..*to).contains(&figure.from));
    let figures = heading.figures.iter();
    let mut limits = figures.filter(|figure| is_set(figure) || is_limit(figure));
    keeps_period(claim, heading, is_one_of_several)
        && (limits.all(|figure| has(claim, figure)) || is_named(claim, heading))
        && conditions.iter().all(|condition| keeps_condition(claim, heading, *condition))
}

/// Whether a mark begins a condition: `When you move` does, and `When to apply` and `When you must apply` ask
/// for a time.
fn sets(heading: &Reading, mark: &Mark, kind: Condition) -> bool {
    let is_asked = |mark: &Mark| matches!(mark.role, Role::Modal(_) | Role::Deny);
    match kind {
        Condition::If | Condition::Unless | Condition::Only => true,
        Condition::Until => false,
        Condition::When => {
            mark.from == 0
                && (heading.text_at(0) == "pan"
                    || heading.text_at(0) == "when" && matches!(heading.text_at(1), "you" | "your"))
                && !heading.marks.iter().any(is_asked)
        }
    }
}

/// Whether a heading says only for whom it is: `For businesses`.
fn is_for(heading: &Reading) -> bool {
    heading.text_at(0) == "for" && heading.text_at(1) != "example"
        || heading.text_at(0) == "ar" && heading.text_at(1) == "gyfer"
}

/// Whether a sentence has the words of a condition, or others for them.
fn keeps_condition(claim: &Claim<'_>, heading: &Reading, (from, to): (usize, usize)) -> bool {
    let items = words_of(heading, from, to);
    let is_wish = (from..to).any(|at| is_wish(heading, at));
    // `If we say no` has no telling word that could be said.
    if !claim.same_language || items.is_empty() && !is_wish {
        return claim.reading.conditions().next().is_some();
    }
    let words: Vec<&Word> = items
        .into_iter()
        .filter_map(|item| match item {
            Item::Word(word) => Some(word),
            Item::Figure(_) => None,
        })
        .collect();
    // One nation is near another.
    let own = named_by(claim.reading.words.iter());
    let named = named_by(heading.words[from..to].iter());
    let keeps_nations = named.iter().all(|nation| own.contains(nation));
    is_wish || keeps_nations && is_said(claim, &words)
}

/// Whether a word is a wish of whoever reads on: `If you need help` has one, `If you get help` has none.
fn is_wish(heading: &Reading, at: usize) -> bool {
    let before =
        (0..at).rev().map(|at| heading.text_at(at)).find(|word| !BEFORE_WISHES.contains(word));
    WISHES.contains(&heading.text_at(at)) && before.is_some_and(|word| WISHERS.contains(&word))
}

/// Whether a sentence has as many of these words as it needs.
fn is_said(claim: &Claim<'_>, words: &[&Word]) -> bool {
    let own = Meanings::telling(&claim.reading.words);
    let has = |word: &&&Word| claim.reading.has_stem(&word.stem) || own.has_near(&word.text);
    words.iter().filter(has).count() as f32 >= words.len() as f32 * KEEPS
}

/// Whether a sentence says one of the dates that a heading limits the words beneath it to, or that they hold
/// no more.
fn keeps_period(claim: &Claim<'_>, heading: &Reading, is_one_of_several: bool) -> bool {
    let dates: Vec<&Figure> =
        heading.figures.iter().filter(|figure| figure.value.is_date()).collect();
    let is_past = |reading: &Reading, words: usize| {
        reading.words.iter().take(words).any(|word| PAST.contains(&word.text.as_str()))
    };
    let ends = is_past(heading, 1);
    let is_needed = ends || is_one_of_several || dates.iter().any(|date| parts_time(heading, date));
    !is_needed
        || dates.iter().any(|date| has(claim, date))
        || ends && is_past(&claim.reading, claim.reading.words.len())
}

/// Whether a date tells earlier from later cases: `before 1 April`, `on or after 1 April`. A period, and what
/// is charged `from 1 April`, is what holds now.
fn parts_time(heading: &Reading, date: &Figure) -> bool {
    let is_range = heading
        .figures
        .iter()
        .any(|other| other.value.is_date() && other.from != date.from && other.bound.is_some());
    let is_from =
        date.limit.is_some_and(|(from, _)| matches!(heading.text_at(from), "from" | "o" | "since"));
    match date.bound {
        None => false,
        Some(Bound::AtLeast) => !is_range && !is_from,
        Some(_) => !is_range,
    }
}

/// Whether another part of the same page that was found has a heading of other dates: `Term dates 2026 to
/// 2027` and `Term dates 2027 to 2028`.
pub(super) fn is_of_other_dates(
    heading: &Reading,
    citation: &Citation,
    page: &Locale,
    against: &Against<'_>,
) -> bool {
    let dates = |reading: &Reading| -> Vec<Value> {
        let figures = reading.figures.iter().filter(|figure| figure.value.is_date());
        figures.map(|figure| figure.value.clone()).collect()
    };
    let own = dates(heading);
    if own.is_empty() {
        return false;
    }
    let Some(hit) = against.hit(citation) else { return false };
    let of_page = against.hits.iter().filter(|other| other.page.id == hit.page.id);
    let mut headings = of_page.flat_map(|other| &other.passage.headings);
    headings.any(|other| {
        let others = dates(&Reading::of(&other.text, page));
        !others.is_empty() && !others.iter().any(|date| own.contains(date))
    })
}

fn has(claim: &Claim<'_>, figure: &Figure) -> bool {
    claim.reading.figures.iter().any(|own| own.value.says(&figure.value) || is_in(own, figure))
}

/// Whether a date lies in the year that a heading names.
fn is_in(own: &Figure, heading: &Figure) -> bool {
    match (&own.value, &heading.value) {
        (Value::Date(own), Value::Date(year)) => {
            year.day.is_none() && year.month.is_none() && own.year == year.year
        }
        (Value::Date(own), Value::TaxYear(first)) => {
            own.year.is_some_and(|year| year == *first || year == first + 1)
        }
        _ => false,
    }
}

/// Whether a figure limits what stands beneath it; a step, a form and a payment over months do not.
fn is_limit(figure: &Figure) -> bool {
    match figure.value {
        Value::Amount(_, Kind::Pounds | Kind::Percent | Kind::Age) => true,
        Value::Amount(_, Kind::Plain) => figure.bound.is_some(),
        _ => false,
    }
}

/// Whether a heading has a name before its limit, which the sentence says: `Secondary school: year 7 and
/// above`.
fn is_named(claim: &Claim<'_>, heading: &Reading) -> bool {
    let colon = heading.words.iter().position(|word| word.text == ":");
    let name: Vec<&Word> = heading.telling(0, colon.unwrap_or_default()).collect();
    let counts = heading.figures.iter().any(|figure| colon.is_some_and(|at| figure.from < at));
    !name.is_empty() && !counts && is_said(claim, &name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_heading_limits_is_said() {
        for (text, heading, expected) in [
            ("The grant is up to £5,000.", "If you get Pension Credit", false),
            ("With Pension Credit you get up to £5,000.", "If you get Pension Credit", true),
            ("An officer decides.", "If your application is turned down", false),
            ("A manager looks at the decision in 15 days.", "If we say no", false),
            ("Over 60 you pay £5.", "If you are over 60", true),
            (
                "An officer looks at a refused application.",
                "If your application is turned down",
                true,
            ),
            ("You have 28 days.", "If you disagree with a decision", true),
            ("Call us.", "If you would like to know more", true),
            ("Call us.", "If you’re not happy with a decision", true),
            ("Call us.", "If you need help with your rent", true),
            ("The grant is £900.", "If you get help with your rent", false),
            ("The grant is £900.", "If your home is one like a caravan", false),
            ("Pay it back.", "When you sell your home", false),
            ("Ask us by May.", "When you must ask", true),
            ("Ask us by May.", "When to ask", true),
            ("Rent is £65.", "Tenancies that began on or after 1 April 2020", false),
            (
                "Rent is £65 from 1 April 2020 on.",
                "Tenancies that began on or after 1 April 2020",
                true,
            ),
            ("You get £300.", "If you were born before 23 September 1945", false),
            ("The grant is £900.", "Old rules: applications made before 1 April 2025", false),
            ("The old grant was £900.", "Old rules", true),
            ("The grant is £900.", "Old rules", false),
            ("A bin is £46.", "Charges from 1 April 2026 to 31 March 2027", true),
            ("A lesson is £4.", "Children aged 5 to 10", false),
            ("From 5 to 10 a lesson is £4.", "Children aged 5 to 10", true),
            ("Secondary pupils get £3.", "Secondary school: year 7 and above", true),
            ("You get £3.", "Secondary school: year 7 and above", false),
            ("A licence is £90.", "For businesses", false),
            ("A business pays £90.", "For businesses", true),
            ("Write to us.", "Step 1: tell your landlord", true),
            ("Write to us.", "Pay over 12 months", true),
            ("cy: Mae’n £40.", "Os ydych yn cael Credyd Pensiwn", false),
            ("cy: Gyda Chredyd Pensiwn mae’n £40.", "Os ydych yn cael Credyd Pensiwn", true),
            ("cy: Mae’n £40.", "Tenantiaethau a ddechreuodd cyn 1 Ebrill 2020", false),
            ("cy: Mae’n £40.", "Pryd i dalu", true),
            ("cy: Ffoniwch ni.", "Os ydych chi’n anhapus", true),
            ("cy: Ffoniwch ni.", "Os oes angen help arnoch", true),
            ("cy: Mae’n £40.", "Os ydych yn cael help gyda’ch rhent", false),
        ] {
            let claim = Claim::plain(text, "It is so.");
            let heading = Reading::of(heading, &claim.page);
            assert_eq!(is_kept(&claim, &heading, false), expected, "{text} under {heading:?}");
        }
    }

    #[test]
    fn one_of_several_periods_is_said() {
        for (text, expected) in [
            ("Term starts on 2 September.", false),
            ("In 2026 term starts on 2 September.", true),
            ("Term starts on 2 September 2026.", true),
            ("Term starts on 2 September 2028.", false),
        ] {
            let claim = Claim::plain(text, "It is so.");
            let heading = Reading::of("Term dates 2026 to 2027", &claim.page);
            assert_eq!(is_kept(&claim, &heading, true), expected, "{text}");
        }
    }
}
