//! What a reader says of themselves or of someone else, and in which of several circumstances that is:
//! `he is 7` among ages, `I was born in 1950` among dates, `I rent` among homes.

mod against;

use std::collections::BTreeSet;

use candour_core::Locale;

use self::against::{fits_numbers, fits_periods, is_month, is_plain};
use super::circumstance::{Told, circumstances, is_in_a_name};
use crate::verify::periods;
use crate::words::{plain_words, stems, word};

pub(crate) use self::against::gainsays;

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
const SPEAKS: [&str; 53] = [
    "i", "im", "ive", "my", "me", "we", "were", "our", "us", "he", "hes", "his", "she", "shes",
    "her", "they", "theyre", "their", "it", "its", "mine", "ours", "aged", "born", "dw", "dwi",
    "rwy", "rwyf", "rydw", "rydym", "fy", "mae", "ein", "ei", "oedd", "ces", "ches", "ges",
    "cefais", "cafodd", "ganwyd", "ganed", "eni", "geni", "ngeni", "oed", "mlwydd", "years",
    "year", "old", "blwyddyn", "flwyddyn", "mlwyddyn",
];

/// The people of whom one speaks, and what is said of their ages.
const PEOPLE: [&str; 62] = [
    "daughter", "son", "child", "children", "kid", "kids", "boy", "girl", "baby", "mother", "mum",
    "mam", "father", "dad", "parent", "parents", "husband", "wife", "partner", "brother", "sister",
    "grandson", "grandma", "gran", "nan", "grandad", "uncle", "aunt", "friend", "man", "woman",
    "person", "half", "merch", "ferch", "mab", "fab", "plentyn", "blentyn", "mhlentyn", "plant",
    "blant", "mhlant", "fam", "tad", "nhad", "gwr", "ngwr", "gwraig", "ngwraig", "wraig", "chwaer",
    "brawd", "frawd", "mrawd", "nain", "taid", "nhaid", "ffrind", "bachgen", "fachgen", "hanner",
];

/// What a clarifying question offers, and the question that it was asked for.
pub(crate) struct Offered<'a> {
    pub(crate) labels: &'a [&'a str],
    pub(crate) question: &'a str,
    pub(crate) locale: &'a Locale,
}

impl Offered<'_> {
    /// The words of a text that stand neither here nor in what people say of themselves.
    fn strange(&self, text: &str) -> Vec<String> {
        let texts = self.labels.iter().copied().chain([self.question]);
        let known: BTreeSet<String> = texts.flat_map(|text| stems(text, self.locale)).collect();
        let is_known = |said: &String| {
            is_of_people(said)
                || is_month(said)
                || known.contains(&word(said.clone(), self.locale).stem)
        };
        plain_words(text).into_iter().filter(|said| !is_known(said)).collect()
    }

    /// Whether a text is of something else than these circumstances: more than one word in it is not of
    /// them.
    pub(crate) fn is_beside(&self, text: &str) -> bool {
        self.strange(text).iter().filter(|word| !is_in_a_name(word)).count() > 1
    }

    /// Whether a text is of these circumstances alone and speaks against one, as `I do not rent` does.
    pub(crate) fn is_spoken_against(&self, text: &str) -> bool {
        !asks(text)
            && self.strange(text).iter().all(|word| is_in_a_name(word))
            && self.labels.iter().any(|label| gainsays(text, label, self.locale))
    }

    /// The one of these circumstances in which somebody is of whom this is said. Who says anything beside
    /// it may ask something else, and tells none.
    pub(crate) fn told_by(&self, reply: &str) -> Option<usize> {
        let words = plain_words(reply);
        let is_bare = |word: &String| word.starts_with(|letter: char| letter.is_ascii_digit());
        let is_date = words.len() <= LONGEST_DATE && !periods(reply).is_empty();
        let speaks = is_date
            || words.iter().any(|word| SPEAKS.contains(&word.as_str()))
            || words.iter().all(is_bare);
        let strange = self.strange(reply);
        if !speaks
            || asks(reply)
            || words.len() > MOST_WORDS
            || !strange.iter().all(|word| is_in_a_name(word))
        {
            return None;
        }
        let fits = |label: &str| {
            strange.is_empty()
                && (fits_numbers(reply, label) || fits_periods(reply, label, self.locale))
                || is_named(reply, label)
        };
        let mut fitting = (0..self.labels.len()).filter(|at| fits(self.labels[*at]));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => {
                Some(only).filter(|only| !gainsays(reply, self.labels[*only], self.locale))
            }
            _ => None,
        }
    }
}

/// Whether a text says nothing but who, when and how old somebody is.
pub(crate) fn is_of_a_person(text: &str) -> bool {
    !asks(text) && plain_words(text).iter().all(|word| is_of_people(word))
}

fn is_of_people(word: &str) -> bool {
    is_plain(word) || SPEAKS.contains(&word) || PEOPLE.contains(&word)
}

/// Whether somebody asks, rather than tells.
pub(crate) fn asks(text: &str) -> bool {
    let first = plain_words(text).into_iter().next();
    text.contains('?') || first.is_some_and(|word| ASKS.contains(&word.as_str()))
}

/// Whether a reply names a circumstance that the label names, and none that excludes it.
fn is_named(reply: &str, label: &str) -> bool {
    let ours = circumstances(label);
    circumstances(reply).iter().any(|said| ours.contains(said)) && !Told::of(label).excludes(reply)
}

#[cfg(test)]
mod tests;
