//! Which part of a question asks, and which only tells of circumstances.
//!
//! People who describe their situation use many words of which few are about what they want to know.
//! All of them say which page is the right one; those of the asking sentence say which part of it.

use candour_core::Embedder;

use super::quantise;
use super::terms::bounded;

/// The share of all its words in the vector that tells passages apart; the rest is that of the part
/// which asks.
const ALL_WORDS: f32 = 0.5;

/// What a question means, as vectors are stored.
pub(crate) struct Meaning {
    /// All its words, drawn towards the part which asks: this tells which part of a page is the right one.
    pub(crate) asking: Vec<i8>,
    /// All its words alike: this tells which page is. Nothing where all of them ask, so that it is the same.
    pub(crate) whole: Option<Vec<i8>>,
}

/// The meaning of a question.
pub(crate) fn meaning(text: &str, embedder: &dyn Embedder) -> Meaning {
    let text = bounded(text);
    let mut vector = embedder.embed(text);
    let whole = quantise(&vector);
    let (asking, telling) = asking_part(text);
    if telling.is_empty() {
        return Meaning { asking: whole, whole: None };
    }
    for (all, asking) in vector.iter_mut().zip(embedder.embed(&asking)) {
        *all = ALL_WORDS * *all + (1.0 - ALL_WORDS) * asking;
    }
    Meaning { asking: quantise(&vector), whole: Some(whole) }
}

/// The question with the sentences that ask apart from the rest, in order. Where none ends in a
/// question mark, or all do, the whole text asks.
pub(crate) fn asking_part(text: &str) -> (String, String) {
    let sentences = sentences(text);
    let (asking, telling): (Vec<&str>, Vec<&str>) =
        sentences.into_iter().partition(|sentence| sentence.ends_with(QUESTION_MARKS));
    if asking.is_empty() {
        return (text.to_owned(), String::new());
    }
    (asking.join(" "), telling.join(" "))
}

const QUESTION_MARKS: [char; 2] = ['?', '\u{ff1f}'];

/// An abbreviation may be cut, which does no harm here.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, sign) in text.match_indices(['?', '!', '.', ';', '\n', '\u{ff1f}']) {
        let end = at + sign.len();
        let Some(rest) = text.get(end..) else { break };
        if sign == "\n" || rest.is_empty() || rest.starts_with(char::is_whitespace) {
            sentences.extend(text.get(start..end));
            start = end;
        }
    }
    sentences.extend(text.get(start..));
    sentences.into_iter().map(str::trim).filter(|sentence| !sentence.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_asking_sentences_are_told_from_the_rest() {
        for (text, asking, telling) in [
            ("Who pays?", "Who pays?", ""),
            ("I am 17. I have a car. Can I drive it?", "Can I drive it?", "I am 17. I have a car."),
            ("Can I? I am 17. May she?", "Can I? May she?", "I am 17."),
            ("It is 3.5m high. Is it allowed? ", "Is it allowed?", "It is 3.5m high."),
            ("Rwy'n 17\nGaf i yrru?", "Gaf i yrru?", "Rwy'n 17"),
            ("blue badge. disabled parking", "blue badge. disabled parking", ""),
            ("??", "??", ""),
            ("", "", ""),
        ] {
            assert_eq!(asking_part(text), (asking.to_owned(), telling.to_owned()), "{text}");
        }
    }
}
