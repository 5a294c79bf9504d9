//! The words of a question with how much each counts: those of the sentence that asks count most.

use candour_core::Locale;

use super::cue::{self, Cue};
use crate::retrieve::Wording;
use crate::words::{Word, phrase, words};

/// How much a word counts that only tells of the reader's circumstances.
const CIRCUMSTANCE: f32 = 0.35;
/// How much such a word counts where the asking sentence has fewer telling words than `FEW`.
const SUBJECT: f32 = 0.8;
const FEW: usize = 3;
/// How much a word of the earlier question counts in a follow-up.
const BEFORE: f32 = 0.5;
/// The same where the page that answered that holds what the follow-up is about.
const ON_ITS_PAGE: f32 = 0.2;

/// What is asked.
#[derive(Debug)]
pub(super) struct Asked {
    /// The telling words, each stem once.
    pub(super) words: Vec<AskedWord>,
    /// What kind of statement would answer it.
    pub(super) cues: Vec<Cue>,
    /// Which of them an answer may not leave open.
    pub(super) demanded: Vec<Cue>,
    /// Which of them the second of two questions in one sentence asks for.
    pub(super) joined: Vec<Cue>,
    /// The sentences that ask, where others tell of the reader's circumstances.
    pub(super) beside_circumstances: Option<String>,
}

/// A telling word of the question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AskedWord {
    /// As it was typed, for telling the reader what nothing is said about.
    pub(super) text: String,
    /// What stands for its forms.
    pub(super) stem: String,
    /// 0 to 1: how much it counts.
    pub(super) weight: f32,
    /// What the word asks for by itself: `price` is answered by an amount, whatever it is called.
    pub(super) cue: Option<Cue>,
}

/// Reads a question.
pub(super) fn asked(wording: &Wording, locale: &Locale) -> Asked {
    let sentences = sentences(&wording.question);
    let asking: Vec<bool> = sentences.iter().map(|sentence| asks(sentence, locale)).collect();
    let none_asks = !asking.contains(&true);
    let asking_words: usize = sentences
        .iter()
        .zip(&asking)
        .filter(|(_, asks)| **asks)
        .map(|(sentence, _)| words(sentence, locale).iter().filter(|word| word.telling).count())
        .sum();
    // `Is that right?` asks by what was said before it.
    let circumstance = if asking_words < FEW { SUBJECT } else { CIRCUMSTANCE };
    let mut list = Vec::new();
    let (mut cues, mut demanded, mut joined) = (Vec::new(), Vec::new(), Vec::new());
    for (sentence, asks) in sentences.iter().zip(asking.iter().copied()) {
        let weight = if asks || none_asks { 1.0 } else { circumstance };
        add(&mut list, words(sentence, locale), weight);
        if asks || none_asks {
            cue::add(&mut cues, sentence);
            cue::add_demanded(&mut demanded, sentence);
            cue::add_joined(&mut joined, sentence);
        }
    }
    let tells = wording.before.is_none() && !none_asks && asking.contains(&false);
    let beside_circumstances = tells.then(|| {
        let parts = sentences.iter().zip(&asking).filter(|(_, asks)| **asks);
        parts.map(|(sentence, _)| *sentence).collect::<Vec<_>>().join(" ")
    });
    if let Some(before) = &wording.before {
        let is_on_its_page = wording.rest.as_ref().is_some_and(|rest| rest.holds);
        let weight = if is_on_its_page { ON_ITS_PAGE } else { BEFORE };
        add(&mut list, words(before.words(), locale), weight);
        if !is_on_its_page && cues.is_empty() {
            cue::add(&mut cues, before.words());
        }
    }
    joined.retain(|cue| !demanded.contains(cue));
    Asked { words: list, cues, demanded, joined, beside_circumstances }
}

fn add(list: &mut Vec<AskedWord>, words: Vec<Word>, weight: f32) {
    for word in words.into_iter().filter(|word| word.telling) {
        if let Some(known) = list.iter_mut().find(|known| known.stem == word.stem) {
            known.weight = known.weight.max(weight);
        } else {
            let cue = cue::of_word(&word.text);
            list.push(AskedWord { text: word.text, stem: word.stem, weight, cue });
        }
    }
}

/// The sentences of a question; an abbreviation may be cut, which does no harm here.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, sign) in text.match_indices(['?', '!', '.', ';']) {
        let end = at + sign.len();
        let ends_word = text[end..].starts_with(char::is_whitespace) || end == text.len();
        if ends_word {
            sentences.push(text[start..end].trim());
            start = end;
        }
    }
    sentences.push(text[start..].trim());
    sentences.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    sentences
}

/// Whether a sentence asks something.
fn asks(sentence: &str, locale: &Locale) -> bool {
    const ENGLISH: [&str; 32] = [
        "how ",
        "what ",
        "whats ",
        "when ",
        "where ",
        "who ",
        "which ",
        "why ",
        "can i",
        "can we",
        "can you",
        "can my",
        "can he",
        "can she",
        "do i",
        "do we",
        "does ",
        "am i",
        "are we",
        "is it",
        "is there",
        "will i",
        "will you",
        "will my",
        "would ",
        "should i",
        "could i",
        "may i",
        "need to know",
        "want to know",
        "tell me",
        "whether",
    ];
    const WELSH: [&str; 20] = [
        "faint", "beth", "pryd", "ble ", "lle ", "pwy", "pa ", "sut", "pam", "alla i", "ga i",
        "oes ", "ydw i", "a oes", "allwn", "ydy ", "yw ", "fydd", "gaf i", "sawl",
    ];
    let lowered = format!("{} ", phrase(sentence));
    let starts: &[&str] = if *locale == Locale::Cy { &WELSH } else { &ENGLISH };
    sentence.ends_with('?')
        || starts
            .iter()
            .any(|start| lowered.starts_with(start) || lowered.contains(&format!(" {start}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retrieve::Before;

    #[test]
    fn the_asking_sentence_counts_most() {
        let wording = Wording {
            question: "My mum died in August. Do I get a council tax discount?".into(),
            before: Some(Before::Said("Who pays for bins?".into())),
            ..Wording::default()
        };
        let asked = asked(&wording, &Locale::En);
        let weight =
            |text: &str| asked.words.iter().find(|word| word.text == text).map(|word| word.weight);
        assert_eq!(weight("mum"), Some(CIRCUMSTANCE));
        assert_eq!(weight("tax"), Some(1.0));
        assert_eq!(weight("bins"), Some(BEFORE));
        assert_eq!(weight("the"), None);
    }

    #[test]
    fn a_question_without_a_subject_asks_by_what_was_said_before() {
        let wording = Wording {
            question: "My bill shows two adults. Is that right?".into(),
            ..Wording::default()
        };
        assert!(asked(&wording, &Locale::En).words.iter().all(|word| word.weight >= SUBJECT));
    }

    #[test]
    fn without_a_question_every_sentence_counts() {
        let wording = Wording { question: "fly tipping fine amount".into(), ..Wording::default() };
        assert!(asked(&wording, &Locale::En).words.iter().all(|word| word.weight > 0.9));
    }

    #[test]
    fn numbers_are_not_cut_into_sentences() {
        assert_eq!(
            sentences("It is 3.5m high. Is it allowed?"),
            ["It is 3.5m high.", "Is it allowed?"]
        );
    }
}
