//! A figure that may have no interval: of one cluster, or of one score, nobody knows how far others are from it.

use serde::Serialize;

use super::{Estimate, Method};

/// A rate or a mean, with its interval where anything is known of that.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rate {
    /// The figure.
    pub value: f64,
    /// The lower end of its interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// How many values it is made of.
    pub n: usize,
    /// How many clusters they are in, where they are in any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<usize>,
    /// How the interval was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

impl From<Estimate> for Rate {
    fn from(estimate: Estimate) -> Self {
        let Estimate { interval, n, clusters, method } = estimate;
        Self {
            value: interval.value,
            low: Some(interval.low),
            high: Some(interval.high),
            n,
            clusters,
            method: Some(method),
            note: None,
        }
    }
}

impl Rate {
    /// A figure without an interval, and why there is none.
    pub(crate) fn without_interval(
        value: f64,
        n: usize,
        clusters: Option<usize>,
        why: &'static str,
    ) -> Self {
        Self { value, low: None, high: None, n, clusters, method: None, note: Some(why) }
    }
}
