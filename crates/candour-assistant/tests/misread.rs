//! What a reader typed is never silently read as something else: held on the sample pilot.

#![cfg(test)]

mod pilot;

use candour_content::source::SourceSpec;
use candour_core::{Answer, AnswerStatus, Config, Locale};

use pilot::{Pilot, in_repository};

fn pilot() -> Pilot {
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    let config = Config::resolve(&text, &std::collections::BTreeMap::new()).unwrap();
    Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config)
}

fn notices(answer: &Answer) -> String {
    let texts: Vec<&str> = answer.notices.iter().map(|notice| notice.text.as_str()).collect();
    texts.join("\n")
}

#[test]
fn words_are_read_as_they_stand_and_slips_are_told_of() {
    let pilot = pilot();
    for (question, word) in [
        ("my gran has died what do i do", "gran"),
        ("Can my pork be collected?", "pork"),
        ("Where can I hire a hearse?", "hearse"),
        ("How do I register a birch tree?", "birch"),
        ("Can I keep a horse in my garden?", "horse"),
        ("How do I report a dead badger?", "badger"),
    ] {
        let answer = pilot.answer(question, Locale::En);
        assert_ne!(answer.status, AnswerStatus::Answered, "{question}");
        let is_told =
            answer.sentences.is_empty() || notices(&answer).contains(&format!("“{word}”"));
        assert!(is_told, "{question}: {}", notices(&answer));
        assert!(!notices(&answer).contains("so I read it as"), "{question}: {}", notices(&answer));
    }
    for (question, typed, meant) in [
        ("how do i pay my coucil tax", "coucil", "council"),
        ("who can get a blue bagde", "bagde", "badge"),
        ("garden waste subscribtion price", "subscribtion", "subscription"),
    ] {
        let answer = pilot.answer(question, Locale::En);
        assert_eq!(answer.status, AnswerStatus::Partial, "{question}");
        assert!(!pilot.pages(&answer).is_empty(), "{question}");
        for word in [typed, meant] {
            assert!(
                notices(&answer).contains(&format!("“{word}”")),
                "{question}: {}",
                notices(&answer)
            );
        }
    }
}

/// A withdrawn page is told of where it holds more of what is asked than what may be quoted, and there alone.
#[test]
fn a_withdrawn_page_gives_way_to_one_that_says_as_much() {
    let pilot = pilot();
    for (question, is_withdrawn) in [
        ("How much is the cost of living payment from the Aberwen scheme?", true),
        ("What were the car park charges in 2023?", true),
        ("How much is a parking permit for a second car?", false),
    ] {
        let answer = pilot.answer(question, Locale::En);
        let is_told = notices(&answer).contains("has been withdrawn");
        assert_eq!(
            (is_told, answer.sentences.is_empty()),
            (is_withdrawn, is_withdrawn),
            "{question}"
        );
    }
}

/// Whoever lost a baby is not sent to where births are registered.
#[test]
fn a_still_birth_is_not_any_birth() {
    let pilot = pilot();
    for question in [
        "do i have to register a still birth",
        "Our baby was still born, how do we register",
        "my daughter was born asleep do I register her",
        "How long do I have to register a stillbirth?",
    ] {
        let answer = pilot.answer(question, Locale::En);
        let quotes: Vec<&str> = answer.sentences.iter().map(|one| one.text.as_str()).collect();
        assert!(
            quotes
                .iter()
                .any(|quote| quote.contains("A stillbirth must be registered within 42 days")),
            "{question}: {quotes:?}"
        );
    }
}
