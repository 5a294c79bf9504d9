//! What the programs that share a database count against a day's budget for language models. It holds
//! sums of days, and nothing of who spent them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::database::Writing;
use crate::{Database, StoreError};

/// How long an answer waits for its budget. It can be quoted in place of written.
const PATIENCE: Duration = Duration::from_secs(1);

/// What waits to be counted. All that waits is counted in one transaction, so that many requests at once
/// take hardly longer than one.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    entries: Vec<Entry>,
    /// Whether a task is on its way that counts them.
    is_counted: bool,
}

/// Millionths of a pound that are to be counted against a day, or given back to it.
struct Entry {
    day: Date,
    amount: i64,
    /// Who wants to spend them; nobody, where they are spent.
    spender: Option<Spender>,
}

struct Spender {
    limit: i64,
    told: oneshot::Sender<Counted>,
}

/// Whether an amount is counted. One error can be the answer to many.
type Counted = Result<bool, Arc<StoreError>>;

impl Database {
    /// Counts so many millionths of a pound against a day, where all that is counted stays within
    /// `limit` with them. Tells whether it does. What is counted for somebody who no longer waits is given
    /// back.
    pub async fn spend(&self, day: Date, amount: u64, limit: u64) -> Result<bool, Arc<StoreError>> {
        if amount > limit {
            return Ok(false);
        }
        let spending = self.spend_within(day, amount.cast_signed(), limit.cast_signed());
        timeout(PATIENCE, spending).await.map_err(|_| Arc::new(StoreError::Slow))?
    }

    /// The same, however long it takes.
    pub(crate) async fn spend_within(&self, day: Date, amount: i64, limit: i64) -> Counted {
        let (told, counted) = oneshot::channel();
        self.enter(Entry { day, amount, spender: Some(Spender { limit, told }) });
        // Nobody tells anything where the program ends meanwhile.
        counted.await.unwrap_or_else(|_| Err(Arc::new(StoreError::Slow)))
    }

    /// Counts what something did cost in place of what was counted for it before. Nobody waits for that
    /// but `close`; where it fails, what was counted stays.
    pub fn settle(&self, day: Date, counted: u64, cost: u64) {
        let amount = cost.cast_signed().saturating_sub(counted.cast_signed());
        self.enter(Entry { day, amount, spender: None });
    }

    fn enter(&self, entry: Entry) {
        let mut queue = self.spending.0.lock().unwrap_or_else(PoisonError::into_inner);
        queue.entries.push(entry);
        if !std::mem::replace(&mut queue.is_counted, true) {
            let database = self.clone();
            self.settling.spawn(async move { database.count_all().await });
        }
    }

    /// Counts for as long as anything waits.
    async fn count_all(&self) {
        while self.is_waited() {
            // What comes while this waits for its turn is counted with the rest.
            let writing = self.begin_first().await;
            let mut entries = self.take_waiting();
            let counted = match writing {
                Ok(writing) => count(writing, &mut entries).await.map_err(Arc::new),
                Err(error) => Err(Arc::new(error)),
            };
            self.tell(entries, &counted);
        }
    }

    /// Whether anything waits. Where nothing does, whoever comes next begins to count anew.
    fn is_waited(&self) -> bool {
        let mut queue = self.spending.0.lock().unwrap_or_else(PoisonError::into_inner);
        queue.is_counted = !queue.entries.is_empty();
        queue.is_counted
    }

    fn take_waiting(&self) -> Vec<Entry> {
        let mut queue = self.spending.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut queue.entries)
    }

    /// Tells everybody what became of what they wanted to spend.
    fn tell(&self, entries: Vec<Entry>, counted: &Result<Vec<bool>, Arc<StoreError>>) {
        if let Err(error) = counted
            && entries.iter().any(|entry| entry.spender.is_none())
        {
            tracing::warn!(%error, "what a model did cost is not counted; the most that it could cost is");
        }
        for (at, Entry { day, amount, spender }) in entries.into_iter().enumerate() {
            let Some(spender) = spender else { continue };
            let answer = counted.as_ref().map(|counted| counted[at]).map_err(Arc::clone);
            if let Err(Ok(true)) = spender.told.send(answer) {
                self.enter(Entry { day, amount: -amount, spender: None });
            }
        }
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

/// Counts entries, those of one day after those of the day before, so that two programs cannot wait for one
/// another; what is given back comes first. Tells for each whether it is counted.
async fn count(mut writing: Writing, entries: &mut [Entry]) -> Result<Vec<bool>, StoreError> {
    entries.sort_by_key(|entry| (entry.day, entry.spender.is_some()));
    let mut counted = Vec::with_capacity(entries.len());
    for Entry { day, amount, spender } in entries {
        let done = match spender {
            None => {
                let settle = "UPDATE spending SET taken = taken + $1 WHERE day = $2";
                let settle = sqlx::query(settle).bind(*amount).bind(day.to_string());
                settle.execute(&mut *writing).await?
            }
            Some(spender) if spender.told.is_closed() => {
                counted.push(false);
                continue;
            }
            // In PostgreSQL too whoever comes second waits here, and then sees what the first has counted.
            Some(spender) => {
                let spend = "INSERT INTO spending (day, taken) VALUES ($1, $2) ON CONFLICT (day) \
                     DO UPDATE SET taken = spending.taken + $2 WHERE spending.taken <= $3";
                let spend = sqlx::query(spend).bind(day.to_string()).bind(*amount);
                spend.bind(spender.limit - *amount).execute(&mut *writing).await?
            }
        };
        counted.push(done.rows_affected() > 0);
    }
    writing.commit().await?;
    Ok(counted)
}
