//! Redaction on real and synthetic texts: what it finds, and what it leaves alone.
//!
//! The texts are not part of the repository; CONTRIBUTING.md says where they are looked for.

#![expect(clippy::print_stderr, reason = "a test says what it sees")]

use std::collections::BTreeMap;

use candour_core::{Mask, MaskKind, PublicContacts, redaction::redact};

/// A file of the shared data sets, which are not part of the repository.
fn shared(name: &str) -> Option<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/");
    let text = std::fs::read_to_string(format!("{path}{name}")).ok();
    if text.is_none() {
        eprintln!("skipped: there is no shared data set {name}");
    }
    text
}

fn masks_of(text: &str) -> Vec<MaskKind> {
    let masks = redact(text, &PublicContacts::default()).masks;
    masks.into_iter().map(|mask| mask.kind).collect()
}

#[test]
fn masks_almost_nothing_that_people_search_for() {
    let Some(queries) = shared("govuk-search/zero-result-queries.txt") else { return };
    let masked: Vec<&str> = queries.lines().filter(|query| !masks_of(query).is_empty()).collect();
    let count = queries.lines().count();
    eprintln!("masked {} of {count} queries: {masked:?}", masked.len());
    assert!(masked.len() * 1000 <= count * 3, "more than 0.3 percent");
}

#[test]
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
fn finds_personal_data_in_the_synthetic_set() {
    let Some(texts) = shared("safety/pii/synth_dataset_v2.json") else { return };
    let texts: Vec<serde_json::Value> = serde_json::from_str(&texts).unwrap();
    let (mut all, mut astray) = (0, 0);
    let mut recall: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for text in &texts {
        let full = text["full_text"].as_str().unwrap();
        let masks = redact(full, &PublicContacts::default()).masks;
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for span in text["spans"].as_array().unwrap() {
            let kind = span["entity_type"].as_str().unwrap().to_owned();
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
    for (kind, floor) in [("EMAIL_ADDRESS", 100), ("CREDIT_CARD", 100), ("IBAN_CODE", 100)] {
        let (found, of) = recall[kind];
        assert!(found * 100 >= of * floor, "{kind}: {found} of {of}");
    }
}
