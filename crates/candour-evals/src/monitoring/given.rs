//! The answers that were given: one of them to be looked at, and how many a plan has.

use candour_core::{AnswerId, Turn};
use candour_store::{Database, MonitoringPlan, RecordKind, StoreError};
use serde::Serialize;

/// An answer by its name, and how many pieces of it verification dropped. None where it was erased.
pub async fn find(database: &Database, answer: &str) -> Result<Option<(Turn, usize)>, StoreError> {
    let Some(id) = AnswerId::parse(answer) else {
        let why = format!("`{answer}` is not one");
        return Err(StoreError::Damaged { what: "answer identifier", why });
    };
    let turn = database.turn(id).await?;
    let receipt = database.receipt(id).await?;
    Ok(turn.zip(receipt).map(|(turn, kept)| (turn, kept.receipt.dropped.values().sum())))
}

/// How many answers were given under a plan, and what became of them here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Answers that the log has, erased ones included.
    pub given: u64,
    /// Answers that were looked at.
    pub looked_at: u64,
    /// Answers of which it is not decided yet.
    pub not_decided: u64,
    /// Answers that could not be read any more.
    pub unreadable: u64,
    /// Verdicts of readers.
    pub verdicts: u64,
}

impl Counts {
    /// Those of a plan.
    pub async fn of(database: &Database, plan: &MonitoringPlan) -> Result<Self, StoreError> {
        let records = database.count_records(plan.number).await?;
        let count = |kind| records.get(&kind).copied().unwrap_or_default();
        Ok(Self {
            given: database.answers_under(plan).await?,
            looked_at: count(RecordKind::Answer),
            not_decided: database.count_unread(plan).await?,
            unreadable: count(RecordKind::Unreadable),
            verdicts: count(RecordKind::Verdict),
        })
    }
}
