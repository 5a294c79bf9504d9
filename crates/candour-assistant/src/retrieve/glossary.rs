//! A Welsh question in English words, by a reviewed list, for guidance that is in English only.

use std::sync::LazyLock;

use candour_core::Locale;
use serde::Deserialize;

use crate::words::words;

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

/// The English of the terms in a Welsh text, in order; numbers and unknown words are kept as they are.
pub(super) fn english(text: &str) -> String {
    let stems = stems(text);
    let mut english: Vec<&str> = Vec::new();
    let mut found = false;
    let mut at = 0;
    while at < stems.len() {
        let term = TERMS.iter().find(|(term, _)| stems[at..].starts_with(term));
        let (length, words) = match term {
            Some((term, words)) => (term.len(), Some(words)),
            None => {
                (1, Some(&stems[at]).filter(|stem| stem.starts_with(|c: char| c.is_ascii_digit())))
            }
        };
        found |= term.is_some();
        english.extend(words.map(String::as_str).filter(|words| !english.contains(words)));
        at += length;
    }
    if found { english.join(" ") } else { String::new() }
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
            ("Faint yw casglu gwastraff gardd?", "collect garden waste"),
            ("Sut mae cael trwydded barcio yn 2026", "parking permit 2026"),
            ("Pryd mae’r llyfrgell ar agor?", "library"),
            ("Beth yw hyn?", ""),
        ] {
            assert_eq!(english(welsh), expected, "{welsh}");
        }
        assert!(TERMS.len() > 100);
    }
}
