//! Cuts a text into the pieces that BERT's uncased vocabulary knows, as its own tokenizer does
//! (Devlin and others, 2019): text is folded, cut at spaces and punctuation, and each word is covered
//! by the longest pieces from the left.
//!
//! Unlike there, what a reader types never becomes a control token: `[SEP]` is a word in brackets.

use std::collections::HashMap;
use std::fmt::Write as _;

use regex::Regex;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;

/// Where a text begins.
const START: u32 = 101;
/// Where it ends.
const END: u32 = 102;
/// A word of which some part is not in the vocabulary.
const UNKNOWN: u32 = 100;
/// Longer words are unknown.
const LONGEST_WORD: usize = 100;
/// What goes on a word has this before it in the vocabulary.
const GOING_ON: &str = "##";
/// What comes after so many characters is not looked at: it lies far outside any window.
const MOST_CHARACTERS: usize = 20_000;

/// Control characters, unassigned ones among them, and what stands for damage.
const DROPPED: &str = r"[\p{C}\x{FFFD}&&[^\t\n\r]]+";
/// Accents, after letters were parted from them.
const ACCENTS: &str = r"\p{Mn}+";
/// Each of these is a word by itself: punctuation, ASCII's other signs, and Chinese characters.
const ALONE: &str = r"\p{P}$+<=>^`|~\x{4E00}-\x{9FFF}\x{3400}-\x{4DBF}\x{20000}-\x{2A6DF}\x{2A700}-\x{2B73F}\x{2B740}-\x{2B81F}\x{2B920}-\x{2CEAF}\x{F900}-\x{FAFF}\x{2F800}-\x{2FA1F}";

/// A vocabulary, with what cuts texts into its words.
#[derive(Debug)]
pub(super) struct WordPiece {
    vocabulary: HashMap<String, u32>,
    dropped: Regex,
    accents: Regex,
    words: Regex,
}

/// As much of `tokenizer.json` as is not known already.
#[derive(Deserialize)]
struct File {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: HashMap<String, u32>,
}

impl WordPiece {
    /// Reads `tokenizer.json`.
    pub(super) fn read(file: &[u8]) -> Result<Self, String> {
        let file: File = serde_json::from_slice(file).map_err(|error| error.to_string())?;
        let regex = |pattern: &str| Regex::new(pattern).map_err(|error| error.to_string());
        Ok(Self {
            vocabulary: file.model.vocab,
            dropped: regex(DROPPED)?,
            accents: regex(ACCENTS)?,
            words: regex(&format!(r"[{ALONE}]|[^\s{ALONE}]+"))?,
        })
    }

    /// The tokens of a text between its start and its end, at most `window` in all.
    pub(super) fn tokens(&self, text: &str, window: usize) -> Vec<u32> {
        let text = self.folded(text);
        let mut tokens = vec![START];
        let mut piece = String::new();
        for word in self.words.find_iter(&text) {
            if tokens.len() >= window {
                break;
            }
            self.add_word(word.as_str(), &mut piece, &mut tokens);
        }
        tokens.truncate(window.saturating_sub(1));
        tokens.push(END);
        tokens
    }

    /// The text without control characters and accents, in small letters.
    fn folded(&self, text: &str) -> String {
        let bound = text.char_indices().nth(MOST_CHARACTERS).map_or(text.len(), |(at, _)| at);
        let text = self.dropped.replace_all(&text[..bound], "");
        if text.is_ascii() {
            return text.to_ascii_lowercase();
        }
        let parted: String = text.nfd().collect();
        let plain = self.accents.replace_all(&parted, "");
        plain.chars().flat_map(char::to_lowercase).collect()
    }

    fn add_word(&self, word: &str, piece: &mut String, tokens: &mut Vec<u32>) {
        let before = tokens.len();
        let mut rest = word;
        while !rest.is_empty() {
            match self.longest(rest, rest.len() < word.len(), piece) {
                Some((token, length)) if word.chars().count() <= LONGEST_WORD => {
                    tokens.push(token);
                    rest = rest.split_at(length).1;
                }
                _ => {
                    tokens.truncate(before);
                    tokens.push(UNKNOWN);
                    return;
                }
            }
        }
    }

    /// The longest piece that begins `rest`, with its length there.
    fn longest(&self, rest: &str, goes_on: bool, piece: &mut String) -> Option<(u32, usize)> {
        piece.clear();
        // Writing to a String cannot fail.
        let _ = write!(piece, "{}{rest}", if goes_on { GOING_ON } else { "" });
        let before = piece.len() - rest.len();
        loop {
            if let Some(token) = self.vocabulary.get(piece.as_str()) {
                return Some((*token, piece.len() - before));
            }
            piece.pop();
            if piece.len() <= before {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vocabulary of a few words; tokens are their places.
    fn cut(text: &str) -> Vec<u32> {
        let words =
            ["tax", "##es", "##payer", "council", "cafe", "£", "[", "]", "sep", ".", "ty", "中"];
        let vocabulary: serde_json::Map<_, _> =
            words.iter().enumerate().map(|(i, word)| ((*word).to_owned(), i.into())).collect();
        let file = serde_json::json!({"model": {"vocab": vocabulary}}).to_string();
        let mut tokens = WordPiece::read(file.as_bytes()).unwrap().tokens(text, 9);
        assert_eq!((tokens.remove(0), tokens.pop()), (START, Some(END)));
        tokens
    }

    #[test]
    fn words_are_folded_and_covered_by_the_longest_pieces() {
        for (text, expected) in [
            ("Council tax", &[3, 0][..]),
            ("TAXES taxpayer", &[0, 1, 0, 2]),
            ("taxi", &[UNKNOWN]),
            ("caf\u{e9} cafe\u{301}", &[4, 4]),
            ("t\u{177}\u{200b}\u{0}", &[10]),
            ("tax.tax\u{a0}\u{2028}tax", &[0, 9, 0, 0]),
            ("中中tax", &[11, 11, 0]),
            ("[SEP]", &[6, 8, 7]),
            ("", &[]),
            (" \n\u{feff}", &[]),
        ] {
            assert_eq!(cut(text), expected, "{text:?}");
        }
    }

    #[test]
    fn no_text_is_too_long() {
        assert_eq!(cut(&"tax ".repeat(1_000_000)), [0; 7]);
        assert_eq!(cut(&"x".repeat(1_000_000)), [UNKNOWN]);
        assert!(cut(&format!("{}tax", " ".repeat(1_000_000))).is_empty());
    }
}
