//! How sure a score is: once, at the end, or at any time while the run goes on.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Question, Scored};
use crate::statistics::{
    self, BetaMixture, Confidence, Estimate, Hedged, Method, NoInterval, Observations,
    StatisticsError, spread,
};

/// A score and how sure it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rate {
    /// The name of the score; of a table of scores, the scorer and the key.
    pub name: String,
    /// The mean over questions, with its interval or why it has none.
    #[serde(flatten)]
    pub estimate: statistics::Rate,
    /// By how much clusters multiply the variance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub design_effect: Option<f64>,
    /// How many answers have the score.
    pub answers: usize,
    /// How many answers to each question would make chance matter little, where they were asked more
    /// than once and not yet so often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeats_enough: Option<f64>,
    /// What the log itself says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported: Option<f64>,
}

impl Scored {
    /// How sure a score is.
    pub fn rate(&self, name: &str, confidence: Confidence) -> Rate {
        let all: Vec<&Question> = self.questions.values().collect();
        self.rate_over(name, confidence, &all)
    }

    /// The same over some of the questions.
    pub fn rate_over(&self, name: &str, confidence: Confidence, questions: &[&Question]) -> Rate {
        let having: Vec<(&Question, f64)> = questions
            .iter()
            .filter_map(|question| Some((*question, question.scores.mean(name)?)))
            .collect();
        let means = having.iter().map(|(question, mean)| (&question.cluster, *mean));
        let observations = if having.iter().any(|(question, _)| question.cluster.is_some()) {
            Observations::clustered(means)
        } else {
            Observations::alone(means.map(|(_, mean)| mean))
        };
        let answers = having.iter().map(|(question, _)| question.scores.of(name).count()).sum();
        let repeats = having.iter().map(|(question, _)| question.scores.of(name).collect());
        let is_repeated = answers > having.len();
        let spread = is_repeated.then(|| spread(&repeats.collect::<Vec<Vec<f64>>>()).ok());
        let mut design_effect = None;
        let estimate = statistics::Rate::of_observed(observations, having.len(), |observations| {
            let moments = observations.moments();
            design_effect = moments.clusters().and_then(|_| moments.design_effect());
            let rate = statistics::Rate::of(*moments, confidence);
            if moments.are_shares() { rate.within_unit() } else { rate }
        });
        Rate {
            name: name.to_owned(),
            estimate,
            design_effect,
            answers,
            repeats_enough: spread
                .flatten()
                .and_then(|spread| spread.enough().filter(|_| !spread.is_enough())),
            reported: self.reported(name),
        }
    }

    /// How sure a score is where somebody looks again and again while the run goes on, and may stop when
    /// it suits them.
    pub fn rate_at_any_time(&self, name: &str, confidence: Confidence) -> Rate {
        let (mut values, mut clusters) = (Vec::new(), BTreeSet::new());
        let mut refused = None;
        for question in self.questions.values() {
            let Some(mean) = question.scores.mean(name) else { continue };
            if question.cluster.as_ref().is_some_and(|cluster| !clusters.insert(cluster)) {
                refused = Some(NoInterval::ClusteredAtAnyTime);
            } else if question.scores.of(name).count() > 1 {
                refused = refused.or(Some(NoInterval::RepeatedAtAnyTime));
            }
            values.push((question.place, mean));
        }
        values.sort_by_key(|(place, _)| *place);
        let values: Vec<f64> = values.into_iter().map(|(_, value)| value).collect();
        let found = match refused {
            Some(why) => Err(why),
            None => at_any_time(&values, confidence).map_err(|_| NoInterval::NoShareAtAnyTime),
        };
        let once = self.rate(name, confidence);
        let estimate = found.map_or_else(|why| once.estimate.but_for(why), Into::into);
        Rate { estimate, design_effect: None, repeats_enough: None, ..once }
    }

    /// What the log itself says of a score: its accuracy or mean.
    fn reported(&self, name: &str) -> Option<f64> {
        let short = name.rsplit('/').next().unwrap_or(name);
        let scores = &self.header.results.as_ref()?.scores;
        let found = scores.iter().find(|score| score.name == name || score.name == short)?;
        ["accuracy", "mean"].iter().find_map(|metric| found.metrics.get(*metric)?.value)
    }
}

/// The mean with the interval that holds at all times at once, of values in the order in which they came.
fn at_any_time(values: &[f64], confidence: Confidence) -> Result<Estimate, StatisticsError> {
    let estimate =
        |interval, method| Estimate { interval, n: values.len(), clusters: None, method };
    if values.iter().all(|value| [0.0, 1.0].contains(value)) {
        let mut sequence = BetaMixture::new(confidence);
        for value in values {
            sequence.push(*value > 0.5);
        }
        return Ok(estimate(sequence.interval(), Method::BetaMixture));
    }
    let mut sequence = Hedged::new(confidence);
    values.iter().try_for_each(|value| sequence.push(*value))?;
    Ok(estimate(sequence.interval(), Method::HedgedCapital))
}
