//! Unicode normalisation, and the removal of what cannot be seen.

use candour_core::characters::is_invisible;
use unicode_normalization::UnicodeNormalization as _;

/// `text` in form NFC, without characters that cannot be seen, with single spaces. Letters that are
/// drawn as others, bold or wide, are the plain ones.
pub(crate) fn clean(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_unseen(*c)) {
        if is_drawn(c) { visible.extend(std::iter::once(c).nfkc()) } else { visible.push(c) }
    }
    let visible: String = visible.nfc().collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Mathematical letters and digits, and those as wide as Chinese ones.
fn is_drawn(c: char) -> bool {
    matches!(c, '\u{1d400}'..='\u{1d7ff}' | '\u{ff01}'..='\u{ff5e}')
}

/// Whether a reader of the text would not see this character: instructions can be hidden in such.
fn is_unseen(c: char) -> bool {
    c.is_control() && !c.is_whitespace() || is_invisible(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_can_be_seen_is_left() {
        for (text, expected) in [
            ("  How\tmuch \n is it? ", "How much is it?"),
            ("b\u{200b}i\u{ad}n\u{202e}s", "bins"),
            ("bins\u{e0069}\u{e0067}", "bins"),
            ("w\u{302}yn", "ŵyn"),
            ("a\u{0}b\u{1b}[31m", "ab[31m"),
            ("line\u{a0}space", "line space"),
            ("𝐁𝐢𝐧𝐬 𝟐 ｆｏｒ ½ m²", "Bins 2 for ½ m²"),
        ] {
            assert_eq!(clean(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in any::<String>()) {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once);
        }
    }
}
