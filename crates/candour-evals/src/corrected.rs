//! What can be said of a rate that a model judged: corrected by the labels of people, with what has to
//! be known of the judge beside it. A bare judge rate is given only to those who ask for it by name.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::labels::Label;
use crate::statistics::{
    Confidence, Estimate, Interval, JudgeErrors, Judgement, Method, Observations, Scale,
    StatisticsError, Table, Weights, alpha_interval, estimate, human_only, lang_reiczigel,
    prediction_powered, prediction_powered_sampled, wilson,
};

/// Below so many human labels nothing is corrected.
const FEWEST_LABELS: usize = 50;
/// Below so many disagreements with people the spread of a judge's errors is not known, and the interval
/// that needs it is too narrow. See the simulation of a judge that rarely errs.
const FEWEST_DISAGREEMENTS: u64 = 5;
/// What the interval of alpha is drawn from; any other number would do as well.
const SEED: u64 = 20_261_125;

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
    /// Those on which the judge failed. They count as what it says on average, which correction allows.
    pub judge_failures: usize,
    /// How the judge does, where right and wrong are all there is.
    pub judge: Option<JudgeQuality>,
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
    /// There are too few labels: the figure is that of people alone.
    Uncalibrated,
    /// Everything is labelled: the figure is that of people alone, and needs no judge.
    Labelled,
    /// There is no label, and the bare figure was asked for.
    Uncorrected,
}

/// How a judge does on the answers that people labelled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JudgeQuality {
    /// The share of human positives that it finds.
    pub sensitivity: Option<Interval>,
    /// The share of human negatives that it leaves.
    pub specificity: Option<Interval>,
    /// How often it differs from people.
    pub disagreements: u64,
    /// How far it agrees with people.
    pub agreement: Agreement,
}

/// How far labels agree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Agreement {
    /// How many answers both labelled.
    pub n: usize,
    /// The share of labels that are the same.
    pub share: f64,
    /// Cohen's kappa of the two; of more than two people there is none.
    pub kappa: Option<f64>,
    /// Its standard error.
    pub standard_error: Option<f64>,
    /// Krippendorff's alpha, of people only.
    pub alpha: Option<Interval>,
}

/// What can be said of these labels. The bare judge rate is given where `uncorrected` asks for it.
pub fn correct(
    labels: &[Label],
    uncorrected: bool,
    confidence: Confidence,
) -> Result<Corrected, CorrectedError> {
    let items = judgements(labels)?;
    let labelled = items.iter().filter(|item| item.human.is_some()).count();
    if labelled == 0 && !uncorrected {
        return Err(CorrectedError::NoLabels { answers: items.len() });
    }
    let chances = chances(labels)?;
    let errors = errors(labels);
    let people = match &chances {
        _ if labelled == 0 => None,
        Some(chances) => Some(weighted(&items, chances, confidence)?),
        None => Some(human_only(&items, confidence)?),
    };
    let check = errors.filter(|_| chances.is_none());
    let mut found = Corrected {
        status: CorrectedStatus::Uncorrected,
        headline: people,
        trust: None,
        check: check.and_then(|errors| check_of(labels, &errors, confidence)),
        people,
        uncorrected: uncorrected.then(|| bare(labels, confidence)).transpose()?,
        answers: items.len(),
        labelled,
        judge_failures: labels.iter().filter(|label| label.judge.is_none()).count(),
        judge: errors.map(|errors| quality(labels, &errors, confidence)).transpose()?,
        between_people: between_people(labels)?,
    };
    if labelled > 0 {
        found.choose_headline(&items, chances.as_deref(), confidence)?;
    }
    Ok(found)
}

impl Corrected {
    /// Chooses the figure that the labels allow. Without this it is that of people alone.
    fn choose_headline(
        &mut self,
        items: &[Judgement],
        chances: Option<&[f64]>,
        confidence: Confidence,
    ) -> Result<(), StatisticsError> {
        let has_clusters = items.iter().any(|item| item.cluster.is_some());
        let differs_rarely =
            self.judge.as_ref().is_some_and(|judge| judge.disagreements < FEWEST_DISAGREEMENTS);
        self.status = if self.labelled == self.answers {
            CorrectedStatus::Labelled
        } else if self.labelled < FEWEST_LABELS {
            CorrectedStatus::Uncalibrated
        } else if let (true, Some(interval)) = (differs_rarely && !has_clusters, self.check) {
            let (n, method) = (self.labelled, Method::LangReiczigel);
            self.headline = Some(Estimate { interval, n, clusters: None, method });
            CorrectedStatus::RarelyDiffer
        } else {
            let corrected = match chances {
                Some(chances) => prediction_powered_sampled(items, chances, None, confidence)?,
                None => prediction_powered(items, None, confidence)?,
            };
            (self.headline, self.trust) = (Some(corrected.estimate), Some(corrected.trust));
            CorrectedStatus::Corrected
        };
        Ok(())
    }
}

/// The labels as numbers. A judge that failed is given its own mean: correction holds for any judge, and
/// leaving the answers out would not.
fn judgements(labels: &[Label]) -> Result<Vec<Judgement>, CorrectedError> {
    let judged: Vec<f64> = labels.iter().filter_map(|label| label.judge).collect();
    if judged.is_empty() {
        return Err(CorrectedError::NoJudge);
    }
    let mean = judged.iter().sum::<f64>() / judged.len() as f64;
    let mut clusters = BTreeMap::new();
    let judgement = |label: &Label| {
        let cluster = label.cluster.as_ref().map(|name| {
            let next = clusters.len();
            *clusters.entry(name.clone()).or_insert(next)
        });
        Judgement { judge: label.judge.unwrap_or(mean), human: label.human, cluster }
    };
    Ok(labels.iter().map(judgement).collect())
}

/// What the human labels say alone, each standing for as many answers as it was unlikely to be chosen
/// (Horvitz and Thompson, 1952).
fn weighted(
    items: &[Judgement],
    chances: &[f64],
    confidence: Confidence,
) -> Result<Estimate, StatisticsError> {
    let found = prediction_powered_sampled(items, chances, Some(0.0), confidence)?;
    Ok(Estimate { method: Method::HorvitzThompson, ..found.estimate })
}

/// The chance that each answer had of being labelled, where any is given.
fn chances(labels: &[Label]) -> Result<Option<Vec<f64>>, CorrectedError> {
    let given: Vec<f64> = labels.iter().filter_map(|label| label.chance).collect();
    match given.len() {
        0 => Ok(None),
        all if all == labels.len() => Ok(Some(given)),
        _ => Err(CorrectedError::SomeChances),
    }
}

/// How the judge did, where all labels are 0 or 1.
fn errors(labels: &[Label]) -> Option<JudgeErrors> {
    let is_binary = |value: f64| [0.0, 1.0].contains(&value);
    let all = labels.iter().flat_map(|label| [label.judge, label.human]).flatten();
    if !{ all }.all(is_binary) {
        return None;
    }
    let mut errors = JudgeErrors::default();
    for (human, judge) in both(labels) {
        let count = match (human > 0.5, judge > 0.5) {
            (true, true) => &mut errors.true_positives,
            (true, false) => &mut errors.false_negatives,
            (false, false) => &mut errors.true_negatives,
            (false, true) => &mut errors.false_positives,
        };
        *count += 1;
    }
    (errors.positives() + errors.negatives() > 0).then_some(errors)
}

/// What people and the judge say where both do.
fn both(labels: &[Label]) -> impl Iterator<Item = (f64, f64)> + '_ {
    labels.iter().filter_map(|label| Some((label.human?, label.judge?)))
}

fn quality(
    labels: &[Label],
    errors: &JudgeErrors,
    confidence: Confidence,
) -> Result<JudgeQuality, CorrectedError> {
    let share = |count: u64, of: u64| match of {
        0 => Ok(None),
        of => wilson(count as f64, of as f64, confidence).map(Some),
    };
    let pairs: Vec<(bool, bool)> =
        both(labels).map(|(human, judge)| (human > 0.5, judge > 0.5)).collect();
    Ok(JudgeQuality {
        sensitivity: share(errors.true_positives, errors.positives())?,
        specificity: share(errors.true_negatives, errors.negatives())?,
        disagreements: errors.disagreements(),
        agreement: agreement(&pairs)?,
    })
}

fn agreement<L: Ord>(pairs: &[(L, L)]) -> Result<Agreement, StatisticsError> {
    let found = Table::of(pairs)?.kappa(Weights::None);
    Ok(Agreement {
        n: pairs.len(),
        share: found.agreement,
        kappa: found.kappa,
        standard_error: found.standard_error,
        alpha: None,
    })
}

/// The check, where the judge is better than chance. It takes no account of clusters, and
/// needs labels that were all as likely.
fn check_of(labels: &[Label], errors: &JudgeErrors, confidence: Confidence) -> Option<Interval> {
    let rest = || labels.iter().filter(|label| label.human.is_none()).filter_map(|l| l.judge);
    let count = rest().count();
    let share = rest().sum::<f64>() / count as f64;
    lang_reiczigel(share, count as u64, errors, confidence).ok()
}

/// What the judge says alone, with the interval that would be right if it never erred.
fn bare(labels: &[Label], confidence: Confidence) -> Result<Estimate, StatisticsError> {
    estimate(&Observations::alone(labels.iter().filter_map(|label| label.judge))?, confidence)
}

/// How far people agree with each other.
fn between_people(labels: &[Label]) -> Result<Option<Agreement>, StatisticsError> {
    let said: Vec<&[String]> =
        labels.iter().map(|label| &*label.annotators).filter(|said| said.len() > 1).collect();
    if said.is_empty() {
        return Ok(None);
    }
    let mut numbers = BTreeMap::new();
    let units: Vec<Vec<f64>> = said
        .iter()
        .map(|said| {
            let number = |label: &String| {
                let next = numbers.len() as f64;
                *numbers.entry(label.clone()).or_insert(next)
            };
            said.iter().map(number).collect()
        })
        .collect();
    let alpha = Some(alpha_interval(&units, Scale::Nominal, SEED)?);
    let pairs: Vec<(&String, &String)> =
        said.iter().filter_map(|said| said.first().zip(said.get(1))).collect();
    let alike = said.iter().filter(|said| said.windows(2).all(|pair| pair[0] == pair[1])).count();
    let two = said.iter().all(|said| said.len() == 2);
    let found = agreement(&pairs)?;
    Ok(Some(if two {
        Agreement { alpha, ..found }
    } else {
        let share = alike as f64 / said.len() as f64;
        Agreement { n: said.len(), share, kappa: None, standard_error: None, alpha }
    }))
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
    #[error("the judge said nothing of any answer: give the column `judge`")]
    NoJudge,
    /// Some answers have a chance of being labelled and others have not.
    #[error(
        "some answers have a `chance` of being labelled and others have none: give it for all or for none"
    )]
    SomeChances,
    /// There is no figure.
    #[error(transparent)]
    Statistics(#[from] StatisticsError),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers of which every `nth` is labelled; the judge misses every seventh that people find.
    fn labels(count: usize, nth: usize) -> Vec<Label> {
        let label = |at: usize| {
            let human = f64::from(u8::from(at.is_multiple_of(2)));
            let judge = if at.is_multiple_of(14) { 0.0 } else { human };
            Label {
                id: at.to_string(),
                judge: Some(judge),
                human: (at % nth < 2).then_some(human),
                cluster: None,
                chance: None,
                annotators: Vec::new(),
            }
        };
        (0..count).map(label).collect()
    }

    fn status(labels: &[Label]) -> CorrectedStatus {
        correct(labels, false, Confidence::P95).unwrap().status
    }

    #[test]
    fn labels_decide_what_can_be_said() {
        assert_eq!(status(&labels(1000, 10)), CorrectedStatus::Corrected);
        assert_eq!(status(&labels(100, 10)), CorrectedStatus::Uncalibrated);
        assert_eq!(status(&labels(100, 2)), CorrectedStatus::Labelled);
        let mut perfect = labels(1000, 10);
        perfect
            .iter_mut()
            .enumerate()
            .for_each(|(at, label)| label.judge = Some(f64::from(u8::from(at % 2 == 0))));
        assert_eq!(status(&perfect), CorrectedStatus::RarelyDiffer);
        let found = correct(&labels(1000, 10), false, Confidence::P95).unwrap();
        let (headline, people) = (found.headline.unwrap(), found.people.unwrap());
        assert!(headline.interval.width() < people.interval.width());
        assert!(headline.interval.holds(0.5) && found.check.unwrap().holds(0.5));
        assert_eq!(found.uncorrected, None);
    }

    #[test]
    fn a_bare_rate_is_given_to_those_alone_who_ask_for_it() {
        let mut bare = labels(100, 10);
        for label in &mut bare {
            label.human = None;
        }
        let error = correct(&bare, false, Confidence::P95).unwrap_err();
        insta::assert_snapshot!(error, @"none of the 100 answers has a human label, and what a judge says alone is off by nobody knows how much: label at least 50 chosen at random, or ask for the bare rate with --uncorrected");
        let found = correct(&bare, true, Confidence::P95).unwrap();
        assert_eq!((found.status, found.headline), (CorrectedStatus::Uncorrected, None));
        assert!(found.uncorrected.is_some());
    }

    #[test]
    fn a_judge_that_failed_is_not_left_out() {
        let mut some = labels(1000, 10);
        for label in some.iter_mut().step_by(13) {
            label.judge = None;
        }
        let found = correct(&some, false, Confidence::P95).unwrap();
        assert_eq!((found.judge_failures, found.answers, found.labelled), (77, 1000, 200));
        assert!(found.headline.unwrap().interval.holds(0.5));
        for label in &mut some {
            label.judge = None;
        }
        assert!(matches!(correct(&some, true, Confidence::P95), Err(CorrectedError::NoJudge)));
    }

    #[test]
    fn people_are_compared_with_each_other() {
        let mut said = labels(400, 2);
        for (at, label) in said.iter_mut().enumerate() {
            let first = ["yes", "no"][at % 2];
            let second = if at % 10 == 0 { "no" } else { first };
            label.annotators = vec![first.into(), second.into()];
        }
        let found = correct(&said, false, Confidence::P95).unwrap().between_people.unwrap();
        assert!((found.share - 0.9).abs() < 1e-12 && found.kappa.is_some());
        assert!(found.alpha.unwrap().holds(found.kappa.unwrap()));
        said[0].annotators.push("no".into());
        let found = correct(&said, false, Confidence::P95).unwrap().between_people.unwrap();
        assert_eq!(found.kappa, None);
        said[0].chance = Some(0.5);
        said[1].human = None;
        assert!(matches!(correct(&said, false, Confidence::P95), Err(CorrectedError::SomeChances)));
    }
}
