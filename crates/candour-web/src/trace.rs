//! How an answer came about, as it is noted beside its receipt and read again by staff. It holds nothing
//! that anyone said.

use std::collections::BTreeMap;

use candour_assistant::{Generated, Rewritten, Routed};
use candour_core::{ContentHash, JudgedBy, ModelAttempt, ModelIdentity, ModelUsage, ReplyEnd};
use serde::{Deserialize, Serialize};

/// What is noted.
#[derive(Serialize)]
pub(crate) struct NewTrace<'a> {
    pub(crate) timings_ms: &'a BTreeMap<String, f64>,
    pub(crate) dropped: &'a BTreeMap<&'static str, usize>,
    #[serde(flatten)]
    pub(crate) models: NewModels<'a>,
}

/// What models did for an answer, where they were asked.
#[derive(Default, Clone, Copy, Serialize)]
pub(crate) struct NewModels<'a> {
    pub(crate) generated: Option<&'a Generated>,
    pub(crate) routed: Option<&'a Routed>,
    pub(crate) rewritten: Option<&'a Rewritten>,
}

/// What was noted. What an older program did not note is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Trace {
    /// Milliseconds by stage.
    pub(crate) timings_ms: BTreeMap<String, f64>,
    /// How much verification dropped, by reason.
    pub(crate) dropped: BTreeMap<String, u64>,
    /// What a model did.
    pub(crate) generated: Option<Written>,
    /// What a model did to sort the question.
    pub(crate) routed: Option<RoutedTrace>,
    /// What a model did to write a follow-up question out.
    pub(crate) rewritten: Option<RewrittenTrace>,
}

/// What a model did to write a follow-up question out.
#[derive(Debug, Deserialize)]
pub(crate) struct RewrittenTrace {
    pub(crate) model: ModelIdentity,
    pub(crate) prompt: ContentHash,
    /// What became of its wording: `searched`, or why it was not.
    pub(crate) end: String,
    #[serde(default)]
    pub(crate) attempts: Vec<ModelAttempt>,
}

/// What a model did to sort a question.
#[derive(Debug, Deserialize)]
pub(crate) struct RoutedTrace {
    pub(crate) model: ModelIdentity,
    pub(crate) prompt: ContentHash,
    /// The label that it gave; none where the rules decided.
    #[serde(default)]
    pub(crate) label: Option<String>,
    pub(crate) end: ReplyEnd,
    #[serde(default)]
    pub(crate) attempts: Vec<ModelAttempt>,
}

/// What a model did.
#[derive(Debug, Deserialize)]
pub(crate) struct Written {
    /// The model that answered, or was asked first.
    pub(crate) model: ModelIdentity,
    /// The hash of its instructions.
    pub(crate) prompt: ContentHash,
    #[serde(default)]
    pub(crate) usage: ModelUsage,
    #[serde(default)]
    pub(crate) attempts: Vec<ModelAttempt>,
    /// How it ended.
    #[serde(default)]
    pub(crate) end: String,
    #[serde(default)]
    pub(crate) released: u64,
    #[serde(default)]
    pub(crate) dropped: u64,
    /// In place of how many of these what they cite was shown.
    #[serde(default)]
    pub(crate) replaced: u64,
    /// The age at which it can be read, where that was measured.
    #[serde(default)]
    pub(crate) reading_age: Option<f64>,
    /// What a judge made of it, where one was asked.
    #[serde(default)]
    pub(crate) judged: Option<JudgedTrace>,
}

/// What a judge did.
#[derive(Debug, Deserialize)]
pub(crate) struct JudgedTrace {
    pub(crate) by: JudgedBy,
    #[serde(default)]
    pub(crate) attempts: Vec<ModelAttempt>,
}

impl Trace {
    /// Reads what was noted. What cannot be read is as good as nothing.
    pub(crate) fn read(noted: serde_json::Value) -> Self {
        serde_json::from_value(noted).unwrap_or_default()
    }

    /// Every request to a model with the stage that it was for, in the order of the path.
    pub(crate) fn attempts(&self) -> impl Iterator<Item = (&'static str, &ModelAttempt)> {
        let judged = self.generated.iter().filter_map(|written| written.judged.as_ref());
        let rewriting = self.rewritten.iter().map(|rewritten| ("rewrite", &rewritten.attempts));
        let sorting = self.routed.iter().map(|routed| ("sort", &routed.attempts));
        let writing = self.generated.iter().map(|written| ("write", &written.attempts));
        let judging = judged.map(|judged| ("judge", &judged.attempts));
        let stages = rewriting.chain(sorting).chain(writing).chain(judging);
        stages.flat_map(|(stage, attempts)| attempts.iter().map(move |attempt| (stage, attempt)))
    }
}

#[cfg(test)]
mod tests {
    use candour_assistant::{Judged, RewriteEnd};
    use serde_json::json;

    use super::*;

    #[test]
    fn what_models_did_is_read_as_it_was_noted() {
        let model = |name: &str| ModelIdentity { transport: "replay".into(), model: name.into() };
        let attempt = |name: &str, micro_pounds: u64| ModelAttempt {
            model: model(name),
            outcome: "answered".into(),
            began: None,
            first_words_ms: None,
            milliseconds: 1,
            usage: ModelUsage::default(),
            micro_pounds,
        };
        let prompt = ContentHash::of(b"instructions");
        let end = ReplyEnd::Read;
        let judged = Judged {
            by: JudgedBy { model: model("judge"), prompt: prompt.clone(), end, removed: 2 },
            attempts: vec![attempt("judge", 5)],
            milliseconds: 3.0,
        };
        let routed = Routed {
            model: model("router"),
            prompt: prompt.clone(),
            label: None,
            end,
            attempts: vec![attempt("router", 2)],
            milliseconds: 1.0,
        };
        let rewritten = Rewritten {
            model: model("rewriter"),
            prompt: prompt.clone(),
            end: RewriteEnd::Searched,
            wording: Some(ContentHash::of(b"a question")),
            attempts: vec![attempt("rewriter", 3)],
            milliseconds: 1.0,
        };
        let trace = Trace::read(json!({"rewritten": rewritten, "routed": routed, "generated": {
            "model": model("writer"), "prompt": prompt, "attempts": [attempt("writer", 40)],
            "judged": judged,
        }}));
        let costs = trace
            .attempts()
            .map(|(stage, one)| (stage, one.model.model.as_str(), one.micro_pounds));
        let expected = [
            ("rewrite", "rewriter", 3),
            ("sort", "router", 2),
            ("write", "writer", 40),
            ("judge", "judge", 5),
        ];
        assert_eq!(costs.collect::<Vec<_>>(), expected);
        assert_eq!(trace.rewritten.unwrap().end, "searched");
        assert_eq!(trace.generated.unwrap().judged.unwrap().by, judged.by);
    }
}
