//! The numbers that the state gives a person: National Insurance, NHS, taxpayer reference.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::checks::{digits, is_nhs, is_tax_reference};
use super::view::{View, pattern};
use super::{Found, MaskKind, PublicContacts, phone};

static NATIONAL_INSURANCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b([A-Z] ?[A-Z])([ .-]{0,3})\d ?\d[ .-]{0,3}\d ?\d[ .-]{0,3}\d ?\d(?:[ .-]{0,3}([A-Z]))?\b",
    )
});
static NATIONAL_INSURANCE_CUE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\bnational insurance\b|\bn\.? ?i\.?\b|\bnin?o?\b|\byswiriant (?:gwladol|cenedlaethol)\b|\byg\b",
    )
});
static TEMPORARY: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b\d{2} ?[A-Z](?: ?\d){5}\b"));
static TEMPORARY_CUE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\btrn\b|\btemporary reference\b|\bcyfeirnod dros dro\b"));
static TEN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:\d{10}|\d{3}([ -])\d{3}[ -]\d{4}|\d{5} \d{5})K?\b"));
static NHS_CUE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\bnhs\b|\brhif gig\b|\bgig\b|\bhealth service number\b"));
static TAX_CUE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\butr\b|\btax(?:payer)?(?:'?s)? ref(?:erence)?\b|\bself[ -]assessment\b|\b(?:ngh|c|g|ch)yfeirnod (?:unigryw )?(?:y )?treth(?:dalwr)?\b",
    )
});

pub(super) fn detect(view: &View, public: &PublicContacts, found: &mut Vec<Found>) {
    for number in NATIONAL_INSURANCE.captures_iter(view.text()) {
        let range = number.get_match().range();
        let is_one = is_national_insurance(&number)
            || view.has_cue(&range, &NATIONAL_INSURANCE_CUE) && !is_words(&number);
        if is_one {
            found.push(Found { kind: MaskKind::NationalInsurance, range });
        }
    }
    for number in TEMPORARY.find_iter(view.text()) {
        if view.has_cue(&number.range(), &TEMPORARY_CUE) {
            found.push(Found { kind: MaskKind::NationalInsurance, range: number.range() });
        }
    }
    for number in TEN.captures_iter(view.text()) {
        let range = number.get_match().range();
        let ten = digits(number.get_match().as_str());
        let is_grouped = number.get(1).is_some() && !phone::is_public(&format!("0{ten}"), public);
        if is_nhs(&ten) && (is_grouped || view.has_cue(&range, &NHS_CUE)) {
            found.push(Found { kind: MaskKind::NhsNumber, range });
        } else if is_tax_reference(&ten) && view.has_cue(&range, &TAX_CUE) {
            found.push(Found { kind: MaskKind::TaxReference, range });
        }
    }
}

/// Whether the letters are some that HMRC gives out (National Insurance Manual, NIM39110).
fn is_national_insurance(number: &Captures<'_>) -> bool {
    let letters: String = number[1].chars().filter(char::is_ascii_alphabetic).collect();
    let letters = letters.to_ascii_uppercase();
    let suffix = number.get(3).map(|suffix| suffix.as_str().to_ascii_uppercase());
    let mut pair = letters.chars();
    pair.next().is_some_and(|first| !"DFIQUV".contains(first))
        && pair.next().is_some_and(|second| !"DFIOQUV".contains(second))
        && !matches!(letters.as_str(), "BG" | "GB" | "KN" | "NK" | "NT" | "TN" | "ZZ")
        && suffix.is_some_and(|suffix| matches!(suffix.as_str(), "A" | "B" | "C" | "D"))
        && !is_words(number)
}

/// "at 10 11 12 a": a short word that begins no number, in English or Welsh.
fn is_words(number: &Captures<'_>) -> bool {
    const WORDS: [&str; 30] = [
        "ac", "am", "an", "ar", "as", "at", "be", "by", "do", "ei", "eu", "go", "he", "hi", "if",
        "in", "is", "it", "me", "my", "no", "of", "on", "or", "so", "to", "up", "we", "yn", "yr",
    ];
    let letters = &number[1];
    let is_shouted = letters.chars().all(|letter| letter.is_ascii_uppercase());
    !number[2].is_empty()
        && !is_shouted
        && WORDS.iter().any(|word| word.eq_ignore_ascii_case(letters))
}

#[cfg(test)]
mod tests {
    use crate::redaction::tests::{check, check_unchanged};

    #[test]
    fn masks_national_insurance_numbers() {
        const MASK: &str = "[National Insurance number]";
        for number in [
            "AB123456C",
            "ab 12 34 56 c",
            "AB-12-34-56-C",
            "A B 12 34 56 C",
            "A B 1 2 3 4 5 6 C",
            "AB\u{a0}123456\u{a0}C",
        ] {
            check(&format!("I am {number}."), &format!("I am {MASK}."));
        }
        for (before, number) in [
            ("my NI number is", "QQ 12 34 56 A"),
            ("national insurance", "AB123456"),
            ("NINO:", "GB 123456 E"),
            ("rhif yswiriant gwladol yw", "QQ123456"),
            ("my TRN is", "11 a1 11 11"),
            ("temporary reference number", "11A11111"),
        ] {
            check(&format!("{before} {number}"), &format!("{before} {MASK}"));
        }
    }

    #[test]
    fn leaves_what_is_no_national_insurance_number() {
        for text in [
            "QQ 12 34 56 A",
            "DA123456A",
            "AO123456A",
            "GB123456A",
            "AB123456",
            "AB123456E",
            "AB1234567C",
            "at 10 11 12 a day",
            "oe028105",
            "NI38",
            "what is my NI at 10 20 30",
            "11a11111",
        ] {
            check_unchanged(text);
        }
    }

    #[test]
    fn masks_ten_digit_numbers_by_check_and_cue() {
        for (text, expected) in [
            ("943 476 5919", "[NHS number]"),
            ("943-476-5919", "[NHS number]"),
            ("my NHS number is 9434765919", "my NHS number is [NHS number]"),
            ("fy rhif GIG yw 9434765919", "fy rhif GIG yw [NHS number]"),
            ("UTR 1955839661", "UTR [tax reference]"),
            (
                "unique taxpayer reference: 19558 39661",
                "unique taxpayer reference: [tax reference]",
            ),
            ("self assessment 1955839661K", "self assessment [tax reference]"),
        ] {
            check(text, expected);
        }
        for text in [
            "943 476 5918",
            "9434765919",
            "NHS number 9434765918",
            "1955839661",
            "UTR 2955839661",
            "NHS 1234567890 12",
            "3002003884",
        ] {
            check_unchanged(text);
        }
    }
}
