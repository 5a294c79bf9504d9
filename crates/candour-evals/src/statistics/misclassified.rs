//! The rate behind a judge that errs at known rates: a check beside the headline of `judged`, which it
//! is wider than.

use super::distribution::Confidence;
use super::{Interval, StatisticsError, at_least, within};

/// How a judge did on the answers that people labelled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JudgeErrors {
    /// Both say yes.
    pub true_positives: u64,
    /// People say yes, the judge no.
    pub false_negatives: u64,
    /// Both say no.
    pub true_negatives: u64,
    /// People say no, the judge yes.
    pub false_positives: u64,
}

impl JudgeErrors {
    /// Answers that people called positive.
    pub fn positives(&self) -> u64 {
        self.true_positives + self.false_negatives
    }

    /// Answers that people called negative.
    pub fn negatives(&self) -> u64 {
        self.true_negatives + self.false_positives
    }

    /// The share of human positives that the judge finds; none where there are no positives.
    pub fn sensitivity(&self) -> Option<f64> {
        let all = self.positives();
        (all > 0).then(|| self.true_positives as f64 / all as f64)
    }

    /// The share of human negatives that the judge leaves; none where there are no negatives.
    pub fn specificity(&self) -> Option<f64> {
        let all = self.negatives();
        (all > 0).then(|| self.true_negatives as f64 / all as f64)
    }

    /// How often the judge differs from people.
    pub fn disagreements(&self) -> u64 {
        self.false_negatives + self.false_positives
    }

    fn rates(&self) -> Result<(f64, f64), StatisticsError> {
        at_least("human positives", 1, self.positives() as usize)?;
        at_least("human negatives", 1, self.negatives() as usize)?;
        let rates = (self.sensitivity().unwrap_or(0.0), self.specificity().unwrap_or(0.0));
        if rates.0 + rates.1 <= 1.0 {
            let (sensitivity, specificity) = rates;
            return Err(StatisticsError::UselessJudge { sensitivity, specificity });
        }
        Ok(rates)
    }
}

/// The true rate of Rogan and Gladen (1978), within [0, 1], and its standard error, where the judge
/// called `share` of `of` other answers positive.
pub fn rogan_gladen(
    share: f64,
    of: u64,
    errors: &JudgeErrors,
) -> Result<(f64, f64), StatisticsError> {
    within("the judged rate", share, 0.0..=1.0, "between 0 and 1")?;
    at_least("judged answers", 1, of as usize)?;
    let (sensitivity, specificity) = errors.rates()?;
    let better = sensitivity + specificity - 1.0;
    let rate = (share + specificity - 1.0) / better;
    let spread = |rate: f64, of: f64| rate * (1.0 - rate) / of;
    let variance = spread(share, of as f64)
        + rate.powi(2) * spread(sensitivity, errors.positives() as f64)
        + (1.0 - rate).powi(2) * spread(specificity, errors.negatives() as f64);
    Ok((rate.clamp(0.0, 1.0), variance.sqrt() / better))
}

/// The interval of Lang and Reiczigel (2014, "Confidence limits for prevalence of disease adjusted for
/// estimated sensitivity and specificity") around the rate of Rogan and Gladen. It stays honest with few
/// labels and where the judge was never seen to err.
pub fn lang_reiczigel(
    share: f64,
    of: u64,
    errors: &JudgeErrors,
    confidence: Confidence,
) -> Result<Interval, StatisticsError> {
    let (value, _) = rogan_gladen(share, of, errors)?;
    let (z, n) = (confidence.z(), of as f64);
    let (n1, n0) = (errors.positives() as f64 + 2.0, errors.negatives() as f64 + 2.0);
    let p = (n * share + z * z / 2.0) / (n + z * z);
    let sensitivity = (errors.true_positives as f64 + 1.0) / n1;
    let specificity = (errors.true_negatives as f64 + 1.0) / n0;
    let better = sensitivity + specificity - 1.0;
    if better <= 0.0 {
        return Err(StatisticsError::UselessJudge { sensitivity, specificity });
    }
    let rate = (p + specificity - 1.0) / better;
    let spread1 = sensitivity * (1.0 - sensitivity) / n1;
    let spread0 = specificity * (1.0 - specificity) / n0;
    let shift = 2.0 * z * z * (rate * spread1 - (1.0 - rate) * spread0);
    let variance =
        p * (1.0 - p) / (n + z * z) + rate.powi(2) * spread1 + (1.0 - rate).powi(2) * spread0;
    let half = z * variance.sqrt() / better;
    let (low, high) = ((rate + shift - half).min(value), (rate + shift + half).max(value));
    Ok(Interval { value, low, high }.within_unit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const P95: Confidence = Confidence::P95;

    #[test]
    fn a_judge_that_never_erred_is_not_taken_for_one_that_never_will() {
        let errors =
            JudgeErrors { true_positives: 30, true_negatives: 30, ..JudgeErrors::default() };
        let (rate, error) = rogan_gladen(0.5, 100_000, &errors).unwrap();
        assert!((rate - 0.5).abs() < 1e-12 && error < 0.002);
        let interval = lang_reiczigel(0.5, 100_000, &errors, P95).unwrap();
        assert!(interval.width() > 0.05, "{interval:?}");
    }

    #[test]
    fn useless_judges_and_hostile_numbers_are_refused() {
        let useless = JudgeErrors {
            true_positives: 5,
            false_negatives: 5,
            true_negatives: 5,
            false_positives: 5,
        };
        assert!(matches!(
            rogan_gladen(0.5, 100, &useless),
            Err(StatisticsError::UselessJudge { .. })
        ));
        let good = JudgeErrors { true_positives: 5, true_negatives: 5, ..JudgeErrors::default() };
        assert!(rogan_gladen(f64::NAN, 100, &good).is_err());
        assert!(rogan_gladen(0.5, 0, &good).is_err());
        let no_negatives = JudgeErrors { true_negatives: 0, ..good };
        assert!(lang_reiczigel(0.5, 100, &no_negatives, P95).is_err());
        assert_eq!(no_negatives.specificity(), None);
    }
}
