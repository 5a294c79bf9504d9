//! What holds for all kinds of personal data together, and how the shared data sets fare.

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

/// A file of the shared data sets, which are not part of the repository.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn shared(name: &str) -> Option<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/");
    let text = std::fs::read_to_string(format!("{path}{name}")).ok();
    if text.is_none() {
        eprintln!("skipped: there is no shared data set {name}");
    }
    text
}

fn masks_of(text: &str) -> Vec<super::MaskKind> {
    let masks = redact(text, &PublicContacts::default()).masks;
    masks.into_iter().map(|mask| mask.kind).collect()
}

#[test]
#[expect(clippy::print_stderr, reason = "the figures are for people")]
fn masks_almost_nothing_that_people_search_for() {
    let Some(queries) = shared("govuk-search/zero-result-queries.txt") else { return };
    let masked: Vec<&str> = queries.lines().filter(|query| !masks_of(query).is_empty()).collect();
    let count = queries.lines().count();
    eprintln!("masked {} of {count} queries: {masked:?}", masked.len());
    assert!(masked.len() * 200 <= count, "more than half a percent");
}

#[test]
#[expect(clippy::print_stderr, reason = "the figures are for people")]
fn masks_nothing_in_questions_about_circumstances() {
    let Some(questions) = shared("conditionalqa/questions-train.jsonl") else { return };
    let mut masked = 0;
    for line in questions.lines() {
        let question: serde_json::Value = serde_json::from_str(line).unwrap();
        for field in ["question", "scenario"] {
            let text = question[field].as_str().unwrap_or_default();
            let redaction = redact(text, &PublicContacts::default());
            for mask in &redaction.masks {
                masked += 1;
                eprintln!("{field}: {:?} {:?}", mask.kind, &text[mask.start..mask.end]);
            }
            assert!(field != "question" || redaction.masks.is_empty());
        }
    }
    eprintln!("masked {masked} pieces of {} questions with scenarios", questions.lines().count());
}

#[test]
#[expect(clippy::print_stderr, reason = "the figures are for people")]
fn finds_personal_data_in_the_synthetic_set() {
    use std::collections::BTreeMap;
    let Some(texts) = shared("safety/pii/synth_dataset_v2.json") else { return };
    let texts: Vec<serde_json::Value> = serde_json::from_str(&texts).unwrap();
    let (mut all, mut astray) = (0, 0);
    let mut recall: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for text in &texts {
        let full = text["full_text"].as_str().unwrap();
        let masks = redact(full, &PublicContacts::default()).masks;
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for span in text["spans"].as_array().unwrap() {
            let value = span["entity_value"].as_str().unwrap();
            let mut kind = span["entity_type"].as_str().unwrap().to_owned();
            if kind == "CREDIT_CARD" && !super::checks::is_luhn(&super::checks::digits(value)) {
                kind.push_str(" (check digit wrong)");
            }
            // Places are counted in characters there.
            let place = |name: &str| {
                let characters = span[name].as_u64().unwrap() as usize;
                full.char_indices().nth(characters).map_or(full.len(), |(byte, _)| byte)
            };
            let (start, end) = (place("start_position"), place("end_position"));
            let is_masked = masks.iter().any(|mask| mask.start <= start && end <= mask.end);
            let counts = recall.entry(kind).or_default();
            counts.0 += u32::from(is_masked);
            counts.1 += 1;
            spans.push((start, end));
        }
        let is_astray =
            |mask: &&Mask| !spans.iter().any(|span| mask.start < span.1 && span.0 < mask.end);
        all += masks.len();
        astray += masks.iter().filter(is_astray).count();
    }
    eprintln!("{astray} of {all} masks stand where nothing is marked");
    for (kind, (found, of)) in &recall {
        eprintln!("{kind}: {found} of {of}");
    }
    for (kind, floor) in [("EMAIL_ADDRESS", 100), ("CREDIT_CARD", 97), ("IBAN_CODE", 100)] {
        let (found, of) = recall[kind];
        assert!(found * 100 >= of * floor, "{kind}: {found} of {of}");
    }
}
