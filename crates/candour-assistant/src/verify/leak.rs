//! No mask and no personal data goes out, but what the cited page itself says.

use candour_core::PublicContacts;
use candour_core::redaction::redact;

use super::Code;

/// Checks a sentence for masks and personal data that are not in what it cites.
pub(super) fn check(text: &str, quotes: &str, public: &PublicContacts) -> Result<(), Code> {
    if text == quotes {
        return Ok(());
    }
    let is_ours = |part: Option<&str>| part.is_some_and(|part| quotes.contains(part));
    let redaction = redact(text, public);
    let leaks = redaction.masks.iter().any(|mask| !is_ours(text.get(mask.start..mask.end)));
    if leaks || has_new_mask(text, quotes) { Err(Code::Leak) } else { Ok(()) }
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
        ] {
            assert_eq!(check(text, quote, &public).is_ok(), expected, "{text}");
        }
    }
}
