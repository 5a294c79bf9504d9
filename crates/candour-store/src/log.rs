//! The log of what the public may need to check later, entry by entry, in the order of entering.
//!
//! It holds commitments alone. Proofs over it are left to whoever publishes it.

use candour_core::ContentHash;
use jiff::Timestamp;
use sqlx::AnyConnection;

use crate::rows::{damaged, microseconds, time};
use crate::{Database, StoreError};

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Where it stands, from 0.
    pub position: u64,
    /// What it commits to: `receipt` of an answer, `erasure`, `evidence`, `monitoring_plan` or
    /// `monitoring_closing`.
    pub kind: String,
    /// The commitment.
    pub commitment: ContentHash,
    /// When it was entered.
    pub logged_at: Timestamp,
}

impl Database {
    /// The entry at a position; none where the log is not so long.
    pub async fn log_entry(&self, position: u64) -> Result<Option<LogEntry>, StoreError> {
        let row: Option<(String, String, i64)> = sqlx::query_as(
            "SELECT kind, commitment, logged_at FROM log_entries WHERE position = $1",
        )
        .bind(position.cast_signed())
        .fetch_optional(&self.pool)
        .await?;
        let Some((kind, commitment, logged_at)) = row else { return Ok(None) };
        let commitment = ContentHash::parse(&commitment)
            .ok_or_else(|| damaged("commitment", &"it is no hash"))?;
        Ok(Some(LogEntry { position, kind, commitment, logged_at: time(logged_at)? }))
    }

    /// How many entries there are.
    pub async fn log_size(&self) -> Result<u64, StoreError> {
        let size: i64 =
            sqlx::query_scalar("SELECT entries FROM log_size").fetch_one(&self.pool).await?;
        Ok(size as u64)
    }
}

/// Takes the next position, which is this transaction's alone.
pub(crate) async fn next_position(connection: &mut AnyConnection) -> Result<u64, StoreError> {
    let size: i64 =
        sqlx::query_scalar("UPDATE log_size SET entries = entries + 1 RETURNING entries")
            .fetch_one(connection)
            .await?;
    Ok(size as u64 - 1)
}

/// Enters a commitment at a position that was taken in the same transaction.
pub(crate) async fn enter(
    connection: &mut AnyConnection,
    entry: &LogEntry,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO log_entries (position, kind, commitment, logged_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(entry.position.cast_signed())
    .bind(entry.kind.as_str())
    .bind(entry.commitment.as_str())
    .bind(microseconds(entry.logged_at))
    .execute(connection)
    .await?;
    Ok(())
}
