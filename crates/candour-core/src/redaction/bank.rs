//! Payment cards, IBANs, and sort codes with account numbers.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::checks::{digits, is_iban, is_luhn};
use super::groups::with_next_groups;
use super::view::{View, pattern};
use super::{Found, MaskKind, PublicContacts};

/// Twelve or more digits that may stand in groups.
static DIGIT_RUN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b\d+(?:[ -]\d+)*\b"));
static IBAN_START: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b[A-Z]{2} ?\d{2}(?:[ -]?[A-Z0-9]){11,30}"));
static PAIR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(\d{2}([ -])\d{2}[ -]\d{2})\b[^0-9\x1a]{0,40}\b(\d{4} ?\d{4})\b"));
/// A sort code that its name stands directly before, with slashes too: elsewhere those are dates.
static SORT_NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:sort(?: ?codes?)?|s/c|cod didoli)[ :]*(?:(?:is|yw|ydy) )?(\d{2}[ /.-]\d{2}[ /.-]\d{2})\b",
    )
});
/// An account that only this word stands before: one of a bank where a sort code is named too.
static ACCOUNT_NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:acc(?:oun)?t?|a/c|(?:ngh|gh?|ch?)yfrif)\.?[ :]*(?:(?:is|yw|ydy) )?(\d{4}[ -]?\d{4})\b",
    )
});
static SORT_STANDS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\bsort ?codes?\b|\bs/c\b|\bcod didoli\b|\bsort[ :]+[\d\x1a]"));
/// The digits on the back of a card.
static SECURITY_CODE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:cvv2?|cvc2?|cv2)(?: (?:number|code|no\.?))?[ :]*(?:(?:is|yw|ydy) )?(\d{3,4})\b",
    )
});
static SORT_CODE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:\d{6}|\d{2}-\d{2}-\d{2}|\d{2} \d{2} \d{2})\b"));
static ACCOUNT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b\d{4}[ -]?\d{4}\b"));
static SORT_CUE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\bsort ?codes?\b|\bs/c\b|\bcod(?:au)? didoli\b"));
static ACCOUNT_CUE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\bacc(?:oun)?t?\.? ?(?:number|num|no)\b|\bbank account\b|\ba/c\b|\brhif(?:au)? (?:fy )?(?:ngh|gh?|ch?)yfrif\b|\bcyfrif banc\b",
    )
});

/// The number of an account at a building society.
static ROLL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\broll (?:number|no\.?)[ :]*(?:is )?([A-Z0-9]{1,4}[-/]?\d{5,12}[A-Z]?)\b")
});
static BILL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:council tax|rent|rates|water|gas|electricity|energy|customer|treth(?:i)? gyngor) acc(?:oun)?t?\.?(?: (?:number|num|no\.?))?[\s:]*(?:is |yw )?$",
    )
});
/// Beside these words, a number with the check digit of cards is one, whoever gave it out.
static CARD_CUE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:(?:debit|credit|bank) card|card|cc|cerdyn|ngherdyn|gerdyn)\b")
});

pub(super) fn detect(view: &View, _: &PublicContacts, found: &mut Vec<Found>) {
    for run in DIGIT_RUN.find_iter(view.text()) {
        cards(view.text(), run.range(), found);
        let (range, number) = (run.range(), digits(run.as_str()));
        let is_one = matches!(number.len(), 12..=19) && run.len() == number.len();
        if is_one && is_luhn(&number) && view.has_cue(&range, &CARD_CUE) {
            found.push(Found { kind: MaskKind::Card, range });
        }
    }
    for roll in ROLL.captures_iter(view.text()) {
        if let Some(number) = roll.get(1) {
            found.push(Found { kind: MaskKind::BankAccount, range: number.range() });
        }
    }
    for start in IBAN_START.find_iter(view.text()) {
        if let Some(range) = iban(view.text(), start.start()) {
            found.push(Found { kind: MaskKind::BankAccount, range });
        }
    }
    for pair in PAIR.captures_iter(view.text()) {
        for part in [pair.get(1), pair.get(3)].into_iter().flatten() {
            found.push(Found { kind: MaskKind::BankAccount, range: part.range() });
        }
    }
    for (numbers, cue) in [(&SORT_CODE, &SORT_CUE), (&ACCOUNT, &ACCOUNT_CUE)] {
        for number in numbers.find_iter(view.text()) {
            if view.has_cue(&number.range(), cue) && !is_of_a_bill(view, number.start()) {
                let range = with_next_groups(view.text(), number.range());
                found.push(Found { kind: MaskKind::BankAccount, range });
            }
        }
    }
    named(view, found);
}

/// What its name stands directly before.
fn named(view: &View, found: &mut Vec<Found>) {
    let has_sort_code = SORT_STANDS.is_match(view.text());
    for (rule, kind, stands) in [
        (&SORT_NAMED, MaskKind::BankAccount, true),
        (&ACCOUNT_NAMED, MaskKind::BankAccount, has_sort_code),
        (&SECURITY_CODE, MaskKind::Card, true),
    ] {
        let numbers = rule.captures_iter(view.text()).filter_map(|named| named.get(1));
        for number in numbers.filter(|number| stands && !is_of_a_bill(view, number.start())) {
            found.push(Found { kind, range: number.range() });
        }
    }
}

/// "Council tax account number 60112233": an account, but of no bank.
fn is_of_a_bill(view: &View, number: usize) -> bool {
    BILL.is_match(view.before(number, 48))
}

/// Cards in a run of digit groups: from the start of a group to the end of another, the longest first.
fn cards(text: &str, run: Range<usize>, found: &mut Vec<Found>) {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut at = run.start;
    for group in text[run].split([' ', '-']) {
        groups.push(at..at + group.len());
        at += group.len() + 1;
    }
    let mut first = 0;
    while first < groups.len() {
        let last = (first..groups.len().min(first + 6)).rev().find(|last| {
            let lengths: Vec<usize> =
                groups[first..=*last].iter().map(ExactSizeIterator::len).collect();
            let candidate = digits(&text[groups[first].start..groups[*last].end]);
            is_card_grouping(&lengths) && is_card(&candidate)
        });
        if let Some(last) = last {
            let range = groups[first].start..groups[last].end;
            found.push(Found { kind: MaskKind::Card, range });
        }
        first = last.unwrap_or(first) + 1;
    }
}

/// Cards are written in one piece, in fours, or as 4-6-5 and 4-6-4. Other groups are other numbers:
/// "4000 50000 6000" is money.
fn is_card_grouping(lengths: &[usize]) -> bool {
    match lengths {
        [_] | [4, 6, 4 | 5] => true,
        [fours @ .., last] => fours.len() >= 2 && fours.iter().all(|n| *n == 4) && *last <= 4,
        [] => false,
    }
}

/// The lengths and prefixes that the card schemes use, and the check digit.
fn is_card(digits: &str) -> bool {
    let prefix =
        |length: usize| digits.get(..length).and_then(|p| p.parse::<u32>().ok()).unwrap_or(0);
    let (two, three, four) = (prefix(2), prefix(3), prefix(4));
    let is_known = match digits.len() {
        13 => prefix(1) == 4,
        14 => matches!(three, 300..=305) || matches!(two, 36 | 38 | 39),
        15 => matches!(two, 34 | 37) || matches!(four, 1800 | 2131),
        12 | 16..=19 => {
            (prefix(1) == 4 && digits.len() >= 16)
                || (digits.len() == 16 && matches!(two, 51..=55))
                || (digits.len() == 16 && matches!(four, 2221..=2720))
                || (digits.len() >= 16 && (matches!(two, 62 | 65) || matches!(three, 644..=649)))
                || (digits.len() >= 16 && (four == 6011 || two == 35))
                || matches!(four, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763)
        }
        _ => false,
    };
    is_known && is_luhn(digits)
}

/// The IBAN that begins at `start`, as long as its country says.
fn iban(text: &str, start: usize) -> Option<Range<usize>> {
    let country = text.get(start..start + 2)?.to_ascii_uppercase();
    let length = iban_length(&country)?;
    let mut letters = String::with_capacity(length);
    for (offset, character) in text[start..].char_indices() {
        if character.is_ascii_alphanumeric() {
            letters.push(character.to_ascii_uppercase());
        } else if !matches!(character, ' ' | '-') {
            return None;
        }
        if letters.len() == length {
            let end = start + offset + 1;
            let goes_on = text[end..].starts_with(|next: char| next.is_alphanumeric());
            return (!goes_on && is_iban(&letters)).then_some(start..end);
        }
    }
    None
}

/// From the register of ISO 13616: the countries whose accounts are common in the United Kingdom.
fn iban_length(country: &str) -> Option<usize> {
    Some(match country {
        "NO" => 15,
        "BE" => 16,
        "DK" | "FI" | "NL" => 18,
        "SI" => 19,
        "AT" | "EE" | "LT" | "LU" => 20,
        "CH" | "HR" | "LV" => 21,
        "BG" | "DE" | "GB" | "GE" | "IE" | "ME" | "RS" => 22,
        "AE" | "GI" | "IL" => 23,
        "AD" | "CZ" | "ES" | "MD" | "PK" | "RO" | "SA" | "SE" | "SK" => 24,
        "PT" => 25,
        "IS" | "TR" => 26,
        "FR" | "GR" | "IT" | "MC" | "SM" => 27,
        "AL" | "CY" | "HU" | "LB" | "PL" => 28,
        "UA" => 29,
        "MT" => 31,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::redaction::tests::{check, check_unchanged};

    #[test]
    fn masks_cards() {
        for (text, expected) in [
            ("4111111111111111", "[card number]"),
            ("card 4111 1111 1111 1111 12/26", "card [card number] 12/26"),
            ("4111-1111-1111-1111 123", "[card number] 123"),
            ("5500 0000 0000 0004", "[card number]"),
            ("2223003122003222", "[card number]"),
            ("3782 822463 10005", "[card number]"),
            ("6011000990139424", "[card number]"),
            ("what is the limit of card 584528792610?", "what is the limit of card [card number]?"),
            ("٤١١١١١١١١١١١١١١١", "[card number]"),
            ("4111\u{a0}1111\u{2013}1111 1111", "[card number]"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn leaves_numbers_that_are_no_cards() {
        for text in [
            "4111111111111112",
            "4111 1111 1111 1121",
            "1234567890123456",
            "9999999999999995",
            "2020 2021 2022 2023",
            "4000 50000 6000 111",
            "41111111111111111111111",
        ] {
            check_unchanged(text);
        }
    }

    #[test]
    fn masks_accounts() {
        for (text, expected) in [
            ("GB29NWBK60161331926819", "[bank account]"),
            ("iban gb29 nwbk 6016 1331 9268 19 thanks", "iban [bank account] thanks"),
            ("DE89 3704 0044 0532 0130 00", "[bank account]"),
            ("20-00-00 55779911", "[bank account] [bank account]"),
            ("sort code 200000", "sort code [bank account]"),
            (
                "Sort code: 20 00 00, account number: 5577 9911",
                "Sort code: [bank account], account number: [bank account]",
            ),
            ("fy rhif cyfrif yw 55779911", "fy rhif cyfrif yw [bank account]"),
            ("rhif fy nghyfrif yw 55779911", "rhif fy nghyfrif yw [bank account]"),
            ("cod didoli 20-00-00", "cod didoli [bank account]"),
            ("roll number C/1234567890", "roll number [bank account]"),
            ("account 55779911 sort 20 00 00", "account [bank account] sort [bank account]"),
            (
                "Sort code: 20/00/00 Account: 55779911",
                "Sort code: [bank account] Account: [bank account]",
            ),
            (
                "cod didoli 20/00/00, cyfrif 5577 9911",
                "cod didoli [bank account], cyfrif [bank account]",
            ),
            ("account number 8012 3456 7", "account number [bank account]"),
            ("card 4111 1111 1111 1111 cvv 123", "card [card number] cvv [card number]"),
            ("CVC code is 1234", "CVC code is [card number]"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn leaves_what_is_no_account() {
        for text in [
            "GB28NWBK60161331926819",
            "GB29NWBK601613319268199",
            "20-00-00",
            "55779911",
            "on 01-04-25",
            "what is a sort code",
            "sort code in the form of 2024-25",
            "bank account with £250000000",
            "the sort code changed on 01/04/25",
            "account 20242025",
            "please sort out my account from 2024",
            "what is the cvv of a card",
        ] {
            check_unchanged(text);
        }
    }
}
