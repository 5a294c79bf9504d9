//! Switches that staff turn off when something must stop at once.

use candour_core::Redacted;
use jiff::Timestamp;
use sqlx::AnyConnection;

use crate::audit::{self, AuditEntry};
use crate::rows::{from_json, json, microseconds, time};
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
        set(&mut transaction, state).await?;
        Ok(transaction.commit().await?)
    }
}

/// Whether a switch is on. One that was never set is.
pub(crate) async fn is_on(
    connection: &mut AnyConnection,
    switch: Switch,
) -> Result<bool, StoreError> {
    let is_on: Option<i64> = sqlx::query_scalar("SELECT is_on FROM switches WHERE name = $1")
        .bind(switch.key())
        .fetch_optional(connection)
        .await?;
    Ok(is_on.is_none_or(|is_on| is_on != 0))
}

/// Sets a switch in the transaction in which the reason for it is kept.
pub(crate) async fn set(
    connection: &mut AnyConnection,
    state: &SwitchState,
) -> Result<(), StoreError> {
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
    .execute(&mut *connection)
    .await?;
    let to = if state.is_on { "on" } else { "off" };
    let entry = AuditEntry {
        done_at: state.set_at,
        done_by: state.set_by.clone(),
        action: format!("switch {} {to}", state.switch.key()),
        reason: state.reason.clone(),
    };
    audit::insert(connection, &entry).await
}
