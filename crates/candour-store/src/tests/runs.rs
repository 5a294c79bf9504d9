//! Ingest runs and their outcomes.

use jiff::Timestamp;

use super::{Place, contract, tamper};
use crate::{Database, Outcome, OutcomeKind, Run, RunId, StoreError};

contract!(
    goes_on_with_an_unfinished_run,
    keeps_the_latest_outcome_of_a_page,
    records_many_outcomes,
    keeps_the_outcomes_of_ten_runs,
    begins_one_run_for_many_callers,
    reports_damaged_runs,
);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + seconds).unwrap()
}

fn outcome(page: &str, kind: OutcomeKind) -> Outcome {
    Outcome { page: page.into(), kind, reason: None, detail: None }
}

async fn goes_on_with_an_unfinished_run(_: &Place, database: &Database) {
    let (x, y) = (["dir:x".to_owned()], ["dir:x".to_owned(), "dir:y".to_owned()]);
    assert_eq!(database.last_run().await.unwrap(), None);
    let first = database.begin_run(&x, at(1)).await.unwrap();
    assert_eq!(database.begin_run(&x, at(2)).await.unwrap(), first, "it never finished");
    let run =
        Run { id: first, sources: x.to_vec(), started_at: at(1), finished_at: None, summary: None };
    assert_eq!(database.last_run().await.unwrap(), Some(run.clone()));

    database.finish_run(first, "{\"pages\":3}", at(5)).await.unwrap();
    let finished = Run { finished_at: Some(at(5)), summary: Some("{\"pages\":3}".into()), ..run };
    assert_eq!(database.last_run().await.unwrap(), Some(finished));

    let second = database.begin_run(&x, at(6)).await.unwrap();
    assert!(second > first, "a finished run does not go on");
    let third = database.begin_run(&y, at(7)).await.unwrap();
    assert!(third > second, "other sources are another run");
    let fourth = database.begin_run(&x, at(8)).await.unwrap();
    assert!(fourth > third, "only the last run goes on");
}

async fn keeps_the_latest_outcome_of_a_page(_: &Place, database: &Database) {
    use OutcomeKind::{Deleted, Failed, Indexed, Skipped, Unchanged};
    let run = database.begin_run(&[], at(1)).await.unwrap();
    let failed = Outcome {
        reason: Some("no_text".into()),
        detail: Some("nothing but a picture\0".into()),
        ..outcome("/b", Failed)
    };
    let outcomes = [
        outcome("/B", Indexed),
        outcome("/a", Skipped),
        outcome("/c", Unchanged),
        outcome("/d", Deleted),
        outcome("/b", Indexed),
        failed.clone(),
    ];
    database.record_outcomes(run, &outcomes).await.unwrap();
    database.record_outcomes(run, &[outcome("/a", Indexed)]).await.unwrap();
    database.record_outcomes(run, &[]).await.unwrap();

    let all = database.outcomes(run, None).await.unwrap();
    let pages: Vec<(&str, OutcomeKind)> = all.iter().map(|o| (o.page.as_str(), o.kind)).collect();
    let expected =
        [("/B", Indexed), ("/a", Indexed), ("/b", Failed), ("/c", Unchanged), ("/d", Deleted)];
    assert_eq!(pages, expected);
    let only_failed = database.outcomes(run, Some(Failed)).await.unwrap();
    let detail = Some("nothing but a picture\u{fffd}".to_owned());
    assert_eq!(only_failed, vec![Outcome { detail, ..failed }]);
    assert!(database.outcomes(RunId(99), None).await.unwrap().is_empty());
    let error = database.record_outcomes(RunId(99), &outcomes).await.unwrap_err();
    assert!(matches!(error, StoreError::Database(_)), "there is no such run: {error}");
}

async fn records_many_outcomes(_: &Place, database: &Database) {
    let run = database.begin_run(&[], at(1)).await.unwrap();
    let outcomes: Vec<Outcome> =
        (0..20_001).map(|n| outcome(&format!("/p/{n:06}"), OutcomeKind::Unchanged)).collect();
    database.record_outcomes(run, &outcomes).await.unwrap();
    assert_eq!(database.outcomes(run, None).await.unwrap(), outcomes);
}

async fn keeps_the_outcomes_of_ten_runs(_: &Place, database: &Database) {
    let mut runs = Vec::new();
    for number in 0..12 {
        let run = database.begin_run(&[], at(number)).await.unwrap();
        database.record_outcomes(run, &[outcome("/a", OutcomeKind::Indexed)]).await.unwrap();
        database.finish_run(run, "{}", at(number)).await.unwrap();
        runs.push(run);
    }
    for (number, run) in runs.into_iter().enumerate() {
        let kept = database.outcomes(run, None).await.unwrap().len();
        assert_eq!(kept, usize::from(number >= 2), "run {number}");
    }
}

async fn begins_one_run_for_many_callers(_: &Place, database: &Database) {
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let database = database.clone();
        callers.spawn(async move { database.begin_run(&["dir:x".into()], at(1)).await.unwrap() });
    }
    let mut runs = Vec::new();
    while let Some(run) = callers.join_next().await {
        runs.push(run.unwrap());
    }
    assert_eq!(runs, vec![runs[0]; 8]);
}

async fn reports_damaged_runs(_: &Place, database: &Database) {
    let run = database.begin_run(&["dir:x".into()], at(1)).await.unwrap();
    database.record_outcomes(run, &[outcome("/a", OutcomeKind::Indexed)]).await.unwrap();
    tamper(database, "UPDATE runs SET sources = '[1'").await;
    tamper(database, "UPDATE run_outcomes SET kind = 'odd'").await;
    let error = database.last_run().await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { what: "list of sources", .. }), "{error}");
    let error = database.outcomes(run, None).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { what: "outcome", .. }), "{error}");
}
