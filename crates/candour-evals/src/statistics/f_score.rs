//! How sure an F-score is: the harmonic mean of precision and recall, the latter counting beta² times as much.
//!
//! An F-score is a ratio of sums, (1 + beta²) R / ((1 + beta²) R + beta² M + W) of what was right, missed and
//! wrongly given. Its variance is that of the line through it (the delta method; Woodruff, 1971, for clusters),
//! and its interval Wilson's with as many observations as that variance is worth. Where nothing is right, or
//! all is, the line knows of no spread: there the interval is that of the share which is right of all that was
//! expected or given, with as many missed or wrongly given as moves the score furthest.

use super::distribution::Confidence;
use super::moments::Moments;
use super::proportion::{clopper_pearson_with, wilson_with};
use super::{Method, Rate};

/// What became of a label: how often it was right, missed and wrongly given, and how that goes together within
/// clusters, whose questions are counted one after another. A question counts once, in parts where it was
/// asked more than once.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Hits {
    sums: [f64; 3],
    /// The products of what became of it, of each question and of each cluster.
    of_questions: Products,
    of_clusters: Products,
    /// The squares of how much of each question there is.
    squares: f64,
    /// Whether any question counts in parts.
    is_split: bool,
    clusters: u64,
    open: Option<(u64, [f64; 3])>,
}

type Products = [[f64; 3]; 3];

impl Hits {
    /// Counts a question: how much of it was right, missed and wrongly given.
    pub(crate) fn count(&mut self, cluster: u64, shares: [f64; 3]) {
        if self.open.is_none_or(|(own, _)| own != cluster) {
            self.close();
        }
        let (_, counts) = self.open.get_or_insert((cluster, [0.0; 3]));
        for (count, share) in counts.iter_mut().zip(shares) {
            *count += share;
        }
        add_products(&mut self.of_questions, shares);
        self.squares += shares.iter().sum::<f64>().powi(2);
        self.is_split |= shares.iter().any(|share| share.fract() > 0.0);
    }

    /// Adds up a cluster of which nothing more is to come.
    fn close(&mut self) {
        let Some((_, counts)) = self.open.take() else { return };
        self.clusters += 1;
        add_products(&mut self.of_clusters, counts);
        for (sum, count) in self.sums.iter_mut().zip(counts) {
            *sum += count;
        }
    }

    /// How much of what was counted is right, where nothing was missed or that is of no matter: a rate, or,
    /// where questions count in parts of which nobody knows beforehand how large they are, a ratio of sums.
    pub(crate) fn precision(self, right: Moments, confidence: Confidence) -> Option<Rate> {
        if self.is_split {
            self.f_score(0.0, right, confidence)
        } else {
            Some(Rate::of(right, confidence))
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
        let value = hits / all;
        if hits <= 0.0 || hits >= all {
            let share = self.alike(right, confidence)?;
            let end = |right: f64, error: f64| {
                weights[0] * right / (weights[0] * right + error * (1.0 - right))
            };
            // Of precision nothing is missed.
            let missed = if beta > 0.0 { weights[1] } else { weights[2] };
            let low = share.low.map(|low| end(low, missed.max(weights[2])));
            let high = share.high.map(|high| end(high, missed.min(weights[2])));
            return Some(Rate { value, low, high, ..share });
        }
        let share = Rate::of(right, confidence);
        if share.note.is_some() {
            return Some(Rate { value, ..share });
        }
        let size = value * (1.0 - value) / self.variance(weights, value, all);
        let is_rate = right.clusters().is_none() && !self.is_split;
        let z = if is_rate { confidence.z() } else { confidence.t(right.degrees()) };
        let ends = wilson_with(value, size, z).ok()?;
        let method = Some(Method::DeltaWilson);
        Some(Rate { value, low: Some(ends.low), high: Some(ends.high), method, ..share })
    }

    /// The share that is right where all is, or nothing. Questions of which there is little say less than
    /// others: all are worth as many as there would be of one size (Kish, 1965).
    fn alike(&self, right: Moments, confidence: Confidence) -> Option<Rate> {
        let share = Rate::of(right, confidence);
        if !self.is_split || share.note.is_some() {
            return Some(share);
        }
        let size = self.sums.iter().sum::<f64>().powi(2) / self.squares;
        let ends = match share.clusters {
            Some(_) => wilson_with(share.value, size, confidence.t(right.degrees())),
            None => clopper_pearson_with(share.value, size, confidence),
        };
        let ends = ends.ok()?;
        Some(Rate { low: Some(ends.low), high: Some(ends.high), ..share })
    }

    /// The variance of the line through the score. Clusters tell no more than their questions would alone, and
    /// an error of a kind that was not seen counts as if it had been once.
    fn variance(&self, weights: [f64; 3], value: f64, all: f64) -> f64 {
        let slopes = [weights[0] * (1.0 - value), -weights[1] * value, -weights[2] * value];
        let unseen = slopes.iter().zip(self.sums).filter(|(_, sum)| *sum <= 0.0);
        let unseen: f64 = unseen.map(|(slope, _)| slope * slope).sum();
        let [alone, clustered] =
            [&self.of_questions, &self.of_clusters].map(|of| along(of, slopes));
        let clusters = self.clusters as f64;
        (clustered.max(alone) + unseen) / all.powi(2) * clusters / (clusters - 1.0).max(1.0)
    }
}

fn add_products(to: &mut Products, counts: [f64; 3]) {
    for (row, count) in to.iter_mut().zip(counts) {
        for (product, fellow) in row.iter_mut().zip(counts) {
            *product += count * fellow;
        }
    }
}

/// The squares of what such slopes make of counts, from the products of these.
fn along(products: &Products, slopes: [f64; 3]) -> f64 {
    let row = |row: &[f64; 3]| row.iter().zip(slopes).map(|(product, slope)| product * slope).sum();
    let rows = products.iter().map(row);
    rows.zip(slopes).map(|(sum, slope): (f64, f64)| sum * slope).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{Observations, SEED, SplitMix64};

    /// Questions: in which cluster each is, and whether the label was right, missed or wrongly given.
    fn score(rows: &[(u64, usize)], beta: f64) -> Rate {
        let mut hits = Hits::default();
        for (cluster, kind) in rows {
            hits.count(*cluster, [0, 1, 2].map(|what| f64::from(u8::from(what == *kind))));
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

    /// In how many of 1,000 draws of questions that are each asked five times an interval holds the truth: for
    /// a label that is due for half of them, and given, as often as the question has it, in some epochs.
    fn held_of_repeats(random: &mut SplitMix64, pages: u64, each: u64, own: [f64; 2]) -> [u32; 3] {
        let given = |random: &mut SplitMix64, is_due: bool| {
            let (low, high) = if is_due { (0.5, own[0]) } else { (0.0, own[1]) };
            if random.share() < 0.5 { low } else { high }
        };
        let [right, wrong] = [(0.5 + own[0]) / 4.0, own[1] / 4.0];
        let truths = [right / (right + wrong), 2.0 * right / (right + wrong + 0.5)];
        let truths = [truths[0], truths[1], 5.0 * right / (right + wrong + 2.0)];
        let mut held = [0; 3];
        for _ in 0..1000 {
            let (mut all, mut alone) = (Hits::default(), Hits::default());
            let (mut of_all, mut of_alone) = (Vec::new(), Vec::new());
            for page in 0..pages {
                // Questions of one page are due alike.
                let is_due = random.share() < 0.5;
                for _ in 0..each {
                    let chance = given(random, is_due);
                    let times = (0..5).filter(|_| random.share() < chance).count() as f64 / 5.0;
                    let shares = if is_due { [times, 1.0 - times, 0.0] } else { [0.0, 0.0, times] };
                    if is_due || times > 0.0 {
                        all.count(page, shares);
                        of_all.push((page, shares[0] / shares.iter().sum::<f64>()));
                    }
                    if times > 0.0 {
                        alone.count(page, [shares[0], 0.0, shares[2]]);
                        of_alone.push((page, f64::from(u8::from(is_due))));
                    }
                }
            }
            let [of_all, of_alone] =
                [of_all, of_alone].map(|rows| *Observations::clustered(rows).unwrap().moments());
            let found = [
                alone.precision(of_alone, Confidence::P95),
                all.f_score(1.0, of_all, Confidence::P95),
                all.f_score(2.0, of_all, Confidence::P95),
            ];
            for ((held, found), truth) in held.iter_mut().zip(found).zip(truths) {
                let found = found.and_then(|rate| rate.interval());
                *held += u32::from(found.is_some_and(|found| found.holds(truth)));
            }
        }
        held
    }

    #[test]
    fn intervals_of_questions_that_are_asked_again_hold_it_too() {
        let mut random = SplitMix64(SEED);
        for own in [[1.0, 0.2], [0.9, 0.6], [1.0, 0.05]] {
            for (pages, each) in [(60, 1), (300, 1), (60, 4)] {
                let held = held_of_repeats(&mut random, pages, each, own);
                assert!(
                    held.iter().all(|held| (910..=990).contains(held)),
                    "{own:?} {pages} {each}: {held:?}"
                );
            }
        }
    }

    /// By hand: two questions of which one is a tenth say as much as 1.21 / 1.01 of one size, whether the label
    /// was always right there or never.
    #[test]
    fn questions_of_which_there_is_little_say_less() {
        let end = 0.025_f64.powf(1.01 / 1.21);
        for (is_right, low, high) in [(true, end, 1.0), (false, 0.0, 1.0 - end)] {
            let of = |share: f64| if is_right { [share, 0.0, 0.0] } else { [0.0, 0.0, share] };
            let mut hits = Hits::default();
            hits.count(1, of(1.0));
            hits.count(2, of(0.1));
            let right = Observations::alone([f64::from(u8::from(is_right)); 2]).unwrap();
            let found = hits.precision(*right.moments(), Confidence::P95).unwrap();
            let found = found.interval().unwrap();
            let is_near = |a: f64, b: f64| (a - b).abs() < 1e-9;
            assert!(is_near(found.low, low) && is_near(found.high, high), "{found:?} {low} {high}");
        }
    }
}
