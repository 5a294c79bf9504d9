//! A made-up corpus of any size for load tests: the same passages for the same seed, with words as
//! unevenly common as those of a language (Zipf's law) and pages that keep to their subject.
//!
//! It says nothing, so that it tells how fast and how large, never how good.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::random::Random;

/// So many words are known; a book knows some ten thousand, a publisher's every form and place.
const VOCABULARY: f64 = 200_000.0;
/// Pages have from one to so many passages.
const MOST_ON_A_PAGE: u64 = 20;
/// Every so many words, one is of the page's own subject.
const SUBJECT_EVERY: u64 = 4;
/// The commonest words are those of English, so that they are treated as such.
const COMMON: [&str; 51] = [
    "the", "of", "and", "to", "in", "a", "is", "that", "for", "you", "it", "be", "on", "with",
    "as", "are", "this", "your", "by", "have", "or", "at", "from", "will", "not", "can", "if",
    "we", "an", "must", "they", "need", "about", "their", "has", "when", "which", "who", "get",
    "may", "how", "more", "than", "there", "was", "what", "all", "any", "other", "also", "do",
];
const ENDINGS: [&str; 8] = ["", "", "s", "ing", "ed", "er", "ment", "ly"];

/// A made-up corpus.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corpus {
    /// How many passages it has.
    pub(super) passages: u64,
    /// Every so many pages, one reads differently from the corpus without such changes; 0 for none.
    pub(super) changed_every: u64,
}

impl Corpus {
    /// Writes it as a BEIR corpus. Returns how many pages it has.
    pub(super) fn write(self, path: &Path) -> io::Result<u64> {
        let mut file = BufWriter::new(File::create(path)?);
        let (mut written, mut number) = (0, 0);
        while written < self.passages {
            let page = self.page(number);
            let rows = page.passages.min(self.passages - written);
            page.write(rows, &mut file)?;
            written += rows;
            number += 1;
        }
        file.flush()?;
        Ok(number)
    }

    /// Questions about its pages, no two alike.
    pub(super) fn questions(self, count: u64) -> Vec<String> {
        let question = |number: u64| {
            let page = self.page(number * 7919 % (self.passages / MOST_ON_A_PAGE).max(1));
            let mut random = Random(number ^ 0x0a5c);
            let words: Vec<String> = (0..3).map(|_| page.subject(&mut random)).collect();
            format!("How do I get {} for the {} of {}?", words[0], words[1], random.word())
        };
        (0..count).map(question).collect()
    }

    fn page(self, number: u64) -> MadeUp {
        let is_changed = self.changed_every > 0 && number.is_multiple_of(self.changed_every);
        let mut random = Random(number << 1);
        let passages = 1 + random.below(MOST_ON_A_PAGE);
        let subjects = (0..24).map(|_| random.rare_word()).collect();
        MadeUp { number, passages, subjects, random, is_changed }
    }
}

/// A page to be written.
struct MadeUp {
    number: u64,
    passages: u64,
    subjects: Vec<String>,
    random: Random,
    is_changed: bool,
}

impl MadeUp {
    fn write(mut self, rows: u64, to: &mut impl Write) -> io::Result<()> {
        let number = self.number;
        let title = self.words(4);
        for row in 0..rows {
            let heading = self.words(3);
            let sentences: Vec<String> = (0..3 + self.random.below(6))
                .map(|_| {
                    let length = 8 + self.random.below(16);
                    self.words(length) + "."
                })
                .collect();
            let news = if self.is_changed { " This has changed." } else { "" };
            let row = serde_json::json!({
                "_id": format!("page-{number}#{row}"),
                "title": title,
                "text": format!("{heading}. {}{news}", sentences.join(" ")),
                "metadata": {
                    "url": format!("https://www.gov.uk/made-up/page-{number}"),
                    "heading": heading,
                },
            });
            writeln!(to, "{row}")?;
        }
        Ok(())
    }

    fn words(&mut self, count: u64) -> String {
        let mut random = Random(self.random.next());
        let words: Vec<String> = (0..count)
            .map(|_| match random.below(SUBJECT_EVERY) {
                0 => self.subject(&mut random),
                _ => random.word(),
            })
            .collect();
        words.join(" ")
    }

    fn subject(&self, random: &mut Random) -> String {
        let which = random.below(self.subjects.len() as u64);
        self.subjects.get(which as usize).cloned().unwrap_or_default()
    }
}

impl Random {
    /// A word, the tenth in rank a tenth as often as the first.
    fn word(&mut self) -> String {
        let share = self.next() as f64 / u64::MAX as f64;
        word(VOCABULARY.powf(share) as u64)
    }

    /// A word that tells a subject.
    fn rare_word(&mut self) -> String {
        let share = 0.5 + self.next() as f64 / u64::MAX as f64 / 2.0;
        word(VOCABULARY.powf(share) as u64)
    }
}

/// The word of a rank: the rarer, the longer.
fn word(rank: u64) -> String {
    if let Some(common) = COMMON.get(rank as usize) {
        return (*common).to_owned();
    }
    let (consonants, vowels) = ("bcdfglmnprstvwh".as_bytes(), "aeiou".as_bytes());
    let mut word = String::new();
    let mut left = rank;
    while left > 0 {
        let (consonant, vowel) = (left as usize % 15, left as usize / 15 % 5);
        word.extend([char::from(consonants[consonant]), char::from(vowels[vowel])]);
        left /= 75;
    }
    word + ENDINGS[rank as usize % ENDINGS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_corpus_is_made_again_and_changes_touch_single_pages() {
        let folder = std::env::temp_dir().join(format!("candour-corpus-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let written = |passages, changed_every| {
            let path = folder.join("corpus.jsonl");
            let pages = Corpus { passages, changed_every }.write(&path).unwrap();
            (pages, std::fs::read_to_string(path).unwrap())
        };
        let (pages, text) = written(500, 0);
        assert_eq!(text.lines().count(), 500);
        assert!((30..80).contains(&pages), "{pages} pages");
        assert_eq!(written(500, 0).1, text);
        let changed = written(500, pages).1;
        let differing = text.lines().zip(changed.lines()).filter(|(a, b)| a != b).count();
        assert!((1..=20).contains(&differing), "{differing} rows differ");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
