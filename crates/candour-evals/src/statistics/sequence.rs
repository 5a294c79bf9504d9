//! Intervals that hold at all times at once, so that somebody may look after every answer and stop when
//! it suits them. An interval for a fixed number of answers, looked at every day, misses the truth far
//! more often than it says.

use super::Interval;
use super::distribution::Confidence;
use super::{StatisticsError, check_score, finite, within};
use statrs::function::beta::ln_beta;

/// Successes and failures: the beta mixture of Robbins (1970) with Ville's inequality, exact at any
/// number of answers. It holds for shares too: of a value in [0, 1] the likelihood ratio is on average no more
/// than of a success with the same mean (Howard and others, arXiv 1810.08240, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaMixture {
    confidence: Confidence,
    /// Their number, or the sum of shares.
    successes: f64,
    count: u64,
}

impl BetaMixture {
    /// Nothing seen yet.
    pub fn new(confidence: Confidence) -> Self {
        Self { confidence, successes: 0.0, count: 0 }
    }

    /// So many successes among so many answers.
    pub fn seen(
        successes: u64,
        count: u64,
        confidence: Confidence,
    ) -> Result<Self, StatisticsError> {
        Self::of_shares(successes as f64, count, confidence)
    }

    /// The same of shares that add up to `sum`.
    pub fn of_shares(
        sum: f64,
        count: u64,
        confidence: Confidence,
    ) -> Result<Self, StatisticsError> {
        within("the number of successes", sum, 0.0..=count as f64, "at most that of answers")?;
        Ok(Self { confidence, successes: sum, count })
    }

    /// One more answer.
    pub fn push(&mut self, success: bool) {
        self.count += 1;
        self.successes += f64::from(u8::from(success));
    }

    /// Whether a rate no longer fits what was seen.
    pub fn excludes(&self, rate: f64) -> bool {
        self.surprise(rate) >= -self.confidence.alpha().ln()
    }

    /// Whether the rate is surely above a limit: the rule for stopping a pilot that does harm.
    pub fn exceeds(&self, limit: f64) -> bool {
        self.successes > limit * self.count as f64 && self.excludes(limit)
    }

    /// The rate and its interval; all of [0, 1] while nothing is seen.
    pub fn interval(&self) -> Interval {
        if self.count == 0 {
            return Interval { value: 0.5, low: 0.0, high: 1.0 };
        }
        let value = self.successes / self.count as f64;
        // Surprise falls towards the rate that was seen, and rises behind it.
        let is_low = |rate: f64| self.excludes(rate) && rate < value;
        let is_high = |rate: f64| !self.excludes(rate) || rate < value;
        let low = if value <= 0.0 { 0.0 } else { boundary(0.0, value, is_low) };
        let high = if value >= 1.0 { 1.0 } else { boundary(value, 1.0, is_high) };
        Interval { value, low, high }
    }

    /// The logarithm of how much better a mixture of all rates explains what was seen than one rate does.
    fn surprise(&self, rate: f64) -> f64 {
        let (successes, failures) = (self.successes, self.count as f64 - self.successes);
        let explained =
            |count: f64, chance: f64| if count > 0.0 { count * chance.ln() } else { 0.0 };
        ln_beta(1.0 + successes, 1.0 + failures)
            - explained(successes, rate)
            - explained(failures, 1.0 - rate)
    }
}

/// Where a condition that holds from `low` upwards ends, by halving.
fn boundary(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if holds(middle) { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// Scores in [0, 1]: the predictable plug-in empirical Bernstein sequence of Waudby-Smith and Ramdas
/// (arXiv 2010.09686, theorem 2). It remembers no score.
#[derive(Debug, Clone, PartialEq)]
pub struct EmpiricalBernstein {
    confidence: Confidence,
    bets: Bets,
    /// The sum of all bets.
    stakes: f64,
    /// The sum of bets times scores.
    scores: f64,
    /// What betting on a higher and on a lower mean has cost.
    costs: [f64; 2],
}

impl EmpiricalBernstein {
    /// Nothing seen yet.
    pub fn new(confidence: Confidence) -> Self {
        Self { confidence, bets: Bets::new(confidence), stakes: 0.0, scores: 0.0, costs: [0.0; 2] }
    }

    /// One more score.
    pub fn push(&mut self, score: f64) -> Result<(), StatisticsError> {
        check_score(score)?;
        // Before the first score each side expects the worst for itself.
        let expected = self.bets.plain_mean().map_or([0.0, 1.0], |mean| [mean; 2]);
        let bet = self.bets.next(score).min(0.5);
        let psi = -(1.0 - bet).ln() - bet;
        self.stakes += bet;
        self.scores += bet * score;
        for (cost, expected) in self.costs.iter_mut().zip(expected) {
            *cost += (score - expected).powi(2) * psi;
        }
        Ok(())
    }

    /// The mean, weighted as the scores were bet on, and its interval.
    pub fn interval(&self) -> Interval {
        if self.stakes <= 0.0 {
            return Interval { value: 0.5, low: 0.0, high: 1.0 };
        }
        let value = self.scores / self.stakes;
        let [below, above] =
            self.costs.map(|cost| ((2.0 / self.confidence.alpha()).ln() + cost) / self.stakes);
        Interval { value, low: value - below, high: value + above }.within_unit()
    }
}

/// Scores in [0, 1]: the hedged capital sequence of the same paper (theorem 3), which is narrower and
/// remembers every score.
#[derive(Debug, Clone, PartialEq)]
pub struct Hedged {
    confidence: Confidence,
    bets: Bets,
    seen: Vec<(f64, f64)>,
}

impl Hedged {
    /// Nothing seen yet.
    pub fn new(confidence: Confidence) -> Self {
        Self { confidence, bets: Bets::new(confidence), seen: Vec::new() }
    }

    /// One more score.
    pub fn push(&mut self, score: f64) -> Result<(), StatisticsError> {
        check_score(score)?;
        let bet = self.bets.next(score);
        self.seen.push((score, bet));
        Ok(())
    }

    /// Whether a mean no longer fits what was seen.
    pub fn excludes(&self, mean: f64) -> bool {
        self.capital_above(mean).max(self.capital_below(mean)) >= self.enough()
    }

    /// The mean and its interval. The work grows with the number of scores.
    pub fn interval(&self) -> Interval {
        let count = self.seen.len() as f64;
        if self.seen.is_empty() {
            return Interval { value: 0.5, low: 0.0, high: 1.0 };
        }
        let value = self.seen.iter().map(|(score, _)| score).sum::<f64>() / count;
        let low = boundary(0.0, 1.0, |mean| self.capital_above(mean) >= self.enough());
        let high = boundary(0.0, 1.0, |mean| self.capital_below(mean) < self.enough());
        Interval { value, low: low.min(value), high: high.max(value) }
    }

    /// The capital, as a logarithm, at which a mean no longer fits.
    pub(super) fn enough(&self) -> f64 {
        (2.0 / self.confidence.alpha()).ln()
    }

    /// The logarithm of what betting on a higher mean has won; it falls as the mean grows.
    fn capital_above(&self, mean: f64) -> f64 {
        self.seen.iter().map(|seen| won_above(mean, *seen)).sum()
    }

    /// The logarithm of what betting on a lower mean has won; it rises as the mean grows.
    fn capital_below(&self, mean: f64) -> f64 {
        self.seen.iter().map(|seen| won_below(mean, *seen)).sum()
    }

    /// What the bets on the last score won, above and below: of one mean alone the capital can be followed
    /// score by score, which a simulation of thousands of runs does.
    #[cfg(test)]
    pub(super) fn won_last(&self, mean: f64) -> [f64; 2] {
        self.seen.last().map_or([0.0; 2], |seen| [won_above(mean, *seen), won_below(mean, *seen)])
    }
}

fn won_above(mean: f64, (score, bet): (f64, f64)) -> f64 {
    (bet.min(0.5 / mean) * (score - mean)).ln_1p()
}

fn won_below(mean: f64, (score, bet): (f64, f64)) -> f64 {
    (-bet.min(0.5 / (1.0 - mean)) * (score - mean)).ln_1p()
}

/// How much is bet on each score, from those before it alone (equation 26 of the paper).
#[derive(Debug, Clone, PartialEq)]
struct Bets {
    confidence: Confidence,
    count: f64,
    sum: f64,
    squares: f64,
}

impl Bets {
    fn new(confidence: Confidence) -> Self {
        Self { confidence, count: 0.0, sum: 0.0, squares: 0.0 }
    }

    /// The mean of the scores so far.
    fn plain_mean(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }

    /// The bet on the next score, which is then remembered.
    fn next(&mut self, score: f64) -> f64 {
        let variance = (0.25 + self.squares) / (self.count + 1.0);
        self.count += 1.0;
        self.sum += score;
        let mean = (0.5 + self.sum) / (self.count + 1.0);
        self.squares += (score - mean).powi(2);
        let stake = 2.0 * (2.0 / self.confidence.alpha()).ln();
        (stake / (variance * self.count * (1.0 + self.count).ln())).sqrt()
    }
}

/// Any values with a variance, from about fifty on: the asymptotic sequence of Waudby-Smith and others
/// (arXiv 2103.06476). For a trial, give each value as `x (A/p - (1-A)/(1-p))`, where A says which arm
/// it was in and p is the chance of that arm: the mean is then the difference of the arms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asymptotic {
    confidence: Confidence,
    /// How wide the mixture is: chosen to be narrowest at the look that matters most.
    width: f64,
    count: f64,
    mean: f64,
    /// The sum of squared distances from the mean.
    squares: f64,
}

impl Asymptotic {
    /// The fewest values that the approximation is good for.
    pub const FEWEST: u64 = 50;

    /// Nothing seen yet; `planned` values are expected when it matters most.
    pub fn new(planned: u64, confidence: Confidence) -> Result<Self, StatisticsError> {
        let least = Self::FEWEST as f64;
        within("the planned number of values", planned as f64, least..=f64::MAX, "at least 50")?;
        let c = -2.0 * confidence.alpha().ln();
        let width = (c + (c + 1.0).ln()) / planned as f64;
        Ok(Self { confidence, width, count: 0.0, mean: 0.0, squares: 0.0 })
    }

    /// One more value.
    pub fn push(&mut self, value: f64) -> Result<(), StatisticsError> {
        finite(&[value])?;
        self.count += 1.0;
        let step = value - self.mean;
        self.mean += step / self.count;
        self.squares += step * (value - self.mean);
        Ok(())
    }

    /// The mean and its interval; nothing while there are too few values.
    pub fn interval(&self) -> Option<Interval> {
        if self.count < Self::FEWEST as f64 {
            return None;
        }
        let growth = self.count * self.width + 1.0;
        let bound = 2.0 * growth / (self.count.powi(2) * self.width)
            * (growth.sqrt() / self.confidence.alpha()).ln();
        let deviation = (self.squares / self.count).sqrt();
        Some(Interval::around(self.mean, deviation * bound.sqrt()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P95: Confidence = Confidence::P95;

    fn close(found: Interval, low: f64, high: f64, by: f64) {
        assert!((found.low - low).abs() < by && (found.high - high).abs() < by, "{found:?}");
    }

    #[test]
    fn the_beta_mixture_has_the_reference_values() {
        let cases = [
            (0, 100, 0.0, 0.073_284),
            (0, 508, 0.0, 0.018_002),
            (3, 100, 0.001_526, 0.129_720),
            (50, 100, 0.344_590, 0.655_410),
            (420, 1000, 0.365_706, 0.475_620),
            (900, 1000, 0.861_633, 0.931_220),
            (100, 100, 0.926_716, 1.0),
        ];
        for (successes, count, low, high) in cases {
            let sequence = BetaMixture::seen(successes, count, P95).unwrap();
            close(sequence.interval(), low, high, 1e-6);
            assert!(sequence.excludes(low - 1e-6) || low == 0.0);
            assert!(!sequence.excludes(f64::midpoint(low, high)));
            assert_eq!(sequence.exceeds(low - 1e-6), low > 0.0);
            assert!(!sequence.exceeds(high + 1e-6));
        }
        assert!(BetaMixture::seen(2, 1, P95).is_err());
        close(BetaMixture::new(P95).interval(), 0.0, 1.0, 1e-12);
    }

    /// (0,0,0,1) 25 times, then (0,0,0,0,1) 20 times.
    fn scores() -> impl Iterator<Item = f64> {
        (0..100)
            .map(|at| f64::from(u8::from(at % 4 == 3)))
            .chain((0..100).map(|at| f64::from(u8::from(at % 5 == 4))))
    }

    #[test]
    fn sequences_of_scores_have_the_reference_values() {
        let (mut bernstein, mut hedged) = (EmpiricalBernstein::new(P95), Hedged::new(P95));
        let mut asymptotic = Asymptotic::new(100, P95).unwrap();
        for (score, count) in scores().zip(1..) {
            bernstein.push(score).unwrap();
            hedged.push(score).unwrap();
            asymptotic.push(score).unwrap();
            let expected = match count {
                50 => [0.016_655, 0.472_100, 0.0767, 0.4315, 0.053_757, 0.426_243],
                100 => [0.099_036, 0.403_870, 0.1154, 0.3860, 0.118_572, 0.381_428],
                200 => [0.126_505, 0.338_911, 0.1336, 0.3331, 0.134_602, 0.315_398],
                _ => continue,
            };
            close(bernstein.interval(), expected[0], expected[1], 1e-6);
            close(hedged.interval(), expected[2], expected[3], 2e-4);
            close(asymptotic.interval().unwrap(), expected[4], expected[5], 1e-6);
            assert!(hedged.excludes(expected[2] - 2e-4) && !hedged.excludes(0.25));
        }
    }

    #[test]
    fn what_is_no_score_is_refused_and_nothing_is_everything() {
        for score in [f64::NAN, -0.1, 1.1, f64::INFINITY] {
            assert!(EmpiricalBernstein::new(P95).push(score).is_err());
            assert!(Hedged::new(P95).push(score).is_err());
        }
        let mut asymptotic = Asymptotic::new(100, P95).unwrap();
        assert!(asymptotic.push(f64::NAN).is_err() && asymptotic.interval().is_none());
        assert!(Asymptotic::new(3, P95).is_err());
        close(EmpiricalBernstein::new(P95).interval(), 0.0, 1.0, 1e-12);
        close(Hedged::new(P95).interval(), 0.0, 1.0, 1e-12);
    }

    #[test]
    fn scores_that_never_vary_narrow_the_interval_to_them() {
        for value in [0.0, 0.5, 1.0] {
            let mut hedged = Hedged::new(P95);
            let mut bernstein = EmpiricalBernstein::new(P95);
            for _ in 0..2000 {
                hedged.push(value).unwrap();
                bernstein.push(value).unwrap();
            }
            for interval in [hedged.interval(), bernstein.interval()] {
                assert!(interval.holds(value) && interval.width() < 0.05, "{value} {interval:?}");
            }
        }
    }
}
