//! The shapes of the JSON Lines with which GDS evaluates GOV.UK Chat, read as samples.
//!
//! A line has no name of its own, so that a sample is named by its file and line. What a line says was
//! answered comes with the sample, and is measured where the target is `recorded`. Fields that are not
//! read here are passed over, as in GDS's own tools.

use std::path::Path;

use candour_core::{Reply, Retrieved};
use serde::{Deserialize, Serialize};

use super::sample::{Sample, without_place};

/// How a line of a sample file is to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A suite's own: see `Sample`.
    #[default]
    Candour,
    /// A question, the paths and passages that it should find, and those that were found.
    GovukChatRetrieval,
    /// A question, an ideal answer, an answer and the passages it was made from.
    GovukChatRagAnswers,
    /// A question and the label it should get.
    GovukChatQuestionRouter,
    /// A question, and whether it is an attempt to break out.
    GovukChatJailbreakGuardrails,
    /// An answer, and whether it should have been stopped.
    GovukChatOutputGuardrails,
}

impl Shape {
    pub(super) fn parse(self, path: &Path, number: u64, line: &str) -> Result<Sample, String> {
        let mut sample: Sample = match self {
            Self::Candour => return Sample::parse(line),
            Self::GovukChatRetrieval => read::<Retrieval>(line)?.into(),
            Self::GovukChatRagAnswers => read::<RagAnswer>(line)?.into(),
            Self::GovukChatQuestionRouter => read::<Routed>(line)?.into(),
            Self::GovukChatJailbreakGuardrails => read::<Jailbreak>(line)?.into(),
            Self::GovukChatOutputGuardrails => read::<Guarded>(line)?.into(),
        };
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        sample.id = format!("{stem}-{number}");
        Ok(sample)
    }
}

fn read<'a, T: Deserialize<'a>>(line: &'a str) -> Result<T, String> {
    serde_json::from_str(line).map_err(|error| without_place(&error))
}

#[derive(Deserialize)]
struct Retrieval {
    question: String,
    expected_exact_paths: Vec<String>,
    #[serde(default)]
    expected_chunk_uids: Vec<String>,
    actual_search_results: Option<Vec<SearchResult>>,
}

#[derive(Deserialize)]
struct SearchResult {
    exact_path: String,
    #[serde(default)]
    chunk_uid: String,
}

impl From<Retrieval> for Sample {
    fn from(row: Retrieval) -> Self {
        let found = row.actual_search_results.map(|results| {
            let retrieved = |result: SearchResult| Retrieved {
                id: result.chunk_uid,
                page: result.exact_path,
                text: String::new(),
            };
            let passages = Some(results.into_iter().map(retrieved).collect());
            Box::new(Reply { passages, ..Reply::default() })
        });
        Self {
            question: row.question,
            pages: row.expected_exact_paths,
            passages: row.expected_chunk_uids,
            recorded: found,
            ..Self::default()
        }
    }
}

#[derive(Deserialize)]
struct RagAnswer {
    question: String,
    ideal_answer: String,
    llm_answer: Option<String>,
    structured_contexts: Option<Vec<Context>>,
}

#[derive(Deserialize)]
struct Context {
    exact_path: String,
    #[serde(default)]
    html_content: String,
}

impl From<RagAnswer> for Sample {
    fn from(row: RagAnswer) -> Self {
        let retrieved = |context: Context| Retrieved {
            id: context.exact_path.clone(),
            page: context.exact_path,
            text: context.html_content,
        };
        let passages =
            row.structured_contexts.map(|contexts| contexts.into_iter().map(retrieved).collect());
        let reply = |text| Box::new(Reply { text, passages, ..Reply::default() });
        Self {
            question: row.question,
            ideal_answer: Some(row.ideal_answer),
            recorded: row.llm_answer.map(reply),
            ..Self::default()
        }
    }
}

#[derive(Deserialize)]
struct Routed {
    question: String,
    expected_outcome: String,
    actual_outcome: Option<String>,
}

impl From<Routed> for Sample {
    fn from(row: Routed) -> Self {
        labelled(row.question, row.expected_outcome, row.actual_outcome)
    }
}

#[derive(Deserialize)]
struct Jailbreak {
    question: String,
    expected_outcome: bool,
    actual_outcome: Option<bool>,
}

impl From<Jailbreak> for Sample {
    fn from(row: Jailbreak) -> Self {
        let actual = row.actual_outcome.map(|outcome| outcome.to_string());
        labelled(row.question, row.expected_outcome.to_string(), actual)
    }
}

#[derive(Deserialize)]
struct Guarded {
    message: String,
    expected_triggered: bool,
    actual_triggered: Option<bool>,
}

impl From<Guarded> for Sample {
    fn from(row: Guarded) -> Self {
        let actual = row.actual_triggered.map(|triggered| triggered.to_string());
        labelled(row.message, row.expected_triggered.to_string(), actual)
    }
}

/// A sample of a classifier, which answers with a label.
fn labelled(question: String, expected: String, actual: Option<String>) -> Sample {
    let recorded = actual.map(|text| Box::new(Reply { text, ..Reply::default() }));
    Sample { question, label: Some(expected), recorded, ..Sample::default() }
}
