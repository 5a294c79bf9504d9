//! Whether someone may be in danger, by reviewed rules in English and Welsh.
//!
//! The rules and what they are held against stand in `crisis.toml` and `crisis/cases.toml`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::rules::{matches_any, regexes};

/// How urgently help lines must be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Crisis {
    /// There is no sign of danger.
    None,
    /// There are signs of distress: the lines are named beside the answer.
    Distress,
    /// There are signs of danger: the lines are the answer.
    Acute,
}

#[derive(Deserialize, Default)]
struct File {
    spellings: Vec<(String, String)>,
    beyond_doubt: Vec<String>,
    crisis: Vec<String>,
    distress: Vec<String>,
    unless: Vec<Unless>,
    idioms: Vec<String>,
}

/// What means danger only where the rest of the text is not about something else.
#[derive(Deserialize)]
struct Unless {
    said: String,
    about: String,
}

struct Rules {
    spellings: Vec<(Regex, String)>,
    beyond_doubt: Vec<Regex>,
    crisis: Vec<Regex>,
    distress: Vec<Regex>,
    unless: Vec<(Regex, Regex)>,
    idioms: Vec<Regex>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let file = toml::from_str::<File>(include_str!("crisis.toml")).unwrap_or_else(|error| {
        tracing::error!(%error, "the crisis rules cannot be read");
        File::default()
    });
    let one = |pattern: &String| regexes(std::slice::from_ref(pattern)).into_iter().next();
    let spellings = file.spellings.iter();
    let unless = file.unless.iter();
    Rules {
        spellings: spellings
            .filter_map(|(said, meant)| Some((one(said)?, meant.clone())))
            .collect(),
        beyond_doubt: regexes(&file.beyond_doubt),
        crisis: regexes(&file.crisis),
        distress: regexes(&file.distress),
        unless: unless.filter_map(|rule| Some((one(&rule.said)?, one(&rule.about)?))).collect(),
        idioms: regexes(&file.idioms),
    }
});

/// The signs of danger or distress in a text.
pub(crate) fn signals(text: &str) -> Crisis {
    let mut text = as_spoken(text);
    if matches_any(&RULES.beyond_doubt, &text) {
        return Crisis::Acute;
    }
    for idiom in &RULES.idioms {
        text = idiom.replace_all(&text, " ~ ").into_owned();
    }
    let is_meant = |(said, about): &(Regex, Regex)| said.is_match(&text) && !about.is_match(&text);
    if matches_any(&RULES.crisis, &text) || RULES.unless.iter().any(is_meant) {
        Crisis::Acute
    } else if matches_any(&RULES.distress, &text) {
        Crisis::Distress
    } else {
        Crisis::None
    }
}

/// The text as the patterns look at it: lower case, no accents, apostrophes or signs, letters that are
/// drawn out (`diiie`) once, and one form of what is written in many ways.
fn as_spoken(text: &str) -> String {
    let folded = text.nfkd().filter(|letter| !is_combining_mark(*letter));
    let letters: Vec<char> = folded.flat_map(char::to_lowercase).collect();
    let mut plain = String::with_capacity(text.len());
    for run in letters.chunk_by(|one, next| one == next) {
        match run {
            ['\'' | '’' | '‘' | '`' | '´', ..] => {}
            ['.' | '!' | '?', ..] => plain.push_str(" . "),
            [letter, _, _, ..] if letter.is_alphabetic() => plain.push(*letter),
            [letter, ..] if letter.is_alphanumeric() => plain.extend(run),
            _ => plain.push(' '),
        }
    }
    let mut plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    for (said, meant) in &RULES.spellings {
        plain = said.replace_all(&plain, meant.as_str()).into_owned();
    }
    plain
}
