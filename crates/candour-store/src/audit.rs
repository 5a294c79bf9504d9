//! The audit: who did what and why. What readers said has no place in it.

use candour_core::Redacted;
use jiff::Timestamp;
use sqlx::AnyConnection;

use crate::rows::{from_json, json, microseconds, plain, time};
use crate::{Database, StoreError};

/// Something that was done to the pilot, or looked at by its staff.
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
    /// Notes what was done.
    pub async fn note(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        insert(&mut transaction, entry).await?;
        Ok(transaction.commit().await?)
    }

    /// What was done, the latest first, `skip` of them left out.
    pub async fn audit(&self, skip: u32, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let rows: Vec<(i64, String, String, String)> = sqlx::query_as(
            "SELECT done_at, done_by, action, reason FROM audit \
             ORDER BY position DESC LIMIT $1 OFFSET $2",
        )
        .bind(i64::from(limit))
        .bind(i64::from(skip))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(done_at, done_by, action, reason)| {
                let reason = from_json("reason", &reason)?;
                Ok(AuditEntry { done_at: time(done_at)?, done_by, action, reason })
            })
            .collect()
    }

    /// Deletes what was noted before a time, and tells how much that was.
    pub async fn purge_audit(&self, before: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM audit WHERE done_at < $1")
            .bind(microseconds(before))
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }
}

/// Notes what is done, in the transaction in which it is done.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    let size: i64 =
        sqlx::query_scalar("UPDATE audit_size SET entries = entries + 1 RETURNING entries")
            .fetch_one(&mut *connection)
            .await?;
    sqlx::query(
        "INSERT INTO audit (position, done_at, done_by, action, reason) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(size - 1)
    .bind(microseconds(entry.done_at))
    .bind(plain(&entry.done_by))
    .bind(plain(&entry.action))
    .bind(json(&entry.reason)?)
    .execute(connection)
    .await?;
    Ok(())
}
