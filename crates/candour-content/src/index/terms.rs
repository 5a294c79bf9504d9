//! From the text of a passage or of a question to the terms of the word index.

use std::collections::BTreeMap;

use tantivy::tokenizer::{
    Language, Stemmer, TextAnalyzer, Token, TokenFilter as _, TokenStream, Tokenizer,
};

use super::question::asking_part;
use super::stop::{is_stop_word, is_stop_word_in_welsh};
use super::words::words;

/// What is read of a question; the rest of a longer one is left aside. The longest scenarios that
/// people write to advisers have some 2,000 characters.
const MOST_BYTES: usize = 16 * 1024;

/// What a word counts that only tells of the reader's circumstances, when passages are told apart.
/// Between 0.3 and 0.7 the quality of ranking hardly changes.
const CIRCUMSTANCE: f32 = 0.5;

/// The distinct words of a question.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Terms {
    /// Stemmed as English, with what each counts.
    pub(crate) english: BTreeMap<String, Counts>,
    /// As they were written, for every other language.
    pub(crate) plain: BTreeMap<String, Counts>,
}

/// What a word of a question counts.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counts {
    /// For telling passages apart: whether it stands in a sentence that asks.
    pub(crate) in_passage: f32,
    /// For telling pages apart: how often it was said, dampened.
    pub(crate) in_page: f32,
}

impl Terms {
    /// The telling words of `text`; if all its words are common ones, these.
    pub(crate) fn of(text: &str) -> Self {
        let (asking, telling) = asking_part(bounded(text));
        let (asking, telling) = (words(&asking), words(&telling));
        let said = || asking.iter().chain(&telling);
        let is_all_common =
            [is_stop_word, is_stop_word_in_welsh].map(|is_common| said().all(|w| is_common(w)));
        let mut terms = Self::default();
        let mut english = english();
        for (words, counts) in [(&asking, 1.0), (&telling, CIRCUMSTANCE)] {
            let told = |is_common: fn(&str) -> bool, all: bool| {
                words.iter().filter(move |word| all || !is_common(word))
            };
            let stems: Vec<&str> =
                told(is_stop_word, is_all_common[0]).map(String::as_str).collect();
            for stem in analysed(&mut english, &stems.join(" ")) {
                terms.english.entry(stem).or_default().add(counts);
            }
            for word in told(is_stop_word_in_welsh, is_all_common[1]) {
                terms.plain.entry(word.clone()).or_default().add(counts);
            }
        }
        for counts in terms.english.values_mut().chain(terms.plain.values_mut()) {
            counts.in_page = counts.in_page.sqrt();
        }
        terms
    }

    /// Whether nothing can be looked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }
}

impl Counts {
    fn add(&mut self, counts: f32) {
        self.in_passage = self.in_passage.max(counts);
        self.in_page += 1.0;
    }
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
        let terms = Terms::of("My tax is due. I paid tax. Is there a fine?");
        let counts = |word: &str| (terms.english[word].in_passage, terms.english[word].in_page);
        assert_eq!(counts("fine"), (1.0, 1.0));
        assert_eq!(counts("tax"), (CIRCUMSTANCE, 2.0_f32.sqrt()));
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
