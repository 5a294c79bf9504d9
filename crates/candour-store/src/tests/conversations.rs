//! Conversations and feedback.

use candour_core::redaction::redact;
use candour_core::{
    Answer, AnswerId, AnswerStatus, Circumstances, Citation, ContentHash, ConversationId, Feedback,
    FeedbackVerdict, Locale, PassageId, PublicContacts, Receipt, Redacted, SaltedErasure, Turn,
};
use jiff::Timestamp;

use super::{Place, contract, tamper};
use crate::{Database, Deleted, EraseRequest, NewReceipt, StoreError};

contract!(
    keeps_turns_exactly,
    gives_the_last_turns_oldest_first,
    keeps_one_verdict_on_an_answer,
    a_deleted_conversation_does_not_come_back,
    one_that_is_deleted_before_its_first_answer_does_not_come_either,
    purges_by_the_last_question,
    writers_at_once_lose_nothing,
    reports_damage,
);

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + seconds).unwrap()
}

pub(super) fn masked(text: &str) -> Redacted {
    redact(text, &PublicContacts::default()).text
}

pub(super) fn conversation_id(number: u8) -> ConversationId {
    ConversationId::from_random([number; 16])
}

pub(super) fn answer_id(number: u16) -> AnswerId {
    let [high, low] = number.to_be_bytes();
    AnswerId::from_random([high, low, high, low, 1, 2, 3, 4, 5, 6, 7, 8, 9, high, low, 10])
}

pub(super) fn turn(conversation: u8, number: u16, asked_at: Timestamp) -> Turn {
    let citation = Citation {
        passage: PassageId("/parking#3".into()),
        passage_hash: ContentHash::of(b"passage"),
        url: "https://council.example/parking#permits".into(),
        title: "Parking".into(),
        heading: "Permits".into(),
        quote: "A permit costs £40 a year.".into(),
        start: 0,
        end: 27,
    };
    let sentence = candour_core::AnswerSentence {
        text: "A permit costs £40 a year.".into(),
        item: false,
        nested: false,
        citations: vec![citation],
    };
    let answer = Answer {
        status: AnswerStatus::Answered,
        locale: Locale::Cy,
        nation: Some(candour_core::Nation::Wales),
        audience: Some(candour_core::Audience::Business),
        is_audience_chosen: true,
        message: None,
        is_blocked: false,
        sentences: vec![sentence],
        sources: Vec::new(),
        links: Vec::new(),
        choices: Vec::new(),
        notices: Vec::new(),
        contacts: Vec::new(),
        model: None,
        confidence: None,
        snapshot: "abc".into(),
        timings_ms: [("retrieve".to_owned(), 1.25)].into(),
    };
    Turn {
        id: answer_id(number),
        conversation: conversation_id(conversation),
        question: masked("Faint yw trwydded barcio i'm tŷ?"),
        answer,
        asked_at,
    }
}

/// A receipt whose salt is told by its answer.
pub(super) fn receipt(turn: &Turn) -> NewReceipt {
    let circumstances = Circumstances {
        configuration: ContentHash::of(b"configuration"),
        program: "0".into(),
        written_by: None,
        policy: ContentHash::of(b"rules"),
        sorted_by: None,
        rewritten_by: None,
        dropped: [("number_missing".to_owned(), 1)].into(),
    };
    let receipt = Receipt::new(turn, circumstances);
    let trace = serde_json::json!({ "generated": null });
    NewReceipt { receipt, salt: [7; 16], trace, signals: vec!["distress"] }
}

/// Deletes a conversation as its reader does.
pub(super) async fn erase(database: &Database, conversation: u8) -> Option<SaltedErasure> {
    let request = EraseRequest {
        conversation: conversation_id(conversation),
        by: "reader".into(),
        reason: Redacted::default(),
        at: at(100),
        salt: [9; 16],
    };
    database.erase_conversation(&request).await.unwrap()
}

pub(super) fn feedback(answer: u16, verdict: FeedbackVerdict, comment: &str) -> Feedback {
    Feedback { answer: answer_id(answer), verdict, comment: masked(comment), given_at: at(9) }
}

async fn keeps_turns_exactly(_: &Place, database: &Database) {
    let typed = [
        "How much is a permit? My e-mail is ann.other@example.org",
        "\"quotes\"\\ \0 \r\n '; DROP TABLE turns; -- 🚗 ŵŷ",
        "",
    ];
    for (number, text) in (1_u16..).zip(typed) {
        let asked = Turn { question: masked(text), ..turn(1, number, at(i64::from(number))) };
        database.record_turn(&asked, &receipt(&asked)).await.unwrap();
        assert_eq!(database.turn(asked.id).await.unwrap(), Some(asked));
    }
    assert_eq!(database.turn(answer_id(99)).await.unwrap(), None);
    database.ping().await.unwrap();
}

async fn gives_the_last_turns_oldest_first(_: &Place, database: &Database) {
    // Two questions in one microsecond stay in the order in which they came.
    for (number, second) in [(4, 1), (3, 2), (2, 2), (1, 3)] {
        database
            .record_turn(&turn(1, number, at(second)), &receipt(&turn(1, number, at(second))))
            .await
            .unwrap();
    }
    database.record_turn(&turn(2, 5, at(2)), &receipt(&turn(2, 5, at(2)))).await.unwrap();
    for (limit, expected) in [(10, vec![4, 3, 2, 1]), (3, vec![3, 2, 1]), (0, vec![])] {
        let turns = database.conversation(conversation_id(1), limit).await.unwrap();
        let ids: Vec<AnswerId> = turns.iter().map(|turn| turn.id).collect();
        let expected: Vec<AnswerId> = expected.into_iter().map(answer_id).collect();
        assert_eq!(ids, expected, "limit {limit}");
    }
    assert_eq!(database.conversation(conversation_id(9), 5).await.unwrap(), Vec::new());
}

async fn keeps_one_verdict_on_an_answer(_: &Place, database: &Database) {
    use FeedbackVerdict::{NotUseful, Useful, Wrong};
    database.record_turn(&turn(1, 1, at(1)), &receipt(&turn(1, 1, at(1)))).await.unwrap();
    for verdict in [Useful, NotUseful, Wrong] {
        let given = feedback(1, verdict, "The price is old.\0");
        assert!(database.record_feedback(&given).await.unwrap());
        assert_eq!(database.feedback(answer_id(1)).await.unwrap(), Some(given));
    }
    assert!(!database.record_feedback(&feedback(2, Useful, "")).await.unwrap());
    assert_eq!(database.feedback(answer_id(2)).await.unwrap(), None);
}

async fn a_deleted_conversation_does_not_come_back(_: &Place, database: &Database) {
    // Nobody follows up what has not begun.
    assert!(
        !database.record_follow_up(&turn(1, 1, at(1)), &receipt(&turn(1, 1, at(1)))).await.unwrap()
    );
    database.record_turn(&turn(1, 2, at(2)), &receipt(&turn(1, 2, at(2)))).await.unwrap();
    // A follow-up that is recorded late does not make its conversation older.
    for (number, second) in [(3, 3), (4, 1)] {
        assert!(
            database
                .record_follow_up(
                    &turn(1, number, at(second)),
                    &receipt(&turn(1, number, at(second)))
                )
                .await
                .unwrap()
        );
    }
    let kept = database.conversation(conversation_id(1), 9).await.unwrap();
    assert_eq!(kept.len(), 3);
    assert_eq!(database.purge_conversations(at(3)).await.unwrap(), Deleted::default());

    // Answers are under way while the reader deletes: whichever comes first, nothing is left.
    let mut follow_ups = tokio::task::JoinSet::new();
    for number in 10..40 {
        let database = database.clone();
        follow_ups.spawn(async move {
            database
                .record_follow_up(&turn(1, number, at(4)), &receipt(&turn(1, number, at(4))))
                .await
        });
    }
    assert!(erase(database, 1).await.is_some());
    while let Some(recorded) = follow_ups.join_next().await {
        recorded.unwrap().unwrap();
    }
    assert_eq!(database.conversation(conversation_id(1), 99).await.unwrap(), Vec::new());
    assert!(
        !database
            .record_follow_up(&turn(1, 50, at(5)), &receipt(&turn(1, 50, at(5))))
            .await
            .unwrap()
    );
    assert_eq!(database.purge_conversations(at(99)).await.unwrap(), Deleted::default());
}

async fn one_that_is_deleted_before_its_first_answer_does_not_come_either(
    _: &Place,
    database: &Database,
) {
    let keep = |conversation: u8, number: u16| {
        let (asked, database) = (turn(conversation, number, at(2)), database.clone());
        async move { database.record_follow_up(&asked, &receipt(&asked)).await.unwrap() }
    };
    for conversation in 1..=4 {
        database.begin_conversation(conversation_id(conversation), at(1)).await.unwrap();
    }
    // One that goes on as begun has its first turn first.
    assert!(keep(1, 1).await);
    assert_eq!(database.conversation(conversation_id(1), 9).await.unwrap().len(), 1);

    let erased = erase(database, 2).await.expect("it was begun");
    assert!(erased.erasure.erased.values().all(|count| *count == 0), "{erased:?}");
    assert_eq!(database.last_erasure().await.unwrap(), Some(erased.log_position));
    let noted = database.audit(0, 9).await.unwrap().remove(0);
    assert_eq!(noted.action, "erase conversation: no answer yet (log 1)");
    assert!(!keep(2, 2).await, "its answer came too late");
    assert_eq!(erase(database, 2).await, None);

    // Whichever comes first, nothing is left.
    let late = tokio::spawn(keep(3, 3));
    assert!(erase(database, 3).await.is_some());
    late.await.unwrap();
    assert_eq!(database.conversation(conversation_id(3), 9).await.unwrap(), Vec::new());

    // What got no answer is forgotten, and what got one is not.
    database.abandon_conversation(conversation_id(1)).await.unwrap();
    database.abandon_conversation(conversation_id(4)).await.unwrap();
    assert!(!keep(4, 4).await);
    assert!(keep(1, 5).await);
    // One that was left by a program that stopped goes by age.
    database.begin_conversation(conversation_id(5), at(1)).await.unwrap();
    assert_eq!(database.purge_conversations(at(2)).await.unwrap(), Deleted::default());
    assert_eq!(erase(database, 5).await, None);
}

async fn purges_by_the_last_question(_: &Place, database: &Database) {
    // An old conversation, one that went on until lately, one exactly on the border.
    for (conversation, number, second) in
        [(1, 1, 10), (1, 2, 20), (2, 3, 10), (2, 4, 90), (3, 5, 50)]
    {
        database
            .record_turn(
                &turn(conversation, number, at(second)),
                &receipt(&turn(conversation, number, at(second))),
            )
            .await
            .unwrap();
    }
    // A question that is recorded late does not make its conversation older.
    database.record_turn(&turn(2, 6, at(15)), &receipt(&turn(2, 6, at(15)))).await.unwrap();
    database.record_feedback(&feedback(2, FeedbackVerdict::Wrong, "")).await.unwrap();
    let deleted = database.purge_conversations(at(50)).await.unwrap();
    assert_eq!(deleted, deleted_of(2, 1));
    assert_eq!(database.conversation(conversation_id(2), 9).await.unwrap().len(), 3);
    assert_eq!(database.conversation(conversation_id(3), 9).await.unwrap().len(), 1);
    assert_eq!(database.purge_conversations(at(50)).await.unwrap(), Deleted::default());
    let all = database.purge_conversations(at(91)).await.unwrap();
    assert_eq!(all, deleted_of(4, 0));
}

/// So many questions went, each with its receipt, one citation and one signal.
fn deleted_of(turns: u64, feedback: u64) -> Deleted {
    Deleted {
        turns,
        feedback,
        receipts: turns,
        citations: turns,
        signals: turns,
        ..Deleted::default()
    }
}

async fn writers_at_once_lose_nothing(_: &Place, database: &Database) {
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..8_u16 {
        let database = database.clone();
        writers.spawn(async move {
            for n in 0..15 {
                // Half of the turns go to one conversation that all writers share.
                let conversation = if n % 2 == 0 { 1 } else { 2 + writer as u8 };
                let asked = turn(conversation, writer * 100 + n, at(i64::from(n)));
                database.record_turn(&asked, &receipt(&asked)).await.unwrap();
                database.conversation(asked.conversation, 5).await.unwrap();
            }
        });
    }
    while let Some(result) = writers.join_next().await {
        result.unwrap();
    }
    assert_eq!(database.conversation(conversation_id(1), 1000).await.unwrap().len(), 64);
    let all = database.purge_conversations(at(1000)).await.unwrap();
    assert_eq!(all.turns, 120);
}

async fn reports_damage(_: &Place, database: &Database) {
    let asked = turn(1, 1, at(1));
    database.record_turn(&asked, &receipt(&asked)).await.unwrap();
    database.record_feedback(&feedback(1, FeedbackVerdict::Useful, "")).await.unwrap();
    for (sql, damaged) in [
        ("UPDATE turns SET answer = '{\"status\":\"answered\"'", "answer"),
        ("UPDATE turns SET question = 'no quotes'", "question"),
        (
            "UPDATE turns SET question = '\"a\"', answer = '{}', asked_at = 9223372036854775807",
            "answer",
        ),
    ] {
        tamper(database, sql).await;
        match database.turn(asked.id).await {
            Err(StoreError::Damaged { what, .. }) => assert_eq!(what, damaged, "{sql}"),
            other => panic!("{sql}: {other:?}"),
        }
        assert!(database.conversation(asked.conversation, 5).await.is_err());
    }
    tamper(database, "UPDATE feedback SET verdict = 'splendid'").await;
    let error = database.feedback(asked.id).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { what: "verdict", .. }), "{error}");
    // What cannot be read can still be deleted.
    let receipt = erase(database, 1).await.unwrap();
    assert_eq!(receipt.erasure.erased["questions"], 1);
}
