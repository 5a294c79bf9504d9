//! Words that the index does not know, read as the words that were most likely meant.
//!
//! The guidance itself is the dictionary. Short words, and all that hold a digit, are left as they were
//! typed: `SA100` and `SA101` are two forms.

use tantivy::query::FuzzyTermQuery;
use tantivy::{TantivyError, Term};

use super::error::IndexError;
use super::text::{TextFields, WordIndex};

/// A word must be this long to be mended at all, and this long for two letters to be wrong.
const SHORTEST: usize = 4;
const LONG: usize = 8;
/// How many words it may have been.
const MOST: usize = 3;

impl WordIndex {
    /// The words of the guidance that are spelt most like `word` and begin like it, the commonest first.
    pub(super) fn spelt_alike(
        &self,
        fields: TextFields,
        word: &str,
    ) -> Result<Vec<String>, IndexError> {
        let length = word.chars().count();
        if length < SHORTEST || word.chars().any(|letter| letter.is_ascii_digit()) {
            return Ok(Vec::new());
        }
        let most = if length >= LONG { 2 } else { 1 };
        for distance in 1..=most {
            let near = self.within(fields, word, distance).map_err(|e| IndexError::words(&e))?;
            if !near.is_empty() {
                return Ok(near);
            }
        }
        Ok(Vec::new())
    }

    fn within(
        &self,
        fields: TextFields,
        word: &str,
        distance: u8,
    ) -> Result<Vec<String>, TantivyError> {
        let mut near: Vec<(u32, String)> = Vec::new();
        for segment in self.searcher.segment_readers() {
            let term = Term::from_field_text(fields.body, word);
            // A letter exchanged with its neighbour is one mistake.
            let automaton = FuzzyTermQuery::new(term, distance, true).automaton()?;
            let index = segment.inverted_index(fields.body)?;
            let mut words = index.terms().search(automaton).into_stream()?;
            while words.advance() {
                let Ok(other) = std::str::from_utf8(words.key()) else { continue };
                if other.chars().next() == word.chars().next() {
                    near.push((words.value().doc_freq, other.to_owned()));
                }
            }
        }
        near.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let mut near: Vec<String> = near.into_iter().map(|(_, word)| word).collect();
        near.dedup();
        near.truncate(MOST);
        Ok(near)
    }
}

#[cfg(test)]
mod tests {
    use candour_core::{Locale, SearchQuery, Searcher as _};

    use super::super::tests::{build, open, page};

    #[test]
    fn misspelt_words_are_read_as_meant_and_form_numbers_as_typed() {
        let state = tempfile::tempdir().unwrap();
        let mut welsh = page("/cy", "Treth", &[("", "Talu’r dreth gyngor bob mis.")]);
        welsh.page.locale = Locale::Cy;
        welsh.passages[0].locale = Locale::Cy;
        build(
            state.path(),
            &[
                page("/p50", "Form P50", &[("", "Claim tax back when you stop work.")]),
                page("/p55", "Form P55", &[("", "Claim tax back on a pension.")]),
                page("/teeth", "Dentists", &[("", "Have your teeth examined by a dentist.")]),
                page("/badge", "Blue Badges", &[("", "Park in disabled bays.")]),
                welsh,
            ],
        );
        let index = open(state.path());
        for (text, first, coverage) in [
            ("dentits", "/teeth#0", 0.9),
            ("dentsit teath", "/teeth#0", 0.9),
            ("disabeld", "/badge#0", 0.9),
            ("p 55", "/p55#0", 0.0),
            ("P50", "/p50#0", 0.9),
            // No English word is seen in a Welsh one.
            ("sut mae talu treth", "/cy#0", 0.4),
        ] {
            let hits = index.search(&SearchQuery::new(text, 3)).unwrap();
            assert_eq!(hits[0].passage.id.as_str(), first, "{text}");
            assert!(hits[0].coverage >= coverage * 0.6, "{text}: {}", hits[0].coverage);
        }
        // A short word is left as it is typed.
        let hits = index.search(&SearchQuery::new("bag", 3)).unwrap();
        assert!(hits.iter().all(|hit| hit.coverage < 0.1));
    }
}
