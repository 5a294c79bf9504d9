//! What an interval has to know of values and their clusters: a handful of numbers, however many there are.

use super::{StatisticsError, at_least, average};

/// What is known of values without holding them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    pub(super) n: usize,
    pub(super) mean: f64,
    pub(super) least: f64,
    pub(super) most: f64,
    /// The largest number that they are, or were made of, whatever its sign: sums are rounded to what it is
    /// precise to.
    magnitude: f64,
    /// How many are above a half.
    pub(super) ones: usize,
    /// Whether all are exactly 0 or 1, which is what right and wrong are written as.
    pub(super) is_binary: bool,
    /// The squares of how far each is from the mean, added up.
    squares: f64,
    /// How many clusters there are, and the same of how far their values are from it together; nothing
    /// where every value stands alone.
    clusters: Option<(usize, f64)>,
}

impl Moments {
    /// Of values that stand alone.
    pub(super) fn alone(values: &[f64]) -> Self {
        let mut moments = Self::nothing();
        for value in values {
            moments.count(*value);
        }
        moments.mean = average(values);
        moments.squares = values.iter().map(|value| (value - moments.mean).powi(2)).sum();
        moments.settled()
    }

    /// Of values with the numbers of their clusters, of which there are so many.
    pub(super) fn clustered(values: &[f64], clusters: &[usize], count: usize) -> Self {
        let alone = Self::alone(values);
        let mut sums = vec![0.0_f64; count];
        for (cluster, value) in clusters.iter().zip(values) {
            if let Some(sum) = sums.get_mut(*cluster) {
                *sum += value - alone.mean;
            }
        }
        Self { clusters: Some((count, sums.iter().map(|sum| sum.powi(2)).sum())), ..alone }
            .settled()
    }

    /// Of the values of several groups, which nobody holds: `each` gives all of them, twice, each with its
    /// group and its cluster, those of a group one after another, and within it those of a cluster. Where
    /// every value has a cluster of its own, all stand alone.
    pub(crate) fn of_groups<G: Copy + PartialEq, E>(
        mut each: impl FnMut(&mut dyn FnMut(G, u64, f64)) -> Result<(), E>,
    ) -> Result<Vec<(G, Self)>, E> {
        let mut groups: Vec<(G, Self)> = Vec::new();
        let mut latest = None;
        each(&mut |group, cluster, value| {
            if groups.last().is_none_or(|(last, _)| *last != group) {
                groups.push((group, Self { clusters: Some((0, 0.0)), ..Self::nothing() }));
                latest = None;
            }
            let Some((_, moments)) = groups.last_mut() else { return };
            moments.count(value);
            moments.mean += value;
            if latest.replace(cluster) != Some(cluster) {
                moments.clusters = moments.clusters.map(|(count, _)| (count + 1, 0.0));
            }
        })?;
        for (_, moments) in &mut groups {
            moments.mean /= moments.n as f64;
        }
        let mut group_at = 0;
        let mut open: Option<(u64, f64)> = None;
        each(&mut |group, cluster, value| {
            if groups.get(group_at).is_some_and(|(own, _)| *own != group) {
                groups[group_at].1.close(open.take());
                group_at += 1;
            }
            let Some((_, moments)) = groups.get_mut(group_at) else { return };
            let off = value - moments.mean;
            moments.squares += off.powi(2);
            match &mut open {
                Some((own, sum)) if *own == cluster => *sum += off,
                _ => moments.close(open.replace((cluster, off))),
            }
        })?;
        if let Some((_, moments)) = groups.last_mut() {
            moments.close(open);
        }
        Ok(groups.into_iter().map(|(group, moments)| (group, moments.settled())).collect())
    }

    /// Takes away what is no spread. Where every value has a cluster of its own, all stand alone; and where
    /// all are alike none is off their mean, though a sum of many of them is rounded and says otherwise.
    fn settled(mut self) -> Self {
        self.clusters = self.clusters.filter(|(count, _)| *count < self.n);
        if self.n > 0 && self.least >= self.most {
            (self.mean, self.squares) = (self.least, 0.0);
            self.clusters = self.clusters.map(|(count, _)| (count, 0.0));
        }
        self
    }

    fn nothing() -> Self {
        Self {
            n: 0,
            mean: 0.0,
            least: f64::INFINITY,
            most: f64::NEG_INFINITY,
            magnitude: 0.0,
            ones: 0,
            is_binary: true,
            squares: 0.0,
            clusters: None,
        }
    }

    fn count(&mut self, value: f64) {
        self.n += 1;
        (self.least, self.most) = (self.least.min(value), self.most.max(value));
        self.magnitude = self.magnitude.max(value.abs());
        self.ones += usize::from(value > 0.5);
        self.is_binary &= [0.0, 1.0].contains(&value);
    }

    /// Adds a cluster whose values are all known.
    fn close(&mut self, cluster: Option<(u64, f64)>) {
        if let (Some((_, sum)), Some((_, squares))) = (cluster, &mut self.clusters) {
            *squares += sum.powi(2);
        }
    }

    /// How many values there are.
    pub fn n(&self) -> usize {
        self.n
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// How many clusters there are; none where every value stands alone.
    pub fn clusters(&self) -> Option<usize> {
        self.clusters.map(|(count, _)| count)
    }

    /// Whether all lie between 0 and 1.
    pub fn are_shares(&self) -> bool {
        self.least >= 0.0 && self.most <= 1.0
    }

    /// The standard error of the mean: that of Miller (arXiv 2411.00640, sections 2.1 and 2.2), with the
    /// factor C/(C-1) where there are clusters, as Inspect has it.
    pub fn standard_error(&self) -> Result<f64, StatisticsError> {
        let Some((count, squares)) = self.clusters else {
            at_least("values", 2, self.n)?;
            return Ok(self.plain_variance().sqrt());
        };
        at_least("clusters", 2, count)?;
        let count = count as f64;
        Ok((count / (count - 1.0) * squares).sqrt() / self.n as f64)
    }

    /// Whether the standard error is no more than what rounding makes of nothing: all values are alike, or
    /// all clusters are.
    pub(super) fn is_without_spread(&self) -> Result<bool, StatisticsError> {
        Ok(self.standard_error()? <= self.rounding())
    }

    /// How far from nothing what comes to nothing may be, because sums are rounded.
    pub(super) fn rounding(&self) -> f64 {
        self.n as f64 * f64::EPSILON * self.magnitude
    }

    /// Says of what numbers, at most so large, values were made: a small difference of large ones is rounded
    /// as these are.
    pub(super) fn made_of(&mut self, magnitude: f64) {
        self.magnitude = self.magnitude.max(magnitude);
    }

    /// How freely the standard error can vary.
    pub fn degrees(&self) -> f64 {
        self.clusters().unwrap_or(self.n) as f64 - 1.0
    }

    /// How many times as large the variance of the mean is as it would be without clusters (Kish, 1965).
    /// Nothing where no value differs from another.
    pub fn design_effect(&self) -> Option<f64> {
        let clustered = self.standard_error().ok()?;
        let plain = self.plain_variance();
        (plain > 0.0).then(|| clustered.powi(2) / plain)
    }

    /// The variance of the mean, as if there were no clusters.
    fn plain_variance(&self) -> f64 {
        let n = self.n as f64;
        self.squares / (n - 1.0).max(1.0) / n
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;
    use crate::statistics::{Confidence, Method, Observations, estimate, none_seen};

    fn of_groups(rows: &[(u8, u64, f64)]) -> Vec<(u8, Moments)> {
        let each = |visit: &mut dyn FnMut(u8, u64, f64)| {
            for (group, cluster, value) in rows {
                visit(*group, *cluster, *value);
            }
            Ok::<(), Infallible>(())
        };
        Moments::of_groups(each).unwrap_or_default()
    }

    /// A sum of many equal values is rounded, and their mean is then not quite any of them. Nothing is
    /// known of a spread all the same: the interval is that of values that were never seen.
    #[test]
    fn values_that_are_alike_have_no_spread_however_many_they_are() {
        for (value, n, clusters) in
            [(0.7, 10_000, None), (0.7, 100, Some(10)), (2.0 / 3.0, 1000, Some(10))]
        {
            let of = |at: u64| clusters.map_or(at, |clusters| at * clusters / n);
            let rows: Vec<(u8, u64, f64)> = (0..n).map(|at| (0, of(at), value)).collect();
            let held = Observations::clustered(rows.iter().map(|row| (row.1, row.2))).unwrap();
            let shares = of_groups(&rows);
            assert_eq!((shares.len(), shares[0].1), (1, *held.moments()));
            let found = estimate(&held, Confidence::P95).unwrap();
            let unseen = none_seen(clusters.unwrap_or(n), Confidence::P95).unwrap();
            let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
            assert_eq!((found.method, held.moments().design_effect()), (Method::AllAlike, None));
            let interval = found.interval;
            assert!(
                close(interval.value, value) && close(interval.width(), unseen),
                "{interval:?}"
            );
        }
    }

    /// Clusters may be alike where values are not.
    #[test]
    fn clusters_that_are_alike_have_no_spread() {
        let values = (0..300_u32).map(|at| (at / 3, [0.1, 0.7, 0.4][at as usize % 3]));
        let found = estimate(&Observations::clustered(values).unwrap(), Confidence::P95).unwrap();
        assert_eq!((found.method, found.clusters), (Method::AllAlike, Some(100)));
    }

    proptest! {
        /// Whether values are held or gone through makes no difference.
        #[test]
        fn what_is_gone_through_says_what_is_held(
            mut rows in proptest::collection::vec((0_u8..3, 0_u64..6, 0_u8..=4), 0..60)
        ) {
            rows.sort_unstable();
            let rows: Vec<(u8, u64, f64)> =
                rows.into_iter().map(|(g, c, v)| (g, c, f64::from(v) / 4.0)).collect();
            let found = of_groups(&rows);
            let groups: BTreeSet<u8> = rows.iter().map(|row| row.0).collect();
            prop_assert!(found.iter().map(|(group, _)| *group).eq(groups), "every group is found, once");
            for (group, found) in found {
                let own = rows.iter().filter(|row| row.0 == group).map(|row| (row.1, row.2));
                let held = Observations::clustered(own);
                let held = held.and_then(|held| estimate(&held, Confidence::P95));
                let found = estimate(found, Confidence::P95);
                let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
                match (held, found) {
                    (Ok(held), Ok(found)) => {
                        let (a, b) = (held.interval, found.interval);
                        prop_assert!(close(a.value, b.value) && close(a.low, b.low) && close(a.high, b.high));
                        prop_assert_eq!(
                            (held.n, held.clusters, held.method),
                            (found.n, found.clusters, found.method)
                        );
                    }
                    (held, found) => prop_assert_eq!(held.err(), found.err()),
                }
            }
        }
    }
}
