//! How the values of a scorer are spread over samples: what GDS reports of retrieval beside the mean.

use std::io;
use std::path::Path;

use serde::Serialize;

use crate::sorted::Sorted;

/// How values are spread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Distribution {
    /// The value in the middle, or the mean of the two that are.
    pub median: f64,
    /// The highest.
    pub max: f64,
    /// The standard deviation of these samples, as of a population.
    pub sd: f64,
}

/// The values of scorers, each by its number. None is below 0.
#[derive(Debug, Default)]
pub(super) struct Values(Sorted<2>);

impl Values {
    /// Adds a value. What does not fit goes to this folder.
    pub(super) fn add(&mut self, folder: &Path, scorer: usize, value: f64) {
        // The bits of numbers from 0 on are in the order of the numbers.
        self.0.add(folder, [scorer as u64, value.to_bits()]);
    }

    /// How the values of a scorer are spread, of which there are so many with such a mean.
    pub(super) fn of(&mut self, scorer: usize, n: u64, mean: f64) -> io::Result<Distribution> {
        let (mut seen, mut squares) = (0, 0.0);
        let (mut middle, mut max) = ([0.0; 2], 0.0);
        self.0.each(|[own, bits]| {
            if *own != scorer as u64 {
                return;
            }
            let value = f64::from_bits(*bits);
            for (at, place) in [n.saturating_sub(1) / 2, n / 2].into_iter().enumerate() {
                if seen == place {
                    middle[at] = value;
                }
            }
            seen += 1;
            squares += (value - mean).powi(2);
            max = value;
        })?;
        let [low, high] = middle;
        let sd = (squares / (n as f64).max(1.0)).sqrt();
        Ok(Distribution { median: f64::midpoint(low, high), max, sd })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand; numpy.std divides by how many there are too.
    #[test]
    fn the_middle_the_highest_and_the_spread_are_those_of_one_scorer() {
        let folder = tempfile::tempdir().unwrap();
        for (given, median, sd) in [
            (&[1.0, 0.0, 0.25, 0.5][..], 0.375, 0.369_755_0),
            (&[0.5, 0.0, 1.0], 0.5, 0.408_248_3),
            (&[0.75], 0.75, 0.0),
        ] {
            let mut values = Values::default();
            for value in given {
                values.add(folder.path(), 1, *value);
            }
            values.add(folder.path(), 0, 0.9);
            values.add(folder.path(), 2, 0.1);
            let mean = given.iter().sum::<f64>() / given.len() as f64;
            let found = values.of(1, given.len() as u64, mean).unwrap();
            assert_eq!(
                (found.median, found.max),
                (median, given.iter().copied().fold(0.0, f64::max))
            );
            assert!((found.sd - sd).abs() < 1e-6, "{found:?}");
        }
    }
}
