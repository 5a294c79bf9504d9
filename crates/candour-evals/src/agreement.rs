//! How far labels agree: those of two or more people with each other, or those of people with a judge's.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::statistics::{
    Confidence, Interval, NoInterval, ROUNDING, Rate, Scale, StatisticsError, Table, Weights,
    alpha_interval, wilson,
};

/// What the interval of alpha is drawn from; any other number would do as well.
const SEED: u64 = 20_261_125;

/// How far labels agree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Agreement {
    /// How many answers have more than one label.
    pub n: usize,
    /// The share of them on which all labels are the same.
    pub share: f64,
    /// Cohen's kappa where it is the same two who label; of more than two people there is none.
    pub kappa: Option<f64>,
    /// Its standard error; none where every answer says the same of it, as where they agree on all.
    pub standard_error: Option<f64>,
    /// Why kappa has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<NoInterval>,
    /// Krippendorff's alpha, of people only.
    pub alpha: Option<Rate>,
}

impl Agreement {
    /// The share with its interval.
    pub fn share_interval(&self, confidence: Confidence) -> Result<Interval, StatisticsError> {
        let n = self.n as f64;
        wilson(self.share * n, n, confidence)
    }

    /// Kappa with its interval; nothing where the labels are too alike to tell how sure it is.
    pub fn kappa_interval(&self, confidence: Confidence) -> Option<Interval> {
        let half = confidence.z() * self.standard_error?;
        let Interval { value, low, high } = Interval::around(self.kappa?, half);
        Some(Interval { value, low: low.max(-1.0), high: high.min(1.0) })
    }
}

/// How far two who labelled the same things agree.
fn of_two<L: Ord>(pairs: &[(L, L)]) -> Result<Agreement, StatisticsError> {
    Table::of(pairs).map(|table| of_table(&table, pairs.len()))
}

/// The same where each thing stands for as many as its weight says.
pub(crate) fn of_two_weighted<L: Ord>(
    weighted: &[(L, L, f64)],
) -> Result<Agreement, StatisticsError> {
    Table::weighted(weighted).map(|table| of_table(&table, weighted.len()))
}

fn of_table(table: &Table, n: usize) -> Agreement {
    let found = table.kappa(Weights::None);
    let kappa = found.kappa;
    let standard_error = found.standard_error.filter(|error| *error > ROUNDING);
    let note = (kappa.is_some() && standard_error.is_none()).then_some(NoInterval::AllAlike);
    Agreement { n, share: found.agreement, kappa, standard_error, note, alpha: None }
}

/// How far two agree by alpha, of values whose distances mean something; nothing of no values.
pub(crate) fn alpha_of_two(pairs: &[(f64, f64)]) -> Result<Option<Rate>, StatisticsError> {
    let units: Vec<Vec<f64>> = pairs.iter().map(|(one, other)| vec![*one, *other]).collect();
    if units.is_empty() {
        Ok(None)
    } else {
        alpha_interval(&units, Scale::Interval, SEED).map(Some)
    }
}

/// How far people agree with each other; nothing where no answer has two labels. Each unit is what was said
/// of one answer, by whom.
pub fn of_people<P: Ord + Clone>(
    units: &[Vec<(P, String)>],
) -> Result<Option<Agreement>, StatisticsError> {
    let said: Vec<&[(P, String)]> =
        units.iter().map(|unit| &**unit).filter(|unit| unit.len() > 1).collect();
    if said.is_empty() {
        return Ok(None);
    }
    // By the words alone, so that the same labels in another order are the same numbers.
    let labels: BTreeSet<&String> =
        said.iter().copied().flatten().map(|(_, label)| label).collect();
    let numbers: BTreeMap<&String, f64> = labels.into_iter().zip((0..).map(f64::from)).collect();
    let number = |label: &String| numbers.get(label).copied().unwrap_or_default();
    let numbered: Vec<Vec<f64>> =
        said.iter().map(|unit| unit.iter().map(|(_, label)| number(label)).collect()).collect();
    let alpha = Some(alpha_interval(&numbered, Scale::Nominal, SEED)?);
    let people: BTreeSet<&P> = said.iter().copied().flatten().map(|(person, _)| person).collect();
    if people.len() == 2 {
        let pairs: Vec<(&String, &String)> =
            said.iter().filter_map(|unit| in_order(unit)).collect();
        return Ok(Some(Agreement { alpha, ..of_two(&pairs)? }));
    }
    let alike = said.iter().filter(|unit| unit.windows(2).all(|pair| pair[0].1 == pair[1].1));
    let share = alike.count() as f64 / said.len() as f64;
    let n = said.len();
    Ok(Some(Agreement { n, share, kappa: None, standard_error: None, note: None, alpha }))
}

/// What two people said, always the same one first.
fn in_order<P: Ord>(unit: &[(P, String)]) -> Option<(&String, &String)> {
    let [(first, one), (second, other)] = unit else { return None };
    Some(if first < second { (one, other) } else { (other, one) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(said: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        said.iter().map(|(person, label)| (*person, (*label).to_owned())).collect()
    }

    #[test]
    fn two_people_have_a_kappa_and_more_have_an_alpha() {
        let mut units: Vec<_> = (0..20)
            .map(|at| {
                let label = ["right", "wrong"][at % 2];
                let other = if at == 0 { "wrong" } else { label };
                if at % 3 == 0 {
                    unit(&[("b", other), ("a", label)])
                } else {
                    unit(&[("a", label), ("b", other)])
                }
            })
            .collect();
        units.push(unit(&[("a", "right")]));
        let found = of_people(&units).unwrap().unwrap();
        assert_eq!((found.n, found.share), (20, 0.95));
        assert!((found.kappa.unwrap() - 0.9).abs() < 1e-12);
        let (share, kappa) =
            (found.share_interval(Confidence::P95), found.kappa_interval(Confidence::P95));
        assert!(share.unwrap().holds(0.95) && kappa.unwrap().high <= 1.0);
        units.push(unit(&[("a", "right"), ("c", "wrong")]));
        let found = of_people(&units).unwrap().unwrap();
        assert_eq!((found.n, found.kappa), (21, None));
        assert!(found.alpha.unwrap().interval().unwrap().holds(0.8));
        assert_eq!(of_people(&units[20..21]), Ok(None));
    }

    /// The page of a review and the table that it exports name people and order answers in ways of their own.
    #[test]
    fn the_same_labels_in_another_order_are_as_sure() {
        let words = ["wrong", "right", "partly"];
        let units: Vec<_> = (0..40)
            .map(|at: usize| {
                let other = if at.is_multiple_of(5) { at + 1 } else { at };
                unit(&[("ann", words[at % 3]), ("bob", words[other % 3])])
            })
            .collect();
        let mut turned = units.clone();
        turned.reverse();
        for unit in &mut turned {
            unit.reverse();
            for (person, _) in unit {
                *person = if *person == "ann" { "annotator_2" } else { "annotator_1" };
            }
        }
        let found = of_people(&units).unwrap().unwrap();
        assert!(found.alpha.unwrap().interval().unwrap().width() > 0.05);
        assert_eq!(of_people(&turned).unwrap().unwrap(), found);
    }

    #[test]
    fn those_who_agree_on_everything_have_no_interval() {
        let units = ["right", "wrong", "right"].map(|label| unit(&[("a", label), ("b", label)]));
        let found = of_people(&units).unwrap().unwrap();
        assert_eq!((found.kappa, found.standard_error), (Some(1.0), None));
        assert_eq!(
            (found.note, found.kappa_interval(Confidence::P95)),
            (Some(NoInterval::AllAlike), None)
        );
        assert_eq!(found.alpha.unwrap().note, Some(NoInterval::AllAlike));
    }
}
