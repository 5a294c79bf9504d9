//! How sure an interval is to be, and the quantiles that follow from it.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF as _, Normal};
use statrs::function::beta::beta_reg;

use super::{StatisticsError, within};

/// How often an interval is to hold the truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Confidence(f64);

impl Confidence {
    /// In 95 of 100 cases.
    pub const P95: Self = Self(0.95);

    /// A share between a half and one, both left out.
    pub fn new(share: f64) -> Result<Self, StatisticsError> {
        let most = 1.0 - 1e-9;
        within("the confidence", share, 0.5 + 1e-9..=most, "between 0.5 and 1")?;
        Ok(Self(share))
    }

    /// How often the interval may miss the truth.
    pub fn alpha(self) -> f64 {
        1.0 - self.0
    }

    /// The quantile of the standard normal distribution that leaves half of alpha above it.
    pub fn z(self) -> f64 {
        normal_quantile(1.0 - self.alpha() / 2.0)
    }

    /// The same quantile of Student's t.
    pub fn t(self, degrees: f64) -> f64 {
        student_quantile(degrees, 1.0 - self.alpha() / 2.0)
    }
}

impl Default for Confidence {
    fn default() -> Self {
        Self::P95
    }
}

impl TryFrom<f64> for Confidence {
    type Error = StatisticsError;

    fn try_from(share: f64) -> Result<Self, StatisticsError> {
        Self::new(share)
    }
}

impl From<Confidence> for f64 {
    fn from(confidence: Confidence) -> Self {
        confidence.0
    }
}

/// The quantile of the standard normal distribution, of a share strictly between 0 and 1.
pub(super) fn normal_quantile(share: f64) -> f64 {
    Normal::standard().inverse_cdf(share)
}

/// The probability of a normal value at least as far from zero, on either side.
pub(super) fn normal_tails(z: f64) -> f64 {
    2.0 * Normal::standard().cdf(-z.abs())
}

/// The quantile of Student's t, of a share of at least a half.
fn student_quantile(degrees: f64, share: f64) -> f64 {
    let tail = beta_quantile(degrees / 2.0, 0.5, 2.0 * (1.0 - share));
    (degrees * (1.0 - tail) / tail).sqrt()
}

/// The probability of a Student's t at least as far from zero, on either side.
pub(super) fn student_tails(t: f64, degrees: f64) -> f64 {
    beta_reg(degrees / 2.0, 0.5, degrees / (degrees + t * t))
}

/// The quantile of the beta distribution, by halving: the iteration of statrs stops early, or not at
/// all, for some of the shapes that proportions of many thousands give.
pub(super) fn beta_quantile(a: f64, b: f64, share: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if beta_reg(a, b, middle) < share { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The probability of at most `count` heads among `throws` of a fair coin.
pub(super) fn at_most_heads(throws: u64, count: u64) -> f64 {
    if count >= throws {
        return 1.0;
    }
    beta_reg((throws - count) as f64, count as f64 + 1.0, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        let p95 = Confidence::P95;
        let cases = [
            (p95.z(), 1.959_963_984_540_054),
            (normal_quantile(0.8), 0.841_621_233_572_914),
            (p95.t(1.0), 12.706_204_736_432_095),
            (p95.t(9.0), 2.262_157_162_740_991_5),
            (p95.t(1e6), 1.959_966_356_800_834),
            (beta_quantile(1.0, 508.0, 0.95), 1.0 - 0.05_f64.powf(1.0 / 508.0)),
            (student_tails(p95.t(9.0), 9.0), 0.05),
            (at_most_heads(10, 2), 56.0 / 1024.0),
            (at_most_heads(4, 4), 1.0),
        ];
        for (found, expected) in cases {
            assert!((found / expected - 1.0).abs() < 1e-8, "{found} {expected}");
        }
    }

    #[test]
    fn a_confidence_is_a_share() {
        for share in [0.5, 1.0, f64::NAN, -1.0, f64::INFINITY] {
            assert!(Confidence::new(share).is_err());
        }
        assert_eq!(Confidence::new(0.9).map(f64::from), Ok(0.9));
    }
}
