//! From text to words that can be compared: folded, stemmed, with synonyms as one.
//!
//! English endings and Welsh mutations are folded by light rules of our own: what is compared here
//! are a question and a few passages, where a missed match costs more than a loose one.

mod english;
mod stop;
mod welsh;

use std::collections::HashMap;
use std::sync::LazyLock;

use candour_core::Locale;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

pub(crate) use self::stop::{ENGLISH as ENGLISH_WORDS, WELSH as WELSH_WORDS};

/// Longer words are cut: nothing that a person means is longer.
const LONGEST_WORD: usize = 40;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// The word in lower case, without accents.
    pub(crate) text: String,
    /// What stands for it and its other forms.
    pub(crate) stem: String,
    /// Whether it says something of the subject; function words do not.
    pub(crate) telling: bool,
}

/// The words of `text`, in order.
pub(crate) fn words(text: &str, locale: &Locale) -> Vec<Word> {
    plain_words(text).into_iter().map(|text| word(text, locale)).collect()
}

/// The stems of the telling words of `text`, in order, with repetitions.
pub(crate) fn stems(text: &str, locale: &Locale) -> Vec<String> {
    words(text, locale).into_iter().filter(|word| word.telling).map(|word| word.stem).collect()
}

/// The words of `text` in lower case without accents; a number keeps its point and loses its commas.
/// What an apostrophe cuts off (`'s`, `'re`, `'n`) is left out.
pub(crate) fn plain_words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut letters = 0;
    let mut after_apostrophe = false;
    let mut end_word = |word: &mut String, letters: &mut usize, after_apostrophe: bool| {
        let word = std::mem::take(word);
        *letters = 0;
        if !(word.is_empty() || after_apostrophe && CUT_OFF.contains(&word.as_str())) {
            found.push(word);
        }
    };
    let mut folded = text.nfkd().filter(|letter| !is_combining_mark(*letter)).peekable();
    while let Some(letter) = folded.next() {
        let inside_number = word.ends_with(|c: char| c.is_ascii_digit())
            && folded.peek().is_some_and(char::is_ascii_digit);
        if letter.is_alphanumeric() {
            if letters < LONGEST_WORD {
                word.extend(letter.to_lowercase());
                letters += 1;
            }
        } else if letter == '.' && inside_number {
            word.push('.');
        } else if !(letter == ',' && inside_number) {
            let ended = !word.is_empty();
            end_word(&mut word, &mut letters, after_apostrophe);
            after_apostrophe = ended && matches!(letter, '\'' | '’');
        }
    }
    end_word(&mut word, &mut letters, after_apostrophe);
    found
}

/// The pieces that stand after an apostrophe in English and in Welsh.
const CUT_OFF: [&str; 14] =
    ["s", "t", "re", "ve", "ll", "d", "m", "n", "r", "i", "u", "w", "ch", "th"];

/// Whether this is one of the pieces that an apostrophe cuts off.
pub(crate) fn is_cut_off(piece: &str) -> bool {
    CUT_OFF.contains(&piece)
}

/// `text` in lower case, without apostrophes and with single spaces, for rules about phrases.
pub(crate) fn phrase(text: &str) -> String {
    let kept = text.chars().filter(|c| !matches!(c, '\'' | '’' | '‘' | '`' | '´'));
    let lowered: String = kept.flat_map(char::to_lowercase).collect();
    lowered.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A word in lower case and without accents, with its stem.
pub(crate) fn word(text: String, locale: &Locale) -> Word {
    let welsh = *locale == Locale::Cy;
    let telling = !stop::is_stop_word(&text, welsh);
    let bare = if text.starts_with(|c: char| c.is_ascii_digit()) {
        text.strip_suffix(".00").unwrap_or(&text).to_owned()
    } else {
        stem(&text, welsh)
    };
    let synonyms = if welsh { &SYNONYMS.1 } else { &SYNONYMS.0 };
    let stem = synonyms.get(&bare).cloned().unwrap_or(bare);
    Word { text, stem, telling }
}

/// What stands for a word in lower case and its other forms, but not for words that mean the same.
pub(crate) fn bare_stem(word: &str, locale: &Locale) -> String {
    if word.contains(char::is_numeric) {
        word.to_owned()
    } else {
        stem(word, *locale == Locale::Cy)
    }
}

/// A Welsh word in lower case without its mutation: one form that stands for all.
pub(crate) fn unmutated(word: &str) -> String {
    welsh::unmutated(word)
}

fn stem(word: &str, welsh: bool) -> String {
    if welsh { welsh::stem(word) } else { english::stem(word) }
}

#[derive(Deserialize)]
struct SynonymFile {
    en: Vec<String>,
    cy: Vec<String>,
}

type Table = HashMap<String, String>;

/// From a stem to the stem that stands for its line, in English and in Welsh.
static SYNONYMS: LazyLock<(Table, Table)> =
    LazyLock::new(|| match toml::from_str::<SynonymFile>(include_str!("words/synonyms.toml")) {
        Ok(file) => (table(&file.en, false), table(&file.cy, true)),
        Err(error) => {
            tracing::error!(%error, "the synonyms cannot be read");
            Default::default()
        }
    });

fn table(lines: &[String], welsh: bool) -> Table {
    let mut table = Table::new();
    for line in lines {
        let stems: Vec<String> = plain_words(line).iter().map(|word| stem(word, welsh)).collect();
        let Some(first) = stems.first() else { continue };
        for stem in &stems {
            table.entry(stem.clone()).or_insert_with(|| first.clone());
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fold_accents_signs_and_numbers() {
        for (text, expected) in [
            ("You’re Tŷ-bach 2,500", vec!["you", "ty", "bach", "2500"]),
            ("£2,165.13.", vec!["2165.13"]),
            ("Mae’n sy'n band D", vec!["mae", "sy", "band", "d"]),
            ("12.30pm, 1,2", vec!["12.30pm", "12"]),
            ("", vec![]),
            ("\u{0}^*:\"", vec![]),
        ] {
            assert_eq!(plain_words(text), expected, "{text}");
        }
    }

    #[test]
    fn forms_of_a_word_meet() {
        for (locale, one, other) in [
            (Locale::En, "applying", "apply"),
            (Locale::Cy, "talu", "thalu"),
            (Locale::Cy, "talu", "dalu"),
            (Locale::En, "applied", "application"),
            (Locale::En, "registered", "register"),
            (Locale::En, "registration", "register"),
            (Locale::En, "batteries", "battery"),
            (Locale::En, "kids", "child"),
            (Locale::En, "charges", "fee"),
            (Locale::En, "moved", "moving"),
            (Locale::En, "paid", "pay"),
            (Locale::En, "stopped", "stop"),
            (Locale::Cy, "dreth", "treth"),
            (Locale::Cy, "nhreth", "treth"),
            (Locale::Cy, "min", "bin"),
            (Locale::Cy, "niwrnod", "diwrnod"),
            (Locale::Cy, "gyngor", "cyngor"),
            (Locale::Cy, "ostyngiad", "gostyngiad"),
            (Locale::Cy, "drwyddedau", "trwydded"),
        ] {
            assert_eq!(stems(one, &locale), stems(other, &locale), "{one} and {other}");
        }
    }

    #[test]
    fn different_words_stay_apart() {
        for (one, other) in [("parking", "park home"), ("council", "counsel"), ("rating", "rat")] {
            assert_ne!(stems(one, &Locale::En), stems(other, &Locale::En), "{one} and {other}");
        }
    }

    #[test]
    fn the_synonym_file_can_be_read() {
        assert!(SYNONYMS.0.len() > 50 && SYNONYMS.1.len() > 20);
    }
}
