//! How well a judge does on the answers that people labelled.

use serde::Serialize;

use super::CorrectedError;
use super::sampling::Sampling;
use crate::agreement::{Agreement, of_two_weighted};
use crate::labels::Label;
use crate::statistics::{Confidence, Interval, JudgeErrors, lang_reiczigel, wilson};

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

/// How the judge did, where all labels are 0 or 1.
pub(super) fn errors(labels: &[Label]) -> Option<JudgeErrors> {
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
pub(super) fn both(labels: &[Label]) -> impl Iterator<Item = (f64, f64)> + '_ {
    labels.iter().filter_map(|label| Some((label.human?, label.judge?)))
}

/// How the judge does. Where some answers were likelier to be labelled than others each stands for as many
/// as it was unlikely to be, or the judge would seem worse for being looked at where it errs.
pub(super) fn quality(
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
pub(super) fn check_of(
    labels: &[Label],
    errors: &JudgeErrors,
    confidence: Confidence,
) -> Option<Interval> {
    let rest = || labels.iter().filter(|label| label.human.is_none()).filter_map(|l| l.judge);
    let count = rest().count();
    let share = rest().sum::<f64>() / count as f64;
    lang_reiczigel(share, count as u64, errors, confidence).ok()
}
