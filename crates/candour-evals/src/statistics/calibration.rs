//! From labelled answers to the confidence below which nothing should be answered.
//!
//! The share of errors among what is answered is to stay below a level, and that is to be sure. Each
//! threshold is tested: "with it, errors are at least so frequent" is rejected where so few errors would
//! be unlikely (an exact binomial tail). Thresholds are tested from the strictest down and the walk ends
//! at the first that is not rejected, so that looking at many costs nothing (Angelopoulos, Bates,
//! Candès, Jordan and Lei, "Learn then Test", 2021, arXiv 2110.01052, fixed-sequence testing). Several
//! walks begin at different numbers of answers, each with its share of the doubt. Where walks begin
//! depends on the confidences alone, never on the labels.
//!
//! The promise is for questions like those that were labelled, drawn one by one. Questions that come in
//! families tell less than their number says.

use serde::{Deserialize, Serialize};
use statrs::distribution::{Binomial, DiscreteCDF as _};

use super::{Confidence, Interval, clopper_pearson};

/// Thresholds are tested at every hundredth.
const STEPS: u32 = 100;
/// How many walks there are; each begins with twice as many answers as the one before.
const WALKS: u32 = 4;

/// One question as it would be answered if everything were answered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Labelled {
    /// How sure the assistant is of its answer, 0 to 1.
    pub confidence: f64,
    /// Whether the answer is right. Any answer to a question that the guidance does not answer is wrong.
    pub correct: bool,
}

/// What a threshold does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Below this confidence nothing is answered.
    pub threshold: f64,
    /// How many questions are answered.
    pub answered: u64,
    /// The share of questions that are answered.
    pub coverage: f64,
    /// How many of the answers are wrong.
    pub errors: u64,
    /// The share of the answers that are wrong, with its exact 95 % interval; nothing where nothing is
    /// answered.
    pub risk: Option<Interval>,
}

/// What a calibration gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// The least strict threshold that keeps the promise; none where none can be shown to keep it.
    pub threshold: Option<Point>,
    /// The risk–coverage curve, from the strictest threshold down.
    pub curve: Vec<Point>,
    /// How many questions were labelled.
    pub labelled: u64,
}

/// Why nothing can be calibrated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CalibrationError {
    /// There are no labels.
    #[error("there are no labelled answers: label some, a few hundred if you can")]
    Empty,
    /// A confidence is not one.
    #[error("the confidence of answer {0} is not from 0 to 1: mend that row")]
    Confidence(usize),
    /// A share is not one.
    #[error("the {0} must lie between 0 and 1, both excluded: 0.05 for 5 %")]
    Share(&'static str),
}

/// The threshold with which, at the stated confidence, less than `level` of the answers are wrong.
pub fn calibrate(
    labels: &[Labelled],
    level: f64,
    confidence: f64,
) -> Result<Calibration, CalibrationError> {
    let is_share = |share: f64| share > 0.0 && share < 1.0;
    if !is_share(level) {
        return Err(CalibrationError::Share("level"));
    }
    if !is_share(confidence) {
        return Err(CalibrationError::Share("confidence"));
    }
    let bad = labels.iter().position(|label| !(0.0..=1.0).contains(&label.confidence));
    if let Some(bad) = bad {
        return Err(CalibrationError::Confidence(bad + 1));
    }
    if labels.is_empty() {
        return Err(CalibrationError::Empty);
    }
    let curve: Vec<Point> =
        (0..=STEPS).rev().map(|step| point(labels, f64::from(step) / f64::from(STEPS))).collect();
    let doubt = (1.0 - confidence) / f64::from(WALKS);
    // With fewer answers, not even none wrong would be unlikely enough.
    let fewest = (doubt.ln() / (1.0 - level).ln()).ceil().max(1.0) as u64;
    let walks = (0..WALKS).filter_map(|walk| walk_down(&curve, fewest << walk, level, doubt));
    let threshold = walks.min_by(|a, b| a.threshold.total_cmp(&b.threshold));
    Ok(Calibration { threshold, curve, labelled: labels.len() as u64 })
}

/// The last threshold that a walk rejects, which begins at the strictest with `from` answers.
fn walk_down(curve: &[Point], from: u64, level: f64, doubt: f64) -> Option<Point> {
    let tested = curve.iter().filter(|point| point.answered >= from);
    tested.take_while(|point| tail(point.errors, point.answered, level) <= doubt).last().copied()
}

/// How likely so few errors or fewer are, were `level` of the answers wrong.
fn tail(errors: u64, answered: u64, level: f64) -> f64 {
    Binomial::new(level, answered).map_or(1.0, |errors_by_chance| errors_by_chance.cdf(errors))
}

fn point(labels: &[Labelled], threshold: f64) -> Point {
    let answered: Vec<&Labelled> =
        labels.iter().filter(|label| label.confidence >= threshold).collect();
    let errors = answered.iter().filter(|label| !label.correct).count() as u64;
    let (count, of) = (answered.len() as u64, labels.len() as f64);
    let risk = clopper_pearson(errors, count, Confidence::P95).ok();
    Point { threshold, answered: count, coverage: count as f64 / of, errors, risk }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::bootstrap::SplitMix64;

    /// A number from 0 up to 1.
    fn uniform(draws: &mut SplitMix64) -> f64 {
        (draws.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Errors are rarer the surer the assistant is: with confidence c, a share of (1 - c)².
    fn drawn(draws: &mut SplitMix64, count: usize) -> Vec<Labelled> {
        let one = |draws: &mut SplitMix64| {
            let confidence = uniform(draws);
            Labelled { confidence, correct: uniform(draws) >= (1.0 - confidence).powi(2) }
        };
        (0..count).map(|_| one(draws)).collect()
    }

    /// Among confidences from t up to 1, evenly spread, a share of (1 - t)² / 3 is wrong.
    fn true_risk(threshold: f64) -> f64 {
        (1.0 - threshold).powi(2) / 3.0
    }

    #[test]
    fn the_promise_is_kept_as_often_as_it_says() {
        let mut draws = SplitMix64(20);
        let (level, confidence, times) = (0.05, 0.9, 400);
        let (mut broken, mut found) = (0, 0);
        for _ in 0..times {
            let calibration = calibrate(&drawn(&mut draws, 1000), level, confidence).unwrap();
            if let Some(point) = calibration.threshold {
                found += 1;
                broken += u32::from(true_risk(point.threshold) > level);
            }
        }
        // The doubt is 10 %, and 400 draws may miss that by 5 % at the very most.
        assert!(broken <= 60, "{broken} of {times}");
        assert!(found > 360, "and it is not kept by never answering: {found}");
    }

    #[test]
    fn few_labels_promise_nothing() {
        let sure = vec![Labelled { confidence: 0.9, correct: true }; 30];
        assert_eq!(calibrate(&sure, 0.05, 0.9).unwrap().threshold, None);
        let many = vec![Labelled { confidence: 0.9, correct: true }; 100];
        let point = calibrate(&many, 0.05, 0.9).unwrap().threshold.unwrap();
        assert_eq!((point.threshold, point.answered, point.errors), (0.0, 100, 0));
    }

    #[test]
    fn the_curve_counts() {
        let labels = [(0.9, true), (0.5, false), (0.1, true)]
            .map(|(confidence, correct)| Labelled { confidence, correct });
        let curve = calibrate(&labels, 0.05, 0.9).unwrap().curve;
        assert_eq!(curve.len(), 101);
        let at = |threshold: f64| curve.iter().find(|point| point.threshold <= threshold).unwrap();
        assert_eq!((at(0.95).answered, at(0.95).risk.map(|risk| risk.value)), (0, None));
        assert_eq!((at(0.9).answered, at(0.9).risk.map(|risk| risk.value)), (1, Some(0.0)));
        assert_eq!((at(0.5).answered, at(0.5).risk.map(|risk| risk.value)), (2, Some(0.5)));
        assert_eq!((at(0.0).answered, at(0.0).errors), (3, 1));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let label = |confidence: f64| [Labelled { confidence, correct: true }];
        assert_eq!(calibrate(&[], 0.05, 0.9), Err(CalibrationError::Empty));
        for bad in [f64::NAN, -0.1, 1.1, f64::INFINITY] {
            assert_eq!(calibrate(&label(bad), 0.05, 0.9), Err(CalibrationError::Confidence(1)));
        }
        for bad in [0.0, 1.0, f64::NAN, -1.0] {
            assert!(calibrate(&label(0.5), bad, 0.9).is_err());
            assert!(calibrate(&label(0.5), 0.05, bad).is_err());
        }
    }
}
