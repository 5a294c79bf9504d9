//! The numbers of forms, which people write with a space and without: `SA 100` and `SA100`.
//!
//! Where text writes one with a space, `sa 100` is a term of its own, which no word can be. A question
//! that writes it so is read as if it had no space, where the guidance writes it without one.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::embed::bilingual::is_common;
use super::error::IndexError;
use super::stop::{is_stop_word, is_stop_word_in_welsh};
use super::text::WordIndex;

/// The most letters before the number: `P`, `SA`, `VAT`, `SSCS`.
const MOST_LETTERS: usize = 4;

/// In text only capitals are letters of a form: `a 5` and `the year 2027` are words and numbers.
static IN_TEXT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?-u:\b)([A-Z]{1,4})[ \u{a0}-]([0-9]{1,5}[A-Za-z]?)(?-u:\b)").ok()
});

/// Those who ask seldom type capitals.
static IN_QUESTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?-u:\b)([A-Za-z]{1,4})[ \u{a0}-]([0-9]{1,5}[A-Za-z]?)(?-u:\b)").ok()
});

/// The numbers that stand in `text` with a space, in lower case: letters and number.
pub(crate) fn spaced(text: &str) -> impl Iterator<Item = (String, String)> {
    let found = IN_TEXT.iter().flat_map(move |rule| rule.captures_iter(text));
    let parts = found.map(|found| (found[1].to_ascii_lowercase(), found[2].to_ascii_lowercase()));
    parts.filter(|(letters, _)| !is_stop_word(letters))
}

/// The same in one word each: `sa100`.
pub fn spaced_in_one_word(text: &str) -> impl Iterator<Item = String> {
    spaced(text).map(|(letters, number)| letters + &number)
}

/// The letters and the number that a word without a space consists of.
pub(crate) fn parts(word: &str) -> Option<(&str, &str)> {
    let (letters, number) = word.split_at_checked(word.find(|c: char| c.is_ascii_digit())?)?;
    let is_form = (1..=MOST_LETTERS).contains(&letters.len())
        && letters.bytes().all(|byte| byte.is_ascii_lowercase())
        && !is_stop_word(letters);
    is_form.then_some((letters, number))
}

/// The question with its numbers of forms in one word each, where the guidance `is_written` so.
pub fn joined<E>(
    text: &str,
    mut is_written: impl FnMut(&str) -> Result<bool, E>,
) -> Result<Cow<'_, str>, E> {
    let (mut joined, mut rest) = (String::new(), 0);
    for found in IN_QUESTION.iter().flat_map(|rule| rule.captures_iter(text)) {
        let (Some(letters), Some(number)) = (found.get(1), found.get(2)) else { continue };
        let word = format!("{}{}", letters.as_str(), number.as_str()).to_ascii_lowercase();
        if may_be_of_a_form(letters.as_str()) && is_written(&word)? {
            joined.extend(text.get(rest..letters.end()));
            rest = number.start();
        }
    }
    if rest == 0 {
        return Ok(Cow::Borrowed(text));
    }
    joined.extend(text.get(rest..));
    Ok(Cow::Owned(joined))
}

impl WordIndex {
    /// The question with its numbers of forms written as the guidance writes them: without a space.
    pub(super) fn with_joined_numbers<'t>(
        &self,
        text: &'t str,
    ) -> Result<Cow<'t, str>, IndexError> {
        joined(text, |word| self.is_written(word))
    }

    fn is_written(&self, word: &str) -> Result<bool, IndexError> {
        let [english, plain] =
            [self.fields.english, self.fields.plain].map(|text| self.passages_with(text, word));
        Ok(english? + plain? > 0)
    }
}

/// Whether letters that stand before a number in a question are no word: `step 1` is not `STEP1`, though
/// some page may have it as a slip.
fn may_be_of_a_form(letters: &str) -> bool {
    let word = letters.to_ascii_lowercase();
    let is_in_capitals = letters.bytes().all(|byte| byte.is_ascii_uppercase());
    !is_stop_word(&word)
        && (is_in_capitals
            || !is_stop_word_in_welsh(&word) && (word.len() <= 2 || !is_common(&word)))
}

#[cfg(test)]
mod tests {
    use candour_core::{Locale, SearchQuery, Searcher as _};

    use super::super::tests::{build, open, page};
    use super::*;

    #[test]
    fn only_capitals_and_a_number_in_text_are_of_a_form() {
        for (text, expected) in [
            ("Fill in form SA 100 or SA\u{a0}101.", "sa 100, sa 101"),
            ("Ask for a P 45, a P-11D", "p 45, p 11d"),
            ("A 5 year plan for band d 120 in May 2027", ""),
            ("I 10 AND 11, HMRC", ""),
            ("FORMS 100, ABCDE 1, P 4567890, é P, 45", ""),
        ] {
            let found: Vec<String> = spaced(text).map(|(a, b)| format!("{a} {b}")).collect();
            assert_eq!(found.join(", "), expected, "{text}");
        }
        for (word, expected) in [
            ("sa100", Some(("sa", "100"))),
            ("p11d", Some(("p", "11d"))),
            ("a5", None),
            ("2nd", None),
            ("passport", None),
            ("covid19", None),
            ("45", None),
        ] {
            assert_eq!(parts(word), expected, "{word}");
        }
    }

    #[test]
    fn forms_are_found_with_a_space_and_without_on_either_side() {
        let state = tempfile::tempdir().unwrap();
        let mut welsh = page("/cy", "Gadael swydd", &[("", "Gofynnwch i’ch cyflogwr am P 60.")]);
        welsh.page.locale = Locale::Cy;
        welsh.passages[0].locale = Locale::Cy;
        build(
            state.path(),
            &[
                page("/bands", "Band D", &[("", "Homes in band d pay 120 in May, 45 p more.")]),
                page("/leaving", "Leaving a job", &[("", "Your employer gives you a P45.")]),
                page("/pence", "Fares", &[("", "P stands for pence. A ticket is 45.")]),
                page("/return", "Tax return", &[("", "Send form SA 100 by 31 January.")]),
                page("/sa", "SA and 100 others", &[("", "The 100 best of South Africa.")]),
                page("/steps", "Step 1", &[("", "What to do at step 1 of 5.")]),
                page("/step1", "Slips", &[("", "A page that says step1.")]),
                page("/keeper", "Vehicles", &[("", "Ask for a log book with a V62.")]),
                welsh,
            ],
        );
        let index = open(state.path());
        for (text, first, coverage) in [
            ("P45", "/leaving", 0.99),
            ("P 45", "/leaving", 0.99),
            ("p-45", "/leaving", 0.99),
            ("What is a P 45?", "/leaving", 0.99),
            ("v 62", "/keeper", 0.99),
            ("SA100", "/return", 0.75),
            ("sa100 form", "/return", 0.75),
            ("SA 100", "/return", 0.99),
            ("p60", "/cy", 0.75),
            ("step 1", "/steps", 0.99),
            ("band d 120", "/bands", 0.99),
        ] {
            let hits = index.search(&SearchQuery::new(text, 3)).unwrap();
            assert_eq!(hits[0].passage.page.0, first, "{text}");
            assert!(hits[0].coverage >= coverage, "{text}: {}", hits[0].coverage);
        }
        // The halves are not what was asked for.
        let hits = index.search(&SearchQuery::new("p 45", 9)).unwrap();
        let pence = hits.iter().find(|hit| hit.passage.page.0 == "/pence");
        assert!(pence.is_none_or(|hit| hit.coverage < 0.01), "{pence:?}");
    }
}
