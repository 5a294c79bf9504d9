//! What the answers of one day may cost: in all, and for one reader.
//!
//! The most that a request can cost is counted before it is made, and what it did cost is put in its place
//! after, so that requests at the same time cannot overspend together. Readers are counted in memory alone;
//! all of them together in the database too where there is one, so that programs share a day, and one that
//! ends keeps nothing from the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candour_core::{Generation, ModelError, ModelRequest, ModelUsage, Price};
use candour_store::Database;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

/// Millionths of a pound.
type Micropounds = u64;

/// What may be spent in a day, and what is spent of it.
pub(super) struct Budget {
    per_day: Micropounds,
    per_reader: Micropounds,
    /// Where those count with whom the day is shared.
    shared: Option<Database>,
    day: Mutex<Day>,
}

/// What this program spent, and has set aside, since the day began.
#[derive(Debug, Default)]
struct Day {
    date: Date,
    spent: Micropounds,
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
    /// A budget that is shared with other programs where there is a database to count in.
    pub(super) fn new(generation: &Generation, shared: Option<Database>) -> Arc<Self> {
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
        let reservation = self.set_aside(reader, amount, Offset::UTC.to_datetime(now).date())?;
        let Some(shared) = self.shared.as_ref().filter(|_| amount > 0) else {
            return Ok(reservation);
        };
        let refusal = match shared.spend(reservation.date, amount, self.per_day).await {
            Ok(true) => return Ok(reservation),
            Ok(false) => spent("for today, for all readers"),
            Err(error) => {
                tracing::error!(%error, "nobody knows what is left of the budget; answers are quoted");
                ModelError::Uncounted
            }
        };
        reservation.count(0);
        Err(refusal)
    }

    /// Sets `amount` aside from what this program may spend.
    fn set_aside(
        self: &Arc<Self>,
        reader: Option<&str>,
        amount: Micropounds,
        date: Date,
    ) -> Result<Reservation, ModelError> {
        let mut day = self.day();
        // A clock that goes back a little begins no day anew, and no more does a request that was late.
        // One that was days ahead and is right again does, or no day would begin until it is as late.
        let was_ahead = date.tomorrow().is_ok_and(|tomorrow| tomorrow < day.date);
        if day.date < date || was_ahead {
            *day = Day { date, ..Day::default() };
        }
        let of_reader = reader.and_then(|reader| day.readers.get(reader)).copied().unwrap_or(0);
        let (of_reader, of_all) =
            (of_reader.saturating_add(amount), day.spent.saturating_add(amount));
        if reader.is_some() && of_reader > self.per_reader {
            return Err(spent("for today, for this reader"));
        }
        if of_all > self.per_day {
            return Err(spent("for today, for all readers"));
        }
        day.spent = of_all;
        if let Some(reader) = reader.filter(|_| amount > 0) {
            day.readers.insert(reader.to_owned(), of_reader);
        }
        let (budget, date, reader) = (Arc::clone(self), day.date, reader.map(str::to_owned));
        Ok(Reservation { budget, date, reader, amount })
    }

    fn day(&self) -> MutexGuard<'_, Day> {
        self.day.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation {
    /// Counts what it did cost in place of what was set aside, be it less or more.
    pub(super) fn settle(self, cost: Micropounds) {
        self.count(cost);
        if let Some(shared) = self.budget.shared.as_ref().filter(|_| cost != self.amount) {
            shared.settle(self.date, self.amount, cost);
        }
    }

    /// The same in this program alone.
    fn count(&self, cost: Micropounds) {
        let mut day = self.budget.day();
        // What was set aside yesterday is nothing to today.
        if day.date != self.date {
            return;
        }
        let in_place = |all: Micropounds| all.saturating_sub(self.amount).saturating_add(cost);
        day.spent = in_place(day.spent);
        if let Some(spent) = self.reader.as_ref().and_then(|reader| day.readers.get_mut(reader)) {
            *spent = in_place(*spent);
        }
    }
}

fn spent(whose: &str) -> ModelError {
    ModelError::Spent(whose.into())
}

/// The most that a request can cost: no text has more tokens than bytes. What a provider adds to it unasked
/// counts once it says so.
pub(super) fn most(request: &ModelRequest, price: &Price) -> Micropounds {
    let sources = request.sources.iter().map(|source| {
        source.blocks.iter().map(String::len).sum::<usize>()
            + source.title.len()
            + source.address.len()
    });
    let said = request.messages.iter().map(|message| message.text.len());
    let schema = request.schema.as_ref().map_or(0, |schema| schema.to_string().len());
    let bytes = request.instructions.len() + sources.sum::<usize>() + said.sum::<usize>() + schema;
    let read = bytes as f64 * price.input.max(price.cache_write);
    (read + f64::from(request.max_output_tokens) * price.output).ceil() as Micropounds
}

/// More than a thousand million pounds: whatever a provider claims, sums of it can be counted.
const MOST: Micropounds = 1 << 50;

/// What was used, at this price. Pounds for a million tokens are millionths of a pound for one.
pub(super) fn cost(usage: &ModelUsage, price: &Price) -> Micropounds {
    let of = |tokens: u64, price: f64| tokens as f64 * price;
    let total = of(usage.input_tokens, price.input)
        + of(usage.output_tokens, price.output)
        + of(usage.cache_write_tokens, price.cache_write)
        + of(usage.cache_read_tokens, price.cache_read);
    (total.ceil() as Micropounds).min(MOST)
}

/// A budget without a limit is one of very much.
fn micropounds(pounds: f64) -> Micropounds {
    ((pounds * 1e6) as Micropounds).min(MOST)
}

#[cfg(test)]
mod tests;
