//! Rates and means that a model judged, corrected by the labels of people: prediction-powered inference
//! (Angelopoulos, Duchi and Zrnic, "PPI++", arXiv 2311.01453).
//!
//! People label a random sample, chosen without looking at the judge; the judge labels everything. The
//! estimate is what the judge says of the rest, plus how far it is off on the sample. However bad the
//! judge is the interval stays honest: it only grows as wide as without it.

use std::collections::{BTreeMap, BTreeSet};

use super::distribution::{Confidence, normal_tails, student_tails};
use super::estimate::{Estimate, Method, estimate};
use super::observations::Observations;
use super::{
    Interval, StatisticsError, at_least, average, finite, population_variance, sample_variance,
    within,
};

/// Below so many labels Student's t takes the place of the normal distribution.
const FEW: usize = 200;

/// One answer, as the judge sees it and, where somebody looked, as people see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    /// What the judge says.
    pub judge: f64,
    /// What people say.
    pub human: Option<f64>,
    /// The cluster that the answer belongs to; all or none have one.
    pub cluster: Option<usize>,
}

/// A rate or mean that was judged, corrected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The figure. Its `n` is the number of human labels.
    pub estimate: Estimate,
    /// The standard error.
    pub standard_error: f64,
    /// Degrees of freedom of Student's t; nothing where the normal distribution takes its place.
    pub degrees: Option<f64>,
    /// How far the judge is trusted: 0 not at all, 1 in full.
    pub trust: f64,
}

impl Judged {
    /// How likely a figure as far from zero is where the truth is zero: of a difference, where there is none.
    pub fn probability_of_none(&self) -> f64 {
        let value = self.estimate.interval.value;
        match self.degrees {
            _ if value == 0.0 => 1.0,
            Some(degrees) => student_tails(value / self.standard_error, degrees),
            None => normal_tails(value / self.standard_error),
        }
    }
}

/// The corrected mean. `trust` is chosen for the narrowest interval where it is not given (section 6 of
/// the paper); 1 is plain prediction-powered inference, 0 uses the human labels alone.
///
/// With clusters the errors of a cluster are added up before they are squared, over labelled and other
/// answers together, so that what they share is counted once.
pub fn prediction_powered(
    judgements: &[Judgement],
    trust: Option<f64>,
    confidence: Confidence,
) -> Result<Judged, StatisticsError> {
    powered(&Split::of(judgements)?, trust, confidence)
}

/// The same of differences, which lie between -1 and 1 even where none of them falls.
pub fn prediction_powered_difference(
    judgements: &[Judgement],
    confidence: Confidence,
) -> Result<Judged, StatisticsError> {
    powered(&Split { is_rate: false, ..Split::of(judgements)? }, None, confidence)
}

fn powered(
    split: &Split,
    trust: Option<f64>,
    confidence: Confidence,
) -> Result<Judged, StatisticsError> {
    at_least("answers without a human label", 2, split.rest.len())?;
    let trust = match trust {
        Some(trust) => {
            within("the trust in the judge", trust, 0.0..=1.0, "between 0 and 1")?;
            trust
        }
        None => split.best_trust(),
    };
    let corrected: Vec<f64> =
        split.human.iter().zip(&split.judge).map(|(human, judge)| human - trust * judge).collect();
    let value = trust * average(&split.rest) + average(&corrected);
    let (n, rest) = (split.human.len() as f64, split.rest.len() as f64);
    let (variance, degrees) = match &split.clusters {
        None => {
            let judged = trust.powi(2) * population_variance(&split.rest) / rest;
            (judged + population_variance(&corrected) / n, n - 1.0)
        }
        Some(clusters) => clusters.variance(&split.rest, trust, &corrected)?,
    };
    let clusters = split.clusters.as_ref().map(SplitClusters::count);
    Ok(split.judged(value, variance.sqrt(), degrees, clusters, trust, confidence))
}

/// What the human labels say alone.
pub fn human_only(
    judgements: &[Judgement],
    confidence: Confidence,
) -> Result<Estimate, StatisticsError> {
    let labelled = || judgements.iter().filter_map(|item| Some((item.cluster, item.human?)));
    let observations = if labelled().any(|(cluster, _)| cluster.is_some()) {
        Observations::clustered(labelled())?
    } else {
        Observations::alone(labelled().map(|(_, human)| human))?
    };
    estimate(&observations, confidence)
}

/// The corrected mean where some answers were likelier to be labelled than others, each with its own
/// `chances` (Zrnic and Candes, "Active statistical inference", arXiv 2403.03208, section 2).
pub fn prediction_powered_sampled(
    judgements: &[Judgement],
    chances: &[f64],
    trust: Option<f64>,
    confidence: Confidence,
) -> Result<Judged, StatisticsError> {
    at_least("chances", judgements.len(), chances.len())?;
    for chance in chances {
        within("the chance of a label", *chance, f64::MIN_POSITIVE..=1.0, "above 0 and at most 1")?;
    }
    let split = Split::of(judgements)?;
    // What people say, and what the judge adds for each unit of trust.
    let weight = |item: &Judgement, chance: f64| item.human.map_or(0.0, |_| 1.0 / chance);
    let both = judgements.iter().zip(chances);
    let human: Vec<f64> = both
        .clone()
        .map(|(item, chance)| weight(item, *chance) * item.human.unwrap_or_default())
        .collect();
    let added: Vec<f64> =
        both.map(|(item, chance)| item.judge * (1.0 - weight(item, *chance))).collect();
    let trust = match trust {
        Some(trust) => trust,
        None => clipped(-covariance(&human, &added), population_variance(&added)),
    };
    within("the trust in the judge", trust, 0.0..=1.0, "between 0 and 1")?;
    let values: Vec<f64> =
        human.iter().zip(&added).map(|(human, added)| human + trust * added).collect();
    let observations = if split.clusters.is_some() {
        Observations::clustered(judgements.iter().map(|item| item.cluster).zip(values))?
    } else {
        Observations::alone(values)?
    };
    let degrees = match &split.clusters {
        Some(clusters) => clusters.with_labels()? as f64 - 1.0,
        None => split.human.len() as f64 - 1.0,
    };
    let moments = observations.moments();
    let (value, error) = (moments.mean(), moments.standard_error()?);
    Ok(split.judged(value, error, degrees, moments.clusters(), trust, confidence))
}

/// Judgements apart: those with a human label and the rest.
struct Split {
    human: Vec<f64>,
    /// What the judge says of the same answers.
    judge: Vec<f64>,
    rest: Vec<f64>,
    clusters: Option<SplitClusters>,
    /// Whether all values are between 0 and 1.
    is_rate: bool,
}

struct SplitClusters {
    labelled: Vec<usize>,
    rest: Vec<usize>,
}

impl Split {
    fn of(judgements: &[Judgement]) -> Result<Self, StatisticsError> {
        let judged: Vec<f64> = judgements.iter().map(|item| item.judge).collect();
        finite(&judged)?;
        let human: Vec<f64> = judgements.iter().filter_map(|item| item.human).collect();
        finite(&human)?;
        at_least("human labels", 2, human.len())?;
        let in_cluster = judgements.iter().filter(|item| item.cluster.is_some()).count();
        let clusters = if in_cluster > 0 {
            at_least("answers with a cluster, where some have one,", judgements.len(), in_cluster)?;
            let of = |is_labelled| {
                let kept =
                    judgements.iter().filter(move |item| item.human.is_some() == is_labelled);
                kept.filter_map(|item| item.cluster).collect()
            };
            Some(SplitClusters { labelled: of(true), rest: of(false) })
        } else {
            None
        };
        let is_rate = judged.iter().chain(&human).all(|value| (0.0..=1.0).contains(value));
        let judge =
            judgements.iter().filter(|item| item.human.is_some()).map(|item| item.judge).collect();
        let rest =
            judgements.iter().filter(|item| item.human.is_none()).map(|item| item.judge).collect();
        Ok(Self { human, judge, rest, clusters, is_rate })
    }

    /// The figure with its interval.
    fn judged(
        &self,
        value: f64,
        standard_error: f64,
        degrees: f64,
        clusters: Option<usize>,
        trust: f64,
        confidence: Confidence,
    ) -> Judged {
        let is_small = self.human.len() < FEW || clusters.is_some();
        let degrees = is_small.then_some(degrees);
        let quantile = degrees.map_or_else(|| confidence.z(), |degrees| confidence.t(degrees));
        let interval = Interval::around(value, quantile * standard_error);
        let interval = if self.is_rate { interval.within_unit() } else { interval };
        let (n, method) = (self.human.len(), Method::PredictionPowered);
        Judged {
            estimate: Estimate { interval, n, clusters, method },
            standard_error,
            degrees,
            trust,
        }
    }

    /// The trust that makes the interval narrowest (section 6.1, for a mean). The variances are those
    /// of the reference implementation: of the labels themselves, and of what all judgements sample.
    fn best_trust(&self) -> f64 {
        let ratio = self.human.len() as f64 / self.rest.len() as f64;
        let all: Vec<f64> = self.judge.iter().chain(&self.rest).copied().collect();
        clipped(covariance(&self.human, &self.judge), (1.0 + ratio) * sample_variance(&all))
    }
}

impl SplitClusters {
    fn count(&self) -> usize {
        self.labelled.iter().chain(&self.rest).collect::<BTreeSet<_>>().len()
    }

    /// The variance of the estimate, and its degrees of freedom: one less than the clusters in which
    /// anything was labelled.
    fn variance(
        &self,
        rest: &[f64],
        trust: f64,
        corrected: &[f64],
    ) -> Result<(f64, f64), StatisticsError> {
        let mut errors: BTreeMap<usize, f64> = BTreeMap::new();
        let (mean, count) = (average(rest), rest.len() as f64);
        for (cluster, value) in self.rest.iter().zip(rest) {
            *errors.entry(*cluster).or_default() += trust * (value - mean) / count;
        }
        let (mean, count) = (average(corrected), corrected.len() as f64);
        for (cluster, value) in self.labelled.iter().zip(corrected) {
            *errors.entry(*cluster).or_default() += (value - mean) / count;
        }
        let clusters = errors.len() as f64;
        let squares: f64 = errors.values().map(|error| error.powi(2)).sum();
        Ok((clusters / (clusters - 1.0) * squares, self.with_labels()? as f64 - 1.0))
    }

    /// In how many clusters anything is labelled: two at least.
    fn with_labels(&self) -> Result<usize, StatisticsError> {
        let labelled: BTreeSet<usize> = self.labelled.iter().copied().collect();
        at_least("clusters with human labels", 2, labelled.len())?;
        Ok(labelled.len())
    }
}

pub(super) fn covariance(first: &[f64], second: &[f64]) -> f64 {
    let (mean, other) = (average(first), average(second));
    let products = first.iter().zip(second).map(|(a, b)| (a - mean) * (b - other));
    products.sum::<f64>() / (first.len() as f64).max(1.0)
}

/// The quotient within [0, 1]; 0 where a judge that never varies has nothing to say.
pub(super) fn clipped(above: f64, below: f64) -> f64 {
    if below > 0.0 { (above / below).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(items: &[(f64, Option<f64>)]) -> Vec<Judgement> {
        let item = |(judge, human): &(f64, Option<f64>)| Judgement {
            judge: *judge,
            human: *human,
            cluster: None,
        };
        items.iter().map(item).collect()
    }

    fn mixed(count: usize) -> Vec<Judgement> {
        let item = |at: usize| {
            let judge = f64::from(u8::from(at.is_multiple_of(2)));
            let human = f64::from(u8::from(at.is_multiple_of(2) || at.is_multiple_of(7)));
            Judgement {
                judge,
                human: (at.is_multiple_of(4) || at % 4 == 3).then_some(human),
                cluster: None,
            }
        };
        (0..count).map(item).collect()
    }

    #[test]
    fn without_trust_the_labels_stand_alone() {
        let items = mixed(400);
        let found = prediction_powered(&items, Some(0.0), Confidence::P95).unwrap();
        let alone = human_only(&items, Confidence::P95).unwrap();
        assert!((found.estimate.interval.value - alone.interval.value).abs() < 1e-12);
        assert_eq!(found.estimate.n, 200);
    }

    /// One answer in each cluster is no cluster, and equal chances are a random sample.
    #[test]
    fn the_forms_agree_where_they_say_the_same() {
        let items = mixed(4000);
        let plain = prediction_powered(&items, Some(0.7), Confidence::P95).unwrap();
        let alone: Vec<Judgement> = (items.iter().enumerate())
            .map(|(at, item)| Judgement { cluster: Some(at), ..*item })
            .collect();
        let clustered = prediction_powered(&alone, Some(0.7), Confidence::P95).unwrap();
        assert!((plain.standard_error / clustered.standard_error - 1.0).abs() < 1e-3);
        let sampled =
            prediction_powered_sampled(&items, &vec![0.5; 4000], Some(0.7), Confidence::P95)
                .unwrap();
        let difference = sampled.estimate.interval.value - plain.estimate.interval.value;
        assert!(difference.abs() < 2.0 * plain.standard_error, "{difference}");
    }

    #[test]
    fn clusters_that_repeat_themselves_say_it_once() {
        let item = |at: usize, cluster: usize| Judgement {
            judge: f64::from(u8::from(cluster.is_multiple_of(3))),
            human: at.is_multiple_of(4).then_some(f64::from(u8::from(cluster.is_multiple_of(2)))),
            cluster: Some(cluster),
        };
        let items: Vec<Judgement> =
            (0..40).flat_map(|cluster| (0..8).map(move |at| item(at, cluster))).collect();
        let apart: Vec<Judgement> =
            items.iter().map(|item| Judgement { cluster: None, ..*item }).collect();
        let clustered = prediction_powered(&items, None, Confidence::P95).unwrap();
        let plain = prediction_powered(&apart, None, Confidence::P95).unwrap();
        assert_eq!(clustered.estimate.clusters, Some(40));
        assert!(clustered.standard_error > 1.3 * plain.standard_error);
    }

    #[test]
    fn what_cannot_be_corrected_is_refused() {
        let few = judged(&[(1.0, Some(1.0)), (0.0, None), (1.0, None)]);
        let none_left = judged(&[(1.0, Some(1.0)), (0.0, Some(0.0))]);
        let hostile = judged(&[(f64::NAN, Some(1.0)), (0.0, Some(0.0)), (1.0, None), (0.0, None)]);
        for items in [&[][..], &few, &none_left, &hostile] {
            assert!(prediction_powered(items, None, Confidence::P95).is_err());
        }
        let mut partly = mixed(40);
        partly[0].cluster = Some(1);
        assert!(prediction_powered(&partly, None, Confidence::P95).is_err());
        assert!(prediction_powered(&mixed(40), Some(2.0), Confidence::P95).is_err());
        assert!(prediction_powered_sampled(&mixed(4), &[0.5], None, Confidence::P95).is_err());
        assert!(prediction_powered_sampled(&mixed(4), &[0.0; 4], None, Confidence::P95).is_err());
    }

    #[test]
    fn a_judge_that_always_says_the_same_is_not_trusted() {
        let mut items = mixed(400);
        for item in &mut items {
            item.judge = 1.0;
        }
        let found = prediction_powered(&items, None, Confidence::P95).unwrap();
        assert!(found.trust.abs() < f64::EPSILON);
    }
}
