//! An address that is spelled so that it does not look like one: `permits dot com`, `permits(.)com`, `permits․com`.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

/// Ways to write a sign of an address, and the sign.
static WAYS: LazyLock<Option<Vec<(Regex, &str)>>> = LazyLock::new(|| {
    [
        // In brackets, as a word or as the sign itself.
        (r"(?i)\s*[\[({<]\s*(?:dot|\.)\s*[\])}>]\s*", "."),
        (r"(?i)\s*[\[({<]\s*(?:at|@)\s*[\])}>]\s*", "@"),
        (r"(?i)\b[ \t]+dot[ \t]+\b", "."),
        // Dots that stand elsewhere in the line than a full stop does.
        (r"[ \t]*[·•∙⋅・。｡]+[ \t]*", "."),
        (r"(\w)[ \t]+\.[ \t]*(\w)", "$1.$2"),
        (r"(?i)(\w)\.[ \t]+(com|net|org|info|uk|co|io|wales|cymru|example)\b", "$1.$2"),
    ]
    .into_iter()
    .map(|(way, sign)| Some((Regex::new(way).ok()?, sign)))
    .collect()
});

/// A text with its addresses as they are typed; nothing where it cannot be read.
pub(super) fn plainly(text: &str) -> Option<String> {
    let hides = |letter: &char| is_hidden(*letter);
    let folded: String = text.nfkc().filter(|letter| !hides(letter)).map(hyphen).collect();
    let ways = WAYS.as_ref()?;
    Some(ways.iter().fold(folded, |text, (way, sign)| way.replace_all(&text, *sign).into_owned()))
}

/// Whether a letter has no width, or turns the direction of those around it.
pub(super) fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn hyphen(letter: char) -> char {
    if matches!(letter, '\u{2010}'..='\u{2015}') { '-' } else { letter }
}
