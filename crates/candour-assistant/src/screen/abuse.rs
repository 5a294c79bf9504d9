//! Abuse: whether someone tells of it, who is shown where help is, or insults the assistant, which is
//! counted and changes nothing. The rules stand in `abuse.toml`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::rules::{matches_any, regexes};
use crate::words::phrase;

#[derive(Deserialize, Default)]
struct File {
    reported: Vec<String>,
    directed: Vec<String>,
    unless_about: Vec<String>,
}

struct Rules {
    reported: Vec<Regex>,
    directed: Vec<Regex>,
    unless_about: Vec<Regex>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let file = toml::from_str::<File>(include_str!("abuse.toml")).unwrap_or_else(|error| {
        tracing::error!(%error, "the rules about abuse cannot be read");
        File::default()
    });
    Rules {
        reported: regexes(&file.reported),
        directed: regexes(&file.directed),
        unless_about: regexes(&file.unless_about),
    }
});

/// Whether someone tells of abuse that they or others meet.
pub(super) fn is_reported(text: &str) -> bool {
    matches_any(&RULES.reported, &phrase(text))
}

/// Whether the assistant is insulted. Whoever tells what others say to them insults nobody.
pub(super) fn is_directed(text: &str) -> bool {
    let text = phrase(text);
    matches_any(&RULES.directed, &text) && !matches_any(&RULES.unless_about, &text)
}
