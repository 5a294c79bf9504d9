//! The language of rows that do not name theirs, by the words and the letters that every text has.

use candour_core::Locale;

use crate::index::stop::{is_english, is_welsh};
use crate::index::words::each_word;

/// Welsh where more words are function words of Welsh alone than of English alone; unknown where most
/// letters are of no alphabet that either is written in; else English.
pub(super) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Locale {
    let (mut english, mut welsh, mut latin, mut other) = (0, 0, 0, 0);
    for text in texts {
        each_word(text, |word| {
            let (in_english, in_welsh) = (is_english(word), is_welsh(word));
            english += u64::from(in_english && !in_welsh);
            welsh += u64::from(in_welsh && !in_english);
        });
        for letter in text.chars().filter(|letter| letter.is_alphabetic()) {
            // The Latin alphabet with all its accents ends here.
            if letter < '\u{250}' { latin += 1 } else { other += 1 }
        }
    }
    if other > latin {
        Locale::Other("und".to_owned())
    } else if welsh > english {
        Locale::Cy
    } else {
        Locale::En
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_and_welsh_are_told_apart_and_other_alphabets_are_neither() {
        for (text, expected) in [
            ("You must renew your passport before it ends.", "en"),
            ("Rhaid i chi adnewyddu eich pasbort cyn iddo ddod i ben.", "cy"),
            ("Talu’r dreth gyngor: mae’n rhaid ichi dalu bob mis.", "cy"),
            ("P50", "en"),
            ("", "en"),
            ("يجب عليك تجديد جواز سفرك", "und"),
            ("Musisz odnowić paszport", "en"),
        ] {
            assert_eq!(of([text].into_iter()).tag(), expected, "{text}");
        }
    }
}
