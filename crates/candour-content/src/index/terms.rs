//! From what a person typed to the terms that are looked for. Words only: no query syntax exists, so
//! that quotation marks, colons and `NOT` in a question can do no harm.

use std::collections::BTreeMap;

use tantivy::tokenizer::{
    Language, Stemmer, TextAnalyzer, Token, TokenFilter as _, TokenStream, Tokenizer,
};

use super::stop::{is_stop_word, is_stop_word_in_welsh};
use super::words::words;

/// What is read of a question; the rest of a longer one is left aside. The longest scenarios that
/// people write to advisers have some 2,000 characters.
const MOST_BYTES: usize = 16 * 1024;

/// The distinct words of a question.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Terms {
    /// Stemmed as English, each with how often it was said.
    pub(crate) english: BTreeMap<String, u32>,
    /// As they were written, for every other language.
    pub(crate) plain: BTreeMap<String, u32>,
}

impl Terms {
    /// The telling words of `text`; if all its words are common ones, these.
    pub(crate) fn of(text: &str) -> Self {
        let said = words(bounded(text));
        let mut terms = Self::default();
        for stem in analysed(&mut english(), &telling(&said, is_stop_word).join(" ")) {
            *terms.english.entry(stem).or_default() += 1;
        }
        for word in telling(&said, is_stop_word_in_welsh) {
            *terms.plain.entry(word.to_owned()).or_default() += 1;
        }
        terms
    }

    /// Whether nothing can be looked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }
}

fn telling(said: &[String], is_common: impl Fn(&str) -> bool) -> Vec<&str> {
    let keeps_all = said.iter().all(|word| is_common(word));
    let words = said.iter().map(String::as_str);
    words.filter(|word| keeps_all || !is_common(word)).collect()
}

/// As much of a question as is read.
pub(crate) fn bounded(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MOST_BYTES)).unwrap_or_default()
}

/// The terms of `text`, in order.
pub(crate) fn analysed(analyser: &mut TextAnalyzer, text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    analyser.token_stream(text).process(&mut |token| terms.push(token.text.clone()));
    terms
}

/// Makes the terms of English text.
pub(crate) fn english() -> TextAnalyzer {
    TextAnalyzer::builder(Stemmer::new(Language::English).transform(FoldedWords)).build()
}

/// Makes the terms of text in any other language.
pub(crate) fn plain() -> TextAnalyzer {
    TextAnalyzer::builder(FoldedWords).build()
}

/// Hands our words to the word index.
#[derive(Debug, Clone, Copy, Default)]
struct FoldedWords;

impl Tokenizer for FoldedWords {
    type TokenStream<'a> = FoldedStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        FoldedStream { words: words(text).into_iter(), token: Token::default() }
    }
}

/// The words of one text.
struct FoldedStream {
    words: std::vec::IntoIter<String>,
    token: Token,
}

impl TokenStream for FoldedStream {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else { return false };
        self.token.text = word;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_words_and_nothing_else() {
        for (text, expected) in [
            ("How do I renew a licence?", "licenc renew"),
            ("title:\"tax AND (NOT car)\" ^2 *", "2 car tax titl"),
            ("what is it", "is it what"),
            ("\u{0}\u{7}\u{e0041}", ""),
            ("tax TAX taxes", "tax"),
            ("Am I an EU citizen?", "citizen eu"),
        ] {
            let english: Vec<String> = Terms::of(text).english.into_keys().collect();
            assert_eq!(english.join(" "), expected, "{text}");
        }
        assert_eq!(Terms::of("tax tax").english["tax"], 2);
        assert_eq!(
            Terms::of("y dreth gyngor").plain.into_keys().collect::<Vec<_>>(),
            ["dreth", "gyngor"]
        );
    }

    #[test]
    fn a_question_of_any_length_is_bounded() {
        let long = "é".repeat(1 << 20);
        assert!(bounded(&long).len() <= MOST_BYTES);
        assert_eq!(Terms::of(&long).plain.len(), 1);
    }
}
