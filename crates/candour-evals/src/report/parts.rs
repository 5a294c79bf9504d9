//! The pieces that every report is put together from: its frame, tables by the names of their columns, and
//! how numbers are written.

use super::document::{Block, Document, Section, Table, Text};
use super::words::Words;
use crate::statistics::{Confidence, Interval, Method, NoInterval, Rate};

/// A document around sections, with what every report says.
pub(super) fn frame(
    words: &Words,
    title: String,
    opening: Vec<Block>,
    sections: Vec<Section>,
) -> Document {
    Document {
        language: words.language(),
        title,
        opening,
        sections,
        ending: words.with("made_by", &[("version", &env!("CARGO_PKG_VERSION"))]),
        skip: words.say("skip"),
    }
}

/// A table with columns by their names.
pub(super) fn table(words: &Words, caption: String, columns: &[&str]) -> Table {
    let columns = columns.iter().map(|column| words.say(&format!("column_{column}"))).collect();
    Table { caption, columns, rows: Vec::new() }
}

/// A figure as reports show it; a dash where there is none.
pub(super) fn figure(value: f64) -> Text {
    if value.is_finite() { Text::Number(format!("{value:.3}")) } else { Text::from("–") }
}

/// The interval of a rate as reports show it.
pub(super) fn ends(words: &Words, rate: &Rate) -> Text {
    let interval = rate.interval();
    interval.map_or_else(
        || Text::Own(words.say("unknown")),
        |interval| span(words, interval.low, interval.high),
    )
}

/// How the interval of a rate was made; a dash where there is none.
pub(super) fn method(rate: &Rate) -> Text {
    rate.method.map_or("–", Method::name).into()
}

/// Why a score has no interval, where it has none.
pub(super) fn no_interval(words: &Words, name: &str, rate: &Rate) -> Option<Text> {
    let why = match rate.note? {
        NoInterval::NoValue => words.say("no_interval_no_value"),
        NoInterval::OneValue => words.say("no_interval_one_value"),
        NoInterval::OneCluster => words.say("no_interval_one_cluster"),
        NoInterval::NoSpread => words.say("no_interval_no_spread"),
        NoInterval::TooLarge => words.say("no_interval_too_large"),
        // What no report asks for.
        other => other.why().to_owned(),
    };
    Some(Text::theirs(words.with("note_no_interval", &[("name", &name), ("why", &why)])))
}

/// An interval as reports show it; one without ends is none.
pub(super) fn span(words: &Words, low: f64, high: f64) -> Text {
    if !low.is_finite() || !high.is_finite() {
        return Text::Own(words.say("unknown"));
    }
    let [low, high] = [low, high].map(|end| format!("{end:.3}"));
    Text::Number(words.with("from_to", &[("low", &low), ("high", &high)]))
}

/// How sure intervals are, in percent.
pub(super) fn percent(confidence: Confidence) -> String {
    // Rounded to where a person's choice of a level ends, so that 0.95 is not 94.99999.
    ((f64::from(confidence) * 1e6).round() / 1e4).to_string()
}

pub(super) fn is_share(interval: &Interval) -> bool {
    [interval.value, interval.low, interval.high].iter().all(|end| (-0.2..=1.2).contains(end))
}
