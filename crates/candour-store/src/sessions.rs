//! Who is signed in to the staff pages: a random token in a browser, and the key that it stands for.
//!
//! As with keys, the token has 256 random bits and only its hash is kept. A session ends with its key.

use candour_core::ContentHash;
use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::audit::{self, AuditEntry};
use crate::keys::{COLUMNS, Key, KeyRow, read_key};
use crate::rows::microseconds;
use crate::{Database, StoreError};

impl Database {
    /// Begins a session for the holder of a key, and notes it in the audit.
    pub async fn begin_session(
        &self,
        token: &str,
        key: &Key,
        at: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("INSERT INTO staff_sessions (hash, key, ends_at) VALUES ($1, $2, $3)")
            .bind(ContentHash::of(token.as_bytes()).as_str())
            .bind(key.id.as_str())
            .bind(microseconds(ends_at))
            .execute(&mut *transaction)
            .await?;
        let noted = AuditEntry {
            done_at: at,
            done_by: key.grant.name.clone(),
            action: format!("sign in with key {}", key.id),
            reason: candour_core::Redacted::default(),
        };
        audit::insert(&mut transaction, &noted).await?;
        Ok(transaction.commit().await?)
    }

    /// The key of the session that this token is for, if the session and the key hold.
    pub async fn session(&self, token: &str, now: Timestamp) -> Result<Option<Key>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM keys WHERE id = \
             (SELECT key FROM staff_sessions WHERE hash = $1 AND ends_at > $2)"
        );
        let row: Option<KeyRow> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(ContentHash::of(token.as_bytes()).as_str())
            .bind(microseconds(now))
            .fetch_optional(&self.pool)
            .await?;
        let key = row.map(read_key).transpose()?;
        Ok(key.filter(|key| key.is_valid(now)))
    }

    /// Ends a session.
    pub async fn end_session(&self, token: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM staff_sessions WHERE hash = $1")
            .bind(ContentHash::of(token.as_bytes()).as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Deletes the sessions that are over, and tells how many those were.
    pub async fn purge_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "DELETE FROM staff_sessions WHERE ends_at <= $1 \
             OR key IN (SELECT id FROM keys WHERE revoked_at IS NOT NULL)",
        )
        .bind(microseconds(now))
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }
}
