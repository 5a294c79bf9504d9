//! Plans of live monitoring: what is watched, committed to in the log before anything is looked at.
//!
//! What was seen is in `records`, what became certain in `alarms`. What a plan says, and how sure one may
//! be of what was seen, is for `candour-evals` to know.

mod alarms;
mod records;

use candour_core::{ContentHash, Redacted};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, AssertSqlSafe};

pub use alarms::RaisedAlarm;
pub use records::{GivenVerdict, NewRecord, Record, RecordKind, UnreadAnswer};

use crate::audit;
use crate::keys::Act;
use crate::log::{self, LogEntry};
use crate::rows::{from_json, hexadecimal, json, microseconds, time};
use crate::{Database, StoreError};

/// A plan that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct MonitoringPlan {
    /// Its number, from 1.
    pub number: u64,
    /// The plan, word for word.
    pub text: String,
    /// The hash of these words, to which the log commits.
    pub hash: ContentHash,
    /// Where in the log. The answers that entered it later are the plan's.
    pub log_position: u64,
    /// When it began.
    pub started_at: Timestamp,
    /// Who began it.
    pub started_by: String,
    /// Up to which position in the log it is decided of every answer whether it is looked at.
    pub read_to: u64,
    /// How many records there are.
    pub records: u64,
    /// How it ended, where it has.
    pub closed: Option<Closed>,
}

impl MonitoringPlan {
    /// Answers from this position in the log on are not the plan's.
    fn end(&self) -> u64 {
        self.closed.as_ref().map_or(i64::MAX.cast_unsigned(), |closed| closed.log_position)
    }
}

/// How a plan ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Closed {
    /// What was written then, word for word.
    pub text: String,
    /// The hash of these words, to which the log commits.
    pub hash: ContentHash,
    /// Where in the log. Answers that entered it later are not the plan's; those before it are still looked
    /// at.
    pub log_position: u64,
    /// What the words say.
    pub closing: Closing,
}

/// What is written when a plan ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// The form of this closing: 1.
    pub version: u32,
    /// The hash of the plan.
    pub plan: ContentHash,
    /// When.
    pub closed_at: Timestamp,
    /// Why.
    pub reason: Redacted,
    /// How many records there were. More come of answers that were given before and not looked at yet.
    pub records: u64,
    /// 16 random bytes, in hexadecimal digits, without which the log does not tell the reason.
    pub salt: String,
}

impl Database {
    /// Begins a plan, commits to it in the log and notes it in the audit, all at once. None where another
    /// one is open.
    pub async fn start_monitoring(
        &self,
        text: &str,
        act: &Act,
    ) -> Result<Option<MonitoringPlan>, StoreError> {
        let mut transaction = self.begin().await?;
        let number = lock(&mut transaction).await? + 1;
        if open(&mut transaction).await?.is_some() {
            return Ok(None);
        }
        sqlx::query("UPDATE monitoring_last SET number = $1")
            .bind(number)
            .execute(&mut *transaction)
            .await?;
        let hash = ContentHash::of(text.as_bytes());
        let log_position =
            commit_to(&mut transaction, "monitoring_plan", hash.clone(), act.at).await?;
        sqlx::query(
            "INSERT INTO monitoring_plans (number, plan, log_position, started_at, started_by, \
             read_to, records) VALUES ($1, $2, $3, $4, $5, $3, 0)",
        )
        .bind(number)
        .bind(text)
        .bind(log_position.cast_signed())
        .bind(microseconds(act.at))
        .bind(act.actor.as_str())
        .execute(&mut *transaction)
        .await?;
        let action = format!("start monitoring plan {number} (log {log_position})");
        audit::insert(&mut transaction, &act.entry(action)).await?;
        transaction.commit().await?;
        Ok(Some(MonitoringPlan {
            number: number.cast_unsigned(),
            text: text.to_owned(),
            hash,
            log_position,
            started_at: act.at,
            started_by: act.actor.clone(),
            read_to: log_position,
            records: 0,
            closed: None,
        }))
    }

    /// Ends the open plan, commits to that in the log and notes it in the audit. None where none is open.
    /// `salt` is 16 random bytes.
    pub async fn close_monitoring(
        &self,
        act: &Act,
        salt: [u8; 16],
    ) -> Result<Option<MonitoringPlan>, StoreError> {
        let mut transaction = self.begin().await?;
        lock(&mut transaction).await?;
        let Some(mut plan) = open(&mut transaction).await? else { return Ok(None) };
        // Taking the row first makes records that are being added now wait, so that the count is true.
        let records: i64 = sqlx::query_scalar(
            "UPDATE monitoring_plans SET records = records WHERE number = $1 RETURNING records",
        )
        .bind(plan.number.cast_signed())
        .fetch_one(&mut *transaction)
        .await?;
        plan.records = records.cast_unsigned();
        let closing = Closing {
            version: 1,
            plan: plan.hash.clone(),
            closed_at: act.at,
            reason: act.reason.clone(),
            records: plan.records,
            salt: hexadecimal(salt),
        };
        let text = json(&closing)?;
        let hash = ContentHash::of(text.as_bytes());
        let log_position =
            commit_to(&mut transaction, "monitoring_closing", hash.clone(), act.at).await?;
        sqlx::query(
            "UPDATE monitoring_plans SET closing = $2, closed_position = $3 WHERE number = $1",
        )
        .bind(plan.number.cast_signed())
        .bind(text.as_str())
        .bind(log_position.cast_signed())
        .execute(&mut *transaction)
        .await?;
        let action = format!("close monitoring plan {} (log {log_position})", plan.number);
        audit::insert(&mut transaction, &act.entry(action)).await?;
        transaction.commit().await?;
        plan.closed = Some(Closed { text, hash, log_position, closing });
        Ok(Some(plan))
    }

    /// The plan that is open.
    pub async fn open_monitoring(&self) -> Result<Option<MonitoringPlan>, StoreError> {
        open(&mut *self.pool.acquire().await?).await
    }

    /// The plan that is to be worked on next: one that was closed before all was looked at that was given
    /// until then, or else the open one.
    pub async fn due_monitoring(&self) -> Result<Option<MonitoringPlan>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM monitoring_plans \
             WHERE closing IS NULL OR read_to < closed_position ORDER BY number LIMIT 1"
        );
        let row: Option<PlanRow> =
            sqlx::query_as(AssertSqlSafe(sql)).fetch_optional(&self.pool).await?;
        row.map(read_plan).transpose()
    }

    /// Every plan, the latest first.
    pub async fn monitoring_plans(&self) -> Result<Vec<MonitoringPlan>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM monitoring_plans ORDER BY number DESC");
        let rows: Vec<PlanRow> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&self.pool).await?;
        rows.into_iter().map(read_plan).collect()
    }

    /// How many answers were given while a plan ran: those that the log has, erased ones included.
    pub async fn answers_under(&self, plan: &MonitoringPlan) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM log_entries \
             WHERE kind = 'receipt' AND position > $1 AND position < $2",
        )
        .bind(plan.log_position.cast_signed())
        .bind(plan.end().cast_signed())
        .fetch_one(&self.pool)
        .await?;
        Ok(count.cast_unsigned())
    }
}

/// Waits until nobody else starts or closes a plan, and gives the number of the last one.
async fn lock(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("UPDATE monitoring_last SET number = number RETURNING number")
        .fetch_one(connection)
        .await?)
}

async fn open(connection: &mut AnyConnection) -> Result<Option<MonitoringPlan>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM monitoring_plans WHERE closing IS NULL ORDER BY number DESC LIMIT 1"
    );
    let row: Option<PlanRow> =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_optional(connection).await?;
    row.map(read_plan).transpose()
}

async fn commit_to(
    connection: &mut AnyConnection,
    kind: &str,
    commitment: ContentHash,
    logged_at: Timestamp,
) -> Result<u64, StoreError> {
    let position = log::next_position(connection).await?;
    let entry = LogEntry { position, kind: kind.to_owned(), commitment, logged_at };
    log::enter(connection, &entry).await?;
    Ok(position)
}

/// What is read of a plan, in the order of `PlanRow`.
const COLUMNS: &str = "number, plan, log_position, started_at, started_by, read_to, records, \
    closing, closed_position";

type PlanRow = (i64, String, i64, i64, String, i64, i64, Option<String>, Option<i64>);

fn read_plan(row: PlanRow) -> Result<MonitoringPlan, StoreError> {
    let (number, text, log_position, started_at, started_by, read_to, records, closing, at) = row;
    let closed = closing.zip(at).map(|(text, position)| {
        Ok::<_, StoreError>(Closed {
            closing: from_json("closing of a monitoring plan", &text)?,
            hash: ContentHash::of(text.as_bytes()),
            log_position: position.cast_unsigned(),
            text,
        })
    });
    Ok(MonitoringPlan {
        number: number.cast_unsigned(),
        hash: ContentHash::of(text.as_bytes()),
        text,
        log_position: log_position.cast_unsigned(),
        started_at: time(started_at)?,
        started_by,
        read_to: read_to.cast_unsigned(),
        records: records.cast_unsigned(),
        closed: closed.transpose()?,
    })
}
