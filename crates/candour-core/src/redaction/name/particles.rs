//! The small words inside surnames: `ap Gwilym`, `van der Berg`, `Al-Fayed`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::super::view::{View, pattern};

/// The words, as a pattern.
macro_rules! particle {
    () => {
        "(?:ap|ab|ferch|verch|van|von|der|den|de|da|di|del|della|al|el|bin|ibn|binti|le|la|du|dos|ter|ten|zu)"
    };
}

/// A surname that goes on after a name: `ap Gwilym`, `Al-Fayed`, `O'Neil`.
static GOES_ON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?:(?: ",
        particle!(),
        r"){1,2} \p{Lu}[\p{L}'-]+| (?:Al|El|Ap|Ab|Bin|Ibn|Abu|Mac|O)['-]\p{Lu}[\p{L}'-]+)",
    ))
});
/// What follows a name that ends in such a word: `Pieter van der`.
static ENDS_IN_ONE: LazyLock<Regex> = LazyLock::new(|| pattern(concat!(" ", particle!(), "$")));
static SURNAME: LazyLock<Regex> =
    LazyLock::new(|| pattern(concat!("^(?: ", particle!(), r")? \p{Lu}[\p{L}'-]+")));
/// "Mrs van der Berg".
static TITLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?i:mrs?|ms|miss|mx|dr|prof|sir|dame|rev)\b\.? ((?:",
        particle!(),
        r" ){1,2}\p{Lu}[\p{L}'-]+)",
    ))
});

/// Where a name ends of which `start` to `end` was found, with what belongs to it.
pub(super) fn end_of(text: &str, start: usize, end: usize) -> usize {
    let goes_on = if ENDS_IN_ONE.is_match(&text[start..end]) { &SURNAME } else { &GOES_ON };
    goes_on.find(&text[end..]).map_or(end, |found| end + found.end())
}

/// The surnames that begin with such a word behind a title.
pub(super) fn titled(view: &View) -> impl Iterator<Item = Range<usize>> {
    TITLED.captures_iter(view.text()).filter_map(|found| Some(found.get(1)?.range()))
}
