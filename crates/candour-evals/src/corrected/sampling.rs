//! How the answers that people labelled were chosen, and what follows from it.

use std::collections::BTreeMap;

use super::CorrectedError;
use crate::labels::Label;
use crate::statistics::{
    Confidence, Estimate, Judged, Judgement, Method, StatisticsError, human_only,
    prediction_powered, prediction_powered_sampled, stratified,
};

/// How the answers that people labelled were chosen.
pub(super) enum Sampling {
    /// All were as likely, or all were labelled.
    Alike,
    /// Each had a chance of its own.
    Chances(Vec<f64>),
    /// At random within each stratum.
    Strata(Vec<usize>),
}

impl Sampling {
    /// As the labels say.
    pub(super) fn of(labels: &[Label]) -> Result<Self, CorrectedError> {
        if labels.iter().all(|label| label.human.is_some()) {
            return Ok(Self::Alike);
        }
        let mut names = BTreeMap::new();
        let strata: Vec<usize> = labels
            .iter()
            .filter_map(|label| label.stratum.as_ref())
            .map(|name| {
                let next = names.len();
                *names.entry(name).or_insert(next)
            })
            .collect();
        let chances: Vec<f64> = labels.iter().filter_map(|label| label.chance).collect();
        // A stratum says more than the chances of its answers do.
        match (strata.len(), chances.len()) {
            (0, 0) => Ok(Self::Alike),
            // A single stratum is all of them.
            (all, _) if all == labels.len() && names.len() == 1 => Ok(Self::Alike),
            (all, _) if all == labels.len() => Ok(Self::Strata(strata)),
            (0, all) if all == labels.len() => Ok(Self::Chances(chances)),
            (0, _) => Err(CorrectedError::SomeHave { what: "chance" }),
            _ => Err(CorrectedError::SomeHave { what: "stratum" }),
        }
    }

    /// For how many answers each stands if it was labelled.
    pub(super) fn weights(&self, labels: &[Label]) -> Vec<f64> {
        match self {
            Self::Alike => vec![1.0; labels.len()],
            Self::Chances(chances) => chances.iter().map(|chance| 1.0 / chance).collect(),
            Self::Strata(strata) => {
                let mut sizes: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
                for (stratum, label) in strata.iter().zip(labels) {
                    let (all, labelled) = sizes.entry(*stratum).or_default();
                    *all += 1.0;
                    *labelled += f64::from(u8::from(label.human.is_some()));
                }
                let weight = |stratum| sizes.get(stratum).map_or(0.0, |(all, some)| all / some);
                strata.iter().map(weight).collect()
            }
        }
    }

    /// What people's labels say alone. Where chances differ each stands for as many answers as it was
    /// unlikely to be chosen (Horvitz and Thompson, 1952).
    pub(super) fn people(
        &self,
        items: &[Judgement],
        confidence: Confidence,
    ) -> Result<Estimate, StatisticsError> {
        match self {
            Self::Alike => human_only(items, confidence),
            Self::Chances(chances) => {
                let found = prediction_powered_sampled(items, chances, Some(0.0), confidence)?;
                Ok(Estimate { method: Method::HorvitzThompson, ..found.estimate })
            }
            Self::Strata(strata) => {
                stratified(items, strata, Some(0.0), confidence).map(|found| found.estimate)
            }
        }
    }

    /// What the judge says, corrected by people's labels.
    pub(super) fn corrected(
        &self,
        items: &[Judgement],
        confidence: Confidence,
    ) -> Result<Judged, StatisticsError> {
        match self {
            Self::Alike => prediction_powered(items, None, confidence),
            Self::Chances(chances) => prediction_powered_sampled(items, chances, None, confidence),
            Self::Strata(strata) => stratified(items, strata, None, confidence),
        }
    }
}
