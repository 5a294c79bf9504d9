//! The contract of monitoring: plans that are committed to, records that are kept once, alarms.

use std::collections::BTreeMap;

use candour_core::{Alarm, AlarmKind, FeedbackVerdict, Metric};
use tokio::task::JoinSet;

use super::conversations::{answer_id, at, erase, feedback, masked, receipt, turn};
use super::{Place, contract, tamper};
use crate::{
    Act, Database, MonitoringPlan, NewRecord, RecordKind, Switch, SwitchState, UnreadAnswer,
};

contract!(
    a_plan_is_committed_to_and_cannot_be_changed_but_closed,
    every_answer_is_read_once_whoever_looks,
    more_records_than_a_statement_takes_are_kept_in_their_order,
    erased_answers_leave_numbers_alone,
    verdicts_are_recorded_once,
    alarms_are_raised_once_and_may_turn_the_model_off,
    damage_is_told_of,
);

fn act(second: i64) -> Act {
    Act { actor: "owner".into(), reason: masked("the pilot begins"), at: at(second) }
}

async fn start(database: &Database) -> MonitoringPlan {
    database.start_monitoring("{\"a\":\"plan\"}", &act(1)).await.unwrap().unwrap()
}

async fn answer(database: &Database, conversation: u8, number: u16) {
    let asked = turn(conversation, number, at(number.into()));
    database.record_turn(&asked, &receipt(&asked)).await.unwrap();
}

fn scores(value: f64) -> BTreeMap<Metric, f64> {
    [(Metric::Citations, value)].into()
}

fn record(kind: RecordKind, number: u16, value: f64) -> NewRecord {
    NewRecord { kind, answer: answer_id(number).to_string(), scores: scores(value) }
}

/// The plan as it is now.
async fn now(database: &Database) -> MonitoringPlan {
    database.monitoring_plans().await.unwrap().remove(0)
}

async fn a_plan_is_committed_to_and_cannot_be_changed_but_closed(_: &Place, database: &Database) {
    answer(database, 1, 1).await;
    assert_eq!(database.close_monitoring(&act(1), [1; 16]).await.unwrap(), None);
    assert_eq!(database.answers_since(at(1), 9).await.unwrap(), [answer_id(1).to_string()]);
    assert_eq!(database.answers_since(at(2), 9).await.unwrap(), [] as [String; 0]);
    let plan = start(database).await;
    assert_eq!((plan.number, plan.log_position, plan.read_to), (1, 1, 1));
    assert_eq!(database.open_monitoring().await.unwrap(), Some(plan.clone()));
    let entry = database.log_entry(1).await.unwrap().unwrap();
    assert_eq!((entry.kind.as_str(), entry.commitment), ("monitoring_plan", plan.hash.clone()));
    assert_eq!(database.start_monitoring("another", &act(2)).await.unwrap(), None);
    assert_eq!(database.log_size().await.unwrap(), 2, "a refused plan leaves no entry");
    answer(database, 1, 2).await;
    answer(database, 2, 3).await;
    assert_eq!(database.answers_under(&plan).await.unwrap(), 2, "not the one before it");

    let closed = database.close_monitoring(&act(3), [1; 16]).await.unwrap().unwrap();
    let ending = closed.closed.clone().unwrap();
    let entry = database.log_entry(ending.log_position).await.unwrap().unwrap();
    assert_eq!((entry.kind.as_str(), entry.commitment), ("monitoring_closing", ending.hash));
    assert_eq!(ending.closing.plan, plan.hash);
    assert_eq!(now(database).await, closed);
    assert_eq!(database.open_monitoring().await.unwrap(), None);
    answer(database, 2, 4).await;
    assert_eq!(database.answers_under(&closed).await.unwrap(), 2, "not the one after it");
    assert_eq!(ending.closing.salt, "01".repeat(16), "the log does not tell the reason");

    let next = database.start_monitoring("another", &act(4)).await.unwrap().unwrap();
    assert_eq!(next.number, 2);
    // What was given before the closing is still the first plan's, and comes first.
    assert_eq!(database.due_monitoring().await.unwrap(), Some(closed.clone()));
    let unread = database.unread_answers(&closed, 9).await.unwrap();
    assert_eq!(unread.iter().map(|answer| answer.log_position).collect::<Vec<_>>(), [2, 3]);
    let late = [record(RecordKind::Answer, 2, 1.0), record(RecordKind::Answer, 3, 1.0)];
    assert!(database.keep_records(&plan, ending.log_position, &late).await.unwrap());
    let finished = database.monitoring_plans().await.unwrap().remove(1);
    assert_eq!(database.due_monitoring().await.unwrap(), Some(next));
    let later = [record(RecordKind::Answer, 4, 1.0)];
    let later = database.keep_records(&finished, ending.log_position + 1, &later).await;
    assert!(!later.unwrap(), "what is closed and read takes no record");
    let noted: Vec<String> =
        database.audit(0, 9).await.unwrap().into_iter().map(|entry| entry.action).collect();
    let expected = [
        "start monitoring plan 2 (log 6)",
        "close monitoring plan 1 (log 4)",
        "start monitoring plan 1 (log 1)",
    ];
    assert_eq!(noted, expected);
}

/// Four programs look at the same thirty answers, seven at a time, while others are given.
async fn every_answer_is_read_once_whoever_looks(_: &Place, database: &Database) {
    start(database).await;
    for number in 0..15 {
        answer(database, 1, number).await;
    }
    let mut programs = JoinSet::new();
    for _ in 0..4 {
        let database = database.clone();
        programs.spawn(async move {
            let mut kept = 0;
            while kept < 200 {
                let plan = database.open_monitoring().await.unwrap().unwrap();
                let unread = database.unread_answers(&plan, 7).await.unwrap();
                let Some(last) = unread.last() else {
                    if plan.records >= 30 {
                        break;
                    }
                    tokio::task::yield_now().await;
                    continue;
                };
                let records: Vec<NewRecord> = unread
                    .iter()
                    .map(|UnreadAnswer { answer, .. }| NewRecord {
                        kind: RecordKind::Answer,
                        answer: answer.clone(),
                        scores: scores(1.0),
                    })
                    .collect();
                let done = database.keep_records(&plan, last.log_position, &records).await.unwrap();
                kept += if done { records.len() } else { 0 };
            }
            kept
        });
    }
    for number in 15..30 {
        answer(database, 2, number).await;
    }
    let mut total = 0;
    while let Some(kept) = programs.join_next().await {
        total += kept.unwrap();
    }
    assert_eq!(total, 30);
    let records = database.monitoring_records(1, 0, 100).await.unwrap();
    let positions: Vec<u64> = records.iter().map(|record| record.position).collect();
    assert_eq!(positions, (1..=30).collect::<Vec<u64>>());
    let mut answers: Vec<String> =
        records.into_iter().map(|record| record.answer.unwrap()).collect();
    answers.sort();
    answers.dedup();
    assert_eq!(answers.len(), 30, "each answer once");
    assert_eq!(database.count_unread(&now(database).await).await.unwrap(), 0);
}

async fn more_records_than_a_statement_takes_are_kept_in_their_order(
    _: &Place,
    database: &Database,
) {
    let plan = start(database).await;
    answer(database, 1, 601).await;
    let records: Vec<NewRecord> = (1..=601)
        .map(|number| record(RecordKind::Answer, number, f64::from(number) / 1000.0))
        .collect();
    assert!(database.keep_records(&plan, 2, &records).await.unwrap());
    let kept = database.monitoring_records(1, 0, 1000).await.unwrap();
    let positions: Vec<u64> = kept.iter().map(|record| record.position).collect();
    assert_eq!(positions, (1..=601).collect::<Vec<u64>>());
    assert!(kept.iter().zip(&records).all(|(kept, record)| kept.scores == record.scores));
    let there: Vec<String> = kept.into_iter().filter_map(|record| record.answer).collect();
    assert_eq!(there, [answer_id(601).to_string()], "the others are not there, or not any more");
}

async fn erased_answers_leave_numbers_alone(place: &Place, database: &Database) {
    let plan = start(database).await;
    answer(database, 1, 1).await;
    answer(database, 2, 2).await;
    let records = [record(RecordKind::Answer, 1, 0.25), record(RecordKind::Answer, 2, 0.5)];
    assert!(database.keep_records(&plan, 2, &records).await.unwrap());
    let copy = super::erasure::back_up(place).await;
    erase(database, 1).await.unwrap();
    let text = super::erasure::everything(place, database).await;
    let gone = answer_id(1).to_string();
    assert!(!super::erasure::contains(&text, gone.as_bytes()), "in no table and no backup");
    let kept = database.monitoring_records(1, 0, 9).await.unwrap();
    let seen: Vec<(Option<String>, f64)> =
        kept.into_iter().map(|record| (record.answer, record.scores[&Metric::Citations])).collect();
    assert_eq!(seen, [(None, 0.25), (Some(answer_id(2).to_string()), 0.5)]);

    // One that is erased between looking and keeping.
    answer(database, 3, 3).await;
    erase(database, 3).await.unwrap();
    let plan = now(database).await;
    assert!(database.keep_records(&plan, 4, &[record(RecordKind::Answer, 3, 1.0)]).await.unwrap());
    assert_eq!(database.monitoring_records(1, 2, 9).await.unwrap()[0].answer, None);
    assert_eq!(database.answers_under(&plan).await.unwrap(), 3, "the log still counts them");
    copy.close().await;
}

async fn verdicts_are_recorded_once(_: &Place, database: &Database) {
    answer(database, 1, 1).await;
    let plan = start(database).await;
    answer(database, 1, 2).await;
    answer(database, 1, 3).await;
    for (number, verdict) in
        [(1, FeedbackVerdict::Wrong), (2, FeedbackVerdict::Useful), (3, FeedbackVerdict::Wrong)]
    {
        database.record_feedback(&feedback(number, verdict, "")).await.unwrap();
    }
    tamper(database, "UPDATE feedback SET verdict = 'shrug' WHERE verdict = 'wrong'").await;
    let found = database.new_verdicts(&plan, at(0), 9).await.unwrap();
    let mut verdicts: Vec<_> = found.iter().map(|found| found.verdict).collect();
    verdicts.sort();
    assert_eq!(verdicts, [None, Some(FeedbackVerdict::Useful)], "those on answers of the plan");
    assert_eq!(database.new_verdicts(&plan, at(10), 9).await.unwrap(), []);
    let records: Vec<NewRecord> = found
        .into_iter()
        .map(|found| NewRecord {
            kind: RecordKind::Verdict,
            answer: found.answer,
            scores: BTreeMap::new(),
        })
        .collect();
    assert!(database.keep_records(&plan, plan.read_to, &records).await.unwrap());
    // A change of mind is no second verdict, and a record of the answer itself stands beside it.
    database.record_feedback(&feedback(2, FeedbackVerdict::Wrong, "")).await.unwrap();
    let plan = now(database).await;
    assert_eq!(database.new_verdicts(&plan, at(0), 9).await.unwrap(), []);
    let answers = [record(RecordKind::Answer, 2, 1.0), record(RecordKind::Unreadable, 3, 1.0)];
    assert!(database.keep_records(&plan, 3, &answers).await.unwrap());
    let counts = database.count_records(1).await.unwrap();
    let expected = [(RecordKind::Answer, 1), (RecordKind::Verdict, 2), (RecordKind::Unreadable, 1)];
    assert_eq!(counts, expected.into());
    let plan = now(database).await;
    let again = database.keep_records(&plan, 3, &[record(RecordKind::Answer, 2, 1.0)]).await;
    assert!(again.is_err(), "the database itself refuses a second record of an answer");
    assert_eq!(now(database).await, plan, "and keeps nothing of it");
}

async fn alarms_are_raised_once_and_may_turn_the_model_off(_: &Place, database: &Database) {
    start(database).await;
    let alarm = |metric, kind, position| Alarm {
        metric,
        kind,
        position,
        scores: 9,
        value: 0.5,
        low: 0.1,
        high: 0.625,
    };
    let first = alarm(Metric::Numbers, AlarmKind::Threshold, 12);
    let why = masked("the plan says so");
    let raised =
        async |alarm: &Alarm, why| database.raise_alarm(1, alarm, why, at(20)).await.unwrap();
    assert!(raised(&first, Some(&why)).await && !raised(&first, Some(&why)).await);
    let model = database.switches().await.unwrap().remove(0);
    assert_eq!((model.switch, model.is_on, &model.reason), (Switch::Model, false, &why));
    let noted: Vec<String> =
        database.audit(0, 2).await.unwrap().into_iter().map(|entry| entry.action).collect();
    let expected = [
        "monitoring alarm: numbers has surely broken its threshold (plan 1, record 12)",
        "switch model off",
    ];
    assert_eq!(noted, expected);

    // Off already, the reason that somebody gave stays.
    let second = alarm(Metric::Citations, AlarmKind::Threshold, 5);
    let theirs = SwitchState { reason: masked("too slow"), set_by: "owner".into(), ..model };
    database.set_switch(&theirs).await.unwrap();
    assert!(raised(&second, Some(&why)).await);
    assert_eq!(database.switches().await.unwrap(), [theirs]);

    assert!(raised(&alarm(Metric::Citations, AlarmKind::Drift, 4), None).await);
    let found: Vec<u64> = database
        .monitoring_alarms(1)
        .await
        .unwrap()
        .into_iter()
        .map(|raised| raised.alarm.position)
        .collect();
    assert_eq!(found, [4, 5, 12]);
}

async fn damage_is_told_of(_: &Place, database: &Database) {
    let plan = start(database).await;
    answer(database, 1, 1).await;
    database.keep_records(&plan, 1, &[record(RecordKind::Answer, 1, 1.0)]).await.unwrap();
    tamper(database, "UPDATE monitoring_records SET scores = '{\"charm\":1}'").await;
    let error = database.monitoring_records(1, 0, 9).await.unwrap_err();
    assert!(error.to_string().contains("record of monitoring"), "{error}");
    tamper(database, "UPDATE monitoring_plans SET plan = 'another'").await;
    let changed = now(database).await;
    let entry = database.log_entry(changed.log_position).await.unwrap().unwrap();
    assert_ne!(changed.hash, entry.commitment, "the log tells that it was changed");
}
