//! The log of a run that came to rest, in the format of Inspect: samples in the order of the suite, so that
//! the same answers make the same members, byte for byte. What names the run is in the header alone.

mod judged;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use candour_core::{ContentHash, Reply, TokenUsage};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use self::judged::Grader;
use super::record::{Header, Record};
use super::summary::Summary;
use super::written::{Place, Written};
use super::{LOG, RunnerError};
use crate::inspect_log::{
    self, Config, DatasetSpec, Failure, Input, LogWriter, Message, MetricValue, OURS, Output,
    Results, Role, ScorerResults, Spec, Stats, Status, StopReason, TARGET, Target, Usage,
};
use crate::scorer::Scorer;
use crate::statistics::Rate;
use crate::suite::{Sample, Suite};

/// Who answered, where nobody says.
const UNNAMED: &str = "unnamed";
/// Models whose tokens are counted apart.
const MODELS_COUNTED: usize = 100;
/// The names that Inspect gives are as long.
const LENGTH_OF_NAMES: usize = 22;

/// Writes the log of a run; one that is there already is of the same answers, or of fewer.
pub(super) fn write(
    folder: &Path,
    suite: &Suite,
    run: &Header,
    written: &Written,
    summary: &Summary,
    completed_at: String,
) -> Result<(), RunnerError> {
    let (whole, part) = (folder.join(LOG), folder.join(format!("{LOG}.part")));
    let unwritable = |error| RunnerError::Unwritable { path: part.display().to_string(), error };
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(unwritable(error));
        }
        _ => {}
    }
    let mut header = inspect_log::Header::started(spec_of(suite, run));
    header.eval.metadata.insert("ending".to_owned(), json!(summary.ending));
    // The suite has every name once.
    let mut log = LogWriter::of_different(&part, &header)?;
    header.stats = Stats {
        started_at: header.eval.created.clone(),
        completed_at,
        model_usage: append(&mut log, suite, written, summary)?,
    };
    header.status = if summary.is_complete() { Status::Success } else { Status::Cancelled };
    header.results = Some(results(summary));
    log.finish(&header)?;
    std::fs::rename(&part, &whole).map_err(unwritable)
}

/// Adds every sample to a log, and gives what the models used.
fn append(
    log: &mut LogWriter,
    suite: &Suite,
    written: &Written,
    summary: &Summary,
) -> Result<BTreeMap<String, Usage>, RunnerError> {
    let judge = summary.judge.as_ref();
    let grader =
        judge.map(|judge| Grader { identity: &judge.identity, prices: judge.prices.as_ref() });
    let mut records = written.contents()?.records.in_suite_order(suite)?;
    let (mut samples, mut sample, mut read) = (suite.samples(), None, 0);
    let mut used = BTreeMap::new();
    while let Some([at, _, offset, rest]) = records.next()? {
        while read <= at {
            (sample, read) = (samples.read_next()?, read + 1);
        }
        let Some(sample) = &sample else { break };
        let sample = if suite.about.withhold { without_words(sample) } else { sample.clone() };
        let mut record: Record = written.line_at(Place::of_numbers([offset, rest]))?;
        record.scores.retain(|scorer, _| summary.measures.contains_key(scorer));
        record.reply.iter().for_each(|reply| add_usage(&mut used, reply));
        log.append(&logged(&sample, record, suite.about.asked_at, grader))?;
    }
    if let Some(judge) = judge {
        let model = judge.identity.model.model.clone();
        used.entry(model).or_default().add(&judged::usage(&judge.spent));
    }
    Ok(used)
}

/// What is known of a sample without its words and those that should come back.
fn without_words(sample: &Sample) -> Sample {
    Sample {
        id: sample.id.clone(),
        question: ContentHash::of(sample.question.as_bytes()).to_string(),
        cluster: sample.cluster.clone(),
        tags: sample.tags.clone(),
        locale: sample.locale.clone(),
        nation: sample.nation,
        status: sample.status,
        pages: sample.pages.clone(),
        ..Sample::default()
    }
}

/// Gives what a run that goes on, or was stopped, has recorded, as its log will have it but for what
/// stands in the suite alone, questions, tags and what was expected, and for what a judge's tokens cost.
pub(super) fn read_unfinished(
    run: &Header,
    written: &Written,
    each: &mut dyn FnMut(inspect_log::Sample),
) -> Result<inspect_log::Header, RunnerError> {
    let judge = run.judge.as_ref().map(|identity| Grader { identity, prices: None });
    let (mut records, mut fed) = (written.contents()?.records, BTreeSet::new());
    written.each_record(&mut records, |record, _| {
        if record.reply.is_some() {
            fed.extend(record.scores.into_keys());
        }
        Ok(())
    })?;
    written.each_record(&mut records, |mut record, _| {
        record.scores.retain(|scorer, _| fed.contains(scorer));
        let (id, cluster) = (record.id.clone(), Some(record.cluster.clone()));
        each(logged(&Sample { id, cluster, ..Sample::default() }, record, None, judge));
        Ok(())
    })?;
    Ok(inspect_log::Header::started(spec(run)))
}

fn spec_of(suite: &Suite, run: &Header) -> Spec {
    let mut spec = spec(run);
    spec.dataset.samples = Some(suite.samples);
    spec.metadata.insert("seed".to_owned(), json!(suite.about.seed));
    spec.metadata.insert("asked_at".to_owned(), json!(suite.about.asked_at));
    spec
}

fn spec(run: &Header) -> Spec {
    let dataset = DatasetSpec { name: Some(run.suite.clone()), ..DatasetSpec::default() };
    Spec {
        eval_id: name("eval", run),
        run_id: name("run", run),
        created: time(run.started_at),
        task: run.suite.clone(),
        task_id: name("task", run),
        dataset,
        model: run.endpoint.as_ref().map_or(&run.target, |endpoint| &endpoint.model).clone(),
        model_base_url: run.endpoint.as_ref().map(|endpoint| endpoint.base_url.clone()),
        config: Config { epochs: Some(run.epochs.into()), ..Config::default() },
        packages: [(OURS.to_owned(), run.program.clone())].into(),
        metadata: object(json!({
            TARGET: run.target,
            "suite_hash": run.suite_hash,
            "shard": run.shard,
            "judge": run.judge,
        })),
        ..Spec::default()
    }
}

/// Names the run among all others, as what it is of and when it began do. No two that began at different
/// moments share a name, and one that goes on keeps its own.
fn name(what: &str, run: &Header) -> String {
    let run = serde_json::to_vec(run).unwrap_or_default();
    let hash = ContentHash::of_list([what.as_bytes(), &run]);
    hash.as_str().chars().take(LENGTH_OF_NAMES).collect()
}

/// When the run in a folder ended, as its log says; nothing where there is none.
pub(super) fn completed_at(folder: &Path) -> Option<String> {
    let header = inspect_log::read_own_header(&folder.join(LOG))?;
    Some(header.stats.completed_at).filter(|at| !at.is_empty())
}

/// How it ended, as its log says.
pub(super) fn ending_of(folder: &Path) -> Option<String> {
    let header = inspect_log::read_own_header(&folder.join(LOG))?;
    Some(header.eval.metadata.get("ending")?.as_str()?.to_owned())
}

pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// Adds what an answer took to what its model did. An endpoint may name another model in each answer.
fn add_usage(used: &mut BTreeMap<String, Usage>, reply: &Reply) {
    let Some(spent) = reply.spent() else { return };
    let model = reply.model.as_deref().unwrap_or(UNNAMED);
    let is_counted = used.contains_key(model) || used.len() < MODELS_COUNTED;
    let model = if is_counted { model } else { UNNAMED };
    used.entry(model.to_owned()).or_default().add(&Usage::of(spent.input, spent.output));
}

/// A sample with what came of it.
fn logged(
    sample: &Sample,
    record: Record,
    asked_at: Option<Timestamp>,
    judge: Option<Grader<'_>>,
) -> inspect_log::Sample {
    let question = sample.question(record.epoch, asked_at);
    let mut logged = inspect_log::Sample::new(
        record.id.clone(),
        record.epoch.into(),
        question.text.clone(),
        String::new(),
    );
    logged.target = target(sample);
    for exchange in question.earlier {
        logged.messages.push(Message::new(Role::User, exchange.question));
        logged.messages.push(Message::new(Role::Assistant, exchange.answer));
    }
    logged.messages.push(Message::new(Role::User, question.text));
    if !sample.conversation.is_empty() {
        logged.input = Input::Messages(logged.messages.clone());
    }
    logged.metadata = object(json!({
        "cluster": &record.cluster,
        "tags": sample.tags,
        "locale": sample.locale,
        "expected_status": sample.status,
        "pages": sample.pages,
    }));
    if let Some(judge) = judge {
        judged::add(&mut logged, &record, judge);
    }
    for (scorer, score) in record.scores {
        let logged_score =
            inspect_log::Score { explanation: score.why, ..inspect_log::Score::new(score.value) };
        logged.scores.insert(scorer.name().to_owned(), logged_score);
    }
    if let Some(reply) = record.reply {
        let (model, spent) = (reply.model.as_deref().unwrap_or(UNNAMED).to_owned(), reply.spent());
        logged.messages.push(Message::new(Role::Assistant, reply.text.clone()));
        logged.output = Output::new(model.clone(), reply.text, stop_reason(reply.stop.as_deref()));
        logged.total_time = Some(reply.latency_us as f64 / 1e6);
        logged.output.time = logged.total_time;
        let beside =
            json!({"status": reply.status, "sentences": reply.sentences, "links": reply.links});
        logged.metadata.insert("answer".to_owned(), beside);
        let of = |usage: TokenUsage| Usage::of(usage.input, usage.output);
        logged.output.usage = reply.usage.map(of);
        if let Some(spent) = spent.map(of) {
            // The judge may be the same model.
            logged.model_usage.entry(model).or_default().add(&spent);
        }
    }
    if let Some(failure) = record.error {
        UNNAMED.clone_into(&mut logged.output.model);
        logged.error = Some(Failure::new(format!("{}: {}", failure.kind, failure.detail)));
    }
    logged
}

/// What should come back, in the words that the sample has for it.
fn target(sample: &Sample) -> Target {
    let facts: Vec<String> = sample.key_facts.iter().map(|fact| fact.ways().join(" or ")).collect();
    match (&sample.ideal_answer, &sample.label, facts.is_empty()) {
        (Some(text), _, _) | (None, Some(text), _) => Target::One(text.clone()),
        (None, None, false) => Target::Many(facts),
        (None, None, true) => {
            Target::One(sample.status.map(|status| status.key().to_owned()).unwrap_or_default())
        }
    }
}

fn stop_reason(stop: Option<&str>) -> StopReason {
    match stop {
        None | Some("stop") => StopReason::Stop,
        Some("length") => StopReason::MaxTokens,
        Some("content_filter") => StopReason::ContentFilter,
        Some("tool_calls") => StopReason::ToolCalls,
        Some(_) => StopReason::Unknown,
    }
}

fn results(summary: &Summary) -> Results {
    let scorer = |(scorer, rate): (&Scorer, &Rate)| {
        let name = scorer.name().to_owned();
        let mean =
            MetricValue { name: "mean".to_owned(), value: Some(rate.value), params: Map::new() };
        ScorerResults {
            scorer: name.clone(),
            name,
            reducer: Some("mean".to_owned()),
            scored_samples: Some(rate.n as u64),
            metrics: [("mean".to_owned(), mean)].into(),
            metadata: Some(object(json!(rate))),
            ..ScorerResults::default()
        }
    };
    let judged = summary.judge.iter().flat_map(|judge| judge.measures.iter().map(judged::results));
    let errors: u64 = summary.errors.values().sum();
    Results {
        total_samples: summary.questions.unwrap_or(summary.done),
        completed_samples: summary.done - errors,
        scores: summary.measures.iter().map(scorer).chain(judged).collect(),
        metadata: None,
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
