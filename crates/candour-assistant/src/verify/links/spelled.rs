//! An address that is spelled so that it does not look like one: `permits dot com`, `permits(.)com`, `permits․com`.

use std::sync::LazyLock;

use candour_core::characters::is_invisible;
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
    let shown = text.nfkc().filter(|letter| !is_invisible(*letter));
    let folded: String = shown.map(hyphen).collect();
    let ways = WAYS.as_ref()?;
    Some(ways.iter().fold(folded, |text, (way, sign)| way.replace_all(&text, *sign).into_owned()))
}

fn hyphen(letter: char) -> char {
    if matches!(letter, '\u{2010}'..='\u{2015}') { '-' } else { letter }
}
