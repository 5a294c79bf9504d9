//! How well labels are given: precision, recall and F-scores of each, and how sure they are.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::record::Record;
use crate::scorer::Scorer;
use crate::scorer::labelled::{self, Labels, NONE};
use crate::sorted::Sorted;
use crate::statistics::{Confidence, Hits, Moments, Rate};
use crate::suite::short_hash;

/// Labels that are counted one by one, of those that are expected and of those that are given: a classifier
/// has no more, and a chatterbox or a suite may.
const LABELS_COUNTED: usize = 300;
/// What stands for the others.
const OTHER: &str = "(other)";

/// What became of a label in an answer.
const RIGHT: u64 = 0;
const MISSED: u64 = 1;
const WRONG: u64 = 2;

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
    /// How sure these are; nothing of means over labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intervals: Option<LabelRates>,
}

/// The same figures with their 95 % intervals, or why they have none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct LabelRates {
    /// Of those that got the label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<Rate>,
    /// Of those that should get it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<Rate>,
    /// Of both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub f1: Option<Rate>,
    /// Of both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub f2: Option<Rate>,
}

impl LabelRates {
    /// The names of the figures, and each with its interval.
    pub fn all(&self) -> [(&'static str, Option<Rate>); 4] {
        [("precision", self.precision), ("recall", self.recall), ("f1", self.f1), ("f2", self.f2)]
    }
}

/// Counts labels that were expected and given.
#[derive(Debug)]
pub(super) struct LabelTally {
    /// Expected and given labels, by how often they came together.
    together: BTreeMap<(String, String), u64>,
    /// Which labels are counted one by one.
    expected: BTreeSet<String>,
    given: BTreeSet<String>,
    /// The number of each label, by which rows name it.
    numbers: BTreeMap<String, u64>,
    /// What became of each label one by one: its number, the cluster, what became of it.
    rows: Sorted<3>,
    /// Where what of that is too much for memory is kept.
    folder: PathBuf,
}

/// A label that is counted one by one, or what stands for it where there are too many.
fn one_of<'a>(counted: &mut BTreeSet<String>, label: &'a str) -> &'a str {
    if counted.len() < LABELS_COUNTED {
        counted.insert(label.to_owned());
    }
    if counted.contains(label) { label } else { OTHER }
}

impl LabelTally {
    /// Nothing yet, in a run that is kept in this folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            together: BTreeMap::new(),
            expected: BTreeSet::new(),
            given: BTreeSet::new(),
            numbers: BTreeMap::new(),
            rows: Sorted::default(),
            folder: folder.to_owned(),
        }
    }

    /// Adds the labels of a question.
    pub(super) fn add(&mut self, record: &Record) {
        if !record.scores.contains_key(&Scorer::Label)
            && !record.scores.contains_key(&Scorer::Labels)
        {
            return;
        }
        let cluster = short_hash(&record.cluster) as u64;
        if let (Some(expected), Some(given)) = (&record.label, record.scores.get(&Scorer::Label)) {
            self.count(cluster, expected, given.why.as_deref().unwrap_or_default());
        }
        if record.scores.contains_key(&Scorer::Labels) {
            self.count_named(cluster, record);
        }
    }

    /// Counts labels that have names; where there is no answer none was given.
    fn count_named(&mut self, cluster: u64, record: &Record) {
        let given = record.reply.as_ref().map(Labels::of).unwrap_or_default();
        for (name, expected, given) in labelled::pairs(&record.labels, &given.labels) {
            let of = |label: &str| {
                let label = if labelled::is_given(label) { label } else { NONE };
                format!("{name}: {label}")
            };
            self.count(cluster, &of(expected), &of(given));
        }
    }

    fn count(&mut self, cluster: u64, expected: &str, given: &str) {
        let expected = one_of(&mut self.expected, expected);
        let is_expected = self.expected.contains(given);
        let given = if is_expected { given } else { one_of(&mut self.given, given) };
        *self.together.entry((expected.to_owned(), given.to_owned())).or_default() += 1;
        if expected == given {
            self.note(expected, cluster, RIGHT);
        } else {
            self.note(expected, cluster, MISSED);
            self.note(given, cluster, WRONG);
        }
    }

    fn note(&mut self, label: &str, cluster: u64, what: u64) {
        let next = self.numbers.len() as u64;
        let number = *self.numbers.entry(label.to_owned()).or_insert(next);
        self.rows.add(&self.folder, [number, cluster, what]);
    }

    /// Precision and recall of each label, with their intervals.
    pub(super) fn measured(&mut self) -> io::Result<BTreeMap<String, Label>> {
        let mut rates = self.rates()?;
        let mut labels = labels(&self.together);
        for (name, label) in &mut labels {
            label.intervals = self.numbers.get(name).and_then(|number| rates.remove(number));
        }
        Ok(labels)
    }

    /// How sure the figures of each label are, by its number.
    fn rates(&mut self) -> io::Result<BTreeMap<u64, LabelRates>> {
        let mut rates: BTreeMap<u64, LabelRates> = BTreeMap::new();
        for (label, moments) in self.right_of(&[RIGHT, WRONG])? {
            rates.entry(label).or_default().precision = Some(Rate::of(moments, Confidence::P95));
        }
        for (label, moments) in self.right_of(&[RIGHT, MISSED])? {
            rates.entry(label).or_default().recall = Some(Rate::of(moments, Confidence::P95));
        }
        let all = self.right_of(&[RIGHT, MISSED, WRONG])?;
        for ((label, moments), (_, hits)) in all.into_iter().zip(self.hits()?) {
            let of = |beta| hits.f_score(beta, moments, Confidence::P95);
            let rates = rates.entry(label).or_default();
            (rates.f1, rates.f2) = (of(1.0), of(2.0));
        }
        Ok(rates)
    }

    /// Of each label the share of these that is right.
    fn right_of(&mut self, kinds: &[u64]) -> io::Result<Vec<(u64, Moments)>> {
        let rows = &mut self.rows;
        Moments::of_groups(|visit| {
            rows.each(|[label, cluster, kind]| {
                if kinds.contains(kind) {
                    visit(*label, *cluster, f64::from(u8::from(*kind == RIGHT)));
                }
            })
        })
    }

    /// Of each label in order, how often it was right, missed and wrongly given.
    fn hits(&mut self) -> io::Result<Vec<(u64, Hits)>> {
        let mut all: Vec<(u64, Hits)> = Vec::new();
        self.rows.each(|[label, cluster, what]| {
            if all.last().is_none_or(|(last, _)| last != label) {
                all.push((*label, Hits::default()));
            }
            if let Some((_, hits)) = all.last_mut() {
                hits.count(*cluster, *what as usize);
            }
        })?;
        Ok(all)
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
        let (precision, recall) = (share(right, given), share(right, expected));
        Label { expected, precision, recall, f1, f2, intervals: None }
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
pub(super) fn weighted(labels: &BTreeMap<String, Label>) -> Option<Label> {
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
        intervals: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scorer::Score;
    use crate::statistics::Method;

    fn record(id: usize, cluster: &str, expected: &str, given: &str) -> Record {
        let score = Score { value: 0.0, why: Some(given.to_owned()) };
        Record {
            id: format!("s{id}"),
            cluster: cluster.to_owned(),
            label: Some(expected.to_owned()),
            scores: [(Scorer::Label, score)].into(),
            ..Record::default()
        }
    }

    #[test]
    fn labels_are_counted_one_by_one_as_far_as_there_are_few() {
        let folder = tempfile::tempdir().unwrap();
        let mut tally = LabelTally::new(folder.path());
        for at in 0..2 * LABELS_COUNTED {
            tally.add(&record(at, "c", &format!("e{at}"), &format!("g{at}")));
        }
        // One that is expected is known when it is given, however many others were.
        tally.add(&record(0, "c", "e0", "e1"));
        assert_eq!(tally.together.len(), LABELS_COUNTED + 2);
        let together = |expected: &str, given: &str| {
            tally.together.get(&(expected.to_owned(), given.to_owned())).copied()
        };
        assert_eq!(together(OTHER, OTHER), Some(LABELS_COUNTED as u64));
        assert_eq!((together("e1", "g1"), together("e0", "e1")), (Some(1), Some(1)));
    }

    /// Questions that stand alone have Wilson's interval, those that share a page the clustered one.
    #[test]
    fn every_figure_of_a_label_has_its_interval() {
        let folder = tempfile::tempdir().unwrap();
        for pages in [false, true] {
            let mut tally = LabelTally::new(folder.path());
            for at in 0..60 {
                let cluster = if pages { format!("page {}", at / 6) } else { format!("s{at}") };
                let expected = if at % 3 == 0 { "true" } else { "false" };
                let given = if at % 10 == 0 || at % 7 == 0 { "true" } else { expected };
                tally.add(&record(at, &cluster, expected, given));
            }
            let labels = tally.measured().unwrap();
            let (label, rates) = (&labels["true"], labels["true"].intervals.unwrap());
            let figures = [label.precision, label.recall, label.f1, label.f2];
            let of = [rates.precision, rates.recall, rates.f1, rates.f2].map(Option::unwrap);
            for (value, rate) in figures.into_iter().zip(of) {
                assert!((value.unwrap() - rate.value).abs() < 1e-12, "{value:?} {rate:?}");
                let found = rate.interval().unwrap();
                assert!(found.holds(rate.value) && found.width() > 0.0, "{rate:?}");
                assert_eq!(rate.clusters.is_some(), pages, "{rate:?}");
            }
            let expected = crate::statistics::wilson(20.0, 30.0, Confidence::P95).unwrap();
            let found = of[0].interval().unwrap();
            assert_eq!(of[0].n, 30);
            assert_eq!((found.low - expected.low).abs() < 1e-12, !pages, "{found:?} {expected:?}");
            assert_eq!(of[1].method == Some(Method::ClopperPearson), !pages, "all were found");
        }
    }

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
            intervals: None,
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
