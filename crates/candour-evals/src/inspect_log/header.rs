//! What a log says of a run as a whole: everything but its samples.
//!
//! The order of the fields is the order in which they are written. Inspect's reader of headers wants
//! `version`, `status`, `eval`, `plan` and `stats` before the samples, and sees `results` and `error`
//! only there.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::sample::{SampleId, Usage};

/// The version of the schema that is written, and the highest that is read.
pub(super) const VERSION: u64 = 2;

/// A log without its samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the schema.
    pub version: u64,
    /// How the run stands.
    pub status: Status,
    /// What was run.
    pub eval: Spec,
    /// What was done with each sample.
    #[serde(default, deserialize_with = "or_default")]
    pub plan: Plan,
    /// What came of it, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<Results>,
    /// When it ran and what it used.
    #[serde(default, deserialize_with = "or_default")]
    pub stats: Stats,
    /// Why it ended early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

impl Header {
    /// The header of a run that begins.
    pub fn started(eval: Spec) -> Self {
        Self {
            version: VERSION,
            status: Status::Started,
            eval,
            plan: Plan::default(),
            results: None,
            stats: Stats::default(),
            error: None,
        }
    }
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It goes on, or was killed.
    Started,
    /// It came to its end.
    Success,
    /// Somebody stopped it.
    Cancelled,
    /// It failed.
    Error,
}

/// What was run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// Names the evaluation.
    #[serde(default)]
    pub eval_id: String,
    /// Names the run, of which several evaluations may be part.
    #[serde(default)]
    pub run_id: String,
    /// When it began, as `2026-11-25T10:00:00+00:00`.
    pub created: String,
    /// The name of the task.
    pub task: String,
    /// Names the task's instance.
    #[serde(default)]
    pub task_id: String,
    /// The version of the task: a number or text.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub task_version: Value,
    /// What the task was told.
    #[serde(default, deserialize_with = "or_default")]
    pub task_args: Map<String, Value>,
    /// Words to find it by.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The questions.
    #[serde(default, deserialize_with = "or_default")]
    pub dataset: DatasetSpec,
    /// What was scored by.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub scorers: Vec<ScorerSpec>,
    /// What was measured.
    pub model: String,
    /// Other models by what they are there for, such as `grader`.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Map::is_empty")]
    pub model_roles: Map<String, Value>,
    /// Where it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_base_url: Option<String>,
    /// Limits and repeats.
    #[serde(default, deserialize_with = "or_default")]
    pub config: Config,
    /// The versions of the software that ran it.
    #[serde(default, deserialize_with = "or_default")]
    pub packages: BTreeMap<String, String>,
    /// Anything else, by name.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

/// The key of a run's metadata under which our own logs say in full what was asked.
pub(crate) const TARGET: &str = "target";

/// The name under which our own logs give the version of this program.
pub(crate) const OURS: &str = "candour";

impl Spec {
    /// What was asked: in full where the log is ours, else the model.
    pub fn asked_of(&self) -> &str {
        self.metadata.get(TARGET).and_then(Value::as_str).unwrap_or(&self.model)
    }

    /// Whether this program wrote the log.
    pub(crate) fn is_ours(&self) -> bool {
        self.packages.contains_key(OURS)
    }
}

/// A scorer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScorerSpec {
    /// Its name, with that of its package.
    pub name: String,
    /// What it was told.
    #[serde(deserialize_with = "or_default")]
    pub options: Map<String, Value>,
}

/// The questions that were asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DatasetSpec {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// How many samples it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// Their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_ids: Option<Vec<SampleId>>,
    /// Whether their order was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shuffled: Option<bool>,
}

/// Limits and repeats.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// How many samples, or which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Value>,
    /// How often each sample was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<u64>,
    /// How the scores of repeats were made one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs_reducer: Option<Vec<String>>,
    /// Whether, or at which count or share, failed samples fail the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_on_error: Option<Value>,
    /// Tokens a sample may use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_limit: Option<u64>,
    /// Seconds a sample may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_limit: Option<u64>,
    /// What a sample may cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_limit: Option<f64>,
    /// Samples asked at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_samples: Option<u64>,
}

/// What was done with each sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    /// Its name.
    pub name: String,
    /// Its steps.
    pub steps: Vec<Step>,
}

impl Default for Plan {
    fn default() -> Self {
        Self { name: "plan".to_owned(), steps: Vec::new() }
    }
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What it is called.
    pub solver: String,
    /// What it was told.
    #[serde(default, deserialize_with = "or_default")]
    pub params: Map<String, Value>,
}

/// What came of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Results {
    /// How many samples there were, each as often as it was asked.
    pub total_samples: u64,
    /// How many of them came to an end.
    pub completed_samples: u64,
    /// The scorers and their metrics.
    pub scores: Vec<ScorerResults>,
    /// Anything else, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// The metrics of one scorer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ScorerResults {
    /// The name of the score.
    pub name: String,
    /// The scorer that gave it.
    #[serde(default)]
    pub scorer: String,
    /// How repeats were made one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reducer: Option<String>,
    /// How many samples have the score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scored_samples: Option<u64>,
    /// How many have not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unscored_samples: Option<u64>,
    /// What the scorer was told.
    #[serde(default, deserialize_with = "or_default")]
    pub params: Map<String, Value>,
    /// The metrics by their names.
    #[serde(default, deserialize_with = "or_default")]
    pub metrics: BTreeMap<String, MetricValue>,
    /// Anything else, by name: the place for intervals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// One metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricValue {
    /// Its name.
    pub name: String,
    /// Its value. Inspect writes numbers that are none as `NaN`, which is read as nothing.
    pub value: Option<f64>,
    /// What it was told.
    #[serde(default, deserialize_with = "or_default")]
    pub params: Map<String, Value>,
}

/// When a run took place and what it used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stats {
    /// When it began.
    pub started_at: String,
    /// When it ended; empty while it goes on.
    pub completed_at: String,
    /// Tokens by model.
    #[serde(deserialize_with = "or_default")]
    pub model_usage: BTreeMap<String, Usage>,
}

/// Why a run or a sample failed. Inspect wants all three fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Failure {
    /// What happened.
    pub message: String,
    /// Where it happened.
    pub traceback: String,
    /// The same in colour.
    pub traceback_ansi: String,
}

impl Failure {
    /// A failure that has no trace but its message.
    pub fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { traceback: message.clone(), traceback_ansi: message.clone(), message }
    }
}

/// Reads `null` as the default: older versions of Inspect write it for what is not there.
pub(super) fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
