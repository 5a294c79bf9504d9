//! What the answers of one day may cost: in all, and for one reader.
//!
//! Money is set aside before a request and settled after it, so that requests at the same time cannot
//! overspend together. Counts live in memory and begin anew with each day (UTC). Where programs share a
//! budget, each takes a part of the day's money at a time, and sets aside from that: what it holds when
//! it ends is lost for the day, so that together they spend too little rather than too much.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candour_core::{Generation, ModelError, ModelRequest, ModelUsage, Price, SharedBudget};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

/// Millionths of a pound.
type Micropounds = u64;

/// Into so many parts a day's money is divided that is shared, so that it is not asked for at each request.
const PARTS: u64 = 100;

/// What is left for today.
pub(super) struct Budget {
    per_day: Micropounds,
    per_reader: Micropounds,
    /// Where the money of a day is, if not all of it is ours.
    shared: Option<Arc<dyn SharedBudget>>,
    day: Mutex<Day>,
}

#[derive(Debug, Default)]
struct Day {
    date: Date,
    /// What may still be set aside; less than nothing where a request cost more than was set aside.
    left: i64,
    /// Only who has spent something is here, so that there are no more than the budget pays for.
    readers: HashMap<String, Micropounds>,
}

/// Money that is set aside for one request. Where it is not settled, it counts as spent: the provider
/// may charge for a request that we gave up.
pub(super) struct Reservation {
    budget: Arc<Budget>,
    date: Date,
    reader: Option<String>,
    amount: Micropounds,
}

impl Budget {
    /// A budget that is shared with other programs where there is somebody who holds it for all.
    pub(super) fn new(generation: &Generation, shared: Option<Arc<dyn SharedBudget>>) -> Arc<Self> {
        Arc::new(Self {
            per_day: micropounds(generation.pounds_per_day),
            per_reader: micropounds(generation.pounds_per_reader),
            shared,
            day: Mutex::default(),
        })
    }

    /// Sets `amount` aside, or says whose budget it is too much for.
    pub(super) async fn reserve(
        self: &Arc<Self>,
        reader: Option<&str>,
        amount: Micropounds,
        now: Timestamp,
    ) -> Result<Reservation, ModelError> {
        let date = Offset::UTC.to_datetime(now).date();
        loop {
            let missing = self.set_aside(reader, amount, date)?;
            if missing == 0 {
                let reader = reader.map(str::to_owned);
                return Ok(Reservation { budget: Arc::clone(self), date, reader, amount });
            }
            // Meanwhile another request may set aside what is taken here, and then more is taken.
            let taken = self.take(missing, date).await?;
            let mut day = self.on(date);
            day.left = day.left.saturating_add_unsigned(taken);
        }
    }

    /// Sets `amount` aside, or tells how much is missing for that.
    fn set_aside(
        &self,
        reader: Option<&str>,
        amount: Micropounds,
        date: Date,
    ) -> Result<Micropounds, ModelError> {
        let mut day = self.on(date);
        let of_reader = reader.and_then(|reader| day.readers.get(reader)).copied().unwrap_or(0);
        if reader.is_some() && of_reader.saturating_add(amount) > self.per_reader {
            return Err(ModelError::Spent("for today, for this reader".into()));
        }
        let left = day.left.saturating_sub_unsigned(amount);
        if left < 0 {
            return Ok(left.unsigned_abs());
        }
        day.left = left;
        if let Some(reader) = reader.filter(|_| amount > 0) {
            day.readers.insert(reader.to_owned(), of_reader + amount);
        }
        Ok(0)
    }

    /// Takes what is missing from the money that is shared, and a part more where there is so much.
    async fn take(&self, missing: Micropounds, date: Date) -> Result<Micropounds, ModelError> {
        let spent = || ModelError::Spent("for today, for all readers".into());
        let shared = self.shared.as_ref().ok_or_else(spent)?;
        let most = missing.max(self.per_day / PARTS);
        match shared.take(date, missing, most, self.per_day).await {
            Ok(taken) => taken.ok_or_else(spent),
            Err(why) => {
                tracing::error!(
                    why,
                    "what is left of the budget cannot be read; answers are quoted"
                );
                Err(ModelError::Spent("as far as anybody can tell".into()))
            }
        }
    }

    /// The counts of that day, which begin anew where they are of another.
    fn on(&self, date: Date) -> MutexGuard<'_, Day> {
        let mut day = self.day();
        if day.date != date {
            let left = if self.shared.is_some() { 0 } else { self.per_day };
            *day = Day { date, left: left.cast_signed(), ..Day::default() };
        }
        day
    }

    fn day(&self) -> MutexGuard<'_, Day> {
        self.day.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation {
    /// Counts what it did cost in place of what was set aside.
    pub(super) fn settle(self, cost: Micropounds) {
        let mut day = self.budget.day();
        // What was set aside yesterday is nothing to today.
        if day.date != self.date {
            return;
        }
        day.left = day.left.saturating_add_unsigned(self.amount).saturating_sub_unsigned(cost);
        if let Some(spent) = self.reader.as_ref().and_then(|reader| day.readers.get_mut(reader)) {
            *spent = spent.saturating_sub(self.amount).saturating_add(cost);
        }
    }
}

/// The most that a request can cost. Three bytes a token is more tokens than any text has.
pub(super) fn most(request: &ModelRequest, price: &Price) -> Micropounds {
    let sources = request.sources.iter().map(|source| {
        source.blocks.iter().map(String::len).sum::<usize>()
            + source.title.len()
            + source.address.len()
    });
    let said = request.messages.iter().map(|message| message.text.len());
    let bytes = request.instructions.len() + sources.sum::<usize>() + said.sum::<usize>();
    let tokens = bytes as f64 / 3.0;
    let read = tokens * price.input.max(price.cache_write);
    (read + f64::from(request.max_output_tokens) * price.output).ceil() as Micropounds
}

/// What was used, at this price. Pounds for a million tokens are millionths of a pound for one.
pub(super) fn cost(usage: &ModelUsage, price: &Price) -> Micropounds {
    let of = |tokens: u64, price: f64| tokens as f64 * price;
    let total = of(usage.input_tokens, price.input)
        + of(usage.output_tokens, price.output)
        + of(usage.cache_write_tokens, price.cache_write)
        + of(usage.cache_read_tokens, price.cache_read);
    total.ceil() as Micropounds
}

/// No more than a database can hold, so that a budget without a limit is one of very much.
fn micropounds(pounds: f64) -> Micropounds {
    ((pounds * 1e6) as Micropounds).min(i64::MAX.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Timestamp = Timestamp::UNIX_EPOCH;

    fn generation(per_day: f64, per_reader: f64) -> Generation {
        Generation {
            pounds_per_day: per_day,
            pounds_per_reader: per_reader,
            ..Generation::default()
        }
    }

    #[tokio::test]
    async fn nobody_spends_more_than_there_is() {
        let budget = Budget::new(&generation(0.000_010, 0.000_006), None);
        let reserve =
            async |reader, amount| budget.reserve(reader, amount, TODAY).await.map(|_| ());
        assert_eq!(reserve(Some("a"), 5).await, Ok(()));
        let of_reader = Err(ModelError::Spent("for today, for this reader".into()));
        assert_eq!(reserve(Some("a"), 2).await, of_reader);
        assert_eq!(reserve(Some("b"), 5).await, Ok(()), "another reader has a budget of their own");
        let of_all = Err(ModelError::Spent("for today, for all readers".into()));
        assert_eq!(reserve(None, 1).await, of_all);
        let tomorrow = TODAY + jiff::SignedDuration::from_hours(24);
        assert!(budget.reserve(Some("a"), 6, tomorrow).await.is_ok());
    }

    #[tokio::test]
    async fn a_budget_without_a_limit_is_never_spent() {
        let budget = Budget::new(&generation(f64::MAX, f64::MAX), None);
        for amount in [0, 1, 1 << 60] {
            let reservation = budget.reserve(Some("a"), amount, TODAY).await.unwrap();
            reservation.settle(amount / 2);
        }
    }

    #[tokio::test]
    async fn what_was_not_used_is_there_again() {
        let budget = Budget::new(&generation(0.000_010, 1.0), None);
        let reservation = budget.reserve(Some("a"), 10, TODAY).await.unwrap();
        assert!(budget.reserve(None, 1, TODAY).await.is_err(), "it is set aside");
        reservation.settle(4);
        drop(budget.reserve(None, 6, TODAY).await.unwrap());
        assert!(budget.reserve(None, 1, TODAY).await.is_err(), "what is given up counts as spent");
    }

    /// Asks until there is no money, and tells how much it spent.
    async fn spend(budget: Arc<Budget>, first: u64) -> u64 {
        let mut spent = 0;
        for number in first.. {
            let (most, cost) = (10 + number % 13, 3 + number % 7);
            let Ok(reservation) = budget.reserve(None, most, TODAY).await else { break };
            tokio::task::yield_now().await;
            // One in ten is given up, and counts in full.
            if number % 10 == 0 {
                spent += most;
            } else {
                reservation.settle(cost);
                spent += cost;
            }
        }
        spent
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn programs_that_share_a_budget_stay_within_it_together() {
        let folder = tempfile::tempdir().unwrap();
        let address = candour_store::DatabaseAddress::in_state(folder.path());
        let generation = generation(0.001, 1.0);
        let mut tasks = tokio::task::JoinSet::new();
        for program in 0..2 {
            let database = candour_store::Database::open(&address).await.unwrap();
            let budget = Budget::new(&generation, Some(Arc::new(database)));
            for request in 0..3 {
                tasks.spawn(spend(Arc::clone(&budget), program * 7 + request));
            }
        }
        let spent: u64 = tasks.join_all().await.into_iter().sum();
        assert!((850..=1000).contains(&spent), "{spent} of 1000");
        let database = candour_store::Database::open(&address).await.unwrap();
        let again = Budget::new(&generation, Some(Arc::new(database)));
        assert_eq!(spend(again, 0).await, 0, "a restart begins no day anew");
    }

    struct Away;

    impl SharedBudget for Away {
        fn take(&self, _: Date, _: u64, _: u64, _: u64) -> candour_core::Taking<'_> {
            Box::pin(async { Err("it is away".into()) })
        }
    }

    #[tokio::test]
    async fn where_nobody_knows_what_is_left_nothing_is_spent() {
        let budget = Budget::new(&generation(1.0, 1.0), Some(Arc::new(Away)));
        let refused = budget.reserve(None, 1, TODAY).await.map(|_| ());
        assert!(matches!(refused, Err(ModelError::Spent(_))), "{refused:?}");
    }

    #[test]
    fn a_request_costs_no_more_than_was_set_aside() {
        let price = Price { input: 2.0, output: 10.0, cache_write: 2.5, cache_read: 0.2 };
        let usage = ModelUsage {
            input_tokens: 100,
            output_tokens: 50,
            cache_write_tokens: 40,
            cache_read_tokens: 1000,
        };
        assert_eq!(cost(&usage, &price), 200 + 500 + 100 + 200);
        let request = ModelRequest {
            instructions: "x".repeat(300),
            max_output_tokens: 50,
            ..ModelRequest::default()
        };
        assert_eq!(most(&request, &price), 250 + 500);
    }
}
