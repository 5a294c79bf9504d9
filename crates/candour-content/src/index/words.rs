//! From text to comparable words: lower case, no accents, letters and digits only.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Longer words are cut: nothing that a person writes is longer, and a page of random letters must
/// not fill memory.
const LONGEST_WORD: usize = 40;

/// The words of `text`, in order.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    each_word(text, |word| words.push(word.to_owned()));
    words
}

/// Hands over the words of `text`, in order, without keeping them.
pub(crate) fn each_word(text: &str, found: impl FnMut(&str)) {
    split(text.chars().flat_map(folded), found);
}

/// A letter without its marks: one, or some where it stands for several. Marks that follow a letter are
/// letters of their own here, and are left out, so that letters can be folded one by one.
fn folded(letter: char) -> impl Iterator<Item = char> {
    // Nothing to fold in most letters, and decomposing takes much longer than looking.
    let (plain, other) =
        if letter.is_ascii() { (Some(letter), None) } else { (None, Some(letter)) };
    let decomposed = other.into_iter().flat_map(|letter| std::iter::once(letter).nfkd());
    plain.into_iter().chain(decomposed.filter(|letter| !is_combining_mark(*letter)))
}

/// Any sign that is no letter or digit ends a word, an apostrophe as much as a space.
fn split(letters: impl Iterator<Item = char>, mut found: impl FnMut(&str)) {
    let mut word = String::with_capacity(LONGEST_WORD);
    let mut length = 0;
    for letter in letters {
        if !letter.is_alphanumeric() {
            if !word.is_empty() {
                found(&word);
                word.clear();
            }
            length = 0;
        } else if length < LONGEST_WORD {
            if letter.is_ascii() {
                word.push(letter.to_ascii_lowercase());
            } else {
                word.extend(letter.to_lowercase());
            }
            length += 1;
        }
    }
    if !word.is_empty() {
        found(&word);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn letters_that_are_folded_one_by_one_are_as_the_whole_text(text in "[\\PC\u{300}-\u{36f}ﬁ각]{0,60}") {
            let whole = text.nfkd().filter(|letter| !is_combining_mark(*letter));
            prop_assert_eq!(text.chars().flat_map(folded).collect::<String>(), whole.collect::<String>());
        }
    }
}
