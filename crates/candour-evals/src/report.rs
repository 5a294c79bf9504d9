//! Reports that people read and keep: what was asked of what, how well it did and how sure that is, as one
//! HTML page that needs nothing else, as Markdown, JSON and CSV.
//!
//! `source` reads runs, `gather` goes through their samples once and keeps what is shown, `page`,
//! `comparison` and `safeguards` make a `Document` of it in English or Welsh, and `html` and `markdown`
//! write that. A
//! document knows which words are not ours, so that what somebody answered is shown and never obeyed.

mod attacks;
mod cases;
mod chart;
mod comparison;
mod csv;
mod document;
mod figures;
mod gather;
mod html;
mod judged;
mod labels;
mod many;
mod markdown;
mod page;
mod parts;
mod safeguards;
mod scores;
mod shown;
mod source;
#[cfg(test)]
mod tests;
mod times;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use candour_core::ContentHash;
use serde::Serialize;
use serde_json::{Map, Value};

pub use self::chart::{Chart, Drawing, Line};
pub use self::comparison::{Changed, ComparisonReport};
pub use self::csv::csv;
pub use self::document::{Block, Document, Section, Table, Text};
pub use self::gather::{Case, CaseScore, Tokens};
use self::gather::{Gathered, goodness};
pub use self::html::html;
pub use self::markdown::markdown;
pub use self::shown::visible;
pub use self::source::{Source, run_below};
pub use self::times::{Bin, Times};
pub(crate) use self::words::{Words, words};
use crate::compare::CompareError;
use crate::evidence::{EvidenceError, Figure, figures};
use crate::inspect_log::{Header, LogError};
use crate::runner::{LOG, RunnerError};
use crate::scored::{Question, Rate, Reader, Reading, Scored, ScoredError};
use crate::statistics::Confidence;

/// Groups of questions that are shown of each sort.
const GROUPS: usize = 20;

/// One run, as a report shows it.
#[derive(Debug, Serialize)]
pub struct RunReport {
    /// The name that it was given by.
    pub name: String,
    /// What it is a run of.
    pub title: String,
    /// The hash of the log, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_hash: Option<ContentHash>,
    /// The hash by which it is, or can be, kept as evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<ContentHash>,
    /// What the log says of the run; of a folder without one, nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// What was left in its folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<crate::evidence::Outcome>,
    /// Whether it stopped before its end.
    pub is_unfinished: bool,
    /// Samples, each as often as it was asked.
    pub samples: usize,
    /// Questions.
    pub questions: usize,
    /// Samples without an answer.
    pub failed: usize,
    /// The same by kind.
    pub errors: BTreeMap<String, u64>,
    /// The first of them.
    pub named_errors: Vec<Case>,
    /// Whether samples without an answer count as the worst value of each score, where it is known.
    pub failures_count: bool,
    /// Samples that a limit ended, by its kind.
    pub limits: BTreeMap<String, u64>,
    /// The scores, with their intervals.
    pub scores: Vec<ScoreReport>,
    /// Scores that a model judged and that stand here only as people's labels correct them, if at all.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub withheld: BTreeSet<String>,
    /// Scores of some of the questions, by tag.
    pub tags: Vec<Group>,
    /// Whether there are more tags than are told apart.
    pub more_tags: bool,
    /// The same by cluster: those that scored lowest.
    pub clusters: Vec<Group>,
    /// How many clusters there are.
    pub all_clusters: usize,
    /// The samples that scored lowest.
    pub lowest: Vec<Case>,
    /// Samples that have a score below 1.
    pub below: u64,
    /// How long answers took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<Times>,
    /// Tokens by model.
    pub tokens: BTreeMap<String, Tokens>,
    /// Figures of a measurement that is more than one run.
    pub figures: Vec<Figure>,
    /// The names of all scores that any sample has, as rows of CSV have them.
    #[serde(skip)]
    columns: BTreeSet<String>,
}

/// A score, as a report shows it.
#[derive(Debug, Serialize)]
pub struct ScoreReport {
    /// The score and how sure it is.
    #[serde(flatten)]
    pub rate: Rate,
    /// Samples that have no such score, or none that is a number.
    pub unscored: usize,
    /// What the scorer says of itself, such as the judge, its cost and its agreement with people.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub beside: Map<String, Value>,
}

/// Some of the questions, and how they scored.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// What they have in common.
    pub name: String,
    /// How many they are.
    pub questions: usize,
    /// The mean of each score, in the order of the scores.
    pub scores: Vec<Option<Part>>,
}

/// The mean of a score over a group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Part {
    /// The mean.
    pub value: f64,
    /// The ends of its interval; none where the group is too small to have any.
    pub interval: Option<[f64; 2]>,
    /// Of how many questions.
    pub n: usize,
}

impl RunReport {
    /// Reads a run.
    pub fn read(
        source: &Source,
        reading: &Reading,
        confidence: Confidence,
    ) -> Result<Self, ReportError> {
        let (mut gathered, mut reader) = (Gathered::default(), Reader::new(reading));
        let header = source.read(&mut |sample| {
            let place = reader.add(&sample);
            gathered.add(&sample, place);
        })?;
        let scored = reader.finish(header)?;
        let names: Vec<String> = scored.names().into_iter().map(str::to_owned).collect();
        let evidence = source.found.as_ref().map(crate::evidence::Found::evidence).transpose()?;
        let log = match &evidence {
            Some(evidence) => evidence.files.get(LOG).cloned(),
            None => source.log().map(crate::evidence::measure).transpose()?,
        };
        let (clusters, all_clusters) = clusters(&scored, &names);
        let outcome = source.found.as_ref().map(|found| found.outcome.clone());
        let worst = gathered.worst();
        let report = Self {
            name: source.name.clone(),
            title: title(source, &scored.header),
            log_hash: log.map(|file| file.hash),
            evidence: evidence.map(|evidence| evidence.hash()),
            is_unfinished: source.is_unfinished(),
            samples: scored.samples,
            questions: scored.questions.len(),
            failed: scored.failed,
            failures_count: reading.failures_count,
            scores: names.iter().map(|name| score(&scored, name, confidence)).collect(),
            tags: tags(&scored, &gathered, &names, confidence),
            withheld: scored.withheld,
            clusters,
            all_clusters,
            figures: match &outcome {
                Some(outcome) if !source.has_samples() => figures(&outcome.result),
                _ => Vec::new(),
            },
            outcome,
            header: source.has_samples().then_some(scored.header),
            errors: gathered.kinds,
            named_errors: gathered.errors,
            limits: gathered.limits,
            more_tags: gathered.more_tags,
            lowest: worst,
            below: gathered.below,
            times: Times::of(gathered.seconds),
            tokens: gathered.tokens,
            columns: gathered.columns,
        };
        Ok(if reading.uncorrected { report } else { report.without_bare_rates() })
    }
}

fn title(source: &Source, header: &Header) -> String {
    match &source.found {
        Some(found) if !source.has_samples() => found.outcome.title.clone(),
        _ => header.eval.task.clone(),
    }
}

fn score(scored: &Scored, name: &str, confidence: Confidence) -> ScoreReport {
    let results = scored.header.results.iter().flat_map(|results| &results.scores);
    let short = name.rsplit('/').next().unwrap_or(name);
    let own = results.into_iter().find(|score| score.name == name || score.name == short);
    let known = ["value", "low", "high", "n", "clusters", "method", "note"];
    let beside = own
        .into_iter()
        .flat_map(|score| score.params.iter().chain(score.metadata.iter().flatten()));
    let beside = beside.filter(|(key, value)| !known.contains(&key.as_str()) && !value.is_null());
    ScoreReport {
        rate: scored.rate(name, confidence),
        unscored: scored.not_numbers.get(name).copied().unwrap_or_default(),
        beside: beside.map(|(key, value)| (key.clone(), value.clone())).collect(),
    }
}

/// The scores of the questions of each tag, those with most questions first.
fn tags(
    scored: &Scored,
    gathered: &Gathered,
    names: &[String],
    confidence: Confidence,
) -> Vec<Group> {
    let mut questions: Vec<&Question> = scored.questions.values().collect();
    questions.sort_unstable_by_key(|question| question.place);
    let group = |(tag, places): (&String, &Vec<u32>)| {
        let members: Vec<&Question> =
            places.iter().filter_map(|place| questions.get(*place as usize).copied()).collect();
        let part = |name: &String| {
            let interval = scored.rate_over(name, confidence, &members).estimate.interval();
            mean_over(&members, name, interval.map(|interval| [interval.low, interval.high]))
        };
        let parts = names.iter().map(part).collect();
        Group { name: tag.clone(), questions: members.len(), scores: parts }
    };
    let mut groups: Vec<Group> = gathered.tags.iter().map(group).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.questions));
    groups
}

/// The clusters with several questions that scored lowest, and how many clusters there are.
fn clusters(scored: &Scored, names: &[String]) -> (Vec<Group>, usize) {
    let mut members: BTreeMap<&str, Vec<&Question>> = BTreeMap::new();
    for question in scored.questions.values() {
        if let Some(cluster) = &question.cluster {
            members.entry(cluster).or_default().push(question);
        }
    }
    let all = members.len();
    let several = members.into_iter().filter(|(_, questions)| questions.len() > 1);
    let group = |(name, questions): (&str, Vec<&Question>)| {
        let part = |name: &String| mean_over(&questions, name, None);
        let parts: Vec<Option<Part>> = names.iter().map(part).collect();
        Group { name: name.to_owned(), questions: questions.len(), scores: parts }
    };
    let mut groups: Vec<(f64, Group)> = several
        .map(group)
        .map(|group| {
            let values = names.iter().zip(&group.scores);
            let values = values.filter_map(|(name, part)| goodness(name, part.as_ref()?.value));
            let shares: Vec<f64> = values.collect();
            (shares.iter().sum::<f64>() / shares.len().max(1) as f64, group)
        })
        .collect();
    groups.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    (groups.into_iter().take(GROUPS).map(|(_, group)| group).collect(), all)
}

/// The mean of a score over those questions that have it.
fn mean_over(questions: &[&Question], name: &str, interval: Option<[f64; 2]>) -> Option<Part> {
    let means = questions.iter().filter_map(|question| question.scores.mean(name));
    let (sum, n) = means.fold((0.0, 0), |(sum, n), mean| (sum + mean, n + 1));
    (n > 0).then(|| Part { value: sum / n as f64, interval, n })
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A folder holds nothing that can be reported.
    #[error(
        "{path} is no run: name the folder of a run, which has a journal.jsonl or a result.json, or an Inspect log"
    )]
    NotARun {
        /// The folder.
        path: String,
    },
    /// A folder holds runs of one measurement that did not come to its end.
    #[error(
        "{path} holds runs, and not yet what they come to: the command that began them with the same --out goes on, or name one of them, such as {first}"
    )]
    NotYet {
        /// The folder.
        path: String,
        /// The first of its runs.
        first: String,
    },
    /// What several runs came to is to be compared.
    #[error(
        "{name} is what several runs came to, and runs are compared one by one, attack by attack: name the same one of both, such as {first}"
    )]
    Several {
        /// The measurement.
        name: String,
        /// The first of its runs.
        first: String,
    },
    /// There are no questions to compare.
    #[error(
        "{name} holds figures without questions, and two runs are compared question by question: name runs or Inspect logs"
    )]
    Figures {
        /// The measurement.
        name: String,
    },
    /// What was asked in a run is not known.
    #[error(
        "{name} is not complete, and what it asks stands in its suite alone: compare it with a run of the same suite in the same state, or let the command that began it go on to its end first"
    )]
    Unfinished {
        /// The run.
        name: String,
    },
    /// A log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A journal cannot be read.
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// What a folder holds cannot be read.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// Scores cannot be read.
    #[error(transparent)]
    Scored(#[from] ScoredError),
    /// Runs cannot be compared.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// Rows cannot be written.
    #[error("the rows cannot be written ({0}): make room, or name another file")]
    Csv(::csv::Error),
}
