//! What a retrieval measurement gave, as a table for people and as JSON for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Result, bail};
use candour_evals::dataset::Dataset;
use candour_evals::retrieval::{Measured, Metric};
use candour_evals::run::{Otherwise, Run};
use candour_evals::statistics::{Mean, quantile};
use serde_json::{Map, Value, json};

use super::super::table::{interval_of_mean, means_without_interval, signed, unknown};

/// What was searched.
pub(super) struct Corpus {
    pub(super) passages: u64,
    /// Rows that were left out, since they say nothing.
    pub(super) blank_rows: u64,
}

/// How a measurement differs from an earlier one.
struct Change {
    means: BTreeMap<Metric, Mean>,
    made_otherwise: Vec<Otherwise>,
}

/// What was measured, and how sure it is.
pub(super) struct Report {
    measured: Measured,
    means: BTreeMap<Metric, Mean>,
    change: Option<Change>,
    corpus: Corpus,
    unknown_rows: usize,
    unjudged: usize,
    milliseconds: Vec<f64>,
}

impl Report {
    /// Sums a measurement up; `against` is an earlier run to compare it with.
    pub(super) fn new(
        dataset: &Dataset,
        measured: Measured,
        corpus: Corpus,
        against: Option<&Run>,
    ) -> Result<Self> {
        let run = &measured.run;
        let means: BTreeMap<Metric, Mean> = Metric::ALL
            .into_iter()
            .filter_map(|metric| Some((metric, run.mean(metric)?)))
            .collect();
        if means.is_empty() {
            bail!(
                "nothing can be measured: no query has a relevant passage in the qrels, or a page in `metadata.url`; {} rows of the qrels name other queries",
                dataset.unknown_rows
            );
        }
        let change = against.map(|against| {
            let made_otherwise = run.about.made_otherwise(&against.about);
            run.difference(against).map(|means| Change { means, made_otherwise })
        });
        let change = change.transpose()?;
        let unjudged = run.queries.iter().filter(|query| query.metrics.is_empty()).count();
        let mut milliseconds: Vec<f64> =
            measured.times.iter().map(|time| time.as_secs_f64() * 1000.0).collect();
        milliseconds.sort_by(f64::total_cmp);
        let unknown_rows = dataset.unknown_rows;
        Ok(Self { measured, means, change, corpus, unknown_rows, unjudged, milliseconds })
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
            "passages": self.corpus.passages,
            "rows_without_words": self.corpus.blank_rows,
            "depth": run.about.depth,
            "hints": run.about.hints,
            "ms_per_query": {"median": self.time(0.5), "p95": self.time(0.95), "of": "processor"},
            "qrels_of_unknown_queries": self.unknown_rows,
            "relevant_passages_not_in_corpus": self.measured.missing.len(),
        });
        object.extend(rest.as_object().cloned().unwrap_or_default());
        if let Some(change) = &self.change {
            object.insert("difference".to_owned(), intervals(&change.means).into());
            object.insert("made_otherwise".to_owned(), json!(change.made_otherwise));
        }
        object.into()
    }

    /// A table, then what has to be known to read it.
    pub(super) fn as_text(&self) -> String {
        let run = self.run();
        let mut text = format!(
            "{} queries over {} passages, the first {} asked for\n{}, snapshot {:.12}\n\n",
            run.queries.len(),
            self.corpus.passages,
            run.about.depth,
            run.about.embedder,
            run.about.snapshot,
        );
        let _ = write!(text, "{:14} {:>6}   {:14}  {:>7}", "", "mean", "95 % interval", "queries");
        text.push_str(if self.change.is_some() { "   change  95 % interval\n" } else { "\n" });
        for (metric, mean) in &self.means {
            let (queries, interval) = (run.count(*metric), interval_of_mean(mean));
            let _ = write!(text, "{metric:14} {:6.3}   {interval:14}  {queries:7}", mean.value);
            let change = self.change.as_ref().and_then(|change| change.means.get(metric));
            if let Some(change) = change {
                let _ = write!(text, "   {}", difference(change));
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
            (
                "rows of the corpus with neither a title nor a text, left out",
                self.corpus.blank_rows as usize,
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
        *text += &means_without_interval("", self.means.iter().map(|(name, mean)| (name, *mean)));
        let Some(Change { means, made_otherwise }) = &self.change else { return };
        let changes = means.iter().map(|(name, mean)| (name, *mean));
        *text += &means_without_interval("change of ", changes);
        if means.values().any(is_sure) {
            text.push_str("* the interval of the change leaves out zero\n");
        }
        for Otherwise { what, earlier, now } in made_otherwise {
            let _ = writeln!(
                text,
                "the earlier run was made otherwise, and the change may come of that: {what} {earlier:.12} then, {now:.12} now"
            );
        }
    }

    fn time(&self, share: f64) -> f64 {
        quantile(&self.milliseconds, share).unwrap_or_default()
    }
}

/// A change and its interval, marked where that leaves out zero.
fn difference(change: &Mean) -> String {
    let ends = |(low, high)| format!("{} to {}", signed(low), signed(high));
    let interval = change.ends().map_or_else(unknown, ends);
    let sure = if is_sure(change) { "  *" } else { "" };
    format!("{}  {interval}{sure}", signed(change.value))
}

/// Whether an interval leaves out zero.
fn is_sure(difference: &Mean) -> bool {
    difference.ends().is_some_and(|(low, high)| low > 0.0 || high < 0.0)
}

fn intervals(intervals: &BTreeMap<Metric, Mean>) -> Map<String, Value> {
    // A metric that no query has is null, so that the keys are always the same.
    let all = Metric::ALL.into_iter();
    all.map(|metric| (metric.name().to_owned(), json!(intervals.get(&metric)))).collect()
}
