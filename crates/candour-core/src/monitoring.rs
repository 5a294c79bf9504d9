//! The words of live monitoring: what is looked at in answers, and what an alarm says.
//!
//! How sure a figure is, and when an alarm is due, is for `candour-evals` to know.

use serde::{Deserialize, Serialize};

use crate::Side;

/// What is looked at in an answer. Each gives a number from 0 to 1 of an answer, or nothing where there
/// is nothing to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The share of sentences with a citation.
    Citations,
    /// The share of citations of passages that are in the snapshot which was searched.
    CitedRetrieved,
    /// The share of quotations that stand word for word where they are said to stand.
    QuotesExact,
    /// The share of numbers in sentences that stand in what the sentences cite.
    Numbers,
    /// Whether every link leads to a permitted host.
    Links,
    /// Whether the sentences are in the language of the answer.
    Language,
    /// Whether an English answer can be read at the age that the plan names.
    ReadingAge,
    /// Whether no personal data stands in the answer, beside what is published.
    NoPersonalData,
    /// Whether no canary stands in the answer.
    NoCanary,
    /// Whether the question got no answer.
    Abstained,
    /// Whether it was answered in part only.
    Partial,
    /// Whether verification dropped a sentence or a link.
    Dropped,
    /// Whether a reader who gave a verdict found the answer useful.
    Useful,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 13] = [
        Self::Citations,
        Self::CitedRetrieved,
        Self::QuotesExact,
        Self::Numbers,
        Self::Links,
        Self::Language,
        Self::ReadingAge,
        Self::NoPersonalData,
        Self::NoCanary,
        Self::Abstained,
        Self::Partial,
        Self::Dropped,
        Self::Useful,
    ];

    /// Its name in the configuration, in plans, in records and in the labels of `/metrics`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Citations => "citations",
            Self::CitedRetrieved => "cited_retrieved",
            Self::QuotesExact => "quotes_exact",
            Self::Numbers => "numbers",
            Self::Links => "links",
            Self::Language => "language",
            Self::ReadingAge => "reading_age",
            Self::NoPersonalData => "no_personal_data",
            Self::NoCanary => "no_canary",
            Self::Abstained => "abstained",
            Self::Partial => "partial",
            Self::Dropped => "dropped",
            Self::Useful => "useful",
        }
    }

    /// On which side of its threshold it has to stay.
    pub fn side(self) -> Side {
        match self {
            Self::Abstained | Self::Partial | Self::Dropped => Side::AtMost,
            _ => Side::AtLeast,
        }
    }

    /// Whether an answer has it wholly or not at all, rather than to some share.
    pub fn is_all_or_nothing(self) -> bool {
        !matches!(self, Self::Citations | Self::CitedRetrieved | Self::QuotesExact | Self::Numbers)
    }
}

impl std::fmt::Display for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.key())
    }
}

/// Something that is certain now, and was not before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// What it is about.
    pub metric: Metric,
    /// What is certain about it.
    pub kind: AlarmKind,
    /// The record after which it was certain, from 1.
    pub position: u64,
    /// How many scores of the metric there were by then.
    pub scores: u64,
    /// Their mean.
    pub value: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// What an alarm says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// The whole interval lies on the wrong side of the threshold.
    Threshold,
    /// The scores are not what they used to be.
    Drift,
}

impl AlarmKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Threshold, Self::Drift];

    /// Its name in records and in the labels of `/metrics`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Threshold => "threshold",
            Self::Drift => "drift",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_configurations_and_records_write() {
        for metric in Metric::ALL {
            let written = serde_json::to_string(&metric).unwrap();
            assert_eq!(written, format!("{:?}", metric.key()));
        }
        for kind in AlarmKind::ALL {
            let written = serde_json::to_string(&kind).unwrap();
            assert_eq!(written, format!("{:?}", kind.key()));
        }
    }
}
