//! What a reply says against a label that it seems to choose: `I do not rent` against `If you rent`,
//! `he is under 11` against `Aged 11 to 16`, `it began in 2015` against `Born before 2020`.

use candour_core::Locale;

use super::PEOPLE;
use crate::compose::circumstance::circumstances;
use crate::compose::range::{self, Range};
use crate::verify::periods;
use crate::words::{ENGLISH_WORDS, WELSH_WORDS, bare_stem, phrase, plain_words, stems, unmutated};

/// Words that deny, without apostrophes. What used to be is no longer.
const DENIALS: [&str; 37] = [
    "not", "no", "nope", "never", "neither", "nor", "none", "nobody", "nothing", "without",
    "cannot", "cant", "dont", "doesnt", "didnt", "isnt", "arent", "aint", "wasnt", "werent",
    "havent", "hasnt", "hadnt", "wont", "wouldnt", "used", "nid", "nad", "nage", "ddim", "dim",
    "dydw", "dydy", "dyw", "heb", "erioed", "neb",
];

/// Words that deny where a reply begins with them: further on, `ni` is we and `na` is than.
const FIRST_DENIALS: [&str; 3] = ["ni", "na", "nac"];

/// Words that make of a number what is near it, or on one side of it.
const HEDGES: [&str; 15] = [
    "about", "around", "before", "after", "until", "till", "will", "would", "hyn", "tua", "cyn",
    "bydd", "fydd", "byddai", "fyddai",
];

/// Words for a birth, which say the same.
const BIRTHS: [&str; 8] = ["born", "geni", "ngeni", "eni", "ganwyd", "ganed", "anwyd", "aned"];

/// Whether a reply denies what the label does not, or the other way about, or dates and counts what does
/// not lie in what the label says.
pub(crate) fn gainsays(reply: &str, label: &str, locale: &Locale) -> bool {
    let denies = match (is_denial(reply), denied(label)) {
        (true, None) => true,
        (false, Some(denied)) => shares(reply, &denied, locale),
        _ => false,
    };
    denies || lies_outside(reply, label, locale)
}

/// Whether every number that is said of a person, or of what the label counts, lies in its ranges.
pub(super) fn fits_numbers(reply: &str, label: &str) -> bool {
    let (said, own) = (range::all(reply), range::bounded(label));
    let is_person = |unit: &str| {
        unit.is_empty()
            || matches!(unit, "year" | "old" | "oed" | "mlwydd" | "blwydd")
            || !matches!(unit, "of" | "o")
                && (ENGLISH_WORDS.contains(unit) || WELSH_WORDS.contains(unit))
    };
    let fits = |said: &Range| {
        (is_person(&said.unit) || own.iter().any(|own| own.unit == said.unit))
            && own.iter().all(|own| said.level == own.level && said.lies_in(own))
    };
    !said.is_empty() && !own.is_empty() && !is_hedged(reply) && said.iter().all(fits)
}

/// Whether the day or year that is said lies in what the label says before or after which day, and dates
/// what the label does, or nothing that is named.
pub(super) fn fits_periods(reply: &str, label: &str, locale: &Locale) -> bool {
    let said = periods(reply);
    let bounded: Vec<_> = periods(label).into_iter().filter(|period| period.is_bounded).collect();
    let holds = |said| bounded.iter().all(|period| period.holds(said));
    !said.is_empty()
        && !bounded.is_empty()
        && said.iter().all(holds)
        && dates_the_same(reply, label, locale)
}

fn dates_the_same(reply: &str, label: &str, locale: &Locale) -> bool {
    let stem = |word: &String| match word.as_str() {
        birth if BIRTHS.contains(&birth) => BIRTHS[0].to_owned(),
        _ => bare_stem(word, locale),
    };
    let own: Vec<String> = plain_words(label).iter().map(stem).collect();
    let words = plain_words(reply);
    let mut named = words.iter().filter(|word| !is_plain(word) && !is_month(word)).peekable();
    let mut dated = named.clone().filter(|word| {
        !matches!(word.as_str(), "ces" | "ches") && !PEOPLE.contains(&word.as_str())
    });
    let is_bare = named.peek().is_none();
    is_bare || dated.clone().next().is_some() && dated.all(|word| own.contains(&stem(word)))
}

/// Whether a word names a month, in English or in Welsh, or is what Welsh puts before one.
pub(super) fn is_month(word: &str) -> bool {
    let is_it = |month: &str| unmutated(&month.to_lowercase()) == unmutated(word);
    let names = [Locale::En, Locale::Cy].map(|locale| crate::replies::of(&locale).text("months"));
    matches!(word, "mis" | "fis")
        || names.into_iter().any(|names| names.split_whitespace().any(is_it))
}

/// Whether a word is a number or says nothing of any subject.
pub(super) fn is_plain(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_digit())
        || ENGLISH_WORDS.contains(word)
        || WELSH_WORDS.contains(word)
}

fn lies_outside(reply: &str, label: &str, locale: &Locale) -> bool {
    let is_dated = periods(label).iter().any(|period| period.is_bounded);
    if is_dated && !periods(reply).is_empty() {
        return !fits_periods(reply, label, locale);
    }
    let (said, mut own) = (range::bounded(reply), range::bounded(label));
    // An age says nothing of a year of school.
    let named = range::all(reply);
    own.retain(|own| own.level.is_none() || named.iter().any(|said| said.level == own.level));
    let is_more_than_a_number = !said.is_empty() || is_hedged(reply);
    let counts = !range::numbers(reply).is_empty();
    counts && (is_more_than_a_number || !own.is_empty()) && !fits_numbers(reply, label)
}

/// Whether a number in a reply is not the number itself: `about 10`, `10+`, `at 10`.
fn is_hedged(reply: &str) -> bool {
    let words = plain_words(reply);
    let is_number = |word: &String| word.starts_with(|letter: char| letter.is_ascii_digit());
    reply.contains(['+', '<', '>', '≤', '≥', '~'])
        || words.iter().any(|word| HEDGES.contains(&word.as_str()))
        || words.windows(2).any(|pair| pair[0] == "at" && is_number(&pair[1]))
}

fn is_denial(reply: &str) -> bool {
    let words = unaccented(reply);
    let begins = words.first().is_some_and(|word| FIRST_DENIALS.contains(&word.as_str()));
    begins || words.iter().any(|word| DENIALS.contains(&word.as_str()))
}

/// What a label denies: the words behind its last denial.
fn denied(label: &str) -> Option<String> {
    let words = unaccented(label);
    let last = words.iter().rposition(|word| DENIALS.contains(&word.as_str()))?;
    Some(words[last + 1..].join(" "))
}

/// Whether a reply names what is denied, in its own words or others for it.
fn shares(reply: &str, denied: &str, locale: &Locale) -> bool {
    let (own, kinds) = (stems(denied, locale), circumstances(denied));
    stems(reply, locale).iter().any(|stem| own.contains(stem))
        || circumstances(reply).iter().any(|said| kinds.contains(said))
}

/// The words of a text, with what an apostrophe cuts off: `don't` is `dont`.
fn unaccented(text: &str) -> Vec<String> {
    plain_words(&phrase(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_no_year_of_school() {
        let years = ["Secondary school: year 7 and above", "Blwyddyn 7 neu fwy"];
        for (reply, expected) in [
            ("she is 7", false),
            ("he is 12 years old", false),
            ("mae hi’n 7 oed", false),
            ("year 8", true),
            ("she is in year 7", true),
            ("blwyddyn 9", true),
            ("year 5", false),
        ] {
            for label in years {
                assert_eq!(fits_numbers(reply, label), expected, "{reply}: {label}");
            }
        }
        assert!(fits_numbers("she is 7", "Children aged 5 to 10"));
    }

    #[test]
    fn what_a_reply_says_against_a_label_is_heard() {
        for (locale, reply, label, expected) in [
            (Locale::En, "I'm not a tenant", "If you rent your home", true),
            (Locale::En, "I don’t rent", "If you rent your home", true),
            (Locale::En, "I used to rent", "If you rent your home", true),
            (Locale::En, "I rent", "If you rent your home", false),
            (Locale::En, "I do not rent", "If you do not rent", false),
            (Locale::En, "I rent", "If you do not rent", true),
            (Locale::En, "I am a tenant", "If you do not rent", true),
            (Locale::En, "a listed house", "No, it is a house that is not listed", true),
            (Locale::En, "a house", "No, it is a house that is not listed", false),
            (Locale::En, "under 11", "Children aged 11 to 16", true),
            (Locale::En, "about 10", "Children aged 5 to 10", true),
            (Locale::En, "10+", "Children aged 5 to 10", true),
            (Locale::En, "under 65", "65", true),
            (Locale::En, "under 5", "Under 5", false),
            (Locale::En, "began after 2019", "Tenancies that began before 2020", true),
            (Locale::En, "began after 2020", "Tenancies that began after 2019", false),
            (Locale::Cy, "Dw i ddim yn rhentu", "Os ydych yn rhentu eich cartref", true),
            (Locale::Cy, "Nid tenant ydw i", "Os ydych yn denant", true),
            (Locale::Cy, "Dydyn ni ddim yn rhentu", "Os ydych yn rhentu", true),
            (Locale::Cy, "Rydyn ni yn rhentu", "Os ydych yn rhentu", false),
            (Locale::Cy, "Rydyn ni yn rhentu", "Os nad ydych yn rhentu", true),
            (Locale::Cy, "mae e dan 11", "Plant 11 i 16 oed", true),
            (Locale::Cy, "mae hi’n hŷn na 10", "Plant 5 i 10 oed", true),
            (Locale::Cy, "mae hi’n 7 oed", "Plant 5 i 10 oed", false),
            (Locale::En, "she is 7", "Secondary school: year 7 and above", false),
            (Locale::En, "she is in year 5", "Secondary school: year 7 and above", true),
            (Locale::En, "she is in year 8", "Secondary school: year 7 and above", false),
        ] {
            assert_eq!(gainsays(reply, label, &locale), expected, "{reply}: {label}");
        }
    }
}
