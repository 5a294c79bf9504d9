//! How fast a target is asked: as fast as it lets itself be.
//!
//! One that says when it may be asked again is left alone by everyone until then, since it would turn the
//! others away as well, and is asked half as many questions at a time from then on; each round that it
//! answers lets one more on. That uses up no try of a question.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::asking::lock;

/// No target is waited for longer, whatever it asks.
pub(super) const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Where nobody was answered for so long, those that are turned away are given up.
const IN_VAIN: Duration = Duration::from_mins(5);
/// How long nobody looks whether it is time to stop.
const UNWATCHED: Duration = Duration::from_secs(1);

/// What the workers share of it.
pub(super) struct Pace {
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    /// The most questions at a time that anybody wants, and that the target seems to take.
    wanted: usize,
    most: usize,
    on_way: usize,
    /// Answers since that changed.
    answers: usize,
    /// Nobody asks before this.
    until: Instant,
    /// When the target last asked for that.
    paused_at: Instant,
    /// Since when it has turned everybody away.
    in_vain_since: Option<Instant>,
}

/// A question that is on its way, until this is dropped.
pub(super) struct Turn<'a> {
    pace: &'a Pace,
    began: Instant,
}

impl Pace {
    /// As many questions at a time as are wanted.
    pub(super) fn new(wanted: usize) -> Self {
        let (most, now) = (wanted.max(1), Instant::now());
        let state = State {
            wanted: most,
            most,
            on_way: 0,
            answers: 0,
            until: now,
            paused_at: now,
            in_vain_since: None,
        };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }

    /// Waits until a question may be sent; nothing where it is time to stop first.
    pub(super) async fn turn(&self, must_rest: impl Fn() -> bool) -> Option<Turn<'_>> {
        let mut has_waited = false;
        loop {
            if has_waited && must_rest() {
                return None;
            }
            let changed = self.changed.notified();
            let now = Instant::now();
            let wait = {
                let mut state = self.state();
                if state.until <= now && state.on_way < state.most {
                    state.on_way += 1;
                    return Some(Turn { pace: self, began: now });
                }
                if state.until > now { state.until } else { now + UNWATCHED }
            };
            if !has_waited && must_rest() {
                return None;
            }
            has_waited = true;
            tokio::select! {
                () = sleep_until(wait.min(now + UNWATCHED)) => {}
                () = changed => {}
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Turn<'_> {
    /// The target was there for the question, whatever it said.
    pub(super) fn was_heard(self) {
        let mut state = self.pace.state();
        state.in_vain_since = None;
        state.answers += 1;
        if state.answers >= state.most && state.most < state.wanted {
            (state.most, state.answers) = (state.most + 1, 0);
            self.pace.changed.notify_one();
        }
    }

    /// The target turned the question away and asks to be left alone for so long. Returns whether there is
    /// hope: it has not turned everybody away for long, or others are on their way still.
    pub(super) fn was_turned_away(self, wait: Duration) -> bool {
        let now = Instant::now();
        let mut state = self.pace.state();
        // Those that were sent before anybody knew are turned away together, which counts once.
        if self.began >= state.paused_at {
            (state.most, state.answers) = ((state.most / 2).max(1), 0);
            state.paused_at = now;
        }
        state.until = state.until.max(now + wait.min(LONGEST_WAIT));
        let since = *state.in_vain_since.get_or_insert(now);
        now.duration_since(since) < IN_VAIN || state.on_way > 1
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.pace.state().on_way -= 1;
        self.pace.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(40);

    /// So many of ten questions that are sent at once.
    async fn sent(pace: &Pace) -> Vec<Turn<'_>> {
        let mut sent = Vec::new();
        for _ in 0..10 {
            sent.extend(pace.turn(|| true).await);
        }
        sent
    }

    #[tokio::test]
    async fn whoever_asks_for_patience_is_left_alone_by_all_and_asked_less() {
        let (pace, began) = (Pace::new(8), Instant::now());
        let burst = sent(&pace).await;
        assert_eq!(burst.len(), 8);
        // Eight are turned away as one: the target is asked half as many afterwards.
        let away = |burst: Vec<Turn<'_>>| -> Vec<bool> {
            burst.into_iter().map(|turn| turn.was_turned_away(SHORT)).collect()
        };
        assert_eq!(away(burst), [true; 8]);
        assert!(sent(&pace).await.is_empty(), "nobody is sent before then");
        let first = pace.turn(|| false).await.unwrap();
        assert!(began.elapsed() >= SHORT);
        let mut next = sent(&pace).await;
        assert_eq!(next.len(), 3);
        // Where nobody was heard for long, the last of those that are on their way has no hope.
        next.push(first);
        pace.state().in_vain_since = Some(Instant::now() - IN_VAIN);
        assert_eq!(away(next), [true, true, true, false]);
        // Whoever is heard gives hope to all, and each round that is answered lets one more on.
        tokio::time::sleep(SHORT).await;
        for expected in [2, 3, 4] {
            let round = sent(&pace).await;
            assert_eq!(round.len(), expected);
            round.into_iter().for_each(Turn::was_heard);
        }
        assert_eq!(away(vec![pace.turn(|| true).await.unwrap()]), [true]);
    }

    #[tokio::test]
    async fn nobody_waits_longer_than_the_run_or_a_minute() {
        let pace = Pace::new(1);
        let began = Instant::now();
        assert!(pace.turn(|| true).await.unwrap().was_turned_away(100 * LONGEST_WAIT));
        assert!(pace.state().until <= Instant::now() + LONGEST_WAIT);
        assert!(pace.turn(|| began.elapsed() > SHORT).await.is_none());
        assert!(began.elapsed() < LONGEST_WAIT / 2, "{:?}", began.elapsed());
    }
}
