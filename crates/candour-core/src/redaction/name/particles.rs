//! The small words inside surnames: `ap Gwilym`, `van der Berg`, `Al-Fayed`.

use std::sync::LazyLock;

use regex::Regex;

use super::super::view::pattern;

/// The words, as a pattern.
macro_rules! particle {
    () => {
        "(?:ap|ab|ferch|verch|van|von|der|den|de|da|di|del|della|al|el|bin|ibn|binti|le|la|du|dos|ter|ten|zu)"
    };
}

static ONE: LazyLock<Regex> = LazyLock::new(|| pattern(concat!("^", particle!(), "$")));
/// A surname that goes on after a name: `ap Gwilym`, `Al-Fayed`, `O'Neil`.
static GOES_ON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?:(?: ",
        particle!(),
        r"){1,2} \p{Lu}[\p{L}'-]+| (?:Al|El|Ap|Ab|Bin|Ibn|Abu|Mac|O)['-]\p{Lu}[\p{L}'-]+)",
    ))
});
/// What follows a name that was cut behind such a word: `Pieter van der`.
static SURNAME: LazyLock<Regex> =
    LazyLock::new(|| pattern(concat!("^(?: ", particle!(), r")? \p{Lu}[\p{L}'-]+")));

/// Whether a word is one of them.
pub(super) fn is_one(word: &str) -> bool {
    ONE.is_match(word)
}

/// Where a name ends of which `start` to `end` was found, with what belongs to it.
pub(super) fn end_of(text: &str, start: usize, end: usize) -> usize {
    let is_cut = text[start..end].rsplit_once(' ').is_some_and(|(_, last)| is_one(last));
    let goes_on = if is_cut { &SURNAME } else { &GOES_ON };
    goes_on.find(&text[end..]).map_or(end, |found| end + found.end())
}
