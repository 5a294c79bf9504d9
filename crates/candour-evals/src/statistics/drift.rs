//! Whether something has changed since it was last known: a detector that may be looked at after every
//! score, and of which it is known how often it cries wolf.
//!
//! It is the e-detector of Shin, Ramdas and Rinaldo (arXiv 2203.03532) in its Shiryaev-Roberts form, with
//! the bets of their section 4 on scores in [0, 1]. Each score multiplies what was won so far by
//! `1 + b (y / limit - 1)`, which on average wins nothing while the mean of `y` is at most the limit; and
//! one more bet begins at every score, for a change may come at any moment. The sum of all that was won
//! then grows by no more than 1 a score on average, so that it takes at least `patience` scores on
//! average until it reaches `patience` by chance (theorem 2.4 there).

use super::{StatisticsError, check_score, within};

/// How much is bet: a large change is soonest found by a bold bet, a small one by a careful one. What is
/// won is averaged over all, which is a detector again.
const BETS: [f64; 8] = [0.5, 0.25, 0.125, 0.0625, 0.031_25, 0.015_625, 0.007_812_5, 0.003_906_25];

/// Watches whether the mean of scores leaves a range, to either side.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    sides: Vec<Side>,
    patience: f64,
}

/// Bets against one end of the range.
#[derive(Debug, Clone, PartialEq)]
struct Side {
    /// Whether scores are bet to fall below the range, rather than to rise above it.
    falls: bool,
    /// The most that the mean of what is bet on may be while nothing has changed.
    limit: f64,
    won: [f64; BETS.len()],
}

impl Drift {
    /// The mean keeps from `low` to `high`. While it does, a false alarm comes after `patience` scores on
    /// average, or later.
    pub fn new(low: f64, high: f64, patience: f64) -> Result<Self, StatisticsError> {
        const EDGE: f64 = 1.0 - 1e-9;
        within("the low end of what is usual", low, 0.0..=EDGE, "from 0 to less than 1")?;
        within("the high end of what is usual", high, 1.0 - EDGE..=1.0, "more than 0, up to 1")?;
        within("the low end of what is usual", low, 0.0..=high, "at most the high end")?;
        within("the patience", patience, 1.0..=f64::MAX, "at least 1")?;
        let below = Side { falls: true, limit: 1.0 - low, won: [0.0; BETS.len()] };
        let above = Side { falls: false, limit: high, won: [0.0; BETS.len()] };
        // No mean is below 0 or above 1: on that nothing can be bet.
        let sides = [below, above].into_iter().filter(|side| side.limit < 1.0).collect();
        Ok(Self { sides, patience })
    }

    /// One more score.
    pub fn push(&mut self, score: f64) -> Result<(), StatisticsError> {
        check_score(score)?;
        for side in &mut self.sides {
            let bet_on = if side.falls { 1.0 - score } else { score };
            let gain = bet_on / side.limit - 1.0;
            for (won, bet) in side.won.iter_mut().zip(BETS) {
                // A change that lasts makes this grow without end, and infinity is not evidence.
                *won = ((*won + 1.0) * (1.0 + bet * gain)).min(f64::MAX);
            }
        }
        Ok(())
    }

    /// How much speaks for a change; `patience` of it is enough.
    pub fn evidence(&self) -> f64 {
        let count = (self.sides.len() * BETS.len()).max(1) as f64;
        self.sides.iter().flat_map(|side| side.won).map(|won| won / count).sum()
    }

    /// Whether that is enough.
    pub fn has_changed(&self) -> bool {
        self.evidence() >= self.patience
    }
}

#[cfg(test)]
mod tests {
    use super::super::bootstrap::SplitMix64;
    use super::super::simulations::SEED;
    use super::*;

    fn ones(random: &mut SplitMix64, rate: f64) -> f64 {
        f64::from(u8::from(random.share() < rate))
    }

    /// How many scores it takes until there is an alarm; none within `most`.
    fn first_alarm(mut drift: Drift, most: u64, mut next: impl FnMut(u64) -> f64) -> Option<u64> {
        (1..=most).find(|at| {
            drift.push(next(*at)).unwrap();
            drift.has_changed()
        })
    }

    /// Looked at after every score, at the ends of the range, where it is hardest: fewer than one run of
    /// twenty ends in an alarm within a twentieth of the patience.
    #[test]
    #[expect(clippy::print_stdout, reason = "the figures of docs/monitoring.md are printed here")]
    fn nothing_changes_and_few_runs_end_in_an_alarm() {
        let mut random = SplitMix64(SEED);
        for (low, high, truth) in [(0.9, 0.95, 0.9), (0.3, 0.3, 0.3)] {
            let drift = Drift::new(low, high, 10_000.0).unwrap();
            let alarms = (0..2000)
                .filter(|_| first_alarm(drift.clone(), 500, |_| ones(&mut random, truth)).is_some())
                .count();
            println!("usual {low} to {high}, truth {truth}: {alarms} of 2,000 runs of 500 scores");
            assert!(alarms <= 100, "{alarms} of 2,000 runs at {truth}");
        }
    }

    /// The time between false alarms is as long as was asked for, of ones and zeros and of shares.
    #[test]
    #[expect(clippy::print_stdout, reason = "the figures of docs/monitoring.md are printed here")]
    fn false_alarms_are_as_far_apart_as_was_asked_for() {
        const RUNS: u64 = 2000;
        let mut random = SplitMix64(SEED);
        let mut draws: [(&str, f64, &mut dyn FnMut() -> f64); 2] = [
            ("ones", 0.9, &mut || ones(&mut random, 0.9)),
            // The mean of a share that is squared is a third.
            ("shares", 1.0 / 3.0, &mut {
                let mut random = SplitMix64(SEED);
                move || random.share().powi(2)
            }),
        ];
        for (name, mean, draw) in &mut draws {
            let drift = Drift::new(*mean, *mean, 100.0).unwrap();
            let total: u64 = (0..RUNS)
                .map(|_| first_alarm(drift.clone(), 5_000, |_| draw()).unwrap_or(5_000))
                .sum();
            println!("{name}: a false alarm after {} scores on average", total / RUNS);
            assert!(total / RUNS >= 100, "{name}: {} on average", total / RUNS);
        }
    }

    #[test]
    #[expect(clippy::print_stdout, reason = "the figures of docs/monitoring.md are printed here")]
    fn changes_are_found_soon_and_the_larger_the_sooner() {
        const RUNS: u64 = 100;
        let mut random = SplitMix64(SEED);
        let mut before = u64::MAX;
        for after in [0.85, 0.8, 0.7, 0.5] {
            let drift = Drift::new(0.93, 0.97, 10_000.0).unwrap();
            let (mut delays, mut missed) = (0, 0);
            for _ in 0..RUNS {
                let next = |at| ones(&mut random, if at <= 300 { 0.95 } else { after });
                match first_alarm(drift.clone(), 2_300, next) {
                    Some(at) if at > 300 => delays += at - 300,
                    _ => missed += 1,
                }
            }
            let delay = delays / (RUNS - missed);
            println!("0.95 becomes {after}: found after {delay} scores on average");
            assert!(missed <= RUNS / 20 && delay < before, "{after}: {missed} missed, {delay}");
            before = delay;
        }
        assert!(before < 30, "a fall to a half is found after {before} scores");
    }

    #[test]
    fn a_rise_is_a_change_too_and_evidence_stays_a_number() {
        let mut drift = Drift::new(0.1, 0.2, 1000.0).unwrap();
        for _ in 0..5000 {
            drift.push(1.0).unwrap();
        }
        assert!(drift.has_changed() && drift.evidence().is_finite());
        let mut always = Drift::new(0.0, 1.0, 10.0).unwrap();
        always.push(0.0).unwrap();
        assert!(always.evidence() < 1e-12, "there is nothing outside of everything");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (low, high, patience) in [
            (1.0, 1.0, 10.0),
            (0.0, 0.0, 10.0),
            (0.5, 0.4, 10.0),
            (0.5, 0.6, 0.5),
            (f64::NAN, 0.6, 10.0),
            (0.5, 0.6, f64::INFINITY),
        ] {
            assert!(Drift::new(low, high, patience).is_err(), "{low} {high} {patience}");
        }
        assert!(Drift::new(0.5, 0.6, 10.0).unwrap().push(1.5).is_err());
    }
}
