//! Whether someone may be in danger, by reviewed rules in English and Welsh.
//!
//! The rules and what they are held against stand in `crisis.toml`, `crisis/emergency.toml` and `crisis/cases.toml`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::{Regex, RegexSet};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::rules::{rule, rules};

/// How urgently help lines must be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Crisis {
    /// There is no sign of danger.
    None,
    /// There are signs of distress: the lines are named beside the answer.
    Distress,
    /// There are signs of an emergency in a question about something else: whom to call is named beside the
    /// answer.
    Warning,
    /// There are signs of a fire, or of a life at risk by other than somebody's will: 999 is the answer.
    Emergency,
    /// There are signs of danger: the lines are the answer, 999 first among them.
    Acute,
}

impl Crisis {
    /// Whether whom to call is all that is answered.
    pub(crate) fn is_urgent(self) -> bool {
        self >= Self::Emergency
    }

    /// The key of the fixed words that say whom to call.
    pub(crate) fn lines(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Warning | Self::Emergency => Some("emergency"),
            Self::Distress | Self::Acute => Some("crisis"),
        }
    }

    /// The key of the fixed words in place of an answer.
    pub(crate) fn message(self) -> &'static str {
        if self == Self::Emergency { "emergency_message" } else { "crisis_message" }
    }
}

#[derive(Deserialize, Default)]
struct File {
    spellings: Vec<(String, String)>,
    beyond_doubt: Vec<String>,
    crisis: Vec<String>,
    emergency: Vec<String>,
    about_else: Vec<String>,
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
    beyond_doubt: RegexSet,
    crisis: RegexSet,
    emergency: RegexSet,
    about_else: RegexSet,
    distress: RegexSet,
    unless: Vec<(Regex, Regex)>,
    idioms: Vec<Regex>,
}

/// The rules as they are written: what stands in tables is last.
const FILE: &str = concat!(include_str!("crisis/emergency.toml"), include_str!("crisis.toml"));

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    // What is looked at is plain letters, and an engine that need not know all others is many times faster.
    let text = FILE.replace(r"\w", "[a-z0-9]");
    let file = toml::from_str::<File>(&text).unwrap_or_else(|error| {
        tracing::error!(%error, "the crisis rules cannot be read");
        File::default()
    });
    let spellings = file.spellings.iter();
    let unless = file.unless.iter();
    Rules {
        spellings: spellings
            .filter_map(|(said, meant)| Some((rule(said)?, meant.clone())))
            .collect(),
        beyond_doubt: rules(&file.beyond_doubt),
        crisis: rules(&file.crisis),
        emergency: rules(&file.emergency),
        about_else: rules(&file.about_else),
        distress: rules(&file.distress),
        unless: unless
            .filter_map(|unless| Some((rule(&unless.said)?, rule(&unless.about)?)))
            .collect(),
        idioms: file.idioms.iter().filter_map(|idiom| rule(idiom)).collect(),
    }
});

/// The signs of danger or distress in a text.
pub(crate) fn signals(text: &str) -> Crisis {
    let mut text = as_spoken(text);
    if RULES.beyond_doubt.is_match(&text) {
        return Crisis::Acute;
    }
    for idiom in &RULES.idioms {
        text = idiom.replace_all(&text, " ~ ").into_owned();
    }
    let is_meant = |(said, about): &(Regex, Regex)| said.is_match(&text) && !about.is_match(&text);
    if RULES.crisis.is_match(&text) || RULES.unless.iter().any(is_meant) {
        return Crisis::Acute;
    }
    let is_emergency = RULES.emergency.is_match(&text);
    if is_emergency && !RULES.about_else.is_match(&text) {
        Crisis::Emergency
    } else if RULES.distress.is_match(&text) {
        Crisis::Distress
    } else if is_emergency {
        Crisis::Warning
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
