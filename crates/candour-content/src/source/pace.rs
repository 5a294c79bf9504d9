//! How fast and how patiently a publisher is asked.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How patient a reader of the publisher is.
#[derive(Debug, Clone)]
pub(crate) struct RetryPolicy {
    /// How often one address is asked before it is given up.
    pub(crate) tries: u32,
    /// How long to wait after the first failure; twice as long after each further one.
    pub(crate) first_delay: Duration,
    /// The longest wait, whatever the publisher's `Retry-After` says.
    pub(crate) longest_delay: Duration,
    /// How long connecting may take.
    pub(crate) connect: Duration,
    /// How long the publisher may be silent.
    pub(crate) read: Duration,
    /// How long one answer may take in all, so that a trickle of bytes does not hold an ingest up.
    pub(crate) whole: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            tries: 5,
            first_delay: Duration::from_millis(500),
            longest_delay: Duration::from_mins(1),
            connect: Duration::from_secs(10),
            read: Duration::from_secs(30),
            whole: Duration::from_mins(3),
        }
    }
}

impl RetryPolicy {
    /// How long to wait after so many tries; `asked` is what the publisher asks for.
    pub(super) fn delay(&self, tried: u32, asked: Option<Duration>) -> Duration {
        let doubled =
            self.first_delay.saturating_mul(2_u32.saturating_pow(tried.saturating_sub(1)));
        asked.unwrap_or(doubled).min(self.longest_delay)
    }
}

/// Lets requests begin no more often than is allowed.
pub(super) struct Pace {
    gap: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// A pace of so many requests a second.
    pub(super) fn new(per_second: f64) -> Self {
        let gap = Duration::try_from_secs_f64(1.0 / per_second).unwrap_or(Duration::from_secs(1));
        Self { gap, next: Mutex::new(None) }
    }

    /// Waits for a turn.
    pub(super) async fn wait(&self) {
        let turn = self.turn(Instant::now());
        tokio::time::sleep_until(turn).await;
    }

    /// When the request that asks now may begin.
    fn turn(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.map_or(now, |next| next.max(now));
        *next = Some(turn + self.gap);
        turn
    }

    /// Lets no request begin before `until`.
    pub(super) fn hold(&self, until: Instant) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = Some(next.map_or(until, |next| next.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_obey_the_publisher() {
        let policy = RetryPolicy::default();
        for (tried, asked, expected) in [
            (1, None, 500),
            (2, None, 1_000),
            (4, None, 4_000),
            (40, None, 60_000),
            (1, Some(7), 7_000),
            (3, Some(0), 0),
            (1, Some(100_000_000_000), 60_000),
        ] {
            let delay = policy.delay(tried, asked.map(Duration::from_secs));
            assert_eq!(delay, Duration::from_millis(expected), "{tried} {asked:?}");
        }
    }

    #[test]
    fn requests_take_turns() {
        let pace = Pace::new(5.0);
        let now = Instant::now();
        let after = |millis| now + Duration::from_millis(millis);
        assert_eq!([pace.turn(now), pace.turn(now), pace.turn(now)], [now, after(200), after(400)]);
        assert_eq!(pace.turn(after(5_000)), after(5_000), "time that was not used is not saved up");
        pace.hold(after(9_000));
        pace.hold(after(6_000));
        assert_eq!(pace.turn(after(5_000)), after(9_000));
    }
}
