//! Words of a question that nothing found has: read as words that are spelt alike where they must be
//! slips, and told of in any case. A word that people write is never taken for another.

use std::sync::Arc;

use candour_content::index::embed::bilingual::is_common;
use candour_core::{Answer, AnswerStatus, Locale, Notice, NoticeKind};

use crate::compose::Reading;
use crate::replies;
use crate::words::{plain_words, words};

/// From this length on, a letter may be wrong, and from the other on, two. In shorter words only two
/// neighbours may have changed places: too many words differ in one letter.
const LONG_ENOUGH: usize = 6;
const LONG: usize = 8;

/// The words that nothing found has.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Spelling {
    /// As they were typed, with the words that they were read as.
    read_as: Vec<(String, String)>,
    /// Those that are no slip for any word found.
    unknown: Vec<String>,
}

impl Spelling {
    /// Looks for the telling words of a question in what was found for it.
    pub(super) fn of(question: &str, found: &[Arc<Reading>], locale: &Locale) -> Self {
        let mut spelling = Self::default();
        let is_found = |stem: &String| found.iter().any(|reading| reading.stems.contains(stem));
        let words = words(question, locale).into_iter();
        for word in words.filter(|word| word.telling && !is_found(&word.stem)) {
            let known = found.iter().flat_map(|reading| &reading.words);
            match nearest(&word.text, known, locale) {
                Some(near) => spelling.read_as.push((word.text, near.to_owned())),
                None => spelling.unknown.push(word.text),
            }
        }
        spelling
    }

    /// The question as it is read.
    pub(super) fn read(&self, question: &str) -> String {
        self.read_as.iter().fold(question.to_owned(), |question, (typed, meant)| {
            let pieces = question.split_inclusive(|letter: char| !letter.is_alphanumeric());
            let pieces = pieces.map(|piece| {
                let word = piece.trim_end_matches(|letter: char| !letter.is_alphanumeric());
                let is_typed = plain_words(word) == [typed.as_str()];
                if is_typed { format!("{meant}{}", &piece[word.len()..]) } else { piece.to_owned() }
            });
            pieces.collect()
        })
    }

    /// Tells the reader, beside quotes, how words were read and what nothing is said of.
    pub(crate) fn tell(&self, answer: &mut Answer, asked: &str) {
        if answer.sentences.is_empty() {
            return;
        }
        let replies = replies::of(&answer.locale);
        let mut texts: Vec<String> = Vec::new();
        for (typed, meant) in &self.read_as {
            texts.push(replies.filled("read_as", &[("typed", typed), ("meant", meant)]));
        }
        let asking = plain_words(asking_part(asked));
        let quoted = |word: &String| format!("“{word}”");
        let is_told = |word: &String| answer.notices.iter().any(|n| n.text.contains(&quoted(word)));
        let missing: Vec<String> = self
            .unknown
            .iter()
            .filter(|word| word.chars().count() > 3 && asking.contains(word) && !is_told(word))
            .map(quoted)
            .collect();
        if !missing.is_empty() {
            texts.push(replies.filled("partial_words", &[("words", &missing.join(", "))]));
        }
        if !texts.is_empty() && answer.status == AnswerStatus::Answered {
            answer.status = AnswerStatus::Partial;
        }
        let notices = texts.into_iter().map(|text| Notice { kind: NoticeKind::Partial, text });
        answer.notices.extend(notices);
    }
}

/// The last sentence that ends as a question does, or all of a text without one: what comes before is
/// of the reader's circumstances.
fn asking_part(text: &str) -> &str {
    let Some(end) = text.rfind('?') else { return text };
    let begin = text[..end].rfind(['.', '!', '?']).map_or(0, |at| at + 1);
    &text[begin..=end]
}

/// The word among `known` that `word` is a slip for, if it is one. Numbers are meant as they stand, and
/// of Welsh too few words are known for two wrong letters to be safe.
fn nearest<'a>(
    word: &str,
    known: impl Iterator<Item = &'a String>,
    locale: &Locale,
) -> Option<&'a str> {
    let length = word.chars().count();
    if length < 4 || word.contains(|letter: char| letter.is_ascii_digit()) || is_common(word) {
        return None;
    }
    let limit = if length >= LONG && *locale != Locale::Cy { 2 } else { 1 };
    let first = word.chars().next();
    // A hearse is not what someone hears.
    let ends_alike = |other: &str| length >= LONG || other.chars().last() == word.chars().last();
    let alike = known.filter(|other| {
        let same_letters = || letters(word) == letters(other);
        other.chars().next() == first
            && other.chars().count().abs_diff(length) <= limit
            && (length >= LONG_ENOUGH && ends_alike(other) || same_letters())
    });
    alike
        .map(|other| (distance(word, other), other.as_str()))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, other)| other)
}

/// The letters of a word in order.
fn letters(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

/// How many letters must be added, left out, replaced or exchanged with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn slips_are_read_as_meant_and_words_as_they_stand() {
        let known = "council park certificat insted year badge house birth grant recycling hears";
        let known: BTreeSet<String> = known.split(' ').map(str::to_owned).collect();
        for (word, expected) in [
            ("coucil", Some("council")),
            ("cuoncil", Some("council")),
            ("pakr", Some("park")),
            ("recylcing", Some("recycling")),
            ("certifcat", Some("certificat")),
            ("parx", None),
            ("hearse", None),
            ("dark", None),
            ("tax", None),
            ("2026", None),
            ("counting", None),
            // Words that people write, one letter from others.
            ("badger", None),
            ("horse", None),
            ("birch", None),
            ("gran", None),
        ] {
            assert_eq!(nearest(word, known.iter(), &Locale::En), expected, "{word}");
        }
    }

    #[test]
    fn whole_words_alone_are_replaced() {
        let read_as = vec![("coucil".to_owned(), "council".to_owned())];
        let spelling = Spelling { read_as, unknown: Vec::new() };
        assert_eq!(
            spelling.read("Coucil tax? The coucil’s coucilor (coucil)."),
            "council tax? The council’s coucilor (council)."
        );
    }

    #[test]
    fn the_asking_part_is_the_last_question() {
        for (text, expected) in [
            ("My nan died. Who do I tell? It was today.", " Who do I tell?"),
            ("dead badger", "dead badger"),
            ("Is it? Or not?", " Or not?"),
        ] {
            assert_eq!(asking_part(text), expected);
        }
    }
}
