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
const RIGHT: usize = 0;
const MISSED: usize = 1;
const WRONG: usize = 2;

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

/// Counts labels that were expected and given: every question once, however often it is asked.
#[derive(Debug)]
pub(super) struct LabelTally {
    epochs: u32,
    /// Which labels are counted one by one.
    expected: BTreeSet<String>,
    given: BTreeSet<String>,
    /// The number of each label, by which rows name it.
    numbers: BTreeMap<String, u64>,
    /// Samples of which an epoch is yet to come.
    begun: BTreeMap<u128, Begun>,
    /// What became of each label one by one: its number, the cluster, the sample, and the bits of how much of
    /// it was right, missed and wrong.
    rows: Sorted<6>,
    /// Where what of that is too much for memory is kept.
    folder: PathBuf,
}

/// A sample that was asked: in how many epochs, and what became of each label, by its number, in how many.
#[derive(Debug, Default)]
struct Begun {
    cluster: u64,
    epochs: u32,
    counts: BTreeMap<u64, [u32; 3]>,
}

/// A label that is counted one by one, or what stands for it where there are too many.
fn one_of<'a>(counted: &mut BTreeSet<String>, label: &'a str) -> &'a str {
    if counted.len() < LABELS_COUNTED {
        counted.insert(label.to_owned());
    }
    if counted.contains(label) { label } else { OTHER }
}

impl LabelTally {
    /// Nothing yet, of questions that are asked so often, in a run that is kept in this folder.
    pub(super) fn new(epochs: u32, folder: &Path) -> Self {
        Self {
            epochs,
            expected: BTreeSet::new(),
            given: BTreeSet::new(),
            numbers: BTreeMap::new(),
            begun: BTreeMap::new(),
            rows: Sorted::default(),
            folder: folder.to_owned(),
        }
    }

    /// Adds the labels of an answer.
    pub(super) fn add(&mut self, record: &Record) {
        if !record.scores.contains_key(&Scorer::Label)
            && !record.scores.contains_key(&Scorer::Labels)
        {
            return;
        }
        let sample = short_hash(&record.id);
        let mut begun = self.begun.remove(&sample).unwrap_or_default();
        begun.cluster = short_hash(&record.cluster) as u64;
        begun.epochs += 1;
        if let (Some(expected), Some(given)) = (&record.label, record.scores.get(&Scorer::Label)) {
            self.count(&mut begun, expected, given.why.as_deref().unwrap_or_default());
        }
        if record.scores.contains_key(&Scorer::Labels) {
            self.count_named(&mut begun, record);
        }
        if begun.epochs < self.epochs {
            self.begun.insert(sample, begun);
        } else {
            self.settle(sample, &begun);
        }
    }

    /// Counts labels that have names; where there is no answer none was given.
    fn count_named(&mut self, begun: &mut Begun, record: &Record) {
        let given = record.reply.as_ref().map(Labels::of).unwrap_or_default();
        for (name, expected, given) in labelled::pairs(&record.labels, &given.labels) {
            let of = |label: &str| {
                let label = if labelled::is_given(label) { label } else { NONE };
                format!("{name}: {label}")
            };
            self.count(begun, &of(expected), &of(given));
        }
    }

    fn count(&mut self, begun: &mut Begun, expected: &str, given: &str) {
        let expected = one_of(&mut self.expected, expected);
        let is_expected = self.expected.contains(given);
        let given = if is_expected { given } else { one_of(&mut self.given, given) };
        let mut note = |label: &str, what: usize| {
            let next = self.numbers.len() as u64;
            let number = *self.numbers.entry(label.to_owned()).or_insert(next);
            begun.counts.entry(number).or_default()[what] += 1;
        };
        if expected == given {
            note(expected, RIGHT);
        } else {
            note(expected, MISSED);
            note(given, WRONG);
        }
    }

    /// Writes down a sample of which nothing more is to come: an answer is the part of it that an epoch is.
    fn settle(&mut self, sample: u128, begun: &Begun) {
        for (number, counts) in &begun.counts {
            let [right, missed, wrong] =
                counts.map(|count| (f64::from(count) / f64::from(begun.epochs)).to_bits());
            let row = [*number, begun.cluster, sample as u64, right, missed, wrong];
            self.rows.add(&self.folder, row);
        }
    }

    /// Precision and recall of each label, with their intervals. Samples that were not asked as often as they
    /// should be count with what there is; nothing is added after this.
    pub(super) fn measured(&mut self) -> io::Result<BTreeMap<String, Label>> {
        for (sample, begun) in std::mem::take(&mut self.begun) {
            self.settle(sample, &begun);
        }
        let mut found = self.found()?;
        let labels = self.numbers.iter().filter_map(|(name, number)| {
            let label = found.remove(number)?;
            // A label with a name counts where it was given alone, too: a guardrail that should never trigger.
            // What stands for several labels, or for none, is no label.
            let is_one = if is_named(name) { !name.ends_with(NONE) } else { label.expected > 0 };
            (is_one && name != OTHER).then(|| (name.clone(), label))
        });
        Ok(labels.collect())
    }

    /// How well each label is given, by its number.
    fn found(&mut self) -> io::Result<BTreeMap<u64, Label>> {
        let mut rates: BTreeMap<u64, LabelRates> = BTreeMap::new();
        for (label, moments, hits) in self.among([RIGHT, WRONG])? {
            rates.entry(label).or_default().precision = hits.precision(moments, Confidence::P95);
        }
        let mut expected = BTreeMap::new();
        for (label, moments, _) in self.among([RIGHT, MISSED])? {
            let recall = Rate::of(moments, Confidence::P95).within_unit();
            rates.entry(label).or_default().recall = Some(recall);
            expected.insert(label, moments.n() as u64);
        }
        for (label, moments, hits) in self.among([RIGHT, MISSED, WRONG])? {
            let of = |beta| hits.f_score(beta, moments, Confidence::P95);
            let rates = rates.entry(label).or_default();
            (rates.f1, rates.f2) = (of(1.0), of(2.0));
        }
        let label = |(number, rates): (u64, LabelRates)| {
            let expected = expected.get(&number).copied().unwrap_or_default();
            (number, Label::of(expected, &rates))
        };
        Ok(rates.into_iter().map(label).collect())
    }

    /// Of each label the samples of which this became: the share of them that is right, and how much there is
    /// of each.
    fn among<const N: usize>(
        &mut self,
        kinds: [usize; N],
    ) -> io::Result<Vec<(u64, Moments, Hits)>> {
        let of = |row: &[u64; 6]| {
            let mut shares = [0.0; 3];
            for kind in kinds {
                shares[kind] = f64::from_bits(row[3 + kind]);
            }
            let all: f64 = shares.iter().sum();
            (all > 0.0).then(|| (row[0], row[1], shares, shares[RIGHT] / all))
        };
        let rows = &mut self.rows;
        let moments = Moments::of_groups(|visit| {
            rows.each(|row| {
                if let Some((label, cluster, _, right)) = of(row) {
                    visit(label, cluster, right);
                }
            })
        })?;
        let mut all: Vec<(u64, Moments, Hits)> = Vec::with_capacity(moments.len());
        let mut moments = moments.into_iter();
        self.rows.each(|row| {
            let Some((label, cluster, shares, _)) = of(row) else { return };
            if all.last().is_none_or(|(last, ..)| *last != label) {
                all.extend(moments.next().map(|(label, of)| (label, of, Hits::default())));
            }
            if let Some((_, _, hits)) = all.last_mut() {
                hits.count(cluster, shares);
            }
        })?;
        Ok(all)
    }
}

impl Label {
    /// The figures of a label that so many samples should get.
    fn of(expected: u64, rates: &LabelRates) -> Self {
        let [precision, recall, f1, f2] = rates.all().map(|(_, rate)| rate.map(|rate| rate.value));
        Self { expected, precision, recall, f1, f2, intervals: Some(*rates) }
    }
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
mod tests;
