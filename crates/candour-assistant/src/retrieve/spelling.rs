//! Mistyped words: a word of the question that is nowhere is read as the nearest one that is somewhere.

use std::sync::Arc;

use candour_core::{Hit, Locale, SearchError, SearchQuery, Searcher};

use crate::compose::{Reading, Readings};
use crate::words::words;

/// How many unknown words are looked up by themselves.
const MOST_UNKNOWN: usize = 3;

/// The passages found, and those that a word found nowhere in them finds by itself: an index that
/// compares parts of words knows near spellings.
pub(super) fn vocabulary(
    searcher: &dyn Searcher,
    readings: &Readings,
    question: &str,
    hits: &[Hit],
    locale: &Locale,
) -> Result<Vec<Arc<Reading>>, SearchError> {
    let mut vocabulary: Vec<Arc<Reading>> = hits.iter().map(|hit| readings.of(hit)).collect();
    let unknown = unknown(question, &vocabulary, locale).into_iter();
    for word in unknown.filter(|word| may_be_mistyped(word)).take(MOST_UNKNOWN) {
        let query = SearchQuery { locale: Some(locale.clone()), ..SearchQuery::new(word, 3) };
        vocabulary.extend(searcher.search(&query)?.iter().map(|hit| readings.of(hit)));
    }
    Ok(vocabulary)
}

/// The question with mistyped words mended; `None` where there are none.
pub(super) fn mended(
    question: &str,
    vocabulary: &[Arc<Reading>],
    locale: &Locale,
) -> Option<String> {
    let lowered = question.to_lowercase();
    let mut mended = lowered.clone();
    for word in unknown(question, vocabulary, locale) {
        let known = vocabulary.iter().flat_map(|reading| &reading.words);
        if let Some(near) = nearest(&word, known) {
            mended = mended.replace(&word, near);
        }
    }
    (mended != lowered).then_some(mended)
}

/// The telling words of which no form is in the vocabulary.
fn unknown(question: &str, vocabulary: &[Arc<Reading>], locale: &Locale) -> Vec<String> {
    let is_known = |stem: &String| vocabulary.iter().any(|reading| reading.stems.contains(stem));
    let words = words(question, locale).into_iter();
    let unknown = words.filter(|word| word.telling && !is_known(&word.stem));
    unknown.map(|word| word.text).collect()
}

/// Short words are too near to others, and numbers are meant as they stand.
fn may_be_mistyped(word: &str) -> bool {
    word.chars().count() >= 4 && !word.starts_with(|c: char| c.is_ascii_digit())
}

/// The word among `known` that `word` most likely was meant to be, if one is near enough.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    if !may_be_mistyped(word) {
        return None;
    }
    let length = word.chars().count();
    let limit = if length >= 8 { 2 } else { 1 };
    let first = word.chars().next();
    known
        .filter(|other| {
            other.chars().next() == first && other.chars().count().abs_diff(length) <= limit
        })
        .filter(|other| other.chars().count() >= 4)
        .map(|other| (distance(word, other), other.as_str()))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, other)| other)
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
    fn mistyped_words_are_read_as_meant() {
        let known: BTreeSet<String> =
            ["council", "park", "certificat", "insted", "year"].map(str::to_owned).into();
        for (word, expected) in [
            ("coucil", Some("council")),
            ("cuoncil", Some("council")),
            ("pakr", Some("park")),
            ("certifcat", Some("certificat")),
            ("dark", None),
            ("tax", None),
            ("2026", None),
            ("counting", None),
        ] {
            assert_eq!(nearest(word, known.iter()), expected, "{word}");
        }
    }
}
