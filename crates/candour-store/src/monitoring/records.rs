//! Records of monitoring: what was seen in answers, and in verdicts of readers, as numbers in their order.
//!
//! Of several programs that look at the same answers, the first to keep what it saw is believed, and the
//! others change nothing. One that is killed has kept all of what it was at, or none.

use std::collections::BTreeMap;
use std::ops::RangeFrom;

use candour_core::{FeedbackVerdict, Metric};
use jiff::Timestamp;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::MonitoringPlan;
use crate::rows::{ROWS_AT_ONCE, damaged, from_json, json, microseconds, parameters};
use crate::{Database, StoreError};

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordKind {
    /// An answer.
    Answer,
    /// A reader's verdict; without scores where it could not be read.
    Verdict,
    /// An answer that could not be read any more.
    Unreadable,
}

impl RecordKind {
    const ALL: [Self; 3] = [Self::Answer, Self::Verdict, Self::Unreadable];

    /// The name in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Verdict => "verdict",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What was seen, before it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRecord {
    /// What it is about.
    pub kind: RecordKind,
    /// The answer, as it is kept.
    pub answer: String,
    /// What was seen.
    pub scores: BTreeMap<Metric, f64>,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its place among those of its plan, from 1.
    pub position: u64,
    /// What it is about.
    pub kind: RecordKind,
    /// The answer, until that is erased.
    pub answer: Option<String>,
    /// What was seen.
    pub scores: BTreeMap<Metric, f64>,
}

/// An answer of which it is not decided yet whether it is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadAnswer {
    /// Where its receipt stands in the log.
    pub log_position: u64,
    /// Its identifier, as it is kept.
    pub answer: String,
}

/// A reader's verdict that is not recorded yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenVerdict {
    /// The answer, as it is kept.
    pub answer: String,
    /// The verdict; none where it cannot be read.
    pub verdict: Option<FeedbackVerdict>,
}

impl Database {
    /// The answers of which it is not decided yet whether a plan looks at them, in the order in which
    /// they entered the log. Answers enter it one after another, so that none can come before these; those
    /// after a plan's closing are not the plan's.
    pub async fn unread_answers(
        &self,
        plan: &MonitoringPlan,
        limit: u32,
    ) -> Result<Vec<UnreadAnswer>, StoreError> {
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "SELECT log_position, answer FROM receipts WHERE log_position > $1 AND log_position < $2 \
             ORDER BY log_position LIMIT $3",
        )
        .bind(plan.read_to.cast_signed())
        .bind(plan.end().cast_signed())
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(position, answer)| UnreadAnswer {
                log_position: position.cast_unsigned(),
                answer,
            })
            .collect())
    }

    /// The latest answers since a time, as they are kept, the latest first.
    pub async fn answers_since(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT id FROM turns WHERE asked_at >= $1 ORDER BY asked_at DESC, id LIMIT $2";
        let query = sqlx::query_scalar(sql).bind(microseconds(since)).bind(i64::from(limit));
        Ok(query.fetch_all(&self.pool).await?)
    }

    /// Of how many answers it is not decided yet.
    pub async fn count_unread(&self, plan: &MonitoringPlan) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM receipts WHERE log_position > $1 AND log_position < $2",
        )
        .bind(plan.read_to.cast_signed())
        .bind(plan.end().cast_signed())
        .fetch_one(&self.pool)
        .await?;
        Ok(count.cast_unsigned())
    }

    /// Verdicts since a time on answers that were given under a plan, without those that are recorded.
    pub async fn new_verdicts(
        &self,
        plan: &MonitoringPlan,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<GivenVerdict>, StoreError> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT feedback.answer, verdict FROM feedback \
             JOIN receipts ON receipts.answer = feedback.answer \
             WHERE receipts.log_position > $1 AND given_at >= $2 AND NOT EXISTS \
             (SELECT 1 FROM monitoring_records WHERE monitoring_records.answer = feedback.answer \
             AND plan = $3 AND kind = 'verdict') ORDER BY given_at, feedback.answer LIMIT $4",
        )
        .bind(plan.log_position.cast_signed())
        .bind(microseconds(since))
        .bind(plan.number.cast_signed())
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        let given = |(answer, verdict): (String, String)| GivenVerdict {
            answer,
            verdict: FeedbackVerdict::of_key(&verdict),
        };
        Ok(rows.into_iter().map(given).collect())
    }

    /// Keeps what was seen, and that it is decided of every answer up to a position in the log. False,
    /// and nothing kept, where somebody else has kept something since `plan` was read, or where it is
    /// closed and all until then is decided.
    pub async fn keep_records(
        &self,
        plan: &MonitoringPlan,
        read_to: u64,
        records: &[NewRecord],
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE monitoring_plans SET read_to = $4, records = records + $5 \
             WHERE number = $1 AND read_to = $2 AND records = $3 \
             AND (closing IS NULL OR read_to < closed_position)",
        )
        .bind(plan.number.cast_signed())
        .bind(plan.read_to.cast_signed())
        .bind(plan.records.cast_signed())
        .bind(read_to.cast_signed())
        .bind((records.len() as u64).cast_signed())
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        let mut positions = plan.records + 1..;
        for records in records.chunks(ROWS_AT_ONCE) {
            insert(&mut transaction, plan.number, &mut positions, records).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// The records of a plan after a position, in their order.
    pub async fn monitoring_records(
        &self,
        plan: u64,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError> {
        let rows: Vec<(i64, String, String, Option<String>)> = sqlx::query_as(
            "SELECT position, kind, scores, answer FROM monitoring_records \
             WHERE plan = $1 AND position > $2 ORDER BY position LIMIT $3",
        )
        .bind(plan.cast_signed())
        .bind(after.cast_signed())
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(read_record).collect()
    }

    /// How many records of each kind a plan has.
    pub async fn count_records(&self, plan: u64) -> Result<BTreeMap<RecordKind, u64>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT kind, COUNT(*) FROM monitoring_records WHERE plan = $1 GROUP BY kind",
        )
        .bind(plan.cast_signed())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|(kind, n)| Ok((read_kind(&kind)?, n.cast_unsigned()))).collect()
    }
}

/// Keeps records at the next places of a plan. Where an answer was erased meanwhile, the numbers stay
/// without a link.
async fn insert(
    connection: &mut AnyConnection,
    plan: u64,
    positions: &mut RangeFrom<u64>,
    records: &[NewRecord],
) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO monitoring_records (plan, position, kind, scores, answer) \
         SELECT column1, column2, column3, column4, turns.id FROM (VALUES {}) AS seen \
         LEFT JOIN turns ON turns.id = column5",
        parameters(1, records.len(), 5)
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (record, position) in records.iter().zip(positions) {
        query = query
            .bind(plan.cast_signed())
            .bind(position.cast_signed())
            .bind(record.kind.key())
            .bind(json(&record.scores)?)
            .bind(record.answer.as_str());
    }
    query.execute(connection).await?;
    Ok(())
}

fn read_record(
    (position, kind, scores, answer): (i64, String, String, Option<String>),
) -> Result<Record, StoreError> {
    Ok(Record {
        position: position.cast_unsigned(),
        kind: read_kind(&kind)?,
        answer,
        scores: from_json("record of monitoring", &scores)?,
    })
}

fn read_kind(key: &str) -> Result<RecordKind, StoreError> {
    let kind = RecordKind::ALL.into_iter().find(|kind| kind.key() == key);
    kind.ok_or_else(|| damaged("kind of record", &format!("`{key}` is not one")))
}
