//! Follow-up questions on the sample pilot: what they rest on, and where they are about.

#![cfg(test)]

mod pilot;

use candour_assistant::Ask;
use candour_content::source::SourceSpec;
use candour_core::Stated::{Nothing, Unknown};
use candour_core::{AnswerId, AnswerStatus, Config, ConversationId, Locale, Nation, Stated, Turn};

use pilot::{NOW, Pilot, in_repository};

fn pilot() -> Pilot {
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    let config = Config::resolve(&text, &std::collections::BTreeMap::new()).unwrap();
    Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config)
}

/// A question, and the nation that its reader chose with it.
type Asked<'a> = (&'a str, Stated<Nation>);

/// The turns of a conversation in which these are asked one after another.
fn conversation(pilot: &Pilot, questions: &[Asked<'_>]) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for (text, nation) in questions {
        let now = NOW.parse().unwrap();
        let ask = Ask { nation: *nation, history: &turns, ..Ask::new(text, now) };
        let outcome = pilot.assistant.ask(&ask, &mut |_| {}).unwrap();
        turns.push(Turn {
            id: AnswerId::from_random([turns.len() as u8; 16]),
            conversation: ConversationId::from_random([1; 16]),
            question: outcome.question,
            answer: outcome.answer.into_answer(),
            asked_at: now,
        });
    }
    turns
}

#[test]
fn a_follow_up_stays_where_the_conversation_is() {
    let pilot = pilot();
    let (scotland, wales) = (Stated::Is(Nation::Scotland), Stated::Is(Nation::Wales));
    let (badge, there) = ("Can I use my Blue Badge?", "Can I use my Blue Badge in Scotland?");
    let cost = "How much does it cost?";
    for (first, second, expected) in [
        ((there, Nothing), (cost, Nothing), scotland),
        ((badge, scotland), (cost, Nothing), scotland),
        ((there, Nothing), ("And in Wales?", Nothing), wales),
        ((there, Nothing), (cost, wales), wales),
        // A question on its own begins anew.
        ((there, Nothing), ("How do I subscribe to the garden waste collection?", Nothing), wales),
        ((badge, Nothing), (cost, Nothing), wales),
        // Who says that they do not know takes back what they chose, and not what they asked about.
        ((badge, scotland), (cost, Unknown), wales),
        ((there, Nothing), (cost, Unknown), scotland),
    ] {
        let turns = conversation(&pilot, &[first, second]);
        assert_eq!(turns[1].answer.nation, expected.known(), "{first:?} {second:?}");
    }
}

#[test]
fn thanks_are_no_subject() {
    let pilot = pilot();
    let asked = ["How do I apply for a Blue Badge?", "thanks", "How much is it?"]
        .map(|text| (text, Nothing));
    let turns = conversation(&pilot, &asked);
    let pages = pilot.pages(&turns[2].answer);
    assert!(pages.iter().any(|page| page.0.contains("blue-badge")), "{pages:?}");
}

#[test]
fn masked_words_are_not_looked_for() {
    let pilot = pilot();
    let plain = pilot.answer("who can get a Blue Badge?", Locale::En);
    let named = pilot.answer("My name is John Smith, who can get a Blue Badge?", Locale::En);
    assert_eq!(named.sentences, plain.sentences);
    assert_eq!(named.status, plain.status);
    let only = pilot.answer("My name is John Smith and my number is 07700 900123", Locale::En);
    assert_eq!(only.status, AnswerStatus::Clarify);
    assert!(only.sentences.is_empty());
}

/// The words that answer the last of several questions are quoted, of a page that the conversation is about.
#[test]
fn a_follow_up_keeps_its_subject() {
    let pilot = pilot();
    for (questions, said) in [
        (
            &[
                "When are the recycling centres open?",
                "And on Sundays?",
                "Are they open at Christmas?",
            ][..],
            "25 December",
        ),
        (
            &["How do I apply for a residents' parking permit?", "What if I move house?"],
            "you get back the cost",
        ),
        (&["How much are visitor parking permits?", "Can I sell them?"], "sell permits"),
        (
            &["Faint mae Bathodyn Glas yn ei gostio?", "Beth os caiff ei ddwyn?"],
            "Os cafodd ei ddwyn",
        ),
        // A bare name is in the language of what was asked before it.
        (&["Pryd mae'r llyfrgelloedd ar agor?", "Riverside?"], "Riverside | 9:30am i"),
        // What names a subject of its own leaves the page.
        (
            &["When are the recycling centres open?", "And how much is a bulky waste collection?"],
            "Up to 3 items | £27",
        ),
        (
            &[
                "How do I pay my council tax?",
                "And how much is a parking fine?",
                "What if I challenge it?",
            ],
            "challenge it",
        ),
    ] {
        let asked: Vec<Asked<'_>> = questions.iter().map(|text| (*text, Nothing)).collect();
        let turns = conversation(&pilot, &asked);
        let answer = &turns[turns.len() - 1].answer;
        let is_said = answer.sentences.iter().any(|sentence| sentence.text.contains(said));
        assert!(is_said, "{questions:?}: {:?}", answer.sentences);
    }
}

/// A follow-up that names no subject is answered from the page of the conversation, or it says that it is not
/// sure, or that it found nothing.
#[test]
fn a_follow_up_without_a_subject_does_not_go_to_another_page() {
    let pilot = pilot();
    for (questions, page) in [
        (
            &["Who can get a Blue Badge?", "What about in Scotland?", "How much is it there?"][..],
            "blue-badge",
        ),
        (&["Who can get a Blue Badge?", "And in England?", "How do I apply there?"], "blue-badge"),
        (&["Who can get a Blue Badge?", "What does it cost?"], "blue-badge"),
        // Another page of the same subject.
        (&["Can I use my Blue Badge in Scotland?", "How much does it cost?"], "blue-badge/apply"),
        (&["When do I have to register a birth?", "How do I pay?"], "birth"),
        (&["When do I have to register a birth?", "And how do I pay for it?"], "birth"),
        (&["When are my bins collected?", "how do I apply"], "bin"),
        (&["When are my bins collected?", "what does it cost"], "bin"),
        (&["How do I report a pothole?", "how do I pay"], "pothole"),
        (&["How do I report a pothole?", "what does it cost"], "pothole"),
        (&["How do I vote by post?", "how do I pay"], "voting"),
        (&["How do I vote by post?", "thanks", "how do I renew"], "voting"),
        (&["Can I have a bus pass?", "how do I apply"], "bus-passes"),
        (&["Pryd mae'n rhaid i mi gofrestru genedigaeth?", "Sut mae talu?"], "birth"),
        (&["Pryd mae'r llyfrgelloedd ar agor?", "Sut mae gwneud cais?"], "libraries"),
        (&["Pwy sy’n gallu cael Bathodyn Glas?", "Faint mae'n gostio?"], "blue-badge"),
    ] {
        let asked: Vec<Asked<'_>> = questions.iter().map(|text| (*text, Nothing)).collect();
        let turns = conversation(&pilot, &asked);
        let answer = &turns[turns.len() - 1].answer;
        let pages = pilot.pages(answer);
        assert!(pages.iter().all(|quoted| quoted.0.contains(page)), "{questions:?}: {pages:?}");
        assert!(!pages.is_empty() || answer.status == AnswerStatus::Abstained, "{questions:?}");
    }
}

/// Where the page of the conversation does not say it, nothing is called an answer.
#[test]
fn what_the_page_of_the_conversation_does_not_say_is_not_called_answered() {
    let pilot = pilot();
    for questions in [
        ["How do I report a pothole?", "how do I pay"],
        ["When are my bins collected?", "how do I apply"],
        ["How do I vote by post?", "what does it cost"],
        ["Pryd mae'r llyfrgelloedd ar agor?", "Sut mae gwneud cais?"],
    ] {
        let turns = conversation(&pilot, &questions.map(|text| (text, Nothing)));
        assert_ne!(turns[1].answer.status, AnswerStatus::Answered, "{questions:?}");
    }
}
