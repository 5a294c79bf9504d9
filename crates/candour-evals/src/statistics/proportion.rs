//! The interval of a proportion, from a count.

use super::distribution::{Confidence, beta_quantile};
use super::{Interval, StatisticsError, at_least, within};

/// Wilson's interval (1927), which holds well from a few observations on and never leaves [0, 1].
pub fn wilson(count: f64, of: f64, confidence: Confidence) -> Result<Interval, StatisticsError> {
    wilson_with(count / of, of, confidence.z())
}

/// Wilson's interval of a share `p` of `n` observations, which need not be whole, with a quantile `z`.
pub(super) fn wilson_with(p: f64, n: f64, z: f64) -> Result<Interval, StatisticsError> {
    within("the share", p, 0.0..=1.0, "between 0 and 1, of at least one observation")?;
    within("the number of observations", n, f64::MIN_POSITIVE..=f64::MAX, "above 0")?;
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / (1.0 + z * z / n);
    // Rounding must not shut out a share of exactly 0 or 1.
    let (low, high) = ((centre - half).min(p), (centre + half).max(p));
    Ok(Interval { value: p, low, high }.within_unit())
}

/// The exact interval of Clopper and Pearson (1934), which never holds less often than it says, and more
/// often than need be.
pub fn clopper_pearson(
    count: u64,
    of: u64,
    confidence: Confidence,
) -> Result<Interval, StatisticsError> {
    at_least("observations", 1, of as usize)?;
    within("the count", count as f64, 0.0..=of as f64, "at most the number of observations")?;
    clopper_pearson_with(count as f64 / of as f64, of as f64, confidence)
}

/// The same of a share `p` of `n` observations, which need not be whole (Korn and Graubard, 1998). With `n`
/// given neither end falls where the share grows. It holds for the mean of any values from 0 to 1 too, which
/// vary no more than zeros and ones of the same mean do.
pub fn clopper_pearson_with(
    p: f64,
    n: f64,
    confidence: Confidence,
) -> Result<Interval, StatisticsError> {
    within("the share", p, 0.0..=1.0, "between 0 and 1, of at least one observation")?;
    within("the number of observations", n, f64::MIN_POSITIVE..=f64::MAX, "above 0")?;
    let (k, rest, tail) = (p * n, (1.0 - p) * n, confidence.alpha() / 2.0);
    let low = if k > 0.0 { beta_quantile(k, rest + 1.0, tail) } else { 0.0 };
    let high = if rest > 0.0 { beta_quantile(k + 1.0, rest, 1.0 - tail) } else { 1.0 };
    // Where shares are tiny the iteration ends a little beyond them.
    Ok(Interval { value: p, low: low.min(p), high: high.max(p) })
}

/// How often something may happen that was not seen once in so many observations: the bound with all of
/// alpha on its side, about 3 in n at 95 %. The two-sided bound is that of [`clopper_pearson`].
pub fn none_seen(of: u64, confidence: Confidence) -> Result<f64, StatisticsError> {
    at_least("observations", 1, of as usize)?;
    Ok(1.0 - confidence.alpha().powf(1.0 / of as f64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_seen_is_not_nothing() {
        let one_sided = none_seen(508, Confidence::P95).unwrap();
        let two_sided = clopper_pearson(0, 508, Confidence::P95).unwrap().high;
        assert!((one_sided - 0.00588).abs() < 5e-6, "{one_sided}");
        assert!((two_sided - 0.00724).abs() < 5e-6, "{two_sided}");
        assert!(none_seen(0, Confidence::P95).is_err());
    }

    #[test]
    fn what_is_no_count_is_refused() {
        for (count, of) in [(0.0, 0.0), (2.0, 1.0), (-1.0, 5.0), (f64::NAN, 5.0), (1.0, f64::NAN)] {
            assert!(wilson(count, of, Confidence::P95).is_err(), "{count} {of}");
        }
        assert!(clopper_pearson(0, 0, Confidence::P95).is_err());
        assert!(clopper_pearson(2, 1, Confidence::P95).is_err());
    }

    proptest! {
        #[test]
        fn intervals_hold_the_share_and_shrink(of in 1_u64..5000, share in 0.0_f64..=1.0, times in 2_u64..50) {
            let count = (share * of as f64).round() as u64;
            let both = |k: u64, n: u64| [
                wilson(k as f64, n as f64, Confidence::P95).unwrap(),
                clopper_pearson(k, n, Confidence::P95).unwrap(),
            ];
            let more = both(count * times, of * times);
            for (few, many) in both(count, of).into_iter().zip(more) {
                prop_assert!(0.0 <= few.low && few.high <= 1.0 && few.holds(few.value));
                prop_assert!(many.width() < few.width());
            }
            let [narrow, exact] = both(count, of);
            let wider = wilson(count as f64, of as f64, Confidence::new(0.99).unwrap()).unwrap();
            prop_assert!(wider.width() > narrow.width());
            prop_assert!(exact.width() > 0.0);
        }
    }
}
