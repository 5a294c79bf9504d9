//! Driving licences, passports, vehicle registrations, and the references of cases and permits.
//! All but the first have no check of their own, so they need words beside them.

use std::sync::LazyLock;

use regex::Regex;

use super::checks::digits;
use super::groups::with_next_groups;
use super::view::{View, pattern};
use super::{Found, MaskKind, PublicContacts, phone};

/// Surname filled up with 9s, decade, month (plus 50 for women), day, year, initials, three more.
static LICENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:[A-Z]{5}|[A-Z]{4}9|[A-Z]{3}99|[A-Z]{2}999|[A-Z]9999) ?",
        r"\d(?:0[1-9]|1[0-2]|5[1-9]|6[0-2])(?:0[1-9]|[12]\d|3[01])\d ?",
        r"(?:[A-Z]{2}|[A-Z]9|99) ?\d[A-Z0-9]{2}(?: ?\d{2})?\b",
    ))
});

/// "123456789 is my passport number".
static PASSPORT_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(\d{9}|[A-Z]{1,2} ?\d{7})\b,? (?:is|was|yw|ydy) (?:my|our|his|her|their|the|rhif fy|fy) (?:\p{L}+ )?(?:passport|mhasbort)\b",
    )
});

/// What needs no more: a Child Benefit number, a plate after its name, a password or PIN that is told.
static TOLD: LazyLock<[Regex; 4]> = LazyLock::new(|| {
    [
        pattern(r"(?i)\b(CHB ?\d{8} ?[A-Z]{2})\b"),
        pattern(
            r"(?i)\b(?:reg(?:istration)?(?: (?:number|plate|no\.?))?|number plate|plate|vr[nm]|rhif cofrestru)[ :]*(?:is |yw )?((?-i:[A-Z]\d ?[A-Z]{3})|[A-Z]\d[A-Z]{3})\b",
        ),
        pattern(
            r"(?i)\b(?:pass ?(?:word|code)|memorable (?:word|information)|security (?:word|answer)|(?:ngh|ch?|gh?)yfrinair)(?: i)? ?(?:is|was|yw|ydy|ydi|[:=-]) ?([^\s\x1a]*(?:\p{L}[^\s\x1a]*\d|\d[^\s\x1a]*\p{L}|\d{6})(?:[^\s\x1a]*[^\s\x1a.,;!?])?)",
        ),
        pattern(
            r"(?i)\b(?:my|our|his|her|card|bank|fy)(?: \w+)? pin(?: (?:number|code|no\.?))?[ :]*(?:is |was |yw )?(\d{4,6})\b",
        ),
    ]
});

/// A number, and the words that must stand directly before it.
struct Cued {
    kind: MaskKind,
    cue: Regex,
    number: Regex,
}

static CUED: LazyLock<[Cued; 15]> = LazyLock::new(|| {
    let cued = |kind, cue, number| Cued { kind, cue: pattern(cue), number: pattern(number) };
    [
        cued(
            MaskKind::Reference,
            r"(?i)\b(?:(?:fine|penalty|ticket|summons) (?:number|no\.?|num|ref(?:erence)?)|rhif (?:y |fy )?(?:dirwy|ddirwy|nirwy|tocyn))[ :#]*(?:is |yw )?$",
            r"(?i)\b[A-Z]{0,3}\d{6,10}[A-Z]?\b",
        ),
        // The County Court's claims.
        cued(
            MaskKind::Reference,
            r"(?i)\b(?:claim|case|court|ccj|judgment|hawliad|achos|llys)[^.!?\n\x1a]{0,16}$",
            r"(?i)\b(?:\d{3}[A-Z]{2}\d{3}|[A-Z]\d{2}[A-Z]{2}\d{3})\b",
        ),
        cued(
            MaskKind::Reference,
            r"(?i)\b(?:acc(?:oun)?t?|a/c|(?:ngh|gh?|ch?)yfrif)\.? (?:number|no\.?|num|ref(?:erence)?)[ :#]*(?:is |yw )?$",
            r"\b\d{2,4}[-/]\d{3,6}[-/]\d{2,6}\b",
        ),
        cued(
            MaskKind::Reference,
            r"(?i)\b(?:ref(?:erence)?|cyfeirnod) (?:number|no\.?|num)[ :#]*(?:is )?$|\b(?:cyfeirnod|rhif cyfeirnod)[ :#]*(?:yw )?$",
            r"(?i)\b[A-Z]{2,4}[/-]\d{3,8}[/-]\d{2,8}\b",
        ),
        cued(
            MaskKind::Reference,
            concat!(
                r"(?i)\b(?:upn|uln|unique (?:pupil|learner) number|(?:pupil|learner) (?:number|id|reference)|rhif (?:unigryw )?(?:y )?(?:disgybl|dysgwr)|",
                r"(?:prison(?:er)?|inmate|offender) (?:number|no\.?|id)|noms|rhif (?:y |fy )?carchar(?:or)?)[ :#]*(?:is |yw )?$",
            ),
            r"(?i)\b(?:[A-Z]?\d{10,13}[A-Z]?|[A-Z]\d{4}[A-Z]{2}|[A-Z]{2}\d{4,5})\b",
        ),
        cued(
            MaskKind::Reference,
            r"(?i)\b(?:blue badge|bathodyn glas)\b[^.!?\n\x1a]{0,16}$",
            r"(?i)\b[A-Z0-9]{5,6} [0-9][A-Z] [A-Z][0-9]{4}\b",
        ),
        cued(
            MaskKind::DrivingLicence,
            r"(?i)\b(?:driving|driver'?s?) licen[cs]e(?: (?:number|no\.?))?[ :]*(?:is )?$|\btrwydded yrru[ :]*(?:yw )?$",
            r"\b\d{8}\b",
        ),
        cued(
            MaskKind::Passport,
            r"(?i)\b(?:passport|pasbort|mhasbort)\b(?: (?:no|num|rhif)\.)?[^.!?\n\x1a]{0,24}$",
            r"(?i)\b(?:\d{9}|[A-Z]{1,2} ?\d{6,8})\b",
        ),
        cued(
            MaskKind::Reference,
            r"(?i)\b(?:share code|cod rhannu)\b[^.!?\n\x1a]{0,16}$",
            r"(?i)\b(?:[A-Z0-9]{3}[ -]){2}[A-Z0-9]{3}\b|\b[A-Z]{0,3}\d[A-Z0-9]{5,8}\b",
        ),
        cued(
            MaskKind::Reference,
            r"(?i)\b(?:reg(?:istration)?|vr[nm]|plates?|vehicle|car|van|motorbike|lorry|fined?|ticket|pcn|parked|mot|sorn|clamped|towed|dirwy|cofrestru|(?:ngh|c|g|ch)erbyd|nghar)\b[^.!?\n\x1a]{0,24}$",
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
            r"(?i)\b(?:[A-Z]{0,3}\d{6,10}|[A-Z]{2,3} ?\d{3,4} \d{3,4})[A-Z]?\b",
        ),
        cued(
            MaskKind::Reference,
            r"(?i)\b(?:rhif (?:fy |ei |ein |eu |y )?(?:(?:ngh|c|g|ch)yfeirnod|achos|hawliad|nghais|cais|cyfrif|trwydded)|(?:ngh|c|g|ch)yfeirnod)[ :#]*(?:i )?(?:is |yw |ydy )?[ :#]*$",
            r"(?i)\b(?:(?-i:[A-Z]{2,3}) [0-9]{3,4}(?: [0-9]{3,4})+|[A-Z0-9]{1,12}(?:[/-][A-Z0-9]{1,12}){0,4})\b",
        ),
        cued(
            MaskKind::Reference,
            concat!(
                r"(?i)\b(?:(?:council tax(?: account)?|rent account|crime|incident|customer|hospital|patient|blue badge|bathodyn glas|home office|journal|",
                r"payroll|policy|membership|booking|permit|tenancy|visa|appeal|claim)",
                r"(?: (?:number|no\.?|num|reference|ref\.?|id)){1,2}|brp|biometric(?: residen(?:ce|t))? (?:permit|card)|trwydded (?:breswylio )?fiometrig|uan)(?: number| no\.?)?[ :#]*(?:is |was |yw )?[ :#]*$",
            ),
            r"\b(?:[A-Z0-9]{4,12}(?:[/-][A-Z0-9]{1,12}){1,4}|[0-9]{2,3}/[0-9]{3,7}/[0-9]{2,4}|[A-Z0-9]{5,6} [0-9][A-Z0-9] ?[A-Z0-9]{3,6}|(?:[A-Z]{2,3} )?[0-9]{3,4}(?: [0-9]{3,4})+|(?i:[A-Z]{0,3}[0-9]{5,12}[A-Z]?))\b",
        ),
        cued(
            MaskKind::Reference,
            concat!(
                r"(?i)\b(?:my|our|his|her|their|fy|ein)\b[^.!?\n\x1a]{0,32}\b(?:",
                r"(?:case|claim|reference|ref|application|permit|customer|policy|account|crime|visa|",
                r"booking|appeal|order|payment|incident|document|card|council tax account|rent account|licence|tenancy|brp|gwf|uan|journal|hospital|patient|",
                r"student|staff|payroll|employee|membership|member|ticket|journey|home office)s?",
                r"(?: (?:number|no\.?|num|ref|reference|id|code))?",
                // A pension has amounts too.
                r"|(?:blue badge|badge|bathodyn glas|pension|bus pass) (?:number|no\.?|num|ref|reference|id)",
                r")[ :#]*(?:is |yw |ydy )?[ :#]*$",
            ),
            r"(?i)\b(?:(?-i:[A-Z]{2,3}) [0-9]{3,4}(?: [0-9]{3,4})+|[A-Z0-9]{1,12}(?:[/-][A-Z0-9]{1,12}){0,4})\b",
        ),
    ]
});

pub(super) fn detect(view: &View, public: &PublicContacts, found: &mut Vec<Found>) {
    for licence in LICENCE.find_iter(view.text()) {
        found.push(Found { kind: MaskKind::DrivingLicence, range: licence.range() });
    }
    for passport in PASSPORT_BEFORE.captures_iter(view.text()) {
        if let Some(number) = passport.get(1) {
            found.push(Found { kind: MaskKind::Passport, range: number.range() });
        }
    }
    let told = TOLD.iter().flat_map(|told| told.captures_iter(view.text()));
    for number in told.filter_map(|told| told.get(1)) {
        found.push(Found { kind: MaskKind::Reference, range: number.range() });
    }
    for Cued { kind, cue, number } in &*CUED {
        for number in number.find_iter(view.text()) {
            // A reference has digits; a word, a year, a price or a form's name is none.
            let is_number = number.as_str().bytes().filter(u8::is_ascii_digit).count() >= 2;
            let before = view.before(number.start(), 80);
            if is_number && !is_year(number.as_str()) && cue.is_match(before) {
                let range = with_next_groups(view.text(), number.range());
                if !is_telephone(&view.text()[range.clone()], public) {
                    found.push(Found { kind: *kind, range });
                }
            }
        }
    }
}

/// "Customer number 0300 200 3300": the telephone number of an office.
fn is_telephone(text: &str, public: &PublicContacts) -> bool {
    let number = digits(text);
    number.starts_with('0') && number.len() >= 10 && phone::is_public(&number, public)
}

/// "My claim 2024": a year, a span of years, or too short for a reference.
fn is_year(text: &str) -> bool {
    let is_grouped = text.contains(' ');
    let is_short = digits(text).len() <= 6;
    let is_one = |part: &str| {
        (part.len() <= 2 || part.len() == 3 && is_short) && !is_grouped
            || part.len() == 4 && (part.starts_with("19") || part.starts_with("20"))
    };
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'/' | b' '))
        && text.split(['-', '/', ' ']).all(is_one)
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
            ("123456789 is my passport number", "[passport number] is my passport number"),
            ("crime reference 4512345678", "crime reference [reference number]"),
            ("BRP number RF1234567 expired", "BRP number [reference number] expired"),
            ("my blue badge number ABC12 0X Y0525", "my blue badge number [reference number]"),
            ("my blue badge number is 6GA2F4", "my blue badge number is [reference number]"),
            ("my pension number is 22/123456A", "my pension number is [reference number]"),
            ("rhif fy achos yw CF23P00123", "rhif fy achos yw [reference number]"),
            ("share code W8R 3TY 9KK", "share code [reference number]"),
            ("my car AB12 CDE", "my car [reference number]"),
            ("registration number is K123 ABC", "registration number is [reference number]"),
            ("I got PCN AB12345678 today", "I got PCN [reference number] today"),
            (
                "penalty charge notice number: 1234567X",
                "penalty charge notice number: [reference number]",
            ),
            ("my case number is 12345", "my case number is [reference number]"),
            ("my UC claim ref is 1234 5678 9012", "my UC claim ref is [reference number]"),
            ("fy nghyfeirnod yw 1234 5678 9012", "fy nghyfeirnod yw [reference number]"),
            ("my claim number is 1234 5678", "my claim number is [reference number]"),
            ("my rent account number is 1234 5678", "my rent account number is [reference number]"),
            ("my council tax ref 8012 3456", "my council tax ref [reference number]"),
            ("claim reference 123 456 789", "claim reference [reference number]"),
            ("my reference is AB 1234 5678", "my reference is [reference number]"),
            ("PCN AB 1234 5678", "PCN [reference number]"),
            ("passport no. 533380006", "passport no. [passport number]"),
            ("my fine number AW98765432", "my fine number [reference number]"),
            ("rhif dirwy AW98765432", "rhif dirwy [reference number]"),
            ("court claim number 123MC456", "court claim number [reference number]"),
            ("rhif yr hawliad: K00CF123", "rhif yr hawliad: [reference number]"),
            ("my child benefit number CHB12345678AB", "my child benefit number [reference number]"),
            ("account no. 12-345-678 council tax", "account no. [reference number] council tax"),
            ("vrn AB12CDE", "vrn [reference number]"),
            ("reg plate: A1 ABC", "reg plate: [reference number]"),
            ("my reg is a1abc", "my reg is [reference number]"),
            ("crime ref 42/12345/26", "crime ref [reference number]"),
            ("ref no. ABC/123/456 my appeal", "ref no. [reference number] my appeal"),
            ("Blue Badge number 6ga2f4 0x y0525", "Blue Badge number [reference number]"),
            ("biometric permit RK1234567", "biometric permit [reference number]"),
            ("my pupil UPN is A123456789012", "my pupil UPN is [reference number]"),
            ("rhif dysgwr 1234567890", "rhif dysgwr [reference number]"),
            ("prison number A1234BC", "prison number [reference number]"),
            ("my password is hunter2", "my password is [reference number]"),
            ("fy nghyfrinair yw draig99!", "fy nghyfrinair yw [reference number]!"),
            ("my pin number is 4821", "my pin number is [reference number]"),
            (
                "biometric residence permit ZX1234567",
                "biometric residence permit [reference number]",
            ),
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
            "my claim 2024 2025",
            "customer number 0300 200 3300",
            "my claim reference helpline 0800 328 5644",
            "claim number 0800 328 5644",
            "passport no. of pages 34",
            "my application is late",
            "AB12 CDE",
            "PCN code 01",
            "parking fine 70",
            "my order of 16 to 19",
            "planning ref 22/00456/HOU",
            "company number 12345678",
            "customer number is where",
            "blue badge number of people 20000",
            "my pension is 9500 a year",
            "my password is not working",
            "password: how many characters",
            "my password was reset 3 times",
            "my password is 8 characters long",
            "security answer: 2 questions",
            "is my pin needed for the card",
            "parking fine number of days to pay",
            "fine number 3",
            "claim form 2024MC",
            "court fee 123",
            "account no. 1",
            "my account 01/04/2025",
            "prison number of visits 2",
            "what is a UPN",
            "planning ref no. 22/00456/HOU",
            "number plate A4 paper",
            "child benefit CHB form",
        ] {
            check_unchanged(text);
        }
    }
}
