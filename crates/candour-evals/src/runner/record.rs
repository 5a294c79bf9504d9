//! What a run keeps: what it is a run of, and what came of each question.

use std::collections::BTreeMap;
use std::ops::Not;

use candour_core::{AnswererError, ContentHash, Endpoint, Reply, Writer};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::shard::Shard;
use super::written::Place;
use crate::judge::{self, Judged, Judgement, Step};
use crate::scorer::{Case, Score, Scorer};
use crate::suite::{About, Sample, short_hash};

/// The first line of every journal says so.
pub(super) const FORMAT: &str = "candour-eval-run-1";

/// Whether a journal is written in another format than this program knows: a line of it could be read, and
/// mean something else.
pub(crate) fn is_of_another_format(format: &str) -> bool {
    format != FORMAT && format.starts_with(FORMATS)
}

/// The kind of the error of a question that was on its way and was given up.
pub(super) const IN_FLIGHT: &str = "in_flight";

/// What the name of every format of a journal begins with.
const FORMATS: &str = "candour-eval-run-";

/// Why models stop, in the words that endpoints have for it.
const STOPS: [&str; 4] = ["stop", "length", "content_filter", "tool_calls"];

/// What a run is a run of. A run is gone on with only where all but the time is the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// What kind of file this is.
    pub format: String,
    /// The version of the program: another may score otherwise.
    pub program: String,
    /// The name of the suite.
    pub suite: String,
    /// The hash of the suite's files, the limits of the whole run left out.
    pub suite_hash: ContentHash,
    /// What is looked at in each answer.
    pub scorers: Vec<Scorer>,
    /// How often each question is asked.
    pub epochs: u32,
    /// What is asked.
    pub target: String,
    /// Which model that is, and where, where it is one over a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// Which model judges, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<judge::Identity>,
    /// Which part of the suite, where it is not all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// When it began.
    pub started_at: Timestamp,
}

impl Header {
    /// What differs from the header of a run that is to be gone on with, in words.
    pub(super) fn difference(&self, earlier: &Self) -> Option<String> {
        let pairs = [
            ("format", self.format.clone(), earlier.format.clone()),
            ("version of candour", self.program.clone(), earlier.program.clone()),
            ("suite", self.suite.clone(), earlier.suite.clone()),
            ("content of the suite", self.suite_hash.to_string(), earlier.suite_hash.to_string()),
            ("target", self.target.clone(), earlier.target.clone()),
            ("judge", judged_by(self.judge.as_ref()), judged_by(earlier.judge.as_ref())),
            ("shard", named(self.shard), named(earlier.shard)),
        ];
        let different = pairs.into_iter().find(|(_, now, then)| now != then);
        different.map(|(what, now, then)| format!("its {what} was {then}, and is {now} now"))
    }
}

fn named(shard: Option<Shard>) -> String {
    shard.map_or_else(|| "the whole".to_owned(), |shard| shard.to_string())
}

fn judged_by(judge: Option<&judge::Identity>) -> String {
    judge.map_or_else(|| "nobody".to_owned(), ToString::to_string)
}

/// What came of one question. It holds nothing of when and in what order, so that the same answers make
/// the same bytes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The sample.
    pub id: String,
    /// How often it had been asked, this time included.
    pub epoch: u32,
    /// What the sample has in common with those that are not independent of it.
    pub cluster: String,
    /// The label that a classifier should give, where that is what is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Others that it should give, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The answer, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// Else why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// What was found in the answer. Without an answer, what was due counts as 0, where any answer of the
    /// run had something to look at.
    pub scores: BTreeMap<Scorer, Score>,
    /// What a model judged of the answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub judged: BTreeMap<Scorer, Judged>,
    /// What it was asked for that, and said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judgements: Vec<Judgement>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A stable name.
    pub kind: String,
    /// The same for people.
    pub detail: String,
}

impl From<AnswererError> for Failure {
    fn from(error: AnswererError) -> Self {
        Self { kind: error.kind().to_owned(), detail: error.to_string() }
    }
}

impl Failure {
    /// Why a suite's question has no answer.
    pub(super) fn of(error: AnswererError, about: &About) -> Self {
        if about.withhold { Self::without_words(&error) } else { error.into() }
    }

    /// What is known of a failure without the words of whoever failed: they may be those of the question.
    fn without_words(error: &AnswererError) -> Self {
        let detail = match error {
            AnswererError::Refused { status, .. } => {
                format!("it refused the question (HTTP {status}), in words that are withheld")
            }
            AnswererError::TimedOut(_)
            | AnswererError::Busy { .. }
            | AnswererError::NotRecorded => error.to_string(),
            AnswererError::Unreachable(_)
            | AnswererError::Broken(_)
            | AnswererError::TooLong(_)
            | AnswererError::Malformed(_)
            | AnswererError::Recorded { .. }
            | AnswererError::Failed(_) => "what was said of it is withheld".to_owned(),
        };
        Self { kind: error.kind().to_owned(), detail }
    }

    /// Nobody knows what came of a request, and it is not made again.
    pub(super) fn in_flight() -> Self {
        let detail = "it was on its way when the run was killed, and is not asked again";
        Self { kind: IN_FLIGHT.to_owned(), detail: detail.to_owned() }
    }
}

impl Record {
    /// Scores what came of a question.
    pub(super) fn new(
        sample: &Sample,
        epoch: u32,
        outcome: Result<Reply, Failure>,
        about: &About,
    ) -> Self {
        let scores: BTreeMap<Scorer, Score> = if let Ok(reply) = &outcome {
            let case = Case { sample, reply, about };
            let score = |scorer: &Scorer| Some((*scorer, scorer.score(&case)?));
            about.scorers.iter().filter_map(score).collect()
        } else {
            let due = about.scorers.iter().filter(|scorer| scorer.is_due(sample));
            let missed = Score { value: 0.0, why: Some("no answer".to_owned()) };
            due.map(|scorer| (*scorer, missed.clone())).collect()
        };
        let outcome = if about.withhold { outcome.map(without_words) } else { outcome };
        let scores = if about.withhold { without_reasons(scores) } else { scores };
        let (reply, error) = match outcome {
            Ok(reply) => (Some(reply), None),
            Err(failure) => (None, Some(failure)),
        };
        Self {
            id: sample.id.clone(),
            epoch,
            cluster: sample.cluster().to_owned(),
            label: sample.label.clone(),
            labels: sample.labels.clone(),
            reply,
            error,
            scores,
            judged: BTreeMap::new(),
            judgements: Vec::new(),
        }
    }
}

/// What is known of an answer without its words. An endpoint may say anything where it names its model.
fn without_words(reply: Reply) -> Reply {
    Reply {
        status: reply.status,
        confidence: reply.confidence,
        stop: reply.stop.filter(|stop| STOPS.contains(&stop.as_str())),
        usage: reply.usage,
        earlier_usage: reply.earlier_usage,
        writer: reply.writer,
        latency_us: reply.latency_us,
        ..Reply::default()
    }
}

/// A reason may name words of the answer.
fn without_reasons(scores: BTreeMap<Scorer, Score>) -> BTreeMap<Scorer, Score> {
    scores.into_iter().map(|(scorer, score)| (scorer, Score { why: None, ..score })).collect()
}

/// Names a question among all of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(u128, u32);

impl Key {
    pub(crate) fn of(id: &str, epoch: u32) -> Self {
        Self(short_hash(id), epoch)
    }

    /// The halves of the name's hash, and the epoch.
    pub(super) fn numbers(self) -> [u64; 3] {
        [(self.0 >> 64) as u64, self.0 as u64, self.1.into()]
    }

    pub(super) fn of_numbers([high, low, epoch]: [u64; 3]) -> Self {
        Self(u128::from(high) << 64 | u128::from(low), epoch as u32)
    }
}

/// The line before a request: it may be paid for from now on.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Asking {
    /// The sample and the epoch.
    pub(super) asking: (String, u32),
    /// Whether it was on its way when an earlier part of the run was killed: it may then be paid for twice.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(super) again: bool,
}

/// The line that says for how long a run was asked by then, its earlier parts included.
#[derive(Debug, Serialize)]
pub(super) struct Used {
    pub(super) used_seconds: f64,
}

/// A line on the way to a record: an answer that is to be judged, the line before a judge is asked, and
/// what it said. When there is a record it holds all of them, and they count no more.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Part {
    /// The sample and the epoch.
    #[serde(default, rename = "part_of")]
    pub(super) of: (String, u32),
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reply: Option<Reply>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) judging: Option<Step>,
    /// Whether that was on its way before, as of a question.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(super) again: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) judgement: Option<Judgement>,
    /// All that was said, of a record that is read as a part of the one that is to replace it.
    #[serde(default, skip_serializing)]
    pub(super) judgements: Vec<Judgement>,
}

/// What is known of a question that has no record yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Begun {
    pub(super) reply: Option<Reply>,
    /// What the judge was asked, and of whose reply nothing is known.
    pub(super) judging: Option<Step>,
    pub(super) judgements: Vec<Judgement>,
}

impl Begun {
    pub(super) fn add(&mut self, part: Part) {
        if part.reply.is_some() {
            // An answer that is asked again is judged anew.
            *self = Self { reply: part.reply, ..Self::default() };
        }
        self.judging = part.judging;
        self.judgements.extend(part.judgements.into_iter().chain(part.judgement));
    }
}

/// What has to be known of a line to find it again: the name of what is asked, or of what was answered.
#[derive(Deserialize)]
pub(super) struct Named {
    #[serde(default)]
    pub(super) asking: Option<(String, u32)>,
    #[serde(default)]
    pub(super) again: bool,
    #[serde(default)]
    pub(super) part_of: Option<(String, u32)>,
    #[serde(default)]
    pub(super) used_seconds: Option<f64>,
    #[serde(default)]
    pub(super) judging: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    pub(super) judged: BTreeMap<String, NamedJudged>,
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    pub(super) epoch: u32,
    #[serde(default)]
    pub(super) reply: Option<NamedReply>,
    #[serde(default)]
    pub(super) error: Option<serde::de::IgnoredAny>,
}

impl Named {
    /// The place of the line, with what became of its question.
    pub(super) fn place(&self, offset: u64, length: usize) -> Place {
        let is_unjudged = self.judged.values().any(|judged| judged.error.is_some());
        let writer = self.reply.as_ref().and_then(|reply| reply.writer.as_ref());
        let is_without_writer = writer.is_some_and(|writer| writer.failure().is_some());
        let is_error = self.error.is_some() || is_without_writer;
        Place { offset, length: length as u64, is_error, is_unjudged }
    }
}

#[derive(Deserialize)]
pub(super) struct NamedReply {
    #[serde(default)]
    pub(super) writer: Option<Writer>,
}

#[derive(Deserialize)]
pub(super) struct NamedJudged {
    #[serde(default)]
    pub(super) error: Option<serde::de::IgnoredAny>,
}
