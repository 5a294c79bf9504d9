//! What one searcher found for every query, kept in a file so that another can be compared with it.
//!
//! The file is JSON Lines: what was measured, then a line for each query. Two runs are compared query
//! by query, never by their means alone.

mod about;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use candour_core::ContentHash;
use serde::{Deserialize, Serialize};

pub use self::about::{About, HintHashes, Otherwise};
use crate::retrieval::{Metric, Ranked, Scores};
use crate::statistics::{Clusters, Mean};

/// The first line of every run file says so.
const FORMAT: &str = "candour-retrieval-run-1";
/// What intervals are drawn from; any other number would do as well.
const SEED: u64 = 20_261_125;

/// What one searcher found for every query.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What was measured.
    pub about: About,
    /// In the order in which they were asked.
    pub queries: Vec<Answered>,
}

/// What was found for one query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// The query.
    pub id: String,
    /// The page that the dataset says it is about. Queries about one page are not independent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The hash of what was asked and of what counts as found.
    pub hash: ContentHash,
    /// How good it is.
    pub metrics: Scores,
    /// Best first.
    pub found: Vec<Ranked>,
}

impl Answered {
    /// What the query has in common with others: the page it is about, else nothing but its own name.
    fn cluster(&self) -> (Option<&str>, &str) {
        let url = self.url.as_deref();
        (url, if url.is_some() { "" } else { &self.id })
    }
}

/// The first line of a run file.
#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    queries: usize,
    #[serde(flatten)]
    about: About,
}

impl Run {
    /// The mean of a metric over the queries that have it; nothing where none has.
    pub fn mean(&self, metric: Metric) -> Option<Mean> {
        let having = self.queries.iter();
        let having =
            having.filter_map(|query| Some((query.cluster(), *query.metrics.get(&metric)?)));
        having.collect::<Clusters>().mean(Some([0.0, 1.0]), SEED)
    }

    /// How many queries have a metric.
    pub fn count(&self, metric: Metric) -> usize {
        self.queries.iter().filter(|query| query.metrics.contains_key(&metric)).count()
    }

    /// How many pages the queries are about; one that names no page stands for itself.
    pub fn clusters(&self) -> usize {
        self.queries.iter().map(Answered::cluster).collect::<BTreeSet<_>>().len()
    }

    /// How much better this run is than an `earlier` one, metric by metric. The difference is taken for
    /// each query, so that what makes a query hard for both runs stays out of the interval. Where all
    /// differences are alike, as those of a run with itself, there is none.
    pub fn difference(&self, earlier: &Self) -> Result<BTreeMap<Metric, Mean>, RunError> {
        let before = self.matching(earlier)?;
        let difference = |metric: Metric| {
            let differences = self.queries.iter().filter_map(|query| {
                let before = before.get(query.id.as_str())?.metrics.get(&metric)?;
                Some((query.cluster(), query.metrics.get(&metric)? - before))
            });
            Some((metric, differences.collect::<Clusters>().mean(None, SEED)?))
        };
        Ok(Metric::ALL.into_iter().filter_map(difference).collect())
    }

    /// The queries of an earlier run by their names, where they are the same queries as in this one.
    fn matching<'a>(&self, earlier: &'a Self) -> Result<BTreeMap<&'a str, &'a Answered>, RunError> {
        let before: BTreeMap<&str, &Answered> =
            earlier.queries.iter().map(|query| (query.id.as_str(), query)).collect();
        let now: BTreeSet<&str> = self.queries.iter().map(|query| query.id.as_str()).collect();
        let new = now.iter().copied().filter(|id| !before.contains_key(id));
        let gone = before.keys().copied().filter(|id| !now.contains(id));
        let unmatched: Vec<&str> = new.chain(gone).collect();
        if !unmatched.is_empty() {
            return Err(RunError::OtherQueries { count: unmatched.len(), first: some(&unmatched) });
        }
        let changed: Vec<&str> = self
            .queries
            .iter()
            .filter(|query| before.get(query.id.as_str()).is_none_or(|b| b.hash != query.hash))
            .map(|query| query.id.as_str())
            .collect();
        if !changed.is_empty() {
            return Err(RunError::Changed { count: changed.len(), first: some(&changed) });
        }
        Ok(before)
    }

    /// Writes the run. What was in the file stays until the new one is whole.
    pub fn save(&self, path: &Path) -> Result<(), RunError> {
        let unsaved = |error| RunError::Unsaved { path: path.display().to_string(), error };
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = path.with_file_name(name);
        self.write(&part).and_then(|()| std::fs::rename(&part, path)).map_err(|error| {
            // What could not be written is of no use; that it stays is no worse than the failure.
            let _ = std::fs::remove_file(&part);
            unsaved(error)
        })
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        let (format, about) = (FORMAT.to_owned(), self.about.clone());
        let header = Header { format, queries: self.queries.len(), about };
        serde_json::to_writer(&mut file, &header)?;
        file.write_all(b"\n")?;
        for query in &self.queries {
            serde_json::to_writer(&mut file, query)?;
            file.write_all(b"\n")?;
        }
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }

    /// Reads a run that was saved.
    pub fn read(path: &Path) -> Result<Self, RunError> {
        let name = || path.display().to_string();
        let unreadable = |error| RunError::Unreadable { path: name(), error };
        let damaged = |line: usize, why: String| RunError::Damaged { path: name(), line, why };
        let mut lines = BufReader::new(File::open(path).map_err(unreadable)?).lines();
        let first = lines.next().transpose().map_err(unreadable)?.unwrap_or_default();
        let header: Header =
            serde_json::from_str(&first).map_err(|_| RunError::NotARun { path: name() })?;
        if header.format != FORMAT {
            return Err(RunError::NotARun { path: name() });
        }
        let mut queries = Vec::new();
        for (line, number) in lines.zip(2..) {
            let query = serde_json::from_str(&line.map_err(unreadable)?);
            queries.push(query.map_err(|error| damaged(number, error.to_string()))?);
        }
        if queries.len() != header.queries {
            let why = format!("{} queries where there should be {}", queries.len(), header.queries);
            return Err(damaged(queries.len() + 1, why));
        }
        Ok(Self { about: header.about, queries })
    }
}

/// The first few names, for people.
fn some(names: &[&str]) -> String {
    let more = if names.len() > 3 { "…" } else { "" };
    names.iter().take(3).copied().collect::<Vec<_>>().join(", ") + more
}

/// Why a run cannot be kept, read or compared.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It cannot be written.
    #[error("the run cannot be saved as {path}: {error}")]
    Unsaved {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// The file cannot be read.
    #[error("the run {path} cannot be read: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// The file is something else.
    #[error("{path} is not a run: give a file that was written with --save")]
    NotARun {
        /// The file.
        path: String,
    },
    /// A line cannot be read.
    #[error("the run {path} is damaged at line {line} ({why}): save it again")]
    Damaged {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The runs are of different queries.
    #[error(
        "the runs are of different queries, {count} of them in one run only ({first}): compare runs of the same queries"
    )]
    OtherQueries {
        /// How many.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// Queries of one name ask something else, or something else counts as found.
    #[error(
        "the text or the qrels of {count} of the queries are not those of the earlier run ({first}): save a run with these files, and compare with that"
    )]
    Changed {
        /// How many.
        count: usize,
        /// The first of them.
        first: String,
    },
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::statistics::NoInterval;

    fn run(queries: &[(&str, &str, f64)]) -> Run {
        let hints = Some(HintHashes::default());
        let about = About { embedder: "e".into(), snapshot: "s".into(), depth: 10, hints };
        let answered = |(id, text, value): &(&str, &str, f64)| Answered {
            id: (*id).to_owned(),
            url: None,
            hash: ContentHash::of(text.as_bytes()),
            metrics: Scores::from([(Metric::Ndcg10, *value)]),
            found: vec![Ranked {
                passage: "p#0".into(),
                page: "p".into(),
                score: 0.1 + *value as f32,
            }],
        };
        Run { about, queries: queries.iter().map(answered).collect() }
    }

    #[test]
    fn what_is_saved_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.run");
        let saved = run(&[("a", "A", 0.333_333_333_333), ("b", "B", 1.0)]);
        for _ in 0..2 {
            saved.save(&path).unwrap();
            assert_eq!(Run::read(&path).unwrap(), saved);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left behind");
    }

    #[test]
    fn what_is_no_whole_run_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.run");
        run(&[("a", "A", 0.5), ("b", "B", 1.0)]).save(&path).unwrap();
        let whole = fs::read_to_string(&path).unwrap();
        let cases = [
            (String::new(), "is not a run"),
            ("{\"ndcg@10\":{}}".to_owned(), "is not a run"),
            (whole.replace("-run-1", "-run-9"), "is not a run"),
            (whole.lines().take(2).collect::<Vec<_>>().join("\n"), "damaged at line 2 (1 queries"),
            (whole[..whole.len() - 4].to_owned(), "damaged at line 3"),
        ];
        for (text, expected) in cases {
            fs::write(&path, &text).unwrap();
            let error = Run::read(&path).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let missing = folder.path().join("none/a.run");
        assert!(matches!(Run::read(&missing), Err(RunError::Unreadable { .. })));
        assert!(matches!(run(&[]).save(&missing), Err(RunError::Unsaved { .. })));
    }

    #[test]
    fn runs_are_compared_query_by_query() {
        let before = run(&[("a", "A", 0.0), ("b", "B", 0.5)]);
        let after = run(&[("b", "B", 0.75), ("a", "A", 0.75)]);
        let difference = after.difference(&before).unwrap();
        let expected = Mean { value: 0.5, low: Some(0.25), high: Some(0.75), note: None };
        assert_eq!(difference, BTreeMap::from([(Metric::Ndcg10, expected)]));
        let alike = run(&[("a", "A", 0.5), ("b", "B", 1.0)]).difference(&before).unwrap();
        let expected = Mean { low: None, high: None, note: Some(NoInterval::NoSpread), ..expected };
        assert_eq!(alike, BTreeMap::from([(Metric::Ndcg10, expected)]));
        assert_eq!((after.count(Metric::Ndcg10), after.count(Metric::Mrr10)), (2, 0));
        assert_eq!(after.mean(Metric::Ndcg10).map(|mean| mean.value), Some(0.75));
        assert_eq!(after.mean(Metric::Mrr10), None);
    }

    #[test]
    fn other_queries_are_not_compared() {
        let now = run(&[("a", "A", 0.0), ("b", "B", 0.5)]);
        let fewer = now.difference(&run(&[("a", "A", 0.0)])).unwrap_err();
        insta::assert_snapshot!(fewer, @"the runs are of different queries, 1 of them in one run only (b): compare runs of the same queries");
        let other = now.difference(&run(&[("a", "X", 0.0), ("b", "B", 0.5)])).unwrap_err();
        insta::assert_snapshot!(other, @"the text or the qrels of 1 of the queries are not those of the earlier run (a): save a run with these files, and compare with that");
    }
}
