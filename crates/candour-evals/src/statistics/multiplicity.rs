//! Many comparisons at once: the more are made, the more come out by chance. The adjusted probabilities
//! stand in the order of those that were given.

use super::{StatisticsError, finite, within};

/// Holm (1979): the chance of even one false alarm in the family stays below the level. For gates.
pub fn holm(probabilities: &[f64]) -> Result<Vec<f64>, StatisticsError> {
    let count = probabilities.len();
    let mut highest: f64 = 0.0;
    Ok(adjusted(probabilities, sorted(probabilities)?.into_iter().enumerate(), |rank, p| {
        highest = highest.max((count - rank) as f64 * p).min(1.0);
        highest
    }))
}

/// Benjamini and Hochberg (1995): the share of false alarms among the alarms stays below the level. For
/// looking around, such as topic by topic.
pub fn benjamini_hochberg(probabilities: &[f64]) -> Result<Vec<f64>, StatisticsError> {
    let count = probabilities.len();
    let mut lowest: f64 = 1.0;
    Ok(adjusted(probabilities, sorted(probabilities)?.into_iter().enumerate().rev(), |rank, p| {
        lowest = lowest.min(count as f64 * p / (rank + 1) as f64);
        lowest
    }))
}

/// The places of the probabilities, the smallest first.
fn sorted(probabilities: &[f64]) -> Result<Vec<usize>, StatisticsError> {
    finite(probabilities)?;
    for p in probabilities {
        within("a probability", *p, 0.0..=1.0, "between 0 and 1")?;
    }
    let mut places: Vec<usize> = (0..probabilities.len()).collect();
    places.sort_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]));
    Ok(places)
}

/// Adjusts in the order that is given, and puts each result where its probability was.
fn adjusted(
    probabilities: &[f64],
    ranked: impl Iterator<Item = (usize, usize)>,
    mut adjust: impl FnMut(usize, f64) -> f64,
) -> Vec<f64> {
    let mut found = vec![1.0; probabilities.len()];
    for (rank, place) in ranked {
        found[place] = adjust(rank, probabilities[place]);
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn families_are_adjusted() {
        let given = [0.01, 0.04, 0.03, 0.005];
        let close = |found: Vec<f64>, expected: [f64; 4]| {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            }
        };
        close(holm(&given).unwrap(), [0.03, 0.06, 0.06, 0.02]);
        close(benjamini_hochberg(&given).unwrap(), [0.02, 0.04, 0.04, 0.02]);
        assert_eq!(holm(&[]), Ok(Vec::new()));
        assert!(holm(&[f64::NAN]).is_err() && benjamini_hochberg(&[1.5]).is_err());
    }

    proptest! {
        #[test]
        fn nothing_becomes_likelier_than_it_was(given in proptest::collection::vec(0.0_f64..=1.0, 0..20)) {
            let (gates, topics) = (holm(&given).unwrap(), benjamini_hochberg(&given).unwrap());
            for ((p, gate), topic) in given.iter().zip(gates).zip(topics) {
                prop_assert!(*p <= topic + 1e-12 && topic <= gate + 1e-12 && gate <= 1.0);
            }
        }
    }
}
