//! How sure a figure is. One file for each idea; each names the paper that it follows, and is held
//! against another implementation in `tests/with_statistics.rs`.
//!
//! | You have | You want | File |
//! |---|---|---|
//! | answers that are right or wrong, or scores | a rate or a mean with its interval | `estimate` |
//! | a count of successes | the interval of a proportion | `proportion` |
//! | several answers to each question | how much is chance, and success within k tries | `repeats` |
//! | labels that were expected and given | an F-score with its interval | `f_score` |
//! | two runs of the same questions | whether one is better | `paired` |
//! | a plan | how many questions it takes | `power` |
//! | many comparisons | which of them still stand | `multiplicity` |
//! | two or more people who label | how far they agree | `kappa`, `krippendorff` |
//! | a model that judges, and some labels by people | the rate that people would have found | `judged`, `misclassified` |
//! | more answers than people can label | which to label, and the rate of all | `stratified` |
//! | answers that keep coming | an interval that may be looked at at any time | `sequence` |
//! | the same, and what was usual before | whether something has changed | `drift` |
//! | anything with a mean | an interval that asks nothing of it | `bootstrap` |

mod bootstrap;
mod calibration;
mod distribution;
mod drift;
mod estimate;
mod f_score;
mod judged;
mod kappa;
mod krippendorff;
mod misclassified;
mod moments;
mod multiplicity;
mod observations;
mod paired;
mod power;
mod proportion;
mod rate;
mod repeats;
mod sequence;
#[cfg(test)]
mod simulations;
mod stratified;
#[cfg(test)]
mod xstest;

pub use bootstrap::{Clusters, Mean, quantile};
pub use calibration::{Calibration, CalibrationError, Labelled, Point, calibrate};
pub use distribution::Confidence;
pub use drift::Drift;
pub use estimate::{Estimate, Method, estimate, mean, rate};
pub(crate) use f_score::Hits;
pub use judged::{
    Judged, Judgement, human_only, prediction_powered, prediction_powered_difference,
    prediction_powered_sampled,
};
pub use kappa::{Kappa, Table, Weights};
pub use krippendorff::{Scale, alpha, alpha_interval};
pub use misclassified::{JudgeErrors, lang_reiczigel, rogan_gladen};
pub use moments::Moments;
pub use multiplicity::{benjamini_hochberg, holm};
pub use observations::Observations;
pub use paired::{
    Discordant, McNemar, PairedDifference, paired_difference, probability_of_no_difference,
};
pub use power::{Arms, PairedBinary, RepeatedScores, design_effect};
pub use proportion::{clopper_pearson, clopper_pearson_with, none_seen, wilson};
pub use rate::{NoInterval, Rate};
pub use repeats::{Spread, pass_all, pass_any, spread};
pub use sequence::{Asymptotic, BetaMixture, EmpiricalBernstein, Hedged};
pub use stratified::{
    Expected, Strata, allocate, draw, expected, expected_error, expected_error_at_random,
    stratified,
};

#[cfg(test)]
pub(crate) use bootstrap::SplitMix64;
#[cfg(test)]
pub(crate) use simulations::SEED;

use serde::{Deserialize, Serialize};

/// Figures that are no further apart differ by rounding alone.
pub(crate) const ROUNDING: f64 = 1e-9;

/// A value and its interval, at 95 % where nothing else is said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The value.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// The value, and as much to both sides.
    pub fn around(value: f64, half: f64) -> Self {
        Self { value, low: value - half, high: value + half }
    }

    /// The part of the interval in which rates and shares lie.
    #[must_use]
    pub fn within_unit(self) -> Self {
        let unit = |end: f64| end.clamp(0.0, 1.0);
        Self { value: unit(self.value), low: unit(self.low), high: unit(self.high) }
    }

    /// The same of a mean of which this is a share, and all else is 0.
    #[must_use]
    pub(crate) fn times(self, share: f64) -> Self {
        Self { value: self.value * share, low: self.low * share, high: self.high * share }
    }

    /// Whether a value lies in the interval.
    pub fn holds(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// How wide the interval is.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

/// Why there is no figure.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StatisticsError {
    /// There is too little to compute from.
    #[error("{what}: {found}, and it takes at least {needed}")]
    TooFew {
        /// What there is too little of.
        what: &'static str,
        /// How many it takes.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// A number is none, or infinite.
    #[error("value {place} is not a number: leave it out, and say how many were left out")]
    NotFinite {
        /// Its place, from 1.
        place: usize,
    },
    /// A number is not where it should be.
    #[error("{what} is {value}, and should be {should}")]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// What it is.
        value: f64,
        /// What it should be.
        should: &'static str,
    },
    /// All values are alike, and nobody knows between which ends others would lie.
    #[error(
        "all values, or all clusters, are alike, and not between 0 and 1: nobody knows how much others differ, and there is no interval"
    )]
    NoSpread,
    /// A judge is no better than chance, so that nothing can be corrected with it.
    #[error(
        "the judge is no better than chance (sensitivity {sensitivity:.3}, specificity {specificity:.3}): label more answers by hand, or change the judge"
    )]
    UselessJudge {
        /// The share of human positives that it finds.
        sensitivity: f64,
        /// The share of human negatives that it leaves.
        specificity: f64,
    },
}

/// Refuses what is no number.
fn finite(values: &[f64]) -> Result<(), StatisticsError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(place) => Err(StatisticsError::NotFinite { place: place + 1 }),
        None => Ok(()),
    }
}

/// Refuses fewer than `needed`.
fn at_least(what: &'static str, needed: usize, found: usize) -> Result<(), StatisticsError> {
    if found < needed { Err(StatisticsError::TooFew { what, needed, found }) } else { Ok(()) }
}

/// Refuses what is outside of a range.
fn within(
    what: &'static str,
    value: f64,
    range: std::ops::RangeInclusive<f64>,
    should: &'static str,
) -> Result<(), StatisticsError> {
    if range.contains(&value) {
        Ok(())
    } else {
        Err(StatisticsError::OutOfRange { what, value, should })
    }
}

/// Refuses what is no score.
fn check_score(score: f64) -> Result<(), StatisticsError> {
    within("a score", score, 0.0..=1.0, "between 0 and 1")
}

/// The mean; `0` of nothing.
fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / (values.len() as f64).max(1.0)
}

/// The variance of the values themselves (no degree of freedom taken off).
fn population_variance(values: &[f64]) -> f64 {
    let mean = average(values);
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() as f64).max(1.0)
}

/// The variance of what the values are a sample of (one degree of freedom taken off).
fn sample_variance(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    population_variance(values) * count / (count - 1.0).max(1.0)
}
