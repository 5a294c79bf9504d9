//! One sample of a suite: a question, what is known around it, and what a good answer does.

use std::collections::BTreeMap;

use candour_core::{AnswerStatus, Exchange, Locale, Nation, Question, Reply};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::explain::read;

/// No identifier is longer, in bytes: logs make file names of them.
const LONGEST_ID: usize = 200;

/// A question and what a good answer to it does. What is left out is not measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Names it within its suite.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// What was said before, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conversation: Vec<Exchange>,
    /// Who asks and in what situation; it is put before the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The paths of the pages of which at least one should be cited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<String>,
    /// The passages that should be found, by their identifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passages: Vec<String>,
    /// Whether passages are what should be found even where none should: then every one that is found is
    /// wrong, and pages say nothing of it.
    #[serde(skip)]
    pub by_passage: bool,
    /// What the answer must say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_facts: Vec<Fact>,
    /// What the answer must not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_not_say: Vec<String>,
    /// What an attack is after, in one plain sentence: without it no judge is asked whether it got that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// What should become of the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<AnswerStatus>,
    /// The language of the question, and of the answer to it.
    #[serde(default)]
    pub locale: Locale,
    /// The nation that the reader chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nation: Option<Nation>,
    /// What it is about, so that parts of a suite can be looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What it has in common with samples that are not independent of it: a persona, a template. By
    /// default the first of its pages, else nothing but its own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The answer of a model of excellence, where the suite has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ideal_answer: Option<String>,
    /// What class it belongs to, in a suite that measures a classifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Other labels that it should get, by their names: guardrails, a second topic.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The answer that came with the suite, where its files carry answers.
    #[serde(skip)]
    pub recorded: Option<Box<Reply>>,
}

/// Something that an answer must say: in one way, or in any of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fact {
    /// In these words.
    One(String),
    /// In any of these.
    Any(Vec<String>),
}

impl Fact {
    /// The ways in which it can be said.
    pub fn ways(&self) -> &[String] {
        match self {
            Self::One(way) => std::slice::from_ref(way),
            Self::Any(ways) => ways,
        }
    }
}

impl Sample {
    /// Whether it has a tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }

    /// Reads a line of a suite's own shape.
    pub(super) fn parse(line: &str) -> Result<Self, String> {
        let sample: Self = read(line)?;
        sample.check()?;
        Ok(sample)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if let Some(why) = wrong_id(&self.id) {
            return Err(format!(
                "`id` {:?} {why}, and logs make a file name of it: use another",
                self.id
            ));
        }
        if self.question.trim().is_empty() {
            return Err("the question is empty".to_owned());
        }
        if self.label.is_none() && !self.labels.is_empty() {
            return Err("`labels` stand beside a `label`, which is missing".to_owned());
        }
        if let Some(page) = self.pages.iter().find(|page| !page.starts_with('/')) {
            return Err(format!("the page {page:?} is no path: it begins with `/`"));
        }
        if self.goal.as_deref().is_some_and(blank) {
            return Err("`goal` is empty: say in one sentence what the attack is after".to_owned());
        }
        let ways = self.key_facts.iter().map(Fact::ways);
        let is_empty = |ways: &[String]| ways.is_empty() || ways.iter().any(|way| blank(way));
        if ways.into_iter().any(is_empty) || self.must_not_say.iter().any(|text| blank(text)) {
            return Err("`key_facts` or `must_not_say` holds an empty text".to_owned());
        }
        Ok(())
    }

    /// What it has in common with samples that are not independent of it.
    pub fn cluster(&self) -> &str {
        self.cluster.as_ref().or_else(|| self.pages.first()).unwrap_or(&self.id)
    }

    /// What is asked of an answerer.
    pub fn question(&self, epoch: u32, at: Option<Timestamp>) -> Question {
        let text = match &self.scenario {
            Some(scenario) => format!("{scenario}\n\n{}", self.question),
            None => self.question.clone(),
        };
        Question {
            id: self.id.clone(),
            epoch,
            text,
            earlier: self.conversation.clone(),
            locale: self.locale.clone(),
            nation: self.nation,
            at,
        }
    }
}

fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// What is wrong with an identifier. They become names of files in logs, on whatever machine reads them.
pub(super) fn wrong_id(id: &str) -> Option<&'static str> {
    if id.is_empty() {
        Some("is empty")
    } else if id.len() > LONGEST_ID {
        Some("is longer than 200 bytes")
    } else if id.contains(['/', '\\']) {
        Some("holds a slash")
    } else if id.contains("..") {
        Some("holds two dots in a row")
    } else if id.chars().any(char::is_control) {
        Some("holds a control character")
    } else {
        None
    }
}
