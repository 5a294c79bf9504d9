//! What can be said of one metric by now.

use candour_core::Metric;
use serde::Serialize;

use super::plan::{Threshold, Usual};
use crate::statistics::Interval;

/// One metric by now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// The metric.
    pub metric: Metric,
    /// How many scores there are.
    pub scores: u64,
    /// Their mean, and the interval that holds however often one looks.
    #[serde(flatten)]
    pub interval: Interval,
    /// Where it has to stay.
    pub threshold: Option<Threshold>,
    /// What can be said of that.
    pub state: State,
    /// Whether it is what it was before, where that is known.
    pub drift: Option<Drifting>,
}

/// What can be said of a metric's threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It has none.
    NoThreshold,
    /// There is no score yet.
    Waiting,
    /// Nothing is surely wrong yet.
    Quiet,
    /// The whole interval is, or was, on the wrong side.
    Broken,
}

/// Whether a metric is what it was before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Drifting {
    /// What it was.
    pub usual: Usual,
    /// How much speaks for a change.
    pub evidence: f64,
    /// Whether that was ever enough.
    pub has_changed: bool,
}

/// An interval after so many scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// How many.
    pub scores: u64,
    /// The interval.
    pub interval: Interval,
}
