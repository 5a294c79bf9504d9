//! Every sample of a run as a row of CSV, however many there are: they are read again and written as they
//! come. A measurement that is more than one run has a row for each figure instead.

use std::collections::BTreeSet;
use std::io;

use serde_json::Value;

use super::gather::{answer, plain, question};
use super::source::Source;
use super::{ReportError, RunReport};
use crate::evidence::Figure;
use crate::inspect_log::Sample;

/// What a row says of a sample before its scores.
const ASKED: [&str; 8] =
    ["id", "epoch", "cluster", "tags", "error", "seconds", "input_tokens", "output_tokens"];
/// What it says behind them.
const SAID: [&str; 3] = ["question", "answer", "why"];
/// What a row says of a figure.
const FIGURE: [&str; 7] = ["figure", "value", "low", "high", "n", "clusters", "method"];

/// Writes the samples of runs, a row for each time that one was asked, and the figures of what has none.
/// The reports, of the same runs, know which scores there are.
pub fn csv(
    sources: &[Source],
    reports: &[RunReport],
    out: impl io::Write,
) -> Result<(), ReportError> {
    let names: BTreeSet<&String> = reports.iter().flat_map(|report| &report.columns).collect();
    let mut rows = ::csv::Writer::from_writer(out);
    let has_figures = sources.iter().any(|source| !source.has_samples());
    let has_samples = sources.iter().any(Source::has_samples);
    let figures: &[&str] = if has_figures { &FIGURE } else { &[] };
    let mut header = vec!["run".to_owned()];
    if has_samples {
        let scores = names.iter().map(|name| format!("score {name}"));
        header.extend(ASKED.map(str::to_owned).into_iter().chain(scores));
        header.extend(SAID.map(str::to_owned));
    }
    let before_figures = header.len();
    header.extend(figures.iter().map(|name| (*name).to_owned()));
    let mut written = rows.write_record(&header);
    for source in sources {
        source.read(&mut |sample| {
            if written.is_ok() {
                let mut cells = row(&source.name, &sample, &names);
                cells.resize(header.len(), String::new());
                written = rows.write_record(cells);
            }
        })?;
    }
    for report in reports {
        for figure in &report.figures {
            let mut cells = vec![harmless(report.name.clone())];
            cells.resize(before_figures, String::new());
            cells.extend(figure_cells(figure));
            written = written.and_then(|()| rows.write_record(cells));
        }
    }
    written.and_then(|()| rows.flush().map_err(Into::into)).map_err(ReportError::Csv)
}

fn row(run: &str, sample: &Sample, names: &BTreeSet<&String>) -> Vec<String> {
    let text = |key: &str| sample.metadata.get(key).and_then(Value::as_str).unwrap_or_default();
    let tags = sample.metadata.get("tags").and_then(Value::as_array).into_iter().flatten();
    let tags: Vec<&str> = tags.filter_map(Value::as_str).collect();
    let tokens = |of: fn(&crate::inspect_log::Usage) -> u64| -> String {
        let usage = sample.model_usage.values();
        if usage.len() == 0 { String::new() } else { usage.map(of).sum::<u64>().to_string() }
    };
    let seconds = sample.total_time.or(sample.output.time);
    let why = |(name, score): (&String, &crate::inspect_log::Score)| {
        score.explanation.as_ref().map(|why| format!("{name}: {why}"))
    };
    let mut cells = vec![
        run.to_owned(),
        sample.id.to_string(),
        sample.epoch.to_string(),
        text("cluster").to_owned(),
        tags.join(" "),
        sample.error.as_ref().map(|error| error.message.clone()).unwrap_or_default(),
        seconds.map(|seconds| seconds.to_string()).unwrap_or_default(),
        tokens(|usage| usage.input_tokens),
        tokens(|usage| usage.output_tokens),
    ];
    let value = |name: &&String| sample.scores.get(*name).map(|score| plain_exact(&score.value));
    cells.extend(names.iter().map(|name| value(name).unwrap_or_default()));
    cells.push(question(sample));
    cells.push(answer(sample));
    cells.push(sample.scores.iter().filter_map(why).collect::<Vec<_>>().join("; "));
    cells.into_iter().map(harmless).collect()
}

fn figure_cells(figure: &Figure) -> [String; 7] {
    let count = |count: Option<u64>| count.map(|n| n.to_string()).unwrap_or_default();
    let number = |number: Option<f64>| number.map(|one| one.to_string()).unwrap_or_default();
    [
        figure.name.clone(),
        number(Some(figure.value)),
        number(figure.low),
        number(figure.high),
        count(figure.n),
        count(figure.clusters),
        figure.method.clone().unwrap_or_default(),
    ]
    .map(harmless)
}

/// Numbers in full, so that others can count on them.
fn plain_exact(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        other => plain(other),
    }
}

/// A cell that no spreadsheet takes for a formula: those begin with one of these, and are not numbers.
pub(super) fn harmless(cell: String) -> String {
    let is_formula =
        cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if is_formula { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, expected) in [("=1+1", "'=1+1"), ("-0.5", "-0.5"), ("@a", "'@a"), ("a=b", "a=b")]
        {
            assert_eq!(harmless(cell.to_owned()), expected);
        }
    }
}
