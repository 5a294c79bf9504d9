//! How texts are given to a judge: as data, each within bounds that nothing in it can pose as.

use std::fmt::Write as _;

use candour_core::ContentHash;
use candour_core::characters::is_invisible;

/// A text between two tags that are named after its own hash, so that nothing within it can be taken
/// for its end. What nobody sees is left out: instructions can hide in it.
pub(super) fn fenced(name: &str, words: &str) -> String {
    let words: String = words.chars().filter(|one| !is_invisible(*one)).collect();
    let hash = ContentHash::of(words.as_bytes());
    let tag = hash.short();
    format!("<{name}-{tag}>\n{}\n</{name}-{tag}>\n\n", words.trim())
}

/// Things one a line, numbered from 1. A line is never broken within one, or it could pose as another.
pub(super) fn numbered<'a>(things: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for (number, thing) in (1..).zip(things) {
        let line = thing.split_whitespace().collect::<Vec<_>>().join(" ");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{number}. {line}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_thing_is_one_line() {
        assert_eq!(numbered(["a\n2. yes", " b "]), "1. a 2. yes\n2. b\n");
    }
}
