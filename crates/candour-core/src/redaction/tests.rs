//! What holds for all kinds of personal data together. How real texts fare is in `tests/real_texts.rs`.

use proptest::prelude::*;

use super::{Mask, PublicContacts, redact};

/// Masks `text` and compares; masking twice, and offsets, are checked on the way.
pub(super) fn check(text: &str, expected: &str) {
    let redaction = redact(text, &PublicContacts::default());
    assert_eq!(redaction.text.as_str(), expected, "{text}");
    holds(text).unwrap();
}

pub(super) fn check_unchanged(text: &str) {
    check(text, text);
}

/// The properties that hold for every text.
fn holds(text: &str) -> Result<(), TestCaseError> {
    let public = PublicContacts::default();
    let redaction = redact(text, &public);
    let mut outside = redaction.text.as_str();
    let mut done = 0;
    for Mask { kind, start, end } in &redaction.masks {
        prop_assert!(done <= *start && start < end, "masks are in order and apart");
        let rest = outside.strip_prefix(&text[done..*start]);
        let rest = rest.and_then(|rest| rest.strip_prefix(kind.mask()));
        prop_assert!(rest.is_some(), "what is outside masks is unchanged");
        outside = rest.unwrap_or_default();
        done = *end;
    }
    prop_assert_eq!(outside, &text[done..]);
    let again = redact(redaction.text.as_str(), &public);
    prop_assert_eq!(&again.text, &redaction.text);
    prop_assert!(again.masks.is_empty());
    let json = serde_json::to_string(&redaction.text).unwrap();
    prop_assert_eq!(serde_json::from_str::<super::Redacted>(&json).unwrap(), redaction.text);
    Ok(())
}

#[test]
fn masks_several_things_in_one_text() {
    check(
        "My name is Ann Other, born 1/2/1980, NI AB123456C, 12 Acacia Avenue SY16 2AA, 07700 900123, ann@example.org",
        "My name is [name], born [date of birth], NI [National Insurance number], [address], [phone number], [email address]",
    );
    check(
        "I'm Siân Williams of 4 Lôn Glas, Aberwen, and my son Tom Evans got PCN AB12345678",
        "I'm [name] of [address], Aberwen, and my son [name] got PCN [reference number]",
    );
    check("[phone number] [name] and [brackets]", "[phone number] [name] and [brackets]");
}

#[test]
fn never_masks_what_guidance_is_about() {
    for text in [
        "£100000",
        "£100,000",
        "125140 income",
        "mortgage of 250000",
        "£1,300000",
        "2024-2025",
        "2025 2026",
        "from 2024 to 2025",
        "01-04-2025",
        "aged 16 to 19",
        "30 hours",
        "2006-2014",
        "SA100",
        "P45",
        "IHT400",
        "V5C",
        "NI38",
        "VAT431NB",
        "form 4506789",
        "VATGPB2000",
        "case number 12345",
        "gwf066369546",
        "3002003884",
        "0300 200 3300",
        "SW1A",
        "CF10",
        "born after 6 April 2016",
        "£12,570 to £50,270",
        "1 April 2025 to 31 March 2026",
        "ages 3 to 4",
        "Universal Credit £393.45",
        "10 Downing Street",
        "999",
        "111",
        "101",
    ] {
        check_unchanged(text);
        check_unchanged(&format!("What about {text} for me?"));
        check_unchanged(&format!("Beth am {text}?"));
    }
}

proptest! {
    #[test]
    fn holds_for_any_text(text in any::<String>()) {
        holds(&text)?;
    }

    #[test]
    fn holds_for_texts_full_of_cues_and_numbers(pieces in prop::collection::vec(piece(), 0..12)) {
        holds(&pieces.concat())?;
    }

    #[test]
    fn finds_mobiles_however_they_are_spaced(
        number in 0_u64..1_000_000_000,
        gaps in prop::collection::vec(prop::sample::select(vec!["", "", "", " ", "-", "\u{a0}"]), 10),
    ) {
        let digits = format!("07{number:09}");
        // The first two digits apart would make a date or a list of some of these.
        let mut written = digits[..2].to_owned();
        for (digit, gap) in digits[2..].chars().zip(std::iter::once("").chain(gaps.iter().copied())) {
            written.push_str(gap);
            written.push(digit);
        }
        let redaction = redact(&written, &PublicContacts::default());
        prop_assert!(!redaction.masks.is_empty(), "{}", written);
        holds(&written)?;
    }
}

proptest! {
    #[test]
    fn knows_cards_by_their_check_digit(body in 0_u64..100_000_000_000_000, wrong_by in 1_u64..10) {
        let with = |check: u64| format!("4{body:014}{check}");
        let check = (0..10).find(|check| super::checks::is_luhn(&with(*check))).unwrap();
        prop_assert_eq!(masks_of(&with(check)), vec![super::MaskKind::Card]);
        prop_assert!(masks_of(&with((check + wrong_by) % 10)).is_empty());
    }

    #[test]
    fn knows_nhs_numbers_by_their_check_digit(body in 400_000_000_u64..500_000_000, check in 0_u64..10) {
        let digits = format!("{body}{check}");
        let written = format!("{} {} {}", &digits[..3], &digits[3..6], &digits[6..]);
        let expected = super::checks::is_nhs(&digits).then_some(super::MaskKind::NhsNumber);
        prop_assert_eq!(masks_of(&written), Vec::from_iter(expected));
    }
}

fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        " ",
        ", ",
        " my ",
        "NI ",
        "NHS ",
        "sort code ",
        "passport ",
        "my name is ",
        "Mr ",
        "born ",
        "UTR ",
        "live at ",
        "07700 900123",
        "ann@example.org",
        "AB123456C",
        "QQ123456",
        "SW1A 2AA",
        "12 High Street ",
        "4111 1111 1111 1111",
        "943 476 5919",
        "1955839661",
        "20-00-00",
        "55779911",
        "[phone number]",
        "[name",
        "]",
        "1/2/1980",
        "MORGA657054SM9IJ",
        "my case number ",
        "\u{200b}",
        "\u{a0}",
        "０",
        "½",
        "ﬁ",
        "GB29NWBK60161331926819",
        "+44",
        "Ann Other ",
    ]);
    prop_oneof![fixed.prop_map(str::to_owned), "[0-9]{1,6}", "[A-Za-z]{1,4}"]
}

fn masks_of(text: &str) -> Vec<super::MaskKind> {
    let masks = redact(text, &PublicContacts::default()).masks;
    masks.into_iter().map(|mask| mask.kind).collect()
}
