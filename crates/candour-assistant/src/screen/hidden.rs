//! What was typed so that a reader would not see it: tag characters, turned direction, lookalikes.

use candour_core::characters::latin_lookalike;

/// A black flag and tags after it are the flag of a nation and hide nothing.
const FLAG: char = '\u{1f3f4}';

/// The words that stand in tag characters, each of which is the shadow of an ASCII one.
pub(super) fn tagged(raw: &str) -> String {
    let mut words = String::new();
    let mut in_flag = false;
    for character in raw.chars() {
        let shadow = match u32::from(character) {
            code @ 0xe0020..=0xe007e => char::from_u32(code - 0xe0000),
            _ => None,
        };
        match shadow {
            Some(letter) if !in_flag => words.push(letter),
            Some(_) => {}
            None => in_flag = character == FLAG,
        }
    }
    words
}

/// Whether the direction of the text is overridden, so that it is read otherwise than it is written.
pub(super) fn turns_direction(raw: &str) -> bool {
    raw.contains(['\u{202d}', '\u{202e}'])
}

/// Whether a word has Latin letters and others that look like such.
pub(super) fn has_lookalikes(text: &str) -> bool {
    text.split(|one: char| !one.is_alphanumeric()).any(|word| {
        word.contains(|one: char| one.is_ascii_alphabetic())
            && word.contains(|one: char| latin_lookalike(one).is_some())
    })
}

/// The text with Latin letters in place of those that look like them.
pub(super) fn unmasked(text: &str) -> String {
    text.chars().map(|one| latin_lookalike(one).unwrap_or(one)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_tags_are_read_and_flags_are_not() {
        assert_eq!(tagged("bins\u{e0068}\u{e0069}\u{e007f}?"), "hi");
        assert_eq!(tagged("🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f} bins"), "");
        assert_eq!(tagged("Ble mae’r biniau?"), "");
    }

    #[test]
    fn lookalikes_count_within_a_word_only() {
        assert!(has_lookalikes("pаypal"));
        assert!(!has_lookalikes("где council tax"));
        assert!(!has_lookalikes("tŷ 25 μ"));
    }
}
