//! `[answers]`: how questions are answered.

use serde::{Deserialize, Serialize};

use super::{ConfigError, require};

/// How questions are answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// The longest question, in characters. GOV.UK Chat allows 300, which is too short for someone
    /// who explains their circumstances.
    pub max_question_characters: usize,
    /// The most units (sentences, list items, table rows) quoted in one answer.
    pub max_sentences: usize,
    /// Confidence below which no answer is given, 0 to 1. The default is calibrated on the sample's
    /// questions; see docs/answers.md.
    pub abstain_below: f32,
    /// A quoted page that was last changed more than this many days ago carries a notice.
    pub old_after_days: u32,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            max_question_characters: 2000,
            max_sentences: 6,
            abstain_below: 0.45,
            old_after_days: 730,
        }
    }
}

impl Answers {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        require(
            (50..=20_000).contains(&self.max_question_characters),
            "answers.max_question_characters",
            "from 50 to 20000",
        )?;
        require((1..=20).contains(&self.max_sentences), "answers.max_sentences", "from 1 to 20")?;
        require((0.0..=1.0).contains(&self.abstain_below), "answers.abstain_below", "from 0 to 1")
    }
}
