//! How many questions it takes to see a difference, and how small a difference so many can show. The
//! numbers are for a power of 80 % unless another is asked for.

use super::distribution::{Confidence, normal_quantile};
use super::{StatisticsError, within};

/// By how much clusters of `size` values multiply the number of questions, where `correlation` is how
/// far the values of a cluster are alike (Kish, 1965): 1 where they have nothing in common.
pub fn design_effect(size: f64, correlation: f64) -> Result<f64, StatisticsError> {
    within("the size of a cluster", size, 1.0..=f64::MAX, "at least 1")?;
    within("the correlation within clusters", correlation, 0.0..=1.0, "between 0 and 1")?;
    Ok(1.0 + (size - 1.0) * correlation)
}

/// A plan's quantiles: of its confidence, and of its power.
fn quantiles(confidence: Confidence, power: f64) -> Result<(f64, f64), StatisticsError> {
    within("the power", power, 0.5..=0.9999, "between 0.5 and 0.9999")?;
    Ok((confidence.z(), normal_quantile(power)))
}

/// Two runs of the same questions, right or wrong (Connett, Smith and McHugh, 1987).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedBinary {
    /// The share of questions on which the runs will disagree.
    pub discordance: f64,
}

impl PairedBinary {
    /// How many questions show a difference.
    pub fn size(
        &self,
        difference: f64,
        confidence: Confidence,
        power: f64,
    ) -> Result<f64, StatisticsError> {
        within("the discordance", self.discordance, 1e-6..=1.0, "above 0 and at most 1")?;
        let most = self.discordance;
        within("the difference", difference, 1e-6..=most, "above 0 and at most the discordance")?;
        let (z, power) = quantiles(confidence, power)?;
        let spread = (self.discordance - difference.powi(2)).sqrt();
        Ok(((z * self.discordance.sqrt() + power * spread) / difference).powi(2))
    }

    /// The smallest difference that so many questions show; none where even the largest is not shown.
    pub fn difference(
        &self,
        size: f64,
        confidence: Confidence,
        power: f64,
    ) -> Result<Option<f64>, StatisticsError> {
        smallest(self.discordance, size, |difference| self.size(difference, confidence, power))
    }
}

/// Two runs of different questions, or two groups of people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arms {
    /// The rate of the first.
    pub rate: f64,
}

impl Arms {
    /// How many questions in each arm show that the second rate is higher by `difference`.
    pub fn size(
        &self,
        difference: f64,
        confidence: Confidence,
        power: f64,
    ) -> Result<f64, StatisticsError> {
        within("the rate", self.rate, 0.0..=1.0, "between 0 and 1")?;
        let most = 1.0 - self.rate;
        within(
            "the difference",
            difference,
            1e-6..=most,
            "above 0, and the sum with the rate at most 1",
        )?;
        let (z, power) = quantiles(confidence, power)?;
        let (first, second) = (self.rate, self.rate + difference);
        let spread = |rate: f64| rate * (1.0 - rate);
        let pooled = (2.0 * spread(f64::midpoint(first, second))).sqrt();
        let apart = (spread(first) + spread(second)).max(0.0).sqrt();
        Ok(((z * pooled + power * apart) / difference).powi(2))
    }

    /// The smallest rise of the rate that so many questions in each arm show.
    pub fn difference(
        &self,
        size: f64,
        confidence: Confidence,
        power: f64,
    ) -> Result<Option<f64>, StatisticsError> {
        smallest(1.0 - self.rate, size, |difference| self.size(difference, confidence, power))
    }
}

/// Two runs of the same questions, each answered several times (Miller, arXiv 2411.00640, section 5).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RepeatedScores {
    /// The variance of the differences between the questions' own means.
    pub between: f64,
    /// The variance among the answers to one question in each run.
    pub within: [f64; 2],
    /// How often each run answers a question.
    pub repeats: [f64; 2],
}

impl RepeatedScores {
    fn variance(&self) -> Result<f64, StatisticsError> {
        let [first, second] = self.repeats;
        within("the number of answers", first.min(second), 1.0..=f64::MAX, "at least 1")?;
        let least = self.between.min(self.within[0]).min(self.within[1]);
        within("a variance", least, 0.0..=f64::MAX, "0 or more")?;
        let all = self.between + self.within[0] / first + self.within[1] / second;
        within("the variance of a difference", all, f64::MIN_POSITIVE..=f64::MAX, "above 0")?;
        Ok(all)
    }

    /// How many questions show a difference of the means.
    pub fn size(
        &self,
        difference: f64,
        confidence: Confidence,
        power: f64,
    ) -> Result<f64, StatisticsError> {
        within("the difference", difference, 1e-6..=f64::MAX, "above 0")?;
        let (z, power) = quantiles(confidence, power)?;
        Ok((z + power).powi(2) * self.variance()? / difference.powi(2))
    }

    /// The smallest difference that so many questions show.
    pub fn difference(
        &self,
        size: f64,
        confidence: Confidence,
        power: f64,
    ) -> Result<f64, StatisticsError> {
        within("the number of questions", size, 1.0..=f64::MAX, "at least 1")?;
        let (z, power) = quantiles(confidence, power)?;
        Ok((z + power) * (self.variance()? / size).sqrt())
    }
}

/// The smallest difference up to `most` for which no more than `size` questions are needed. The number
/// that is needed falls as the difference grows.
fn smallest(
    most: f64,
    size: f64,
    needed: impl Fn(f64) -> Result<f64, StatisticsError>,
) -> Result<Option<f64>, StatisticsError> {
    within("the number of questions", size, 1.0..=f64::MAX, "at least 1")?;
    let (mut low, mut high) = (1e-6, most);
    if needed(high)? > size {
        return Ok(None);
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if needed(middle)? > size { low = middle } else { high = middle }
    }
    Ok(Some(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    const P95: Confidence = Confidence::P95;

    #[test]
    fn paired_runs_show_what_the_reference_says() {
        let runs = PairedBinary { discordance: 0.2 };
        let cases = [(100.0, 12.4), (250.0, 7.9), (500.0, 5.6), (1000.0, 4.0), (2000.0, 2.8)];
        for (size, points) in cases {
            let found = runs.difference(size, P95, 0.8).unwrap().unwrap();
            assert!((found * 100.0 - points).abs() < 0.05, "{size}: {found}");
            assert!((runs.size(found, P95, 0.8).unwrap() - size).abs() < 1e-3 * size);
        }
        assert_eq!(runs.difference(2.0, P95, 0.8), Ok(None));
    }

    #[test]
    fn the_numbers_of_arms_and_repeats_turn_back() {
        let arms = Arms { rate: 0.5 };
        assert!((arms.size(0.1, P95, 0.8).unwrap() - 387.3).abs() < 0.1);
        let rise = arms.difference(388.0, P95, 0.8).unwrap().unwrap();
        assert!((rise - 0.1).abs() < 1e-3);
        let scores = RepeatedScores { between: 0.1, within: [0.2, 0.2], repeats: [4.0, 4.0] };
        let size = scores.size(0.05, P95, 0.9).unwrap();
        assert!((scores.difference(size, P95, 0.9).unwrap() - 0.05).abs() < 1e-12);
        assert_eq!(design_effect(5.0, 0.25), Ok(2.0));
    }

    #[test]
    fn plans_that_make_no_sense_are_refused() {
        let runs = PairedBinary { discordance: 0.2 };
        for difference in [0.0, -0.1, 0.3, f64::NAN] {
            assert!(runs.size(difference, P95, 0.8).is_err());
        }
        for power in [0.0, 0.4, 1.0, f64::NAN] {
            assert!(runs.size(0.1, P95, power).is_err());
        }
        assert!(Arms { rate: 0.95 }.size(0.1, P95, 0.8).is_err());
        assert!(Arms { rate: f64::NAN }.difference(100.0, P95, 0.8).is_err());
        assert!(runs.difference(0.0, P95, 0.8).is_err());
        assert!(design_effect(0.5, 0.0).is_err() && design_effect(2.0, 1.5).is_err());
        let same = RepeatedScores { between: 0.0, within: [0.0; 2], repeats: [1.0; 2] };
        assert!(same.size(0.1, P95, 0.8).is_err());
    }
}
