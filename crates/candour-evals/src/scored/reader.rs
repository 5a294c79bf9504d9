//! Takes the samples of a log one by one, and keeps of each only what its scores need.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::graded::Graded;
use super::{Better, Question, Reading, Scored, ScoredError};
use crate::inspect_log::{Header, Sample, SampleId};
use crate::judge::{JUDGE_FAILURES, JUDGED_BY};
use crate::suite::short_hash;

/// The key of a sample's metadata that names its cluster where nothing else is said.
const CLUSTER: &str = "cluster";

/// The name of no cluster: every question stands alone.
const ALONE: &str = "id";

/// Takes samples one by one.
pub struct Reader<'a> {
    reading: &'a Reading,
    questions: BTreeMap<SampleId, Question>,
    samples: usize,
    /// Samples that failed. Where they are to count they do so in every score, and not all scores are known
    /// yet.
    failed: Vec<(SampleId, u64)>,
    limited: usize,
    /// How many samples have each score as a number.
    numbers: BTreeMap<Arc<str>, usize>,
    /// The least and the highest value of each score, by which its worst may be known.
    ranges: BTreeMap<Arc<str>, [f64; 2]>,
    clusters: BTreeSet<Arc<str>>,
    /// Whether any sample says what it belongs to, and the first that does not.
    has_clusters: bool,
    without_cluster: Option<SampleId>,
    judged_by: BTreeMap<String, BTreeSet<String>>,
    judge_failures: BTreeMap<String, BTreeSet<SampleId>>,
    /// Who judged in logs that are not ours.
    graded: Graded,
}

impl<'a> Reader<'a> {
    /// Nothing yet.
    pub fn new(reading: &'a Reading) -> Self {
        Self {
            reading,
            questions: BTreeMap::new(),
            samples: 0,
            failed: Vec::new(),
            limited: 0,
            numbers: BTreeMap::new(),
            ranges: BTreeMap::new(),
            clusters: BTreeSet::new(),
            has_clusters: false,
            without_cluster: None,
            judged_by: BTreeMap::new(),
            judge_failures: BTreeMap::new(),
            graded: Graded::default(),
        }
    }

    /// One more sample. Gives the place of its question.
    pub fn add(&mut self, sample: &Sample) -> usize {
        self.samples += 1;
        self.limited += usize::from(sample.limit.is_some());
        for (name, score) in &sample.scores {
            let by = score.metadata.as_ref().and_then(|about| about.get(JUDGED_BY)?.as_str());
            if let Some(by) = by {
                self.judged_by.entry(name.clone()).or_default().insert(by.to_owned());
            }
        }
        self.graded.add(sample);
        let failures = sample.metadata.get(JUDGE_FAILURES).and_then(Value::as_object);
        for (name, _) in failures.into_iter().flatten() {
            self.judge_failures.entry(name.clone()).or_default().insert(sample.id.clone());
        }
        let cluster = self.cluster(sample);
        let has_failed = sample.error.is_some();
        if has_failed {
            self.failed.push((sample.id.clone(), sample.epoch));
        }
        let place = self.questions.len();
        let question = self
            .questions
            .entry(sample.id.clone())
            .or_insert_with(|| Question { place, ..Question::default() });
        let asked = serde_json::to_string(&sample.input).ok();
        (question.asked, question.cluster) = (asked.map(|text| short_hash(&text)), cluster);
        let scores = sample.scores.iter();
        for (name, value) in
            scores.flat_map(|(name, score)| named(name.clone(), score.value.clone()))
        {
            let name = self.numbers.get_key_value(&*name).map_or_else(|| name.into(), known);
            let having = self.numbers.entry(Arc::clone(&name)).or_default();
            if let Some(value) = number(&value) {
                *having += usize::from(!has_failed);
                let range = self.ranges.entry(Arc::clone(&name)).or_insert([value; 2]);
                *range = [range[0].min(value), range[1].max(value)];
                question.scores.insert(&name, sample.epoch, value);
            }
        }
        question.place
    }

    /// What a sample belongs to.
    fn cluster(&mut self, sample: &Sample) -> Option<Arc<str>> {
        let found = sample.metadata.get(self.cluster_key()).filter(|_| self.cluster_key() != ALONE);
        self.has_clusters |= found.is_some();
        let cluster = match found {
            Some(Value::String(cluster)) => cluster.clone(),
            Some(Value::Null) | None => {
                self.without_cluster.get_or_insert_with(|| sample.id.clone());
                return None;
            }
            Some(other) => other.to_string(),
        };
        let cluster = self.clusters.get(&*cluster).cloned().unwrap_or_else(|| cluster.into());
        self.clusters.insert(Arc::clone(&cluster));
        Some(cluster)
    }

    /// The scores of all samples of a log.
    pub fn finish(mut self, header: Header) -> Result<Scored, ScoredError> {
        // The usual key names clusters where any sample has it; one that was asked for, always.
        let key = self.cluster_key();
        let is_clustered = key != ALONE && (self.reading.cluster.is_some() || self.has_clusters);
        if let Some(id) = self.without_cluster.as_ref().filter(|_| is_clustered) {
            return Err(ScoredError::NoCluster { id: id.to_string(), key: key.to_owned() });
        }
        let mut of_failures = BTreeSet::new();
        let is_fed = |name: &str| self.numbers.get(name).is_some_and(|having| *having > 0);
        for question in self.questions.values_mut() {
            of_failures.extend(question.scores.take(|name| !is_fed(name)));
        }
        self.numbers.retain(|name, _| !of_failures.contains(name));
        if self.reading.failures_count {
            self.count_failures();
        }
        let failed_as_worst = self.failed_as_worst();
        if !header.eval.is_ours() {
            let names = self.numbers.keys().map(|name| &**name);
            for (name, by) in self.graded.of(&header, names) {
                self.judged_by.entry(name).or_insert_with(|| BTreeSet::from([by]));
            }
        }
        let answered = self.samples - self.failed.len();
        let not_numbers = self.numbers.into_iter().filter(|(_, having)| *having < answered);
        let judged = || self.judged_by.keys().cloned();
        Ok(Scored {
            header,
            questions: self.questions,
            failed: self.failed.len(),
            failed_as_worst,
            limited: self.limited,
            samples: self.samples,
            not_numbers: not_numbers
                .map(|(name, having)| (name.to_string(), answered - having))
                .collect(),
            withheld: judged().filter(|_| !self.reading.uncorrected).collect(),
            of_failures: of_failures.iter().map(ToString::to_string).collect(),
            judged_by: self.judged_by,
            judge_failures: self.judge_failures,
        })
    }

    /// Puts in what samples that failed count for.
    fn count_failures(&mut self) {
        let names = self.numbers.iter().filter(|(_, having)| **having > 0);
        let worst = names.filter_map(|(name, _)| Some((Arc::clone(name), self.worst(name)?)));
        let worst: Vec<(Arc<str>, f64)> = worst.collect();
        for (id, epoch) in &self.failed {
            let Some(question) = self.questions.get_mut(id) else { continue };
            for (name, value) in &worst {
                question.scores.insert(name, *epoch, *value);
            }
        }
    }

    /// How many samples that failed count as the worst there is, by score.
    fn failed_as_worst(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for (id, epoch) in &self.failed {
            let scores = self.questions.get(id).map(|question| question.scores.of_repeat(*epoch));
            for (name, value) in scores.into_iter().flatten() {
                if self.worst(name) == Some(value) {
                    *counts.entry(name.to_owned()).or_default() += 1;
                }
            }
        }
        counts
    }

    /// What a sample that failed counts for in a score; nothing where nobody knows which end is the worse one,
    /// or where that lies.
    fn worst(&self, name: &str) -> Option<f64> {
        Better::said_or_known(&self.reading.better, name)?.worst(*self.ranges.get(name)?)
    }

    fn cluster_key(&self) -> &'a str {
        self.reading.cluster.as_deref().unwrap_or(CLUSTER)
    }
}

fn known((name, _): (&Arc<str>, &usize)) -> Arc<str> {
    Arc::clone(name)
}

/// A score by its name; of a table of scores, each by the name of its key too.
pub(crate) fn named(name: String, value: Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(table) => {
            table.into_iter().map(|(key, value)| (format!("{name}/{key}"), value)).collect()
        }
        value => vec![(name, value)],
    }
}

/// The number that a score stands for, as Inspect reads it; nothing where it stands for none.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(yes) => Some(f64::from(u8::from(*yes))),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.trim() {
            "C" => Some(1.0),
            "P" => Some(0.5),
            "I" | "N" => Some(0.0),
            text => match text.to_lowercase().as_str() {
                "yes" | "true" => Some(1.0),
                "no" | "false" => Some(0.0),
                text => text.parse().ok().filter(|number: &f64| number.is_finite()),
            },
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
