//! Driving licences, passports, vehicle registrations, and the references of cases and permits.
//! All but the first have no check of their own, so they need words beside them.

use std::sync::LazyLock;

use regex::Regex;

use super::view::{View, pattern};
use super::{Found, MaskKind, PublicContacts};

/// Surname filled up with 9s, decade, month (plus 50 for women), day, year, initials, three more.
static LICENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:[A-Z]{5}|[A-Z]{4}9|[A-Z]{3}99|[A-Z]{2}999|[A-Z]9999) ?",
        r"\d(?:0[1-9]|1[0-2]|5[1-9]|6[0-2])(?:0[1-9]|[12]\d|3[01])\d ?",
        r"(?:[A-Z]{2}|[A-Z]9|99) ?\d[A-Z0-9]{2}(?: ?\d{2})?\b",
    ))
});

/// A number, and the words that must stand directly before it.
struct Cued {
    kind: MaskKind,
    cue: Regex,
    number: Regex,
}

static CUED: LazyLock<[Cued; 7]> = LazyLock::new(|| {
    let cued = |kind, cue, number| Cued { kind, cue: pattern(cue), number: pattern(number) };
    [
        cued(
            MaskKind::DrivingLicence,
            r"(?i)\b(?:driving|driver'?s?) licen[cs]e(?: (?:number|no\.?))?[ :]*(?:is )?$|\btrwydded yrru[ :]*(?:yw )?$",
            r"\b\d{8}\b",
        ),
        cued(
            MaskKind::Passport,
            r"(?i)\b(?:passport|pasbort|mhasbort)\b[^.!?\n\x1a]{0,24}$",
            r"(?i)\b(?:\d{9}|[A-Z]{1,2} ?\d{6,8})\b",
        ),
        cued(
            MaskKind::Reference,
            r"(?i)\b(?:share code|cod rhannu)\b[^.!?\n\x1a]{0,16}$",
            r"(?i)\b(?:[A-Z0-9]{3}[ -]){2}[A-Z0-9]{3}\b|\b[A-Z]{0,3}\d[A-Z0-9]{5,8}\b",
        ),
        cued(
            MaskKind::Reference,
            r"(?i)\b(?:reg(?:istration)?|plates?|vehicle|car|van|cofrestru|cerbyd)\b[^.!?\n\x1a]{0,24}$",
            r"(?i)\b[A-Z]{2}\d{2} ?[A-Z]{3}\b",
        ),
        cued(
            MaskKind::Reference,
            r"(?i)\b(?:reg(?:istration)?(?: (?:number|plate|no\.?))?|number plate|rhif cofrestru)[ :]*(?:is |yw )?$",
            r"(?i)\b(?:[A-Z]\d{1,3} ?[A-Z]{3}|[A-Z]{3} ?\d{1,3}[A-Z]|[A-Z]{1,3} ?\d{1,4})\b",
        ),
        cued(
            MaskKind::Reference,
            concat!(
                r"(?i)\b(?:pcn|penalty charge(?: notice)?|parking (?:ticket|fine|charge|notice)|hysbysiad tâl cosb|",
                r"(?:tocyn|dirwy) parcio)(?: (?:number|no\.?|num|ref(?:erence)?|rhif))?[ :#]*(?:is |yw |ydy )?[ :#]*$",
            ),
            r"(?i)\b[A-Z]{0,3}\d{6,10}[A-Z]?\b",
        ),
        cued(
            MaskKind::Reference,
            concat!(
                r"(?i)\b(?:my|our|his|her|their|fy|ein)\b[^.!?\n\x1a]{0,32}\b(?:",
                r"(?:case|claim|reference|ref|application|permit|customer|policy|account|crime|visa|",
                r"booking|appeal|order|payment|incident|document|card|licence|tenancy|brp|gwf|uan)s?",
                r"(?: (?:number|no\.?|num|ref|reference|id|code))?|rhif (?:achos|hawliad|cyfeirnod|cais)|cyfeirnod",
                r")[ :#]*(?:is |yw |ydy )?[ :#]*$",
            ),
            r"(?i)\b[A-Z0-9]{1,12}(?:[/-][A-Z0-9]{1,12}){0,4}\b",
        ),
    ]
});

pub(super) fn detect(view: &View, _: &PublicContacts, found: &mut Vec<Found>) {
    for licence in LICENCE.find_iter(view.text()) {
        found.push(Found { kind: MaskKind::DrivingLicence, range: licence.range() });
    }
    for Cued { kind, cue, number } in &*CUED {
        for number in number.find_iter(view.text()) {
            // A reference has digits; a word, a year, a price or a form's name is none.
            let is_number = number.as_str().bytes().filter(u8::is_ascii_digit).count() >= 2;
            let before = view.before(number.start(), 80);
            if is_number && !is_year(number.as_str()) && cue.is_match(before) {
                found.push(Found { kind: *kind, range: number.range() });
            }
        }
    }
}

/// "My claim 2024": a year, a span of years, or too short for a reference.
fn is_year(text: &str) -> bool {
    let is_one = |part: &str| {
        part.len() <= 3 || part.len() == 4 && (part.starts_with("19") || part.starts_with("20"))
    };
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'/'))
        && text.split(['-', '/']).all(is_one)
}

#[cfg(test)]
mod tests {
    use crate::redaction::tests::{check, check_unchanged};

    #[test]
    fn masks_documents() {
        for (text, expected) in [
            ("MORGA657054SM9IJ", "[driving licence number]"),
            ("morga 657054 sm 9ij", "[driving licence number]"),
            ("FO999 512314 A99AB", "[driving licence number]"),
            (
                "driving licence number: 12345678",
                "driving licence number: [driving licence number]",
            ),
            ("passport number 123456789", "passport number [passport number]"),
            ("rhif fy mhasbort yw 123456789", "rhif fy mhasbort yw [passport number]"),
            ("share code W8R 3TY 9KK", "share code [reference number]"),
            ("my car AB12 CDE", "my car [reference number]"),
            ("registration number is K123 ABC", "registration number is [reference number]"),
            ("I got PCN AB12345678 today", "I got PCN [reference number] today"),
            (
                "penalty charge notice number: 1234567X",
                "penalty charge notice number: [reference number]",
            ),
            ("my case number is 12345", "my case number is [reference number]"),
            ("our council tax account 1234-5678/9", "our council tax account [reference number]"),
            (
                "fy nghyfeirnod i; fy cyfeirnod: ABC/12345",
                "fy nghyfeirnod i; fy cyfeirnod: [reference number]",
            ),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn leaves_what_is_no_document() {
        for text in [
            "MORGA663054SM9IJ",
            "MORGA657324SM9IJ",
            "MORGA657054SM9I",
            "123456789",
            "passport photos 35mm",
            "passport fee £8850",
            "case number 12345",
            "form 4506789",
            "my claim 2024-2025",
            "my application is late",
            "AB12 CDE",
            "PCN code 01",
            "parking fine 70",
            "my order of 16 to 19",
        ] {
            check_unchanged(text);
        }
    }
}
