//! Values, and which of them belong together.

use std::collections::BTreeMap;

use super::{StatisticsError, at_least, average, finite, sample_variance};

/// Values, each with the cluster that it belongs to: the page a question is about, the persona that asks,
/// the template it was made from. What is true of one of them is likely true of its fellows.
#[derive(Debug, Clone, PartialEq)]
pub struct Observations {
    values: Vec<f64>,
    /// For each value the number of its cluster; none where every value stands alone.
    clusters: Option<Vec<usize>>,
    count: usize,
}

impl Observations {
    /// Values that have nothing in common.
    pub fn alone(values: impl IntoIterator<Item = f64>) -> Result<Self, StatisticsError> {
        let values: Vec<f64> = values.into_iter().collect();
        finite(&values)?;
        at_least("values", 1, values.len())?;
        Ok(Self { count: values.len(), values, clusters: None })
    }

    /// Values with their clusters. There must be two clusters at least: of one alone nobody knows how
    /// much they differ.
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
        at_least("clusters", 2, numbers.len())?;
        Ok(Self { values: kept, clusters: Some(clusters), count: numbers.len() })
    }

    /// The values.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How many clusters there are; none where every value stands alone.
    pub fn clusters(&self) -> Option<usize> {
        self.clusters.as_ref().map(|_| self.count)
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        average(&self.values)
    }

    /// The standard error of the mean: that of Miller (arXiv 2411.00640, sections 2.1 and 2.2), with the
    /// factor C/(C-1) where there are clusters, as Inspect has it.
    pub fn standard_error(&self) -> Result<f64, StatisticsError> {
        let Some(clusters) = &self.clusters else {
            at_least("values", 2, self.values.len())?;
            return Ok((sample_variance(&self.values) / self.values.len() as f64).sqrt());
        };
        let mean = self.mean();
        let mut sums = vec![0.0; self.count];
        for (cluster, value) in clusters.iter().zip(&self.values) {
            if let Some(sum) = sums.get_mut(*cluster) {
                *sum += value - mean;
            }
        }
        let count = self.count as f64;
        let squares: f64 = sums.iter().map(|sum: &f64| sum.powi(2)).sum();
        Ok((count / (count - 1.0) * squares).sqrt() / self.values.len() as f64)
    }

    /// How freely the standard error can vary.
    pub fn degrees(&self) -> f64 {
        self.count as f64 - 1.0
    }

    /// How many times as large the variance of the mean is as it would be without clusters (Kish, 1965).
    /// Nothing where no value differs from another.
    pub fn design_effect(&self) -> Option<f64> {
        let plain = sample_variance(&self.values) / self.values.len() as f64;
        let clustered = self.standard_error().ok()?;
        (plain > 0.0).then(|| clustered.powi(2) / plain)
    }
}
