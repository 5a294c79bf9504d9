//! How well labels were given, in the report of a run: precision, recall and F-scores with their intervals.

use serde_json::Value;

use super::RunReport;
use super::document::{Section, Text};
use super::parts::{figure, span, table};
use super::words::Words;

/// Labels that are shown.
const LABELS: usize = 60;

impl RunReport {
    /// The labels, where answers have any.
    pub(super) fn labels(&self, words: &Words) -> Option<Section> {
        let labels = self.outcome.as_ref()?.result.get("labels")?.as_object()?;
        let columns = ["label", "expected", "precision", "recall", "f1", "f2"];
        let mut rows = table(words, words.say("table_labels"), &columns);
        for (name, label) in labels.iter().take(LABELS) {
            let cells = ["precision", "recall", "f1", "f2"].map(|of| cell(words, label, of));
            let expected = label.get("expected").and_then(Value::as_u64).unwrap_or_default();
            rows.row([Text::theirs(name), expected.into()].into_iter().chain(cells));
        }
        let mut section = Section::new(words.say("labels"));
        section.table(rows);
        if labels.len() > LABELS {
            let (all, shown) = (labels.len(), LABELS);
            section.say(words.with("more_labels", &[("all", &all), ("shown", &shown)]));
        }
        Some(section)
    }
}

/// A figure and its interval; runs of earlier versions have none.
fn cell(words: &Words, label: &Value, name: &str) -> Text {
    let value = label.get(name).and_then(Value::as_f64);
    let end = |end: &str| label.pointer(&format!("/intervals/{name}/{end}"))?.as_f64();
    match (value, end("low").zip(end("high"))) {
        (Some(value), Some((low, high))) => {
            Text::Number(format!("{value:.3} ({})", span(words, low, high).words()))
        }
        (value, _) => figure(value.unwrap_or(f64::NAN)),
    }
}
