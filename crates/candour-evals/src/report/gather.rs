//! Goes through a run once, sample by sample, and keeps what a report shows of it: counts, times, and a
//! bounded number of samples.

use std::collections::{BTreeMap, BTreeSet};

use candour_core::Locale;
use serde::Serialize;
use serde_json::Value;

use super::shown::{LONGEST_LINE, LONGEST_SAID, cut};
use crate::inspect_log::{Input, LimitKind, Sample, Target};
use crate::judge::JUDGED_BY;
use crate::scored::{Better, number};
use crate::scorer::Scorer;

/// Samples that are shown with their answers.
const WORST: usize = 25;
/// Samples without an answer that are shown.
const ERRORS: usize = 50;
/// Tags that are told apart.
const TAGS: usize = 60;
/// Scores of a sample that are shown.
const SCORES: usize = 30;
/// Kinds of errors that are told apart.
const KINDS: usize = 30;

/// What a report shows of the samples of a run.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// The places of the questions of each tag.
    pub(super) tags: BTreeMap<String, Vec<u32>>,
    /// Whether there are more tags than are told apart.
    pub(super) more_tags: bool,
    /// The samples that scored lowest: by the bits of their mean, which order as it does, and their place.
    worst: BTreeMap<(u64, u64), Case>,
    /// Samples that have a score below 1.
    pub(super) below: u64,
    /// The first samples without an answer.
    pub(super) errors: Vec<Case>,
    /// Samples without an answer, by kind.
    pub(super) kinds: BTreeMap<String, u64>,
    /// Samples that a limit ended, by its kind.
    pub(super) limits: BTreeMap<String, u64>,
    /// Seconds that answers took.
    pub(super) seconds: Vec<f32>,
    /// Tokens by model.
    pub(super) tokens: BTreeMap<String, Tokens>,
    /// The names of all scores.
    pub(super) columns: BTreeSet<String>,
    samples: u64,
}

/// Tokens that a model took.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Tokens {
    /// Read.
    pub input: u64,
    /// Written.
    pub output: u64,
    /// What they cost, where the log says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}

/// One sample with its answer, cut to what a page can bear.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// Which of its repeats it is.
    pub epoch: u64,
    /// What it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The language of question and answer, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Locale>,
    /// What was asked; empty where only the suite knows.
    pub question: String,
    /// What should have come back.
    pub expected: Vec<String>,
    /// What came back.
    pub answer: String,
    /// Why nothing came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What it scored, each with why: the first of its scores.
    pub scores: Vec<CaseScore>,
    /// How many scores it has.
    pub all_scores: usize,
}

/// What a sample scored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseScore {
    /// The score.
    pub name: String,
    /// What it is.
    pub value: String,
    /// Why, where that is said, and what else the score says of itself.
    pub why: String,
}

impl Gathered {
    /// One more sample, of the question at a place.
    pub(super) fn add(&mut self, sample: &Sample, place: usize) {
        self.samples += 1;
        self.columns.extend(sample.scores.keys().cloned());
        self.add_tags(sample, place as u32);
        if let Some(limit) = &sample.limit {
            *self.limits.entry(limit_name(limit.kind)).or_default() += 1;
        }
        // An answer that was given before took no time that is known.
        let seconds = sample.total_time.or(sample.output.time).or(sample.working_time);
        self.seconds
            .extend(seconds.map(|seconds| seconds as f32).filter(|s| s.is_finite() && *s > 0.0));
        for (model, usage) in &sample.model_usage {
            let tokens = self.tokens.entry(model.clone()).or_default();
            tokens.input += usage.input_tokens;
            tokens.output += usage.output_tokens;
            if let Some(cost) = usage.total_cost {
                *tokens.cost.get_or_insert(0.0) += cost;
            }
        }
        match &sample.error {
            Some(error) => self.add_error(sample, &error.message),
            None => self.add_low(sample),
        }
    }

    /// The samples that scored lowest, the lowest first.
    pub(super) fn worst(&self) -> Vec<Case> {
        self.worst.values().cloned().collect()
    }

    fn add_tags(&mut self, sample: &Sample, place: u32) {
        let tags = sample.metadata.get("tags").and_then(Value::as_array);
        let tags = tags.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let language = sample.metadata.get("locale").and_then(Value::as_str);
        for tag in tags.chain(language.map(|language| format!("locale: {language}"))) {
            if self.tags.len() >= TAGS && !self.tags.contains_key(&tag) {
                self.more_tags = true;
                continue;
            }
            let places = self.tags.entry(tag).or_default();
            if let Err(at) = places.binary_search(&place) {
                places.insert(at, place);
            }
        }
    }

    fn add_error(&mut self, sample: &Sample, message: &str) {
        let kind = cut(message.lines().next().unwrap_or_default(), 80).into_owned();
        let is_known = self.kinds.contains_key(&kind) || self.kinds.len() < KINDS;
        *self.kinds.entry(if is_known { kind } else { "…".to_owned() }).or_default() += 1;
        if self.errors.len() < ERRORS {
            self.errors.push(case(sample));
        }
    }

    fn add_low(&mut self, sample: &Sample) {
        let Some(mean) = mean(sample).filter(|mean| *mean < 1.0) else { return };
        self.below += 1;
        let key = (mean.to_bits(), self.samples);
        if self.worst.len() >= WORST
            && self.worst.last_key_value().is_some_and(|(most, _)| key >= *most)
        {
            return;
        }
        self.worst.insert(key, case(sample));
        if self.worst.len() > WORST {
            self.worst.pop_last();
        }
    }
}

/// How good a value of a score is, from 0 to 1; nothing of what is no share. Where nobody knows which end is the
/// better it is taken to be 1.
pub(super) fn goodness(name: &str, value: f64) -> Option<f64> {
    goodness_as(Better::of(name), name, value)
}

/// The same where it is known which end is the better.
pub(super) fn goodness_as(better: Option<Better>, name: &str, value: f64) -> Option<f64> {
    let short = name.rsplit('/').next().unwrap_or(name);
    let own = Scorer::ALL.into_iter().find(|scorer| scorer.name() == short);
    if !(0.0..=1.0).contains(&value) || own.is_some_and(|scorer| !scorer.is_share()) {
        return None;
    }
    Some(match better {
        Some(Better::Lower) => 1.0 - value,
        _ => value,
    })
}

/// The mean of a sample's scores, as far as it is known which end is the better.
fn mean(sample: &Sample) -> Option<f64> {
    let values = sample.scores.iter();
    let values = values.filter_map(|(name, score)| goodness(name, number(&score.value)?));
    let shares: Vec<f64> = values.collect();
    (!shares.is_empty()).then(|| shares.iter().sum::<f64>().abs() / shares.len() as f64)
}

/// A sample with its answer, cut.
pub(super) fn case(sample: &Sample) -> Case {
    let text = |key: &str| sample.metadata.get(key).and_then(Value::as_str);
    let line = |text: &str| cut(text, LONGEST_LINE).into_owned();
    let expected = match &sample.target {
        Target::One(text) => vec![text.clone()],
        Target::Many(texts) => texts.clone(),
    };
    let expected = expected.iter().filter(|text| !text.is_empty()).take(10);
    Case {
        id: sample.id.to_string(),
        epoch: sample.epoch,
        cluster: text("cluster").map(line),
        language: text("locale").map(Locale::from),
        question: cut(&question(sample), LONGEST_SAID).into_owned(),
        expected: expected.map(|text| line(text)).collect(),
        answer: cut(&answer(sample), LONGEST_SAID).into_owned(),
        error: sample.error.as_ref().map(|error| line(&error.message)),
        scores: scores(sample),
        all_scores: sample.scores.len(),
    }
}

/// What was asked, as text.
pub(super) fn question(sample: &Sample) -> String {
    match &sample.input {
        Input::Text(text) => text.clone(),
        Input::Messages(messages) => {
            messages.iter().map(|message| message.content.text()).collect::<Vec<_>>().join("\n")
        }
    }
}

/// What was answered, as text.
pub(super) fn answer(sample: &Sample) -> String {
    sample.output.choices.first().map(|choice| choice.message.content.text()).unwrap_or_default()
}

fn scores(sample: &Sample) -> Vec<CaseScore> {
    let score = |(name, score): (&String, &crate::inspect_log::Score)| {
        let beside = score.metadata.iter().flatten();
        // Who judged is said once, above all samples.
        let is_judged = score.metadata.as_ref().is_some_and(|about| about.contains_key(JUDGED_BY));
        let beside = beside.filter(|_| !is_judged);
        let beside = beside.map(|(key, value)| format!("{key}: {}", plain(value)));
        let why = score.explanation.iter().cloned().chain(beside).collect::<Vec<_>>().join("; ");
        let value = cut(&plain(&score.value), 60).into_owned();
        CaseScore { name: name.clone(), value, why: cut(&why, LONGEST_LINE).into_owned() }
    };
    sample.scores.iter().take(SCORES).map(score).collect()
}

/// A value as people read it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if !number.is_i64() && !number.is_u64() => {
                let text = format!("{float:.3}");
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

fn limit_name(kind: LimitKind) -> String {
    serde_json::to_value(kind).ok().as_ref().map(plain).unwrap_or_default()
}
