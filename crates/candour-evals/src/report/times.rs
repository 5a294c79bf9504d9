//! How long answers took: a few quantiles, and how many took about how long.

use serde::Serialize;

use super::chart::{Chart, Drawing};
use super::document::{Block, Section, Text};
use super::parts::table;
use super::words::Words;
use crate::statistics::quantile;

/// How long answers took, in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Times {
    /// How many are known.
    pub n: usize,
    /// The shortest.
    pub least: f64,
    /// Half took no longer.
    pub median: f64,
    /// 95 of 100 took no longer.
    pub p95: f64,
    /// 99 of 100 took no longer.
    pub p99: f64,
    /// The longest.
    pub most: f64,
    /// How many took about how long, in steps of 1, 2, 5, 10 and so on.
    pub bins: Vec<Bin>,
}

/// Answers that took about as long.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// At least so many seconds.
    pub from: f64,
    /// Less than so many.
    pub to: f64,
    /// How many.
    pub count: u64,
}

impl Times {
    /// What is known of these seconds; nothing where there are none.
    pub(super) fn of(mut seconds: Vec<f32>) -> Option<Self> {
        seconds.sort_by(f32::total_cmp);
        let sorted: Vec<f64> = seconds.into_iter().map(f64::from).collect();
        let (least, most) = (*sorted.first()?, *sorted.last()?);
        let at = |share| quantile(&sorted, share);
        let (median, p95, p99) = (at(0.5)?, at(0.95)?, at(0.99)?);
        Some(Self { n: sorted.len(), least, median, p95, p99, most, bins: bins(&sorted) })
    }
}

/// From the step below the shortest to the one above the longest.
fn bins(sorted: &[f64]) -> Vec<Bin> {
    let mut bins = Vec::new();
    let mut rest = sorted;
    let mut from = 0.0;
    for exponent in -4..7 {
        for step in [1.0, 2.0, 5.0] {
            let to = step * 10.0_f64.powi(exponent);
            let count = rest.partition_point(|seconds| *seconds < to);
            rest = &rest[count..];
            if count > 0 || (!bins.is_empty() && !rest.is_empty()) {
                bins.push(Bin { from, to, count: count as u64 });
            }
            from = to;
        }
    }
    bins
}

/// Shows how long answers took.
pub(super) fn add_times(words: &Words, times: &Times, section: &mut Section) {
    let named = |bin: &Bin| format!("{} – {}", time(words, bin.from), time(words, bin.to));
    section.blocks.push(Block::Chart(Chart {
        title: words.say("chart_times"),
        description: words.say("chart_times_description"),
        drawing: Drawing::Bars(times.bins.iter().map(|bin| (named(bin), bin.count)).collect()),
    }));
    let mut bins = table(words, words.say("table_bins"), &["time", "answers"]);
    for bin in &times.bins {
        bins.row([named(bin).into(), bin.count.into()]);
    }
    section.table(bins);
    let caption = words.with("table_quantiles", &[("n", &times.n)]);
    let mut quantiles = table(words, caption, &["quantile", "no_longer"]);
    let rows = [
        ("quantile_least", times.least),
        ("quantile_median", times.median),
        ("quantile_p95", times.p95),
        ("quantile_p99", times.p99),
        ("quantile_most", times.most),
    ];
    for (name, seconds) in rows {
        quantiles.row([words.say(name).into(), Text::Number(time(words, seconds))]);
    }
    section.table(quantiles);
}

fn time(words: &Words, seconds: f64) -> String {
    let (name, value) =
        if seconds < 1.0 { ("milliseconds", seconds * 1000.0) } else { ("seconds", seconds) };
    let shown = if value < 10.0 { format!("{value:.1}") } else { format!("{value:.0}") };
    words.with(name, &[("n", &shown.trim_end_matches(".0"))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_fall_into_round_steps() {
        let found = Times::of(vec![0.3, 0.012, 0.018, 0.25]).unwrap();
        assert_eq!((found.n, found.bins.len()), (4, 5));
        let counts: Vec<u64> = found.bins.iter().map(|bin| bin.count).collect();
        assert_eq!(counts, [2, 0, 0, 0, 2]);
        assert!(
            (found.bins[0].from - 0.01).abs() < 1e-12 && (found.bins[4].to - 0.5).abs() < 1e-12
        );
        assert_eq!(Times::of(Vec::new()), None);
    }
}
