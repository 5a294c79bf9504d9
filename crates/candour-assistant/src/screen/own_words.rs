//! The words of a question without what was masked in it: `[name]` and `my name is` are nothing to look
//! for, and no guidance is expected to mention them.

use std::sync::LazyLock;

use candour_core::{MaskKind, Redacted};
use regex::Regex;

/// What tells that personal data comes, before a mask or after one.
const ANNOUNCING: &str = concat!(
    r"(?:(?:and|ac?|,)\s+)?(?:(?:my|our|his|her|fy|ein)\s+)?",
    r"(?:(?:full|first|last|phone|mobile|telephone|contact|home|email|e-mail|national insurance|ni|nhs|account|reference|ref|case)\s+)*",
    r"(?:name|number|no\.?|address|email|e-mail|phone|mobile|tel|postcode|date of birth|dob|account|reference|ref|",
    r"enw(?:\s+i)?|rhif(?:\s+ffôn)?|cyfeiriad|ffôn|e-bost)\s*(?:is|are|yw|ydy|ydi|:)?",
    r"|(?:(?:and|ac?)\s+)?(?:i am|i['’]?m|this is|it['’]?s|fi\s+yw|fi\s+ydy|dyma)(?:\s+called)?",
    r"|(?:and\s+)?i live at|born(?:\s+on)?|(?:kind\s+)?regards|thanks|thank you|diolch",
);

/// How people are addressed, before a name that is masked.
const TITLE: &str = r"(?:mr|mrs|ms|miss|mx|dr|prof(?:essor)?|sir|dame|lady|rev(?:erend)?)\.?\s+";

static MASKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let masks: Vec<String> = MaskKind::ALL.iter().map(|kind| regex::escape(kind.mask())).collect();
    let masks = masks.join("|");
    let pattern = format!(
        r"(?i)(?:\b(?:{ANNOUNCING})[\s,:]*)?(?:\b{TITLE})?(?:{masks})(?:['’]s\b|\s+(?:ydw|dw)\s+i\b|\s+sydd?\s+yma\b)?"
    );
    let rule = Regex::new(&pattern);
    rule.inspect_err(|error| tracing::error!(%error, "masks are searched as words")).ok()
});

/// "Still" alone says nothing and is passed over, so that a still birth would be any birth. Guidance
/// has one word for it.
static STILLBIRTH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let rule = Regex::new(
        r"(?i)\b(?:still[\s-]*birth(s?)|still[\s-]*born|born\s+(?:asleep|sleeping|still))\b",
    );
    rule.inspect_err(|error| tracing::error!(%error, "a still birth is read as any birth")).ok()
});

/// The words that the reader wrote, without masks.
pub(crate) fn own_words(text: &Redacted) -> String {
    let Some(masked) = MASKED.as_ref() else { return text.as_str().to_owned() };
    let left = masked.replace_all(text.as_str(), " ");
    let left = match STILLBIRTH.as_ref() {
        Some(rule) => rule.replace_all(&left, "stillbirth$1"),
        None => left,
    };
    let left = left.split_whitespace().collect::<Vec<_>>().join(" ");
    let left = left.replace(" ,", ",").replace(" .", ".").replace(" ?", "?");
    left.trim_start_matches(|sign: char| sign.is_ascii_punctuation() || sign == ' ').to_owned()
}

#[cfg(test)]
mod tests {
    use candour_core::{PublicContacts, redaction::redact};

    use super::*;

    #[test]
    fn masks_and_what_announces_them_are_left_out() {
        for (text, expected) in [
            ("My name is John Smith, who can get a Blue Badge?", "who can get a Blue Badge?"),
            ("My name is John Smith and my number is 07700 900123", ""),
            (
                "Who can get a Blue Badge? My email is ann@example.org.",
                "Who can get a Blue Badge?.",
            ),
            ("does Mr Jones get a permit", "does get a permit"),
            ("does Professor Jones get it", "does get it"),
            ("Can Mrs. Jones miss a payment?", "Can miss a payment?"),
            ("My landlord Dr Eleri Jones wants me out?", "My landlord wants me out?"),
            ("Faint yw trwydded Mrs Jones?", "Faint yw trwydded?"),
            ("I am Ann Other and I rent a flat", "and I rent a flat"),
            ("Gareth Jones ydw i. Faint yw trwydded?", "Faint yw trwydded?"),
            ("Who empties the bin at 14 Acacia Avenue?", "Who empties the bin at?"),
            ("Is my name on the register?", "Is my name on the register?"),
            ("Our baby was still born", "Our baby was stillbirth"),
            ("registering still births", "registering stillbirths"),
            ("a Still-birth certificate", "a stillbirth certificate"),
            ("are births still registered here", "are births still registered here"),
        ] {
            let masked = redact(text, &PublicContacts::default()).text;
            assert_eq!(own_words(&masked), expected, "{masked}");
        }
        assert!(MASKED.is_some() && STILLBIRTH.is_some());
    }
}
