//! The whole path over a small council in memory.

mod audience;
mod headings;
pub(crate) mod memory;
mod split;
mod unshown;

use std::sync::Arc;

use candour_core::{
    Answer, AnswerId, AnswerStatus, ConversationId, LinkKind, Locale, Nation, NoticeKind, Redacted,
    Searcher as _, Turn,
};
use jiff::Timestamp;
use proptest::prelude::*;

use self::memory::{EN, Memory, config, council, page};
use crate::{Ask, AskError, Assistant, Event, Mode};

fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn ask_with(text: &str, locale: Locale, nation: Option<Nation>, history: &[Turn]) -> Answer {
    let assistant = Assistant::new(Arc::new(council()), &config());
    let ask = Ask { locale, nation: nation.into(), history, ..Ask::new(text, now()) };
    assistant.ask(&ask, &mut |_| {}).unwrap().answer.into_answer()
}

fn answer(text: &str) -> Answer {
    ask_with(text, EN, None, &[])
}

fn texts(answer: &Answer) -> Vec<&str> {
    answer.sentences.iter().map(|sentence| sentence.text.as_str()).collect()
}

/// What was asked and answered before.
fn turn(question: Redacted, answer: Answer) -> Turn {
    Turn {
        id: AnswerId::from_random([1; 16]),
        conversation: ConversationId::from_random([2; 16]),
        question,
        answer,
        asked_at: now(),
    }
}

fn kinds(answer: &Answer) -> Vec<NoticeKind> {
    answer.notices.iter().map(|notice| notice.kind).collect()
}

#[test]
fn a_row_is_quoted_with_its_header() {
    let answer = answer("How much is a resident permit for my second car?");
    assert_eq!(answer.status, AnswerStatus::Answered, "{answer:?}");
    assert_eq!(texts(&answer)[..2], ["Permit | Price for 12 months", "Second car | £78"]);
    assert_eq!(answer.sentences[1].citations[0].quote, "Second car | £78");
    assert!(answer.sentences[1].item && !answer.sentences[0].item);
    assert_eq!(answer.sources[0].url, "https://aberwen.example/parking/permits#h");
    assert_eq!(answer.sources[0].updated.as_deref(), Some("2026-06-01"));
    assert_eq!(answer.contacts.last().unwrap().title, "Customer services");
}

#[test]
fn each_part_that_is_quoted_has_its_heading_and_its_source() {
    let answer = answer("Who gets a council tax discount if they live alone or are a student?");
    let mut headings: Vec<&str> =
        (0..answer.sentences.len()).flat_map(|at| answer.headings_above(at)).collect();
    headings.sort_unstable();
    assert_eq!(headings, ["If you live alone", "Who is not counted"], "{answer:?}");
    for sentence in &answer.sentences {
        let citation = &sentence.citations[0];
        let source = &answer.sources[answer.source_number(citation).unwrap() - 1];
        assert_eq!((&source.heading, &source.title), (&citation.heading, &citation.title));
    }
}

#[test]
fn an_answer_is_given_again_until_it_is_to_be_forgotten_or_the_day_is_over() {
    let assistant = Assistant::new(Arc::new(council()), &config());
    let is_given_again = |now: Timestamp| {
        let text = "How much is a residnt permit for my second car?";
        let ask = Ask::new(text, now);
        let answer = assistant.ask(&ask, &mut |_| {}).unwrap().answer;
        assert!(answer.notices.iter().any(|notice| notice.text.contains("residnt")), "{answer:?}");
        !answer.timings_ms.contains_key("retrieve")
    };
    let tomorrow = now() + jiff::SignedDuration::from_hours(24);
    assert!(!is_given_again(now()) && is_given_again(now()));
    assistant.forget();
    assert!(!is_given_again(now()), "a word of a reader is in it, and must be forgotten");
    assert!(!is_given_again(tomorrow) && is_given_again(tomorrow));
    assert!(!is_given_again(now()), "of another day nothing is kept");
}

#[test]
fn a_condition_is_never_cut() {
    let answer = answer("Do I get a council tax discount if I live alone?");
    let texts = texts(&answer);
    let at =
        texts.iter().position(|text| text.starts_with("You get 25% off")).expect("the discount");
    assert!(texts[at + 1].starts_with("However, you must apply"), "{texts:?}");
}

#[test]
fn a_list_is_quoted_whole() {
    let answer = answer("Who is not counted for council tax?");
    let texts = texts(&answer);
    for item in [
        "You do not count someone if they are:",
        "aged 17 or under",
        "a full-time student",
        "a live-in carer",
    ] {
        assert!(texts.contains(&item), "{item} is not in {texts:?}");
    }
}

#[test]
fn a_withdrawn_page_that_shares_a_word_would_not_have_answered() {
    for question in ["Is there a grant for a goat passport?", "Which winter sports are taught?"] {
        let answer = answer(question);
        assert!(!kinds(&answer).contains(&NoticeKind::Withdrawn), "{question} {answer:?}");
        let said = answer.message.clone().unwrap_or_default();
        assert!(!said.contains("withdrawn"), "{question} {said}");
    }
}

#[test]
fn numbers_of_forms_are_asked_for_with_a_space_and_without() {
    for (asked, written) in [("P45", "P45"), ("P 45", "P45"), ("P45", "P 45"), ("p 45", "P 45")] {
        let said = format!("Your employer gives you a {written} when you leave your job.");
        let guidance = Memory(page("/leaving", "Leaving a job", "en", &[("", &said)]));
        let assistant = Assistant::new(Arc::new(guidance), &config());
        let question = format!("Who gives me a {asked} when I leave?");
        let answer = assistant.ask(&Ask::new(&question, now()), &mut |_| {}).unwrap().answer;
        assert_eq!(answer.status, AnswerStatus::Answered, "{asked} {written} {answer:?}");
        assert_eq!(texts(&answer), [said]);
    }
}

#[test]
fn the_same_words_are_quoted_once() {
    let said = "Bins are emptied every Monday before nine.";
    let areas = ["North", "South", "East"].map(|area| (area, said));
    let guidance = Memory(page("/bins", "Bins", "en", &areas));
    let assistant = Assistant::new(Arc::new(guidance), &config());
    let asked = Ask::new("When are bins emptied?", now());
    let answer = assistant.ask(&asked, &mut |_| {}).unwrap().answer;
    assert_eq!(texts(&answer), [said]);
}

#[test]
fn a_withdrawn_page_is_told_of_and_not_quoted() {
    let answer = answer("How much is the winter hardship grant?");
    assert!(kinds(&answer).contains(&NoticeKind::Withdrawn), "{answer:?}");
    assert!(answer.sentences.iter().all(|sentence| !sentence.text.contains("£150")));
    assert!(answer.links.iter().any(|link| link.url.ends_with("/grant-2024")));
    assert!(answer.notices.iter().any(|notice| notice.text.contains("The grant closed in 2025.")));
}

#[test]
fn another_nation_is_sent_elsewhere() {
    let answer = answer("How much is the school attendance fine in England?");
    assert!(answer.sentences.is_empty(), "{answer:?}");
    assert_eq!(answer.nation, Some(Nation::England));
    assert!(answer.links.iter().any(
        |link| link.kind == LinkKind::OtherNation && link.url == "https://other.example/fines"
    ));
}

#[test]
fn notices_tell_nation_age_and_alerts() {
    let answer = answer("How much is the school attendance fine?");
    assert_eq!(texts(&answer), ["The attendance fine is £60 for each parent."]);
    let kinds = kinds(&answer);
    for kind in [NoticeKind::Nation, NoticeKind::Old, NoticeKind::Alert] {
        assert!(kinds.contains(&kind), "{kind:?} is not in {kinds:?}");
    }
    assert!(
        answer
            .links
            .iter()
            .any(|link| link.kind == LinkKind::Start && link.url == "https://pay.example/")
    );
    assert_eq!(answer.sources[0].nations, [Nation::Wales]);
}

#[test]
fn welsh_is_answered_in_welsh_and_else_with_english_quotes() {
    let own =
        ask_with("Faint mae trwydded barcio yn ei gostio ar gyfer yr ail gar?", EN, None, &[]);
    assert_eq!(own.locale, Locale::Cy);
    assert!(texts(&own).contains(&"Ail gar | £78"), "{own:?}");
    let other = ask_with("Oes disgownt treth gyngor?", Locale::Cy, None, &[]);
    assert!(kinds(&other).contains(&NoticeKind::Language), "{other:?}");
    assert!(other.sources.iter().all(|source| source.locale == Locale::En));
}

#[test]
fn nothing_is_said_where_nothing_is_known() {
    for question in [
        "Which breed of llama is best for wool?",
        "How far is the moon?",
        "Who won the cup in 1966?",
    ] {
        let answer = answer(question);
        assert_eq!(answer.status, AnswerStatus::Abstained, "{question}");
        assert!(
            answer.sentences.is_empty() && answer.message.is_some() && !answer.contacts.is_empty()
        );
    }
}

#[test]
fn a_broad_question_is_asked_back() {
    let answer = answer("How much is a permit?");
    assert_eq!(answer.status, AnswerStatus::Clarify, "{answer:?}");
    assert!(answer.links.len() >= 2);
}

#[test]
fn a_follow_up_rests_on_the_question_before() {
    let first = "How much is a resident permit for my first car?";
    let question = Assistant::new(Arc::new(council()), &config()).redact(first);
    let history = [turn(question, answer(first))];
    let second = ask_with("And for the third one?", EN, None, &history);
    assert!(texts(&second).contains(&"Third car | £140"), "{second:?}");
}

#[test]
fn danger_comes_before_everything() {
    for question in ["I want to die, how much is a permit", "Dw i eisiau marw heno"] {
        let answer = answer(question);
        assert_eq!(answer.status, AnswerStatus::Signposted);
        assert_eq!(answer.notices[0].kind, NoticeKind::Crisis);
        assert!(answer.notices[0].text.contains("116 123") && answer.sentences.is_empty());
    }
}

/// The words of an emergency are others, and are said even while the assistant is switched off.
#[test]
fn in_an_emergency_999_stands_first() {
    let assistant = Assistant::new(Arc::new(council()), &config());
    for (question, call) in [
        ("My house is on fire, how much is a permit?", "call 999 now"),
        ("Mae fy mab wedi llyncu cannydd", "ffoniwch 999 nawr"),
        ("I can smell gas in my flat", "0800 111 999"),
        ("Mae nwy yn gollwng yn y tŷ", "0800 111 999"),
    ] {
        for mode in [Mode::On, Mode::QuotesOnly, Mode::Off] {
            let ask = Ask { mode, ..Ask::new(question, now()) };
            let answer = assistant.ask(&ask, &mut |_| {}).unwrap().answer;
            assert_eq!(answer.notices[0].kind, NoticeKind::Crisis, "{question}");
            let text = &answer.notices[0].text;
            assert!(text.contains(call) && !text.contains("116 123"), "{text}");
            assert!(answer.is_blocked && answer.sentences.is_empty(), "{answer:?}");
        }
    }
    // What somebody did to the reader is heard while it is switched off too.
    let ask = Ask { mode: Mode::Off, ..Ask::new("I was raped", now()) };
    let answer = assistant.ask(&ask, &mut |_| {}).unwrap().answer;
    assert!(answer.notices[0].text.contains("116 123"), "{answer:?}");
}

#[test]
fn personal_data_is_masked_and_told_of() {
    let assistant = Assistant::new(Arc::new(council()), &config());
    let text = "My email is pat@example.org. How much is a resident permit for my second car?";
    let ask = Ask::new(text, now());
    let outcome = assistant.ask(&ask, &mut |_| {}).unwrap();
    assert!(!outcome.question.as_str().contains("pat@example.org"));
    assert_eq!(outcome.masks.len(), 1);
    assert!(kinds(&outcome.answer).contains(&NoticeKind::Masked));
    assert!(texts(&outcome.answer).contains(&"Second car | £78"));
    assert!(!format!("{outcome:?}").contains("pat@example.org"));
}

#[test]
fn stages_and_sentences_are_told_in_order() {
    let assistant = Assistant::new(Arc::new(council()), &config());
    let ask = Ask::new("How much is a resident permit for my second car?", now());
    let mut told = Vec::new();
    let outcome = assistant
        .ask(&ask, &mut |event| {
            told.push(match event {
                Event::Stage { name, .. } => name.to_owned(),
                Event::Sentence(sentence) => sentence.text.clone(),
            });
        })
        .unwrap();
    assert_eq!(told[..5], ["screen", "route", "retrieve", "compose", "verify"]);
    assert_eq!(told[5..], texts(&outcome.answer));
    assert_eq!(outcome.answer.timings_ms.len(), 5);
    assert_eq!(outcome.answer.snapshot, council().snapshot());
}

#[test]
fn an_index_that_fails_is_an_error() {
    struct Broken;
    impl candour_core::Searcher for Broken {
        fn search(
            &self,
            _: &candour_core::SearchQuery,
        ) -> Result<Vec<candour_core::Hit>, candour_core::SearchError> {
            Err(candour_core::SearchError::Empty)
        }
        fn snapshot(&self) -> String {
            String::new()
        }
        fn public_contacts(&self) -> Arc<candour_core::PublicContacts> {
            Arc::default()
        }
    }
    let assistant = Assistant::new(Arc::new(Broken), &config());
    let ask = |text| Ask::new(text, now());
    assert!(matches!(
        assistant.ask(&ask("How much is a permit for a car?"), &mut |_| {}),
        Err(AskError::Search(_))
    ));
    // Someone in danger is answered even then.
    assert!(assistant.ask(&ask("I want to kill myself"), &mut |_| {}).is_ok());
}

#[test]
fn reviewed_rules_name_their_owner_and_date() {
    for file in [
        include_str!("screen/crisis.toml"),
        include_str!("screen/injection.toml"),
        include_str!("route/rules.toml"),
    ] {
        let table: toml::Table = file.parse().unwrap();
        assert!(!table["owner"].as_str().unwrap().is_empty());
        assert!(table["reviewed"].as_str().unwrap().parse::<jiff::civil::Date>().is_ok());
    }
}

/// Words that the pages hold, so that random questions find something.
const WORDS: [&str; 24] = [
    "council", "tax", "discount", "permit", "car", "second", "how", "much", "is", "the", "fine",
    "school", "England", "grant", "alone", "when", "trwydded", "barcio", "faint", "£78", "[email]",
    "?", "who", "not",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_answered_without_panic(text in any::<String>()) {
        let assistant = Assistant::new(Arc::new(council()), &config());
        let ask = Ask::new(&text, now());
        let _ = assistant.ask(&ask, &mut |_| {});
    }

    #[test]
    fn every_sentence_is_verbatim_and_complete(words in prop::collection::vec(prop::sample::select(&WORDS[..]), 1..12)) {
        let memory = council();
        let answer = answer(&words.join(" "));
        for sentence in &answer.sentences {
            let citation = &sentence.citations[0];
            let hit = memory.0.iter().find(|hit| hit.passage.id == citation.passage).unwrap();
            prop_assert_eq!(&sentence.text, &citation.quote);
            prop_assert_eq!(hit.passage.text.get(citation.start as usize..citation.end as usize), Some(citation.quote.as_str()));
            prop_assert!(hit.page.withdrawn.is_none());
            let unit = hit.passage.units.iter().find(|unit| unit.start == citation.start).unwrap();
            for need in &unit.needs {
                let need = hit.passage.quote(&hit.passage.units[*need as usize]);
                prop_assert!(answer.sentences.iter().any(|other| other.text == need), "{} without {need}", sentence.text);
            }
        }
        let again = self::answer(&words.join(" "));
        prop_assert_eq!(texts(&answer), texts(&again));
    }
}
