//! What is made of the headings above what is quoted, over small pages written for it.

use std::sync::Arc;

use super::memory::{Memory, config, page};
use super::now;
use crate::{Ask, Assistant};

#[test]
fn a_word_of_a_heading_that_is_shown_is_not_said_to_be_missing() {
    for (locale, passage, question, word, is_missing) in [
        (
            "en",
            ("Put up a shed", "You need permission."),
            "Do I need permission for a shed?",
            "shed",
            false,
        ),
        (
            "en",
            ("Put up a shed", "You need permission."),
            "Do I need permission for a yurt?",
            "yurt",
            true,
        ),
        (
            "cy",
            ("Codi sied", "Mae angen caniatâd."),
            "Oes angen caniatâd i godi sied?",
            "sied",
            false,
        ),
        (
            "cy",
            ("Codi sied", "Mae angen caniatâd."),
            "Oes angen caniatâd i godi iwrt?",
            "iwrt",
            true,
        ),
    ] {
        let mut config = config();
        config.answers.abstain_below = 0.0;
        let pages = page("/building", "Building permission", locale, &[passage]);
        let assistant = Assistant::new(Arc::new(Memory(pages)), &config);
        let ask = Ask::new(question, now());
        let answer = assistant.ask(&ask, &mut |_| {}).unwrap().answer;
        assert!(!answer.sentences.is_empty(), "{question}: {answer:?}");
        let said = answer.notices.iter().any(|notice| notice.text.contains(&format!("“{word}”")));
        assert_eq!(said, is_missing, "{question}: {answer:?}");
    }
}

#[test]
fn what_follows_where_it_is_not_done_is_no_way_to_do_it() {
    let fines = [
        ("How much it is", "A fine is £70."),
        ("Ways to pay", "Pay a fine online."),
        (
            "If you do not pay",
            "If you do not pay a fine in time, a fine goes up and we write to you.",
        ),
    ];
    let dirwyon = [
        ("Faint yw’r ddirwy", "Mae dirwy yn £70."),
        ("Ffyrdd o dalu", "Talwch ddirwy ar-lein."),
        ("Os na fyddwch yn talu", "Os na fyddwch yn talu dirwy mewn pryd, bydd dirwy yn codi."),
    ];
    for (locale, passages, question, first) in [
        ("en", &fines, "How much is a fine and how do I pay it?", &fines[..2]),
        ("en", &fines, "What happens if I do not pay a fine?", &fines[2..]),
        ("cy", &dirwyon, "Faint yw dirwy a sut mae ei thalu?", &dirwyon[..2]),
        ("cy", &dirwyon, "Beth sy’n digwydd os na fyddaf yn talu dirwy?", &dirwyon[2..]),
    ] {
        let guidance = Memory(page("/fines", "Fines, dirwyon", locale, passages));
        let assistant = Assistant::new(Arc::new(guidance), &config());
        let answer = assistant.ask(&Ask::new(question, now()), &mut |_| {}).unwrap().answer;
        let quoted: Vec<&str> = answer.sentences.iter().map(|said| said.text.as_str()).collect();
        let expected: Vec<&str> = first.iter().map(|(_, text)| *text).collect();
        assert!(expected.iter().all(|text| quoted.contains(text)), "{question}: {quoted:?}");
        let is_asked_how = first.len() == 2;
        assert!(!(is_asked_how && quoted.contains(&passages[2].1)), "{question}: {quoted:?}");
    }
}
