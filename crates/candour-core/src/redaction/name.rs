//! Names, only where the words before leave no doubt: "my name is", "Mrs". Without a list of names,
//! anything more would mask places, benefits and months.

use std::sync::LazyLock;

use regex::Regex;

use super::view::{View, pattern};
use super::{Found, MaskKind, PublicContacts};

static INTRODUCED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:my (?:full |first |last |legal )?name(?: is|'s| ?:)|(?:i am|i'm|am) called|",
        r"fy enw(?: llawn)?(?: i)?(?: yw| ydy| ydi| ?:)|(?:fe'm|cael fy) (?:g|ng)al(?:w|wyd)(?: i)? yn) ",
        r"([\p{L}'.-]+(?: [\p{L}'.-]+){0,2})",
    ))
});
static TITLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:M[Rr]|M[Rr][Ss]|M[Ss]|Miss|MISS|Mx|D[Rr]|Prof(?:essor)?|Sir|Dame|Rev(?:erend)?)\b\.? ",
        r"((?:\p{Lu}\.? )?\p{Lu}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]*){0,2})",
    ))
});

pub(super) fn detect(view: &View, _: &PublicContacts, found: &mut Vec<Found>) {
    for introduced in INTRODUCED.captures_iter(view.text()) {
        let Some(words) = introduced.get(1) else { continue };
        let length = name_length(words.as_str());
        if length > 0 {
            let range = words.start()..words.start() + length;
            found.push(Found { kind: MaskKind::Name, range });
        }
    }
    for titled in TITLED.captures_iter(view.text()) {
        if let Some(name) = titled.get(1) {
            found.push(Found { kind: MaskKind::Name, range: name.range() });
        }
    }
}

/// How many bytes of these words are a name: up to the first word that is none.
fn name_length(words: &str) -> usize {
    let mut length = 0;
    for word in words.split_inclusive(' ') {
        let bare = word.trim_end_matches([' ', '.', '\'', '-']);
        let lower = bare.to_lowercase();
        if bare.is_empty() || NO_NAMES.contains(&lower.as_str()) {
            break;
        }
        let end = length + bare.len();
        if bare.len() < word.trim_end().len() && bare.chars().count() > 1 {
            // A full stop after a whole word ends the sentence.
            return end;
        }
        length += word.len();
    }
    words[..length].trim_end_matches([' ', '.', '\'', '-']).len()
}

/// Words that follow "my name is" without being a name, or that follow a name in lower case.
const NO_NAMES: [&str; 72] = [
    "a",
    "ac",
    "also",
    "am",
    "an",
    "and",
    "ar",
    "are",
    "as",
    "at",
    "being",
    "but",
    "by",
    "can",
    "correct",
    "changed",
    "different",
    "do",
    "for",
    "from",
    "going",
    "have",
    "how",
    "i",
    "i'm",
    "in",
    "incorrect",
    "is",
    "it",
    "ive",
    "legally",
    "listed",
    "live",
    "mis-spelt",
    "misspelled",
    "misspelt",
    "missing",
    "mod",
    "my",
    "need",
    "no",
    "not",
    "now",
    "o",
    "of",
    "on",
    "or",
    "please",
    "recorded",
    "registered",
    "rwy'n",
    "so",
    "spelled",
    "spelt",
    "still",
    "that",
    "the",
    "there",
    "to",
    "unknown",
    "want",
    "was",
    "what",
    "when",
    "where",
    "who",
    "with",
    "wrong",
    "written",
    "yn",
    "you",
    "your",
];

#[cfg(test)]
mod tests {
    use crate::redaction::tests::{check, check_unchanged};

    #[test]
    fn masks_names_after_clear_words() {
        for (text, expected) in [
            ("My name is Ann Other.", "My name is [name]."),
            ("my name is ann other and I moved", "my name is [name] and I moved"),
            ("hi, my name's Siân O’Neil-Jones, hello", "hi, my name's [name], hello"),
            ("I am called Ann", "I am called [name]"),
            ("Fy enw i yw Siân Jones", "Fy enw i yw [name]"),
            ("fy enw yw siân ac rwy'n byw", "fy enw yw [name] ac rwy'n byw"),
            ("does Mr Jones get it? Mrs. A. Smith", "does Mr [name] get it? Mrs. [name]"),
            ("I asked Mr J Jones. What now?", "I asked Mr [name]. What now?"),
            ("Dr Ann Other", "Dr [name]"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn leaves_what_is_no_name() {
        for text in [
            "my name is on the deeds",
            "my name is not right",
            "my name is wrong",
            "Miss a payment",
            "is it called Universal Credit",
            "Access to Work",
        ] {
            check_unchanged(text);
        }
    }
}
