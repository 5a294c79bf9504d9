//! How well the parts of pages that answer are told from the rest: blocks of HTML, ranked for each
//! question, against those that the question's authors marked as evidence.
//!
//! The data are in the form of ConditionalQA (Sun, Cohen and Salakhutdinov, 2022): whole pages as lists
//! of blocks, and questions with blocks of evidence. Building an index of them, and ranking, is left to
//! whoever measures.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::dataset::{DatasetError, for_each_line, object};
use crate::statistics::{Clusters, Mean};

/// The longest page has some 100,000 letters.
const LONGEST_LINE: u64 = 1 << 24;
/// What intervals are drawn from; any other number would do as well.
const SEED: u64 = 20_261_126;

/// A whole page, block by block.
#[derive(Debug, Clone, Deserialize)]
pub struct BlockPage {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its blocks as HTML, headings among them, in order.
    #[serde(rename = "contents")]
    pub blocks: Vec<String>,
}

/// A question with its evidence.
#[derive(Debug, Clone, Deserialize)]
pub struct BlockQuestion {
    /// The page that it is about.
    pub url: String,
    /// What the person tells of themselves.
    #[serde(default)]
    pub scenario: String,
    /// What they ask.
    pub question: String,
    /// The blocks that answer, as HTML.
    #[serde(rename = "evidences")]
    pub evidence: Vec<String>,
}

/// A part of a page as a ranking names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The address of its page.
    pub url: String,
    /// Its words: a block's, or those of a part of one.
    pub text: String,
}

/// What is measured of a ranking.
pub const MEASURES: [&str; 4] = ["hit@1", "hit@3", "hit@5", "recall@5"];

/// Reads whole pages.
pub fn pages(path: &Path) -> Result<Vec<BlockPage>, BlocksError> {
    Ok(rows(path)?)
}

/// Reads the questions that have evidence.
pub fn questions(path: &Path) -> Result<Vec<BlockQuestion>, BlocksError> {
    let mut questions: Vec<BlockQuestion> = rows(path)?;
    questions.retain(|question| !question.evidence.is_empty());
    if questions.is_empty() {
        return Err(BlocksError::NoQuestions { path: path.display().to_string() });
    }
    Ok(questions)
}

/// Measures a ranking of each question. `ranked` gives the parts for a question, best first; parts of
/// one block count as that block, once.
pub fn measure<E>(
    pages: &[BlockPage],
    questions: &[BlockQuestion],
    mut ranked: impl FnMut(&BlockQuestion) -> Result<Vec<Part>, E>,
) -> Result<BTreeMap<&'static str, Mean>, E> {
    let blocks: BTreeMap<&str, Vec<String>> = pages
        .iter()
        .map(|page| (page.url.as_str(), page.blocks.iter().map(|block| words(block)).collect()))
        .collect();
    let mut values: BTreeMap<&'static str, Vec<(&str, f64)>> = BTreeMap::new();
    for question in questions {
        let evidence: BTreeSet<String> =
            question.evidence.iter().map(|block| words(block)).collect();
        let parts = ranked(question)?;
        let found = found(&blocks, &parts);
        let hits = |depth: usize| -> BTreeSet<&String> {
            let first = found.iter().take(depth);
            let of_page = first.filter(|(url, _)| *url == question.url).map(|(_, block)| block);
            of_page.filter(|block| evidence.contains(*block)).collect()
        };
        let hit = |depth: usize| f64::from(u8::from(!hits(depth).is_empty()));
        let recall = hits(5).len() as f64 / evidence.len() as f64;
        for (name, value) in MEASURES.into_iter().zip([hit(1), hit(3), hit(5), recall]) {
            values.entry(name).or_default().push((&question.url, value));
        }
    }
    let mean = |(name, values): (&'static str, Vec<(&str, f64)>)| {
        Some((name, values.into_iter().collect::<Clusters>().mean(Some([0.0, 1.0]), SEED)?))
    };
    Ok(values.into_iter().filter_map(mean).collect())
}

/// The blocks that the parts stand in with their pages, each once. A part of a page that is not known by its blocks is a
/// block of its own.
fn found<'a>(pages: &BTreeMap<&str, Vec<String>>, parts: &'a [Part]) -> Vec<(&'a str, String)> {
    let mut found = Vec::new();
    for part in parts {
        let text = words(&part.text);
        let blocks = pages.get(part.url.as_str()).map(Vec::as_slice).unwrap_or_default();
        // A short item may stand in a longer block too: the one that is nearest in length is meant.
        let holding = blocks.iter().filter(|block| block.contains(&text));
        let block = holding.min_by_key(|block| block.len()).unwrap_or(&text);
        let block = (part.url.as_str(), block.clone());
        if !found.contains(&block) {
            found.push(block);
        }
    }
    found
}

/// The letters and digits of a block, without tags: spaces and signs are not the same wherever a page
/// was taken apart.
fn words(block: &str) -> String {
    let mut in_tag = false;
    let outside = block.chars().filter(|letter| {
        let is_outside = !in_tag && *letter != '<';
        in_tag = !is_outside && *letter != '>';
        is_outside
    });
    outside.filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, DatasetError> {
    let mut rows = Vec::new();
    for_each_line(path, LONGEST_LINE, |number, line| {
        rows.push(object(line).map_err(|why| DatasetError::row(path, number, why))?);
        Ok(())
    })?;
    Ok(rows)
}

/// Why there is nothing to measure with.
#[derive(Debug, thiserror::Error)]
pub enum BlocksError {
    /// A file cannot be used.
    #[error(transparent)]
    Rows(#[from] DatasetError),
    /// There is nothing to ask.
    #[error("{path} has no question with `evidences`: name a file that has")]
    NoQuestions {
        /// The file.
        path: String,
    },
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::fs;

    use super::*;

    const PAGE: &str = r#"{"url":"/a","title":"A","contents":["<h1>Who</h1>","<p>You pay <b>£2</b>. It is due in May.</p>","<li>You</li>","<tr><td>Band D</td><td>£9</td></tr>"]}"#;
    const QUESTIONS: &str = r#"{"url":"/a","question":"How much?","evidences":["<p>You pay <b>£2</b>. It is due in May.</p>","<li>You</li>"]}
{"url":"/a","question":"Nothing?","evidences":[]}"#;

    fn read(pages: &str, asked: &str) -> Result<(Vec<BlockPage>, Vec<BlockQuestion>), BlocksError> {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        Ok((super::pages(&file("p", pages))?, questions(&file("q", asked))?))
    }

    #[test]
    fn parts_count_as_the_blocks_that_they_stand_in() {
        let (pages, questions) = read(PAGE, QUESTIONS).unwrap();
        assert_eq!(questions.len(), 1, "a question without evidence has nothing to find");
        for (parts, expected) in [
            (vec!["It is due in May."], [1.0, 1.0, 1.0, 0.5]),
            (vec!["Band D | £9", "You pay £2.", "It is due in May."], [0.0, 1.0, 1.0, 0.5]),
            (vec!["You pay £2.", "It is due in May.", "You"], [1.0, 1.0, 1.0, 1.0]),
            (vec!["Band D | £9", "Who", "elsewhere", "You"], [0.0, 0.0, 1.0, 0.5]),
            (vec![], [0.0; 4]),
        ] {
            let part = |text: &&str| Part { url: "/a".into(), text: (*text).to_owned() };
            let ranked = |_: &BlockQuestion| Ok::<_, Infallible>(parts.iter().map(part).collect());
            let Ok(means) = measure(&pages, &questions, ranked);
            let values = MEASURES.map(|name| means[name].value);
            assert_eq!(format!("{values:?}"), format!("{expected:?}"), "{parts:?}");
        }
    }

    #[test]
    fn the_same_words_on_another_page_are_no_evidence_of_this_one() {
        let other = PAGE.replace("\"/a\"", "\"/b\"");
        let (pages, questions) = read(&format!("{PAGE}\n{other}"), QUESTIONS).unwrap();
        let part = |url: &str| Part { url: url.into(), text: "You".into() };
        let ranked = |_: &BlockQuestion| Ok::<_, Infallible>(vec![part("/b"), part("/a")]);
        let Ok(means) = measure(&pages, &questions, ranked);
        let values = MEASURES.map(|name| means[name].value);
        assert_eq!(format!("{values:?}"), "[0.0, 1.0, 1.0, 0.5]");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let error = |pages, asked| read(pages, asked).unwrap_err().to_string();
        assert!(error("{}", QUESTIONS).contains("p line 1: missing field `url`"));
        assert!(error(PAGE, "[\"/a\",\"\",\"How?\",[\"x\"]]").contains("q line 1: a JSON array"));
        assert!(error(PAGE, "{\"url\":\"/a\"}").contains("q line 1: missing field `question`"));
        assert!(error(PAGE, "").contains("q has no question with `evidences`"));
    }
}
