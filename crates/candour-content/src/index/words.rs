//! From text to comparable words: lower case, no accents, letters and digits only.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Longer words are cut: nothing that a person writes is longer, and a page of random letters must
/// not fill memory.
const LONGEST_WORD: usize = 40;

/// The words of `text`, in order.
pub(crate) fn words(text: &str) -> Vec<String> {
    if text.is_ascii() {
        // Nothing to fold; most English text comes this way, which is much faster.
        return split(text.chars());
    }
    split(text.nfkd().filter(|letter| !is_combining_mark(*letter)))
}

/// Any sign that is no letter or digit ends a word, an apostrophe as much as a space.
fn split(letters: impl Iterator<Item = char>) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut length = 0;
    for letter in letters {
        if !letter.is_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            length = 0;
        } else if length < LONGEST_WORD {
            word.extend(letter.to_lowercase());
            length += 1;
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_case_accents_and_signs() {
        for (text, expected) in [
            ("You’re Tŷ-bach 2,500", vec!["you", "re", "ty", "bach", "2", "500"]),
            ("Âge\u{a0}d’or ﬁne", vec!["age", "d", "or", "fine"]),
            ("", vec![]),
            ("\u{0}^*:\"", vec![]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
        assert_eq!(words(&"a".repeat(1000)), ["a".repeat(LONGEST_WORD)]);
    }
}
