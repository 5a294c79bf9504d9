//! How far any number of people agree, of whom not all label everything (Krippendorff, 2011, "Computing
//! Krippendorff's alpha-reliability").

use std::collections::BTreeMap;

use super::bootstrap::{SplitMix64, quantile};
use super::{NoInterval, ROUNDING, Rate, StatisticsError, at_least, finite};

/// Resamples for the interval.
const DRAWS: usize = 2000;

/// What labels have in common with numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Nothing: they are the same or not.
    Nominal,
    /// They have an order.
    Ordinal,
    /// Their distances mean something.
    Interval,
}

/// Alpha: 1 where all agree, 0 where they do as by chance. Each unit is what one thing was given by all
/// who labelled it; a unit with one label says nothing and is left out.
pub fn alpha(units: &[Vec<f64>], scale: Scale) -> Result<f64, StatisticsError> {
    let units = paired(units)?;
    Ok(alpha_of(&units.iter().map(|unit| unit.as_slice()).collect::<Vec<_>>(), scale))
}

/// Alpha with its 95 % interval, for which whole units are drawn anew; none where all are alike, for then
/// every draw is as well. In which order units and their labels come makes no difference.
pub fn alpha_interval(
    units: &[Vec<f64>],
    scale: Scale,
    seed: u64,
) -> Result<Rate, StatisticsError> {
    let ordered = |unit: &Vec<f64>| {
        let mut unit = unit.clone();
        unit.sort_by_key(|value| key(*value));
        unit
    };
    let mut units: Vec<Vec<f64>> = paired(units)?.into_iter().map(ordered).collect();
    units.sort_by_cached_key(|unit| unit.iter().map(|value| key(*value)).collect::<Vec<_>>());
    let units: Vec<&[f64]> = units.iter().map(Vec::as_slice).collect();
    let mut random = SplitMix64(seed);
    let mut draws: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let drawn: Vec<&[f64]> =
                units.iter().filter_map(|_| random.pick(&units).copied()).collect();
            alpha_of(&drawn, scale)
        })
        .collect();
    draws.sort_by(f64::total_cmp);
    let value = alpha_of(&units, scale);
    let end = |share| quantile(&draws, share).unwrap_or(value);
    let (n, low, high) = (units.len(), end(0.025), end(0.975));
    if high - low < ROUNDING {
        return Ok(Rate::without_interval(value, n, None, NoInterval::AllAlike));
    }
    let (low, high, method) = (Some(low), Some(high), None);
    Ok(Rate { value, low, high, n, clusters: None, method, note: None })
}

/// The units with two labels or more.
fn paired(units: &[Vec<f64>]) -> Result<Vec<&Vec<f64>>, StatisticsError> {
    units.iter().try_for_each(|unit| finite(unit))?;
    let paired: Vec<&Vec<f64>> = units.iter().filter(|unit| unit.len() > 1).collect();
    at_least("items with two labels", 1, paired.len())?;
    Ok(paired)
}

fn alpha_of(units: &[&[f64]], scale: Scale) -> f64 {
    let mut counts: BTreeMap<u64, f64> = BTreeMap::new();
    for value in units.iter().copied().flatten() {
        *counts.entry(key(*value)).or_default() += 1.0;
    }
    let midpoints = midpoints(&counts);
    let placed = |value: &f64| match scale {
        Scale::Ordinal => midpoints.get(&key(*value)).copied().unwrap_or_default(),
        Scale::Nominal | Scale::Interval => *value,
    };
    let apart = |values: &[f64]| match scale {
        Scale::Nominal => pairs_that_differ(values),
        Scale::Ordinal | Scale::Interval => squared_distances(values),
    };
    let of_unit = |unit: &&[f64]| {
        let values: Vec<f64> = unit.iter().map(placed).collect();
        apart(&values) / (unit.len() as f64 - 1.0)
    };
    let all: Vec<f64> = units.iter().copied().flatten().map(placed).collect();
    let n = all.len() as f64;
    let observed = units.iter().map(of_unit).sum::<f64>() / n;
    let expected = apart(&all) / (n * (n - 1.0));
    // Where all labels are the same there is no disagreement, expected or observed.
    if expected > 0.0 { 1.0 - observed / expected } else { 1.0 }
}

/// Numbers in an order that a map can keep. That of finite numbers is theirs.
fn key(value: f64) -> u64 {
    // Both zeros are the same label.
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

/// The place of each label among all that were given. The squared distance of two places is the ordinal
/// difference of their labels.
fn midpoints(counts: &BTreeMap<u64, f64>) -> BTreeMap<u64, f64> {
    let mut below = 0.0;
    let midpoint = |(key, count): (&u64, &f64)| {
        let middle = below + count / 2.0;
        below += count;
        (*key, middle)
    };
    counts.iter().map(midpoint).collect()
}

/// The sum of squared distances over all ordered pairs.
fn squared_distances(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    2.0 * count * values.iter().map(|value| (value - mean).powi(2)).sum::<f64>()
}

/// How many ordered pairs differ.
fn pairs_that_differ(values: &[f64]) -> f64 {
    let mut counts: BTreeMap<u64, f64> = BTreeMap::new();
    for value in values {
        *counts.entry(key(*value)).or_default() += 1.0;
    }
    (values.len() as f64).powi(2) - counts.values().map(|count| count * count).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Krippendorff (2011): four observers, twelve units, some labels missing.
    fn published() -> Vec<Vec<f64>> {
        const NONE: f64 = 0.0;
        let observers = [
            [1.0, 2.0, 3.0, 3.0, 2.0, 1.0, 4.0, 1.0, 2.0, NONE, NONE, NONE],
            [1.0, 2.0, 3.0, 3.0, 2.0, 2.0, 4.0, 1.0, 2.0, 5.0, NONE, 3.0],
            [NONE, 3.0, 3.0, 3.0, 2.0, 3.0, 4.0, 2.0, 2.0, 5.0, 1.0, NONE],
            [1.0, 2.0, 3.0, 3.0, 2.0, 4.0, 4.0, 1.0, 2.0, 5.0, 1.0, NONE],
        ];
        let unit = |at: usize| observers.iter().map(|row| row[at]).filter(|v| *v > NONE).collect();
        (0..12).map(unit).collect()
    }

    #[test]
    fn the_published_example_has_the_published_values() {
        let cases = [(Scale::Nominal, 0.743), (Scale::Ordinal, 0.815), (Scale::Interval, 0.849)];
        for (scale, expected) in cases {
            let found = alpha(&published(), scale).unwrap();
            assert!((found - expected).abs() < 5e-4, "{scale:?}: {found}");
            let drawn = alpha_interval(&published(), scale, 7).unwrap();
            let interval = drawn.interval().unwrap();
            assert!(interval.holds(found) && interval.high <= 1.0, "{interval:?}");
            let mut turned = published();
            turned.reverse();
            for unit in &mut turned {
                unit.reverse();
            }
            assert_eq!(drawn, alpha_interval(&turned, scale, 7).unwrap(), "in another order");
        }
    }

    #[test]
    fn units_that_are_alike_tell_nothing_of_a_spread() {
        for units in [vec![vec![1.0, 1.0], vec![2.0, 2.0]], vec![vec![1.0, 2.0]; 5]] {
            let found = alpha_interval(&units, Scale::Nominal, 7).unwrap();
            assert_eq!((found.low, found.note), (None, Some(NoInterval::AllAlike)), "{units:?}");
        }
    }

    #[test]
    fn labels_that_say_nothing_are_refused() {
        assert!(alpha(&[], Scale::Nominal).is_err());
        assert!(alpha(&[vec![1.0], vec![2.0]], Scale::Nominal).is_err());
        assert!(alpha(&[vec![1.0, f64::NAN]], Scale::Interval).is_err());
        assert_eq!(alpha(&[vec![1.0, 1.0], vec![1.0, 1.0]], Scale::Ordinal), Ok(1.0));
        assert_eq!(alpha(&[vec![0.0, -0.0]], Scale::Nominal), Ok(1.0));
    }
}
