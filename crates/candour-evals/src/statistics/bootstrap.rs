//! How sure a mean is: of values, or of the differences between values that belong together in pairs.
//!
//! The interval is the percentile interval of the bootstrap (Efron and Tibshirani, 1993, chapter 13),
//! which asks nothing of how the values are spread. The draws come from a seed, so that a figure can be
//! recomputed. Where nothing differs from draw to draw the interval would have no width, as if all were
//! known: there it is the rule of three, or none.

use std::collections::BTreeMap;

use serde::Serialize;

use super::distribution::Confidence;
use super::proportion::none_seen;
use super::{NoInterval, ROUNDING};

/// How often the sample is drawn anew. At 10,000 the ends of an interval move by well under a tenth of
/// its width from seed to seed.
const DRAWS: usize = 10_000;
/// The share of draws that the interval holds.
const LEVEL: Confidence = Confidence::P95;

/// A mean, with its interval where anything is known of that.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// The lower end of its interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<NoInterval>,
}

impl Mean {
    fn with(value: f64, low: f64, high: f64) -> Self {
        Self { value, low: Some(low), high: Some(high), note: None }
    }

    fn without(value: f64, why: NoInterval) -> Self {
        Self { value, low: None, high: None, note: Some(why) }
    }

    /// Both ends of the interval.
    pub fn ends(&self) -> Option<(f64, f64)> {
        Some((self.low?, self.high?))
    }
}

/// Values of which some belong together, such as those of questions on one page. What is true of one of
/// them is likely true of its fellows, so that they tell less than as many apart would.
#[derive(Debug, Clone, PartialEq)]
pub struct Clusters(Vec<Cluster>);

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Cluster {
    sum: f64,
    count: usize,
}

/// Gathers values by what they have in common.
impl<K: Ord> FromIterator<(K, f64)> for Clusters {
    fn from_iter<I: IntoIterator<Item = (K, f64)>>(values: I) -> Self {
        let mut clusters: BTreeMap<K, Cluster> = BTreeMap::new();
        for (key, value) in values {
            let cluster = clusters.entry(key).or_default();
            cluster.sum += value;
            cluster.count += 1;
        }
        Self(clusters.into_values().collect())
    }
}

impl Clusters {
    /// How many clusters there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The mean of all values, with its interval; nothing where there are no values. Whole clusters are
    /// drawn (Davison and Hinkley, 1997, section 3.8); of clusters with one value each this is the plain
    /// bootstrap. A single cluster tells nothing of others. `range` is where values lie, if that is known.
    pub fn mean(&self, range: Option<[f64; 2]>, seed: u64) -> Option<Mean> {
        let value = mean(self.0.iter())?;
        if let [one] = &self.0[..] {
            let is_alone = one.count == 1;
            let why = if is_alone { NoInterval::OneValue } else { NoInterval::OneCluster };
            return Some(Mean::without(value, why));
        }
        if self.0.iter().all(|cluster| is_near(cluster.sum / cluster.count as f64, value)) {
            return self.alike(value, range);
        }
        let (draws, tail) = (self.draws(seed), LEVEL.alpha() / 2.0);
        Some(Mean::with(value, quantile(&draws, tail)?, quantile(&draws, 1.0 - tail)?))
    }

    /// The mean where all clusters are alike, and so all draws. At an end of the range other clusters are
    /// as frequent as they may be where none of so many was seen; anywhere else nothing is known.
    fn alike(&self, value: f64, range: Option<[f64; 2]>) -> Option<Mean> {
        let unseen = none_seen(self.count() as u64, LEVEL).ok()?;
        Some(match range {
            Some([least, most]) if is_near(value, least) => {
                Mean::with(value, least, least + (most - least) * unseen)
            }
            Some([least, most]) if is_near(value, most) => {
                Mean::with(value, most - (most - least) * unseen, most)
            }
            _ => Mean::without(value, NoInterval::NoSpread),
        })
    }

    /// The means of samples drawn anew, from the least to the greatest.
    fn draws(&self, seed: u64) -> Vec<f64> {
        let mut random = SplitMix64(seed);
        let mut draws = Vec::with_capacity(DRAWS);
        for _ in 0..DRAWS {
            draws.extend(mean(self.0.iter().filter_map(|_| random.pick(&self.0))));
        }
        draws.sort_by(f64::total_cmp);
        draws
    }
}

fn is_near(one: f64, other: f64) -> bool {
    (one - other).abs() <= ROUNDING
}

fn mean<'a>(clusters: impl Iterator<Item = &'a Cluster>) -> Option<f64> {
    let all = clusters.fold(Cluster::default(), |all, cluster| Cluster {
        sum: all.sum + cluster.sum,
        count: all.count + cluster.count,
    });
    (all.count > 0).then(|| all.sum / all.count as f64)
}

/// The quantile of sorted numbers, between neighbours by straight line; nothing where there are none.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share.clamp(0.0, 1.0) * sorted.len().saturating_sub(1) as f64;
    let below = *sorted.get(place.floor() as usize)?;
    let above = *sorted.get(place.ceil() as usize)?;
    Some(below + (above - below) * place.fract())
}

/// The generator of Steele, Lea and Flood (2014): ten lines, good enough to draw with, and the same on
/// every machine.
pub(crate) struct SplitMix64(pub(crate) u64);

impl SplitMix64 {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Between 0 and 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of the values. That the first few are drawn more often by less than one part in 2^40 is far
    /// below what 10,000 draws can show.
    pub(super) fn pick<'a, T>(&mut self, values: &'a [T]) -> Option<&'a T> {
        let place = (u128::from(self.next()) * values.len() as u128) >> 64;
        values.get(place as usize)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEED: u64 = 7;

    /// The mean of values of which none belongs with another.
    fn apart(values: impl IntoIterator<Item = f64>, seed: u64) -> Option<Mean> {
        values.into_iter().enumerate().collect::<Clusters>().mean(None, seed)
    }

    fn width(mean: Mean) -> f64 {
        mean.high.unwrap() - mean.low.unwrap()
    }

    /// Values with their clusters, their range, and the ends of the interval or why there are none.
    type Case<'a> = (&'a [(u8, f64)], Option<[f64; 2]>, Result<(f64, f64), NoInterval>);

    /// So many ones among `count` values.
    fn ones(ones: usize, count: usize) -> Vec<f64> {
        (0..count).map(|place| f64::from(u8::from(place < ones))).collect()
    }

    /// Drawing `n` values, of which a share p are ones, anew gives a binomial count: its quantiles are
    /// in any table, and the interval has to end at them.
    #[test]
    fn ones_and_zeros_give_the_quantiles_of_the_binomial() {
        let cases = [(50, 100, 0.40, 0.60), (1, 10, 0.0, 0.3), (2, 20, 0.0, 0.25)];
        for (count, of, low, high) in cases {
            let found = apart(ones(count, of), SEED).unwrap();
            let value = count as f64 / of as f64;
            assert_eq!(found, Mean::with(value, low, high));
        }
    }

    /// None in n is the rule of three: 0.05 ^ (1 / n) is the least share of which n are all alike in one of
    /// twenty samples.
    #[test]
    fn where_nothing_differs_there_is_a_bound_or_none_but_never_a_width_of_nothing() {
        let (shares, signed) = (Some([0.0, 1.0]), Some([-1.0, 1.0]));
        let one_value = Err(NoInterval::OneValue);
        let one_cluster = Err(NoInterval::OneCluster);
        let no_spread = Err(NoInterval::NoSpread);
        let four = 1.0 - 0.05_f64.powf(0.25);
        let cases: [Case<'_>; 12] = [
            (&[(1, 0.877)], shares, one_value),
            (&[(1, 0.0)], shares, one_value),
            (&[(1, 0.2), (1, 0.4), (1, 1.0)], shares, one_cluster),
            (&[(1, 1.0), (1, 1.0)], shares, one_cluster),
            (&[(1, 0.0), (2, 0.0), (3, 0.0), (4, 0.0)], shares, Ok((0.0, four))),
            (&[(1, 1.0), (2, 1.0), (3, 1.0), (4, 1.0), (4, 1.0)], shares, Ok((1.0 - four, 1.0))),
            (&[(1, -1.0), (2, -1.0), (3, -1.0), (4, -1.0)], signed, Ok((-1.0, -1.0 + 2.0 * four))),
            (&[(1, 0.0), (2, 0.0), (3, 0.0), (4, 0.0)], None, no_spread),
            (&[(1, 0.0), (2, 0.0)], signed, no_spread),
            (&[(1, 0.5), (2, 0.5)], shares, no_spread),
            (&[(1, 0.0), (1, 1.0), (2, 1.0), (2, 0.0)], shares, no_spread),
            (&[(1, 0.1), (1, 0.2), (1, 0.3), (2, 0.2)], shares, no_spread),
        ];
        for (values, range, expected) in cases {
            let found = values.iter().copied().collect::<Clusters>().mean(range, SEED).unwrap();
            match (expected, found.ends()) {
                (Ok((low, high)), Some(ends)) => {
                    assert!(
                        (ends.0 - low).abs() < 1e-12 && (ends.1 - high).abs() < 1e-12,
                        "{found:?}"
                    );
                }
                (Err(why), None) => assert_eq!(found.note, Some(why), "{values:?}"),
                _ => panic!("{values:?} {range:?}: {found:?}"),
            }
        }
    }

    #[test]
    fn a_large_sample_agrees_with_the_normal_interval() {
        let values: Vec<f64> = (0..1000).map(|place| f64::from(place) / 999.0).collect();
        let found = apart(values, SEED).unwrap();
        let spread = 1.96 * (1.0_f64 / 12.0).sqrt() / 1000.0_f64.sqrt();
        let (low, high) = found.ends().unwrap();
        assert!((low - (0.5 - spread)).abs() < 1e-3, "{found:?}");
        assert!((high - (0.5 + spread)).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn values_that_belong_together_tell_no_more_than_one_of_them() {
        let values = ones(3, 10);
        let twice = || values.iter().chain(&values).copied();
        let together: Clusters = twice().enumerate().map(|(at, value)| (at % 10, value)).collect();
        assert_eq!(together.count(), 10);
        let once = apart(values.clone(), SEED).unwrap();
        assert_eq!(together.mean(None, SEED), Some(once));
        let apart = apart(twice(), SEED).unwrap();
        assert!(width(apart) < width(once), "{apart:?} {once:?}");
    }

    #[test]
    fn a_large_cluster_weighs_as_much_as_it_has_values() {
        let values = [("a", 1.0), ("a", 1.0), ("a", 1.0), ("b", 0.0)];
        let found = values.into_iter().collect::<Clusters>().mean(None, SEED).unwrap();
        assert_eq!(found, Mean::with(0.75, 0.0, 1.0));
    }

    #[test]
    fn a_seed_decides_the_draws_and_nothing_has_no_mean() {
        let values = [0.1, 0.5, 0.7, 0.2];
        assert_eq!(apart(values, 1), apart(values, 1));
        assert_eq!(apart([], 1), None);
    }

    #[test]
    fn the_generator_agrees_with_its_published_stream() {
        // The first values for seed 1234567, as in the reference implementation's test vectors.
        let mut random = SplitMix64(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn the_interval_lies_among_the_values(values in proptest::collection::vec(0.0_f64..=1.0, 1..30), seed: u64) {
            let found = apart(values.clone(), seed).unwrap();
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            prop_assert_eq!(found.ends().is_none(), most - least <= ROUNDING);
            if let Some((low, high)) = found.ends() {
                prop_assert!(low < high);
                prop_assert!(least - 1e-9 <= low && high <= most + 1e-9, "{found:?}");
            }
        }
    }
}
