//! Two runs of the same questions, right or wrong. Differences of scores are means like any other, whose
//! intervals are in `estimate`.

use super::distribution::{Confidence, at_most_heads, student_tails};
use super::estimate::{Estimate, Method, mean};
use super::observations::Observations;
use super::rate::{NoInterval, Rate};
use super::{Interval, StatisticsError, at_least};

/// How two runs of the same questions differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedDifference {
    /// How much higher the second is.
    pub difference: Rate,
    /// How likely so large a difference is where there is none; nothing where there is no interval, but where
    /// all differences are alike, whose signs tell.
    pub p: Option<f64>,
    /// Where right and wrong are all there is: on how many questions the runs disagree.
    pub disagreement: Option<Discordant>,
}

/// The difference of what each question has in two runs, with its cluster where there are any. Right and
/// wrong without clusters have an interval and a test of their own: Bonett-Price and McNemar's.
pub fn paired_difference(
    pairs: &[(Option<&str>, [f64; 2])],
    confidence: Confidence,
) -> PairedDifference {
    let each = pairs.iter().map(|(cluster, [before, after])| (*cluster, after - before));
    let observations = if pairs.iter().any(|(cluster, _)| cluster.is_some()) {
        Observations::clustered(each)
    } else {
        Observations::alone(each.map(|(_, difference)| difference))
    };
    let largest = pairs
        .iter()
        .flat_map(|(_, values)| values)
        .fold(0.0, |most: f64, value| most.max(value.abs()));
    let observations = observations.map(|observations| observations.made_of(largest));
    let all_in =
        |holds: fn(f64) -> bool| pairs.iter().all(|(_, values)| values.map(holds) == [true; 2]);
    let is_binary = all_in(|value| [0.0, 1.0].contains(&value)) && !pairs.is_empty();
    let disagreement = is_binary.then(|| Discordant::of(pairs));
    let range = all_in(|value| (0.0..=1.0).contains(&value)).then_some([-1.0, 1.0]);
    let mut p = None;
    let difference = Rate::of_observed(observations, pairs.len(), |observations| {
        let moments = observations.moments();
        let found = match &disagreement {
            Some(found) if moments.clusters().is_none() => {
                p = Some(found.mcnemar().exact);
                let (n, method) = (pairs.len(), Method::BonettPrice);
                let interval = found.difference(confidence);
                interval.map(|interval| Estimate { interval, n, clusters: None, method })
            }
            _ => {
                p = probability_of_no_difference(observations).ok();
                mean(observations, range, confidence)
            }
        };
        let rate = found.map_or_else(|_| Rate::without_spread(*moments), Rate::from);
        range.map_or(rate, |range| rate.within(range))
    });
    // What is too large to compute with tells nothing of chance either.
    let p = p.filter(|_| matches!(difference.note, None | Some(NoInterval::NoSpread)));
    PairedDifference { difference, p, disagreement }
}

/// How likely a mean as far from zero as this is where the true mean is zero, by Student's t. Where all
/// clusters, or all values, are off by the same but for rounding, the signs alone are tested.
pub fn probability_of_no_difference(differences: &Observations) -> Result<f64, StatisticsError> {
    let moments = differences.moments();
    let (mean, error, degrees) = (moments.mean(), moments.standard_error()?, moments.degrees());
    if !moments.is_without_spread()? {
        return Ok(student_tails(mean / error, degrees));
    }
    Ok(if mean.abs() > moments.rounding() { 0.5_f64.powf(degrees) } else { 1.0 })
}

/// The questions on which two runs disagree, among all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Discordant {
    /// Right in the second run alone.
    pub gained: u64,
    /// Right in the first run alone.
    pub lost: u64,
    /// All questions.
    pub n: u64,
}

/// How likely so uneven a disagreement is where neither run is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct McNemar {
    /// By the exact test of McNemar (1947), two-sided.
    pub exact: f64,
    /// With half of the probability of what was seen (Fagerland, Lydersen and Laake, 2013): less
    /// cautious, and closer to its level.
    pub mid: f64,
}

impl Discordant {
    /// Of questions that are right or wrong in each run.
    fn of(pairs: &[(Option<&str>, [f64; 2])]) -> Self {
        let mut found = Self { gained: 0, lost: 0, n: 0 };
        for (_, [before, after]) in pairs {
            found.n += 1;
            found.gained += u64::from(after > before);
            found.lost += u64::from(after < before);
        }
        found
    }

    /// McNemar's test. Where the runs never disagree nothing speaks against their being alike.
    pub fn mcnemar(&self) -> McNemar {
        let (all, least) = (self.gained + self.lost, self.gained.min(self.lost));
        if all == 0 {
            return McNemar { exact: 1.0, mid: 1.0 };
        }
        let below = at_most_heads(all, least);
        let seen = below - if least == 0 { 0.0 } else { at_most_heads(all, least - 1) };
        let exact = (2.0 * below).min(1.0);
        // Where both sides are alike, the two tails meet in what was seen.
        let mid = if self.gained == self.lost { 1.0 - seen / 2.0 } else { 2.0 * below - seen };
        McNemar { exact, mid: mid.min(1.0) }
    }

    /// How much larger the second rate is: the interval of Bonett and Price (2012), around the plain
    /// difference.
    pub fn difference(&self, confidence: Confidence) -> Result<Interval, StatisticsError> {
        at_least("questions", 1, self.n as usize)?;
        at_least("questions", (self.gained + self.lost) as usize, self.n as usize)?;
        let (gained, lost, n) = (self.gained as f64, self.lost as f64, self.n as f64);
        let (up, down) = ((gained + 1.0) / (n + 2.0), (lost + 1.0) / (n + 2.0));
        let middle = up - down;
        let half = confidence.z() * ((up + down - middle * middle) / (n + 2.0)).sqrt();
        let bounded = |end: f64| end.clamp(-1.0, 1.0);
        Ok(Interval {
            value: (gained - lost) / n,
            low: bounded(middle - half),
            high: bounded(middle + half),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn runs_that_never_disagree_are_alike() {
        let none = Discordant { gained: 0, lost: 0, n: 40 };
        assert_eq!(none.mcnemar(), McNemar { exact: 1.0, mid: 1.0 });
        let found = none.difference(Confidence::P95).unwrap();
        assert!(found.low < 0.0 && found.high > 0.0 && found.value == 0.0);
        assert!(Discordant { gained: 3, lost: 3, n: 5 }.difference(Confidence::P95).is_err());
        assert!(Discordant { gained: 0, lost: 0, n: 0 }.difference(Confidence::P95).is_err());
    }

    /// Few clusters tell little, and still no share changes by more than 1.
    #[test]
    fn a_change_of_shares_lies_between_minus_one_and_one() {
        let pairs = [(Some("p"), [0.0, 1.0]), (Some("p"), [0.0, 0.0]), (Some("q"), [1.0, 1.0])];
        for scale in [1.0, 10.0] {
            let pairs = pairs.map(|(cluster, values)| (cluster, values.map(|value| value * scale)));
            let found = paired_difference(&pairs, Confidence::P95).difference;
            let interval = found.interval().unwrap();
            let is_share = scale <= 1.0;
            assert_eq!(interval.low >= -1.0 && interval.high <= 1.0, is_share, "{interval:?}");
            assert!(interval.holds(found.value) && found.clusters == Some(2));
        }
    }

    /// Ten answers that read a year older than before say so by their signs; how much older others are, nobody
    /// knows. Of shares it is known, for none changes by more than 1.
    #[test]
    fn changes_that_are_alike_have_an_interval_of_shares_alone() {
        let half = 0.5_f64.powi(9);
        for (before, after, p) in [(12.5, 12.5, 1.0), (12.5, 13.5, half), (0.2, 0.7, half)] {
            let pairs = [(None, [before, after]); 10];
            let found = paired_difference(&pairs, Confidence::P95);
            let is_share = after < 1.0;
            assert_eq!(found.p, Some(p), "{before} {after}");
            let note = (!is_share).then_some(NoInterval::NoSpread);
            assert_eq!(found.difference.note, note, "{before} {after}");
            let width = found.difference.interval().map(|interval| interval.width());
            assert_eq!(width.is_some_and(|width| width > 0.1), is_share, "{width:?}");
        }
    }

    /// Neither sums of what is alike nor what they are off by, of which nothing but rounding is left, tell of a
    /// change: three questions would be sure of it.
    #[test]
    fn rounding_is_no_change() {
        let tenth = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
        let risen: Vec<[f64; 2]> = tenth.map(|value| [value, value + 0.1]).to_vec();
        let large: Vec<[f64; 2]> = tenth.map(|value| [100.0 + value, 100.1 + value]).to_vec();
        for (pairs, is_changed) in [
            (vec![[0.7, 0.2], [0.8, 0.3], [0.6, 0.1]], true),
            (risen, true),
            (large, true),
            (vec![[0.3, 0.1 + 0.2]; 8], false),
            (vec![[100.0 + 0.3, 100.0 + 0.1 + 0.2], [7.0, 7.0]], false),
            (vec![[0.3, 0.1 + 0.2], [0.7, 0.1 + 0.6]], false),
        ] {
            // Alone, and two and two in a cluster.
            for size in [1, 2] {
                let cluster = |at: usize| Some(["a", "b", "c", "d", "e", "f", "g", "h"][at / size]);
                let named = pairs.iter().enumerate().map(|(at, pair)| (cluster(at), *pair));
                let found = paired_difference(&named.collect::<Vec<_>>(), Confidence::P95);
                let signs = found.difference.clusters.unwrap_or(pairs.len()) - 1;
                let expected = if is_changed { 0.5_f64.powf(signs as f64) } else { 1.0 };
                assert_eq!(found.p, (signs > 0).then_some(expected), "{size} {pairs:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn sides_may_be_exchanged(gained in 0_u64..300, lost in 0_u64..300, both in 1_u64..300) {
            let one = Discordant { gained, lost, n: gained + lost + both };
            let other = Discordant { gained: lost, lost: gained, ..one };
            prop_assert_eq!(one.mcnemar(), other.mcnemar());
            let McNemar { exact, mid } = one.mcnemar();
            prop_assert!(mid <= exact + 1e-12 && (0.0..=1.0).contains(&mid) && exact <= 1.0);
            let (one, other) = (one.difference(Confidence::P95).unwrap(), other.difference(Confidence::P95).unwrap());
            prop_assert!((one.low + other.high).abs() < 1e-12);
            prop_assert!(one.holds(one.value) && one.low >= -1.0 && one.high <= 1.0);
        }
    }
}
