//! Values, and which of them belong together.

use std::collections::BTreeMap;

use super::moments::Moments;
use super::{StatisticsError, at_least, finite};

/// Values, each with the cluster that it belongs to: the page a question is about, the persona that asks,
/// the template it was made from. What is true of one of them is likely true of its fellows.
#[derive(Debug, Clone, PartialEq)]
pub struct Observations {
    values: Vec<f64>,
    moments: Moments,
}

impl Observations {
    /// Values that have nothing in common.
    pub fn alone(values: impl IntoIterator<Item = f64>) -> Result<Self, StatisticsError> {
        let values: Vec<f64> = values.into_iter().collect();
        finite(&values)?;
        at_least("values", 1, values.len())?;
        Ok(Self { moments: Moments::alone(&values), values })
    }

    /// Values with their clusters; where each value has one of its own, all stand alone. Of one cluster there
    /// is a mean, and no standard error, for nobody knows how much others differ.
    pub fn clustered<K: Ord>(
        values: impl IntoIterator<Item = (K, f64)>,
    ) -> Result<Self, StatisticsError> {
        let mut numbers: BTreeMap<K, usize> = BTreeMap::new();
        let (mut clusters, mut kept) = (Vec::new(), Vec::new());
        for (cluster, value) in values {
            let next = numbers.len();
            clusters.push(*numbers.entry(cluster).or_insert(next));
            kept.push(value);
        }
        finite(&kept)?;
        at_least("values", 1, kept.len())?;
        Ok(Self { moments: Moments::clustered(&kept, &clusters, numbers.len()), values: kept })
    }

    /// The values.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The same, made of numbers that are at most so large.
    pub(super) fn made_of(mut self, magnitude: f64) -> Self {
        self.moments.made_of(magnitude);
        self
    }

    /// What an interval has to know of them.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }
}

impl From<&Observations> for Moments {
    fn from(observations: &Observations) -> Self {
        observations.moments
    }
}
