//! What a reader says of themselves or of someone else, and in which of several circumstances that is:
//! `he is 7` among ages, `I was born in 1950` among dates, `I rent` among homes.

use super::circumstance::{Told, circumstances};
use super::range;
use crate::verify::periods;
use crate::words::{ENGLISH_WORDS, WELSH_WORDS, plain_words};

/// Whoever says more than this asks something else.
const MOST_WORDS: usize = 9;

/// A date alone has no more words: `before 3 May 1950`.
const LONGEST_DATE: usize = 4;

/// Words with which people ask rather than tell.
const ASKS: [&str; 28] = [
    "how", "what", "when", "where", "who", "which", "why", "can", "could", "do", "does", "is",
    "are", "will", "should", "tell", "faint", "pryd", "ble", "pwy", "sut", "beth", "pam", "oes",
    "ydy", "ydw", "alla", "fydd",
];

/// Words with which people speak of themselves and of each other.
const SPEAKS: [&str; 49] = [
    "i", "im", "ive", "my", "me", "we", "were", "our", "us", "he", "hes", "his", "she", "shes",
    "her", "they", "theyre", "their", "it", "its", "mine", "ours", "aged", "born", "dw", "dwi",
    "rwy", "rwyf", "rydw", "rydym", "fy", "mae", "ein", "ei", "oedd", "ces", "ges", "cefais",
    "cafodd", "ganwyd", "ganed", "eni", "geni", "ngeni", "oed", "mlwydd", "years", "year", "old",
];

/// The one of these circumstances in which somebody is of whom this is said.
pub(crate) fn told_by(reply: &str, labels: &[&str]) -> Option<usize> {
    let words = plain_words(reply);
    let is_bare = |word: &String| word.starts_with(|letter: char| letter.is_ascii_digit());
    let is_date = words.len() <= LONGEST_DATE && !periods(reply).is_empty();
    let speaks = is_date
        || words.iter().any(|word| SPEAKS.contains(&word.as_str()))
        || words.iter().all(is_bare);
    if !speaks || asks(reply) || words.len() > MOST_WORDS {
        return None;
    }
    let mut fitting = (0..labels.len()).filter(|at| fits(reply, labels[*at]));
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// Whether a text says nothing but who, when and how old somebody is.
pub(crate) fn is_of_a_person(text: &str) -> bool {
    let is_plain = |word: &String| {
        let word = word.as_str();
        word.starts_with(|letter: char| letter.is_ascii_digit())
            || SPEAKS.contains(&word)
            || ENGLISH_WORDS.contains(word)
            || WELSH_WORDS.contains(word)
    };
    !asks(text) && plain_words(text).iter().all(is_plain)
}

/// Whether somebody asks, rather than tells.
pub(crate) fn asks(text: &str) -> bool {
    let first = plain_words(text).into_iter().next();
    text.contains('?') || first.is_some_and(|word| ASKS.contains(&word.as_str()))
}

fn fits(reply: &str, label: &str) -> bool {
    let ours = circumstances(label);
    let shares = circumstances(reply).iter().any(|said| ours.contains(said));
    fits_numbers(reply, label)
        || fits_periods(reply, label)
        || shares && !Told::of(label).excludes(reply)
}

/// Whether every number that is said of a person, or of what the label counts, lies in its ranges.
fn fits_numbers(reply: &str, label: &str) -> bool {
    let counted: Vec<String> = range::bounded(label).into_iter().map(|range| range.unit).collect();
    let is_person = |unit: &str| {
        unit.is_empty()
            || matches!(unit, "year" | "old" | "oed" | "mlwydd" | "blwydd")
            || ENGLISH_WORDS.contains(unit)
            || WELSH_WORDS.contains(unit)
    };
    let ranges = range::all(reply);
    let is_counted = |range: &range::Range| is_person(&range.unit) || counted.contains(&range.unit);
    let numbers: Vec<f64> = range::numbers(reply);
    !numbers.is_empty()
        && ranges.iter().all(is_counted)
        && numbers.iter().all(|number| range::holds(label, &[*number]))
}

/// Whether the day or year that is said lies in what the label says before or after which day.
fn fits_periods(reply: &str, label: &str) -> bool {
    let said = periods(reply);
    let bounded: Vec<_> = periods(label).into_iter().filter(|period| period.is_bounded).collect();
    let holds = |said| bounded.iter().all(|period| period.holds(said));
    !said.is_empty() && !bounded.is_empty() && said.iter().all(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_person_is_told_from_what_is_looked_for() {
        for (text, expected) in [
            ("he is 40", true),
            ("I was born in 1945", true),
            ("Mae hi’n 40 oed", true),
            ("banana", false),
            ("bin collection days", false),
            ("how old must he be", false),
        ] {
            assert_eq!(is_of_a_person(text), expected, "{text}");
        }
    }

    #[test]
    fn people_say_it_in_their_own_words() {
        let ages = ["Children aged 5 to 10", "Children aged 11 to 16"];
        let births = [
            "If you were born before 23 September 1945",
            "If you were born on or after 23 September 1945",
        ];
        let homes = ["If you rent your home", "If you own your home"];
        let chairs = ["1 to 6 chairs", "7 to 12 chairs"];
        let welsh = ["Plant 5 i 10 oed", "Plant 11 i 16 oed"];
        let geni = [
            "Os cawsoch eich geni cyn 23 Medi 1945",
            "Os cawsoch eich geni ar neu ar ôl 23 Medi 1945",
        ];
        for (reply, labels, expected) in [
            ("he is 7", ages, Some(0)),
            ("He’s 7.", ages, Some(0)),
            ("my daughter is 12 years old", ages, Some(1)),
            ("12", ages, Some(1)),
            ("12 years old", ages, Some(1)),
            ("she is 10 and a half", ages, Some(0)),
            ("they are 7 and 12", ages, None),
            ("he is 40", ages, None),
            ("I was born in 1950", births, Some(1)),
            ("born 3 May 1940", births, Some(0)),
            ("1950", births, Some(1)),
            ("May 1950", births, Some(1)),
            ("I was born in 1945", births, None),
            ("My mother was born before 1930", births, Some(0)),
            ("I am a tenant", homes, Some(0)),
            ("we have a mortgage", homes, Some(1)),
            ("I live with my parents", homes, None),
            ("we have 8 chairs", chairs, Some(1)),
            ("8", chairs, Some(1)),
            ("mae hi’n 7 oed", welsh, Some(0)),
            ("Mae fy merch yn 12 mlwydd oed", welsh, Some(1)),
            ("Ces i fy ngeni yn 1950", geni, Some(1)),
            ("1940", geni, Some(0)),
            // Something else is another question.
            ("Can I get 7 bins for my house?", ages, None),
            ("I need 7 bins", ages, None),
            ("how much is it for my tenant", homes, None),
            ("flat rate council tax for tenants", homes, None),
            ("banana", ages, None),
            ("", ages, None),
        ] {
            assert_eq!(told_by(reply, &labels), expected, "{reply}");
        }
    }
}
