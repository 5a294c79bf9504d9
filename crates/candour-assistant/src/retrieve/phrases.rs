//! Phrases of readers with the words that publishers use, by a reviewed list.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::words::phrase;

#[derive(Deserialize)]
struct File {
    phrases: Vec<(String, String)>,
}

pub(super) static PHRASES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let file = toml::from_str::<File>(include_str!("phrases.toml"));
    file.map(|file| file.phrases).unwrap_or_default()
});

/// The question with the publishers' words after the reader's; `None` where it holds no such phrase.
/// They stand in the sentence that has the phrase, so that they count as much as it does.
pub(super) fn added(question: &str) -> Option<String> {
    let mut text = question.to_lowercase().replace(['\'', '’'], "");
    let mut found = false;
    for (said, meant) in PHRASES.iter() {
        if let Some(end) = end_of(&text, said) {
            text.insert_str(end, &format!(" {meant}"));
            found = true;
        }
    }
    found.then(|| phrase(&text))
}

/// Where a phrase ends in a text, if it stands there as whole words.
fn end_of(text: &str, said: &str) -> Option<usize> {
    text.match_indices(said).find_map(|(start, _)| {
        let end = start + said.len();
        let before = text[..start].chars().next_back().is_some_and(char::is_alphanumeric);
        let after = text[end..].chars().next().is_some_and(char::is_alphanumeric);
        (!before && !after).then_some(end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_phrases_gain_publishers_words() {
        for (question, expected) in [
            ("Do I get money off?", Some("do i get money off discount?")),
            ("My dad passed away on Friday.", Some("my dad passed away died death on friday.")),
            ("The tipper is late", None),
            ("How much is it?", None),
        ] {
            assert_eq!(added(question).as_deref(), expected, "{question}");
        }
        assert!(PHRASES.len() > 30);
    }
}
