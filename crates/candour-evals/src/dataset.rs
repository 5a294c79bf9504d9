//! The queries of a retrieval benchmark in BEIR format, and which passages are relevant to each.
//!
//! Queries are JSON Lines of `_id`, `text` and, where it is known, `metadata.url`: the page that holds
//! the answer. Qrels are tab-separated rows of query, passage and grade. The corpus is left to whoever
//! builds the index.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::Path;

use candour_core::ContentHash;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::lines::{LineError, Lines};

/// No line of a query file or of qrels is nearly as long: longer ones are refused rather than held.
const LONGEST_LINE: u64 = 1 << 20;

/// Queries with what is relevant to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// In the order of their file; never empty.
    pub queries: Vec<Query>,
    /// Rows of the qrels that name a query which is not in the file.
    pub unknown_rows: usize,
}

/// One query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Names it within its dataset.
    pub id: String,
    /// What is asked.
    pub text: String,
    /// The address of the page that holds the answer, where the dataset says so.
    pub url: Option<String>,
    /// The grade of each judged passage: above 0 it is relevant, and a higher grade is worth more.
    pub grades: BTreeMap<String, f64>,
}

impl Dataset {
    /// Reads queries and qrels. A passage may be judged twice for a query, but not with two grades: which
    /// of them is meant nobody can tell.
    pub fn read(queries: &Path, qrels: &Path) -> Result<Self, DatasetError> {
        let queries = read_queries(queries)?;
        let mut dataset = Self { queries, unknown_rows: 0 };
        let places: HashMap<String, usize> =
            dataset.queries.iter().enumerate().map(|(at, query)| (query.id.clone(), at)).collect();
        for_each_line(qrels, LONGEST_LINE, |number, line| {
            let row = Judgement::parse(line);
            if number == 1 && row.is_err() && is_header(line) {
                return Ok(());
            }
            let judged = row.and_then(|row| {
                match places.get(row.query).and_then(|at| dataset.queries.get_mut(*at)) {
                    Some(query) => query.judge(row.passage, row.grade)?,
                    None => dataset.unknown_rows += 1,
                }
                Ok(())
            });
            judged.map_err(|why| DatasetError::row(qrels, number, why))
        })?;
        Ok(dataset)
    }
}

impl Query {
    fn judge(&mut self, passage: &str, grade: f64) -> Result<(), String> {
        match self.grades.insert(passage.to_owned(), grade) {
            Some(before) if (before - grade).abs() > 0.0 => Err(format!(
                "the passage {passage:?} has the score {grade} for the query {:?}, and {before} on a line before it",
                self.id
            )),
            _ => Ok(()),
        }
    }

    /// The hash of what is asked and what counts as found: results compare only where it is the same.
    pub fn hash(&self) -> ContentHash {
        let grades: Vec<(&[u8], [u8; 8])> = self
            .grades
            .iter()
            .map(|(passage, grade)| (passage.as_bytes(), grade.to_be_bytes()))
            .collect();
        let url = self.url.as_deref().unwrap_or_default();
        let judged = grades.iter().flat_map(|(passage, grade)| [*passage, grade.as_slice()]);
        ContentHash::of_list([self.text.as_bytes(), url.as_bytes()].into_iter().chain(judged))
    }
}

fn read_queries(path: &Path) -> Result<Vec<Query>, DatasetError> {
    let mut queries = Vec::new();
    let mut ids = BTreeSet::new();
    for_each_line(path, LONGEST_LINE, |number, line| {
        let row: Row = object(line).map_err(|why| DatasetError::row(path, number, why))?;
        if row.id.is_empty() {
            return Err(DatasetError::row(path, number, "`_id` is empty"));
        }
        if !ids.insert(row.id.clone()) {
            let why = format!("another query before it has the `_id` {:?}", row.id);
            return Err(DatasetError::row(path, number, why));
        }
        let url = Some(row.metadata.url).filter(|url| !url.is_empty());
        queries.push(Query { id: row.id, text: row.text, url, grades: BTreeMap::new() });
        Ok(())
    })?;
    if queries.is_empty() {
        return Err(DatasetError::NoQueries { path: path.display().to_string() });
    }
    Ok(queries)
}

/// Reads a line that is a JSON object. An array of as many values would be taken for one, by the order of
/// its fields.
pub(crate) fn object<T: DeserializeOwned>(line: &str) -> Result<T, String> {
    if line.trim_start().starts_with('[') {
        return Err("a JSON array where there should be an object".to_owned());
    }
    serde_json::from_str(line).map_err(|error| error.to_string())
}

/// A line of a query file.
#[derive(Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    text: String,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    url: String,
}

/// A row of the qrels.
struct Judgement<'a> {
    query: &'a str,
    passage: &'a str,
    grade: f64,
}

impl<'a> Judgement<'a> {
    fn parse(line: &'a str) -> Result<Self, String> {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let [query, passage, grade] = cells[..] else {
            return Err(format!(
                "{} cells where there should be 3, separated by tabs: query, passage and score",
                cells.len()
            ));
        };
        if query.is_empty() || passage.is_empty() {
            return Err("the query or the passage is empty".to_owned());
        }
        let grade = grade.parse().ok().filter(|grade: &f64| grade.is_finite());
        let grade = grade.ok_or_else(|| format!("the score {:?} is not a number", cells[2]))?;
        Ok(Self { query, passage, grade })
    }
}

/// What the columns of qrels are called, without hyphens and underscores: query, passage and score.
const COLUMNS: [&[&str]; 3] = [
    &["query", "queryid", "qid", "topic", "topicid"],
    &["corpusid", "doc", "docid", "docno", "document", "documentid", "passage", "passageid", "pid"],
    &["score", "relevance", "rel", "grade", "label", "judgement", "judgment"],
];

/// Whether a line of the qrels names the columns. A row that went wrong must not pass for one: it would
/// be gone, and nobody would know.
fn is_header(line: &str) -> bool {
    let plain = |cell: &str| cell.trim().to_lowercase().replace(['-', '_', ' '], "");
    let cells: Vec<String> = line.split('\t').map(plain).collect();
    let is_name = |(cell, names): (&String, &[&str])| names.contains(&cell.as_str());
    cells.len() == COLUMNS.len() && cells.iter().zip(COLUMNS).all(is_name)
}

/// Gives each line that is not blank, with its number. None may be longer than so many bytes.
pub(crate) fn for_each_line(
    path: &Path,
    longest: u64,
    mut line: impl FnMut(u64, &str) -> Result<(), DatasetError>,
) -> Result<(), DatasetError> {
    let unreadable = |error| DatasetError::Unreadable { path: path.display().to_string(), error };
    let mut lines = Lines::open(path, longest).map_err(unreadable)?;
    loop {
        match lines.next() {
            Ok(Some(found)) => line(found.number, found.text)?,
            Ok(None) => return Ok(()),
            Err(LineError::Io(error)) => return Err(unreadable(error)),
            Err(LineError::Row(number, why)) => return Err(DatasetError::row(path, number, why)),
        }
    }
}

/// Why a dataset cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// A file cannot be read.
    #[error("{path} cannot be read ({error}): check the name")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// A row is not what it should be.
    #[error("{path} line {line}: {why}; mend the line, or leave it out")]
    Row {
        /// The file.
        path: String,
        /// The number of the line, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// There is nothing to ask.
    #[error("{path} has no queries: each line is a JSON object with `_id` and `text`")]
    NoQueries {
        /// The file.
        path: String,
    },
}

impl DatasetError {
    pub(crate) fn row(path: &Path, line: u64, why: impl Into<String>) -> Self {
        Self::Row { path: path.display().to_string(), line, why: why.into() }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const QUERIES: &str = "{\"_id\":\"a\",\"text\":\"How?\",\"metadata\":{\"url\":\"/p\"}}\n\n{\"_id\":\"b\",\"text\":\"\"}\n";

    /// Reads these texts as files, the folder's name taken out of any error.
    fn read(queries: &str, qrels: &str) -> Result<Dataset, String> {
        let folder = tempfile::tempdir().unwrap();
        let (asked, judged) = (folder.path().join("q.jsonl"), folder.path().join("r.tsv"));
        fs::write(&asked, queries).unwrap();
        fs::write(&judged, qrels).unwrap();
        let place = format!("{}/", folder.path().display());
        Dataset::read(&asked, &judged).map_err(|error| error.to_string().replace(&place, ""))
    }

    #[test]
    fn qrels_are_read_with_and_without_a_header() {
        for header in [
            "",
            "query-id\tcorpus-id\tscore\n",
            "\u{feff}query\tpassage\trel\r\n",
            "qid\tDocID\trelevance\n",
            "query_id\tdoc_id\tLabel \n",
        ] {
            // One row stands there twice, which is no contradiction.
            let rows = "a\tp1\t2\r\na\tp2\t0\nzz\tp1\t1\na\tp1\t2.0\n";
            let dataset = read(QUERIES, &format!("{header}{rows}")).unwrap();
            assert_eq!(dataset.unknown_rows, 1);
            let [first, second] = &dataset.queries[..] else { panic!("{dataset:?}") };
            let grades = BTreeMap::from([("p1".to_owned(), 2.0), ("p2".to_owned(), 0.0)]);
            assert_eq!((first.url.as_deref(), &first.grades), (Some("/p"), &grades));
            assert_eq!((second.url.as_deref(), second.grades.len()), (None, 0));
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_file_and_line() {
        let many = format!("{QUERIES}{{\"_id\":\"a\",\"text\":\"Again?\"}}");
        let long = format!("{{\"_id\":\"{}\",\"text\":\"\"}}", "x".repeat(1 << 20));
        let cases = [
            ("", "", "q.jsonl has no queries"),
            ("{\"_id\":\"a\"}", "", "q.jsonl line 1: missing field `text`"),
            ("{\"_id\":\"\",\"text\":\"\"}", "", "q.jsonl line 1: `_id` is empty"),
            (&many, "", "q.jsonl line 4: another query before it has the `_id` \"a\""),
            (&long, "", "q.jsonl line 1: longer than"),
            (
                "[\"a\",\"How?\"]",
                "",
                "q.jsonl line 1: a JSON array where there should be an object",
            ),
            (QUERIES, "a\tp1\t1\na\tp2\n", "r.tsv line 2: 2 cells where there should be 3"),
            (QUERIES, "a p1 1\n", "r.tsv line 1: 1 cells"),
            (QUERIES, "a\tp1\t\n", "r.tsv line 1: the score \"\" is not a number"),
            (QUERIES, "a\tp1\t1\na\tp2\thigh\n", "r.tsv line 2: the score \"high\""),
            (QUERIES, "a\tp1\t1\nb\tp1\t1e999\n", "r.tsv line 2: the score \"1e999\""),
            (QUERIES, "a\t\t1\n", "r.tsv line 1: the query or the passage is empty"),
            (QUERIES, "a\tzzz\nb\tp1\t1\n", "r.tsv line 1: 2 cells where there should be 3"),
            (QUERIES, "garbage\nb\tp1\t1\n", "r.tsv line 1: 1 cells"),
            (QUERIES, "a\tp1\thigh\nb\tp1\t1\n", "r.tsv line 1: the score \"high\""),
            (QUERIES, "a\tp1\tNaN\nb\tp1\t1\n", "r.tsv line 1: the score \"NaN\""),
            (QUERIES, "a\tp1\tscore\nb\tp1\t1\n", "r.tsv line 1: the score \"score\""),
            (QUERIES, "query-id\tscore\nb\tp1\t1\n", "r.tsv line 1: 2 cells"),
            (QUERIES, "score\tdocid\tqid\nb\tp1\t1\n", "r.tsv line 1: the score \"qid\""),
            (QUERIES, "query-id\titer\tdocid\trel\n", "r.tsv line 1: 4 cells"),
            (QUERIES, "a\tp1\t1\nqid\tdocid\trel\n", "r.tsv line 2: the score \"rel\""),
            (
                QUERIES,
                "a\tp1\t2\nb\tp1\t1\na\tp1\t1\n",
                "r.tsv line 3: the passage \"p1\" has the score 1 for the query \"a\", and 2 on a line before",
            ),
        ];
        for (queries, qrels, expected) in cases {
            let error = read(queries, qrels).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let asked = folder.path().join("q.jsonl");
        fs::write(&asked, QUERIES).unwrap();
        for (queries, qrels) in [("none", "q.jsonl"), ("q.jsonl", "none"), ("q.jsonl", ".")] {
            let found = Dataset::read(&folder.path().join(queries), &folder.path().join(qrels));
            let error = found.unwrap_err().to_string();
            assert!(error.contains("cannot be read"), "{error}");
        }
    }

    #[test]
    fn the_hash_covers_text_page_and_grades() {
        let query = |text: &str, url: Option<&str>, grades: &[(&str, f64)]| Query {
            id: "q".into(),
            text: text.into(),
            url: url.map(Into::into),
            grades: grades.iter().map(|(passage, grade)| ((*passage).into(), *grade)).collect(),
        };
        let hashes = BTreeSet::from([
            query("a", None, &[]).hash(),
            query("b", None, &[]).hash(),
            query("a", Some("/p"), &[]).hash(),
            query("a", None, &[("p", 1.0)]).hash(),
            query("a", None, &[("p", 2.0)]).hash(),
        ]);
        assert_eq!(hashes.len(), 5);
    }
}
