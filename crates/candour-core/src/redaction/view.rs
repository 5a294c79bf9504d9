//! The text as the detectors see it: one form of every digit, space and dash, nothing invisible, and
//! a barrier where a mask stands. Every place in it leads back to the text as it was given.

use std::ops::Range;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::{Mask, MaskKind};
use crate::characters::{is_invisible, latin_lookalike};
use crate::pattern::with_plain_borders;

/// Stands for a mask. No pattern matches it, and a text that contains it is seen with a space there.
pub(super) const BARRIER: char = '\u{1a}';

/// The text as the detectors see it.
pub(super) struct View {
    text: String,
    /// For each byte of `text`, where its character begins and ends in the text as given.
    places: Vec<(usize, usize)>,
}

impl View {
    /// The view of `original`, in which `masks` (in order) are masked already.
    pub(super) fn of(original: &str, masks: &[Mask]) -> Self {
        let mut view = Self { text: String::new(), places: Vec::new() };
        let mut masks = masks.iter().peekable();
        let mut at = 0;
        while let Some(character) = original[at..].chars().next() {
            let end = if let Some(mask) = masks.next_if(|mask| mask.start == at) {
                view.push(BARRIER, at, mask.end);
                mask.end
            } else if let Some(mask) = mask_at(&original[at..]) {
                view.push(BARRIER, at, at + mask.len());
                at + mask.len()
            } else {
                let end = at + character.len_utf8();
                view.push_plain(character, at, end);
                end
            };
            at = end;
        }
        view
    }

    /// All of it.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where a range that is not empty stands in the text as given.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        self.places[range.start].0..self.places[range.end - 1].1
    }

    /// At most `length` bytes before a place.
    pub(super) fn before(&self, at: usize, length: usize) -> &str {
        &self.text[self.text.floor_char_boundary(at.saturating_sub(length))..at]
    }

    /// At most `length` bytes after a place.
    pub(super) fn after(&self, at: usize, length: usize) -> &str {
        &self.text[at..self.text.floor_char_boundary(at + length)]
    }

    /// Whether a cue stands shortly before or directly after a range.
    pub(super) fn has_cue(&self, range: &Range<usize>, cue: &Regex) -> bool {
        cue.is_match(self.before(range.start, 48)) || cue.is_match(self.after(range.end, 24))
    }

    fn push_plain(&mut self, character: char, start: usize, end: usize) {
        if character.is_ascii_graphic() || character == '\n' {
            return self.push(character, start, end);
        }
        if is_invisible(character) {
            return;
        }
        if let Some(plain) = plain(character) {
            return self.push(plain, start, end);
        }
        for part in std::iter::once(character).nfkc() {
            self.push(plain(part).unwrap_or(part), start, end);
        }
    }

    fn push(&mut self, character: char, start: usize, end: usize) {
        self.text.push(character);
        self.places.resize(self.text.len(), (start, end));
    }
}

/// A fixed pattern. Every one of them is compiled in the tests.
///
/// A view has ASCII digits only, so `\d` need not know more; and `\b` looks at ASCII letters, because
/// the engine is many times slower where it has to know the letters of every script.
#[expect(clippy::unwrap_used, reason = "the patterns are constants and the tests compile them all")]
pub(super) fn pattern(text: &'static str) -> Regex {
    Regex::new(&with_plain_borders(text).replace(r"\d", "[0-9]")).unwrap()
}

/// The mask that a text begins with.
fn mask_at(text: &str) -> Option<&'static str> {
    if !text.starts_with('[') {
        return None;
    }
    MaskKind::ALL.into_iter().map(MaskKind::mask).find(|mask| text.starts_with(mask))
}

/// The ASCII form of spaces, dashes, apostrophes, digits, and letters of other scripts that look Latin.
fn plain(character: char) -> Option<char> {
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => Some('-'),
        '\u{2018}' | '\u{2019}' | '\u{2bc}' => Some('\''),
        _ if character.is_whitespace() || character.is_control() => Some(' '),
        _ => digit(character).or_else(|| latin_lookalike(character)),
    }
}

/// Decimal digits of the scripts in common use. In Unicode, each script has its ten in a row.
fn digit(character: char) -> Option<char> {
    const ZEROS: [u32; 22] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
        0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1c40, 0x1c50,
    ];
    let code = u32::from(character);
    let value = ZEROS.into_iter().find_map(|zero| code.checked_sub(zero).filter(|v| *v < 10))?;
    char::from_digit(value, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_one_form_of_everything() {
        for (original, seen) in [
            ("07700\u{a0}900\u{2011}123", "07700 900-123"),
            ("٠٧٧٠٠ ९००", "07700 900"),
            ("０７７００＠ｘ", "07700@x"),
            ("a\u{200b}b\u{ad}c\u{feff}", "abc"),
            ("АВ123456С", "AB123456C"),
            ("it’s\tŵ\r\n\u{1a}", "it's ŵ \n "),
            ("x [phone number] y [phone]", "x \u{1a} y [phone]"),
        ] {
            assert_eq!(View::of(original, &[]).text(), seen, "{original}");
        }
    }

    #[test]
    fn leads_back_to_the_original() {
        let original = "é ﬁ\u{200b}１٢ [name]!";
        let view = View::of(original, &[]);
        assert_eq!(view.text(), "é fi12 \u{1a}!");
        let place = |part: &str| {
            let start = view.text().find(part).unwrap();
            original[view.original(start..start + part.len())].to_owned()
        };
        assert_eq!(place("12"), "１٢");
        assert_eq!(place("i1"), "ﬁ\u{200b}１");
        assert_eq!(place("\u{1a}!"), "[name]!");
        assert_eq!(view.before(1_000.min(view.text().len()), 1), "!");
        assert_eq!(view.after(0, 1), "");
    }
}
