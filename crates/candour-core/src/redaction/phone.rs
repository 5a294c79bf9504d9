//! Telephone numbers of people. Those of services stay: helplines, short codes, the publisher's own.

use std::sync::LazyLock;

use regex::Regex;

use super::checks::digits;
use super::view::{View, pattern};
use super::{Found, MaskKind, PublicContacts};

static NATIONAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?:(?:\+|\b00) ?44[ .-]?(?:\(0\) ?)?\d|\(?\b0[ -]?\d)(?:[ ./()-]{0,2}\d){8,9}\b")
});
static INTERNATIONAL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\+[1-9](?:[ .()-]{0,2}\d){8,14}\b"));
/// A mobile's number with the letter O for a nought.
static LETTERED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:O7[\dO]{3}|07(?:O[\dO]{2}|\dO[\dO]|\d\dO))[ -]?[\dO]{3}[ -]?[\dO]{3}\b")
});
/// As numbers are written in North America: 905-674-3793, (905) 674-3793.
static NORTH_AMERICAN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:\(\d{3}\) ?|\b\d{3}[-.])\d{3}[-.]\d{4}\b"));
/// What follows words that leave no doubt.
static CUED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\(?\b\d(?:[ .()-]{0,2}\d){5,13}\b"));
static CUE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b(?:(?:tele)?phone|mobile|mob|cell(?:phone)?|tel|landline|whatsapp|ffôn|symudol)\.?",
        r"(?: (?:number|num|no\.?))?[\s:]*(?:is |yw |ydy )?[\s:]*",
        r"|\b(?:call|ring|text|phone|contact|reach|ffoniwch|cysylltwch â|tecstiwch) (?:me|us|him|her|them|fi|ni)",
        r"(?: back)?(?: on| at| ar)?[\s:]*)$",
    ))
});
static DATE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\(?\d{1,2}[ ./-]\d{1,2}[ ./-](?:19|20)?\d{2}(?:\D|$)"));
static YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:19|20)\d{2}\b"));

pub(super) fn detect(view: &View, public: &PublicContacts, found: &mut Vec<Found>) {
    let mut add = |range| found.push(Found { kind: MaskKind::Phone, range });
    for number in NATIONAL.find_iter(view.text()) {
        let written = number.as_str();
        let is_joined = is_joined(view.before(number.start(), 8));
        let is_date = DATE.is_match(written)
            || YEAR.is_match(written) && written[2..].starts_with([' ', '-', '.', '/']);
        let national = national(written);
        if !is_joined && !is_date && is_personal(&national) && !is_public(&national, public) {
            add(number.range());
        }
    }
    LETTERED.find_iter(view.text()).for_each(|number| add(number.range()));
    for number in INTERNATIONAL.find_iter(view.text()) {
        let national = national(number.as_str());
        let is_british = number.as_str().starts_with("+44");
        let is_public = public.has_phone(number.as_str()) || is_public(&national, public);
        if !is_joined(view.before(number.start(), 8)) && !is_british && !is_public {
            add(number.range());
        }
    }
    for number in NORTH_AMERICAN.find_iter(view.text()) {
        let national = format!("0{}", digits(number.as_str()));
        if !is_joined(view.before(number.start(), 8)) && !is_public(&national, public) {
            add(number.range());
        }
    }
    for number in CUED.find_iter(view.text()) {
        let all = digits(number.as_str());
        let is_public = is_public(&all, public) || is_public(&format!("0{all}"), public);
        if CUE.is_match(view.before(number.start(), 48)) && !is_public {
            add(number.range());
        }
    }
}

/// The number as it is dialled inside the country.
fn national(written: &str) -> String {
    let all = digits(written);
    let rest = all
        .strip_prefix("0044")
        .or_else(|| if written.starts_with('+') { all.strip_prefix("44") } else { None });
    match rest {
        Some(rest) => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
        None => all,
    }
}

/// Whether a number has the form of a line or a mobile of the United Kingdom.
fn is_personal(national: &str) -> bool {
    let length = national.len();
    match national.as_bytes().get(1) {
        Some(b'1') => matches!(length, 10 | 11),
        Some(b'2' | b'3' | b'5' | b'7') => length == 11,
        Some(b'8') => matches!(length, 10 | 11),
        _ => false,
    }
}

/// Services for everyone: non-geographic numbers, short codes, and what the guidance itself names.
pub(super) fn is_public(national: &str, public: &PublicContacts) -> bool {
    const SERVICES: [&str; 4] = ["03", "080", "084", "087"];
    let without_zero = national.strip_prefix('0').unwrap_or(national);
    let spellings = [
        national.to_owned(),
        format!("44{without_zero}"),
        format!("0044{without_zero}"),
        format!("440{without_zero}"),
    ];
    let is_short_code = national.len() == 6 && national.starts_with("116");
    SERVICES.iter().any(|service| national.starts_with(service))
        || is_short_code
        || spellings.iter().any(|spelling| public.has_phone(spelling))
}

/// Whether what stands before makes a number part of something larger: an amount, a date, a reference.
fn is_joined(before: &str) -> bool {
    let mut characters = before.chars().rev();
    match characters.next() {
        Some('/' | '-' | '.' | ',') => characters.next().is_some_and(|next| next.is_ascii_digit()),
        Some('£' | '$' | '€' | '#' | '_' | '+') => true,
        before => before.is_some_and(char::is_alphanumeric),
    }
}

#[cfg(test)]
mod tests {
    use crate::redaction::tests::{check, check_unchanged};
    use crate::redaction::{PublicContacts, redact};

    #[test]
    fn masks_the_numbers_of_people() {
        for number in [
            "07700 900123",
            "07700900123",
            "07700-900-123",
            "077 0090 0123",
            "07700 900 123",
            "07700\u{a0}900\u{2011}123",
            "٠٧٧٠٠٩٠٠١٢٣",
            "+44 7700 900123",
            "+44 (0)7700 900123",
            "00447700900123",
            "020 7946 0000",
            "(020) 7946 0000",
            "(01632) 960001",
            "01632 96000",
            "029 2018 0000",
            "+1-984-182-0190",
            "+353 1 555 0123",
            "905-674-3793",
            "(905) 674-3793",
            "905.674.3793",
            "O7700 900123",
            "o77oo 9oo123",
            "077OO900123",
        ] {
            check(&format!("I am on {number}."), "I am on [phone number].");
        }
        for (before, number) in [
            ("my mobile is", "7700 900123"),
            ("phone:", "905-674-3793"),
            ("phone:\n", "467 3395"),
            ("office,", "07700 900123"),
            ("mob.", "07700 900123"),
            ("call me on", "467 3395"),
            ("fy rhif ffôn yw", "7700900123"),
        ] {
            check(&format!("{before} {number}"), &format!("{before} [phone number]"));
        }
    }

    #[test]
    fn leaves_the_numbers_of_services() {
        for text in [
            "0300 200 3300",
            "03002003300",
            "+44 300 200 3300",
            "0800 111",
            "0800 055 6688",
            "0808 808 0000",
            "0345 300 3900",
            "0845 600 1234",
            "0870 000 0000",
            "call 999 or 112",
            "101, 105, 111, 119",
            "116 123",
            "116 000",
            "call me on 116 123",
            "phone 3002003884",
            "300-200-3884",
        ] {
            check_unchanged(text);
        }
        let mut public = PublicContacts::default();
        public.add_phone("+44 (0)1632 960 999");
        public.add_phone("020 7946 0999");
        for text in ["01632 960999", "+44 1632 960999", "+44 20 7946 0999", "0044 20 7946 0999"] {
            assert_eq!(redact(text, &public).text.as_str(), text);
        }
    }

    #[test]
    fn leaves_what_is_no_telephone_number() {
        for text in [
            "01-04-2025",
            "01-04-2025 10 30",
            "01/04/2025 - 31/03/2026",
            "01 04 2025 2026",
            "£01632960001",
            "0.1234567891",
            "123456789",
            "5804109000",
            "2024 2025",
            "from 2024-01-01 09 00 10",
            "012345678901234",
            "phone bill of 250000",
        ] {
            check_unchanged(text);
        }
    }
}
