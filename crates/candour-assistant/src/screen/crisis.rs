//! Whether someone may be in danger, by reviewed rules in English and Welsh.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::rules::{matches_any, regexes};
use crate::words::phrase;

/// How urgently help lines must be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crisis {
    /// There is no sign of danger.
    None,
    /// There are signs of distress: the lines are named beside the answer.
    Distress,
    /// There are signs of danger: the lines are the answer.
    Acute,
}

#[derive(Deserialize)]
struct File {
    crisis: Vec<String>,
    distress: Vec<String>,
    idioms: Vec<String>,
}

struct Rules {
    crisis: Vec<Regex>,
    distress: Vec<Regex>,
    idioms: Vec<Regex>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let file = toml::from_str::<File>(include_str!("crisis.toml")).unwrap_or_else(|error| {
        tracing::error!(%error, "the crisis rules cannot be read");
        File { crisis: Vec::new(), distress: Vec::new(), idioms: Vec::new() }
    });
    Rules {
        crisis: regexes(&file.crisis),
        distress: regexes(&file.distress),
        idioms: regexes(&file.idioms),
    }
});

/// The signs of danger or distress in a text.
pub(crate) fn signals(text: &str) -> Crisis {
    let mut text = phrase(text);
    for idiom in &RULES.idioms {
        text = idiom.replace_all(&text, " … ").into_owned();
    }
    if matches_any(&RULES.crisis, &text) {
        Crisis::Acute
    } else if matches_any(&RULES.distress, &text) {
        Crisis::Distress
    } else {
        Crisis::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_compiles() {
        let file: File = toml::from_str(include_str!("crisis.toml")).unwrap();
        assert_eq!(RULES.crisis.len(), file.crisis.len());
        assert_eq!(RULES.distress.len(), file.distress.len());
        assert_eq!(RULES.idioms.len(), file.idioms.len());
    }

    #[test]
    fn danger_is_heard_and_idioms_are_not() {
        for (text, expected) in [
            ("I want to kill myself", Crisis::Acute),
            ("i just wanna die", Crisis::Acute),
            ("I can't cope any more, everyone would be better off if I wasn't here", Crisis::Acute),
            ("I don’t want to be here anymore", Crisis::Acute),
            ("I've been feeling suicidal since the eviction", Crisis::Acute),
            ("thinking about ending my life", Crisis::Acute),
            ("there's no point in living", Crisis::Acute),
            ("I have taken too many tablets", Crisis::Acute),
            ("my partner hits me and I need somewhere to stay", Crisis::Acute),
            ("he is going to kill me", Crisis::Acute),
            ("I wish I was dead", Crisis::Acute),
            ("my daughter keeps cutting herself off from us", Crisis::None),
            ("Dw i eisiau marw", Crisis::Acute),
            ("rwy'n meddwl am hunanladdiad", Crisis::Acute),
            ("Dwi isio lladd fy hun", Crisis::Acute),
            ("Dw i ddim eisiau byw", Crisis::Acute),
            ("Byddai pawb yn well hebdda i", Crisis::Acute),
            ("I can't cope anymore with the noise", Crisis::Distress),
            ("Alla i ddim, dwi'n methu ymdopi mwyach", Crisis::Distress),
            ("This form is killing me", Crisis::None),
            ("I'm dying to know when the library opens", Crisis::None),
            ("my wife will kill me if I miss the bin day", Crisis::None),
            ("I could kick myself for missing the deadline", Crisis::None),
            ("I nearly killed myself laughing", Crisis::None),
            ("my mother wants to die at home, who can help", Crisis::None),
            ("How do I kill weeds on the pavement?", Crisis::None),
            ("Can I end my life insurance through you?", Crisis::None),
            ("What happens to my tenancy when I die?", Crisis::None),
            ("Do I have to cut my own hedge?", Crisis::None),
            ("Rwyf eisiau talu fy nhreth", Crisis::None),
            ("Bu farw fy nhad ddoe, beth sydd angen i mi ei wneud?", Crisis::None),
        ] {
            assert_eq!(signals(text), expected, "{text}");
        }
    }
}
