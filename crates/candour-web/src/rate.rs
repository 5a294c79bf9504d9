//! How many questions, searches and verdicts one reader may send a minute: a token bucket for each, in bounded memory.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The most readers that are remembered. Beyond that, those who asked longest ago are forgotten.
const READERS: usize = 20_000;

/// Who may ask now.
pub(crate) struct RateLimit {
    /// How many questions fill a bucket; as many come back each minute.
    capacity: f64,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

impl RateLimit {
    pub(crate) fn new(questions_per_minute: u32) -> Self {
        Self { capacity: f64::from(questions_per_minute), buckets: Mutex::default() }
    }

    /// Takes one question from the reader's bucket, or says how long to wait for the next.
    pub(crate) fn take(&self, reader: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = network(reader);
        if buckets.len() >= READERS && !buckets.contains_key(&reader) {
            self.forget(&mut buckets, now);
        }
        let bucket = buckets
            .entry(reader)
            .or_insert_with(|| Bucket { tokens: self.capacity, filled_at: now });
        bucket.tokens = self.level(bucket, now);
        bucket.filled_at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - bucket.tokens) * 60.0 / self.capacity))
    }

    fn level(&self, bucket: &Bucket, now: Instant) -> f64 {
        let seconds = now.saturating_duration_since(bucket.filled_at).as_secs_f64();
        (bucket.tokens + seconds * self.capacity / 60.0).min(self.capacity)
    }

    /// Full buckets say nothing and go first; if that is not enough, the older half goes too.
    fn forget(&self, buckets: &mut HashMap<IpAddr, Bucket>, now: Instant) {
        buckets.retain(|_, bucket| self.level(bucket, now) < self.capacity);
        if buckets.len() < READERS {
            return;
        }
        let mut times: Vec<Instant> = buckets.values().map(|bucket| bucket.filled_at).collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        buckets.retain(|_, bucket| bucket.filled_at > median);
    }
}

/// One household or office usually has one IPv6 network of 64 bits, and could take any address in it.
pub(crate) fn network(address: IpAddr) -> IpAddr {
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

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let limit = RateLimit::new(2);
        let reader = IpAddr::from([192, 0, 2, 1]);
        let start = Instant::now();
        assert_eq!(limit.take(reader, start), Ok(()));
        assert_eq!(limit.take(reader, start), Ok(()));
        assert_eq!(limit.take(reader, start), Err(Duration::from_secs(30)));
        assert_eq!(limit.take(IpAddr::from([192, 0, 2, 2]), start), Ok(()));
        assert_eq!(limit.take(reader, start + Duration::from_secs(30)), Ok(()));
        assert!(limit.take(reader, start + Duration::from_secs(31)).is_err());
    }

    #[test]
    fn one_ipv6_network_is_one_reader() {
        let limit = RateLimit::new(1);
        let now = Instant::now();
        let [first, second, other] = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"]
            .map(|a| a.parse().unwrap());
        assert!(limit.take(first, now).is_ok());
        assert!(limit.take(second, now).is_err());
        assert!(limit.take(other, now).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let limit = RateLimit::new(5);
        let now = Instant::now();
        for number in 0..(READERS as u32 * 2) {
            let later = now + Duration::from_millis(u64::from(number) / 100);
            assert!(limit.take(IpAddr::from(number.to_be_bytes()), later).is_ok());
        }
        assert!(limit.buckets.lock().unwrap().len() <= READERS);
    }
}
