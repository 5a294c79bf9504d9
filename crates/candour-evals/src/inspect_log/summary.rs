//! What listings show of a sample: who it is, what was asked and how it scored, cut to a few lines.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::sample::{Content, Input, LimitKind, Message, Sample, SampleId, Target, Usage};

/// No listing shows more of a text.
const LONGEST_TEXT: usize = 1000;

/// A sample as listings show it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Summary {
    id: SampleId,
    epoch: u64,
    input: Input,
    target: Target,
    metadata: Map<String, Value>,
    scores: BTreeMap<String, ShortScore>,
    model_usage: BTreeMap<String, Usage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_time: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uuid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<LimitKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retries: Option<usize>,
    completed: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct ShortScore {
    value: Value,
}

impl Summary {
    /// The summary of a sample.
    pub(super) fn of(sample: &Sample) -> Self {
        let short_metadata = |(key, value): (&String, &Value)| match value {
            Value::String(text) => Some((key.clone(), cut(text).into())),
            Value::Array(_) | Value::Object(_) => None,
            plain => Some((key.clone(), plain.clone())),
        };
        let scores = sample.scores.iter();
        Self {
            id: sample.id.clone(),
            epoch: sample.epoch,
            input: cut_input(&sample.input),
            target: match &sample.target {
                Target::One(text) => Target::One(cut(text)),
                Target::Many(texts) => {
                    Target::Many(texts.iter().take(10).map(|t| cut(t)).collect())
                }
            },
            metadata: sample.metadata.iter().filter_map(short_metadata).collect(),
            scores: scores
                .map(|(name, score)| (name.clone(), ShortScore { value: score.value.clone() }))
                .collect(),
            model_usage: sample.model_usage.clone(),
            total_time: sample.total_time,
            uuid: sample.uuid.clone(),
            error: sample.error.as_ref().map(|error| cut(&error.message)),
            limit: sample.limit.as_ref().map(|limit| limit.kind),
            retries: Some(sample.error_retries.len()).filter(|retries| *retries > 0),
            completed: true,
        }
    }
}

/// A conversation is shown by its last turn.
fn cut_input(input: &Input) -> Input {
    match input {
        Input::Text(text) => Input::Text(cut(text)),
        Input::Messages(messages) => {
            Input::Messages(messages.last().map(cut_message).into_iter().collect())
        }
    }
}

fn cut_message(message: &Message) -> Message {
    let content = match &message.content {
        Content::Text(text) => Content::Text(cut(text)),
        Content::Parts(_) => Content::Text(String::new()),
    };
    Message { role: message.role, content }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
