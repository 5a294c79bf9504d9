//! One clarifying question, on the sample pilot: when it is asked, and what each reply to it gets.

#![cfg(test)]

mod pilot;

use candour_assistant::{Ask, AskError};
use candour_content::source::SourceSpec;
use candour_core::{
    Answer, AnswerId, AnswerStatus, Chosen, Config, ConversationId, Locale, NoticeKind, Turn,
};

use pilot::{NOW, Pilot, in_repository};

fn pilot() -> Pilot {
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    let config = Config::resolve(&text, &std::collections::BTreeMap::new()).unwrap();
    Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config)
}

/// What follows on `history` when this is typed or chosen.
fn turn(
    pilot: &Pilot,
    text: &str,
    chosen: Option<Chosen>,
    history: &[Turn],
) -> Result<Turn, AskError> {
    let now = NOW.parse().unwrap();
    let ask = Ask { chosen, history, ..Ask::new(text, now) };
    let outcome = pilot.assistant.ask(&ask, &mut |_| {})?;
    Ok(Turn {
        id: AnswerId::from_random([history.len() as u8; 16]),
        conversation: ConversationId::from_random([1; 16]),
        question: outcome.question,
        answer: outcome.answer.into_answer(),
        asked_at: now,
    })
}

fn labels(answer: &Answer) -> Vec<&str> {
    answer.choices.iter().map(|choice| choice.label.as_str()).collect()
}

fn said(answer: &Answer) -> String {
    answer.sentences.iter().map(|sentence| sentence.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_choice_gets_the_answer_for_it_and_no_other() {
    let pilot = pilot();
    let schools = ["Primary school", "Secondary school"];
    for (question, choices, facts) in [
        (
            "When is the deadline to apply for a school place?",
            &schools[..],
            &["15 January 2027", "27 November 2026"][..],
        ),
        ("When are school places offered?", &schools, &["16 April 2027", "1 March 2027"]),
        (
            "Do I need planning permission for a fence?",
            &["A flat or maisonette", "A listed building", "No, it is a house that is not listed"],
            &[
                "repair and redecorate inside",
                "listed building consent",
                "put up or replace this fence",
            ],
        ),
        (
            "Oes angen caniatâd cynllunio i godi ffens?",
            &["Fflat neu maisonette", "Adeilad rhestredig", "Nage, tŷ nad yw wedi’i restru yw e"],
            &["ac addurno y tu mewn heb", "adeilad rhestredig arnoch", "Gallwch godi’r ffens"],
        ),
    ] {
        let asked = turn(&pilot, question, None, &[]).unwrap();
        assert_eq!(asked.answer.status, AnswerStatus::Clarify, "{question}: {:?}", asked.answer);
        assert_eq!(labels(&asked.answer), choices, "{question}");
        assert!(asked.answer.sentences.is_empty() && asked.answer.message.is_some());
        let history = [asked];
        for (number, label) in choices.iter().enumerate() {
            let reply = turn(&pilot, "", Some(Chosen::Number(number)), &history).unwrap();
            assert_eq!(reply.question.as_str(), *label);
            let said = said(&reply.answer);
            assert!(said.contains(facts[number]), "{question} {label}: {:?}", reply.answer);
            for other in facts.iter().filter(|fact| **fact != facts[number]) {
                assert!(!said.contains(other), "{question} {label} says {other}: {said}");
            }
        }
        let unknown = turn(&pilot, "", Some(Chosen::Unknown), &history).unwrap();
        let said = said(&unknown.answer);
        assert!(facts.iter().all(|fact| said.contains(fact)), "{question}: {said}");
        assert_eq!(unknown.answer.status, AnswerStatus::Partial);
        let pages = pilot.pages(&unknown.answer);
        assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
        assert!(unknown.answer.notices.iter().any(|notice| notice.kind == NoticeKind::Partial));
    }
}

#[test]
fn the_other_row_is_left_out_and_the_second_question_answered() {
    let pilot = pilot();
    let question = "How much is a parking fine and how do I pay it?";
    let history = [turn(&pilot, question, None, &[]).unwrap()];
    for (number, own, other) in [(0, "| £70 | £35", "| £50"), (1, "| £50 | £25", "| £70")] {
        let reply = turn(&pilot, "", Some(Chosen::Number(number)), &history).unwrap();
        let said = said(&reply.answer);
        assert!(said.contains(own) && !said.contains(other), "{number}: {said}");
        assert!(said.contains("pay/parking-fine"), "{number}: {said}");
    }
}

#[test]
fn words_choose_as_well() {
    let pilot = pilot();
    let asked = turn(&pilot, "When is the deadline to apply for a school place?", None, &[]);
    let history = [asked.unwrap()];
    for (reply, fact, is_said) in [
        ("secondary", "27 November 2026", true),
        ("It is for a secondary school", "27 November 2026", true),
        ("2", "27 November 2026", true),
        ("Primary school", "15 January 2027", true),
        ("I don’t know", "15 January 2027", true),
        ("I don't know.", "27 November 2026", true),
        // Something else is another question, and is not asked about.
        ("How much is a garden waste subscription?", "£46", true),
        ("How much is a garden waste subscription?", "January 2027", false),
    ] {
        let reply_turn = turn(&pilot, reply, None, &history).unwrap();
        assert_ne!(reply_turn.answer.status, AnswerStatus::Clarify, "{reply}");
        let said = said(&reply_turn.answer);
        assert_eq!(said.contains(fact), is_said, "{reply}: {said}");
    }
}

#[test]
fn it_is_not_asked_twice_nor_where_the_question_says_it() {
    let pilot = pilot();
    let question = "When is the deadline to apply for a school place?";
    let history = [turn(&pilot, question, None, &[]).unwrap()];
    let again = turn(&pilot, question, None, &history).unwrap();
    assert_ne!(again.answer.status, AnswerStatus::Clarify, "{:?}", again.answer);
    for question in [
        "When is the deadline to apply for a primary school place?",
        "Is the deadline to apply the same for primary and secondary schools?",
        "Do I need planning permission for a shed at my listed building?",
        "Do I need planning permission for a shed behind our terraced house?",
        "How much is a garden waste subscription?",
    ] {
        let answer = pilot.answer(question, Locale::En);
        assert_ne!(answer.status, AnswerStatus::Clarify, "{question}");
    }
}

#[test]
fn what_was_not_offered_cannot_be_chosen() {
    let pilot = pilot();
    let asked =
        turn(&pilot, "When is the deadline to apply for a school place?", None, &[]).unwrap();
    let answered = turn(&pilot, "How much is a garden waste subscription?", None, &[]).unwrap();
    for (chosen, history) in [
        (Chosen::Number(2), vec![asked.clone()]),
        (Chosen::Number(0), vec![]),
        (Chosen::Unknown, vec![answered.clone()]),
        (Chosen::Number(0), vec![asked, answered]),
    ] {
        let refused = turn(&pilot, "", Some(chosen), &history);
        assert!(matches!(refused, Err(AskError::NotOffered)), "{chosen:?}");
    }
}

#[test]
fn a_question_that_names_nothing_is_asked_back_in_both_languages() {
    let pilot = pilot();
    for question in [
        "How do I pay?",
        "Can I pay online?",
        "How do I cancel?",
        "What documents do I need?",
        "When does it open?",
        "Who is eligible?",
        "Sut mae talu?",
        "Oes rhaid i mi dalu?",
        "Ga i dalu ar-lein?",
        "Faint mae'n gostio?",
        "Beth yw'r gost?",
        "Sut mae gwneud cais?",
        "Sut mae canslo?",
        "Pryd mae'n cau?",
        "Pryd mae'n agor?",
        "Pa mor hir mae'n ei gymryd?",
        "Pwy sy'n gymwys?",
    ] {
        let answer = pilot.answer(question, Locale::En);
        assert_eq!(answer.status, AnswerStatus::Clarify, "{question}: {answer:?}");
        assert!(answer.sentences.is_empty(), "{question}");
    }
    for question in ["Sut mae talu’r dreth gyngor?", "When are the Easter holidays?"] {
        let answer = pilot.answer(question, Locale::En);
        assert!(!answer.sentences.is_empty(), "{question}: {answer:?}");
    }
}

const SCHOOL: &str = "When is the deadline to apply for a school place?";
const FENCE: &str = "Oes angen caniatâd cynllunio i godi ffens?";

#[test]
fn who_is_in_danger_is_heard_in_a_reply_too() {
    let pilot = pilot();
    let second = Some(Chosen::Number(1));
    for (question, reply, chosen, fact) in [
        (SCHOOL, "secondary. I don't want to be here any more", None, None),
        (SCHOOL, "I want to die", second, None),
        (SCHOOL, "i was raped", second, None),
        (SCHOOL, "I want to die", Some(Chosen::Unknown), None),
        (FENCE, "adeilad rhestredig. Dw i ddim eisiau byw", None, None),
        (FENCE, "Dw i eisiau marw", second, None),
        // Who is in distress is answered for what they chose.
        (SCHOOL, "I can't cope any more", second, Some("27 November 2026")),
        (FENCE, "alla i ddim ymdopi rhagor", second, Some("adeilad rhestredig arnoch")),
    ] {
        let history = [turn(&pilot, question, None, &[]).unwrap()];
        let reply_turn = turn(&pilot, reply, chosen, &history).unwrap();
        let answer = &reply_turn.answer;
        assert_eq!(answer.notices[0].kind, NoticeKind::Crisis, "{reply}: {answer:?}");
        assert!(answer.notices[0].text.contains("116 123"), "{reply}: {answer:?}");
        assert_eq!(reply_turn.question.as_str(), reply, "what was heard is kept");
        match fact {
            Some(fact) => assert!(said(answer).contains(fact), "{reply}: {answer:?}"),
            None => assert!(said(answer).is_empty(), "{reply}: {answer:?}"),
        }
    }
    let history = [turn(&pilot, SCHOOL, None, &[]).unwrap()];
    let long = "bins ".repeat(1000);
    let refused = turn(&pilot, &long, second, &history);
    assert!(matches!(refused, Err(AskError::TooLong { .. })), "{refused:?}");
    assert!(turn(&pilot, &format!("I want to die. {long}"), second, &history).is_ok());
}

#[test]
fn what_was_chosen_is_not_asked_again_by_a_follow_up() {
    let pilot = pilot();
    let asked = turn(&pilot, SCHOOL, None, &[]).unwrap();
    let chosen = turn(&pilot, "", Some(Chosen::Number(1)), std::slice::from_ref(&asked)).unwrap();
    let follow_up = "And when are school places offered?";
    let next = turn(&pilot, follow_up, None, &[asked, chosen]).unwrap();
    assert_ne!(next.answer.status, AnswerStatus::Clarify, "{:?}", next.answer);
    assert!(said(&next.answer).contains("1 March 2027"), "{:?}", next.answer);
    let alone = turn(&pilot, follow_up, None, &[]).unwrap();
    assert_eq!(alone.answer.status, AnswerStatus::Clarify, "{:?}", alone.answer);
}

#[test]
fn what_was_chosen_is_not_asked_again_after_other_questions() {
    let pilot = pilot();
    let mut turns = vec![turn(&pilot, SCHOOL, None, &[]).unwrap()];
    turns.push(turn(&pilot, "", Some(Chosen::Number(1)), &turns).unwrap());
    for question in ["How do I apply?", "And when are school places offered?"] {
        turns.push(turn(&pilot, question, None, &turns).unwrap());
        let answer = &turns[turns.len() - 1].answer;
        assert_ne!(answer.status, AnswerStatus::Clarify, "{question}: {answer:?}");
    }
    let last = said(&turns[turns.len() - 1].answer);
    assert!(last.contains("1 March 2027") && !last.contains("16 April 2027"), "{last}");
    // Who asks about the other is told of that.
    let other = turn(&pilot, "And when are primary school places offered?", None, &turns).unwrap();
    assert!(said(&other.answer).contains("16 April 2027"), "{:?}", other.answer);
}

#[test]
fn a_year_of_school_that_was_said_is_not_asked_for() {
    const MEALS: &str = "Can my child get free school meals?";
    let pilot = pilot();
    let (primary, secondary) = ("Primary school: reception", "Secondary school: year 7");
    let (cynradd, uwchradd) = ("Ysgol gynradd", "Ysgol uwchradd");
    for (questions, own, other) in [
        (&["My son is in year 5. Can he get free school meals?"][..], primary, secondary),
        (&["Mae fy mab ym mlwyddyn 5. All e gael prydau ysgol am ddim?"], cynradd, uwchradd),
        (&[MEALS, "year 9"], secondary, primary),
        (&[MEALS, "My son is in year 5"], primary, secondary),
        (&[MEALS, "blwyddyn 5"], primary, secondary),
        (&[MEALS, "mae hi ym mlwyddyn 8"], secondary, primary),
    ] {
        let mut turns: Vec<Turn> = Vec::new();
        for question in questions {
            turns.push(turn(&pilot, question, None, &turns).unwrap());
        }
        let answer = &turns[turns.len() - 1].answer;
        let is_under = |heading: &str| answer.sources.iter().any(|it| it.heading.contains(heading));
        assert!(is_under(own) && !is_under(other), "{questions:?}: {answer:?}");
    }
    // What is for other years is not quoted.
    let nine = pilot.answer("My daughter is in year 9. Can she get free school meals?", Locale::En);
    assert!(!nine.sources.iter().any(|source| source.heading.contains(primary)), "{nine:?}");
    // An age is no year of school.
    let asked = turn(&pilot, MEALS, None, &[]).unwrap();
    let aged = turn(&pilot, "she is 7 years old", None, &[asked]).unwrap();
    assert_eq!(aged.answer.status, AnswerStatus::Clarify, "{:?}", aged.answer);
}

#[test]
fn neither_is_no_want_of_knowledge() {
    let pilot = pilot();
    let history = [turn(&pilot, SCHOOL, None, &[]).unwrap()];
    let reply = turn(&pilot, "neither", None, &history).unwrap();
    assert_eq!(reply.question.as_str(), "neither", "it is a question as any other");
}
