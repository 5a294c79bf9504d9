//! How sure a mean is, and how sure the difference of two means over the same questions is.
//!
//! Both are percentile intervals of the bootstrap (Efron and Tibshirani, 1993, chapter 13), which asks
//! nothing of how the values are spread. The draws come from a seed, so that a figure can be recomputed.

use serde::{Deserialize, Serialize};

/// How often the sample is drawn anew. At 10,000 the ends of an interval move by well under a tenth of
/// its width from seed to seed.
const DRAWS: usize = 10_000;
/// The share of draws that the interval holds.
const LEVEL: f64 = 0.95;

/// A value and its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The value.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The mean of `values` with its interval; nothing where there are no values.
pub fn bootstrap_mean(values: &[f64], seed: u64) -> Option<Interval> {
    let value = mean(values)?;
    let mut random = SplitMix64(seed);
    let mut draws = Vec::with_capacity(DRAWS);
    for _ in 0..DRAWS {
        let sum: f64 = (0..values.len()).filter_map(|_| random.pick(values)).sum();
        draws.push(sum / values.len() as f64);
    }
    draws.sort_by(f64::total_cmp);
    let tail = (1.0 - LEVEL) / 2.0;
    Some(Interval { value, low: quantile(&draws, tail)?, high: quantile(&draws, 1.0 - tail)? })
}

/// The mean of `after - before` over pairs that belong together, with its interval. Drawing the pairs
/// keeps what they have in common (a question that is hard for both) out of the interval.
pub fn paired_difference(pairs: &[(f64, f64)], seed: u64) -> Option<Interval> {
    let differences: Vec<f64> = pairs.iter().map(|(before, after)| after - before).collect();
    bootstrap_mean(&differences, seed)
}

/// The quantile of sorted numbers, between neighbours by straight line; nothing where there are none.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share.clamp(0.0, 1.0) * sorted.len().saturating_sub(1) as f64;
    let below = *sorted.get(place.floor() as usize)?;
    let above = *sorted.get(place.ceil() as usize)?;
    Some(below + (above - below) * place.fract())
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The generator of Steele, Lea and Flood (2014): ten lines, good enough to draw with, and the same on
/// every machine.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of the values. That the first few are drawn more often by less than one part in 2^40 is far
    /// below what 10,000 draws can show.
    fn pick(&mut self, values: &[f64]) -> Option<f64> {
        let place = (u128::from(self.next()) * values.len() as u128) >> 64;
        values.get(place as usize).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEED: u64 = 7;

    /// So many ones among `count` values.
    fn ones(ones: usize, count: usize) -> Vec<f64> {
        (0..count).map(|place| f64::from(u8::from(place < ones))).collect()
    }

    /// Drawing `n` values, of which a share p are ones, anew gives a binomial count: its quantiles are
    /// in any table, and the interval has to end at them.
    #[test]
    fn ones_and_zeros_give_the_quantiles_of_the_binomial() {
        let cases =
            [(50, 100, 0.40, 0.60), (1, 10, 0.0, 0.3), (2, 20, 0.0, 0.25), (5, 5, 1.0, 1.0)];
        for (count, of, low, high) in cases {
            let found = bootstrap_mean(&ones(count, of), SEED).unwrap();
            let value = count as f64 / of as f64;
            assert_eq!((found.value, found.low, found.high), (value, low, high));
        }
    }

    #[test]
    fn a_large_sample_agrees_with_the_normal_interval() {
        let values: Vec<f64> = (0..1000).map(|place| f64::from(place) / 999.0).collect();
        let found = bootstrap_mean(&values, SEED).unwrap();
        let spread = 1.96 * (1.0_f64 / 12.0).sqrt() / 1000.0_f64.sqrt();
        assert!((found.low - (0.5 - spread)).abs() < 1e-3, "{found:?}");
        assert!((found.high - (0.5 + spread)).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn pairs_that_differ_alike_differ_for_sure() {
        let pairs: Vec<(f64, f64)> =
            (0..50).map(|place| (f64::from(place), f64::from(place) + 0.5)).collect();
        let found = paired_difference(&pairs, SEED).unwrap();
        assert_eq!((found.value, found.low, found.high), (0.5, 0.5, 0.5));
    }

    #[test]
    fn a_seed_decides_the_draws_and_nothing_has_no_mean() {
        let values = [0.1, 0.5, 0.7, 0.2];
        assert_eq!(bootstrap_mean(&values, 1), bootstrap_mean(&values, 1));
        assert_eq!(bootstrap_mean(&[], 1), None);
        assert_eq!(paired_difference(&[], 1), None);
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
            let found = bootstrap_mean(&values, seed).unwrap();
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            prop_assert!(found.low <= found.high);
            prop_assert!(least - 1e-9 <= found.low && found.high <= most + 1e-9, "{found:?}");
        }
    }
}
