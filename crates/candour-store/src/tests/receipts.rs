//! The contract of receipts and of the log that commits to them.

use candour_core::{AnswerId, ContentHash, PageId, PassageId};
use tokio::task::JoinSet;

use super::conversations::{answer_id, at, erase, receipt, turn};
use super::{Place, contract};
use crate::{CitingAnswer, Database};

contract!(
    the_log_commits_to_every_receipt,
    finds_the_answers_that_rest_on_a_page,
    what_is_deleted_leaves_a_commitment_that_tells_nothing,
    positions_in_the_log_have_no_gaps,
);

async fn the_log_commits_to_every_receipt(_: &Place, database: &Database) {
    for number in 1..4 {
        let turn = turn(1, number, at(number.into()));
        database.record_turn(&turn, &receipt(&turn)).await.unwrap();
    }
    assert_eq!(database.log_size().await.unwrap(), 3);
    for number in 1..4 {
        let kept = database.receipt(answer_id(number)).await.unwrap().unwrap();
        let turn = database.turn(answer_id(number)).await.unwrap().unwrap();
        assert!(kept.receipt.is_for(&turn));
        let entry = database.log_entry(kept.log_position).await.unwrap().unwrap();
        assert_eq!(entry.commitment, kept.commitment());
        assert_eq!((entry.kind.as_str(), entry.logged_at), ("receipt", turn.asked_at));
        let mut other = kept.clone();
        other.receipt.dropped.clear();
        assert_ne!(other.commitment(), entry.commitment, "another receipt has another commitment");
        other = kept.clone();
        other.salt.replace_range(..2, "00");
        assert_ne!(other.commitment(), entry.commitment, "and so has another salt");
        let trace = database.trace(answer_id(number)).await.unwrap().unwrap();
        assert_eq!(trace, serde_json::json!({ "generated": null }));
    }
    assert_eq!(database.log_entry(3).await.unwrap(), None);
    assert_eq!(database.receipt(answer_id(9)).await.unwrap(), None);
}

async fn finds_the_answers_that_rest_on_a_page(_: &Place, database: &Database) {
    for number in 1..3 {
        let turn = turn(1, number, at(number.into()));
        database.record_turn(&turn, &receipt(&turn)).await.unwrap();
    }
    let citing = |answer: AnswerId| CitingAnswer {
        answer,
        passage: PassageId("/parking#3".into()),
        passage_hash: ContentHash::of(b"passage"),
    };
    let found = database.answers_citing(&PageId("/parking".into())).await.unwrap();
    assert_eq!(found, [citing(answer_id(2)), citing(answer_id(1))], "the latest first");
    assert_eq!(database.answers_citing(&PageId("/park".into())).await.unwrap(), []);
}

async fn what_is_deleted_leaves_a_commitment_that_tells_nothing(_: &Place, database: &Database) {
    let asked = turn(1, 1, at(1));
    database.record_turn(&asked, &receipt(&asked)).await.unwrap();
    let erased = erase(database, 1).await.unwrap().erasure.erased;
    assert_eq!((erased["questions"], erased["receipts"]), (1, 1));
    assert_eq!(database.receipt(answer_id(1)).await.unwrap(), None);
    assert_eq!(database.answers_citing(&PageId("/parking".into())).await.unwrap(), []);
    assert!(database.log_entry(0).await.unwrap().is_some(), "nothing is taken from the log");
}

async fn positions_in_the_log_have_no_gaps(_: &Place, database: &Database) {
    let mut writers = JoinSet::new();
    for number in 0..20 {
        let database = database.clone();
        writers.spawn(async move {
            let turn = turn((number % 5) as u8, number, at(number.into()));
            database.record_turn(&turn, &receipt(&turn)).await
        });
    }
    while let Some(written) = writers.join_next().await {
        written.unwrap().unwrap();
    }
    // One that fails takes no position.
    let again = turn(1, 1, at(30));
    assert!(database.record_turn(&again, &receipt(&again)).await.is_err());
    assert_eq!(database.log_size().await.unwrap(), 20);
    for position in 0..20 {
        assert!(database.log_entry(position).await.unwrap().is_some(), "{position}");
    }
}
