//! What a retrieval measurement gave, as a table for people and as JSON for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Result, bail};
use candour_evals::dataset::Dataset;
use candour_evals::retrieval::{Measured, Metric};
use candour_evals::run::Run;
use candour_evals::statistics::{Interval, quantile};
use serde_json::{Map, Value, json};

/// What was measured, and how sure it is.
pub(super) struct Report {
    measured: Measured,
    means: BTreeMap<Metric, Interval>,
    difference: Option<BTreeMap<Metric, Interval>>,
    passages: u64,
    unknown_rows: usize,
    unjudged: usize,
    milliseconds: Vec<f64>,
}

impl Report {
    /// Sums a measurement up; `against` is an earlier run to compare it with.
    pub(super) fn new(
        dataset: &Dataset,
        measured: Measured,
        passages: u64,
        against: Option<&Run>,
    ) -> Result<Self> {
        let run = &measured.run;
        let means: BTreeMap<Metric, Interval> = Metric::ALL
            .into_iter()
            .filter_map(|metric| Some((metric, run.mean(metric)?)))
            .collect();
        if means.is_empty() {
            bail!(
                "nothing can be measured: no query has a relevant passage in the qrels, or a page in `metadata.url`; {} rows of the qrels name other queries",
                dataset.unknown_rows
            );
        }
        let difference = against.map(|against| run.difference(against)).transpose()?;
        let unjudged = run.queries.iter().filter(|query| query.metrics.is_empty()).count();
        let mut milliseconds: Vec<f64> =
            measured.times.iter().map(|time| time.as_secs_f64() * 1000.0).collect();
        milliseconds.sort_by(f64::total_cmp);
        let unknown_rows = dataset.unknown_rows;
        Ok(Self { measured, means, difference, passages, unknown_rows, unjudged, milliseconds })
    }

    /// What was found for each query.
    pub(super) fn run(&self) -> &Run {
        &self.measured.run
    }

    /// One object, a key for each metric first.
    pub(super) fn as_json(&self) -> Value {
        let run = self.run();
        let mut object = intervals(&self.means);
        let counts: Map<String, Value> = Metric::ALL
            .into_iter()
            .map(|metric| (metric.name().to_owned(), run.count(metric).into()))
            .collect();
        let rest = json!({
            "queries": run.queries.len(),
            "averaged_over": counts,
            "clusters": run.clusters(),
            "embedder": run.about.embedder,
            "snapshot": run.about.snapshot,
            "passages": self.passages,
            "depth": run.about.depth,
            "ms_per_query": {"median": self.time(0.5), "p95": self.time(0.95), "of": "processor"},
            "qrels_of_unknown_queries": self.unknown_rows,
            "relevant_passages_not_in_corpus": self.measured.missing.len(),
        });
        object.extend(rest.as_object().cloned().unwrap_or_default());
        if let Some(difference) = &self.difference {
            object.insert("difference".to_owned(), intervals(difference).into());
        }
        object.into()
    }

    /// A table, then what has to be known to read it.
    pub(super) fn as_text(&self) -> String {
        let run = self.run();
        let mut text = format!(
            "{} queries over {} passages, the first {} asked for\n{}, snapshot {:.12}\n\n",
            run.queries.len(),
            self.passages,
            run.about.depth,
            run.about.embedder,
            run.about.snapshot,
        );
        let _ = write!(text, "{:14} {:>6}   {:14}  {:>7}", "", "mean", "95 % interval", "queries");
        text.push_str(if self.difference.is_some() { "   change  95 % interval\n" } else { "\n" });
        for (metric, Interval { value, low, high }) in &self.means {
            let queries = run.count(*metric);
            let _ = write!(text, "{metric:14} {value:6.3}   {low:.3} to {high:.3}  {queries:7}");
            let difference = self.difference.as_ref().and_then(|found| found.get(metric));
            if let Some(difference @ Interval { value, low, high }) = difference {
                let sure = if is_sure(difference) { "  *" } else { "" };
                let _ = write!(text, "   {value:+.3}  {low:+.3} to {high:+.3}{sure}");
            }
            text.push('\n');
        }
        let _ = write!(
            text,
            "\n{:.2} ms of processor time a query (median; 95 % are below {:.2} ms)\n",
            self.time(0.5),
            self.time(0.95)
        );
        self.explain(&mut text);
        text
    }

    fn explain(&self, text: &mut String) {
        let (clusters, queries) = (self.run().clusters(), self.run().queries.len());
        let without = queries - self.run().count(Metric::Ndcg10) - self.unjudged;
        let missing = &self.measured.missing;
        let notes = [
            ("queries without a relevant passage in the qrels, counted for pages only", without),
            (
                "queries with neither a relevant passage nor a page, counted for nothing",
                self.unjudged,
            ),
            ("rows of the qrels that name a query not in the file, ignored", self.unknown_rows),
            ("relevant passages that are not in the corpus, counted as missed", missing.len()),
        ];
        for (note, count) in notes.into_iter().filter(|(_, count)| *count > 0) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{note}: {count}");
        }
        if clusters < queries {
            let _ = writeln!(
                text,
                "queries about one page are not independent, so the intervals draw whole pages: {clusters}"
            );
        }
        if self.difference.iter().flatten().any(|(_, difference)| is_sure(difference)) {
            text.push_str("* the interval of the change leaves out zero\n");
        }
    }

    fn time(&self, share: f64) -> f64 {
        quantile(&self.milliseconds, share).unwrap_or_default()
    }
}

/// Whether an interval leaves out zero.
fn is_sure(difference: &Interval) -> bool {
    difference.low > 0.0 || difference.high < 0.0
}

fn intervals(intervals: &BTreeMap<Metric, Interval>) -> Map<String, Value> {
    // A metric that no query has is null, so that the keys are always the same.
    let all = Metric::ALL.into_iter();
    all.map(|metric| (metric.name().to_owned(), json!(intervals.get(&metric)))).collect()
}
