//! A model may sort the questions that the rules leave open, where one is configured. All that is read of
//! what it says is one label of a fixed list.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use candour_core::{
    ContentHash, LanguageModel, ModelAttempt, ModelIdentity, ModelRequest, ReplyEnd,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Route;
use crate::account::Account;
use crate::decision::{self, Decided};
use crate::screen::Screened;

/// The most tokens that it may say: a label.
const MOST_TOKENS: u32 = 64;

/// The labels with what they mean.
static LABELS: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| match toml::from_str::<File>(include_str!("labels.toml")) {
        Ok(file) => file.labels,
        Err(error) => {
            tracing::error!(%error, "the labels of questions cannot be read");
            BTreeMap::new()
        }
    });

/// What it is told.
static INSTRUCTIONS: LazyLock<String> = LazyLock::new(|| {
    let labels = LABELS.iter().map(|(label, meaning)| format!("- `{label}`: {meaning}."));
    let labels = labels.collect::<Vec<_>>().join("\n");
    include_str!("../prompts/route.md").replace("{labels}", &labels)
});

/// The version of the instructions.
static PROMPT: LazyLock<ContentHash> = LazyLock::new(|| ContentHash::of(INSTRUCTIONS.as_bytes()));

#[derive(Deserialize)]
struct File {
    labels: BTreeMap<String, String>,
}

/// What a model did to sort one question, for the record. It holds nothing that anyone said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Routed {
    /// The model that was asked.
    pub model: ModelIdentity,
    /// The hash of its instructions.
    pub prompt: ContentHash,
    /// The label that it gave; none where the rules decided because it gave none.
    pub label: Option<&'static str>,
    /// How it ended.
    pub end: ReplyEnd,
    /// The requests that it took.
    pub attempts: Vec<ModelAttempt>,
    /// Milliseconds in all.
    pub milliseconds: f64,
}

/// Has a model sort a question, for no longer than `limit`.
pub(crate) async fn sort(
    model: &dyn LanguageModel,
    question: &Screened,
    account: &Account,
    limit: Duration,
) -> (Option<Route>, Routed) {
    let request = account.charged("sort", request(question.for_model()));
    let decided = decision::ask(model, request, limit, read).await;
    let Decided { decision: route, model, end, attempts, milliseconds } = decided;
    let (prompt, label) = (PROMPT.clone(), route.map(Route::key));
    let routed = Routed { model, prompt, label, end, attempts, milliseconds };
    (route.map(|route| route.under(question.mitigations)), routed)
}

fn request(question: &str) -> ModelRequest {
    let labels: Vec<&String> = LABELS.keys().collect();
    let label = ("label", json!({"type": "string", "enum": labels}));
    let question = Value::String(question.to_owned()).to_string();
    decision::request(&INSTRUCTIONS, question, label, MOST_TOKENS)
}

/// What a model says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    label: String,
}

fn read(said: &str) -> Option<Route> {
    let Said { label } = serde_json::from_str(said).ok()?;
    let is_known = LABELS.contains_key(&label);
    is_known.then(|| serde_json::from_value(Value::String(label)).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_labels_of_the_list_are_read() {
        for (said, expected) in [
            (r#"{"label": "political"}"#, Some(Route::Political)),
            (r#"{"label": "answerable"}"#, Some(Route::Answerable)),
            // What only the rules may say, what nobody knows, and more than was asked for.
            (r#"{"label": "broad"}"#, None),
            (r#"{"label": "poem"}"#, None),
            (r#"{"label": "political", "answer": "Vote for us."}"#, None),
            ("political", None),
            ("", None),
        ] {
            assert_eq!(read(said), expected, "{said}");
        }
    }

    #[test]
    fn every_label_is_a_route_and_is_explained() {
        assert!(LABELS.len() > 5);
        for (label, meaning) in &*LABELS {
            let said = json!({"label": label}).to_string();
            assert_eq!(read(&said).map(Route::key), Some(label.as_str()));
            assert!(INSTRUCTIONS.contains(&format!("- `{label}`: {meaning}.")), "{label}");
        }
    }
}
