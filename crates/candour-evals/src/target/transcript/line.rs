//! A line that a person or another program wrote: every key of it is known, so that none is misspelt.

use candour_core::{AnswerStatus, Reply};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::runner::Failure;

/// Says what is wrong with a line.
pub(super) fn check(text: &str) -> Result<(), String> {
    let line: Line = serde_json::from_str(text).map_err(|error| words(&error))?;
    let Some(reply) = line.reply else { return Ok(()) };
    if line.answer.is_some() {
        return Err("it has both `answer` and `reply`, which has a `text` of its own".to_owned());
    }
    if line.status.is_some() {
        return Err("`status` stands beside `reply`: put it inside".to_owned());
    }
    let read: Reply = serde_json::from_value(Value::Object(reply.clone()))
        .map_err(|error| format!("`reply`: {error}"))?;
    let known = serde_json::to_value(read).unwrap_or_default();
    // What is nothing is written down as nothing.
    let says =
        |value: &Value| !value.is_null() && value.as_array().is_none_or(|all| !all.is_empty());
    match reply.iter().find(|(key, value)| known.get(key).is_none() && says(value)) {
        Some((key, _)) => Err(format!("`reply`: unknown field `{key}`")),
        None => Ok(()),
    }
}

/// What is wrong, without the number of a line: a line has one, in its file.
pub(super) fn words(error: &serde_json::Error) -> String {
    let (text, column) = (error.to_string(), error.column());
    let what = text.rsplit_once(" at line ").map(|(what, _)| what);
    what.map_or_else(|| text.clone(), |what| format!("{what} (column {column})"))
}

/// All that a line may say. What a record of a journal says beside its answer is passed over: the answer is
/// scored anew.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "most of it is only named, so that no other key is taken")]
struct Line {
    id: String,
    epoch: Option<u32>,
    answer: Option<String>,
    status: Option<AnswerStatus>,
    reply: Option<Map<String, Value>>,
    error: Option<Failure>,
    cluster: Option<IgnoredAny>,
    label: Option<IgnoredAny>,
    labels: Option<IgnoredAny>,
    scores: Option<IgnoredAny>,
    judged: Option<IgnoredAny>,
    judgements: Option<IgnoredAny>,
}
