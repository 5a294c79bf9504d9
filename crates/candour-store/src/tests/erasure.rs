//! What is erased is in no file and no table any more, whichever copy it was in.

use candour_core::FeedbackVerdict;
use sqlx::AssertSqlSafe;

use super::conversations::{at, conversation_id, erase, feedback, masked, receipt, turn};
use super::reviews::{of_readers, reader_answer};
use super::schema::{SECOND, with_second};
use super::{Place, contract};
use crate::{Database, Given, Job, NewLabel, StoreError};

contract!(
    erases_from_every_copy_and_says_so,
    old_conversations_leave_the_backups_too,
    a_backup_that_cannot_be_cleaned_is_told_of,
);

/// Two questions of one conversation and one of another, each with everything that can hang on it.
async fn fill(database: &Database) {
    for (conversation, number) in [(1, 1), (1, 2), (2, 3)] {
        let mut asked = turn(conversation, number, at(number.into()));
        asked.question = masked("the canary sings of parking");
        asked.answer.message = Some("a canary in the answer".into());
        let mut with = receipt(&asked);
        with.trace = serde_json::json!({ "note": "a canary in the trace" });
        database.record_turn(&asked, &with).await.unwrap();
        let given = feedback(number, FeedbackVerdict::Useful, "a canary too");
        assert!(database.record_feedback(&given).await.unwrap());
    }
    label(database).await;
}

/// Has all three answers labelled in a review, with words about them.
async fn label(database: &Database) {
    let answers: Vec<_> = (1..=3).map(|number| reader_answer(number, 1)).collect();
    database.create_review(&of_readers("accuracy"), &answers).await.unwrap();
    for position in 1..=3 {
        database.take_answer("accuracy", "jo", Job::Label, at(3)).await.unwrap();
        let note = masked("a canary in the note");
        let label = Some("right");
        let (review, person) = ("accuracy", "jo");
        let new = NewLabel { review, position, person, label, note, at: at(3) };
        assert_eq!(database.give_label(&new).await.unwrap(), Given::Kept);
    }
}

/// Backs the database up as a migration does.
pub(super) async fn back_up(place: &Place) -> Database {
    Database::open_with(&place.address, &with_second(SECOND), 2).await.unwrap()
}

async fn erases_from_every_copy_and_says_so(place: &Place, database: &Database) {
    fill(database).await;
    let migrated = back_up(place).await;
    let counts = |of: &candour_core::SaltedErasure| of.erasure.erased.clone();
    let expected = |each: u64| {
        ["backups", "citations", "feedback", "questions", "receipts", "reviews", "signals"]
            .map(|store| (store.to_owned(), each))
    };
    assert_eq!(database.last_erasure().await.unwrap(), None);
    let erased = erase(database, 1).await.unwrap();
    assert_eq!(counts(&erased), expected(2).into());
    assert_eq!(database.last_erasure().await.unwrap(), Some(erased.log_position));
    assert!(erased.is_for(conversation_id(1)) && !erased.is_for(conversation_id(2)));
    let entry = database.log_entry(erased.log_position).await.unwrap().unwrap();
    assert_eq!((entry.kind.as_str(), entry.commitment), ("erasure", erased.commitment()));
    let noted = database.audit(0, 9).await.unwrap().remove(0);
    assert_eq!(
        noted.action,
        "erase conversation: 2 backups, 2 citations, 2 feedback, 2 questions, 2 receipts, \
         2 reviews, 2 signals (log 3)"
    );
    assert_eq!(erase(database, 1).await, None, "there is nothing of it any more");
    assert!(database.turn(super::conversations::answer_id(3)).await.unwrap().is_some());

    assert!(canaries(place, database).await > 0, "the other conversation is still there");
    assert_eq!(counts(&erase(database, 2).await.unwrap()), expected(1).into());
    // Looked for while the databases are open, because closing them empties their logs anyway.
    assert_eq!(canaries(place, database).await, 0);
    let text = everything(place, database).await;
    for number in [1, 2] {
        let id = conversation_id(number).to_string();
        assert!(!contains(&text, id.as_bytes()), "a name of the conversation is left");
    }
    migrated.close().await;
}

async fn old_conversations_leave_the_backups_too(place: &Place, database: &Database) {
    fill(database).await;
    back_up(place).await.close().await;
    let deleted = database.purge_conversations(at(3)).await.unwrap();
    assert_eq!((deleted.turns, deleted.backups), (2, 2));
    assert_eq!(deleted.reviews, 2);
    let left = database.review_answers("accuracy").await.unwrap();
    assert_eq!(left.len(), 1, "what was said of the others is gone with them");
    assert_eq!(database.review_labels("accuracy").await.unwrap().len(), 1);
    let deleted = database.purge_conversations(at(4)).await.unwrap();
    assert_eq!((deleted.turns, deleted.backups), (1, 1));
    assert_eq!(canaries(place, database).await, 0);
    assert_eq!(database.log_size().await.unwrap(), 3, "what goes by age is not entered");
}

async fn a_backup_that_cannot_be_cleaned_is_told_of(place: &Place, database: &Database) {
    let Some(folder) = place.folder() else { return };
    fill(database).await;
    let empty = folder.join("candour.sqlite.v1-backup-1");
    std::fs::write(&empty, "").unwrap();
    std::fs::write(folder.join("candour.sqlite.v1-backup-1.txt"), "not a backup").unwrap();
    assert!(erase(database, 2).await.is_some(), "one that was cut off as it began holds nothing");
    std::fs::write(&empty, "not a database, but long enough to be taken for a damaged one")
        .unwrap();
    let request = crate::EraseRequest {
        conversation: conversation_id(1),
        by: "reader".into(),
        reason: masked(""),
        at: at(9),
        salt: [1; 16],
    };
    let failed = database.erase_conversation(&request).await;
    let Err(StoreError::Copy { path, .. }) = failed else { panic!("{failed:?}") };
    assert!(path.ends_with("backup-1"), "{path}");
    assert!(!database.conversation(conversation_id(1), 9).await.unwrap().is_empty());
}

async fn canaries(place: &Place, database: &Database) -> usize {
    let text = everything(place, database).await;
    text.windows(6).filter(|window| *window == b"canary").count()
}

pub(super) fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

/// Every byte of every file of the state directory, or every row of every table of every schema.
pub(super) async fn everything(place: &Place, database: &Database) -> Vec<u8> {
    let mut text = Vec::new();
    if let Some(folder) = place.folder() {
        for file in std::fs::read_dir(folder).unwrap() {
            text.extend(std::fs::read(file.unwrap().path()).unwrap());
        }
        return text;
    }
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT CAST(schemaname AS TEXT) || '.' || CAST(tablename AS TEXT) FROM pg_tables \
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert!(tables.len() > 20, "{tables:?}");
    for table in tables {
        let sql = AssertSqlSafe(format!("SELECT CAST(whole AS TEXT) FROM {table} AS whole"));
        let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(&database.pool).await.unwrap();
        text.extend(rows.concat().into_bytes());
    }
    text
}
