//! What the programs that share a database have taken of a day's budget for language models. It holds sums
//! of days, and nothing of who spent them.

use candour_core::{SharedBudget, Taking};
use jiff::civil::Date;

use crate::{Database, StoreError};

impl SharedBudget for Database {
    fn take(&self, day: Date, least: u64, most: u64, limit: u64) -> Taking<'_> {
        Box::pin(async move {
            let taken = self.take_of_day(day, least, most, limit).await;
            taken.map_err(|error| error.to_string())
        })
    }
}

impl Database {
    async fn take_of_day(
        &self,
        day: Date,
        least: u64,
        most: u64,
        limit: u64,
    ) -> Result<Option<u64>, StoreError> {
        let day = day.to_string();
        let mut transaction = self.begin().await?;
        // In PostgreSQL too whoever comes second waits here, and then sees what the first has taken.
        let taken: i64 = sqlx::query_scalar(
            "INSERT INTO spending (day, taken) VALUES ($1, 0) \
             ON CONFLICT (day) DO UPDATE SET taken = spending.taken RETURNING taken",
        )
        .bind(&day)
        .fetch_one(&mut *transaction)
        .await?;
        let left = limit.saturating_sub(taken.cast_unsigned());
        if left < least {
            return Ok(None);
        }
        let share = most.max(least).min(left);
        sqlx::query("UPDATE spending SET taken = taken + $1 WHERE day = $2")
            .bind(share.cast_signed())
            .bind(&day)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some(share))
    }
}
