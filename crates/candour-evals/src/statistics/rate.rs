//! A figure that may have no interval: of one cluster, or of one score, nobody knows how far others are from it.

use serde::{Serialize, Serializer};

use super::{
    Confidence, Estimate, Interval, Method, Moments, Observations, StatisticsError, estimate,
};

/// A rate or a mean, with its interval where anything is known of that.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// The figure; no number, which is null in JSON, where there is none.
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
    pub note: Option<NoInterval>,
}

/// Why a figure has no interval. It is written as what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoInterval {
    /// Nothing has a value.
    NoValue,
    /// One value tells nothing of a spread.
    OneValue,
    /// One cluster tells nothing of others.
    OneCluster,
    /// The same where attacks and pages are the clusters.
    OneAttack,
    /// Units that all agree, or all differ alike, tell nothing of those that might not.
    AllAlike,
    /// Values of a mean that are all the same tell nothing of others.
    NoSpread,
    /// Values are larger than can be computed with.
    TooLarge,
    /// What holds at any time is known of values that stand alone.
    ClusteredAtAnyTime,
    /// It is known of values that do not change any more.
    RepeatedAtAnyTime,
    /// It is known of shares.
    NoShareAtAnyTime,
}

impl NoInterval {
    /// What follows "no interval:".
    pub fn why(self) -> &'static str {
        match self {
            Self::NoValue => "there is no value to compute with",
            Self::OneValue => "it is a single value, of which nobody knows how much others differ",
            Self::OneCluster => {
                "all of it is one cluster, of which nobody knows how much others differ"
            }
            Self::OneAttack => {
                "all of it is one attack or page, of which nobody knows how much others differ"
            }
            Self::AllAlike => {
                "every answer that was labelled says the same of it, and nobody knows what others would say"
            }
            Self::NoSpread => "all of it is the same, and nobody knows how much others differ",
            Self::TooLarge => "its values are too large to compute with",
            Self::ClusteredAtAnyTime => {
                "questions in clusters tell less than their number: leave --anytime out and look once, at the end, or leave clusters out with --cluster id"
            }
            Self::RepeatedAtAnyTime => {
                "a question that is asked again changes what was seen: leave --anytime out and look once, at the end"
            }
            Self::NoShareAtAnyTime => {
                "its values are not between 0 and 1: leave --anytime out and look once, at the end"
            }
        }
    }
}

impl Serialize for NoInterval {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.why())
    }
}

impl From<Estimate> for Rate {
    /// An interval without ends is none.
    fn from(estimate: Estimate) -> Self {
        let Estimate { interval, n, clusters, method } = estimate;
        let Interval { value, low, high } = interval;
        if !low.is_finite() || !high.is_finite() {
            return Self::without_interval(value, n, clusters, NoInterval::TooLarge);
        }
        let (low, high, method) = (Some(low), Some(high), Some(method));
        Self { value, low, high, n, clusters, method, note: None }
    }
}

impl Rate {
    /// What is known of values: the rate or mean, and its interval or why there is none.
    pub fn of(values: impl Into<Moments>, confidence: Confidence) -> Self {
        let moments = values.into();
        let found = estimate(moments, confidence);
        found.map_or_else(|_| Self::without_spread(moments), Self::from)
    }

    /// The same of so many values, which may be none or no numbers.
    pub(crate) fn of_observed(
        values: Result<Observations, StatisticsError>,
        n: usize,
        of: impl FnOnce(&Observations) -> Self,
    ) -> Self {
        match values {
            Ok(values) => of(&values),
            Err(_) if n == 0 => Self::without_interval(f64::NAN, n, None, NoInterval::NoValue),
            Err(_) => Self::without_interval(f64::NAN, n, None, NoInterval::TooLarge),
        }
    }

    /// A figure without an interval, and why there is none.
    pub(crate) fn without_interval(
        value: f64,
        n: usize,
        clusters: Option<usize>,
        why: NoInterval,
    ) -> Self {
        Self { value, low: None, high: None, n, clusters, method: None, note: Some(why) }
    }

    /// The same figure without its interval.
    pub(crate) fn but_for(self, why: NoInterval) -> Self {
        Self::without_interval(self.value, self.n, self.clusters, why)
    }

    /// Of one cluster, of one value that is neither 0 nor 1, or of values that are alike and no shares, nobody
    /// knows how far others are from it.
    pub(super) fn without_spread(of: Moments) -> Self {
        let why = match of.clusters() {
            Some(1) => NoInterval::OneCluster,
            None if of.n() == 1 => NoInterval::OneValue,
            _ => NoInterval::NoSpread,
        };
        Self::without_interval(of.mean(), of.n(), of.clusters(), why)
    }

    /// The figure and its interval, where it has one.
    pub fn interval(&self) -> Option<Interval> {
        let (low, high) = self.low.zip(self.high)?;
        Some(Interval { value: self.value, low, high })
    }

    /// The part of the interval in which rates and shares lie.
    #[must_use]
    pub fn within_unit(self) -> Self {
        self.within([0.0, 1.0])
    }

    /// The part of the interval in which such figures lie.
    pub(crate) fn within(self, [least, most]: [f64; 2]) -> Self {
        let bounded = |end: f64| end.clamp(least, most);
        let [low, high] = [self.low, self.high].map(|end| end.map(bounded));
        Self { value: bounded(self.value), low, high, ..self }
    }
}
