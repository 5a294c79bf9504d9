//! Logs of many shapes, as runs leave them: whole and broken off, failed and cancelled, with every kind
//! of name, score and limit.

use std::path::{Path, PathBuf};

use candour_evals::inspect_log::{
    Config, Content, DatasetSpec, Failure, Header, Input, LimitHit, LimitKind, LogWriter, Message,
    MetricValue, Output, Results, Role, Sample, Score, ScorerResults, Spec, Status, StopReason,
    Target, Usage, file_name,
};
use serde_json::{Map, Value, json};

const CREATED: &str = "2026-11-25T10:00:00+00:00";

/// A run and what is in it.
pub(crate) struct Shape {
    /// Its name, which is also its task's.
    pub(crate) name: &'static str,
    /// What it says of itself.
    pub(crate) header: Header,
    /// What was asked.
    pub(crate) samples: Vec<Sample>,
}

impl Shape {
    /// Writes the log into a folder.
    pub(crate) fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join(file_name(CREATED, self.name, "x1", "eval"));
        let mut log = LogWriter::create(&path, &self.header).unwrap();
        for sample in &self.samples {
            log.append(sample).unwrap();
        }
        if self.header.status == Status::Started {
            log.checkpoint().unwrap();
        } else {
            log.finish(&self.header).unwrap();
        }
        path
    }
}

/// A sample with an answer and a score.
pub(crate) fn answered(place: usize, score: impl Into<Value>) -> Sample {
    let id = format!("q{place}");
    let mut sample = Sample::new(id, 1, format!("Question {place}?"), "Tuesday");
    let question = format!("Question {place}?");
    sample.messages =
        vec![Message::new(Role::User, question), Message::new(Role::Assistant, "On Tuesday.")];
    sample.output = Output::new("candour/assistant", "On Tuesday.", StopReason::Stop);
    sample.scores.insert("includes".into(), Score::new(score));
    sample.total_time = Some(0.25);
    sample
}

fn shape(name: &'static str, status: Status, samples: Vec<Sample>) -> Shape {
    let ids = samples.iter().filter(|sample| sample.epoch == 1).map(|sample| sample.id.clone());
    let spec = Spec {
        eval_id: "e1".into(),
        run_id: "r1".into(),
        created: CREATED.into(),
        task: name.into(),
        task_id: "t1".into(),
        task_version: 0.into(),
        dataset: DatasetSpec {
            name: Some("sample".into()),
            samples: Some(samples.len() as u64),
            sample_ids: Some(ids.collect()),
            ..DatasetSpec::default()
        },
        model: "candour/assistant".into(),
        config: Config { epochs: Some(1), ..Config::default() },
        ..Spec::default()
    };
    let mut header = Header { status, ..Header::started(spec) };
    if status != Status::Started {
        header.stats.started_at = CREATED.into();
        header.stats.completed_at = CREATED.into();
        header.results = Some(results(&samples));
    }
    Shape { name, header, samples }
}

fn results(samples: &[Sample]) -> Results {
    let mean = MetricValue { name: "accuracy".into(), value: Some(0.5), params: Map::new() };
    let interval = json!({"interval": {"low": 0.2, "high": 0.8}});
    Results {
        total_samples: samples.len() as u64,
        completed_samples: samples.iter().filter(|sample| sample.error.is_none()).count() as u64,
        scores: vec![ScorerResults {
            name: "includes".into(),
            scorer: "includes".into(),
            metrics: [("accuracy".to_owned(), mean)].into(),
            metadata: interval.as_object().cloned(),
            ..ScorerResults::default()
        }],
        metadata: None,
    }
}

/// All of them.
pub(crate) fn all() -> Vec<Shape> {
    let many =
        |count| (0..count).map(|place| answered(place, if place % 3 == 0 { "I" } else { "C" }));
    let mut shapes = vec![
        shape("success", Status::Success, many(200).collect()),
        shape("started", Status::Started, many(70).collect()),
        shape("started_with_nothing", Status::Started, Vec::new()),
        shape("cancelled", Status::Cancelled, many(3).collect()),
        shape("empty", Status::Success, Vec::new()),
        failed(),
        shape("ids", Status::Success, ids()),
        shape("scores", Status::Success, scores()),
        shape("words", Status::Success, words()),
        limits(),
        shape("conversations", Status::Success, conversations()),
        usage(),
        judged(),
    ];
    let mut epochs = shape("epochs", Status::Success, Vec::new());
    epochs.header.eval.config.epochs = Some(3);
    epochs.samples =
        (1..=3).flat_map(|epoch| many(4).map(move |s| Sample { epoch, ..s })).collect();
    shapes.push(epochs);
    shapes
}

fn failed() -> Shape {
    let mut sample = answered(0, "C");
    sample.scores.clear();
    sample.error = Some(Failure::new("the endpoint hung up"));
    sample.error_retries = vec![Failure::new("503"), Failure::new("504")];
    let mut shape = shape("failed", Status::Error, vec![sample, answered(1, "C")]);
    shape.header.error = Some(Failure::new("too many samples failed"));
    shape
}

fn ids() -> Vec<Sample> {
    let texts = ["1a", "with space", "ŵy", "a.b", "a_epoch_1"];
    let named = texts.map(|id| Sample { id: id.into(), ..answered(0, "C") });
    let numbered = [7, -3].map(|id: i64| Sample { id: id.into(), ..answered(0, "C") });
    named.into_iter().chain(numbered).collect()
}

fn scores() -> Vec<Sample> {
    let values = [
        json!("C"),
        json!(0.25),
        json!(3),
        json!(true),
        json!(["a", 1, false]),
        json!({"relevant": 1, "faithful": 0.5}),
    ];
    let with = |(place, value)| {
        let mut sample = answered(place, value);
        let score = sample.scores.get_mut("includes").unwrap();
        score.answer = Some("Tuesday".into());
        score.explanation = Some("it says so".into());
        score.metadata = json!({"judge": "none", "span": [1, 2]}).as_object().cloned();
        sample
    };
    values.into_iter().enumerate().map(with).collect()
}

fn words() -> Vec<Sample> {
    let texts = [
        "Pryd mae'r biniau'n cael eu casglu? Ŵyth ŷd",
        "line\n\ttab \"quoted\" \\",
        "🙂 \u{202e}x",
        "",
    ];
    let mut long = answered(9, "C");
    long.input = Input::Text("Beth? ".repeat(20_000));
    long.metadata = json!({"cluster": "/bins", "tags": ["a"], "deep": {"x": [1]}, "none": null})
        .as_object()
        .cloned()
        .unwrap();
    let with = |(place, text): (usize, &str)| {
        let mut sample = answered(place, "C");
        sample.input = Input::Text(text.into());
        sample.output = Output::new("m", text, StopReason::ContentFilter);
        sample.target = Target::Many(vec![text.into(), "other".into()]);
        sample
    };
    texts.into_iter().enumerate().map(with).chain([long]).collect()
}

fn limits() -> Shape {
    let kinds = [LimitKind::Time, LimitKind::Token, LimitKind::Context, LimitKind::Custom];
    let with = |(place, kind)| {
        let limit = LimitHit { kind, limit: 10.0, reason: Some("a reason".into()) };
        Sample { limit: Some(limit), ..answered(place, "I") }
    };
    let mut shape =
        shape("limits", Status::Success, kinds.into_iter().enumerate().map(with).collect());
    let config = &mut shape.header.eval.config;
    (config.time_limit, config.token_limit, config.cost_limit) = (Some(10), Some(10), Some(10.0));
    shape
}

fn conversations() -> Vec<Sample> {
    let mut sample = answered(0, "C");
    let parts = vec![json!({"type": "text", "text": "And the brown one?"})];
    sample.input = Input::Messages(vec![
        Message::new(Role::System, "Be brief."),
        Message::new(Role::User, "When is my bin collected?"),
        Message::new(Role::Assistant, "On Tuesday."),
        Message { role: Role::User, content: Content::Parts(parts) },
    ]);
    let mut silent = answered(1, "I");
    silent.output = Output::default();
    silent.messages.clear();
    vec![sample, silent]
}

/// As a run with a model that judges leaves it: what decided each score beside it, the tokens of the judge
/// under its role, and a measure that labels correct beside one that is not given.
fn judged() -> Shape {
    let mut sample = answered(0, "C");
    let spent = json!({"calls": 2, "input_tokens": 700, "output_tokens": 60, "seconds": 1.5});
    let metadata = json!({
        "judged_by": "ce307956b642", "role": "grader", "spent": spent,
        "judge": {"transport": "openai", "model": "judge-1", "temperature": 0.0},
    });
    let score = Score {
        explanation: Some("2 of 3 claims stand".into()),
        metadata: metadata.as_object().cloned(),
        ..Score::new(0.5)
    };
    sample.scores.insert("faithfulness".into(), score);
    let used = Usage::of(700, 60);
    sample.role_usage.insert("grader".into(), used);
    sample.model_usage.insert("candour/assistant".into(), Usage::of(60, 5));
    sample.model_usage.insert("judge-1".into(), used);
    let failure = json!({"coherence": {"kind": "truncated", "detail": "it took too many tokens"}});
    sample.metadata.insert("judge_failures".into(), failure);
    let mut shape = shape("judged", Status::Success, vec![sample, answered(1, "I")]);
    shape.header.stats.model_usage.insert("judge-1".into(), used);
    let corrected = MetricValue { name: "corrected".into(), value: Some(0.4), params: Map::new() };
    let measure = |name: &str, metrics| ScorerResults {
        name: name.into(),
        scorer: name.into(),
        reducer: Some("mean".into()),
        scored_samples: Some(1),
        unscored_samples: Some(1),
        metrics,
        metadata: json!({"rate": "mean", "passes_at": 0.8, "spent": spent}).as_object().cloned(),
        ..ScorerResults::default()
    };
    if let Some(results) = &mut shape.header.results {
        let metrics = [("corrected".to_owned(), corrected)].into();
        results.scores.push(measure("faithfulness", metrics));
        results.scores.push(measure("coherence", [].into()));
    }
    shape
}

fn usage() -> Shape {
    let used = Usage {
        input_tokens: 60,
        output_tokens: 5,
        total_tokens: 105,
        input_tokens_cache_read: Some(40),
        reasoning_tokens: Some(2),
        total_cost: Some(0.002),
        ..Usage::default()
    };
    let mut sample = answered(0, "C");
    sample.model_usage.insert("candour/assistant".into(), used);
    sample.output.usage = Some(used);
    sample.uuid = Some("u1".into());
    sample.started_at = Some(CREATED.into());
    sample.completed_at = Some(CREATED.into());
    let mut shape = shape("usage", Status::Success, vec![sample]);
    shape.header.stats.model_usage.insert("candour/assistant".into(), used);
    shape
}
