//! Numbers, in the order in which they were recorded, made into figures and alarms. Whoever pushes the
//! same records gets the same of both, whenever and how often they look.

use candour_core::{Alarm, AlarmKind, Metric};

use super::Scores;
use super::figure::{Drifting, Figure, Point, State};
use super::mean::Mean;
use super::plan::{Plan, Rule, Usual};
use crate::statistics::{Drift, Interval, StatisticsError};

/// No more points than this are kept for a chart; then every other is dropped.
const POINTS: usize = 48;

/// What is known of a plan's metrics by now.
#[derive(Debug, Clone)]
pub struct Watch {
    position: u64,
    tracks: Vec<Track>,
    alarms: Vec<Alarm>,
}

/// Why a record cannot be taken in.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// A record is missing.
    #[error("after record {after} comes record {found}: records are missing")]
    Gap {
        /// The last one.
        after: u64,
        /// The one that came.
        found: u64,
    },
    /// A number cannot be.
    #[error("record {position} cannot be: {why}")]
    Impossible {
        /// Which one.
        position: u64,
        /// What is wrong with it.
        why: StatisticsError,
    },
}

impl Watch {
    /// Nothing seen yet.
    pub fn new(plan: &Plan) -> Result<Self, StatisticsError> {
        let tracks = plan.rules.iter().map(Track::new).collect::<Result<_, _>>()?;
        Ok(Self { position: 0, tracks, alarms: Vec::new() })
    }

    /// How many records were taken in.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Takes in the next record.
    pub fn push(&mut self, position: u64, scores: &Scores) -> Result<(), WatchError> {
        if position != self.position + 1 {
            return Err(WatchError::Gap { after: self.position, found: position });
        }
        self.position = position;
        for track in &mut self.tracks {
            let Some(score) = scores.get(&track.rule.metric) else { continue };
            track.push(*score).map_err(|why| WatchError::Impossible { position, why })?;
            for kind in track.new_alarms() {
                self.alarms.push(track.alarm(kind, position));
            }
        }
        Ok(())
    }

    /// What is certain by now, in the order in which it became so.
    pub fn alarms(&self) -> &[Alarm] {
        &self.alarms
    }

    /// Every metric by now, in the order of the plan.
    pub fn figures(&self) -> Vec<Figure> {
        self.tracks.iter().map(Track::figure).collect()
    }

    /// The intervals of a metric after some of its scores, the last included.
    pub fn points(&self, metric: Metric) -> Vec<Point> {
        let track = self.tracks.iter().find(|track| track.rule.metric == metric);
        track.map_or_else(Vec::new, Track::points)
    }
}

/// One metric on its way.
#[derive(Debug, Clone)]
struct Track {
    rule: Rule,
    mean: Mean,
    drift: Option<Drift>,
    is_broken: bool,
    has_changed: bool,
    /// What was known after some of the scores.
    past: Vec<Mean>,
    /// How many scores lie between two of these.
    stride: u64,
}

impl Track {
    fn new(rule: &Rule) -> Result<Self, StatisticsError> {
        let drift = rule.usual.map(|usual| Drift::new(usual.low, usual.high, usual.patience));
        Ok(Self {
            rule: *rule,
            mean: Mean::new(rule)?,
            drift: drift.transpose()?,
            is_broken: false,
            has_changed: false,
            past: Vec::new(),
            stride: 1,
        })
    }

    fn push(&mut self, score: f64) -> Result<(), StatisticsError> {
        self.mean.push(score)?;
        if let Some(drift) = &mut self.drift {
            drift.push(score)?;
        }
        if self.mean.scores().is_multiple_of(self.stride) {
            self.past.push(self.mean.clone());
        }
        if self.past.len() > POINTS {
            self.stride *= 2;
            self.past.retain(|mean| mean.scores().is_multiple_of(self.stride));
        }
        Ok(())
    }

    /// What has become certain with the last score.
    fn new_alarms(&mut self) -> Vec<AlarmKind> {
        let mut new = Vec::new();
        if !self.is_broken && self.rule.threshold.is_some_and(|limit| self.mean.breaks(limit)) {
            self.is_broken = true;
            new.push(AlarmKind::Threshold);
        }
        if !self.has_changed && self.drift.as_ref().is_some_and(Drift::has_changed) {
            self.has_changed = true;
            new.push(AlarmKind::Drift);
        }
        new
    }

    fn alarm(&self, kind: AlarmKind, position: u64) -> Alarm {
        let Interval { value, low, high } = self.mean.interval();
        let scores = self.mean.scores();
        Alarm { metric: self.rule.metric, kind, position, scores, value, low, high }
    }

    fn figure(&self) -> Figure {
        let state = match self.rule.threshold {
            None => State::NoThreshold,
            Some(_) if self.is_broken => State::Broken,
            Some(_) if self.mean.scores() == 0 => State::Waiting,
            Some(_) => State::Quiet,
        };
        let drifting = |(usual, drift): (Usual, &Drift)| Drifting {
            usual,
            evidence: drift.evidence(),
            has_changed: self.has_changed,
        };
        Figure {
            metric: self.rule.metric,
            scores: self.mean.scores(),
            interval: self.mean.interval(),
            threshold: self.rule.threshold,
            state,
            drift: self.rule.usual.zip(self.drift.as_ref()).map(drifting),
        }
    }

    fn points(&self) -> Vec<Point> {
        let is_told = self.past.last().is_none_or(|last| last.scores() == self.mean.scores());
        let last = Some(&self.mean).filter(|_| !is_told);
        self.past.iter().chain(last).map(Mean::point).collect()
    }
}

#[cfg(test)]
mod tests {
    use candour_core::Monitoring;

    use super::super::plan::tests::beginning;
    use super::super::plan::{Beginning, Reference};
    use super::*;
    use crate::statistics::{Observations, SEED, SplitMix64};

    fn plan(thresholds: &[(Metric, f64)]) -> Plan {
        let thresholds = thresholds.iter().copied().collect();
        let config = Monitoring { thresholds, ..Monitoring::default() };
        let scores = Observations::alone((0..400).map(|at| f64::from(u8::from(at % 10 > 0))));
        let reference = Reference::Answers { since: jiff::Timestamp::UNIX_EPOCH, answers: 400 };
        let known = Some((reference, [(Metric::Useful, scores.unwrap())].into()));
        Plan::begin(Beginning { known, ..beginning(&config) }).unwrap()
    }

    fn figure(watch: &Watch, metric: Metric) -> Figure {
        watch.figures().into_iter().find(|figure| figure.metric == metric).unwrap()
    }

    #[test]
    fn an_alarm_comes_when_the_whole_interval_is_wrong_and_stands() {
        let plan = plan(&[(Metric::Citations, 0.9), (Metric::Abstained, 0.2)]);
        let mut watch = Watch::new(&plan).unwrap();
        assert_eq!(figure(&watch, Metric::Citations).state, State::Waiting);
        assert_eq!(figure(&watch, Metric::Links).state, State::NoThreshold);
        for position in 1..=50 {
            let scores = [(Metric::Citations, 1.0), (Metric::Abstained, 1.0)].into();
            watch.push(position, &scores).unwrap();
            let found = figure(&watch, Metric::Abstained);
            let is_wrong = found.interval.low > 0.2;
            assert_eq!(found.state == State::Broken, is_wrong, "{found:?}");
        }
        let alarm = watch.alarms()[0].clone();
        assert_eq!((alarm.metric, alarm.kind), (Metric::Abstained, AlarmKind::Threshold));
        assert!(alarm.position < 20 && alarm.low > 0.2 && alarm.scores == alarm.position);
        for position in 51..=2000 {
            watch.push(position, &[(Metric::Abstained, 0.0)].into()).unwrap();
        }
        let found = figure(&watch, Metric::Abstained);
        assert!(found.interval.high < 0.2 && found.state == State::Broken, "it stays certain");
        assert_eq!(watch.alarms(), [alarm]);
        assert_eq!(figure(&watch, Metric::Citations).state, State::Quiet);
    }

    #[test]
    fn shares_break_a_threshold_too() {
        let mut watch = Watch::new(&plan(&[(Metric::Citations, 0.9)])).unwrap();
        for position in 1..=100 {
            watch.push(position, &[(Metric::Citations, 0.5)].into()).unwrap();
        }
        assert_eq!(figure(&watch, Metric::Citations).state, State::Broken);
        assert!((figure(&watch, Metric::Citations).interval.value - 0.5).abs() < 1e-12);
    }

    #[test]
    fn drift_is_told_apart_from_a_threshold() {
        let plan = plan(&[(Metric::Useful, 0.3)]);
        let mut watch = Watch::new(&plan).unwrap();
        for position in 1..=300 {
            let useful = f64::from(u8::from(position % 2 == 0));
            watch.push(position, &[(Metric::Useful, useful)].into()).unwrap();
        }
        let kinds: Vec<AlarmKind> = watch.alarms().iter().map(|alarm| alarm.kind).collect();
        assert_eq!(kinds, [AlarmKind::Drift]);
        let found = figure(&watch, Metric::Useful);
        assert!(found.drift.unwrap().has_changed && found.state == State::Quiet);
    }

    /// Three metrics exactly at their thresholds, looked at after every record: of all runs one in twenty
    /// may end in an alarm about any of them.
    #[test]
    #[expect(clippy::print_stdout, reason = "the figures of docs/monitoring.md are printed here")]
    fn all_metrics_together_raise_few_false_alarms() {
        let rates = [(Metric::Useful, 0.5), (Metric::Links, 0.9), (Metric::Abstained, 0.2)];
        let mut plan = plan(&rates);
        plan.rules.retain(|rule| rate_of(&rates, rule.metric).is_some());
        let each = plan.alpha / 3.0;
        plan.rules.iter_mut().for_each(|rule| rule.alpha = each);
        let untouched = Watch::new(&plan).unwrap();
        let mut random = SplitMix64(SEED);
        let mut alarms = 0;
        for _ in 0..2000 {
            let mut watch = untouched.clone();
            for position in 1..=200 {
                let draw = |(metric, rate)| (metric, f64::from(u8::from(random.share() < rate)));
                watch.push(position, &rates.map(draw).into()).unwrap();
            }
            alarms += u32::from(watch.alarms().iter().any(|a| a.kind == AlarmKind::Threshold));
        }
        println!("three metrics at their thresholds: {alarms} of 2,000 runs of 200 records");
        assert!(alarms <= 100, "{alarms} of 2,000 runs");
    }

    fn rate_of(rates: &[(Metric, f64)], metric: Metric) -> Option<f64> {
        rates.iter().find(|(of, _)| *of == metric).map(|(_, rate)| *rate)
    }

    #[test]
    fn few_points_tell_of_many_scores() {
        let mut watch = Watch::new(&plan(&[])).unwrap();
        for position in 1..=5_007 {
            watch.push(position, &[(Metric::Partial, 0.0)].into()).unwrap();
        }
        let points = watch.points(Metric::Partial);
        assert!((POINTS / 2..=POINTS + 1).contains(&points.len()), "{}", points.len());
        assert_eq!(points.last().unwrap().scores, 5_007);
        assert!(points.windows(2).all(|pair| pair[0].scores < pair[1].scores));
    }

    #[test]
    fn gaps_and_impossible_numbers_are_refused() {
        let mut watch = Watch::new(&plan(&[])).unwrap();
        assert!(matches!(watch.push(2, &Scores::new()), Err(WatchError::Gap { .. })));
        watch.push(1, &Scores::new()).unwrap();
        assert!(matches!(watch.push(1, &Scores::new()), Err(WatchError::Gap { .. })));
        let wrong = watch.push(2, &[(Metric::Numbers, 1.5)].into());
        assert!(matches!(wrong, Err(WatchError::Impossible { position: 2, .. })));
    }
}
