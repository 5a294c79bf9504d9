//! A rate or a mean, with the interval that suits it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::distribution::Confidence;
use super::moments::Moments;
use super::proportion::{clopper_pearson, none_seen, wilson_with};
use super::{Interval, StatisticsError, within};

/// A figure with all that has to be known to read it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The figure and its interval.
    #[serde(flatten)]
    pub interval: Interval,
    /// How many values it is made of.
    pub n: usize,
    /// How many clusters they are in, where they are in any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clusters: Option<usize>,
    /// How the interval was made.
    pub method: Method,
}

/// How an interval was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Wilson (1927).
    Wilson,
    /// Clopper and Pearson (1934).
    ClopperPearson,
    /// The same, with each cluster worth at most one observation (Kish, 1965; Korn and Graubard, 1998).
    ClusteredClopperPearson,
    /// Wilson, with as many observations as the clusters are worth (Korn and Graubard, 1998).
    KornGraubard,
    /// Wilson, with as many observations as the delta method's variance is worth (Woodruff, 1971).
    DeltaWilson,
    /// All values are alike, and of the rest no more is known than that it is rare.
    AllAlike,
    /// The mean and Student's t.
    T,
    /// The same with the clustered standard error.
    ClusteredT,
    /// The beta mixture, which holds at all times at once (Robbins, 1970).
    BetaMixture,
    /// Hedged capital, which does too (Waudby-Smith and Ramdas, 2020).
    HedgedCapital,
    /// Bonett and Price (2012), of paired answers.
    BonettPrice,
    /// Lang and Reiczigel (2014), of a judge whose error rates are known.
    LangReiczigel,
    /// Labels weighted by their chances (Horvitz and Thompson, 1952).
    HorvitzThompson,
    /// Predictions corrected by labels (Angelopoulos, Duchi and Zrnic, 2023).
    PredictionPowered,
    /// Labels of people, added up by strata (Neyman, 1934; Fisch and others, 2024).
    Stratified,
}

impl Method {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wilson => "Wilson",
            Self::ClopperPearson => "Clopper-Pearson",
            Self::ClusteredClopperPearson => "Clopper-Pearson, clustered",
            Self::KornGraubard => "Wilson, clustered",
            Self::DeltaWilson => "Wilson, delta",
            Self::AllAlike => "all alike",
            Self::T => "t",
            Self::ClusteredT => "t, clustered",
            Self::BetaMixture => "beta mixture, anytime",
            Self::HedgedCapital => "hedged capital, anytime",
            Self::BonettPrice => "Bonett-Price",
            Self::LangReiczigel => "Lang-Reiczigel",
            Self::HorvitzThompson => "Horvitz-Thompson",
            Self::PredictionPowered => "PPI++",
            Self::Stratified => "stratified",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The rate where all values are 0 or 1, else the mean.
pub fn estimate(
    of: impl Into<Moments>,
    confidence: Confidence,
) -> Result<Estimate, StatisticsError> {
    let moments = of.into();
    if moments.is_binary {
        return rate(moments, confidence);
    }
    mean(moments, moments.are_shares().then_some([0.0, 1.0]), confidence)
}

/// The mean with Student's t. Where all values are alike t knows of no spread, and would be sure after
/// two values. If they can only lie in a `range`, the interval is then the one in which the mean lies
/// where values that were not seen are as frequent as they may be, at either end of the range; without a
/// range there is none.
pub fn mean(
    of: impl Into<Moments>,
    range: Option<[f64; 2]>,
    confidence: Confidence,
) -> Result<Estimate, StatisticsError> {
    let moments = of.into();
    let error = moments.standard_error()?;
    let (value, n, clusters) = (moments.mean, moments.n, moments.clusters());
    let (interval, method) = match range {
        Some([least, most]) if moments.is_without_spread()? => {
            let unseen = none_seen(clusters.unwrap_or(n) as u64, confidence)?;
            let end = |end: f64| value + (end - value) * unseen;
            (Interval { value, low: end(least), high: end(most) }, Method::AllAlike)
        }
        None if moments.is_without_spread()? => return Err(StatisticsError::NoSpread),
        _ => {
            let half = error * confidence.t(moments.degrees());
            let method = if clusters.is_some() { Method::ClusteredT } else { Method::T };
            (Interval::around(value, half), method)
        }
    };
    Ok(Estimate { interval, n, clusters, method })
}

/// The rate of ones among zeros and ones: Wilson's interval, or the exact one where all are alike, or
/// Korn and Graubard's where there are clusters.
pub fn rate(of: impl Into<Moments>, confidence: Confidence) -> Result<Estimate, StatisticsError> {
    let moments = of.into();
    for end in [moments.least, moments.most] {
        within("a value of a rate", end, 0.0..=1.0, "0 or 1")?;
    }
    let (p, n, ones, clusters) = (moments.mean, moments.n, moments.ones, moments.clusters());
    let (interval, method) = if clusters.is_some() {
        let size = effective_size(&moments)?;
        (wilson_with(p, size, confidence.t(moments.degrees()))?, Method::KornGraubard)
    } else if ones == 0 || ones == n {
        (clopper_pearson(ones as u64, n as u64, confidence)?, Method::ClopperPearson)
    } else {
        (wilson_with(p, n as f64, confidence.z())?, Method::Wilson)
    };
    Ok(Estimate { interval, n, clusters, method })
}

/// How many observations without clusters would tell as much (Korn and Graubard, 1998). Where all are
/// alike nothing is known of the clusters, and all count.
fn effective_size(moments: &Moments) -> Result<f64, StatisticsError> {
    let (p, n) = (moments.mean, moments.n as f64);
    let variance = moments.standard_error()?.powi(2);
    Ok(if variance > 0.0 { (p * (1.0 - p) / variance).min(n) } else { n })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::statistics::Observations;

    fn alone(values: &[f64]) -> Result<Estimate, StatisticsError> {
        estimate(&Observations::alone(values.iter().copied())?, Confidence::P95)
    }

    #[test]
    fn each_kind_of_value_gets_its_interval() {
        assert_eq!(alone(&[0.0, 1.0]).unwrap().method, Method::Wilson);
        assert_eq!(alone(&[1.0]).unwrap().method, Method::ClopperPearson);
        assert_eq!(alone(&[0.5, 1.0]).unwrap().method, Method::T);
        let pages = Observations::clustered([("a", 0.0), ("a", 1.0), ("b", 1.0)]).unwrap();
        assert_eq!(estimate(&pages, Confidence::P95).unwrap().method, Method::KornGraubard);
        let scores = Observations::clustered([("a", 0.5), ("a", 1.0), ("b", 1.0)]).unwrap();
        assert_eq!(estimate(&scores, Confidence::P95).unwrap().method, Method::ClusteredT);
        let apart = Observations::clustered([("a", 0.0), ("b", 0.0)]).unwrap();
        assert_eq!(estimate(&apart, Confidence::P95).unwrap().method, Method::ClopperPearson);
    }

    #[test]
    fn what_cannot_be_estimated_is_refused() {
        assert!(alone(&[]).is_err());
        assert!(alone(&[0.5]).is_err(), "one score has no spread");
        let alike = alone(&[0.5; 20]).unwrap();
        assert_eq!(alike.method, Method::AllAlike);
        assert!((alike.interval.width() - none_seen(20, Confidence::P95).unwrap()).abs() < 1e-12);
        assert_eq!(alone(&[0.5, f64::NAN]), Err(StatisticsError::NotFinite { place: 2 }));
        assert!(alone(&[f64::INFINITY, 0.0]).is_err());
        let one = Observations::clustered([("a", 0.0), ("a", 1.0)]).unwrap();
        let one = estimate(&one, Confidence::P95);
        assert_eq!(one, Err(StatisticsError::TooFew { what: "clusters", needed: 2, found: 1 }));
    }

    /// Of values that are alike and may be any number, or of clusters that are, nobody knows how much others
    /// differ; one that does differ tells.
    #[test]
    fn values_that_are_alike_have_an_interval_in_a_known_range_alone() {
        let ages = [[12.5, 12.5, 12.5, 12.5], [11.0, 14.0, 14.0, 11.0], [12.5, 12.5, 12.5, 13.0]];
        for (values, alone, clustered) in
            [(ages[0], false, false), (ages[1], true, false), (ages[2], true, true)]
        {
            let pages = Observations::clustered([0, 0, 1, 1].into_iter().zip(values)).unwrap();
            for (of, is_known) in
                [(Observations::alone(values).unwrap(), alone), (pages, clustered)]
            {
                let found = estimate(&of, Confidence::P95);
                let is_refused = found == Err(StatisticsError::NoSpread);
                assert_eq!(is_refused, !is_known, "{values:?} {found:?}");
                let held = mean(&of, Some([0.0, 20.0]), Confidence::P95).unwrap().interval;
                assert!(held.width() > 0.0 && held.holds(12.5), "{values:?} {held:?}");
            }
        }
    }

    /// Clusters that are alike within say as much as one value of each; clusters of one are none.
    #[test]
    fn clusters_count_for_what_they_are_worth() {
        let apart = Observations::alone([0.0, 0.2, 0.7, 1.0]).unwrap();
        let ones = Observations::clustered(apart.values().iter().copied().enumerate()).unwrap();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        let error = |of: &Observations| of.moments().standard_error().unwrap();
        close(error(&ones), error(&apart));
        close(ones.moments().design_effect().unwrap(), 1.0);
        let fives = apart.values().iter().enumerate().flat_map(|(at, v)| [(at, *v); 5]);
        let fives = Observations::clustered(fives).unwrap();
        close(error(&fives), error(&apart));
        assert!(fives.moments().design_effect().unwrap() > 4.9);
    }

    proptest! {
        #[test]
        fn intervals_hold_their_estimate(values in proptest::collection::vec((0_usize..4, 0_u8..=1), 2..60)) {
            let binary = values.iter().map(|(_, value)| f64::from(*value));
            let found = rate(&Observations::alone(binary).unwrap(), Confidence::P95).unwrap().interval;
            prop_assert!(0.0 <= found.low && found.high <= 1.0 && found.holds(found.value));
            prop_assert!(found.width() > 0.0);
            let clustered = values.iter().map(|(cluster, value)| (cluster, f64::from(*value)));
            let clustered = Observations::clustered(clustered).unwrap();
            if let Ok(Estimate { interval: found, .. }) = rate(&clustered, Confidence::P95) {
                prop_assert!(0.0 <= found.low && found.high <= 1.0 && found.holds(found.value));
                prop_assert!(found.width() > 0.0);
            }
        }
    }
}
