//! Which end of a score is the better one, as far as anybody knows: a gate that took the wrong one would let
//! through what got worse.

use std::collections::BTreeMap;

use serde::Serialize;

use super::graded::RULES;
use crate::scorer::Scorer;

/// Scorers of Inspect that ask a model whether an answer is right.
const GRADED: [&str; 2] = ["model_graded_fact", "model_graded_qa"];
/// Those that say how surprised a model is; its other rules say whether an answer is right.
const SURPRISED: [&str; 2] = ["perplexity", "target_perplexity"];

/// The better end of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// The higher the better.
    Higher,
    /// The lower the better.
    Lower,
}

impl Better {
    /// What is known of a score by its name, whoever wrote the log; nothing where nobody knows. A second score
    /// of one name has a number behind it, and one of a table the name of the table before it.
    pub fn of(name: &str) -> Option<Self> {
        let short = name.rsplit('/').next().unwrap_or(name);
        if let Some(own) = Scorer::ALL.into_iter().find(|scorer| scorer.name() == short) {
            return Some(if own.is_lower_better() { Self::Lower } else { Self::Higher });
        }
        let first = short.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_among = |names: &[&str]| names.contains(&short) || names.contains(&first);
        if is_among(&SURPRISED) {
            return Some(Self::Lower);
        }
        (is_among(&RULES) || is_among(&GRADED)).then_some(Self::Higher)
    }

    /// Which end of a score is better, as somebody says or else as its name tells.
    pub(crate) fn said_or_known(said: &BTreeMap<String, Self>, name: &str) -> Option<Self> {
        said.get(name).copied().or_else(|| Self::of(name))
    }

    /// A word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
        }
    }

    /// The value that is worst, where nothing lies below 0 and, where lower is better, nothing above 1.
    pub(crate) fn worst_value(self) -> u8 {
        u8::from(self == Self::Lower)
    }

    /// What a sample that failed counts for, where all that is known of a score are its least and its highest
    /// value; nothing where it can be as bad as one likes.
    pub(super) fn worst(self, [least, most]: [f64; 2]) -> Option<f64> {
        let is_worst = match self {
            Self::Higher => least >= 0.0,
            Self::Lower => least >= 0.0 && most <= 1.0,
        };
        is_worst.then(|| f64::from(self.worst_value()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_end_is_known_by_name() {
        let (higher, lower) = (Some(Better::Higher), Some(Better::Lower));
        for (name, expected) in [
            ("key_facts", higher),
            ("attack_success", lower),
            ("bias", lower),
            ("reading_age", lower),
            ("table/bias", lower),
            ("match", higher),
            ("match2", higher),
            ("f1", higher),
            ("perplexity", lower),
            ("model_graded_qa", higher),
            ("model_graded_qa/toxicity", None),
            ("toxicity", None),
            ("", None),
        ] {
            assert_eq!(Better::of(name), expected, "{name}");
        }
    }
}
