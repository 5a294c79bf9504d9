//! Abuse: whether someone tells of it, who is shown where help is, or insults the assistant, which is
//! counted and changes nothing. The rules stand in `abuse.toml`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::RegexSet;
use serde::Deserialize;

use super::rules::rules;
use crate::words::phrase;

#[derive(Deserialize, Default)]
struct File {
    reported: Vec<String>,
    directed: Vec<String>,
    unless_about: Vec<String>,
}

struct Rules {
    reported: RegexSet,
    directed: RegexSet,
    unless_about: RegexSet,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let file = toml::from_str::<File>(include_str!("abuse.toml")).unwrap_or_else(|error| {
        tracing::error!(%error, "the rules about abuse cannot be read");
        File::default()
    });
    Rules {
        reported: rules(&file.reported),
        directed: rules(&file.directed),
        unless_about: rules(&file.unless_about),
    }
});

/// Whether someone tells of abuse that they or others meet.
pub(super) fn is_reported(text: &str) -> bool {
    RULES.reported.is_match(&phrase(text))
}

/// Whether the assistant is insulted. Whoever tells what others say to them insults nobody.
pub(super) fn is_directed(text: &str) -> bool {
    let text = phrase(text);
    RULES.directed.is_match(&text) && !RULES.unless_about.is_match(&text)
}
