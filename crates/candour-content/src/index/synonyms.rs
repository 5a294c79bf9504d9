//! Words and phrases that readers and publishers use for the same thing, as a publisher lists them.
//!
//! The format is that of GOV.UK's own search: one rule a line, `- search: a, b c => x, y z`. Where a
//! question says what stands on the left, what stands on the right is looked for too. GOV.UK also has
//! rules for the text of documents (`index:`, `both:`); widening the question instead comes to the
//! same and leaves snapshots alone.

use std::collections::HashMap;

use super::words::words;

/// The rules of one publisher.
#[derive(Debug, Default, PartialEq)]
pub struct Synonyms {
    /// By the first word of what a question says.
    rules: HashMap<String, Vec<Rule>>,
}

/// A phrase of questions, and the phrases that mean the same.
#[derive(Debug, PartialEq)]
struct Rule {
    said: Vec<String>,
    meant: Vec<Vec<String>>,
}

/// Why a list of synonyms cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the synonyms is not a rule: write `- search: a, b => x, y`")]
pub struct SynonymsError {
    /// The line, from 1.
    pub line: usize,
}

impl Synonyms {
    /// Reads a list. Comments, empty lines and the `---` before the rules are passed over.
    pub fn parse(text: &str) -> Result<Self, SynonymsError> {
        let mut synonyms = Self::default();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') || line == "---" {
                continue;
            }
            synonyms.add(line).ok_or(SynonymsError { line: number })?;
        }
        Ok(synonyms)
    }

    fn add(&mut self, line: &str) -> Option<()> {
        let rule = line.strip_prefix("- ")?.split_once(':')?;
        if !matches!(rule.0.trim(), "search" | "index" | "both") {
            return None;
        }
        let (said, meant) = rule.1.trim().trim_matches(['"', '\'']).split_once("=>")?;
        let phrases = |list: &str| -> Vec<Vec<String>> {
            list.split(',').map(words).filter(|words| !words.is_empty()).collect()
        };
        let (said, meant) = (phrases(said), phrases(meant));
        if said.is_empty() || meant.is_empty() {
            return None;
        }
        for phrase in said {
            let others = meant.iter().filter(|other| **other != phrase).cloned().collect();
            let first = phrase.first()?.clone();
            self.rules.entry(first).or_default().push(Rule { said: phrase, meant: others });
        }
        Some(())
    }

    /// The phrases that mean the same as what `words` begin with, with how many words that is.
    pub(crate) fn at<'s>(
        &'s self,
        words: &'s [String],
    ) -> impl Iterator<Item = (usize, &'s Vec<String>)> {
        let rules = words.first().and_then(|word| self.rules.get(word)).into_iter().flatten();
        let said = rules.filter(|rule| words.starts_with(&rule.said));
        said.flat_map(|rule| rule.meant.iter().map(|meant| (rule.said.len(), meant)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(synonyms: &Synonyms, text: &str) -> Vec<(usize, String)> {
        synonyms.at(&words(text)).map(|(length, meant)| (length, meant.join(" "))).collect()
    }

    #[test]
    fn rules_are_read_as_gov_uk_writes_them() {
        let text = "---\n# Spellings\n- search: licence, license => licence, license\n\n\
            - both: practical test, practical tests => practical test, practical_driving_test\n\
            - search: \"p45 => leaving a job\"\n";
        let synonyms = Synonyms::parse(text).unwrap();
        assert_eq!(meant(&synonyms, "license fee"), [(1, "licence".to_owned())]);
        assert_eq!(
            meant(&synonyms, "practical tests today"),
            [(2, "practical test".to_owned()), (2, "practical driving test".to_owned())]
        );
        assert_eq!(meant(&synonyms, "P45"), [(1, "leaving a job".to_owned())]);
        assert!(meant(&synonyms, "practical").is_empty());
        assert!(meant(&synonyms, "").is_empty());
    }

    #[test]
    fn what_is_no_rule_is_named_by_line() {
        for (text, line) in [
            ("- search: a => b\nsearch: a => b", 2),
            ("- find: a => b", 1),
            ("\n- search: a, b", 2),
            ("- search: => b", 1),
            ("- search: a =>  ,", 1),
        ] {
            assert_eq!(Synonyms::parse(text), Err(SynonymsError { line }), "{text}");
        }
    }
}
