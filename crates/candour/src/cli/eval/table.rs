//! Tables on the terminal: names to the left, figures to the right, columns as wide as they need be.

use std::collections::BTreeMap;
use std::fmt;

use candour_evals::statistics::{Confidence, Interval, Mean, Rate};

/// A table that is filled row by row.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these words above its columns.
    pub(crate) fn new(header: &[&str]) -> Self {
        Self { rows: vec![header.iter().map(ToString::to_string).collect()] }
    }

    /// One more row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The lines of the table. The first column and those of words stand to the left; a column with
    /// nothing in it is left out.
    pub(crate) fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let cells = |at: usize| self.rows.iter().filter_map(move |row| row.get(at));
        let width = |at: usize| cells(at).map(|cell| cell.chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        // The words above a column do not say what is in it.
        let is_figures = |at: usize| {
            let mut filled = cells(at).skip(1).filter(|cell| !cell.is_empty()).peekable();
            at > 0 && filled.peek().is_some() && filled.all(|cell| starts_with_figure(cell))
        };
        let figures: Vec<bool> = (0..columns).map(is_figures).collect();
        let is_filled = |at: usize| cells(at).skip(1).any(|cell| !cell.is_empty());
        let filled: Vec<bool> = (0..columns).map(|at| at == 0 || is_filled(at)).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (at, cell) in row.iter().enumerate().filter(|(at, _)| filled[*at]) {
                let space = " ".repeat(widths[at] - cell.chars().count());
                let gap = if at > 0 { "   " } else { "" };
                let (before, after) = if figures[at] { (&*space, "") } else { ("", &*space) };
                line.extend([gap, before, cell, after]);
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

fn starts_with_figure(cell: &str) -> bool {
    cell.trim_start_matches(['+', '-', '<']).starts_with(|c: char| c.is_ascii_digit())
}

/// What stands where nothing is known.
pub(crate) fn unknown() -> String {
    "-".to_owned()
}

/// A figure as tables show it.
pub(crate) fn figure(value: f64) -> String {
    if value.is_finite() { format!("{value:.3}") } else { unknown() }
}

/// A difference as tables show it.
pub(crate) fn signed(value: f64) -> String {
    if value.is_finite() { format!("{value:+.*}", decimals(value)) } else { unknown() }
}

/// The interval of a difference that may have none.
pub(super) fn interval_of_difference(difference: &Rate) -> String {
    let ends = |found: Interval| {
        let Interval { low, high, .. } = found;
        format!("{low:.*} to {high:.*}", decimals(low), decimals(high))
    };
    difference.interval().map_or_else(unknown, ends)
}

/// How many decimals a difference is shown with. One that would be rounded to zero has as many as it takes
/// to see that it is not: three digits after its zeros.
fn decimals(value: f64) -> usize {
    let is_small = value != 0.0 && value.abs() < 0.0005;
    if is_small { (2.0 - value.abs().log10().floor()).min(15.0) as usize } else { 3 }
}

/// An interval as tables show it.
pub(crate) fn interval(low: f64, high: f64) -> String {
    format!("{low:.3} to {high:.3}")
}

/// The interval of a rate that may have none.
pub(crate) fn interval_of(rate: &Rate) -> String {
    rate.interval().map_or_else(unknown, |found| interval(found.low, found.high))
}

/// The interval of a mean that may have none.
pub(super) fn interval_of_mean(mean: &Mean) -> String {
    mean.ends().map_or_else(unknown, |(low, high)| interval(low, high))
}

/// Lines that say which of these means have no interval, and why: one for each reason.
pub(super) fn means_without_interval<N: fmt::Display>(
    what: &str,
    means: impl IntoIterator<Item = (N, Mean)>,
) -> String {
    let mut named: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, mean) in means {
        if let Some(note) = mean.note {
            named.entry(note.why()).or_default().push(name.to_string());
        }
    }
    let line = |(why, names): (&str, Vec<String>)| {
        format!("{what}{} without an interval: {why}\n", names.join(", "))
    };
    named.into_iter().map(line).collect()
}

/// How the interval of a rate was made.
pub(crate) fn method_of(rate: &Rate) -> String {
    rate.method.map_or_else(unknown, |method| method.name().to_owned())
}

/// A line that says why a rate has no interval; nothing where it has one.
pub(crate) fn no_interval(name: &str, rate: &Rate) -> Option<String> {
    rate.note.map(|note| format!("{name} has no interval: {}\n", note.why()))
}

/// A probability as tables show it.
pub(crate) fn probability(p: f64) -> String {
    if p < 0.0001 { "<0.0001".to_owned() } else { format!("{p:.4}") }
}

/// The words above a column of intervals.
pub(crate) fn interval_header(confidence: Confidence) -> String {
    // Rounded to where a person's choice of a level ends, so that 0.95 is not 94.99999.
    let percent = (f64::from(confidence) * 1e6).round() / 1e4;
    format!("{percent} % interval")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_that_is_not_zero_does_not_look_like_it() {
        for (value, expected) in [
            (0.0, "+0.000"),
            (-0.25, "-0.250"),
            (0.0005, "+0.001"),
            (-0.000_499, "-0.000499"),
            (0.000_1, "+0.000100"),
            (0.000_012_345, "+0.0000123"),
            (-1e-9, "-0.00000000100"),
            (f64::NAN, "-"),
        ] {
            assert_eq!(signed(value), expected, "{value}");
        }
    }

    #[test]
    fn words_stand_left_and_figures_right() {
        let mut table = Table::new(&["", "mean", "interval", "n", "clusters", "method"]);
        table.row(["tŵr", "0.5", "0.1 to 0.9", "7", "", "t"].map(String::from));
        table.row(["includes", "0.25", "", "1200", "", "Wilson"].map(String::from));
        insta::assert_snapshot!(table.text(), @"
                   mean     interval      n   method
        tŵr         0.5   0.1 to 0.9      7   t
        includes   0.25                1200   Wilson
        ");
    }
}
