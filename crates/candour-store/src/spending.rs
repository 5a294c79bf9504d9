//! What the programs that share a database count against a day's budget for language models. It holds
//! sums of days, and nothing of who spent them.

use std::time::Duration;

use jiff::civil::Date;
use tokio::time::timeout;

use crate::{Database, StoreError};

/// How long an answer waits for its budget. It can be quoted in place of written.
const PATIENCE: Duration = Duration::from_secs(1);

impl Database {
    /// Counts so many millionths of a pound against a day, where all that is counted stays within
    /// `limit` with them. Tells whether it does.
    pub async fn spend(&self, day: Date, amount: u64, limit: u64) -> Result<bool, StoreError> {
        if amount > limit {
            return Ok(false);
        }
        let spending = self.spend_within(day, amount.cast_signed(), limit.cast_signed());
        timeout(PATIENCE, spending).await.map_err(|_| StoreError::Slow)?
    }

    /// The same, however long it takes.
    pub(crate) async fn spend_within(
        &self,
        day: Date,
        amount: i64,
        limit: i64,
    ) -> Result<bool, StoreError> {
        let mut writing = self.begin().await?;
        // In PostgreSQL too whoever comes second waits here, and then sees what the first has counted.
        let counted = sqlx::query(
            "INSERT INTO spending (day, taken) VALUES ($1, $2) ON CONFLICT (day) \
             DO UPDATE SET taken = spending.taken + $2 WHERE spending.taken <= $3",
        )
        .bind(day.to_string())
        .bind(amount)
        .bind(limit - amount)
        .execute(&mut *writing)
        .await?;
        writing.commit().await?;
        Ok(counted.rows_affected() > 0)
    }

    /// Counts what something did cost in place of what was counted for it before. Nobody waits for that
    /// but `close`; where it fails, what was counted stays.
    pub fn settle(&self, day: Date, counted: u64, cost: u64) {
        let database = self.clone();
        let settling = async move {
            let more = cost.cast_signed() - counted.cast_signed();
            if let Err(error) = database.count(day, more).await {
                tracing::warn!(%error, "what a model did cost is not counted; the most that it could cost is");
            }
        };
        self.settling.spawn(settling);
    }

    async fn count(&self, day: Date, more: i64) -> Result<(), StoreError> {
        let mut writing = self.begin().await?;
        sqlx::query("UPDATE spending SET taken = taken + $1 WHERE day = $2")
            .bind(more)
            .bind(day.to_string())
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }

    /// How many millionths of a pound are counted against a day.
    pub async fn spent(&self, day: Date) -> Result<u64, StoreError> {
        let reading = sqlx::query_scalar("SELECT taken FROM spending WHERE day = $1")
            .bind(day.to_string())
            .fetch_optional(&self.pool);
        let spent: Option<i64> =
            timeout(PATIENCE, reading).await.map_err(|_| StoreError::Slow)??;
        Ok(spent.unwrap_or(0).max(0).unsigned_abs())
    }
}
