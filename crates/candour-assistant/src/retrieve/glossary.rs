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

/// The English of the terms in a Welsh text, in order. Numbers, names and words that have no term are
/// kept as they are, for guidance that speaks of none of them does not answer.
pub(super) fn english(text: &str) -> String {
    let typed = words(text, &Locale::Cy);
    let stems: Vec<&str> = typed.iter().map(|word| word.stem.as_str()).collect();
    let mut english: Vec<&str> = Vec::new();
    let mut found = false;
    let mut at = 0;
    while at < stems.len() {
        let is_here = |term: &[String]| {
            stems[at..].len() >= term.len() && stems[at..].iter().zip(term).all(|(a, b)| a == b)
        };
        let term = TERMS.iter().find(|(term, _)| is_here(term));
        let (length, words) = match term {
            Some((term, words)) => (term.len(), Some(words.as_str())),
            None => (1, Some(typed[at].text.as_str()).filter(|_| typed[at].telling)),
        };
        found |= term.is_some();
        english.extend(words.filter(|words| !english.contains(words)));
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
            ("Pryd mae’r llyfrgell ar agor?", "library open"),
            (
                "Faint mae’n ei gostio i logi neuadd bentref Llanfair?",
                "cost hire hall bentref llanfair",
            ),
            ("Beth yw hyn?", ""),
        ] {
            assert_eq!(english(welsh), expected, "{welsh}");
        }
        assert!(TERMS.len() > 100);
    }
}
