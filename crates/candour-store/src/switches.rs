//! Switches that staff turn off when something must stop at once, and the audit of what staff did.

use candour_core::Redacted;
use jiff::Timestamp;
use sqlx::AnyConnection;

use crate::rows::{damaged, from_json, json, microseconds, time};
use crate::{Database, StoreError};

/// What can be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Switch {
    /// Questions are answered. Off, readers are told whom to contact; who is in danger is still helped.
    Answers,
    /// A model may write answers. Off, they are quotes.
    Model,
}

impl Switch {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Answers, Self::Model];

    /// Its name on the command line and in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Model => "model",
        }
    }

    /// The switch of that name.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|switch| switch.key() == key)
    }
}

/// How a switch stands, and who set it so.
#[derive(Debug, Clone, PartialEq)]
pub struct SwitchState {
    /// The switch.
    pub switch: Switch,
    /// Whether it is on.
    pub is_on: bool,
    /// Why it was set so.
    pub reason: Redacted,
    /// Who set it.
    pub set_by: String,
    /// When.
    pub set_at: Timestamp,
}

/// Something that staff did.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// When.
    pub done_at: Timestamp,
    /// Who.
    pub done_by: String,
    /// What, in a few words: `switch answers off`.
    pub action: String,
    /// Why.
    pub reason: Redacted,
}

impl Database {
    /// The switches that were ever set.
    pub async fn switches(&self) -> Result<Vec<SwitchState>, StoreError> {
        let rows: Vec<(String, i64, String, String, i64)> = sqlx::query_as(
            "SELECT name, is_on, reason, set_by, set_at FROM switches ORDER BY name",
        )
        .fetch_all(&self.pool)
        .await?;
        let known = rows.into_iter().filter_map(|row| Some((Switch::of_key(&row.0)?, row)));
        known
            .map(|(switch, (_, is_on, reason, set_by, set_at))| {
                let reason = from_json("reason", &reason)?;
                Ok(SwitchState { switch, is_on: is_on != 0, reason, set_by, set_at: time(set_at)? })
            })
            .collect()
    }

    /// Sets a switch, and notes who did and why in the same transaction.
    pub async fn set_switch(&self, state: &SwitchState) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO switches (name, is_on, reason, set_by, set_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (name) DO UPDATE SET is_on = excluded.is_on, reason = excluded.reason, \
             set_by = excluded.set_by, set_at = excluded.set_at",
        )
        .bind(state.switch.key())
        .bind(i64::from(state.is_on))
        .bind(json(&state.reason)?)
        .bind(state.set_by.as_str())
        .bind(microseconds(state.set_at))
        .execute(&mut *transaction)
        .await?;
        let to = if state.is_on { "on" } else { "off" };
        let entry = AuditEntry {
            done_at: state.set_at,
            done_by: state.set_by.clone(),
            action: format!("switch {} {to}", state.switch.key()),
            reason: state.reason.clone(),
        };
        note(&mut transaction, &entry).await?;
        Ok(transaction.commit().await?)
    }

    /// What staff did, the latest first.
    pub async fn audit(&self, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let rows: Vec<(i64, String, String, String)> = sqlx::query_as(
            "SELECT done_at, done_by, action, reason FROM audit ORDER BY position DESC LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(done_at, done_by, action, reason)| {
                let reason = from_json("reason", &reason)?;
                Ok(AuditEntry { done_at: time(done_at)?, done_by, action, reason })
            })
            .collect()
    }
}

/// Notes what staff did, in the transaction in which it is done.
pub(crate) async fn note(
    connection: &mut AnyConnection,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO audit (position, done_at, done_by, action, reason) \
         SELECT COALESCE(MAX(position), -1) + 1, $1, $2, $3, $4 FROM audit",
    )
    .bind(microseconds(entry.done_at))
    .bind(entry.done_by.as_str())
    .bind(entry.action.as_str())
    .bind(json(&entry.reason)?)
    .execute(connection)
    .await?;
    if inserted.rows_affected() == 1 { Ok(()) } else { Err(damaged("audit", &"nothing was noted")) }
}
