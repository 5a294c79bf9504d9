//! Several answers to each question: how much of the spread is chance, and success within k tries.

use super::{StatisticsError, at_least, average, finite, sample_variance, within};

/// Where the spread of repeated answers comes from (Miller, arXiv 2411.00640, section 3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The variance of the means of the questions.
    pub observed: f64,
    /// The mean variance among the answers to one question.
    pub within: f64,
    /// What would remain of the observed variance with any number of answers; 0 at least.
    pub between: f64,
    /// The mean number of answers to a question.
    pub repeats: f64,
}

impl Spread {
    /// Whether more answers to each question would narrow the interval little: what chance adds to the
    /// variance is below a tenth of what the questions have.
    pub fn is_enough(&self) -> bool {
        self.within / self.repeats < self.between / 10.0
    }

    /// How many answers to each question would be enough; none where no number would, because the
    /// questions do not differ.
    pub fn enough(&self) -> Option<f64> {
        (self.between > 0.0).then(|| (10.0 * self.within / self.between).floor() + 1.0)
    }
}

/// The spread of the answers to each question. A question with one answer tells nothing of chance.
pub fn spread(answers: &[Vec<f64>]) -> Result<Spread, StatisticsError> {
    answers.iter().try_for_each(|answers| finite(answers))?;
    at_least("questions", 2, answers.len())?;
    let fewest = answers.iter().map(Vec::len).min().unwrap_or_default();
    at_least("answers to a question", 2, fewest)?;
    let means: Vec<f64> = answers.iter().map(|answers| average(answers)).collect();
    let variances: Vec<f64> = answers.iter().map(|answers| sample_variance(answers)).collect();
    let (observed, within) = (sample_variance(&means), average(&variances));
    let repeats = average(&answers.iter().map(|answers| answers.len() as f64).collect::<Vec<_>>());
    Ok(Spread { observed, within, between: (observed - within / repeats).max(0.0), repeats })
}

/// The chance that at least one of `k` tries succeeds, from `successes` in `tries` (pass@k of Chen et al.,
/// arXiv 2107.03374, section 2.1). Of attacks it is the success at k.
pub fn pass_any(tries: u64, successes: u64, k: u64) -> Result<f64, StatisticsError> {
    Ok(1.0 - drawn(tries, tries.saturating_sub(successes), k)?)
}

/// The chance that all of `k` tries succeed (pass^k).
pub fn pass_all(tries: u64, successes: u64, k: u64) -> Result<f64, StatisticsError> {
    drawn(tries, successes, k)
}

/// C(kind, k) / C(all, k): the chance that `k` drawn of `all` are all of one kind.
fn drawn(all: u64, kind: u64, k: u64) -> Result<f64, StatisticsError> {
    within("k", k as f64, 1.0..=all as f64, "at least 1 and at most the number of tries")?;
    within("the number of successes", kind as f64, 0.0..=all as f64, "at most that of tries")?;
    let left = |drawn: u64| kind.saturating_sub(drawn) as f64 / (all - drawn) as f64;
    Ok((0..k).map(left).product())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_counted_as_in_the_paper() {
        let cases =
            [(10, 3, 1, 0.3, 0.3), (4, 2, 2, 1.0 - 1.0 / 6.0, 1.0 / 6.0), (5, 0, 5, 0.0, 0.0)];
        for (tries, successes, k, any, all) in cases {
            assert!((pass_any(tries, successes, k).unwrap() - any).abs() < 1e-12);
            assert!((pass_all(tries, successes, k).unwrap() - all).abs() < 1e-12);
        }
        for (tries, successes, k) in [(5, 1, 0), (5, 1, 6), (0, 0, 1), (5, 6, 1)] {
            assert!(
                pass_any(tries, successes, k).is_err() || pass_all(tries, successes, k).is_err()
            );
        }
    }

    #[test]
    fn the_spread_is_taken_apart() {
        let found = spread(&[vec![0.0, 1.0], vec![1.0, 1.0], vec![0.0, 0.0]]).unwrap();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(found.observed, 0.25);
        close(found.within, 1.0 / 6.0);
        close(found.between, 0.25 - 1.0 / 12.0);
        assert!(!found.is_enough());
        assert!(found.enough().is_some_and(|enough| (10.0..=11.0).contains(&enough)));
        assert!(spread(&[vec![1.0], vec![1.0, 0.0]]).is_err());
        assert!(spread(&[vec![1.0, f64::NAN], vec![1.0, 0.0]]).is_err());
        assert_eq!(spread(&[vec![0.0, 1.0], vec![0.0, 1.0]]).unwrap().enough(), None);
    }
}
