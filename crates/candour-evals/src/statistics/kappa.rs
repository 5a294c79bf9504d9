//! How far two who label agree beyond chance (Cohen, 1960, 1968).

use std::collections::BTreeSet;

use super::{StatisticsError, at_least};

/// How often the first said one thing and the second another.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// A row for each label of the first, a column for each of the second, in the same order.
    counts: Vec<Vec<f64>>,
}

/// How much a disagreement counts. Labels have an order for all but the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// All alike.
    None,
    /// By how many labels lie between.
    Linear,
    /// By the square of that.
    Quadratic,
}

/// How far two who label agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kappa {
    /// The share of labels that are the same.
    pub agreement: f64,
    /// Agreement beyond chance: 1 is all there can be, 0 is chance. Nothing where both give one label to
    /// everything, for then chance cannot be told from agreement.
    pub kappa: Option<f64>,
    /// Its standard error (Fleiss, Cohen and Everitt, 1969).
    pub standard_error: Option<f64>,
}

impl Table {
    /// The table of pairs of labels, which are ordered as they compare.
    pub fn of<L: Ord>(pairs: &[(L, L)]) -> Result<Self, StatisticsError> {
        let weighted: Vec<(&L, &L, f64)> =
            pairs.iter().map(|(first, second)| (first, second, 1.0)).collect();
        Self::weighted(&weighted)
    }

    /// The same of pairs of which some stand for more than others. In all they count for as many as they
    /// are worth (Kish, 1965).
    pub fn weighted<L: Ord>(weighted: &[(L, L, f64)]) -> Result<Self, StatisticsError> {
        at_least("labelled items", 1, weighted.len())?;
        let labels: BTreeSet<&L> =
            weighted.iter().flat_map(|(first, second, _)| [first, second]).collect();
        let labels: Vec<&L> = labels.into_iter().collect();
        let mut counts = vec![vec![0.0; labels.len()]; labels.len()];
        let place = |label: &L| labels.binary_search(&label).unwrap_or_default();
        let all: f64 = weighted.iter().map(|(.., weight)| weight).sum();
        let squares: f64 = weighted.iter().map(|(.., weight)| weight.powi(2)).sum();
        for (first, second, weight) in weighted {
            counts[place(first)][place(second)] += weight * all / squares;
        }
        Ok(Self { counts })
    }

    /// The counts: a row for each label of the first, a column for each of the second.
    pub fn counts(&self) -> &[Vec<f64>] {
        &self.counts
    }

    /// Agreement and kappa.
    pub fn kappa(&self, weights: Weights) -> Kappa {
        let size = self.counts.len();
        let n = self.counts.iter().flatten().sum::<f64>();
        let share = |row: usize, column: usize| self.counts[row][column] / n;
        let rows: Vec<f64> = (0..size).map(|i| (0..size).map(|j| share(i, j)).sum()).collect();
        let columns: Vec<f64> = (0..size).map(|j| (0..size).map(|i| share(i, j)).sum()).collect();
        let weight = |i: usize, j: usize| weights.agreement(i, j, size);
        let cells = || (0..size).flat_map(|i| (0..size).map(move |j| (i, j)));
        let observed: f64 = cells().map(|(i, j)| weight(i, j) * share(i, j)).sum();
        let expected: f64 = cells().map(|(i, j)| weight(i, j) * rows[i] * columns[j]).sum();
        let agreement = (0..size).map(|i| share(i, i)).sum();
        if expected >= 1.0 - 1e-12 {
            return Kappa { agreement, kappa: None, standard_error: None };
        }
        let kappa = (observed - expected) / (1.0 - expected);
        let of_row = |i: usize| (0..size).map(|j| weight(i, j) * columns[j]).sum::<f64>();
        let of_column = |j: usize| (0..size).map(|i| weight(i, j) * rows[i]).sum::<f64>();
        let squares: f64 = cells()
            .map(|(i, j)| {
                let term = weight(i, j) - (of_row(i) + of_column(j)) * (1.0 - kappa);
                share(i, j) * term.powi(2)
            })
            .sum();
        let variance =
            (squares - (kappa - expected * (1.0 - kappa)).powi(2)) / (n * (1.0 - expected).powi(2));
        let standard_error = Some(variance.max(0.0).sqrt());
        Kappa { agreement, kappa: Some(kappa), standard_error }
    }
}

impl Weights {
    /// How much two labels agree: 1 where they are the same, 0 where they lie furthest apart.
    fn agreement(self, first: usize, second: usize, labels: usize) -> f64 {
        let apart = first.abs_diff(second) as f64 / (labels as f64 - 1.0).max(1.0);
        match self {
            Self::None => f64::from(u8::from(first == second)),
            Self::Linear => 1.0 - apart,
            Self::Quadratic => 1.0 - apart.powi(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_label_for_everything_has_no_kappa() {
        let found = Table::of(&[("a", "a"), ("a", "a")]).unwrap().kappa(Weights::None);
        assert_eq!(found, Kappa { agreement: 1.0, kappa: None, standard_error: None });
        assert!(Table::of::<u8>(&[]).is_err());
    }

    #[test]
    fn a_pair_that_stands_for_two_counts_as_two() {
        let twice = [(0, 0), (0, 0), (0, 1), (1, 1), (1, 0), (1, 0)];
        let once = [(0, 0, 2.0), (0, 1, 1.0), (1, 1, 1.0), (1, 0, 2.0)];
        let (twice, once) = (Table::of(&twice).unwrap(), Table::weighted(&once).unwrap());
        let (twice, once) = (twice.kappa(Weights::None), once.kappa(Weights::None));
        assert!((twice.kappa.unwrap() - once.kappa.unwrap()).abs() < 1e-12);
        assert!(once.standard_error > twice.standard_error, "four labels say less than six");
    }

    #[test]
    fn those_who_agree_agree_and_chance_is_none() {
        let found = Table::of(&[(0, 0), (1, 1), (2, 2)]).unwrap().kappa(Weights::Quadratic);
        assert_eq!((found.kappa, found.standard_error), (Some(1.0), Some(0.0)));
        let chance = Table::of(&[(0, 0), (0, 1), (1, 0), (1, 1)]).unwrap().kappa(Weights::None);
        assert_eq!((chance.agreement, chance.kappa), (0.5, Some(0.0)));
        let apart = Table::of(&[(0, 1), (1, 0)]).unwrap().kappa(Weights::None);
        assert_eq!(apart.kappa, Some(-1.0));
    }
}
