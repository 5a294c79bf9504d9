//! From the text of a passage or of a question to the terms of the word index.

use std::collections::{BTreeMap, BTreeSet};

use tantivy::tokenizer::{
    Language, Stemmer, TextAnalyzer, Token, TokenFilter as _, TokenStream, Tokenizer,
};

use super::form_numbers;
use super::question::asking_part;
use super::stop::{is_stop_word, is_stop_word_in_welsh};
use super::synonyms::Synonyms;
use super::words::words;

/// What is read of a question; the rest of a longer one is left aside. The longest scenarios that
/// people write to advisers have some 2,000 characters.
const MOST_BYTES: usize = 16 * 1024;

/// What a word counts that only tells of the reader's circumstances, when passages are told apart.
/// Between 0.3 and 0.7 the quality of ranking hardly changes.
const CIRCUMSTANCE: f32 = 0.5;

/// What a word counts that the reader did not type: one of a phrase that means the same, or letters and
/// digits that were typed apart.
const EXTRA: f32 = 0.5;

/// The distinct words of a question.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Terms {
    /// Stemmed as English, with what each counts.
    pub(crate) english: BTreeMap<String, Said>,
    /// As they were written, for every other language.
    pub(crate) plain: BTreeMap<String, Said>,
    /// Whether some common Welsh word is among them, so that none is a misspelt English one.
    pub(crate) is_welsh: bool,
}

/// What a word of a question counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Said {
    /// For telling passages apart: whether it stands in a sentence that asks.
    pub(crate) in_passage: f32,
    /// For telling pages apart: how often it was said, dampened.
    pub(crate) in_page: f32,
    /// As it was first written.
    pub(crate) written: String,
    /// Words that mean the same.
    pub(crate) also: BTreeSet<String>,
    /// Whether the reader did not type it, so that nothing is missing where it is not found.
    pub(crate) is_extra: bool,
}

impl Terms {
    /// The telling words of `text`; if all its words are common ones, these.
    pub(crate) fn of(text: &str, synonyms: &Synonyms) -> Self {
        let (asking, telling) = asking_part(bounded(text));
        let (asking, telling) = (words(&asking), words(&telling));
        let said = || asking.iter().chain(&telling);
        let is_welsh = said().any(|word| is_stop_word_in_welsh(word) && !is_stop_word(word));
        let mut terms = Self { is_welsh, ..Self::default() };
        let mut stem = english();
        let mut stem = |word: &str| analysed(&mut stem, word).pop().unwrap_or_default();
        let is_common: [fn(&str) -> bool; 2] = [is_stop_word, is_stop_word_in_welsh];
        let is_left_out = is_common.map(|is_common| {
            let all_are = said().all(|word| is_common(word));
            move |word: &String| !all_are && is_common(word)
        });
        for (words, counts) in [(&asking, 1.0), (&telling, CIRCUMSTANCE)] {
            for word in words.iter().filter(|word| !is_left_out[0](word)) {
                terms.english.entry(stem(word)).or_default().say(word, counts);
            }
            for word in words.iter().filter(|word| !is_left_out[1](word)) {
                terms.plain.entry(word.clone()).or_default().say(word, counts);
            }
            terms.widen(words, counts * EXTRA, synonyms, &mut stem);
        }
        for said in terms.english.values_mut().chain(terms.plain.values_mut()) {
            said.in_page = said.in_page.sqrt();
        }
        terms
    }

    /// How many telling words the reader typed.
    pub(crate) fn typed(&self) -> usize {
        self.plain.values().filter(|said| !said.is_extra).count()
    }

    /// Whether nothing can be looked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }

    /// Adds what means the same as words of the question, and the numbers of forms typed with a space.
    fn widen(
        &mut self,
        words: &[String],
        counts: f32,
        synonyms: &Synonyms,
        stem: &mut impl FnMut(&str) -> String,
    ) {
        for (at, word) in words.iter().enumerate() {
            self.add_spaced(word, stem);
            let rest = words.get(at..).unwrap_or_default();
            for (length, meant) in synonyms.at(rest) {
                match meant.as_slice() {
                    [other] if length == 1 => self.add_also(word, other, stem),
                    phrase => phrase.iter().for_each(|word| self.add_extra(word, counts, stem)),
                }
            }
            if let [letters, digits, ..] = rest
                && is_short_letters(letters)
                && digits.starts_with(|c: char| c.is_ascii_digit())
            {
                let joined = format!("{letters}{digits}");
                self.add_extra(&joined, counts * 2.0, stem);
                self.add_spaced(&joined, stem);
            }
        }
    }

    /// A number of a form is looked for as text writes it with a space, too.
    fn add_spaced(&mut self, word: &str, stem: &mut impl FnMut(&str) -> String) {
        let Some((letters, number)) = form_numbers::parts(word) else { return };
        let spaced = format!("{letters} {number}");
        if let Some(said) = self.english.get_mut(&stem(word)) {
            // In capitals the word index makes one term of it.
            said.also.insert(stem(&spaced.to_ascii_uppercase()));
        }
        if let Some(said) = self.plain.get_mut(word) {
            said.also.insert(spaced);
        }
    }

    fn add_also(&mut self, word: &str, other: &str, stem: &mut impl FnMut(&str) -> String) {
        if let Some(said) = self.english.get_mut(&stem(word)) {
            said.also.insert(stem(other));
        }
        if let Some(said) = self.plain.get_mut(word) {
            said.also.insert(other.to_owned());
        }
    }

    fn add_extra(&mut self, word: &str, counts: f32, stem: &mut impl FnMut(&str) -> String) {
        let extra =
            || Said { in_passage: counts, in_page: counts, is_extra: true, ..Said::default() };
        if !is_stop_word(word) {
            self.english.entry(stem(word)).or_insert_with(extra);
            self.plain.entry(word.to_owned()).or_insert_with(extra);
        }
    }
}

impl Said {
    fn say(&mut self, word: &str, counts: f32) {
        if std::mem::take(&mut self.is_extra) {
            (self.in_passage, self.in_page) = (0.0, 0.0);
        }
        if self.written.is_empty() {
            word.clone_into(&mut self.written);
        }
        self.in_passage = self.in_passage.max(counts);
        self.in_page += 1.0;
    }
}

/// What stands before the number in the name of a form: `P`, `SA`, `VAT`.
fn is_short_letters(word: &str) -> bool {
    word.len() <= 4 && word.bytes().all(|byte| byte.is_ascii_alphabetic())
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

/// Hands our words to the word index, and the numbers of forms that are written with a space.
#[derive(Debug, Clone, Copy, Default)]
struct FoldedWords;

impl Tokenizer for FoldedWords {
    type TokenStream<'a> = FoldedStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        let mut terms = words(text);
        let spaced = form_numbers::spaced(text);
        terms.extend(spaced.map(|(letters, number)| format!("{letters} {number}")));
        FoldedStream { words: terms.into_iter(), token: Token::default() }
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

    fn of(text: &str) -> Terms {
        Terms::of(text, &Synonyms::default())
    }

    #[test]
    fn questions_are_words_and_nothing_else() {
        for (text, expected) in [
            ("How do I renew a licence?", "licenc renew"),
            ("title:\"tax AND (NOT car)\" ^2 *", "2 car car2 tax titl"),
            ("what is it", "is it what"),
            ("\u{0}\u{7}\u{e0041}", ""),
            ("tax TAX taxes", "tax"),
            ("Am I an EU citizen?", "citizen eu"),
        ] {
            let english: Vec<String> = of(text).english.into_keys().collect();
            assert_eq!(english.join(" "), expected, "{text}");
        }
        let terms = of("My tax is due. I paid tax. Is there a fine?");
        let counts = |word: &str| (terms.english[word].in_passage, terms.english[word].in_page);
        assert_eq!(counts("fine"), (1.0, 1.0));
        assert_eq!(counts("tax"), (CIRCUMSTANCE, 2.0_f32.sqrt()));
        assert_eq!(of("y dreth gyngor").plain.into_keys().collect::<Vec<_>>(), ["dreth", "gyngor"]);
    }

    #[test]
    fn what_means_the_same_and_numbers_of_forms_are_looked_for_too() {
        let synonyms = "- search: motorbike, motorcycle => motorbike, motorcycle\n\
            - search: council tax => local charge";
        let synonyms = Synonyms::parse(synonyms).unwrap();
        let terms = Terms::of("Council tax for motorbikes, motorbike form NI 38", &synonyms);
        assert_eq!(terms.english["motorbik"].also, BTreeSet::from(["motorcycl".to_owned()]));
        assert!(terms.plain["motorbikes"].also.is_empty(), "no rule says so");
        let counts = |word: &str| (terms.english[word].in_passage, terms.english[word].is_extra);
        assert_eq!(counts("ni38"), (1.0, true));
        assert_eq!(counts("local"), (EXTRA, true));
        assert_eq!(counts("tax"), (1.0, false));
        let terms = of("the SA100, a P11Ds");
        assert_eq!(terms.english["sa100"].also, BTreeSet::from(["sa 100".to_owned()]));
        assert_eq!(terms.plain["sa100"].also, BTreeSet::from(["sa 100".to_owned()]));
    }

    #[test]
    fn a_question_of_any_length_is_bounded() {
        let long = "é".repeat(1 << 20);
        assert!(bounded(&long).len() <= MOST_BYTES);
        assert_eq!(of(&long).plain.len(), 1);
    }
}
