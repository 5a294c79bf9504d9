//! What the answers of one day may cost: in all, and for one reader.
//!
//! Money is set aside before a request and settled after it, so that requests at the same time cannot
//! overspend together. Counts live in memory and begin anew with the program and with each day (UTC).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candour_core::{Generation, ModelError, ModelRequest, ModelUsage, Price};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

/// Millionths of a pound.
type Micropounds = u64;

/// What is left for today.
#[derive(Debug)]
pub(super) struct Budget {
    per_day: Micropounds,
    per_reader: Micropounds,
    day: Mutex<Day>,
}

#[derive(Debug, Default)]
struct Day {
    date: Date,
    spent: Micropounds,
    /// Only who has spent something is here, so that there are no more than the budget pays for.
    readers: HashMap<String, Micropounds>,
}

/// Money that is set aside for one request. Where it is not settled, it counts as spent: the provider
/// may charge for a request that we gave up.
#[derive(Debug)]
pub(super) struct Reservation {
    budget: Arc<Budget>,
    date: Date,
    reader: Option<String>,
    amount: Micropounds,
}

impl Budget {
    pub(super) fn new(generation: &Generation) -> Arc<Self> {
        Arc::new(Self {
            per_day: micropounds(generation.pounds_per_day),
            per_reader: micropounds(generation.pounds_per_reader),
            day: Mutex::default(),
        })
    }

    /// Sets `amount` aside, or says whose budget it is too much for.
    pub(super) fn reserve(
        self: &Arc<Self>,
        reader: Option<&str>,
        amount: Micropounds,
        now: Timestamp,
    ) -> Result<Reservation, ModelError> {
        let date = Offset::UTC.to_datetime(now).date();
        let mut day = self.day();
        if day.date != date {
            *day = Day { date, ..Day::default() };
        }
        let of_reader = reader.and_then(|reader| day.readers.get(reader)).copied().unwrap_or(0);
        if day.spent.saturating_add(amount) > self.per_day {
            return Err(ModelError::Spent("for today, for all readers".into()));
        }
        if reader.is_some() && of_reader.saturating_add(amount) > self.per_reader {
            return Err(ModelError::Spent("for today, for this reader".into()));
        }
        day.spent += amount;
        if let Some(reader) = reader.filter(|_| amount > 0) {
            day.readers.insert(reader.to_owned(), of_reader + amount);
        }
        let reader = reader.map(str::to_owned);
        Ok(Reservation { budget: Arc::clone(self), date, reader, amount })
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
        day.spent = day.spent.saturating_sub(self.amount).saturating_add(cost);
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

fn micropounds(pounds: f64) -> Micropounds {
    (pounds * 1e6) as Micropounds
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Timestamp = Timestamp::UNIX_EPOCH;

    fn budget(per_day: f64, per_reader: f64) -> Arc<Budget> {
        Budget::new(&Generation {
            pounds_per_day: per_day,
            pounds_per_reader: per_reader,
            ..Generation::default()
        })
    }

    #[test]
    fn nobody_spends_more_than_there_is() {
        let budget = budget(0.000_010, 0.000_006);
        let reserve = |reader, amount| budget.reserve(reader, amount, TODAY).map(|_| ());
        assert_eq!(reserve(Some("a"), 5), Ok(()));
        let of_reader = Err(ModelError::Spent("for today, for this reader".into()));
        assert_eq!(reserve(Some("a"), 2), of_reader);
        assert_eq!(reserve(Some("b"), 5), Ok(()), "another reader has a budget of their own");
        let of_all = Err(ModelError::Spent("for today, for all readers".into()));
        assert_eq!(reserve(None, 1), of_all);
        let tomorrow = TODAY + jiff::SignedDuration::from_hours(24);
        assert!(budget.reserve(Some("a"), 6, tomorrow).is_ok());
    }

    #[test]
    fn what_was_not_used_is_there_again() {
        let budget = budget(0.000_010, 1.0);
        let reservation = budget.reserve(Some("a"), 10, TODAY).unwrap();
        assert!(budget.reserve(None, 1, TODAY).is_err(), "it is set aside");
        reservation.settle(4);
        drop(budget.reserve(None, 6, TODAY).unwrap());
        assert!(budget.reserve(None, 1, TODAY).is_err(), "what is given up counts as spent");
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
