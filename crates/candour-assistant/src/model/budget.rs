//! What the answers of one day may take, of money and of tokens: in all, for one reader, and for one answer.
//!
//! The most that a request can cost is counted before it is made, and what it did cost is put in its place
//! after, so that requests at the same time cannot overspend together. Readers and tokens are counted in memory
//! alone; all money together in the database too where there is one, so that programs share a day, and one
//! that ends keeps nothing from the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candour_core::{Calls, Generation, ModelError, ModelRequest, ModelUsage, Price};
use candour_store::Database;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

/// Millionths of a pound.
type Micropounds = u64;

/// What a request takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) micropounds: Micropounds,
    /// Read and said.
    pub(super) tokens: u64,
}

impl Amount {
    fn times(self, many: u64) -> Self {
        let Self { micropounds, tokens } = self;
        Self { micropounds: micropounds.saturating_mul(many), tokens: tokens.saturating_mul(many) }
    }

    fn at_most(self, most: Self) -> Self {
        Self {
            micropounds: self.micropounds.min(most.micropounds),
            tokens: self.tokens.min(most.tokens),
        }
    }
}

/// What may be spent in a day, and what is spent of it.
pub(super) struct Budget {
    per_answer: Micropounds,
    money: Limits,
    tokens: Limits,
    /// Where those count with whom the day's money is shared.
    shared: Option<Database>,
    day: Mutex<Day>,
}

/// The most of something in a day.
struct Limits {
    per_day: u64,
    per_reader: u64,
}

/// What this program spent, and has set aside, since the day began.
#[derive(Debug, Default)]
struct Day {
    date: Date,
    money: Spent,
    tokens: Spent,
}

/// What is spent of something.
#[derive(Debug, Default)]
struct Spent {
    all: u64,
    /// Only who has spent something of what is limited is here.
    readers: HashMap<String, u64>,
}

/// What is set aside for one request. Where it is not settled, it counts as spent: the provider may charge
/// for a request that we gave up.
pub(super) struct Reservation {
    budget: Arc<Budget>,
    date: Date,
    reader: Option<String>,
    calls: Calls,
    amount: Amount,
}

impl Budget {
    /// A budget that is shared with other programs where there is a database to count in.
    pub(super) fn new(generation: &Generation, shared: Option<Database>) -> Arc<Self> {
        let Generation { pounds_per_day, pounds_per_reader, pounds_per_answer, .. } = generation;
        let tokens = |limit: Option<u64>| limit.unwrap_or(u64::MAX);
        Arc::new(Self {
            per_answer: micropounds(*pounds_per_answer),
            money: Limits {
                per_day: micropounds(*pounds_per_day),
                per_reader: micropounds(*pounds_per_reader),
            },
            tokens: Limits {
                per_day: tokens(generation.tokens_per_day),
                per_reader: tokens(generation.tokens_per_reader),
            },
            shared,
            day: Mutex::default(),
        })
    }

    /// Sets `amount` aside for what the calls are made for, or says whose budget it is too much for.
    pub(super) async fn reserve(
        self: &Arc<Self>,
        reader: Option<&str>,
        calls: &Calls,
        amount: Amount,
        now: Timestamp,
    ) -> Result<Reservation, ModelError> {
        let date = Offset::UTC.to_datetime(now).date();
        let reservation = self.set_aside(reader, calls, amount, date)?;
        let money = amount.micropounds;
        let Some(shared) = self.shared.as_ref().filter(|_| money > 0) else {
            return Ok(reservation);
        };
        let refusal = match shared.spend(reservation.date, money, self.money.per_day).await {
            Ok(true) => return Ok(reservation),
            Ok(false) => spent("for today, for all readers"),
            Err(error) => {
                tracing::error!(%error, "nobody knows what is left of the budget; answers are quoted");
                ModelError::Uncounted
            }
        };
        reservation.count(Amount::default());
        Err(refusal)
    }

    /// Sets `amount` aside from what this program may spend.
    fn set_aside(
        self: &Arc<Self>,
        reader: Option<&str>,
        calls: &Calls,
        amount: Amount,
        date: Date,
    ) -> Result<Reservation, ModelError> {
        let mut day = self.day();
        // A clock that goes back a little begins no day anew, and no more does a request that was late.
        // One that was days ahead and is right again does, or no day would begin until it is as late.
        let was_ahead = date.tomorrow().is_ok_and(|tomorrow| tomorrow < day.date);
        if day.date < date || was_ahead {
            *day = Day { date, ..Day::default() };
        }
        let Amount { micropounds, tokens } = amount;
        day.money.check(reader, micropounds, &self.money)?;
        day.tokens.check(reader, tokens, &self.tokens)?;
        if !calls.set_aside(micropounds, self.per_answer) {
            return Err(spent("for this answer"));
        }
        day.money.add(reader, micropounds, &self.money);
        day.tokens.add(reader, tokens, &self.tokens);
        let (budget, date, reader) = (Arc::clone(self), day.date, reader.map(str::to_owned));
        Ok(Reservation { budget, date, reader, calls: calls.clone(), amount })
    }

    fn day(&self) -> MutexGuard<'_, Day> {
        self.day.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Spent {
    /// Whether so much more stays within the limits, or whose it is too much for.
    fn check(&self, reader: Option<&str>, more: u64, most: &Limits) -> Result<(), ModelError> {
        let of_reader = reader.and_then(|reader| self.readers.get(reader)).copied().unwrap_or(0);
        if reader.is_some() && of_reader.saturating_add(more) > most.per_reader {
            return Err(spent("for today, for this reader"));
        }
        if self.all.saturating_add(more) > most.per_day {
            return Err(spent("for today, for all readers"));
        }
        Ok(())
    }

    fn add(&mut self, reader: Option<&str>, more: u64, most: &Limits) {
        self.all = self.all.saturating_add(more);
        // Of what has no limit for one reader nobody need know who took it.
        if let Some(reader) = reader.filter(|_| more > 0 && most.per_reader < u64::MAX) {
            let own = self.readers.entry(reader.to_owned()).or_default();
            *own = own.saturating_add(more);
        }
    }

    /// Counts one amount in place of another.
    fn put(&mut self, reader: Option<&str>, new: u64, old: u64) {
        let in_place = |sum: u64| sum.saturating_sub(old).saturating_add(new);
        self.all = in_place(self.all);
        if let Some(own) = reader.and_then(|reader| self.readers.get_mut(reader)) {
            *own = in_place(*own);
        }
    }
}

impl Reservation {
    /// Counts what it did take in place of what was set aside, be it less or more. What no request can take
    /// is a provider's mistake, and may not use up what is for all others.
    pub(super) fn settle(self, taken: Amount) {
        let most = self.amount.times(FAR_MORE);
        if taken.micropounds > most.micropounds || taken.tokens > most.tokens {
            tracing::error!(
                tokens = taken.tokens,
                counted = most.tokens,
                "a provider says that a request took more than any can"
            );
        }
        let taken = taken.at_most(most);
        self.count(taken);
        let (aside, cost) = (self.amount.micropounds, taken.micropounds);
        if let Some(shared) = self.budget.shared.as_ref().filter(|_| cost != aside) {
            shared.settle(self.date, aside, cost);
        }
    }

    /// The same in this program alone.
    fn count(&self, taken: Amount) {
        self.calls.settle(self.amount.micropounds, taken.micropounds);
        let mut day = self.budget.day();
        // What was set aside yesterday is nothing to today.
        if day.date != self.date {
            return;
        }
        let reader = self.reader.as_deref();
        day.money.put(reader, taken.micropounds, self.amount.micropounds);
        day.tokens.put(reader, taken.tokens, self.amount.tokens);
    }
}

fn spent(whose: &str) -> ModelError {
    ModelError::Spent(whose.into())
}

/// How many times what was set aside for a request it may be said to have taken: a provider may add to what it
/// was sent, and count what nobody sees.
const FAR_MORE: u64 = 20;

/// The most that a request can take: no text has more tokens than bytes. What a provider adds to it unasked
/// counts once it says so.
pub(super) fn most(request: &ModelRequest, price: &Price) -> Amount {
    let sources = request.sources.iter().map(|source| {
        source.blocks.iter().map(String::len).sum::<usize>()
            + source.title.len()
            + source.address.len()
    });
    let said = request.messages.iter().map(|message| message.text.len());
    let schema = request.schema.as_ref().map_or(0, |schema| schema.to_string().len());
    let bytes = request.instructions.len() + sources.sum::<usize>() + said.sum::<usize>() + schema;
    let read = bytes as f64 * price.input.max(price.of_cache_write());
    let said = f64::from(request.max_output_tokens) * price.output;
    Amount {
        micropounds: (read + said).ceil() as Micropounds,
        tokens: bytes as u64 + u64::from(request.max_output_tokens),
    }
}

/// More than a thousand million pounds: whatever a provider claims, sums of it can be counted.
const MOST: Micropounds = 1 << 50;

/// What was used, at this price. Pounds for a million tokens are millionths of a pound for one.
pub(super) fn cost(usage: &ModelUsage, price: &Price) -> Amount {
    let of = |tokens: u64, price: f64| tokens as f64 * price;
    let total = of(usage.input_tokens, price.input)
        + of(usage.output_tokens, price.output)
        + of(usage.cache_write_tokens, price.of_cache_write())
        + of(usage.cache_read_tokens, price.of_cache_read());
    let tokens = [usage.output_tokens, usage.cache_write_tokens, usage.cache_read_tokens];
    Amount {
        micropounds: (total.ceil() as Micropounds).min(MOST),
        tokens: tokens.into_iter().fold(usage.input_tokens, u64::saturating_add),
    }
}

/// A budget without a limit is one of very much.
fn micropounds(pounds: f64) -> Micropounds {
    ((pounds * 1e6) as Micropounds).min(MOST)
}

#[cfg(test)]
mod tests;
