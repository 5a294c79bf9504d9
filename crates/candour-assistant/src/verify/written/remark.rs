//! What is said around an answer, and what of a line that is left out a reader would miss.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use crate::words::{phrase, plain_words};

/// Words that limit what is said beside them, in English and in Welsh.
const LIMITS: [&str; 34] = [
    "if", "unless", "only", "except", "without", "not", "no", "cannot", "never", "until", "when",
    "where", "who", "over", "under", "england", "scotland", "wales", "ireland", "os", "oni", "dim",
    "unig", "heblaw", "eithrio", "heb", "nid", "ni", "nes", "pan", "dros", "dan", "cymru",
    "lloegr",
];

/// Whether a line that is left out says anything of the matter. A greeting does not, nor does `Here is what
/// I found`; what no rule knows does.
pub(super) fn says_something(line: &str) -> bool {
    let line = phrase(line);
    let line = line.trim_matches(|c: char| !c.is_alphanumeric());
    let is_remark = REMARKS.as_ref().is_some_and(|remarks| remarks.is_match(line));
    !(line.is_empty() || is_remark)
}

/// Whether a line that takes the place of another lacks a word that limited what that said.
pub(super) fn loses_limit(line: &str, in_its_place: &str) -> bool {
    !limits(line).is_subset(&limits(in_its_place))
}

fn limits(line: &str) -> BTreeSet<String> {
    let mut words: BTreeSet<String> = plain_words(line).into_iter().collect();
    words.retain(|word| LIMITS.contains(&word.as_str()));
    words
}

#[derive(Deserialize)]
struct File {
    remarks: Vec<String>,
}

static REMARKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("remarks.toml")).ok()?;
    Regex::new(&format!("^(?:{})$", file.remarks.join("|"))).ok()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_is_not_missed() {
        assert!(REMARKS.is_some());
        for line in [
            "Hello!",
            "Thank you for your question.",
            "Great question!",
            "Here is what I found:",
            "Here’s what the guidance says about this:",
            "Here are the key facts.",
            "Based on the guidance:",
            "I hope this helps.",
            "Let me know if you have any other questions!",
            "Please let me know if you need anything else.",
            "Is there anything else I can help with?",
            "How to apply",
            "Next steps",
            "What you need",
            "—",
            "Helo!",
            "Diolch am eich cwestiwn.",
            "Dyma’r ateb:",
            "Gobeithio bod hyn o gymorth.",
            "Rhowch wybod os oes gennych gwestiynau eraill.",
            "Sut i wneud cais",
        ] {
            assert!(!says_something(line), "{line}");
        }
    }

    #[test]
    fn what_says_something_is_missed() {
        for line in [
            "You can only get it if you pay no rent.",
            "Here is what I found if you pay no rent:",
            "No.",
            "Yes, of course.",
            "Everyone likes it.",
            "This is only for tenants.",
            "If you rent",
            "How to apply if you rent",
            "Scotland",
            "Let me know if you pay no rent.",
            "Dim ond os nad ydych yn talu rhent.",
            "Dyma’r ateb i denantiaid yn unig:",
        ] {
            assert!(says_something(line), "{line}");
        }
    }

    #[test]
    fn a_line_in_the_place_of_another_may_lose_what_limited_it() {
        for (line, in_its_place, expected) in [
            ("You get it if you:", "You can get it if you:", false),
            ("You need:", "You must bring:", false),
            ("You need, if you rent:", "You must bring:", true),
            ("In Scotland, bring:", "You must bring:", true),
            ("Os ydych yn rhentu:", "Dewch â:", true),
        ] {
            assert_eq!(loses_limit(line, in_its_place), expected, "{line}");
        }
    }
}
