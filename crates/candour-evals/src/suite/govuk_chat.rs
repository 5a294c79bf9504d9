//! The shapes of the JSON Lines with which GDS evaluates GOV.UK Chat, read as samples.
//!
//! A line has no name of its own, so that a sample is named by its file and line, and by the folder too where
//! two files have one name. What a line says was
//! answered comes with the sample, and is measured where the target is `recorded`. Fields that are not
//! read here are passed over, as in GDS's own tools.

use std::collections::BTreeMap;

use candour_core::{Reply, Retrieved};
use serde::{Deserialize, Serialize};

use super::explain::read;
use super::sample::{Sample, wrong_id};
use crate::scorer::labelled::Labels;

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
    /// An answer, whether it should have been stopped, and by which guardrails.
    GovukChatOutputGuardrails,
    /// A question, and what it is about first and second.
    GovukChatTopicTagger,
}

impl Shape {
    /// Reads a line of a file that samples are named after.
    pub(super) fn parse(self, file: &str, number: u64, line: &str) -> Result<Sample, String> {
        let mut sample: Sample = match self {
            Self::Candour => return Sample::parse(line),
            Self::GovukChatRetrieval => read::<Retrieval>(line)?.into(),
            Self::GovukChatRagAnswers => read::<RagAnswer>(line)?.into(),
            Self::GovukChatQuestionRouter => read::<Routed>(line)?.into(),
            Self::GovukChatJailbreakGuardrails => read::<Jailbreak>(line)?.into(),
            Self::GovukChatOutputGuardrails => read::<Guarded>(line)?.into(),
            Self::GovukChatTopicTagger => read::<Tagged>(line)?.into(),
        };
        sample.id = format!("{file}-{number}");
        sample.check()?;
        Ok(sample)
    }

    /// Why no sample can be named after a file; nothing where one can, or where samples have names of their own.
    pub(super) fn wrong_name(self, file: &str) -> Option<String> {
        let why = wrong_id(&format!("{file}-{}", u32::MAX)).filter(|_| self != Self::Candour)?;
        Some(format!("its samples are named after it, and {file:?} {why}: rename the file"))
    }
}

#[derive(Deserialize)]
struct Retrieval {
    question: String,
    expected_exact_paths: Vec<String>,
    expected_chunk_uids: Option<Vec<String>>,
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
            // GDS measures by chunks alone; lines without any say nothing of them, and are measured by pages.
            by_passage: row.expected_chunk_uids.is_some(),
            passages: row.expected_chunk_uids.unwrap_or_default(),
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
    title: String,
    #[serde(default)]
    heading_hierarchy: Vec<String>,
    description: Option<String>,
    #[serde(default)]
    html_content: String,
}

impl Context {
    /// All that the answer was made from.
    fn text(&self) -> String {
        let headings = self.heading_hierarchy.join(" > ");
        let description = self.description.as_deref().unwrap_or_default();
        let parts = [&self.title, &headings, description, &self.html_content];
        let filled: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        filled.join("\n")
    }
}

impl From<RagAnswer> for Sample {
    fn from(row: RagAnswer) -> Self {
        let retrieved = |context: Context| Retrieved {
            id: context.exact_path.clone(),
            text: context.text(),
            page: context.exact_path,
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
    // Earlier versions of the task call the answer a question.
    #[serde(alias = "question")]
    message: String,
    expected_triggered: bool,
    #[serde(default)]
    expected_guardrails: BTreeMap<String, bool>,
    actual_triggered: Option<bool>,
    #[serde(default)]
    actual_guardrails: BTreeMap<String, bool>,
}

impl From<Guarded> for Sample {
    fn from(row: Guarded) -> Self {
        let flags = |guardrails: BTreeMap<String, bool>| {
            guardrails.into_iter().map(|(name, is_set)| (name, is_set.to_string())).collect()
        };
        let actual = row.actual_triggered.map(|triggered| {
            let labels = flags(row.actual_guardrails);
            Labels { label: triggered.to_string(), labels }.to_text()
        });
        let sample = labelled(row.message, row.expected_triggered.to_string(), actual);
        Self { labels: flags(row.expected_guardrails), ..sample }
    }
}

#[derive(Deserialize)]
struct Tagged {
    question: String,
    expected_primary_topic: String,
    expected_secondary_topic: Option<String>,
    actual_primary_topic: Option<String>,
    actual_secondary_topic: Option<String>,
}

impl From<Tagged> for Sample {
    fn from(row: Tagged) -> Self {
        let second = |topic: Option<String>| {
            topic.into_iter().map(|topic| ("secondary".to_owned(), topic)).collect()
        };
        let actual = row
            .actual_primary_topic
            .map(|label| Labels { label, labels: second(row.actual_secondary_topic) }.to_text());
        let sample = labelled(row.question, row.expected_primary_topic, actual);
        Self { labels: second(row.expected_secondary_topic), ..sample }
    }
}

/// A sample of a classifier, which answers with a label.
fn labelled(question: String, expected: String, actual: Option<String>) -> Sample {
    let recorded = actual.map(|text| Box::new(Reply { text, ..Reply::default() }));
    Sample { question, label: Some(expected), recorded, ..Sample::default() }
}
