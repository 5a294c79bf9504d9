//! Guidance that is written for some readers, and readers of whom it is known whether they are among them.

use std::collections::BTreeSet;
use std::sync::Arc;

use candour_core::Audience::{self, Business, Individual};
use candour_core::{Answer, Chosen, Hit, NoticeKind, Stated, Turn};

use super::memory::{Memory, config, page, with_page};
use super::{now, texts, turn};
use crate::{Ask, Assistant};

const DUTY: &str = "You must pay sick pay of £118 a week to staff who are ill for 4 days.";
const RIGHT: &str = "You get sick pay of £118 a week if you are ill for 4 days.";

fn written_for(audience: Audience, path: &str, title: &str, text: &str) -> Vec<Hit> {
    let page = page(path, title, "en", &[("How much sick pay is", text)]);
    with_page(page, |page| page.audiences = BTreeSet::from([audience]))
}

fn duty() -> Vec<Hit> {
    written_for(Business, "/duty", "Paying sick pay", DUTY)
}

fn both() -> Vec<Hit> {
    [duty(), written_for(Individual, "/right", "Getting sick pay", RIGHT)].concat()
}

fn asked(pages: Vec<Hit>, text: &str, chosen: Option<Audience>, history: &[Turn]) -> Answer {
    stated(pages, text, chosen.into(), history)
}

fn stated(pages: Vec<Hit>, text: &str, said: Stated<Audience>, history: &[Turn]) -> Answer {
    let assistant = Assistant::new(Arc::new(Memory(pages)), &config());
    let ask = Ask { audience: said, history, ..Ask::new(text, now()) };
    assistant.ask(&ask, &mut |_| {}).unwrap().answer.into_answer()
}

/// What an answer says of the readers whom guidance is for.
fn warned(answer: &Answer) -> Vec<&str> {
    let notices = answer.notices.iter().filter(|notice| notice.kind == NoticeKind::Audience);
    notices.map(|notice| notice.text.as_str()).collect()
}

#[test]
fn what_is_written_for_the_reader_comes_first() {
    for (text, chosen, role, first) in [
        ("How much sick pay do my employees get?", None, Business, DUTY),
        ("How much sick pay does my employer pay?", None, Individual, RIGHT),
        ("How much is sick pay?", Some(Business), Business, DUTY),
        ("How much is sick pay?", Some(Individual), Individual, RIGHT),
        // Who they say they are comes before what their words tell.
        ("How much sick pay do my employees get?", Some(Individual), Individual, RIGHT),
    ] {
        let answer = asked(both(), text, chosen, &[]);
        assert_eq!(answer.audience, Some(role), "{text}");
        assert_eq!(texts(&answer).first(), Some(&first), "{text}: {answer:?}");
        assert_eq!(answer.sources[0].audiences, [role]);
        if chosen.is_some() {
            assert_eq!(texts(&answer).len(), 1, "{text}: {answer:?}");
        }
    }
}

#[test]
fn what_is_written_for_others_is_quoted_with_a_word_of_that() {
    let page = "The page “Paying sick pay” is written for: businesses, employers and self-employed people.";
    let role = "I have taken it from your words that you are asking as one of these: people in their own lives, such as residents and employees. If that is wrong, choose another when you ask again.";
    for (text, expected) in [
        ("How much sick pay do my staff get?", &[][..]),
        ("How much sick pay does my employer pay?", &[role, page]),
        ("How much is sick pay?", &[page]),
    ] {
        let answer = asked(duty(), text, None, &[]);
        assert_eq!(texts(&answer), [DUTY], "{text}");
        assert_eq!(warned(&answer), expected, "{text}");
    }
}

#[test]
fn a_role_that_changed_nothing_is_not_spoken_of() {
    let answer = asked(both(), "How much sick pay do my staff get if they are ill?", None, &[]);
    assert_eq!((answer.audience, texts(&answer).first()), (Some(Business), Some(&DUTY)));
    assert!(warned(&answer).is_empty(), "{answer:?}");
    let answer = asked(both(), "How much sick pay does my employer pay?", None, &[]);
    assert_eq!(texts(&answer).first(), Some(&RIGHT));
    assert!(warned(&answer)[0].starts_with("I have taken it from your words"), "{answer:?}");
}

#[test]
fn who_chose_is_told_of_what_is_for_others_and_not_quoted_it() {
    let answer = asked(duty(), "How much is sick pay?", Some(Individual), &[]);
    assert!(answer.sentences.is_empty(), "{answer:?}");
    assert!(warned(&answer)[0].contains("“Paying sick pay”"), "{answer:?}");
    assert!(answer.links.iter().any(|link| link.url.ends_with("/duty")));
}

#[test]
fn welsh_readers_are_told_in_welsh() {
    let page =
        page("/tal", "Talu tâl salwch", "cy", &[("", "Rhaid i chi dalu tâl salwch o £118.")]);
    let page = with_page(page, |page| page.audiences = BTreeSet::from([Business]));
    let answer = asked(page, "Faint o dâl salwch mae’n rhaid ei dalu?", None, &[]);
    let expected = "Mae’r dudalen “Talu tâl salwch” wedi’i hysgrifennu ar gyfer: busnesau, cyflogwyr a phobl hunangyflogedig.";
    assert_eq!(warned(&answer), [expected], "{answer:?}");
}

/// A page that cannot answer before the reader has said which of eight bands is theirs.
fn water() -> Vec<Hit> {
    let mut table = "Band | Charge".to_owned();
    table.extend(('A'..='H').zip(1..).map(|(band, tens)| format!("\n| Band {band} | £{tens}0")));
    page("/water", "Water charge", "en", &[("Water charge", table.as_str())])
}

/// The answer to the third band being chosen.
fn third_chosen(pages: Vec<Hit>, history: &[Turn]) -> Answer {
    let assistant = Assistant::new(Arc::new(Memory(pages)), &config());
    let reply = Ask { chosen: Some(Chosen::Number(2)), history, ..Ask::new("", now()) };
    assistant.ask(&reply, &mut |_| {}).unwrap().answer.into_answer()
}

#[test]
fn a_chosen_role_stays_when_something_is_asked_back() {
    let pages = water;
    let question = "How much is the water charge?";
    for role in [Individual, Business] {
        let first = asked(pages(), question, Some(role), &[]);
        assert_eq!(first.choices.len(), 8, "{first:?}");
        let assistant = Assistant::new(Arc::new(Memory(pages())), &config());
        let history = [turn(assistant.redact(question), first)];
        let answer = third_chosen(pages(), &history);
        assert_eq!((answer.audience, answer.is_audience_chosen), (Some(role), true), "{answer:?}");
        assert!(texts(&answer).contains(&"Band C | £30"), "{answer:?}");
    }
}

#[test]
fn a_role_that_nobody_chose_is_no_choice_when_something_is_asked_back() {
    let pages = || with_page(water(), |page| page.audiences = BTreeSet::from([Individual]));
    let assistant = Assistant::new(Arc::new(Memory(pages())), &config());
    let mut history: Vec<Turn> = Vec::new();
    for question in ["Does my business pay the water charge?", "And how much is the water charge?"]
    {
        let answer = asked(pages(), question, None, &history);
        history.push(turn(assistant.redact(question), answer));
    }
    assert_eq!(history[1].answer.choices.len(), 8, "{history:?}");
    let answer = third_chosen(pages(), &history);
    assert_eq!((answer.audience, answer.is_audience_chosen), (Some(Business), false));
    assert!(texts(&answer).contains(&"Band C | £30"), "{answer:?}");
}

#[test]
fn a_follow_up_is_asked_in_the_same_role() {
    let first = "How much sick pay do my employees get?";
    let question = Assistant::new(Arc::new(Memory(both())), &config()).redact(first);
    let history = [turn(question, asked(both(), first, None, &[]))];
    assert_eq!(asked(both(), "And for how long?", None, &history).audience, Some(Business));
    let other = asked(both(), "And for how long?", Some(Individual), &history);
    assert_eq!(other.audience, Some(Individual));
    // Who does not know has not denied what their words tell.
    let unsure = |text, history| stated(both(), text, Stated::Unknown, history);
    assert_eq!(unsure("And for how long?", &history).audience, Some(Business));
    // What was chosen is kept as strictly, though words tell the same.
    let history = [turn(history[0].question.clone(), asked(both(), first, Some(Individual), &[]))];
    for text in ["And for how long?", "And does my employer pay that?"] {
        let answer = asked(both(), text, None, &history);
        assert_eq!(
            (answer.audience, answer.is_audience_chosen),
            (Some(Individual), true),
            "{text}"
        );
        assert!(answer.sources.iter().all(|source| source.audiences == [Individual]), "{answer:?}");
        let is_guess = |notice: &&str| notice.starts_with("I have taken it from your words");
        assert!(!warned(&answer).iter().any(is_guess), "{text}: {answer:?}");
    }
    // Who now says that they do not know takes back what they chose.
    let answer = unsure("And for how long?", &history);
    assert_eq!((answer.audience, answer.is_audience_chosen), (None, false), "{answer:?}");
    let new = "Which breed of llama is best for wool in winter?";
    assert_eq!(asked(both(), new, None, &history).audience, None);
}

#[test]
fn guidance_for_everyone_is_found_as_ever() {
    let plain = || page("/sick-pay", "Sick pay", "en", &[("", RIGHT)]);
    let text = "How much sick pay does my employer pay?";
    for chosen in [None, Some(Business)] {
        let answer = asked(plain(), text, chosen, &[]);
        assert_eq!(texts(&answer), [RIGHT]);
        assert!(warned(&answer).is_empty() && answer.sources[0].audiences.is_empty());
    }
}
