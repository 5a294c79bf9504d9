//! Figures about the answers that are kept: how many, of which kind, how they were liked and came about.
//! Nothing here gives anyone's words.

use std::collections::BTreeMap;

use candour_core::{AnswerStatus, FeedbackVerdict};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::conversations::read_verdict;
use crate::listed::read_status;
use crate::rows::{from_json, microseconds, time};
use crate::{Database, StoreError};

/// How many answers of one kind were given on one day, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCount {
    /// The day.
    pub day: Date,
    /// The kind of answer.
    pub status: AnswerStatus,
    /// How many.
    pub answers: u64,
}

/// How one answer came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Traced {
    /// When its question was asked.
    pub asked_at: Timestamp,
    /// What was noted: stages, what was dropped, what a model did.
    pub trace: serde_json::Value,
}

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

impl Database {
    /// How many answers were given since a time, by day and kind, the latest day first.
    pub async fn answers_by_day(&self, since: Timestamp) -> Result<Vec<DayCount>, StoreError> {
        let rows: Vec<(i64, String, i64)> = sqlx::query_as(
            "SELECT asked_at / $1, status, COUNT(*) FROM turns WHERE asked_at >= $2 \
             GROUP BY 1, 2 ORDER BY 1 DESC, 2",
        )
        .bind(DAY)
        .bind(microseconds(since))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(day, status, answers)| {
                Ok(DayCount {
                    day: Offset::UTC.to_datetime(time(day.saturating_mul(DAY))?).date(),
                    status: read_status(&status)?,
                    answers: answers.cast_unsigned(),
                })
            })
            .collect()
    }

    /// How many verdicts readers gave since a time, by verdict.
    pub async fn verdicts(
        &self,
        since: Timestamp,
    ) -> Result<BTreeMap<FeedbackVerdict, u64>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT verdict, COUNT(*) FROM feedback WHERE given_at >= $1 GROUP BY verdict",
        )
        .bind(microseconds(since))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(verdict, count)| Ok((read_verdict(&verdict)?, count.cast_unsigned())))
            .collect()
    }

    /// In how many questions since a time screening noticed what, by name.
    pub async fn signals(&self, since: Timestamp) -> Result<BTreeMap<String, u64>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT signal, COUNT(*) FROM turn_signals JOIN turns ON turns.id = turn_signals.answer \
             WHERE asked_at >= $1 GROUP BY signal",
        )
        .bind(microseconds(since))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(signal, count)| (signal, count.cast_unsigned())).collect())
    }

    /// How the latest answers since a time came about, at most so many.
    pub async fn traces(&self, since: Timestamp, limit: u32) -> Result<Vec<Traced>, StoreError> {
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "SELECT asked_at, trace FROM turns JOIN receipts ON receipts.answer = turns.id \
             WHERE asked_at >= $1 ORDER BY asked_at DESC, turns.id DESC LIMIT $2",
        )
        .bind(microseconds(since))
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(asked_at, trace)| {
                Ok(Traced { asked_at: time(asked_at)?, trace: from_json("trace", &trace)? })
            })
            .collect()
    }
}
