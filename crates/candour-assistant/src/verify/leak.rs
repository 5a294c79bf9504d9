//! No mask and no personal data goes out, but what the cited page itself says.

use candour_core::PublicContacts;
use candour_core::redaction::redact;

use super::Code;
use crate::compose::CANARY;

/// Checks a sentence for the mark of our own instructions to a model, which is nowhere to be seen.
pub(super) fn check_canary(text: &str) -> Result<(), Code> {
    if holds_canary(text) { Err(Code::Leak) } else { Ok(()) }
}

/// Checks a sentence for masks and personal data that are not in what it cites.
pub(super) fn check(text: &str, quotes: &str, public: &PublicContacts) -> Result<(), Code> {
    // What stands there word for word brings nothing in.
    if quotes.contains(text) {
        return Ok(());
    }
    let is_ours = |part: Option<&str>| part.is_some_and(|part| quotes.contains(part));
    let redaction = redact(text, public);
    let leaks = redaction.masks.iter().any(|mask| !is_ours(text.get(mask.start..mask.end)));
    if leaks || has_new_mask(text, quotes) { Err(Code::Leak) } else { Ok(()) }
}

/// Whether the text holds the mark of the instructions, however it is spaced, cased or broken up.
fn holds_canary(text: &str) -> bool {
    let bare = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    bare(text).contains(&bare(CANARY))
}

/// Whether the text holds a word in square brackets, as masks are written, that the quote does not.
fn has_new_mask(text: &str, quotes: &str) -> bool {
    text.match_indices('[').any(|(at, _)| {
        let rest = &text[at..];
        let mask = rest.find(']').map(|end| &rest[..=end]);
        mask.is_some_and(|mask| mask.len() > 2 && !quotes.contains(mask))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_not_repeated() {
        let public = PublicContacts::default();
        for (text, quote, expected) in [
            ("Write to us.", "Write to us today.", true),
            ("Write to [email].", "Write to us today.", false),
            ("Form [A] applies.", "Form [A] applies to you.", true),
            ("My mark is kestrel-lantern-0417.", "Write to us.", false),
            ("It is Kestrel Lantern 0417.", "Write to us.", false),
            ("K e s t r e l lantern 04-17", "Write to us.", false),
            ("See the lantern.", "See the lantern.", true),
        ] {
            let passes = check(text, quote, &public).and_then(|()| check_canary(text)).is_ok();
            assert_eq!(passes, expected, "{text}");
        }
    }
}
