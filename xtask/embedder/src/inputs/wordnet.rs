//! WordNet: what English words mean, and sentences that use them. It covers what guidance does not,
//! so that a question in everyday words is understood.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::{Inputs, Pair};

/// What is taken of WordNet.
#[derive(Debug, Default)]
pub(crate) struct WordNet {
    /// The words of a sense, and what it means.
    pub(crate) glosses: Vec<Pair>,
    /// A sentence that uses the sense, and what it means.
    pub(crate) examples: Vec<Pair>,
    /// All its words of one part, in lower case.
    pub(crate) words: BTreeSet<String>,
}

/// Reads the four data files of WordNet 3.0. Senses without a word that `is_common` are left out:
/// they are the names of species, places and persons.
pub(crate) fn read(
    folder: &Path,
    is_common: impl Fn(&str) -> bool,
    inputs: &mut Inputs,
) -> Result<WordNet> {
    let mut wordnet = WordNet::default();
    for name in ["data.noun", "data.verb", "data.adj", "data.adv"] {
        let bytes = inputs.bytes(folder, name, "WordNet 3.0 licence (permissive)")?;
        for line in String::from_utf8_lossy(&bytes).lines() {
            if let Some(sense) = sense(line) {
                wordnet.add(&sense, &is_common);
            }
        }
    }
    Ok(wordnet)
}

/// A line of a data file (wndb(5WN)): a set of words with one meaning.
struct Sense<'a> {
    words: Vec<String>,
    meaning: &'a str,
    examples: Vec<&'a str>,
}

fn sense(line: &str) -> Option<Sense<'_>> {
    let (head, gloss) = line.split_once(" | ")?;
    let mut fields = head.split(' ').skip(3);
    let count = usize::from_str_radix(fields.next()?, 16).ok()?;
    let word = |field: &str| field.split('(').next().unwrap_or(field).replace('_', " ");
    let words: Vec<String> = fields.step_by(2).take(count).map(word).collect();
    let mut parts = gloss.trim().split("; \"");
    let meaning = parts.next()?;
    let examples = parts.map(|part| part.trim_matches(['"', ';', ' '])).collect();
    let is_sense = !words.is_empty() && !line.starts_with(' ') && !meaning.starts_with('"');
    is_sense.then_some(Sense { words, meaning, examples })
}

impl WordNet {
    fn add(&mut self, sense: &Sense<'_>, is_common: &impl Fn(&str) -> bool) {
        let lower = sense.words.iter().map(|word| word.to_lowercase());
        let single = lower.filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()));
        self.words.extend(single);
        let is_name = |word: &String| word.starts_with(char::is_uppercase);
        let is_known = |word: &String| word.split(' ').all(|part| is_common(&part.to_lowercase()));
        if sense.words.iter().any(is_name) || !sense.words.iter().any(is_known) {
            return;
        }
        let meaning = sense.meaning.to_owned();
        self.glosses.push(Pair { left: sense.words.join(", "), right: meaning.clone() });
        for example in sense.examples.iter().filter(|example| example.split(' ').count() >= 3) {
            self.examples.push(Pair { left: (*example).to_owned(), right: meaning.clone() });
        }
    }
}
