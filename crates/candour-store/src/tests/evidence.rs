//! The contract of evidence, and of the log that commits to it.

use candour_core::evidence::RESULT;
use candour_core::{ContentHash, Evidence, KeptFile};
use jiff::Timestamp;
use tokio::task::JoinSet;

use super::conversations::at;
use super::{Place, contract, tamper};
use crate::rows::json;
use crate::{Database, StoreError};

contract!(
    the_log_commits_to_evidence,
    the_same_evidence_is_entered_once,
    lists_evidence_by_kind_and_time,
    reports_damaged_evidence,
);

fn evidence(kind: &str, made_at: Timestamp) -> Evidence {
    let file = KeptFile { hash: ContentHash::of(b"{}"), bytes: 2 };
    Evidence {
        version: 1,
        kind: kind.to_owned(),
        title: "Aberwen’s suite\u{1}, asked of «the pilot»".into(),
        made_at,
        program: "0.1.0".into(),
        configuration: Some(ContentHash::of(b"configuration")),
        snapshot: Some("5eed".into()),
        suite: None,
        files: [(RESULT.to_owned(), file)].into(),
    }
}

async fn the_log_commits_to_evidence(_: &Place, database: &Database) {
    let run = evidence("run", at(3));
    let kept = database.keep_evidence(&run, at(8), [9; 16]).await.unwrap();
    assert_eq!(kept.evidence, run);
    assert_eq!(database.evidence(&run.hash()).await.unwrap(), Some(kept.clone()));
    let entry = database.log_entry(kept.log_position).await.unwrap().unwrap();
    assert_eq!(
        (entry.kind.as_str(), entry.logged_at),
        ("evidence", at(8)),
        "it was measured before"
    );
    assert_eq!(entry.commitment, kept.commitment());
    assert_ne!(entry.commitment, run.hash(), "without the salt the log tells nothing");
    assert_eq!(database.evidence(&ContentHash::of(b"other")).await.unwrap(), None);
}

async fn the_same_evidence_is_entered_once(_: &Place, database: &Database) {
    let run = evidence("run", at(1));
    let mut keepers = JoinSet::new();
    for keeper in 0..6 {
        let (database, run) = (database.clone(), run.clone());
        keepers
            .spawn(async move { database.keep_evidence(&run, at(1), [keeper; 16]).await.unwrap() });
    }
    let mut kept = keepers.join_all().await;
    kept.dedup();
    assert_eq!(kept.len(), 1, "all of them hold the same salt");
    assert_eq!(database.log_size().await.unwrap(), 1, "and no position is lost");
}

async fn lists_evidence_by_kind_and_time(_: &Place, database: &Database) {
    for (kind, seconds) in [("run", 1), ("redteam", 2), ("run", 3)] {
        database.keep_evidence(&evidence(kind, at(seconds)), at(9), [1; 16]).await.unwrap();
    }
    let times = |found: Vec<candour_core::SaltedEvidence>| {
        found.into_iter().map(|one| one.evidence.made_at).collect::<Vec<_>>()
    };
    assert_eq!(times(database.all_evidence(None).await.unwrap()), [at(3), at(2), at(1)]);
    assert_eq!(times(database.all_evidence(Some("run")).await.unwrap()), [at(3), at(1)]);
    assert_eq!(times(database.all_evidence(Some("other")).await.unwrap()), []);
}

async fn reports_damaged_evidence(_: &Place, database: &Database) {
    let run = evidence("run", at(1));
    database.keep_evidence(&run, at(1), [1; 16]).await.unwrap();
    tamper(database, "UPDATE evidence SET evidence = '{\"version\":1}'").await;
    let error = database.evidence(&run.hash()).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { what: "piece of evidence", .. }), "{error}");
    assert!(database.all_evidence(None).await.is_err());
    // What is no hash would lead out of the folder of the files.
    let file = run.files[RESULT].hash.to_string();
    for hash in ["", "0", "\u{e9}", "../../../../etc/passwd"] {
        let damaged = json(&run).unwrap().replace(&file, hash);
        sqlx::query("UPDATE evidence SET evidence = $1")
            .bind(damaged)
            .execute(&database.pool)
            .await
            .unwrap();
        let error = database.evidence(&run.hash()).await.unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{hash}: {error}");
    }
}
