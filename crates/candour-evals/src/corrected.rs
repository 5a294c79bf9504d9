//! What can be said of a rate that a model judged: corrected by the labels of people, with what has to
//! be known of the judge beside it. A bare judge rate is given only to those who ask for it by name.

mod sampling;

use std::collections::BTreeMap;

use serde::Serialize;

use self::sampling::Sampling;
use crate::agreement::{Agreement, alpha_of_two, of_people, of_two_weighted};
use crate::labels::Label;
use crate::statistics::{
    Confidence, Estimate, Interval, JudgeErrors, Judgement, Method, Observations, StatisticsError,
    estimate, lang_reiczigel, wilson,
};

/// Below so many human labels nothing is corrected.
const FEWEST_LABELS: usize = 50;
/// Below so many disagreements with people the spread of a judge's errors is not known, and the interval
/// that needs it is too narrow. See the simulation of a judge that rarely errs.
const FEWEST_DISAGREEMENTS: u64 = 5;

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
    /// How far the judge agrees with people on the answers that they labelled, by Krippendorff's alpha,
    /// which takes grades too. Left out where some answers were likelier to be labelled than others.
    pub alpha: Option<Interval>,
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
    /// There are too few labels: the figure is that of people alone.
    Uncalibrated,
    /// Everything is labelled: the figure is that of people alone, and needs no judge.
    Labelled,
    /// There is no label, and the bare figure was asked for.
    Uncorrected,
    /// There is no judge: the figure is that of people alone.
    Unjudged,
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
    let mut found = Corrected {
        status: CorrectedStatus::Uncorrected,
        headline: people,
        trust: None,
        check: check.and_then(|errors| check_of(labels, &errors, confidence)),
        people,
        uncorrected: uncorrected.then(|| bare(labels, confidence)).transpose()?,
        answers: items.len(),
        labelled,
        judge_failures: labels.iter().filter(|label| is_judged && label.judge.is_none()).count(),
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

/// How the judge does. Where some answers were likelier to be labelled than others each stands for as many
/// as it was unlikely to be, or the judge would seem worse for being looked at where it errs.
fn quality(
    labels: &[Label],
    sampling: &Sampling,
    errors: &JudgeErrors,
    confidence: Confidence,
) -> Result<JudgeQuality, CorrectedError> {
    let weights = sampling.weights(labels);
    let said = labels
        .iter()
        .zip(weights)
        .filter_map(|(label, weight)| Some((label.human? > 0.5, label.judge? > 0.5, weight)));
    let said: Vec<(bool, bool, f64)> = said.collect();
    let share = |of: bool| {
        let (mut hits, mut all, mut squares) = (0.0, 0.0, 0.0);
        for (_, judge, weight) in said.iter().filter(|(human, ..)| *human == of) {
            hits += f64::from(u8::from(*judge == of)) * weight;
            all += weight;
            squares += weight.powi(2);
        }
        // As many labels as the weighted ones are worth (Kish, 1965).
        let worth = if squares > 0.0 { all * all / squares } else { 0.0 };
        (worth > 0.0).then(|| wilson(hits / all * worth, worth, confidence)).transpose()
    };
    Ok(JudgeQuality {
        sensitivity: share(true)?,
        specificity: share(false)?,
        disagreements: errors.disagreements(),
        agreement: of_two_weighted(&said)?,
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
    let said = |label: &Label| label.annotators.iter().cloned().enumerate().collect();
    of_people(&labels.iter().map(said).collect::<Vec<Vec<(usize, String)>>>())
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
                metric: None,
                judge: Some(judge),
                human: (at % nth < 2).then_some(human),
                cluster: None,
                chance: None,
                stratum: None,
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

    /// A spread of errors that was hardly seen makes no interval narrow, whatever else is known.
    #[test]
    fn rare_disagreements_leave_people_alone_in_clusters_and_with_chances() {
        let mut perfect = labels(1000, 10);
        for (at, label) in perfect.iter_mut().enumerate() {
            label.judge = Some(f64::from(u8::from(at % 2 == 0)));
            label.cluster = Some((at / 5).to_string());
        }
        let found = correct(&perfect, false, Confidence::P95).unwrap();
        assert_eq!(found.status, CorrectedStatus::RarelyDifferAlone);
        assert!(found.alpha.is_some() && found.headline == found.people);
        for label in &mut perfect {
            (label.cluster, label.chance) = (None, Some(0.2));
        }
        let found = correct(&perfect, false, Confidence::P95).unwrap();
        assert_eq!(found.status, CorrectedStatus::RarelyDifferAlone);
        assert!(found.alpha.is_none() && found.headline == found.people && found.trust.is_none());
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
        let found = correct(&some, false, Confidence::P95).unwrap();
        assert_eq!((found.status, found.judge_failures), (CorrectedStatus::Unjudged, 0));
        assert_eq!(found.headline, found.people);
    }

    /// The judge misses every seventh of what people find, and people look at all that it leaves but at
    /// few of the rest: what it misses must not count for more than it is.
    #[test]
    fn labels_by_strata_stand_for_what_was_left() {
        let mut planned = labels(1400, 1);
        for (at, label) in planned.iter_mut().enumerate() {
            let is_found = label.judge > Some(0.5);
            label.stratum = Some(if is_found { "found" } else { "left" }.to_owned());
            label.human =
                Some(f64::from(u8::from(at % 2 == 0))).filter(|_| !is_found || at % 10 == 0);
        }
        let found = correct(&planned, false, Confidence::P95).unwrap();
        let (headline, judge) = (found.headline.unwrap(), found.judge.unwrap());
        assert_eq!(
            (found.status, headline.method),
            (CorrectedStatus::Corrected, Method::Stratified)
        );
        assert!((headline.interval.value - 0.5).abs() < 1e-12 && headline.interval.width() < 0.06);
        assert!((judge.sensitivity.unwrap().value - 6.0 / 7.0).abs() < 1e-12);
        assert!((judge.agreement.share - 13.0 / 14.0).abs() < 1e-12);
        planned[3].stratum = None;
        let error = correct(&planned, false, Confidence::P95).unwrap_err();
        assert!(error.to_string().contains("`stratum`"), "{error}");
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
        assert!(matches!(
            correct(&said, false, Confidence::P95),
            Err(CorrectedError::SomeHave { .. })
        ));
    }
}
