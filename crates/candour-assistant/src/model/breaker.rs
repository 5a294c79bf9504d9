//! A circuit breaker for one address: who fails again and again is left alone for a while.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use candour_core::ModelError;
use tokio::time::Instant;

/// So many failures one after another open it.
const MOST_FAILURES: u32 = 5;
/// How long nobody is asked then. After that one request is let through, and its outcome decides.
const REST: Duration = Duration::from_secs(30);
/// How long nobody is asked where the key or the money is at fault, which no waiting mends.
const LONG_REST: Duration = Duration::from_mins(5);

/// Whether an address is asked at all.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    /// Whether nobody is ever left alone.
    never_opens: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
}

impl Breaker {
    /// One that leaves nobody alone, for measuring: every question that it kept from a model would count as
    /// one that the model failed on.
    pub(super) fn that_never_opens() -> Self {
        Self { never_opens: true, ..Self::default() }
    }

    /// Whether nobody is asked now.
    pub(super) fn rests(&self, now: Instant) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.open_until.is_some_and(|until| now < until)
    }

    /// Whether a request may be made now, which then must be made: after a rest one alone is let through.
    pub(super) fn admits(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.open_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                // This one is let through; the next after another rest, should this one never end.
                state.open_until = Some(now + REST);
                true
            }
        }
    }

    /// A request was answered.
    pub(super) fn close(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// A request failed. Returns for how long nobody is asked now, if this opened it.
    pub(super) fn count(&self, error: &ModelError, now: Instant) -> Option<Duration> {
        if self.never_opens {
            return None;
        }
        let (rest, most) = match error {
            ModelError::Unauthorised | ModelError::Spent(_) => (LONG_REST, 1),
            // A limit that names no time may be a month's.
            ModelError::Limited { retry_after: None } => (REST, 1),
            // Who was asked was not at fault, but the request or our own count.
            ModelError::Invalid(_) | ModelError::Uncounted => return None,
            ModelError::Limited { .. }
            | ModelError::Unreachable(_)
            | ModelError::Unavailable(_)
            | ModelError::Broken(_)
            | ModelError::TimedOut => (REST, MOST_FAILURES),
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures += 1;
        if state.failures >= most {
            state.open_until = Some(now + rest);
            return Some(rest);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fails_again_and_again_is_left_alone_for_a_while() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        let error = ModelError::Broken("reset".into());
        for _ in 1..MOST_FAILURES {
            assert_eq!(breaker.count(&error, now), None);
            assert!(breaker.admits(now) && !breaker.rests(now));
        }
        assert_eq!(breaker.count(&error, now), Some(REST));
        assert!(!breaker.admits(now));
        assert!(breaker.rests(now));
        let later = now + REST;
        assert!(!breaker.rests(later) && !breaker.rests(later), "to ask that takes nothing");
        assert!(breaker.admits(later), "one request is let through");
        assert!(!breaker.admits(later), "and no other before it ended");
        breaker.close();
        assert!(breaker.admits(later));
        assert_eq!(breaker.count(&error, later), None, "and failures are counted anew");
    }

    #[test]
    fn a_wrong_key_is_not_tried_again_and_a_wrong_request_is_nobodys_fault() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..20 {
            assert_eq!(breaker.count(&ModelError::Invalid("400".into()), now), None);
        }
        assert!(breaker.admits(now));
        assert_eq!(breaker.count(&ModelError::Unauthorised, now), Some(LONG_REST));
        assert!(!breaker.admits(now + REST));
        let endless = ModelError::Limited { retry_after: None };
        assert_eq!(Breaker::default().count(&endless, now), Some(REST));
    }

    #[test]
    fn who_is_measured_is_never_left_alone() {
        let (breaker, now) = (Breaker::that_never_opens(), Instant::now());
        for error in [ModelError::Unauthorised, ModelError::TimedOut].iter().cycle().take(20) {
            assert_eq!(breaker.count(error, now), None);
            assert!(breaker.admits(now) && !breaker.rests(now));
        }
    }
}
