//! E-mail addresses, also written out as "name at host dot com".

use std::sync::LazyLock;

use regex::Regex;

use super::view::{View, pattern};
use super::{Found, MaskKind, PublicContacts};

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"[\p{L}\p{N}._%+'&-]+ ?@ ?[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,24}\b")
});

/// With a comma for the dot, or none, before an end that leaves no doubt.
static MISTYPED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)[\p{L}\p{N}._%+'&-]+ ?@ ?(?:[\p{L}\p{N}-]+(?:[.,][\p{L}\p{N}-]+)*[,;](?:com|co|org|net|info|ie|eu|wales|cymru|uk)\b(?:[.,;]uk\b)?",
        r"|(?:gmail|hotmail|outlook|yahoo|icloud|btinternet|ymail|aol)[ ,.;]?(?:com|co[ .,]?uk)\b)",
        r"|[\p{L}\p{N}._%+'&-]+@(?:gmail|hotmail|outlook|yahoo|icloud|btinternet|ymail|aol)\b",
    ))
});

static SPOKEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b[\p{L}\p{N}_+-]+(?: ?(?:\.| dot ) ?[\p{L}\p{N}_+-]+){0,3} ?",
        r"(?:\(at\)|\[at\]|\{at\}|\bat\b|@) ?",
        r"[\p{L}\p{N}-]+(?: ?(?:\(dot\)|\[dot\]|\bdot\b) ?[\p{L}\p{N}-]+){0,3}",
        r" ?(?:\(dot\)|\[dot\]|\bdot\b|\.) ?(?:com|org|net|co|uk|gov|ac|info|me|eu|ie|wales|cymru)\b",
        r"(?: ?(?:\(dot\)|\[dot\]|\bdot\b|\.) ?uk\b)?",
    ))
});

pub(super) fn detect(view: &View, public: &PublicContacts, found: &mut Vec<Found>) {
    for one in ADDRESS.find_iter(view.text()) {
        if !public.has_email(&one.as_str().replace(' ', "")) {
            found.push(Found { kind: MaskKind::Email, range: one.range() });
        }
    }
    for one in MISTYPED.find_iter(view.text()) {
        if !public.has_email(&one.as_str().replace(' ', "")) {
            found.push(Found { kind: MaskKind::Email, range: one.range() });
        }
    }
    // "look at example.com" is no address: at least one of the two signs has to be unmistakable.
    let is_written_out = |text: &str| {
        let text = text.to_lowercase();
        text.contains("dot") || text.contains("(at)") || text.contains("[at]")
    };
    for one in SPOKEN.find_iter(view.text()).filter(|one| is_written_out(one.as_str())) {
        found.push(Found { kind: MaskKind::Email, range: one.range() });
    }
}

#[cfg(test)]
mod tests {
    use crate::redaction::tests::{check, check_unchanged};
    use crate::redaction::{PublicContacts, redact};

    #[test]
    fn masks_addresses() {
        for (text, expected) in [
            ("write to ann.other+x@example.co.uk.", "write to [email address]."),
            ("ANN@EXAMPLE.ORG, bob@example.org", "[email address], [email address]"),
            ("sian_o'neil@enghraifft.cymru", "[email address]"),
            ("ann＠example．org", "[email address]"),
            ("ann @ example.org", "[email address]"),
            ("anna@example,com", "[email address]"),
            ("anna@example,co,uk please", "[email address] please"),
            ("anna@gmail", "[email address]"),
            ("anna@gmail com", "[email address]"),
            ("ann at example dot com please", "[email address] please"),
            ("ann dot other at example dot co dot uk", "[email address]"),
            ("ann (at) example.com", "[email address]"),
            ("mailto:ann@example.org?subject=x", "mailto:[email address]?subject=x"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn leaves_what_is_none() {
        for text in [
            "meet @ 10",
            "meet @ outlook",
            "look at example.com",
            "a@b",
            "@council",
            "at home dot dot dot",
            "us@home,company",
        ] {
            check_unchanged(text);
        }
    }

    #[test]
    fn leaves_the_publishers_own() {
        let mut public = PublicContacts::default();
        for own in ["Parking@Council.example.gov.uk", "clerk@btinternet.com"] {
            public.add_email(own);
            let (own, host) = (own.to_lowercase(), own.split_once('@').unwrap().1);
            let masked = redact(&format!("is {own} right? I am ann@{host}"), &public).text;
            assert_eq!(masked.as_str(), format!("is {own} right? I am [email address]"));
        }
    }
}
