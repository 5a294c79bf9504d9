//! How words that are not ours are shown: every character that shows nothing, turns the direction of
//! what follows or is no character at all is named instead, and nothing is longer than a page can bear.

use std::borrow::Cow;
use std::fmt::Write as _;

use candour_core::characters::is_invisible;

/// No line of a list shows more of a text.
pub(super) const LONGEST_LINE: usize = 200;
/// No quotation shows more of a text.
pub(super) const LONGEST_SAID: usize = 1200;

/// A text cut to so many characters.
pub(super) fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// A text in which characters that show nothing are named by their numbers. Line breaks and tabs stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| is_invisible(c) || (c.is_control() && c != '\n' && c != '\t');
    let is_noncharacter = |c: char| matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff);
    let is_named =
        |c: char| is_hidden(c) || is_noncharacter(c) || ('\u{fdd0}'..='\u{fdef}').contains(&c);
    if !text.contains(is_named) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_named(character) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "[U+{:04X}]", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_is_named() {
        let cases = [
            ("plain\nlines\tand ŵ", "plain\nlines\tand ŵ"),
            ("a\u{202e}b", "a[U+202E]b"),
            ("a\u{0}\r\u{1b}[31m", "a[U+0000][U+000D][U+001B][31m"),
            ("\u{e0041}\u{200d}\u{2066}", "[U+E0041][U+200D][U+2066]"),
            ("\u{ffff}\u{fdd0}\u{10fffe}", "[U+FFFF][U+FDD0][U+10FFFE]"),
        ];
        for (text, expected) in cases {
            assert_eq!(visible(text), expected);
        }
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("ŵŵŵ", 3), "ŵŵŵ");
        assert_eq!(cut("ŵŵŵŵ", 3), "ŵŵŵ…");
    }
}
