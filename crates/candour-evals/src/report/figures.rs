//! Figures of measurements that are more than one run, and whatever else stands in a result or a score.

use serde_json::Value;

use super::chart::{Chart, Drawing};
use super::document::{Block, Section, Text};
use super::gather::plain;
use super::parts::{figure, is_share, span, table};
use super::words::Words;
use crate::evidence::Figure;
use crate::statistics::Interval;

/// Facts that are shown of what a score or a result says of itself.
const FACTS: usize = 40;

/// Figures that are shown of a result: those of attacks under thirty-two conditions are some thousands.
const FIGURES: usize = 800;

/// Figures in tables: those that stand under the same keys together.
pub(super) fn figures(words: &Words, all: &[Figure]) -> Section {
    let figures = &all[..all.len().min(FIGURES)];
    let parent =
        |figure: &Figure| figure.name.rsplit_once('.').map_or("", |(parent, _)| parent).to_owned();
    let mut section = Section::new(words.say("figures"));
    if figures.len() < all.len() {
        let counts: [(&str, &dyn ToString); 2] = [("all", &all.len()), ("shown", &figures.len())];
        section.say(words.with("more_figures", &counts));
    }
    for group in figures.chunk_by(|a, b| parent(a) == parent(b)) {
        let above = group.first().map(parent).unwrap_or_default();
        let caption = if above.is_empty() {
            words.say("table_figures_top")
        } else {
            words.with("table_figures", &[("name", &above)])
        };
        let own = |figure: &Figure| figure.name.rsplit('.').next().unwrap_or_default().to_owned();
        let known = group.iter().filter_map(|figure| {
            let interval = Interval { value: figure.value, low: figure.low?, high: figure.high? };
            is_share(&interval).then(|| (own(figure), interval))
        });
        let rows: Vec<(String, Interval)> = known.collect();
        if rows.len() > 1 {
            section.blocks.push(Block::Chart(Chart {
                title: caption.clone(),
                description: words.say("chart_figures_description"),
                drawing: Drawing::Intervals { rows, scale: [0.0, 1.0] },
            }));
        }
        let mut table =
            table(words, caption, &["figure", "mean", "interval", "questions", "method"]);
        for one in group {
            let interval = one.low.zip(one.high).map(|(low, high)| span(words, low, high));
            table.row([
                Text::theirs(own(one)),
                figure(one.value),
                interval.unwrap_or_else(|| Text::Own(words.say("unknown"))),
                one.n.map_or_else(|| Text::from("–"), Text::from),
                Text::theirs(one.method.clone().unwrap_or_else(|| "–".to_owned())),
            ]);
        }
        section.table(table);
    }
    section
}

/// A result without what the tables of figures show.
pub(super) fn without_figures(value: &Value) -> Value {
    match value {
        Value::Object(object) if object.contains_key("low") && object.contains_key("high") => {
            Value::Null
        }
        Value::Object(object) => {
            object.iter().map(|(key, inner)| (key.clone(), without_figures(inner))).collect()
        }
        Value::Array(items) => items.iter().map(without_figures).collect(),
        other => other.clone(),
    }
}

/// Whatever is in an object, as names and texts: the keys that lead to each, with dots between.
pub(super) fn flat(value: &Value) -> Vec<(String, Text)> {
    fn walk(value: &Value, name: &str, facts: &mut Vec<(String, Text)>) {
        let is_plain = |item: &Value| !item.is_object() && !item.is_array();
        match value {
            _ if facts.len() >= FACTS => {}
            Value::Object(object) => {
                for (key, inner) in object {
                    let below = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                    walk(inner, &below, facts);
                }
            }
            Value::Array(items) if items.iter().all(is_plain) => {
                let items: Vec<String> = items.iter().take(50).map(plain).collect();
                facts.push((name.to_owned(), Text::theirs(items.join(", "))));
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    walk(item, &format!("{name}.{at}"), facts);
                }
            }
            Value::Null => {}
            plain_value => facts.push((name.to_owned(), Text::theirs(plain(plain_value)))),
        }
    }
    let mut facts = Vec::new();
    walk(value, "", &mut facts);
    facts
}
