//! The scores of a run, read from an Inspect log whoever wrote it, and how sure their means are.
//!
//! Repeats of a question are made one by their mean before anything else is computed, for they are not
//! independent. Samples that failed have no score: they are left out and counted, or counted as 0 where
//! that is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use candour_core::ContentHash;
use serde::Serialize;
use serde_json::Value;

use crate::inspect_log::{self, Header, LogError, Sample, SampleId};
use crate::judge::JUDGED_BY;
use crate::statistics::{
    BetaMixture, Confidence, Estimate, Hedged, Interval, Method, Observations, StatisticsError,
    estimate, spread,
};

/// The key of a sample's metadata that names its cluster where nothing else is said.
const CLUSTER: &str = "cluster";

/// The name of no cluster: every question stands alone.
const ALONE: &str = "id";

/// How a log is read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The key of the samples' metadata that names their clusters. Where it is not given, `cluster` is
    /// used if the samples have it; where it is `id` every question stands alone.
    pub cluster: Option<String>,
    /// Whether a sample that failed counts as 0 in every score, rather than being left out.
    pub failures_count: bool,
    /// Whether what a model judged is given as it is, without people's labels.
    pub uncorrected: bool,
}

/// The scores of a run.
#[derive(Debug, Clone)]
pub struct Scored {
    /// What the log says of itself.
    pub header: Header,
    /// The questions by name.
    pub questions: BTreeMap<SampleId, Question>,
    /// Samples that failed.
    pub failed: usize,
    /// Samples that a limit ended.
    pub limited: usize,
    /// All samples: each question as often as it was asked.
    pub samples: usize,
    /// Scores that are no numbers, by their names.
    pub not_numbers: BTreeMap<String, usize>,
    /// Of scores that a model judged, the hashes of what decided them.
    pub judged_by: BTreeMap<String, BTreeSet<String>>,
    /// Those of them that are not given, for a model judged them and nobody corrects that.
    pub withheld: BTreeSet<String>,
}

/// One question, as often as it was asked.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// How many questions came before it.
    pub place: usize,
    /// The hash of what was asked.
    pub asked: Option<ContentHash>,
    /// What it has in common with others.
    pub cluster: Option<String>,
    /// The scores of each repeat, by the name of the score.
    pub scores: BTreeMap<String, BTreeMap<u64, f64>>,
}

impl Scored {
    /// Reads a log.
    pub fn read(path: &Path, reading: &Reading) -> Result<Self, ScoredError> {
        let mut reader = Reader::new(reading);
        let header = inspect_log::read(path, &mut |sample| reader.add(&sample))?;
        reader.finish(header)
    }

    fn add(
        &mut self,
        sample: Kept,
        names: &BTreeSet<String>,
        clusters: Option<&str>,
        failures_count: bool,
    ) -> Result<(), ScoredError> {
        let cluster = clusters.map(|key| cluster_of(&sample, key)).transpose()?;
        self.failed += usize::from(sample.has_failed);
        self.limited += usize::from(sample.is_limited);
        let place = self.questions.len();
        let question = self
            .questions
            .entry(sample.id)
            .or_insert_with(|| Question { place, ..Question::default() });
        (question.asked, question.cluster) = (sample.asked, cluster);
        for name in names {
            let value = match sample.scores.get(name) {
                _ if sample.has_failed && failures_count => Some(0.0),
                _ if sample.has_failed => None,
                Some(value) => number(value),
                None => None,
            };
            match value {
                Some(value) => {
                    question.scores.entry(name.clone()).or_default().insert(sample.epoch, value);
                }
                None if sample.has_failed => {}
                None => *self.not_numbers.entry(name.clone()).or_default() += 1,
            }
        }
        Ok(())
    }

    /// The names of all scores that are given.
    pub fn names(&self) -> BTreeSet<&str> {
        let scores = self.questions.values().flat_map(|question| question.scores.keys());
        let given = scores.filter(|name| !self.withheld.contains(*name));
        given.map(String::as_str).collect()
    }

    /// How sure a score is.
    pub fn rate(&self, name: &str, confidence: Confidence) -> Result<Rate, StatisticsError> {
        let all: Vec<&Question> = self.questions.values().collect();
        self.rate_over(name, confidence, &all)
    }

    /// The same over some of the questions.
    pub fn rate_over(
        &self,
        name: &str,
        confidence: Confidence,
        questions: &[&Question],
    ) -> Result<Rate, StatisticsError> {
        let having = || {
            questions.iter().filter_map(|question| Some((*question, question.scores.get(name)?)))
        };
        let means = || having().map(|(question, scores)| (&question.cluster, mean_of(scores)));
        let observations = if having().any(|(question, _)| question.cluster.is_some()) {
            Observations::clustered(means())?
        } else {
            Observations::alone(means().map(|(_, mean)| mean))?
        };
        let repeats: Vec<Vec<f64>> =
            having().map(|(_, scores)| scores.values().copied().collect()).collect();
        let is_repeated = repeats.iter().any(|answers| answers.len() > 1);
        let spread = if is_repeated { spread(&repeats).ok() } else { None };
        let mut estimate = estimate(&observations, confidence)?;
        if observations.values().iter().all(|value| (0.0..=1.0).contains(value)) {
            estimate.interval = estimate.interval.within_unit();
        }
        Ok(Rate {
            name: name.to_owned(),
            estimate,
            design_effect: observations.clusters().and_then(|_| observations.design_effect()),
            answers: repeats.iter().map(Vec::len).sum(),
            repeats_enough: spread
                .and_then(|spread| spread.enough().filter(|_| !spread.is_enough())),
            reported: self.reported(name),
        })
    }

    /// How sure a score is where somebody looks again and again while the run goes on, and may stop when
    /// it suits them.
    pub fn rate_at_any_time(
        &self,
        name: &str,
        confidence: Confidence,
    ) -> Result<Rate, ScoredError> {
        let refused = |why| ScoredError::NotAtAnyTime { name: name.to_owned(), why };
        let mut values = Vec::new();
        for question in self.questions.values() {
            let Some(scores) = question.scores.get(name) else { continue };
            if question.cluster.is_some() {
                return Err(refused("questions in clusters tell less than their number"));
            }
            if scores.len() > 1 {
                return Err(refused("a question that is asked again changes what was seen"));
            }
            values.push((question.place, mean_of(scores)));
        }
        values.sort_by_key(|(place, _)| *place);
        let values: Vec<f64> = values.into_iter().map(|(_, value)| value).collect();
        let (interval, method) = at_any_time(&values, confidence)
            .map_err(|_| refused("its values are not between 0 and 1"))?;
        Ok(Rate {
            name: name.to_owned(),
            estimate: Estimate { interval, n: values.len(), clusters: None, method },
            design_effect: None,
            answers: values.len(),
            repeats_enough: None,
            reported: self.reported(name),
        })
    }

    /// What the log itself says of a score: its accuracy or mean.
    fn reported(&self, name: &str) -> Option<f64> {
        let short = name.rsplit('/').next().unwrap_or(name);
        let scores = &self.header.results.as_ref()?.scores;
        let found = scores.iter().find(|score| score.name == name || score.name == short)?;
        ["accuracy", "mean"].iter().find_map(|metric| found.metrics.get(*metric)?.value)
    }
}

/// The interval that holds at all times at once, of values in the order in which they came.
fn at_any_time(
    values: &[f64],
    confidence: Confidence,
) -> Result<(Interval, Method), StatisticsError> {
    if values.iter().all(|value| [0.0, 1.0].contains(value)) {
        let mut sequence = BetaMixture::new(confidence);
        for value in values {
            sequence.push(*value > 0.5);
        }
        return Ok((sequence.interval(), Method::BetaMixture));
    }
    let mut sequence = Hedged::new(confidence);
    values.iter().try_for_each(|value| sequence.push(*value))?;
    Ok((sequence.interval(), Method::HedgedCapital))
}

/// A score and how sure it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rate {
    /// The name of the score; of a table of scores, the scorer and the key.
    pub name: String,
    /// The mean over questions, with its interval.
    #[serde(flatten)]
    pub estimate: Estimate,
    /// By how much clusters multiply the variance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub design_effect: Option<f64>,
    /// How many answers have the score.
    pub answers: usize,
    /// How many answers to each question would make chance matter little, where they were asked more
    /// than once and not yet so often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeats_enough: Option<f64>,
    /// What the log itself says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported: Option<f64>,
}

/// The mean over the repeats of a question.
pub(crate) fn mean_of(repeats: &BTreeMap<u64, f64>) -> f64 {
    repeats.values().sum::<f64>() / repeats.len().max(1) as f64
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

/// Takes samples one by one, and keeps of each only what its scores need.
pub struct Reader<'a> {
    reading: &'a Reading,
    samples: Vec<Kept>,
    judged_by: BTreeMap<String, BTreeSet<String>>,
}

/// What is kept of a sample until all are known.
struct Kept {
    id: SampleId,
    epoch: u64,
    asked: Option<ContentHash>,
    cluster: Option<Value>,
    has_failed: bool,
    is_limited: bool,
    scores: BTreeMap<String, Value>,
}

impl<'a> Reader<'a> {
    /// Nothing yet.
    pub fn new(reading: &'a Reading) -> Self {
        Self { reading, samples: Vec::new(), judged_by: BTreeMap::new() }
    }

    /// One more sample.
    pub fn add(&mut self, sample: &Sample) {
        for (name, score) in &sample.scores {
            let by = score.metadata.as_ref().and_then(|about| about.get(JUDGED_BY)?.as_str());
            if let Some(by) = by {
                self.judged_by.entry(name.clone()).or_default().insert(by.to_owned());
            }
        }
        let scores = sample.scores.iter();
        let flat = scores.flat_map(|(name, score)| named(name.clone(), score.value.clone()));
        self.samples.push(Kept {
            id: sample.id.clone(),
            epoch: sample.epoch,
            asked: serde_json::to_vec(&sample.input).map(|text| ContentHash::of(&text)).ok(),
            cluster: sample.metadata.get(self.cluster_key()).cloned(),
            has_failed: sample.error.is_some(),
            is_limited: sample.limit.is_some(),
            scores: flat.collect(),
        });
    }

    /// The scores of all samples of a log.
    pub fn finish(self, header: Header) -> Result<Scored, ScoredError> {
        let names: BTreeSet<String> =
            self.samples.iter().flat_map(|sample| sample.scores.keys().cloned()).collect();
        let mut scored = Scored {
            header,
            questions: BTreeMap::new(),
            failed: 0,
            limited: 0,
            samples: self.samples.len(),
            not_numbers: BTreeMap::new(),
            withheld: if self.reading.uncorrected {
                BTreeSet::new()
            } else {
                self.judged_by.keys().cloned().collect()
            },
            judged_by: self.judged_by.clone(),
        };
        // The usual key names clusters where any sample has it; one that was asked for, always.
        let is_usual = || self.samples.iter().any(|sample| sample.cluster.is_some());
        let key = self.cluster_key();
        let is_clustered = key != ALONE && (self.reading.cluster.is_some() || is_usual());
        let clusters = is_clustered.then_some(key);
        for sample in self.samples {
            scored.add(sample, &names, clusters, self.reading.failures_count)?;
        }
        Ok(scored)
    }

    fn cluster_key(&self) -> &'a str {
        self.reading.cluster.as_deref().unwrap_or(CLUSTER)
    }
}

fn cluster_of(sample: &Kept, key: &str) -> Result<String, ScoredError> {
    match &sample.cluster {
        Some(Value::String(cluster)) => Ok(cluster.clone()),
        Some(Value::Null) | None => {
            Err(ScoredError::NoCluster { id: sample.id.to_string(), key: key.to_owned() })
        }
        Some(other) => Ok(other.to_string()),
    }
}

/// Why the scores of a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ScoredError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A sample belongs nowhere.
    #[error(
        "sample {id:?} has no {key:?} in its metadata, and others do: a cluster is never missing, so name it in the dataset, or give another --cluster, or --cluster id where every question stands alone"
    )]
    NoCluster {
        /// The sample.
        id: String,
        /// What it lacks.
        key: String,
    },
    /// A score has no interval that holds at any time.
    #[error(
        "{name} has no interval that may be looked at at any time ({why}): leave --anytime out and look once, at the end; --cluster id leaves clusters out"
    )]
    NotAtAnyTime {
        /// The score.
        name: String,
        /// Why it has none.
        why: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::inspect_log::{Failure, LogWriter, Score, Spec, Status};

    fn scored(samples: &[Sample], reading: &Reading) -> Result<Scored, ScoredError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.eval");
        let header = Header { status: Status::Success, ..Header::started(Spec::default()) };
        let mut log = LogWriter::create(&path, &header).unwrap();
        for sample in samples {
            log.append(sample).unwrap();
        }
        log.finish(&header).unwrap();
        Scored::read(&path, reading)
    }

    fn sample(id: &str, epoch: u64, value: Value, cluster: Option<&str>) -> Sample {
        let mut sample = Sample::new(id, epoch, id, "");
        sample.scores.insert("s".into(), Score::new(value));
        if let Some(cluster) = cluster {
            sample.metadata.insert("cluster".into(), cluster.into());
        }
        sample
    }

    #[test]
    fn values_become_numbers_as_in_inspect() {
        let cases = [
            (json!("C"), Some(1.0)),
            (json!("I"), Some(0.0)),
            (json!("P"), Some(0.5)),
            (json!("N"), Some(0.0)),
            (json!(true), Some(1.0)),
            (json!("No"), Some(0.0)),
            (json!("0.25"), Some(0.25)),
            (json!("nan"), None),
            (json!("B"), None),
            (json!([1]), None),
            (json!(null), None),
        ];
        for (value, expected) in cases {
            assert_eq!(number(&value), expected, "{value}");
        }
    }

    #[test]
    fn repeats_are_made_one_and_tables_taken_apart() {
        let table = json!({"relevant": 1, "faithful": "high"});
        let samples = [
            sample("a", 1, json!("C"), None),
            sample("a", 2, json!("I"), None),
            sample("b", 1, json!("C"), None),
            sample("b", 2, json!("C"), None),
            Sample {
                scores: [("t".into(), Score::new(table))].into(),
                ..sample("c", 1, json!(0), None)
            },
        ];
        let found = scored(&samples, &Reading::default()).unwrap();
        assert_eq!(found.names(), BTreeSet::from(["s", "t/relevant"]));
        assert_eq!(
            found.not_numbers["t/faithful"], 5,
            "it is missing four times and no number once"
        );
        let rate = found.rate("s", Confidence::P95).unwrap();
        assert_eq!((rate.estimate.n, rate.answers), (2, 4));
        assert!((rate.estimate.interval.value - 0.75).abs() < 1e-12);
    }

    #[test]
    fn failures_are_left_out_or_count_as_nothing() {
        let failed = Sample {
            error: Some(Failure::new("hung up")),
            scores: BTreeMap::new(),
            ..sample("c", 1, json!(0), None)
        };
        let samples = [sample("a", 1, json!("C"), None), sample("b", 1, json!("C"), None), failed];
        for (failures_count, n, mean) in [(false, 2, 1.0), (true, 3, 2.0 / 3.0)] {
            let reading = Reading { failures_count, ..Reading::default() };
            let found = scored(&samples, &reading).unwrap();
            assert_eq!((found.failed, found.samples), (1, 3));
            let rate = found.rate("s", Confidence::P95).unwrap();
            assert_eq!(rate.estimate.n, n);
            assert!((rate.estimate.interval.value - mean).abs() < 1e-12);
        }
    }

    #[test]
    fn a_run_may_be_looked_at_while_it_goes_on() {
        // The first twenty are answered badly, and were asked first whatever their names.
        let scores = |value: fn(usize) -> Value| -> Vec<Sample> {
            (0..80).map(|at| sample(&format!("{}", 999 - at), 1, value(at), None)).collect()
        };
        let rights = scored(&scores(|at| json!(at >= 20)), &Reading::default()).unwrap();
        let found = rights.rate_at_any_time("s", Confidence::P95).unwrap().estimate;
        assert_eq!((found.n, found.method), (80, Method::BetaMixture));
        let once = rights.rate("s", Confidence::P95).unwrap().estimate.interval;
        assert!(found.interval.width() > once.width() && found.interval.holds(0.75));
        let graded = scored(&scores(|at| json!(at as f64 / 80.0)), &Reading::default()).unwrap();
        let found = graded.rate_at_any_time("s", Confidence::P95).unwrap().estimate;
        assert_eq!(found.method, Method::HedgedCapital);
        let [twice, paged, counts] = [
            vec![sample("a", 1, json!(1), None), sample("a", 2, json!(0), None)],
            vec![sample("a", 1, json!(1), Some("p")), sample("b", 1, json!(1), Some("q"))],
            scores(|at| json!(at)),
        ];
        for samples in [twice, paged, counts] {
            let found = scored(&samples, &Reading::default()).unwrap();
            let refused = found.rate_at_any_time("s", Confidence::P95);
            assert!(matches!(refused, Err(ScoredError::NotAtAnyTime { .. })));
        }
    }

    #[test]
    fn a_cluster_is_never_missing() {
        let all = [sample("a", 1, json!(1), Some("p")), sample("b", 1, json!(0), Some("q"))];
        let found = scored(&all, &Reading::default()).unwrap();
        assert_eq!(found.rate("s", Confidence::P95).unwrap().estimate.clusters, Some(2));
        let some = [sample("a", 1, json!(1), Some("p")), sample("b", 1, json!(0), None)];
        let error = scored(&some, &Reading::default()).unwrap_err();
        insta::assert_snapshot!(error, @r#"sample "b" has no "cluster" in its metadata, and others do: a cluster is never missing, so name it in the dataset, or give another --cluster, or --cluster id where every question stands alone"#);
        let reading = Reading { cluster: Some("page".into()), ..Reading::default() };
        assert!(matches!(scored(&all, &reading), Err(ScoredError::NoCluster { .. })));
        let reading = Reading { cluster: Some("id".into()), ..Reading::default() };
        let found = scored(&some, &reading).unwrap();
        assert_eq!(found.rate("s", Confidence::P95).unwrap().estimate.clusters, None);
    }
}
