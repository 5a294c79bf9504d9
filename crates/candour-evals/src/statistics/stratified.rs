//! Which answers people should label for the narrowest interval, and what their labels then say.
//!
//! Answers are put into strata by what a judge says of them, and people label more of a stratum the larger
//! and the more mixed it is likely to be (Neyman, 1934; Cochran, "Sampling Techniques", 1977, sections 5.5
//! and 5.9). The estimate adds the strata up by their sizes, and within each follows the judge as far as
//! that helps (Fisch et al., "Stratified prediction-powered inference", arXiv 2406.04291). Its variance
//! has both parts: that few of the answers were labelled, and that the answers are themselves a sample
//! (double sampling, Cochran, section 12.2).

use super::bootstrap::SplitMix64;
use super::distribution::Confidence;
use super::estimate::{Estimate, Method};
use super::judged::{Judged, Judgement, clipped, covariance};
use super::observations::Observations;
use super::{Interval, StatisticsError, at_least, average, finite, population_variance};

/// More strata than this hardly narrow an interval, and leave few labels for each.
const MOST_STRATA: usize = 5;
/// A stratum with fewer answers is made one with its neighbour, and of each stratum so many are labelled.
const FEWEST: usize = 10;
/// The least rate of error that a judge is credited with before anybody has looked.
const LEAST_RATE: f64 = 0.1;
/// What is added to either side of a count before its spread is taken: that no error was seen among a few
/// labels does not say that there is none (Krichevsky and Trofimov, 1981).
const UNSEEN: f64 = 0.5;

/// How answers are put into strata by what a judge says.
#[derive(Debug, Clone, PartialEq)]
pub struct Strata {
    /// Where one stratum ends and the next begins; a value on a cut belongs above it.
    cuts: Vec<f64>,
    /// Whether answers of which the judge says nothing are a stratum of their own, the last.
    has_unknown: bool,
}

impl Strata {
    /// A stratum for each value that the judge gives, or where there are many, for each fifth of them.
    pub fn of(judged: &[Option<f64>]) -> Result<Self, StatisticsError> {
        at_least("answers", 2, judged.len())?;
        let mut values: Vec<f64> = judged.iter().copied().flatten().collect();
        finite(&values)?;
        values.sort_by(f64::total_cmp);
        let mut distinct = values.clone();
        distinct.dedup();
        let mut cuts: Vec<f64> = if distinct.len() <= MOST_STRATA {
            distinct.windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect()
        } else {
            (1..MOST_STRATA).map(|fifth| values[fifth * values.len() / MOST_STRATA]).collect()
        };
        cuts.dedup();
        let mut strata = Self { cuts, has_unknown: values.len() < judged.len() };
        strata.join_small(judged);
        Ok(strata)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.cuts.len() + 1 + usize::from(self.has_unknown)
    }

    /// The stratum of an answer.
    pub fn place(&self, judged: Option<f64>) -> usize {
        match judged {
            Some(value) => self.cuts.partition_point(|cut| *cut <= value),
            None if self.has_unknown => self.cuts.len() + 1,
            // A few that the judge failed on are in the middle, where it is least sure.
            None => self.cuts.len() / 2,
        }
    }

    /// Makes strata that are too small one with a neighbour.
    fn join_small(&mut self, judged: &[Option<f64>]) {
        let unknown = judged.iter().filter(|value| value.is_none()).count();
        self.has_unknown &= unknown >= FEWEST && unknown < judged.len();
        let mut sizes = vec![0; self.count()];
        for value in judged {
            sizes[self.place(*value)] += 1;
        }
        let mut at = 0;
        while at < self.cuts.len() {
            if sizes[at].min(sizes[at + 1]) < FEWEST {
                self.cuts.remove(at);
                sizes[at] += sizes.remove(at + 1);
                at = at.saturating_sub(1);
            } else {
                at += 1;
            }
        }
    }
}

/// What is known of a stratum before anybody labels: how many answers, and what rate is expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// Its answers.
    pub answers: usize,
    /// The rate that people will find in it.
    pub rate: f64,
    /// The standard deviation of what people will say.
    pub spread: f64,
}

/// What to expect of each stratum: by labels of an earlier review where there are any, else by what the
/// judge says, taken for a chance that is never surer than nine in ten.
pub fn expected(
    strata: &Strata,
    judged: &[Option<f64>],
    pilot: &[(Option<f64>, f64)],
) -> Vec<Expected> {
    let of = |stratum: usize| {
        let inside: Vec<f64> = judged
            .iter()
            .filter(|value| strata.place(**value) == stratum)
            .map(|value| value.unwrap_or(0.5))
            .collect();
        let seen: Vec<f64> = pilot
            .iter()
            .filter(|(judge, _)| strata.place(*judge) == stratum)
            .map(|(_, human)| *human)
            .collect();
        let rate = if seen.is_empty() {
            average(&inside).clamp(LEAST_RATE, 1.0 - LEAST_RATE)
        } else {
            (seen.iter().sum::<f64>() + 2.0 * UNSEEN) / (seen.len() as f64 + 4.0 * UNSEEN)
        };
        Expected { answers: inside.len(), rate, spread: (rate * (1.0 - rate)).sqrt() }
    };
    (0..strata.count()).map(of).collect()
}

/// How many answers of each stratum to label, of `labels` in all: in proportion to its size and its spread,
/// but at least ten, or all where it has fewer. Never more than there are answers.
pub fn allocate(strata: &[Expected], labels: usize) -> Vec<usize> {
    let least =
        |stratum: &Expected| (labels / strata.len().max(1)).min(FEWEST).min(stratum.answers);
    let mut fixed: Vec<Option<f64>> = vec![None; strata.len()];
    let shares = loop {
        let weight = |(at, stratum): (usize, &Expected)| match fixed[at] {
            Some(_) => 0.0,
            None => stratum.answers as f64 * stratum.spread,
        };
        let weights: Vec<f64> = strata.iter().enumerate().map(weight).collect();
        let left = labels as f64 - fixed.iter().flatten().sum::<f64>();
        let all: f64 = weights.iter().sum();
        let share =
            |at: usize| fixed[at].unwrap_or(if all > 0.0 { left * weights[at] / all } else { 0.0 });
        let shares: Vec<f64> = (0..strata.len()).map(share).collect();
        // Too few are mended before too many, since that leaves fewer for the others.
        let low = (0..strata.len()).find(|at| shares[*at] < least(&strata[*at]) as f64);
        let high = || (0..strata.len()).find(|at| shares[*at] > strata[*at].answers as f64);
        match (low, high()) {
            (Some(at), _) => fixed[at] = Some(least(&strata[at]) as f64),
            (None, Some(at)) => fixed[at] = Some(strata[at].answers as f64),
            (None, None) => break shares,
        }
    };
    let most: Vec<usize> = strata.iter().map(|stratum| stratum.answers).collect();
    whole(&shares, &most, labels)
}

/// Whole numbers next to the shares, none above its most, that add up to `all` as nearly as can be.
fn whole(shares: &[f64], most: &[usize], all: usize) -> Vec<usize> {
    let mut counts: Vec<usize> = shares.iter().map(|share| share.floor() as usize).collect();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|a, b| shares[*b].fract().total_cmp(&shares[*a].fract()).then(a.cmp(b)));
    for at in order {
        if counts.iter().sum::<usize>() < all && counts[at] < most[at] {
            counts[at] += 1;
        }
    }
    counts
}

/// The places of the answers to label, in the order in which they should be labelled: however far people
/// come, every stratum has had its share. The seed decides, so that the same command draws the same.
pub fn draw(places: &[usize], counts: &[usize], seed: u64) -> Vec<usize> {
    let mut random = SplitMix64(seed);
    let mut drawn: Vec<(f64, usize)> = Vec::new();
    for (stratum, count) in counts.iter().enumerate() {
        // Where in its turn each answer of the stratum stands.
        let offset = random.share();
        let inside = (0..places.len()).filter(|at| places[*at] == stratum);
        let mut shuffled: Vec<(u64, usize)> = inside.map(|at| (random.next(), at)).collect();
        shuffled.sort_unstable();
        let chosen = shuffled.into_iter().take(*count).enumerate();
        drawn.extend(chosen.map(|(nth, (_, at))| ((nth as f64 + offset) / *count as f64, at)));
    }
    drawn.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    drawn.into_iter().map(|(_, at)| at).collect()
}

/// The standard error to expect of the estimate with so many labels in each stratum.
pub fn expected_error(strata: &[Expected], counts: &[usize]) -> f64 {
    let all: f64 = strata.iter().map(|stratum| stratum.answers as f64).sum();
    let share = |stratum: &Expected| stratum.answers as f64 / all;
    let rate: f64 = strata.iter().map(|stratum| share(stratum) * stratum.rate).sum();
    let within: f64 = strata
        .iter()
        .zip(counts)
        .filter(|(stratum, _)| stratum.answers > 0)
        .map(|(stratum, count)| {
            let count = *count as f64;
            let variance = stratum.spread.powi(2) + unseen_variance(stratum.rate, count);
            share(stratum).powi(2) * variance / count.max(f64::MIN_POSITIVE)
        })
        .sum();
    let between: f64 =
        strata.iter().map(|stratum| share(stratum) * (stratum.rate - rate).powi(2)).sum();
    (within + between / all).sqrt()
}

/// By how much the variance of right and wrong grows where a few more of either kind are imagined beside so
/// many labels.
fn unseen_variance(rate: f64, count: f64) -> f64 {
    let imagined = (rate * count + UNSEEN) / (count + 2.0 * UNSEEN);
    (imagined * (1.0 - imagined) - rate * (1.0 - rate)).max(0.0)
}

/// The same of labels that are drawn from all answers alike, without and with correction by the judge.
pub fn expected_error_at_random(strata: &[Expected], labels: usize) -> [f64; 2] {
    let all: f64 = strata.iter().map(|stratum| stratum.answers as f64).sum();
    let share = |stratum: &Expected| stratum.answers as f64 / all;
    let mean = |of: &dyn Fn(&Expected) -> f64| -> f64 {
        strata.iter().map(|stratum| share(stratum) * of(stratum)).sum()
    };
    let rate = mean(&|stratum| stratum.rate);
    let within = mean(&|stratum| stratum.spread.powi(2));
    let between = mean(&|stratum| (stratum.rate - rate).powi(2));
    let labels = labels as f64;
    [((within + between) / labels).sqrt(), (within / labels + between / all).sqrt()]
}

/// The mean over all answers, where those with a human label were drawn at random within each stratum.
/// `trust` in what the judge says within strata is chosen for the narrowest interval where it is not given;
/// 0 uses people's labels and the sizes of the strata alone.
pub fn stratified(
    judgements: &[Judgement],
    strata: &[usize],
    trust: Option<f64>,
    confidence: Confidence,
) -> Result<Judged, StatisticsError> {
    at_least("strata, one for each answer,", judgements.len(), strata.len())?;
    let cells = cells(judgements, strata)?;
    let trust = trust.unwrap_or_else(|| best_trust(&cells));
    // What people would say of each answer, as far as it can be told, and the error where they said it.
    let mut values = vec![0.0; judgements.len()];
    let mut unseen = 0.0;
    for cell in &cells {
        let (people, judge) = (average(&cell.human), average(&cell.judge));
        let told = |judged: f64| people + trust * (judged - judge);
        let labelled = cell.human.len() as f64;
        // As many errors stand for the whole stratum, and one degree of freedom went into its mean.
        let weight = cell.all.len() as f64 / labelled;
        let freed = (labelled / (labelled - 1.0).max(1.0)).sqrt();
        for at in &cell.all {
            let Judgement { judge, human, .. } = judgements[*at];
            let error = human.map_or(0.0, |human| (human - told(judge)) * weight * freed);
            values[*at] = told(judge) + error;
        }
        let share = cell.all.len() as f64 / judgements.len() as f64;
        unseen += share.powi(2) * cell.unseen_variance() / labelled;
    }
    judged(judgements, &cells, values, unseen, trust, confidence)
}

/// The figure of the values that stand for all answers.
fn judged(
    judgements: &[Judgement],
    cells: &[Cell],
    values: Vec<f64>,
    unseen: f64,
    trust: f64,
    confidence: Confidence,
) -> Result<Judged, StatisticsError> {
    let labelled: usize = cells.iter().map(|cell| cell.human.len()).sum();
    let has_clusters = judgements.iter().all(|item| item.cluster.is_some());
    let observations = if has_clusters {
        Observations::clustered(judgements.iter().map(|item| item.cluster).zip(values))?
    } else {
        Observations::alone(values)?
    };
    let moments = observations.moments();
    let spread = moments.standard_error()?;
    let free = moments.clusters().unwrap_or(labelled).min(labelled);
    at_least("human labels beyond one for each stratum", 1, free.saturating_sub(cells.len()))?;
    let standard_error = (spread.powi(2) + unseen).sqrt();
    let degrees = (free - cells.len()) as f64;
    let half = confidence.t(degrees) * standard_error;
    let interval = Interval::around(moments.mean(), half);
    let said = judgements.iter().flat_map(|item| [Some(item.judge), item.human]).flatten();
    let is_rate = { said }.all(|value| (0.0..=1.0).contains(&value));
    let interval = if is_rate { interval.within_unit() } else { interval };
    let (clusters, method) = (moments.clusters(), Method::Stratified);
    let estimate = Estimate { interval, n: labelled, clusters, method };
    Ok(Judged { estimate, standard_error, degrees: Some(degrees), trust })
}

/// The answers of a stratum.
struct Cell {
    all: Vec<usize>,
    human: Vec<f64>,
    /// What the judge says of the same answers.
    judge: Vec<f64>,
}

impl Cell {
    /// The variance of what was not seen; of grades nobody knows what to imagine.
    fn unseen_variance(&self) -> f64 {
        let is_binary = self.human.iter().all(|value| [0.0, 1.0].contains(value));
        let count = self.human.len() as f64;
        if is_binary { unseen_variance(average(&self.human), count) } else { 0.0 }
    }
}

fn cells(judgements: &[Judgement], strata: &[usize]) -> Result<Vec<Cell>, StatisticsError> {
    let judged: Vec<f64> = judgements.iter().map(|item| item.judge).collect();
    finite(&judged)?;
    let mut names: Vec<usize> = strata.to_vec();
    names.sort_unstable();
    names.dedup();
    let said = judgements.iter().filter_map(|item| item.human);
    let is_binary = { said }.all(|value| [0.0, 1.0].contains(&value));
    let cell = |name: usize| {
        let all: Vec<usize> = (0..judgements.len()).filter(|at| strata[*at] == name).collect();
        let said = || all.iter().filter_map(|at| Some((judgements[*at].human?, judged[*at])));
        let (human, judge): (Vec<f64>, Vec<f64>) = said().unzip();
        finite(&human)?;
        // Of grades one label tells no spread, and what was not seen is imagined of right and wrong alone.
        let needed = if human.len() == all.len() || is_binary { 1 } else { 2 };
        at_least("human labels in a stratum", needed, human.len())?;
        Ok(Cell { all, human, judge })
    };
    names.into_iter().map(cell).collect()
}

/// The trust in the judge that makes the interval narrowest, one for all strata (Cochran, section 7.10).
fn best_trust(cells: &[Cell]) -> f64 {
    let sum = |of: &dyn Fn(&Cell) -> f64| -> f64 {
        let term =
            |cell: &Cell| (cell.all.len() as f64).powi(2) / cell.human.len() as f64 * of(cell);
        cells.iter().map(term).sum()
    };
    let together = sum(&|cell| covariance(&cell.human, &cell.judge));
    clipped(together, sum(&|cell| population_variance(&cell.judge)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binary(count: usize, of: usize) -> Vec<Option<f64>> {
        (0..of).map(|at| Some(f64::from(u8::from(at < count)))).collect()
    }

    #[test]
    fn strata_follow_the_values_of_the_judge() {
        let strata = Strata::of(&binary(30, 100)).unwrap();
        assert_eq!((strata.count(), strata.place(Some(0.0)), strata.place(Some(1.0))), (2, 0, 1));
        let few = Strata::of(&binary(9, 100)).unwrap();
        assert_eq!(few.count(), 1, "nine answers are no stratum of their own");
        let scores: Vec<Option<f64>> = (0..1000).map(|at| Some(f64::from(at) / 999.0)).collect();
        let fifths = Strata::of(&scores).unwrap();
        let mut sizes = vec![0; fifths.count()];
        for score in &scores {
            sizes[fifths.place(*score)] += 1;
        }
        assert_eq!(sizes, [200; 5]);
        let mut silent = binary(50, 100);
        silent.extend(vec![None; 20]);
        let strata = Strata::of(&silent).unwrap();
        assert_eq!((strata.count(), strata.place(None)), (3, 2));
        assert_eq!(Strata::of(&[None; 30]).unwrap().count(), 1);
        assert!(Strata::of(&[Some(f64::NAN), Some(1.0)]).is_err());
    }

    #[test]
    fn the_mixed_and_the_large_strata_get_the_labels() {
        let stratum = |answers, rate: f64| {
            let spread = (rate * (1.0 - rate)).sqrt();
            Expected { answers, rate, spread }
        };
        // Neyman's rule by hand: 600 x 0.5 against 300 x 0.3 and 100 x 0.3.
        let strata = [stratum(600, 0.5), stratum(300, 0.1), stratum(100, 0.9)];
        assert_eq!(allocate(&strata, 140), [100, 30, 10]);
        let counts = allocate(&strata, 60);
        assert_eq!((counts.iter().sum::<usize>(), counts[2]), (60, 10), "{counts:?}");
        assert_eq!(allocate(&strata, 2000), [600, 300, 100], "no more than there are");
        assert_eq!(allocate(&[stratum(5, 0.5), stratum(500, 0.1)], 40), [5, 35]);
        assert_eq!(allocate(&strata, 3).iter().sum::<usize>(), 3);
    }

    #[test]
    fn a_seed_decides_the_draw_and_every_beginning_of_it_is_fair() {
        let places: Vec<usize> = (0..300).map(|at| at % 3).collect();
        let drawn = draw(&places, &[40, 20, 10], 7);
        assert_eq!(drawn, draw(&places, &[40, 20, 10], 7));
        assert_ne!(drawn, draw(&places, &[40, 20, 10], 8));
        let mut once = drawn.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), 70);
        let in_half =
            |stratum: usize| drawn[..35].iter().filter(|at| places[**at] == stratum).count();
        assert!((19..=21).contains(&in_half(0)) && (4..=6).contains(&in_half(2)));
    }

    /// Every answer is drawn as often as any other of its stratum.
    #[test]
    fn within_a_stratum_all_are_as_likely() {
        let places = [0, 0, 0, 0, 0, 1, 1, 1];
        let mut times = [0_u32; 8];
        for seed in 0..4000 {
            for at in draw(&places, &[2, 1], seed) {
                times[at] += 1;
            }
        }
        for (at, times) in times.into_iter().enumerate() {
            let expected = if at < 5 { 1600.0 } else { 4000.0 / 3.0 };
            assert!((f64::from(times) / expected - 1.0).abs() < 0.08, "{at}: {times}");
        }
    }

    fn item(judge: f64, human: Option<f64>) -> Judgement {
        Judgement { judge, human, cluster: None }
    }

    /// By hand: W = 0.6 and 0.4, rates 0.5 and 1, of ten labels each.
    #[test]
    fn the_estimate_adds_the_strata_up_by_their_sizes() {
        let (mut items, mut strata) = (Vec::new(), Vec::new());
        for (stratum, size, right) in [(0, 60, 5), (1, 40, 10)] {
            for at in 0..size {
                let human = (at < 10).then_some(f64::from(u8::from(at < right)));
                items.push(item(f64::from(stratum), human));
                strata.push(stratum as usize);
            }
        }
        let found = stratified(&items, &strata, None, Confidence::P95).unwrap();
        assert!((found.estimate.interval.value - 0.7).abs() < 1e-12);
        assert_eq!((found.estimate.n, found.estimate.method), (20, Method::Stratified));
        let spread = |rate: f64| rate * (1.0 - rate);
        let seen = 0.36 * spread(0.5) / 9.0;
        let unseen = 0.16 * spread(10.5 / 11.0) / 10.0;
        let between = (0.6 * 0.04 + 0.4 * 0.09) / 99.0;
        let expected = (seen + unseen + between).sqrt();
        assert!((found.standard_error / expected - 1.0).abs() < 0.01, "{}", found.standard_error);
    }

    #[test]
    fn one_stratum_is_a_random_sample() {
        let items: Vec<Judgement> = (0..400)
            .map(|at| {
                let human = f64::from(u8::from(at % 3 == 0));
                item(f64::from(u8::from(at % 6 == 0)), (at % 4 < 2).then_some(human))
            })
            .collect();
        let found = stratified(&items, &[0; 400], None, Confidence::P95).unwrap();
        let plain = super::super::prediction_powered(&items, None, Confidence::P95).unwrap();
        assert!((found.estimate.interval.value - plain.estimate.interval.value).abs() < 0.02);
        assert!((found.standard_error / plain.standard_error - 1.0).abs() < 0.1);
    }

    #[test]
    fn what_cannot_be_estimated_is_refused() {
        let items = [item(0.0, Some(1.0)), item(0.0, None), item(1.0, None), item(1.0, None)];
        for strata in [&[0, 0, 1, 1][..], &[0, 0], &[0, 0, 0, 0]] {
            assert!(stratified(&items, strata, None, Confidence::P95).is_err(), "{strata:?}");
        }
        // One grade in a stratum has no spread, and looked as sure as if all were labelled.
        let graded = |at: usize| {
            item(
                0.5,
                (at < 40 || at == 60).then_some(if at.is_multiple_of(2) { 0.25 } else { 0.75 }),
            )
        };
        let items: Vec<Judgement> = (0..100).map(graded).collect();
        let strata: Vec<usize> = (0..100).map(|at| usize::from(at >= 60)).collect();
        let error = stratified(&items, &strata, None, Confidence::P95).unwrap_err();
        assert!(error.to_string().contains("human labels in a stratum"), "{error}");
        let strata = [0; 100];
        assert!(stratified(&items, &strata, None, Confidence::P95).is_ok());
    }
}
