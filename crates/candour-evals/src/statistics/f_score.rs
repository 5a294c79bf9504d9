//! How sure an F-score is: the harmonic mean of precision and recall, the latter counting beta² times as much.
//!
//! An F-score is a ratio of sums, (1 + beta²) R / ((1 + beta²) R + beta² M + W) of what was right, missed and
//! wrongly given. Its variance is that of the line through it (the delta method; Woodruff, 1971, for clusters),
//! and its interval Wilson's with as many observations as that variance is worth. Where nothing is right, or
//! all is, the line knows of no spread: there the interval is that of the share which is right of all that was
//! expected or given, with as many missed or wrongly given as moves the score furthest.

use super::distribution::Confidence;
use super::moments::Moments;
use super::proportion::wilson_with;
use super::{Method, Rate};

/// What became of a label: how often it was right, missed and wrongly given, and how that goes together within
/// clusters, which are counted one after another.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Hits {
    sums: [f64; 3],
    products: [[f64; 3]; 3],
    clusters: u64,
    open: Option<(u64, [f64; 3])>,
}

impl Hits {
    /// Counts once more what became of it: 0 where it was right, 1 missed, 2 wrongly given.
    pub(crate) fn count(&mut self, cluster: u64, what: usize) {
        if self.open.is_none_or(|(own, _)| own != cluster) {
            self.close();
        }
        let (_, counts) = self.open.get_or_insert((cluster, [0.0; 3]));
        if let Some(count) = counts.get_mut(what) {
            *count += 1.0;
        }
    }

    /// Adds up a cluster of which nothing more is to come.
    fn close(&mut self) {
        let Some((_, counts)) = self.open.take() else { return };
        self.clusters += 1;
        for (at, count) in counts.into_iter().enumerate() {
            self.sums[at] += count;
            for (other, fellow) in counts.into_iter().enumerate() {
                self.products[at][other] += count * fellow;
            }
        }
    }

    /// The F-score with its interval; nothing where the label was neither expected nor given. `right` are the
    /// values of the share that is right, with their clusters.
    pub(crate) fn f_score(
        mut self,
        beta: f64,
        right: Moments,
        confidence: Confidence,
    ) -> Option<Rate> {
        self.close();
        let weights = [1.0 + beta * beta, beta * beta, 1.0];
        let [hits, missed, wrong] = [0, 1, 2].map(|at| self.sums[at] * weights[at]);
        let all = hits + missed + wrong;
        if all <= 0.0 {
            return None;
        }
        let (value, share) = (hits / all, Rate::of(right, confidence));
        if share.note.is_some() {
            return Some(Rate { value, ..share });
        }
        if hits <= 0.0 || hits >= all {
            let end = |right: f64, error: f64| {
                weights[0] * right / (weights[0] * right + error * (1.0 - right))
            };
            let low = share.low.map(|low| end(low, weights[1].max(weights[2])));
            let high = share.high.map(|high| end(high, weights[1].min(weights[2])));
            return Some(Rate { value, low, high, ..share });
        }
        let size = value * (1.0 - value) / self.variance(weights, value, all);
        let z = match right.clusters() {
            Some(_) => confidence.t(right.degrees()),
            None => confidence.z(),
        };
        let ends = wilson_with(value, size, z).ok()?;
        let method = Some(Method::DeltaWilson);
        Some(Rate { value, low: Some(ends.low), high: Some(ends.high), method, ..share })
    }

    /// The variance of the line through the score. Clusters tell no more than their questions would alone, and
    /// an error of a kind that was not seen counts as if it had been once.
    fn variance(&self, weights: [f64; 3], value: f64, all: f64) -> f64 {
        let slopes = [weights[0] * (1.0 - value), -weights[1] * value, -weights[2] * value];
        let squares = slopes.map(|slope| slope * slope);
        let alone: f64 = squares.iter().zip(self.sums).map(|(square, sum)| square * sum).sum();
        let unseen = squares.iter().zip(self.sums).filter(|(_, sum)| *sum <= 0.0);
        let unseen: f64 = unseen.map(|(square, _)| square).sum();
        let mut clustered = 0.0;
        for (at, slope) in slopes.into_iter().enumerate() {
            for (other, fellow) in slopes.into_iter().enumerate() {
                clustered += slope * fellow * self.products[at][other];
            }
        }
        let clusters = self.clusters as f64;
        (clustered.max(alone) + unseen) / all.powi(2) * clusters / (clusters - 1.0).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{Observations, SEED, SplitMix64};

    /// Questions: in which cluster each is, and whether the label was right, missed or wrongly given.
    fn score(rows: &[(u64, usize)], beta: f64) -> Rate {
        let mut hits = Hits::default();
        for (cluster, kind) in rows {
            hits.count(*cluster, *kind);
        }
        let right = rows.iter().map(|(cluster, kind)| (*cluster, f64::from(u8::from(*kind == 0))));
        let right = Observations::clustered(right).unwrap();
        hits.f_score(beta, *right.moments(), Confidence::P95).unwrap()
    }

    fn alone(counts: [u64; 3]) -> Vec<(u64, usize)> {
        let kinds = (0..3).flat_map(|kind| (0..counts[kind]).map(move |_| kind));
        kinds.enumerate().map(|(at, kind)| (at as u64, kind)).collect()
    }

    /// Of the score that weighs errors alike the share that is right says all, and Wilson's interval of it is
    /// nearly the same.
    #[test]
    fn f1_agrees_with_the_share_that_is_right() {
        for counts in [[40, 5, 5], [300, 60, 40], [60, 0, 20]] {
            let found = score(&alone(counts), 1.0);
            let all: u64 = counts.iter().sum();
            let share = crate::statistics::wilson(counts[0] as f64, all as f64, Confidence::P95);
            let share = share.unwrap();
            for (end, of) in [(found.low, share.low), (found.high, share.high)] {
                let expected = 2.0 * of / (1.0 + of);
                assert!((end.unwrap() - expected).abs() < 0.02, "{counts:?} {found:?} {expected}");
            }
        }
    }

    /// By hand: where the interval of the share that is right ends at `low`, all others are missed.
    #[test]
    fn scores_of_all_and_nothing_have_intervals_too() {
        let low = 0.025_f64.powf(1.0 / 30.0);
        let all = score(&alone([30, 0, 0]), 2.0);
        assert_eq!((all.value, all.high), (1.0, Some(1.0)));
        let expected = 5.0 * low / (5.0 * low + 4.0 * (1.0 - low));
        assert!((all.low.unwrap() - expected).abs() < 1e-9, "{all:?} {expected}");
        let none = score(&alone([0, 12, 18]), 2.0);
        let high = 1.0 - low;
        let expected = 5.0 * high / (5.0 * high + 1.0 - high);
        assert_eq!((none.value, none.low), (0.0, Some(0.0)));
        assert!((none.high.unwrap() - expected).abs() < 1e-9, "{none:?} {expected}");
        let page = score(&[(1, 0), (1, 1), (1, 2)], 1.0);
        assert!(page.note.is_some() && page.low.is_none(), "nobody knows of other pages: {page:?}");
    }

    /// In how many of 1,000 draws an interval holds the truth.
    fn held(random: &mut SplitMix64, pages: u64, each: u64, rates: [f64; 2], beta: f64) -> u32 {
        let weights = [1.0 + beta * beta, beta * beta, 1.0];
        let shares = [1.0 - rates[0] - rates[1], rates[0], rates[1]];
        let all: f64 = (0..3).map(|at| weights[at] * shares[at]).sum();
        let truth = weights[0] * shares[0] / all;
        let draw = |random: &mut SplitMix64| {
            let drawn = random.share();
            if drawn < rates[0] {
                1
            } else if drawn < rates[0] + rates[1] {
                2
            } else {
                0
            }
        };
        let mut held = 0;
        for _ in 0..1000 {
            let mut rows = Vec::new();
            for page in 0..pages {
                // Half of the questions of a page go as its first one did.
                let first = draw(random);
                let own = |random: &mut SplitMix64| {
                    if random.share() < 0.5 { first } else { draw(random) }
                };
                rows.extend((0..each).map(|_| (page, own(random))));
            }
            held +=
                u32::from(score(&rows, beta).interval().is_some_and(|found| found.holds(truth)));
        }
        held
    }

    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        let mut random = SplitMix64(SEED);
        for beta in [1.0, 2.0] {
            for rates in [[0.1, 0.1], [0.3, 0.1], [0.05, 0.3], [0.02, 0.02]] {
                for (pages, each) in [(60, 1), (300, 1), (40, 6)] {
                    let held = held(&mut random, pages, each, rates, beta);
                    assert!((910..=985).contains(&held), "{beta} {rates:?} {pages} {each}: {held}");
                }
            }
        }
    }
}
