//! How many questions, searches and verdicts one reader or one key may send a minute: a token bucket for
//! each, in bounded memory.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The most askers that are remembered. Beyond that, those who asked longest ago are forgotten.
const ASKERS: usize = 20_000;

/// Whose questions are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Asker {
    /// A reader, as far as an address tells.
    Network(IpAddr),
    /// Whoever holds the key of this name.
    Key(String),
}

impl Asker {
    pub(crate) fn of_address(address: IpAddr) -> Self {
        Self::Network(network(address))
    }
}

impl fmt::Display for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(address) => address.fmt(f),
            Self::Key(id) => write!(f, "key {id}"),
        }
    }
}

/// Who may ask now.
#[derive(Default)]
pub(crate) struct RateLimit {
    buckets: Mutex<HashMap<Asker, Bucket>>,
}

struct Bucket {
    /// How many questions fill it; as many come back each minute.
    capacity: f64,
    tokens: f64,
    filled_at: Instant,
}

impl Bucket {
    fn full(per_minute: u32, now: Instant) -> Self {
        let capacity = f64::from(per_minute);
        Self { capacity, tokens: capacity, filled_at: now }
    }

    fn level(&self, now: Instant) -> f64 {
        let seconds = now.saturating_duration_since(self.filled_at).as_secs_f64();
        (self.tokens + seconds * self.capacity / 60.0).min(self.capacity)
    }

    /// How long until it holds so many.
    fn time_to(&self, tokens: f64) -> Duration {
        Duration::from_secs_f64((tokens - self.tokens).max(0.0) * 60.0 / self.capacity)
    }
}

impl RateLimit {
    /// Takes one question from the asker's bucket, or says how long to wait for the next.
    pub(crate) fn take(
        &self,
        asker: &Asker,
        per_minute: u32,
        now: Instant,
    ) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= ASKERS && !buckets.contains_key(asker) {
            forget(&mut buckets, now);
        }
        let bucket = buckets.entry(asker.clone()).or_insert_with(|| Bucket::full(per_minute, now));
        bucket.tokens = bucket.level(now);
        bucket.filled_at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        Err(bucket.time_to(1.0))
    }

    /// How many questions are left, and how long until all are there again.
    pub(crate) fn left(&self, asker: &Asker, per_minute: u32, now: Instant) -> (u32, Duration) {
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(bucket) = buckets.get(asker) else { return (per_minute, Duration::ZERO) };
        let tokens = bucket.level(now);
        let now = Bucket { tokens, capacity: bucket.capacity, filled_at: now };
        (tokens as u32, now.time_to(now.capacity))
    }
}

/// Full buckets say nothing and go first; if that is not enough, the older half goes too.
fn forget(buckets: &mut HashMap<Asker, Bucket>, now: Instant) {
    buckets.retain(|_, bucket| bucket.level(now) < bucket.capacity);
    if buckets.len() < ASKERS {
        return;
    }
    let mut times: Vec<Instant> = buckets.values().map(|bucket| bucket.filled_at).collect();
    let middle = times.len() / 2;
    let (_, median, _) = times.select_nth_unstable(middle);
    let median = *median;
    buckets.retain(|_, bucket| bucket.filled_at > median);
}

/// One household or office usually has one IPv6 network of 64 bits, and could take any address in it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(address: &str) -> Asker {
        Asker::of_address(address.parse().unwrap())
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let limit = RateLimit::default();
        let (one, other) = (reader("192.0.2.1"), reader("192.0.2.2"));
        let start = Instant::now();
        let seconds = Duration::from_secs;
        assert_eq!(limit.left(&one, 2, start), (2, seconds(0)));
        assert_eq!(limit.take(&one, 2, start), Ok(()));
        assert_eq!(limit.take(&one, 2, start), Ok(()));
        assert_eq!(limit.left(&one, 2, start), (0, seconds(60)));
        assert_eq!(limit.take(&one, 2, start), Err(seconds(30)));
        assert_eq!(limit.take(&other, 2, start), Ok(()));
        assert_eq!(limit.left(&one, 2, start + seconds(30)), (1, seconds(30)));
        assert_eq!(limit.take(&one, 2, start + seconds(30)), Ok(()));
        assert!(limit.take(&one, 2, start + seconds(31)).is_err());
    }

    #[test]
    fn one_ipv6_network_is_one_reader_and_one_key_is_one_asker() {
        let limit = RateLimit::default();
        let now = Instant::now();
        let take = |asker: &Asker| limit.take(asker, 1, now);
        assert!(take(&reader("2001:db8:1:2::1")).is_ok());
        assert!(take(&reader("2001:db8:1:2:ffff::9")).is_err());
        assert!(take(&reader("2001:db8:1:3::1")).is_ok());
        assert!(take(&Asker::Key("0707".into())).is_ok());
        assert!(take(&Asker::Key("0707".into())).is_err());
        assert!(take(&Asker::Key("0708".into())).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let limit = RateLimit::default();
        let now = Instant::now();
        for number in 0..(ASKERS as u32 * 2) {
            let later = now + Duration::from_millis(u64::from(number) / 100);
            let asker = Asker::of_address(IpAddr::from(number.to_be_bytes()));
            assert!(limit.take(&asker, 5, later).is_ok());
        }
        assert!(limit.buckets.lock().unwrap().len() <= ASKERS);
    }
}
