//! A Welsh question in English words, by a reviewed list, for guidance that is in English only.

use std::sync::LazyLock;

use candour_core::Locale;
use serde::Deserialize;

use crate::words::{Word, words};

#[derive(Deserialize)]
struct File {
    terms: Vec<(String, String)>,
}

/// The stems of a Welsh term, and its English.
pub(super) static TERMS: LazyLock<Vec<(Vec<String>, String)>> = LazyLock::new(|| {
    let file = toml::from_str::<File>(include_str!("glossary.toml"));
    let terms = file.map(|file| file.terms).unwrap_or_default();
    terms.into_iter().map(|(welsh, english)| (stems(&welsh), english)).collect()
});

/// A word or phrase of a Welsh text that says something, with its English.
pub(super) struct Term {
    /// Its words.
    pub(super) welsh: Vec<Word>,
    /// Its English, where it has some here.
    pub(super) english: Option<&'static str>,
}

/// The English of the terms in a Welsh text, in order. Numbers, names and words that have no term are
/// kept as they are, for guidance that speaks of none of them does not answer.
pub(super) fn english(text: &str) -> String {
    let terms = terms(text);
    if terms.iter().all(|term| term.english.is_none()) {
        return String::new();
    }
    let mut english: Vec<&str> = Vec::new();
    for term in &terms {
        let words = term.english.or_else(|| term.welsh.first().map(|word| word.text.as_str()));
        english.extend(words.filter(|words| !english.contains(words)));
    }
    english.join(" ")
}

/// The terms of a Welsh text, in order.
pub(super) fn terms(text: &str) -> Vec<Term> {
    let mut typed = words(text, &Locale::Cy);
    let mut found = Vec::new();
    while !typed.is_empty() {
        let is_here = |term: &[String]| {
            typed.len() >= term.len() && typed.iter().zip(term).all(|(a, b)| a.stem == *b)
        };
        let term = TERMS.iter().find(|(term, _)| is_here(term));
        let length = term.map_or(1, |(term, _)| term.len());
        let welsh: Vec<Word> = typed.drain(..length).collect();
        let english = term.map(|(_, english)| english.as_str());
        if english.is_some() || welsh.iter().any(|word| word.telling) {
            found.push(Term { welsh, english });
        }
    }
    found
}

fn stems(text: &str) -> Vec<String> {
    words(text, &Locale::Cy).into_iter().map(|word| word.stem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn welsh_questions_become_english_words() {
        for (welsh, expected) in [
            ("Faint yw casglu gwastraff gardd?", "how much collect garden waste"),
            ("Sut mae cael trwydded barcio yn 2026", "how do i parking permit 2026"),
            ("Pryd mae’r llyfrgell ar agor?", "when library open"),
            (
                "Faint mae’n ei gostio i logi neuadd bentref Llanfair?",
                "how much cost hire hall bentref llanfair",
            ),
            ("Beth yw hyn?", ""),
        ] {
            assert_eq!(english(welsh), expected, "{welsh}");
        }
        assert!(TERMS.len() > 100);
    }
}
