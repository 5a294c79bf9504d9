//! Whether intervals hold the truth as often as they say: thousands of draws with a fixed seed, from
//! known truths and from the XSTest answers that people and two judges labelled.

use super::bootstrap::SplitMix64;
use super::*;

pub(crate) const SEED: u64 = 20_261_125;
const P95: Confidence = Confidence::P95;

impl SplitMix64 {
    fn chance(&mut self, probability: f64) -> bool {
        self.share() < probability
    }
}

/// How often intervals held the truth, and how wide they were on average.
#[derive(Default)]
pub(super) struct Coverage {
    held: u32,
    width: f64,
    runs: u32,
}

impl Coverage {
    pub(super) fn add(&mut self, interval: &Interval, truth: f64) {
        self.held += u32::from(interval.holds(truth));
        self.width += interval.width();
        self.runs += 1;
    }

    pub(super) fn percent(&self) -> f64 {
        f64::from(self.held) * 100.0 / f64::from(self.runs)
    }

    pub(super) fn width(&self) -> f64 {
        self.width / f64::from(self.runs)
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures of docs/evaluation.md are printed here")]
fn clustered_intervals_hold_where_plain_ones_do_not() {
    let mut random = SplitMix64(SEED);
    let (mut plain, mut clustered) = (Coverage::default(), Coverage::default());
    for _ in 0..2000 {
        // Thirty pages of ten questions. A page is easy or hard; half of the questions come out right.
        let values: Vec<(usize, f64)> = (0..30)
            .flat_map(|page| {
                let rate = if random.chance(0.5) { 0.8 } else { 0.2 };
                (0..10)
                    .map(|_| (page, f64::from(u8::from(random.chance(rate)))))
                    .collect::<Vec<_>>()
            })
            .collect();
        let alone = Observations::alone(values.iter().map(|(_, value)| *value)).unwrap();
        plain.add(&rate(&alone, P95).unwrap().interval, 0.5);
        let pages = Observations::clustered(values).unwrap();
        clustered.add(&rate(&pages, P95).unwrap().interval, 0.5);
    }
    println!("clustered {:.1} %, plain {:.1} %", clustered.percent(), plain.percent());
    assert!((93.0..=97.5).contains(&clustered.percent()), "{}", clustered.percent());
    assert!(plain.percent() < 80.0, "{}", plain.percent());
}

#[test]
fn paired_differences_hold_the_truth() {
    let mut random = SplitMix64(SEED);
    let mut coverage = Coverage::default();
    let mut alarms = 0;
    for _ in 0..4000 {
        let mut seen = Discordant { gained: 0, lost: 0, n: 150 };
        for _ in 0..150 {
            let draw = random.share();
            seen.gained += u64::from(draw < 0.10);
            seen.lost += u64::from(draw > 0.90);
        }
        coverage.add(&seen.difference(P95).unwrap(), 0.0);
        alarms += u32::from(seen.mcnemar().mid < 0.05);
    }
    assert!((94.0..=97.0).contains(&coverage.percent()), "{}", coverage.percent());
    assert!(alarms <= 220, "{alarms} of 4,000 tests of nothing");
}

/// Looked at after every answer, the sequences raise a false alarm in no more than one run of twenty.
#[test]
#[expect(clippy::print_stdout, reason = "the figures of docs/evaluation.md are printed here")]
fn looking_all_the_time_raises_few_false_alarms() {
    let mut random = SplitMix64(SEED);
    for truth in [0.05, 0.1, 0.5] {
        let (mut alarms, mut fixed) = (0, 0);
        for _ in 0..2000 {
            let mut sequence = BetaMixture::new(P95);
            let (mut alarm, mut successes, mut naive) = (false, 0, false);
            for count in 1..=500 {
                let success = random.chance(truth);
                sequence.push(success);
                successes += u32::from(success);
                alarm |= sequence.excludes(truth);
                let interval = wilson(f64::from(successes), f64::from(count), P95).unwrap();
                naive |= count >= 30 && !interval.holds(truth);
            }
            alarms += u32::from(alarm);
            fixed += u32::from(naive);
        }
        println!("at {truth}: {alarms} false alarms in 2,000 runs, Wilson's interval {fixed}");
        assert!(alarms <= 100, "{alarms} of 2,000 runs at {truth}");
        assert!(fixed > 500, "an interval for a fixed number must fail here: {fixed} of 2,000");
    }
}

/// Looked at after every score, the sequences of scores raise a false alarm in no more than one run of twenty.
#[test]
#[expect(clippy::print_stdout, reason = "the figures of docs/evaluation.md are printed here")]
fn sequences_of_scores_raise_few_false_alarms() {
    // The mean of a share that is squared.
    const TRUTH: f64 = 1.0 / 3.0;
    let mut random = SplitMix64(SEED);
    let (mut bernstein_alarms, mut hedged_alarms, mut trial_alarms) = (0, 0, 0);
    for _ in 0..2000 {
        let (mut bernstein, mut hedged) = (EmpiricalBernstein::new(P95), Hedged::new(P95));
        let mut trial = Asymptotic::new(250, P95).unwrap();
        let (mut bernstein_alarm, mut hedged_alarm, mut trial_alarm) = (false, false, false);
        let mut capital = [0.0_f64; 2];
        for count in 1..=500 {
            let score = random.share().powi(2);
            bernstein.push(score).unwrap();
            bernstein_alarm |= !bernstein.interval().holds(TRUTH);
            let sign = if random.chance(0.5) { 2.0 } else { -2.0 };
            trial.push(sign * score).unwrap();
            trial_alarm |= trial.interval().is_some_and(|interval| !interval.holds(0.0));
            hedged.push(score).unwrap();
            for (side, won) in capital.iter_mut().zip(hedged.won_last(TRUTH)) {
                *side += won;
            }
            let is_excluded = capital[0].max(capital[1]) >= hedged.enough();
            hedged_alarm |= is_excluded;
            // What is followed here is what the sequence itself makes of all scores.
            assert!(count % 50 > 0 || is_excluded == hedged.excludes(TRUTH));
        }
        bernstein_alarms += u32::from(bernstein_alarm);
        hedged_alarms += u32::from(hedged_alarm);
        trial_alarms += u32::from(trial_alarm);
    }
    println!(
        "false alarms in 2,000 runs: empirical Bernstein {bernstein_alarms}, hedged {hedged_alarms}, trial {trial_alarms}"
    );
    for alarms in [bernstein_alarms, hedged_alarms, trial_alarms] {
        assert!(
            alarms <= 100,
            "{bernstein_alarms}, {hedged_alarms} and {trial_alarms} of 2,000 runs"
        );
    }
}

/// A judge that misses a quarter of what people find, on answers about pages that differ: labelled at
/// random, and with some answers likelier to be labelled than others.
#[test]
#[expect(clippy::print_stdout, reason = "the figures of docs/evaluation.md are printed here")]
fn corrected_rates_hold_the_truth_in_clusters_and_uneven_samples() {
    let mut random = SplitMix64(SEED);
    let (mut plain, mut uneven) = (Coverage::default(), Coverage::default());
    for _ in 0..2000 {
        let (items, _) = judged_pages(&mut random, |_| 0.3);
        let found = prediction_powered(&items, None, P95).unwrap();
        plain.add(&found.estimate.interval, 0.5);
        // Where the judge says no people look more often.
        let (items, chances) = judged_pages(&mut random, |judge| if judge { 0.2 } else { 0.4 });
        let found = prediction_powered_sampled(&items, &chances, None, P95).unwrap();
        uneven.add(&found.estimate.interval, 0.5);
    }
    println!("labels at random {:.1} %, unevenly {:.1} %", plain.percent(), uneven.percent());
    for coverage in [plain, uneven] {
        assert!((93.0..=97.0).contains(&coverage.percent()), "{}", coverage.percent());
    }
}

/// A judge that errs once in a hundred answers was often not seen to err at all on a hundred labels. What
/// is computed from the spread of its errors is then too sure of itself; the check is not.
#[test]
#[expect(clippy::print_stdout, reason = "the figures of docs/evaluation.md are printed here")]
fn a_judge_that_rarely_errs_needs_the_check() {
    let mut random = SplitMix64(SEED);
    let (mut corrected, mut check) = (Coverage::default(), Coverage::default());
    for _ in 0..2000 {
        let mut errors = JudgeErrors::default();
        let (mut items, mut share) = (Vec::new(), 0.0);
        for at in 0..5100 {
            let human = random.chance(0.4);
            let judge = human && !random.chance(0.025);
            let label = (at < 100).then_some(f64::from(u8::from(human)));
            let judge_number = f64::from(u8::from(judge));
            items.push(Judgement { judge: judge_number, human: label, cluster: None });
            if at >= 100 {
                share += judge_number / 5000.0;
            } else {
                let count = match (human, judge) {
                    (true, true) => &mut errors.true_positives,
                    (true, false) => &mut errors.false_negatives,
                    (false, _) => &mut errors.true_negatives,
                };
                *count += 1;
            }
        }
        corrected.add(&prediction_powered(&items, None, P95).unwrap().estimate.interval, 0.4);
        check.add(&lang_reiczigel(share, 5000, &errors, P95).unwrap(), 0.4);
    }
    println!("PPI++ {:.1} %, Lang-Reiczigel {:.1} %", corrected.percent(), check.percent());
    assert!(corrected.percent() < 92.0, "{}", corrected.percent());
    assert!(check.percent() > 94.0, "{}", check.percent());
}

/// The same judge where labels were planned by strata: that few errors or none were seen among a hundred
/// labels is not taken for there being none. And pages whose answers are alike, of which each has labels in
/// every stratum.
#[test]
#[expect(clippy::print_stdout, reason = "the figures of docs/review.md are printed here")]
fn planned_labels_hold_the_truth_of_rare_errors_and_in_clusters() {
    let mut random = SplitMix64(SEED);
    let (mut rare, mut clustered) = (Coverage::default(), Coverage::default());
    let label = |mut items: Vec<Judgement>, people: &[f64], count: usize, seed: u64| {
        let judged: Vec<Option<f64>> = items.iter().map(|item| Some(item.judge)).collect();
        let strata = Strata::of(&judged).unwrap();
        let places: Vec<usize> = judged.iter().map(|value| strata.place(*value)).collect();
        let counts = allocate(&expected(&strata, &judged, &[]), count);
        for at in draw(&places, &counts, seed) {
            items[at].human = Some(people[at]);
        }
        stratified(&items, &places, None, P95).unwrap().estimate.interval
    };
    for _ in 0..2000 {
        let (mut items, mut people) = (Vec::new(), Vec::new());
        for _ in 0..2000 {
            let human = random.chance(0.4);
            let judge = f64::from(u8::from(human && !random.chance(0.025)));
            items.push(Judgement { judge, human: None, cluster: None });
            people.push(f64::from(u8::from(human)));
        }
        rare.add(&label(items, &people, 100, random.next()), 0.4);
        let (items, _) = judged_pages(&mut random, |_| 1.0);
        let people: Vec<f64> = items.iter().filter_map(|item| item.human).collect();
        let items = items.into_iter().map(|item| Judgement { human: None, ..item }).collect();
        clustered.add(&label(items, &people, 180, random.next()), 0.5);
    }
    println!("rare errors {:.1} %, clusters {:.1} %", rare.percent(), clustered.percent());
    assert!(rare.percent() >= 94.0, "{}", rare.percent());
    assert!((93.0..=97.0).contains(&clustered.percent()), "{}", clustered.percent());
}

/// Sixty pages of ten answers, half of them right, and the chance of a label that each had.
fn judged_pages(
    random: &mut SplitMix64,
    chance_of: impl Fn(bool) -> f64,
) -> (Vec<Judgement>, Vec<f64>) {
    let (mut items, mut chances) = (Vec::new(), Vec::new());
    for page in 0..60 {
        let rate = if random.chance(0.5) { 0.7 } else { 0.3 };
        for _ in 0..10 {
            let human = random.chance(rate);
            let judge = random.chance(if human { 0.75 } else { 0.05 });
            let chance = chance_of(judge);
            chances.push(chance);
            items.push(Judgement {
                judge: f64::from(u8::from(judge)),
                human: random.chance(chance).then_some(f64::from(u8::from(human))),
                cluster: Some(page),
            });
        }
    }
    (items, chances)
}
