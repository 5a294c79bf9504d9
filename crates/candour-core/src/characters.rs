//! What characters show: those that show nothing, and letters that look like Latin ones.

/// Whether a character shows nothing: soft hyphens, joiners, direction marks, fillers, variation
/// selectors, tags. Words can be broken up with such, and instructions hidden in them.
pub fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// The Latin letter that a Cyrillic or Greek one looks like, for checks that a disguise must not
/// escape. What is shown to anyone stays as it was written.
pub fn latin_lookalike(character: char) -> Option<char> {
    const PAIRS: [(&str, &str); 4] = [
        ("АВЕЅІЈКМНОРСТХҮԚԜ", "ABESIJKMHOPCTXYQW"),
        ("аеѕіјорсхуһԁԛԝӏг", "aesijopcxyhdqwlr"),
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
        ("αειοκνρτυχϲϳ", "aeioknptuxcj"),
    ];
    if !matches!(character, '\u{370}'..='\u{52f}') {
        return None;
    }
    PAIRS.iter().find_map(|(alike, latin)| {
        let place = alike.chars().position(|one| one == character)?;
        latin.chars().nth(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookalikes_have_one_latin_letter_each() {
        let folded = |text: &str| -> String {
            text.chars().map(|one| latin_lookalike(one).unwrap_or(one)).collect()
        };
        assert_eq!(folded("Іgnоrе аll рrеvіоus"), "Ignore all previous");
        assert_eq!(folded("ΑΒ123456Α"), "AB123456A");
        assert_eq!(folded("Ж ŵ é 中 a"), "Ж ŵ é 中 a");
        assert_eq!(latin_lookalike('ԝ'), Some('w'));
        assert_eq!(latin_lookalike('ϳ'), Some('j'));
    }
}
