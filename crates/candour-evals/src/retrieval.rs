//! How well passages, and the pages that they are part of, are found.
//!
//! The measures are those of trec_eval: a grade is the gain itself, discounted by the logarithm of the
//! rank. A page's rank is its place among the pages found, in the order of their first passages.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use candour_core::{Hit, Page, SearchError, SearchQuery, Searcher};
use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, Query};
use crate::run::{About, Answered, HintHashes, Run};

/// What is measured of each query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Metric {
    /// The discounted gain of the first ten passages against the best possible.
    Ndcg10,
    /// The share of the relevant passages among the first five.
    Recall5,
    /// The share of the relevant passages among the first ten.
    Recall10,
    /// One over the rank of the first relevant passage among the first ten, else 0.
    Mrr10,
    /// The share of the relevant pages that come first.
    PageRecall1,
    /// The share of the relevant pages among the first five.
    PageRecall5,
    /// The discounted gain of the first ten pages against the best possible, each page alike.
    PageNdcg10,
}

impl Metric {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Ndcg10,
        Self::Recall5,
        Self::Recall10,
        Self::Mrr10,
        Self::PageRecall1,
        Self::PageRecall5,
        Self::PageNdcg10,
    ];

    /// Its name in reports and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ndcg10 => "ndcg@10",
            Self::Recall5 => "recall@5",
            Self::Recall10 => "recall@10",
            Self::Mrr10 => "mrr@10",
            Self::PageRecall1 => "page_recall@1",
            Self::PageRecall5 => "page_recall@5",
            Self::PageNdcg10 => "page_ndcg@10",
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl From<Metric> for &'static str {
    fn from(metric: Metric) -> Self {
        metric.name()
    }
}

impl TryFrom<String> for Metric {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|metric| metric.name() == name);
        known.ok_or_else(|| format!("there is no metric {name:?}"))
    }
}

/// The metrics of one query. One is absent where the query has nothing that could be found.
pub type Scores = BTreeMap<Metric, f64>;

/// A passage that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// The passage.
    pub passage: String,
    /// Its page, as [`page_name`] calls it.
    pub page: String,
    /// How well it fits, by the searcher's own measure.
    pub score: f32,
}

impl From<&Hit> for Ranked {
    fn from(hit: &Hit) -> Self {
        let page = page_name(&hit.page).to_owned();
        Self { passage: hit.passage.id.0.clone(), page, score: hit.score }
    }
}

/// What results call a page: its address, or its identifier where it has no address.
pub fn page_name(page: &Page) -> &str {
    if page.url.is_empty() { page.id.as_str() } else { &page.url }
}

/// How a searcher is measured.
pub struct Measurement<'a> {
    /// What is measured.
    pub searcher: &'a dyn Searcher,
    /// In words, what the searcher embeds with.
    pub embedder: &'a str,
    /// How many passages are asked for; a page that has none among them counts as not found.
    pub depth: usize,
    /// The lists that the searcher ranks with.
    pub hints: HintHashes,
    /// The page of a passage of the collection; none where the collection has no such passage.
    pub page_of: &'a dyn Fn(&str) -> Option<String>,
    /// The processor time used so far, for the time of each query.
    pub clock: &'a dyn Fn() -> Duration,
}

/// What a measurement gave.
#[derive(Debug)]
pub struct Measured {
    /// What was found, and the metrics.
    pub run: Run,
    /// The time of each query.
    pub times: Vec<Duration>,
    /// Passages that are judged relevant, and that the collection does not have. They cannot be found
    /// and count as missed.
    pub missing: BTreeSet<String>,
}

impl Measurement<'_> {
    /// Asks every query in turn. `asked` is told how many have been, and stops it by saying `false`.
    pub fn run(
        &self,
        dataset: &Dataset,
        asked: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Measured, MeasureError> {
        let about = About {
            embedder: self.embedder.to_owned(),
            snapshot: self.searcher.snapshot(),
            depth: self.depth,
            hints: Some(self.hints.clone()),
        };
        let mut run = Run { about, queries: Vec::with_capacity(dataset.queries.len()) };
        let (mut times, mut missing) = (Vec::new(), BTreeSet::new());
        for (count, query) in dataset.queries.iter().enumerate() {
            let began = (self.clock)();
            let hits = self.searcher.search(&SearchQuery::new(query.text.as_str(), self.depth))?;
            times.push((self.clock)().saturating_sub(began));
            let found: Vec<Ranked> = hits.iter().map(Ranked::from).collect();
            let metrics = scores(&found, &query.grades, &self.pages(query, &mut missing));
            let (id, url, hash) = (query.id.clone(), query.url.clone(), query.hash());
            run.queries.push(Answered { id, url, hash, metrics, found });
            if !asked(count + 1) {
                return Err(MeasureError::Stopped);
            }
        }
        Ok(Measured { run, times, missing })
    }

    /// The pages that answer a query: the one that the dataset names, else those of its relevant passages.
    fn pages(&self, query: &Query, missing: &mut BTreeSet<String>) -> BTreeSet<String> {
        let mut pages = BTreeSet::new();
        for passage in relevant(&query.grades) {
            pages.insert((self.page_of)(passage).unwrap_or_else(|| {
                missing.insert(passage.to_owned());
                passage.to_owned()
            }));
        }
        query.url.as_ref().map_or(pages, |url| BTreeSet::from([url.clone()]))
    }
}

/// The metrics of one ranking, best first, against the grades of passages and the relevant pages.
pub fn scores(
    found: &[Ranked],
    grades: &BTreeMap<String, f64>,
    pages: &BTreeSet<String>,
) -> Scores {
    let mut scores = Scores::new();
    let grades: BTreeMap<&str, f64> =
        relevant(grades).map(|passage| (passage, grades[passage])).collect();
    if let Some(passages) = Gains::of(found.iter().map(|hit| hit.passage.as_str()), &grades) {
        scores.insert(Metric::Ndcg10, passages.ndcg(10));
        scores.insert(Metric::Recall5, passages.recall(5));
        scores.insert(Metric::Recall10, passages.recall(10));
        scores.insert(Metric::Mrr10, passages.reciprocal_rank(10));
    }
    let pages = pages.iter().map(|page| (page.as_str(), 1.0)).collect();
    if let Some(pages) = Gains::of(found.iter().map(|hit| hit.page.as_str()), &pages) {
        scores.insert(Metric::PageRecall1, pages.recall(1));
        scores.insert(Metric::PageRecall5, pages.recall(5));
        scores.insert(Metric::PageNdcg10, pages.ndcg(10));
    }
    scores.into_iter().map(|(metric, value)| (metric, rounded(value))).collect()
}

/// To twelve decimals, which JSON carries there and back unchanged: a run that is compared with itself
/// then differs by nothing at all.
fn rounded(value: f64) -> f64 {
    (value * 1e12).round() / 1e12
}

/// The passages with a grade above 0.
fn relevant(grades: &BTreeMap<String, f64>) -> impl Iterator<Item = &str> {
    grades.iter().filter(|(_, grade)| **grade > 0.0).map(|(passage, _)| passage.as_str())
}

/// What each place of a ranking gains, and what the best ranking would.
struct Gains {
    found: Vec<f64>,
    ideal: Vec<f64>,
}

impl Gains {
    /// The gains of a ranking in which only the first mention of a name counts; none where nothing is
    /// relevant.
    fn of<'a>(
        ranking: impl Iterator<Item = &'a str>,
        grades: &BTreeMap<&str, f64>,
    ) -> Option<Self> {
        let mut seen = BTreeSet::new();
        let found = ranking
            .filter(|name| seen.insert(*name))
            .map(|name| grades.get(name).copied().unwrap_or_default())
            .collect();
        let mut ideal: Vec<f64> = grades.values().copied().collect();
        ideal.sort_by(|a, b| b.total_cmp(a));
        (!ideal.is_empty()).then_some(Self { found, ideal })
    }

    /// Järvelin and Kekäläinen (2002), with the grade as the gain.
    fn ndcg(&self, depth: usize) -> f64 {
        discounted(&self.found, depth) / discounted(&self.ideal, depth)
    }

    fn recall(&self, depth: usize) -> f64 {
        let found = self.found.iter().take(depth).filter(|gain| **gain > 0.0).count();
        found as f64 / self.ideal.len() as f64
    }

    fn reciprocal_rank(&self, depth: usize) -> f64 {
        let first = self.found.iter().take(depth).position(|gain| *gain > 0.0);
        first.map_or(0.0, |place| 1.0 / (place + 1) as f64)
    }
}

fn discounted(gains: &[f64], depth: usize) -> f64 {
    let gains = gains.iter().take(depth).enumerate();
    gains.map(|(place, gain)| gain / (place as f64 + 2.0).log2()).sum()
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// The searcher failed.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// It was told to stop.
    #[error("interrupted: nothing was saved")]
    Stopped,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(passages: &[&str]) -> Vec<Ranked> {
        let ranked = |(place, id): (usize, &&str)| Ranked {
            passage: (*id).to_owned(),
            page: id.split('#').next().unwrap().to_owned(),
            score: -(place as f32),
        };
        passages.iter().enumerate().map(ranked).collect()
    }

    fn grades(grades: &[(&str, f64)]) -> BTreeMap<String, f64> {
        grades.iter().map(|(id, grade)| ((*id).to_owned(), *grade)).collect()
    }

    fn pages(pages: &[&str]) -> BTreeSet<String> {
        pages.iter().map(|page| (*page).to_owned()).collect()
    }

    fn shown(scores: &Scores) -> String {
        let shown = scores.iter().map(|(metric, value)| format!("{metric} {value:.4}"));
        shown.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_ranking_by_hand() {
        let found = ranking(&["a#0", "b#0", "b#1", "c#0", "a#1"]);
        let graded =
            grades(&[("b#0", 1.0), ("a#1", 3.0), ("z#0", 2.0), ("c#0", 0.0), ("a#0", -1.0)]);
        // (1/log2(3) + 3/log2(6)) / (3 + 2/log2(3) + 1/2); a page's rank is among pages.
        let scores = scores(&found, &graded, &pages(&["c"]));
        insta::assert_snapshot!(shown(&scores), @"ndcg@10 0.3762, recall@5 0.6667, recall@10 0.6667, mrr@10 0.5000, page_recall@1 0.0000, page_recall@5 1.0000, page_ndcg@10 0.5000");
    }

    #[test]
    fn what_could_not_be_found_is_not_measured() {
        let found = ranking(&["a#0"]);
        assert!(scores(&found, &grades(&[("a#0", 0.0)]), &pages(&[])).is_empty());
        let pages_only = scores(&found, &grades(&[]), &pages(&["a"]));
        assert_eq!(pages_only.keys().copied().collect::<Vec<_>>(), Metric::ALL[4..]);
        let nothing_found = scores(&[], &grades(&[("a#0", 1.0)]), &pages(&["a"]));
        assert!(nothing_found.len() == 7 && nothing_found.values().all(|value| *value <= 0.0));
    }

    #[test]
    fn a_passage_that_is_named_twice_counts_once() {
        let twice = scores(&ranking(&["a#0", "a#0", "b#0"]), &grades(&[("b#0", 1.0)]), &pages(&[]));
        assert_eq!(twice.get(&Metric::Mrr10), Some(&0.5));
    }

    /// Finds nothing.
    struct Empty;

    impl Searcher for Empty {
        fn search(&self, _: &SearchQuery) -> Result<Vec<Hit>, SearchError> {
            Ok(Vec::new())
        }

        fn snapshot(&self) -> String {
            "empty".into()
        }

        fn public_contacts(&self) -> std::sync::Arc<candour_core::PublicContacts> {
            std::sync::Arc::default()
        }
    }

    #[test]
    fn every_query_is_asked_and_timed_until_told_to_stop() {
        let query = |id: &str, judged: &[(&str, f64)]| Query {
            id: id.into(),
            text: "a".into(),
            url: None,
            grades: grades(judged),
        };
        let queries = vec![query("a", &[("p#0", 1.0), ("gone#0", 1.0)]), query("b", &[])];
        let dataset = Dataset { queries, unknown_rows: 0 };
        let ticks = std::cell::Cell::new(0);
        let clock = || Duration::from_millis(ticks.replace(ticks.get() + 1));
        let page_of = |passage: &str| (passage == "p#0").then(|| "p".to_owned());
        let measurement = Measurement {
            searcher: &Empty,
            embedder: "none",
            depth: 10,
            hints: HintHashes::default(),
            page_of: &page_of,
            clock: &clock,
        };
        let measured = measurement.run(&dataset, &mut |_| true).unwrap();
        assert_eq!(measured.times, [Duration::from_millis(1); 2]);
        assert_eq!(measured.missing, BTreeSet::from(["gone#0".to_owned()]));
        assert_eq!((measured.run.count(Metric::Mrr10), measured.run.clusters()), (1, 2));
        let stopped = measurement.run(&dataset, &mut |asked| asked < 1);
        assert!(matches!(stopped, Err(MeasureError::Stopped)));
    }

    proptest::proptest! {
        #[test]
        fn a_score_survives_json(value in 0.0_f64..=1.0) {
            let value = rounded(value);
            let text = serde_json::to_string(&value).unwrap();
            proptest::prop_assert_eq!(serde_json::from_str::<f64>(&text).ok(), Some(value));
        }
    }

    #[test]
    fn a_metric_is_written_by_its_name() {
        let scores = Scores::from([(Metric::Ndcg10, 0.5)]);
        let text = serde_json::to_string(&scores).unwrap();
        assert_eq!(text, "{\"ndcg@10\":0.5}");
        assert_eq!(serde_json::from_str::<Scores>(&text).unwrap(), scores);
        assert!(serde_json::from_str::<Scores>("{\"ndcg@11\":0.5}").is_err());
    }
}
