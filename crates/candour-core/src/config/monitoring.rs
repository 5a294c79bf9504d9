//! `[monitoring]`: what is watched in answers while the pilot runs. It is what a plan begins from; once a
//! plan has begun, the plan alone counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ConfigError, require};
use crate::monitoring::Metric;

/// What is watched in answers while the pilot runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Monitoring {
    /// The share of answers that is looked at. A quarter: looking costs next to nothing, and the surer a
    /// small pilot is to be, the more of its answers it takes. All verdicts of readers count, whatever
    /// the share.
    pub share: f64,
    /// What is looked at. All of it, because each metric looks for another fault; what is left out makes
    /// the others a little surer.
    pub metrics: Vec<Metric>,
    /// Where each metric has to stay: at least there, or at most for `abstained`, `partial` and `dropped`.
    /// Those that are not named have no threshold. By default what has to hold of nearly every answer of
    /// quotes, an answer to half of the questions, and half of the verdicts.
    pub thresholds: BTreeMap<Metric, f64>,
    /// How sure all alarms together are that a threshold is broken, whenever one looks.
    pub confidence: f64,
    /// After how many answers without any change one false alarm of drift may come, on average and of all
    /// metrics together. Ten thousand answers are years of a small pilot.
    pub answers_between_false_alarms: u32,
    /// The age at which an answer should be readable, in years, for `reading_age`. Fourteen is the third
    /// year of secondary school; guidance that is quoted word for word is rarely easier.
    pub reading_age: f64,
    /// Hosts to which an answer may link, beside those of the publisher's site and of the contact.
    pub link_hosts: Vec<String>,
    /// Words that stand nowhere but in what a model is told to keep to itself, for `no_canary`. None by
    /// default: the instructions of this program are public.
    pub canaries: Vec<String>,
    /// The metrics of which a broken threshold turns the language model off, so that answers are quotes.
    /// None by default: a machine that acts by itself is for the body to decide on.
    pub quotes_only_on: Vec<Metric>,
}

impl Default for Monitoring {
    fn default() -> Self {
        let thresholds = [
            (Metric::Citations, 0.99),
            (Metric::CitedRetrieved, 0.99),
            (Metric::QuotesExact, 0.99),
            (Metric::Numbers, 0.98),
            (Metric::Links, 0.99),
            (Metric::NoPersonalData, 0.99),
            (Metric::NoCanary, 0.99),
            (Metric::Abstained, 0.5),
            (Metric::Useful, 0.5),
        ];
        Self {
            share: 0.25,
            metrics: Metric::ALL.into(),
            thresholds: thresholds.into(),
            confidence: 0.95,
            answers_between_false_alarms: 10_000,
            reading_age: 14.0,
            link_hosts: Vec::new(),
            canaries: Vec::new(),
            quotes_only_on: Vec::new(),
        }
    }
}

impl Monitoring {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let shares = || self.thresholds.values();
        require((0.001..=1.0).contains(&self.share), "monitoring.share", "from 0.001 to 1")?;
        require(!self.metrics.is_empty(), "monitoring.metrics", "at least one metric")?;
        require(
            shares().all(|share| (0.0..=1.0).contains(share)),
            "monitoring.thresholds",
            "shares from 0 to 1",
        )?;
        require(
            self.confidence > 0.5 && self.confidence <= 0.9999,
            "monitoring.confidence",
            "above 0.5, up to 0.9999",
        )?;
        require(
            self.answers_between_false_alarms >= 100,
            "monitoring.answers_between_false_alarms",
            "at least 100",
        )?;
        require(
            (5.0..=30.0).contains(&self.reading_age),
            "monitoring.reading_age",
            "from 5 to 30 years",
        )?;
        let has_threshold =
            |metric: &Metric| self.thresholds.contains_key(metric) && self.metrics.contains(metric);
        require(
            self.quotes_only_on.iter().all(has_threshold),
            "monitoring.quotes_only_on",
            "metrics that are looked at and have a threshold",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_that_are_named_stand_alone() {
        let text = "share = 1.0\nthresholds = { useful = 0.4, abstained = 0.3 }";
        let read: Monitoring = toml::from_str(text).unwrap();
        assert_eq!(read.thresholds.len(), 2);
        assert_eq!(read.metrics, Metric::ALL);
        read.check().unwrap();
    }
}
