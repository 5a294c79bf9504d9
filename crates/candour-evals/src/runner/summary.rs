//! What a run came to: each measure with its interval, and everything that has to be known to read it.

use std::collections::{BTreeMap, BTreeSet};

use candour_core::ContentHash;
use serde::Serialize;

use super::judged::{JudgeSummary, Judging};
use super::record::Header;
use super::tally::{OTHER, Tally};
use super::writers::Writers;
use super::{Ending, RunnerError};
use crate::scorer::Scorer;
use crate::scorer::labelled::NONE;
use crate::statistics::{BetaMixture, Confidence, Interval, Moments, Rate};
use crate::suite::Suite;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The suite.
    pub suite: String,
    /// The hash of its files, the limits of the whole run left out.
    pub suite_hash: ContentHash,
    /// What was asked.
    pub target: String,
    /// Which part of the suite, where it is not all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// `complete`, `stopped`, the limit that was reached, or who could not be.
    pub ending: String,
    /// Questions that there are, each counted once for every epoch; of a shard, nobody counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub questions: Option<u64>,
    /// Questions that are done.
    pub done: u64,
    /// Questions that have no answer, by kind of error. What was due counts as 0 there, for scorers that
    /// had something to look at in any answer.
    pub errors: BTreeMap<String, u64>,
    /// Which they are, at most a thousand, by name: sample, epoch and why.
    pub named_errors: Vec<(String, u32, String)>,
    /// What became of asking a model to write the answers, where one was asked and they have other words
    /// without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writer: Option<Writers>,
    /// What was on its way when an earlier part of the run was killed: it may have been paid for twice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub in_flight: Vec<(String, u32)>,
    /// Every scorer of the suite that had something to look at: the mean over samples, those without an
    /// answer among them where something was due, with its 95 % interval where anything is known of it.
    pub measures: BTreeMap<Scorer, Rate>,
    /// Scorers of the suite, but for those that a model judges, that had nothing to look at in any answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without_material: Vec<Scorer>,
    /// Of each label: precision, recall and their harmonic mean.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, Label>,
    /// What a model judged, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judge: Option<JudgeSummary>,
    /// The means of these over labels that have no name, each counting as often as it was expected. One
    /// without a precision is in no mean of precisions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted: Option<Label>,
    /// Tokens, money and time, the judge's not among them.
    pub spent: Spent,
}

/// How well a label is given.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Label {
    /// Samples that should get it.
    pub expected: u64,
    /// The share of those that got it that should; null where none did.
    pub precision: Option<f64>,
    /// The share of those that should get it that did; null where none should.
    pub recall: Option<f64>,
    /// The harmonic mean of both.
    pub f1: Option<f64>,
    /// The same with recall counting twice as much.
    pub f2: Option<f64>,
}

/// What a run took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spent {
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Answers whose tokens are guessed from their length.
    pub estimated: u64,
    /// Answers whose tokens nobody knows.
    pub unmetered: u64,
    /// Money, where there are prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money: Option<f64>,
    /// Its currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Milliseconds below which half of the answers took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms_median: Option<u32>,
    /// Milliseconds below which 95 % of the answers took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms_p95: Option<u32>,
}

impl Summary {
    pub(super) fn new(
        suite: &Suite,
        header: Header,
        tally: &mut Tally,
        ending: Ending,
        in_flight: Vec<(String, u32)>,
        judging: Option<&Judging>,
    ) -> Result<Self, RunnerError> {
        let about = &suite.about;
        // Of failures alone nothing is known of any label.
        let labels = if tally.answered > 0 { labels(&tally.labels) } else { BTreeMap::new() };
        let measures = tally.measures()?;
        let mut named_errors = tally.named_errors.clone();
        named_errors.sort();
        let is_without = |scorer: &Scorer| !scorer.is_judged() && !measures.contains_key(scorer);
        Ok(Self {
            without_material: about.scorers.iter().copied().filter(is_without).collect(),
            suite: header.suite,
            suite_hash: header.suite_hash,
            target: header.target,
            questions: header.shard.is_none().then(|| suite.samples * u64::from(about.epochs)),
            shard: header.shard.map(|shard| shard.to_string()),
            ending: match ending {
                Ending::Complete => "complete".to_owned(),
                Ending::Stopped => "stopped".to_owned(),
                Ending::Limit(limit) => format!("limit of {limit}"),
                Ending::Unreachable(peer) => format!("{} unreachable", peer.name()),
            },
            done: tally.done(),
            errors: tally.errors.clone(),
            named_errors,
            writer: tally.writers.known(),
            in_flight,
            measures,
            judge: JudgeSummary::new(about, header.judge, tally, judging)?,
            weighted: weighted(&labels),
            labels,
            spent: Spent {
                input_tokens: tally.input_tokens,
                output_tokens: tally.output_tokens,
                estimated: tally.estimated,
                unmetered: tally.unmetered,
                money: tally.cost(about.prices.as_ref()),
                currency: about.prices.as_ref().map(|prices| prices.currency.clone()),
                latency_ms_median: tally.latency_ms(0.5),
                latency_ms_p95: tally.latency_ms(0.95),
            },
        })
    }

    /// Whether something was asked, and nothing answered.
    pub fn is_in_vain(&self) -> bool {
        self.done > 0 && self.done == self.errors.values().sum::<u64>()
    }

    /// Whether everything was asked.
    pub fn is_complete(&self) -> bool {
        self.ending == "complete"
    }
}

impl Tally {
    /// The mean so far and an interval that holds however often one looks while a run goes on, quickly and as
    /// if all samples were independent.
    pub fn so_far(&self, scorer: Scorer) -> Option<Interval> {
        let (sum, count) = self.sum_so_far(scorer);
        let is_known = scorer.is_share() && count > 0;
        let seen = BetaMixture::of_shares(sum, count, Confidence::P95);
        seen.ok().filter(|_| is_known).map(|seen| seen.interval())
    }

    /// The mean of each scorer's values over samples; nothing of those that had nothing to look at.
    fn measures(&mut self) -> Result<BTreeMap<Scorer, Rate>, RunnerError> {
        let measure = |(scorer, moments): (Scorer, Moments)| {
            let rate = Rate::of(moments, Confidence::P95);
            (scorer, if scorer.is_share() { rate.within_unit() } else { rate })
        };
        Ok(self.moments()?.into_iter().map(measure).collect())
    }
}

/// Precision and recall of each label from how often labels came together.
fn labels(counts: &BTreeMap<(String, String), u64>) -> BTreeMap<String, Label> {
    // Of each label: how often it was right, expected and given.
    let mut totals: BTreeMap<&String, [u64; 3]> = BTreeMap::new();
    for ((expected, given), count) in counts {
        totals.entry(expected).or_default()[1] += count;
        let given_too = totals.entry(given).or_default();
        given_too[2] += count;
        given_too[0] += if expected == given { *count } else { 0 };
    }
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let of = |label: &String| {
        let [right, expected, given] = totals.get(label).copied().unwrap_or_default();
        let f1 = share(2 * right, expected + given);
        let f2 = share(5 * right, 4 * expected + given);
        Label { expected, precision: share(right, given), recall: share(right, expected), f1, f2 }
    };
    // A label with a name counts where it was given alone, too: a guardrail that should never trigger.
    let given = counts.keys().map(|(_, given)| given).filter(|given| is_named(given));
    let names: BTreeSet<&String> =
        counts.keys().map(|(expected, _)| expected).chain(given).collect();
    // What stands for several labels is none of them.
    let is_one =
        |label: &&&String| label.as_str() != OTHER && (!is_named(label) || !label.ends_with(NONE));
    names.iter().filter(is_one).map(|label| ((*label).clone(), of(label))).collect()
}

fn is_named(label: &str) -> bool {
    label.contains(": ")
}

/// The means over labels by how often each was expected.
fn weighted(labels: &BTreeMap<String, Label>) -> Option<Label> {
    let alone = || labels.iter().filter(|(name, _)| !is_named(name)).map(|(_, label)| label);
    let mean = |of: fn(&Label) -> Option<f64>| {
        let having: Vec<(f64, f64)> =
            alone().filter_map(|label| Some((label.expected as f64, of(label)?))).collect();
        let weights: f64 = having.iter().map(|(weight, _)| weight).sum();
        let sum: f64 = having.iter().map(|(weight, value)| weight * value).sum();
        (weights > 0.0).then(|| sum / weights)
    };
    (alone().count() > 1).then(|| Label {
        expected: alone().map(|label| label.expected).sum(),
        precision: mean(|label| label.precision),
        recall: mean(|label| label.recall),
        f1: mean(|label| label.f1),
        f2: mean(|label| label.f2),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_precision_and_recall() {
        let together = |expected: &str, given: &str| (expected.to_owned(), given.to_owned());
        let counts = BTreeMap::from([
            (together("a", "a"), 3),
            (together("a", "b"), 1),
            (together("b", "a"), 2),
            (together("c", "x"), 1),
            (together(OTHER, OTHER), 9),
        ]);
        let found = labels(&counts);
        let a = Label {
            expected: 4,
            precision: Some(0.6),
            recall: Some(0.75),
            f1: Some(6.0 / 9.0),
            f2: Some(15.0 / 21.0),
        };
        assert_eq!(found["a"], a);
        assert_eq!((found["b"].precision, found["b"].recall), (Some(0.0), Some(0.0)));
        assert_eq!((found["c"].precision, found["c"].f1), (None, Some(0.0)));
        assert_eq!(found.len(), 3);
        // By hand, with 4, 2 and 1 expected: nothing is known of the precision of c.
        let mean = weighted(&found).unwrap();
        let close = |value: Option<f64>, wanted: f64| (value.unwrap() - wanted).abs() < 1e-12;
        assert!(close(mean.precision, 0.6 * 4.0 / 6.0) && close(mean.recall, 3.0 / 7.0));
        assert!(close(mean.f1, 6.0 / 9.0 * 4.0 / 7.0) && close(mean.f2, 15.0 / 21.0 * 4.0 / 7.0));
    }
}
