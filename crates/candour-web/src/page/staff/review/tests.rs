//! Reviews, as several people with browsers without JavaScript meet them.

use axum::http::StatusCode;
use candour_core::redaction::redact;
use candour_core::{
    AnswerId, Citation, ContentHash, ConversationId, PassageId, PublicContacts, Redacted, Turn,
};
use candour_evals::review::is_swapped;
use candour_store::{
    Act, BearerKey, Design, Grant, Job, PossibleLabel, Review, ReviewAbout, ReviewAnswer,
    ReviewKind, Role, Shown, ShownAnswer,
};
use jiff::{SignedDuration, Timestamp};

use crate::tests::{Pilot, Reply};

/// Signs somebody in by a name of their own and gives the cookie.
async fn person(pilot: &Pilot, name: &str, role: Role) -> String {
    let mut random = [0; 36];
    random.iter_mut().zip(name.bytes().cycle()).for_each(|(byte, letter)| *byte = letter);
    let key = BearerKey::from_random(&random);
    let grant = Grant { name: name.into(), role, questions_per_minute: None, expires_at: None };
    let act = Act { actor: "test".into(), reason: Redacted::default(), at: Timestamp::now() };
    pilot.site.database.create_key(&key, &grant, &act).await.unwrap();
    pilot.post("/staff/sign-in", "", &[("key", &key.expose())]).await.cookie()
}

fn possible(label: &str, welsh: &str, value: f64) -> PossibleLabel {
    PossibleLabel { label: label.into(), label_cy: Some(welsh.into()), value }
}

fn review(kind: ReviewKind) -> Review {
    let labels = match kind {
        ReviewKind::Pair => ReviewAbout::labels_of_pairs(),
        ReviewKind::Single => {
            vec![possible("right", "cywir", 1.0), possible("<wrong>", "anghywir", 0.0)]
        }
    };
    Review {
        name: "accuracy".into(),
        about: ReviewAbout {
            kind,
            question: "Is every statement right?".into(),
            question_cy: None,
            labels,
            source: "the run of a secret system".into(),
            is_of_readers: false,
            seed: 7,
        },
        created_at: Timestamp::now(),
        created_by: "secret maker".into(),
        closed_at: None,
    }
}

fn said(text: &str) -> ShownAnswer {
    let citation = Citation {
        passage: PassageId("/bins#1".into()),
        passage_hash: ContentHash::of(b"passage"),
        url: "https://council.example/bins".into(),
        title: "Bins & boxes".into(),
        heading: "Charges".into(),
        quote: "The charge is £40.".into(),
        start: 0,
        end: 19,
    };
    let sentence = candour_core::AnswerSentence {
        text: text.into(),
        item: false,
        nested: false,
        citations: vec![citation],
    };
    ShownAnswer { text: format!("{text}\nPlease ask again."), sentences: vec![sentence] }
}

fn answer(position: u32, wanted: u32, texts: &[&str]) -> ReviewAnswer {
    let question = redact(&format!("What is it, {position}?"), &PublicContacts::default()).text;
    ReviewAnswer {
        answer: format!("secret-{position}"),
        position,
        wanted,
        design: Design { judge: Some(0.987), unjudged: None, cluster: None, stratum: 0 },
        shown: Some(Shown {
            earlier: Vec::new(),
            question,
            answers: texts.iter().map(|text| said(text)).collect(),
        }),
    }
}

async fn post(pilot: &Pilot, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
    pilot.post(&format!("/staff/reviews/accuracy{path}"), cookie, fields).await
}

/// Takes the next answer, and gives its place.
async fn next(pilot: &Pilot, cookie: &str) -> Option<u32> {
    place(&post(pilot, cookie, "/next", &[]).await)
}

/// The place of the answer that somebody is led to.
fn place(reply: &Reply) -> Option<u32> {
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text);
    let rest = reply.header("location").strip_prefix("/staff/reviews/accuracy").unwrap();
    let place = rest.strip_prefix("/answers/").map(|rest| rest.strip_suffix("#seen").unwrap());
    place.map(|place| place.parse().unwrap())
}

async fn see(pilot: &Pilot, cookie: &str, path: &str) -> String {
    let reply = pilot.get_as(&format!("/staff/reviews{path}"), cookie).await;
    assert_eq!(reply.status, StatusCode::OK, "{path}");
    reply.text
}

/// A label takes a choice, and a note where it is a doubt.
async fn refuses_what_is_incomplete(pilot: &Pilot, cookie: &str) {
    for (fields, expected) in [
        (&[][..], "href=\"#choice\""),
        (&[("choice", "wrong")], "href=\"#choice\""),
        (&[("choice", "?"), ("note", " ")], "href=\"#note\""),
        (&[("choice", "right"), ("note", &"a".repeat(501))], "href=\"#note\""),
    ] {
        let reply = post(pilot, cookie, "/answers/1", fields).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(reply.text.contains(expected) && reply.text.contains("<title>Error: "));
    }
}

/// A closed review is read, and not labelled any more.
async fn is_closed_to_all(pilot: &Pilot, cookie: &str) {
    let act = Act { actor: "Cat".into(), reason: Redacted::default(), at: Timestamp::now() };
    pilot.site.database.close_review("accuracy", &act).await.unwrap();
    assert_eq!(next(pilot, cookie).await, None);
    let closed = see(pilot, cookie, "/accuracy").await;
    assert!(
        closed.contains("This review was closed on")
            && !closed.contains("<form action=\"/staff/reviews")
    );
    assert_eq!(pilot.get_as("/staff/reviews/nothing", cookie).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn people_label_without_knowing_what_others_say_and_a_third_settles() {
    let pilot = Pilot::empty().await;
    let answers = [answer(1, 2, &["It is <forty> pounds."]), answer(2, 1, &["Monday."])];
    let database = &pilot.site.database;
    database.create_review(&review(ReviewKind::Single), &answers).await.unwrap();
    let ann = person(&pilot, "Ann", Role::Staff).await;
    let bob = person(&pilot, "Bob", Role::Staff).await;
    let cat = person(&pilot, "Cat", Role::Admin).await;
    let early = pilot.get_as("/staff/reviews/accuracy/answers/1", &ann).await;
    assert_eq!(early.header("location"), "/staff/reviews/accuracy", "nothing is taken by looking");
    assert_eq!(next(&pilot, &ann).await, Some(1));
    let page = see(&pilot, &ann, "/accuracy/answers/1").await;
    for words in ["What is it, 1?", "It is &#60;forty&#62; pounds.", "The charge is £40.", "[1]"] {
        assert!(page.contains(words), "{words} is not in {page}");
    }
    assert!(page.contains("has changed since it was cited"), "no guidance here says forty pounds");
    for hidden in ["secret", "987", "Bob"] {
        assert!(!page.contains(hidden), "{hidden} is in {page}");
    }
    let links = page.find("council.example").unwrap();
    assert!(page.find("type=\"radio\"").unwrap() < links, "choices come first in the tab order");
    refuses_what_is_incomplete(&pilot, &ann).await;
    let fields = [("choice", "<wrong>"), ("note", "Ring 07700 900123")];
    assert_eq!(place(&post(&pilot, &ann, "/answers/1", &fields).await), Some(2));
    let reply = post(&pilot, &ann, "/answers/2", &[("choice", "?"), ("note", "No idea")]).await;
    assert_eq!(place(&reply), None, "nothing is left for Ann");

    for who in [&ann, &cat] {
        let page = see(&pilot, who, "/accuracy").await;
        assert!(
            page.contains("Shown once every label is given"),
            "who has still to label would be led"
        );
    }
    assert!(see(&pilot, &cat, "").await.contains("1 / 3"));
    assert_eq!(next(&pilot, &bob).await, Some(1));
    let page = see(&pilot, &bob, "/accuracy/answers/1").await;
    assert!(!page.contains("phone number") && !page.contains("checked"), "{page}");
    assert_eq!(place(&post(&pilot, &bob, "/answers/1", &[("choice", "right")]).await), Some(2));
    post(&pilot, &bob, "/answers/2", &[("choice", "right")]).await;
    let own = see(&pilot, &bob, "/accuracy").await;
    assert!(own.contains("0.00 (0.00"), "all is labelled: {own}");
    let page = see(&pilot, &bob, "/accuracy/answers/1").await;
    assert!(page.contains("value=\"right\" checked"));
    let changed = post(&pilot, &bob, "/answers/1", &[("choice", "right"), ("note", "x")]).await;
    assert_eq!(changed.header("location"), "/staff/reviews/accuracy");

    assert!(!own.contains("Settle the next"), "nobody settles their own");
    assert!(see(&pilot, &cat, "/accuracy").await.contains("Two people differ on an answer"));
    assert_eq!(place(&post(&pilot, &cat, "/settle", &[]).await), Some(1));
    let page = see(&pilot, &cat, "/accuracy/answers/1").await;
    assert!(page.contains("<strong>&#60;wrong&#62;</strong>: ") && page.contains("[phone number]"));
    assert!(page.contains("<strong>right</strong>: "));
    assert!(!page.contains("Ann") && !page.contains("Bob"));
    assert_eq!(place(&post(&pilot, &cat, "/answers/1", &[("choice", "right")]).await), None);
    let late = post(&pilot, &ann, "/answers/1", &[("choice", "right")]).await;
    assert_eq!(late.header("location"), "/staff/reviews/accuracy?notice=settled");
    assert!(see(&pilot, &ann, "/accuracy?notice=settled").await.contains("Somebody has settled"));

    let noted = database.audit(0, 99).await.unwrap();
    let noted: Vec<&str> = noted.iter().map(|entry| entry.action.as_str()).collect();
    assert!(noted.contains(&"settle answer 1 of review accuracy"), "{noted:?}");
    assert!(!noted.iter().any(|action| action.contains("wrong") || action.contains("right")));
    is_closed_to_all(&pilot, &bob).await;
}

#[tokio::test]
async fn pairs_are_shuffled_for_each_person_and_counted_as_they_are() {
    let pilot = Pilot::empty().await;
    let answers = [answer(1, 2, &["The first run.", "The second run."])];
    let database = &pilot.site.database;
    database.create_review(&review(ReviewKind::Pair), &answers).await.unwrap();
    let is_swapped = |name: &str| is_swapped(7, "secret-1", name);
    let names = ["Ann", "Bob", "Cat", "Dan", "Eve", "Fay"];
    let straight = names.into_iter().find(|name| !is_swapped(name)).unwrap();
    let swapped = names.into_iter().find(|name| is_swapped(name)).unwrap();
    for (name, first) in [(straight, "The first run."), (swapped, "The second run.")] {
        let cookie = person(&pilot, name, Role::Staff).await;
        assert_eq!(next(&pilot, &cookie).await, Some(1));
        let page = see(&pilot, &cookie, "/accuracy/answers/1").await;
        let of = |words: &str| page.find(words).unwrap();
        assert!(of("Answer A") < of(first) && of(first) < of("Answer B"), "{name}");
        assert!(of("value=\"a\"") < of("A is better") && of("A is better") < of("value=\"b\""));
        assert!(!page.contains("value=\"second\""), "the form tells which run is which");
        post(&pilot, &cookie, "/answers/1", &[("choice", "a")]).await;
        let page = see(&pilot, &cookie, "/accuracy").await;
        assert!(page.contains(": <span>A is better</span>"), "{page}");
    }
    let labels = database.review_labels("accuracy").await.unwrap();
    let label = |name: &str| {
        labels.iter().find(|label| label.person == name).unwrap().label.clone().unwrap()
    };
    assert_eq!((label(straight).as_str(), label(swapped).as_str()), ("first", "second"));
    assert!(labels.iter().all(|label| label.job == Job::Label));
}

#[tokio::test]
async fn what_a_reader_erases_is_not_reviewed_any_more() {
    let pilot = Pilot::new().await;
    let reader = pilot.ask("How much is a garden waste subscription?").await;
    pilot.post("/ask", &reader, &[("question", "Who can get a Blue Badge?")]).await;
    let conversation = ConversationId::parse(reader.split('=').nth(1).unwrap()).unwrap();
    let given = pilot.site.database.conversation(conversation, 9).await.unwrap().remove(1);
    for number in 1..=11_u8 {
        let id = AnswerId::from_random([number; 16]);
        let asked_at = given.asked_at + SignedDuration::from_secs(number.into());
        pilot.keep(&Turn { id, asked_at, ..given.clone() }).await;
    }
    let row = ReviewAnswer { answer: given.id.to_string(), shown: None, ..answer(1, 1, &[]) };
    let database = &pilot.site.database;
    let mut made = review(ReviewKind::Single);
    made.about.is_of_readers = true;
    database.create_review(&made, &[row]).await.unwrap();
    let ann = person(&pilot, "Ann", Role::Staff).await;
    assert_eq!(next(&pilot, &ann).await, Some(1));
    for _ in 0..2 {
        see(&pilot, &ann, "/accuracy/answers/1").await;
    }
    let noted = database.audit(0, 99).await.unwrap().into_iter();
    let read = noted.filter(|entry| entry.action == "read answer 1 of review accuracy");
    assert_eq!(read.count(), 2, "each time that somebody reads what a reader wrote");
    let page = see(&pilot, &ann, "/accuracy/answers/1").await;
    let earlier = page.find("garden waste subscription?").unwrap();
    assert!(earlier < page.find("Who can get a Blue Badge?").unwrap(), "what was asked before");
    assert!(page.contains("What it cites") && page.contains("app-quote"));
    let citation = &given.answer.sentences[0].citations[0];
    let passage = pilot.site.index.passage(&citation.passage).unwrap();
    let beside = passage
        .text
        .lines()
        .find(|line| !given.answer.sentences.iter().any(|said| said.text == *line))
        .unwrap();
    let whole = page.find("What stands around it, whole").unwrap();
    assert!(page[whole..].contains(beside), "{beside} is not in {page}");
    assert!(page.find("type=\"radio\"").unwrap() < whole, "choices come first in the tab order");
    assert!(!page.contains("has changed since"), "{page}");
    assert!(!page.contains(&given.id.to_string()), "the answer's name leads to its trace");
    post(&pilot, &ann, "/answers/1", &[("choice", "right"), ("note", "a canary")]).await;
    pilot.post("/conversation/delete", &reader, &[]).await;
    assert!(database.review_labels("accuracy").await.unwrap().is_empty());
    let gone = pilot.get_as("/staff/reviews/accuracy/answers/1", &ann).await;
    assert_eq!(gone.header("location"), "/staff/reviews/accuracy");
    assert!(see(&pilot, &ann, "/accuracy").await.contains("0 / 0"));
}

#[tokio::test]
async fn a_review_is_there_in_welsh_too() {
    let pilot = Pilot::empty().await;
    let answers = [answer(1, 1, &["Forty pounds."])];
    let database = &pilot.site.database;
    database.create_review(&review(ReviewKind::Single), &answers).await.unwrap();
    let ann = person(&pilot, "Ann", Role::Staff).await;
    let reply = pilot.post("/cy/staff/reviews/accuracy/next", &ann, &[]).await;
    assert_eq!(reply.header("location"), "/cy/staff/reviews/accuracy/answers/1#seen");
    let page = pilot.get_as("/cy/staff/reviews/accuracy/answers/1", &ann).await.text;
    for words in [
        "<h1 class=\"govuk-heading-l\">Ateb 1</h1>",
        "lang=\"en\">Is every statement right?</legend>",
        ">anghywir</label>",
        "Ni allaf ddweud",
        "action=\"/cy/staff/reviews/accuracy/answers/1\"",
    ] {
        assert!(page.contains(words), "{words} is not in {page}");
    }
    for path in ["", "/accuracy"] {
        let page = pilot.get_as(&format!("/cy/staff/reviews{path}"), &ann).await.text;
        assert!(page.contains("lang=\"en\">Is every statement right?"), "{page}");
    }
    let fields = [("choice", "right")];
    let done = pilot.post("/cy/staff/reviews/accuracy/answers/1", &ann, &fields).await;
    assert_eq!(done.header("location"), "/cy/staff/reviews/accuracy");
}
