//! The mean of a metric's scores, with the interval that suits them: it holds however often one looks.

use candour_core::Side;

use super::figure::Point;
use super::plan::{Rule, Threshold};
use crate::statistics::{BetaMixture, Confidence, EmpiricalBernstein, Interval, StatisticsError};

/// What is known of a mean.
#[derive(Debug, Clone)]
pub(super) struct Mean {
    sequence: Sequence,
    scores: u64,
    sum: f64,
}

/// The interval that suits a metric's values.
#[derive(Debug, Clone)]
enum Sequence {
    AllOrNothing(BetaMixture),
    Shares(EmpiricalBernstein),
}

impl Mean {
    /// Nothing seen yet.
    pub(super) fn new(rule: &Rule) -> Result<Self, StatisticsError> {
        let confidence = Confidence::new(1.0 - rule.alpha)?;
        let sequence = if rule.metric.is_all_or_nothing() {
            Sequence::AllOrNothing(BetaMixture::new(confidence))
        } else {
            Sequence::Shares(EmpiricalBernstein::new(confidence))
        };
        Ok(Self { sequence, scores: 0, sum: 0.0 })
    }

    /// How many scores there are.
    pub(super) fn scores(&self) -> u64 {
        self.scores
    }

    /// One more score.
    pub(super) fn push(&mut self, score: f64) -> Result<(), StatisticsError> {
        match &mut self.sequence {
            Sequence::AllOrNothing(sequence) => sequence.push(score >= 0.5),
            Sequence::Shares(sequence) => sequence.push(score)?,
        }
        self.scores += 1;
        self.sum += score;
        Ok(())
    }

    /// The plain mean with the interval of the sequence.
    pub(super) fn interval(&self) -> Interval {
        let interval = match &self.sequence {
            Sequence::AllOrNothing(sequence) => sequence.interval(),
            Sequence::Shares(sequence) => sequence.interval(),
        };
        if self.scores == 0 {
            return interval;
        }
        Interval { value: self.sum / self.scores as f64, ..interval }
    }

    /// The same as a point of a chart.
    pub(super) fn point(&self) -> Point {
        Point { scores: self.scores, interval: self.interval() }
    }

    /// Whether the whole interval lies on the wrong side of a threshold. Of what is right or wrong that is
    /// known without computing the interval's ends.
    pub(super) fn breaks(&self, Threshold { side, value }: Threshold) -> bool {
        let is_wrong = |low: f64, high: f64| match side {
            Side::AtLeast => high < value,
            Side::AtMost => low > value,
        };
        match &self.sequence {
            Sequence::AllOrNothing(sequence) => {
                let mean = self.sum / self.scores as f64;
                is_wrong(mean, mean) && sequence.excludes(value)
            }
            Sequence::Shares(sequence) => {
                let Interval { low, high, .. } = sequence.interval();
                is_wrong(low, high)
            }
        }
    }
}
