//! What can be said of a rate that a model judged: corrected by the labels of people, with what has to
//! be known of the judge beside it. A bare judge rate is given only to those who ask for it by name.

mod quality;
mod sampling;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use candour_store::Unjudged;
use serde::Serialize;

pub use self::quality::JudgeQuality;
use self::quality::{both, check_of, errors, quality};
use self::sampling::Sampling;
use crate::agreement::{Agreement, alpha_of_two, of_people};
use crate::labels::Label;
use crate::statistics::{
    Confidence, Estimate, Interval, Judgement, Method, Observations, Rate, StatisticsError,
    estimate,
};

/// Below so many human labels nothing is corrected.
pub(crate) const FEWEST_LABELS: usize = 50;
/// Below so many disagreements with people the spread of a judge's errors is not known, and the interval
/// that needs it is too narrow. See the simulation of a judge that rarely errs.
pub(crate) const FEWEST_DISAGREEMENTS: u64 = 5;

/// A judged rate and all that has to be known to read it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Corrected {
    /// How far the figure can be trusted.
    pub status: CorrectedStatus,
    /// The figure; nothing where there is no human label at all.
    pub headline: Option<Estimate>,
    /// How far the judge is trusted in it: 0 not at all, 1 in full.
    pub trust: Option<f64>,
    /// The same by the judge's error rates, where right and wrong are all there is.
    pub check: Option<Interval>,
    /// What the human labels say alone.
    pub people: Option<Estimate>,
    /// What the judge says alone, where that was asked for.
    pub uncorrected: Option<Estimate>,
    /// All answers.
    pub answers: usize,
    /// Those with a human label.
    pub labelled: usize,
    /// Those on which the judge failed. Where labels correct the judge they count as what it says on average,
    /// which correction allows; in every other figure that takes the judge they are left out.
    pub judge_failures: usize,
    /// Those that have nothing which the judge looks at. What they come to people alone say: in a corrected
    /// rate all of them are given the same in the judge's place, its mean, which takes no side.
    pub inapplicable: usize,
    /// How the judge does, where right and wrong are all there is.
    pub judge: Option<JudgeQuality>,
    /// How far the judge agrees with people on the answers that they labelled, by Krippendorff's alpha,
    /// which takes grades too. Left out where some answers were likelier to be labelled than others.
    pub alpha: Option<Rate>,
    /// How far people agree with each other, where what each of them said is known.
    pub between_people: Option<Agreement>,
}

/// How far a corrected figure can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CorrectedStatus {
    /// The labels of people correct the judge.
    Corrected,
    /// The judge and people rarely differ, so that its error rates correct it, which is wider.
    RarelyDiffer,
    /// They rarely differ, and nothing corrects for that in clusters or where chances of a label differ:
    /// the figure is that of people alone.
    RarelyDifferAlone,
    /// They rarely differ, and one of the judge's error rates is not known or it does no better than chance:
    /// the figure is that of people alone.
    ErrorRatesUnknown,
    /// There are too few labels: the figure is that of people alone.
    Uncalibrated,
    /// Everything is labelled: the figure is that of people alone, and needs no judge.
    Labelled,
    /// There is no label, and the bare figure was asked for.
    Uncorrected,
    /// There is no judge: the figure is that of people alone.
    Unjudged,
}

/// What can be said of these labels. The bare judge rate is given where `uncorrected` asks for it.
pub fn correct(
    labels: &[Label],
    uncorrected: bool,
    confidence: Confidence,
) -> Result<Corrected, CorrectedError> {
    let labelled = labels.iter().filter(|label| label.human.is_some()).count();
    let is_judged = labels.iter().any(|label| label.judge.is_some());
    if !is_judged && (uncorrected || labelled == 0) {
        return Err(CorrectedError::NoJudge);
    }
    let items = judgements(labels);
    if labelled == 0 && !uncorrected {
        return Err(CorrectedError::NoLabels { answers: items.len() });
    }
    let sampling = Sampling::of(labels)?;
    let errors = errors(labels);
    let people = if labelled == 0 { None } else { Some(sampling.people(&items, confidence)?) };
    let check = errors.filter(|_| matches!(sampling, Sampling::Alike));
    let unjudged = labels.iter().filter(|label| is_judged && label.judge.is_none());
    let is_inapplicable = |label: &&Label| label.unjudged == Some(Unjudged::Inapplicable);
    let inapplicable = unjudged.clone().filter(is_inapplicable).count();
    let mut found = Corrected {
        status: CorrectedStatus::Uncorrected,
        headline: people,
        trust: None,
        check: check.and_then(|errors| check_of(labels, &errors, confidence)),
        people,
        uncorrected: uncorrected.then(|| bare(labels, confidence)).transpose()?,
        answers: items.len(),
        labelled,
        judge_failures: unjudged.clone().count() - inapplicable,
        inapplicable,
        judge: match errors {
            Some(errors) => Some(quality(labels, &sampling, &errors, confidence)?),
            None => None,
        },
        alpha: match sampling {
            Sampling::Alike => alpha_of_two(&both(labels).collect::<Vec<_>>())?,
            Sampling::Chances(_) | Sampling::Strata(_) => None,
        },
        between_people: between_people(labels)?,
    };
    if !is_judged {
        found.status = CorrectedStatus::Unjudged;
    } else if labelled > 0 {
        found.choose_headline(&items, &sampling, confidence)?;
    }
    Ok(found)
}

impl Corrected {
    /// No mean of shares is below 0 or above 1, and neither is what is known of it.
    pub(crate) fn within_unit(mut self) -> Self {
        let Self { headline, people, uncorrected, .. } = &mut self;
        for estimate in [headline, people, uncorrected].into_iter().flatten() {
            estimate.interval = estimate.interval.within_unit();
        }
        self
    }

    /// The same of all attempts, where so many more are known to have failed and cannot be labelled: they are a
    /// stratum whose rate is 0 and never errs, so that each figure and its interval shrink by their share.
    pub(crate) fn beside_failed(mut self, failed: usize) -> Self {
        let share = self.answers as f64 / (self.answers + failed).max(1) as f64;
        let Self { headline, people, uncorrected, check, .. } = &mut self;
        let estimates = [headline, people, uncorrected].into_iter().flatten();
        for interval in estimates.map(|estimate| &mut estimate.interval).chain(check) {
            *interval = interval.times(share);
        }
        self
    }

    /// Chooses the figure that the labels allow. Without this it is that of people alone.
    fn choose_headline(
        &mut self,
        items: &[Judgement],
        sampling: &Sampling,
        confidence: Confidence,
    ) -> Result<(), StatisticsError> {
        let has_clusters = items.iter().any(|item| item.cluster.is_some());
        let differs_rarely =
            self.judge.as_ref().is_some_and(|judge| judge.disagreements < FEWEST_DISAGREEMENTS);
        self.status = if self.labelled == self.answers {
            CorrectedStatus::Labelled
        } else if self.labelled < FEWEST_LABELS {
            CorrectedStatus::Uncalibrated
        } else if let (true, false, Some(interval)) = (differs_rarely, has_clusters, self.check) {
            let (n, method) = (self.labelled, Method::LangReiczigel);
            self.headline = Some(Estimate { interval, n, clusters: None, method });
            CorrectedStatus::RarelyDiffer
        } else if differs_rarely && !has_clusters && matches!(sampling, Sampling::Alike) {
            CorrectedStatus::ErrorRatesUnknown
        } else if differs_rarely && !matches!(sampling, Sampling::Strata(_)) {
            // What was not seen is allowed for in strata alone.
            CorrectedStatus::RarelyDifferAlone
        } else {
            let corrected = sampling.corrected(items, confidence)?;
            (self.headline, self.trust) = (Some(corrected.estimate), Some(corrected.trust));
            CorrectedStatus::Corrected
        };
        Ok(())
    }
}

/// The labels as numbers. A judge that failed is given its own mean: correction holds for any judge, and
/// leaving the answers out would not.
fn judgements(labels: &[Label]) -> Vec<Judgement> {
    let judged: Vec<f64> = labels.iter().filter_map(|label| label.judge).collect();
    let mean = judged.iter().sum::<f64>() / (judged.len() as f64).max(1.0);
    let mut clusters = BTreeMap::new();
    let judgement = |label: &Label| {
        let cluster = label.cluster.as_ref().map(|name| {
            let next = clusters.len();
            *clusters.entry(name.clone()).or_insert(next)
        });
        Judgement { judge: label.judge.unwrap_or(mean), human: label.human, cluster }
    };
    labels.iter().map(judgement).collect()
}

/// What the judge says alone, with the interval that would be right if it never erred.
fn bare(labels: &[Label], confidence: Confidence) -> Result<Estimate, StatisticsError> {
    estimate(&Observations::alone(labels.iter().filter_map(|label| label.judge))?, confidence)
}

/// How far people agree with each other.
fn between_people(labels: &[Label]) -> Result<Option<Agreement>, StatisticsError> {
    let said = |label: &Label| label.annotators.clone().into_iter().collect();
    of_people(&labels.iter().map(said).collect::<Vec<Vec<(String, String)>>>())
}

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum CorrectedError {
    /// Nobody looked.
    #[error(
        "none of the {answers} answers has a human label, and what a judge says alone is off by nobody knows how much: label at least 50 chosen at random, or ask for the bare rate with --uncorrected"
    )]
    NoLabels {
        /// How many answers there are.
        answers: usize,
    },
    /// The judge failed on everything.
    #[error("the judge said nothing of any answer")]
    NoJudge,
    /// Some answers have a chance of being labelled or a stratum, and others have not.
    #[error("some answers have a `{what}` and others have none: give it for all or for none")]
    SomeHave {
        /// The column.
        what: &'static str,
    },
    /// There is no figure.
    #[error(transparent)]
    Statistics(#[from] StatisticsError),
}
