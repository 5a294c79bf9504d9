//! Asking itself: workers that each take a question, write down that it is asked, wait for its answer,
//! score it and write that down.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use candour_core::{Answerer, AnswererError, Question, Reply};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::ending::Limit;
use super::feed::{Due, Feed};
use super::journal::Journal;
use super::pace::{LONGEST_WAIT, Pace};
use super::reach::{Peer, Reach};
use super::record::{Asking as AskingLine, Failure, Key, Part, Record, Used};
use super::tally::Tally;
use super::written::Place;
use super::{Ending, InFlight, Progress, RunnerError, Target};
use crate::judge::Judge;
use crate::suite::{Limits, Sample, Suite};

/// How long to wait before a question is asked a second time; each time after that, twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// What came of a question.
type Outcome = Result<Reply, Failure>;

/// What the workers share.
pub(super) struct Asking {
    pub(super) suite: Arc<Suite>,
    /// When to stop, in this part of the suite.
    pub(super) limits: Limits,
    pub(super) target: Target,
    pub(super) judge: Option<Judge>,
    /// What was on its way when an earlier part of the run was killed, and is not asked again.
    pub(super) given_up: Vec<(String, u32)>,
    pub(super) in_flight: InFlight,
    /// What was on its way then, and was not asked again yet.
    pub(super) open: Mutex<HashSet<Key>>,
    /// Requests of which nobody knows whether they were paid for.
    pub(super) lost: u64,
    pub(super) retry_errors: bool,
    /// What an earlier part of the run has on the way to a record.
    pub(super) begun: HashMap<Key, Vec<Place>>,
    pub(super) journal: Journal,
    pub(super) feed: Mutex<Feed>,
    pub(super) tally: Mutex<Tally>,
    pub(super) reach: Mutex<Reach>,
    pub(super) pace: Pace,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) ending: Mutex<Option<Ending>>,
    pub(super) began: Instant,
    /// How long earlier parts of the run took.
    pub(super) used_before: Duration,
    pub(super) progress: Arc<dyn Progress>,
}

impl Asking {
    /// Asks everything, `connections` questions at a time. The first failure ends it, but what is on
    /// its way is waited for, since it may have been paid for.
    pub(super) async fn all(self: &Arc<Self>, connections: usize) -> Result<(), RunnerError> {
        let syncing = {
            let own = Arc::clone(self);
            tokio::spawn(async move { own.journal.keep_synced().await })
        };
        let timing = {
            let own = Arc::clone(self);
            tokio::spawn(async move { own.keep_time().await })
        };
        let mut workers = JoinSet::new();
        for _ in 0..connections.max(1) {
            let own = Arc::clone(self);
            workers.spawn(async move { own.work().await });
        }
        let mut result = Ok(());
        while let Some(ended) = workers.join_next().await {
            let ended = ended.unwrap_or_else(|error| Err(RunnerError::Broken(error.to_string())));
            if ended.is_err() && result.is_ok() {
                self.stop.store(true, Ordering::Relaxed);
                result = ended;
            }
        }
        timing.abort();
        // Until they are gone they hold the journal, which whoever goes on with the run wants to open.
        let _ = timing.await;
        let noted = self.note_time();
        self.journal.end();
        let synced = syncing.await;
        synced.unwrap_or_else(|error| Err(RunnerError::Broken(error.to_string())))?;
        result.and(noted)
    }

    /// Writes down every second how long the run has been asked, for as long as it is polled: who goes on
    /// with a run that was killed has to know. Where that fails, the journal takes nothing else either.
    async fn keep_time(&self) {
        loop {
            sleep(Duration::from_secs(1)).await;
            if self.note_time().is_err() {
                return;
            }
        }
    }

    /// Writes that down, where a limit needs it.
    fn note_time(&self) -> Result<(), RunnerError> {
        if self.limits.seconds.is_some() {
            self.journal.add(&Used { used_seconds: self.used().as_secs_f64() })?;
        }
        Ok(())
    }

    /// For how long the run has been asked, in this part and earlier ones.
    fn used(&self) -> Duration {
        self.used_before.saturating_add(self.began.elapsed())
    }

    /// For how long it may still be asked.
    fn left(&self) -> Duration {
        let most = self.limits.seconds.map(Duration::try_from_secs_f64);
        most.and_then(Result::ok).map_or(Duration::MAX, |most| most.saturating_sub(self.used()))
    }

    async fn work(&self) -> Result<(), RunnerError> {
        while let Some(Due { sample, epoch, unjudged }) = self.next()? {
            let begun = self.begun(&sample, epoch, unjudged)?;
            let is_asked = begun.reply.is_none() && self.target.is_live();
            let outcome = if let Some(reply) = &begun.reply {
                Ok(reply.clone())
            } else {
                let Some(outcome) = self.outcome(&sample, epoch).await? else { return Ok(()) };
                if let Ok(reply) = &outcome {
                    lock(&self.tally).spend(reply);
                }
                outcome
            };
            let mut record = Record::new(&sample, epoch, outcome, &self.suite.about);
            if let Some(judge) = &self.judge
                && !self.judge(judge, &sample, &mut record, begun).await?
            {
                return Ok(());
            }
            let length = self.journal.add(&record)?;
            self.journal.settled(length).await?;
            let asked = is_asked.then_some([Peer::Target, Peer::Model]).into_iter().flatten();
            let judge = self.judge.iter().filter(|judge| judge.is_live()).map(|_| Peer::Judge);
            lock(&self.reach).add(&record, asked.chain(judge));
            let mut tally = lock(&self.tally);
            tally.add(&record);
            self.progress.done(&tally);
        }
        Ok(())
    }

    /// The next question, unless it is time to stop.
    fn next(&self) -> Result<Option<Due>, RunnerError> {
        if self.stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let next = lock(&self.feed).next()?;
        Ok(next.filter(|_| !self.must_rest()))
    }

    /// Whether it is time to stop: somebody wants it, a limit is reached, or whoever is asked is not there.
    pub(super) fn must_rest(&self) -> bool {
        if self.stop.load(Ordering::Relaxed) {
            return true;
        }
        let away = lock(&self.reach).away().map(Ending::Unreachable);
        let ending = away.or_else(|| self.limit().map(Ending::Limit));
        if ending.is_some() {
            *lock(&self.ending) = ending;
        }
        ending.is_some()
    }

    /// The limit that is reached, if any.
    fn limit(&self) -> Option<Limit> {
        let limits = &self.limits;
        let tally = lock(&self.tally);
        let judge = tally.judged.spent;
        let judged = judge.input_tokens + judge.output_tokens;
        let tokens = tally.input_tokens + tally.output_tokens + judged;
        // Of a request that was lost nobody knows what it cost; most likely no more than others did.
        let all = 1.0 + self.lost as f64 / (tally.metered as f64).max(1.0);
        let tokens = (tokens as f64 * all).ceil() as u64;
        let prices = self.judge.as_ref().and_then(|judge| judge.prices.as_ref());
        let judged = prices.map(|prices| prices.cost(judge.input_tokens, judge.output_tokens));
        let cost = tally.cost(self.suite.about.prices.as_ref());
        let cost = (cost.unwrap_or_default() + judged.unwrap_or_default()) * all;
        if limits.seconds.is_some_and(|most| self.used().as_secs_f64() >= most) {
            Some(Limit::Seconds)
        } else if limits.tokens.is_some_and(|most| tokens >= most) {
            Some(Limit::Tokens)
        } else if limits.money.is_some_and(|most| cost >= most) {
            Some(Limit::Money)
        } else {
            None
        }
    }

    /// What comes of a question; nothing where the run is stopped first. Failures of the target are
    /// outcomes too: only our own are errors.
    async fn outcome(&self, sample: &Sample, epoch: u32) -> Result<Option<Outcome>, RunnerError> {
        let answerer = match &self.target {
            Target::Answerer(answerer) => answerer.as_ref(),
            Target::Recorded => {
                let recorded = sample.recorded.as_deref().cloned();
                return Ok(Some(recorded.ok_or_else(|| Failure::from(AnswererError::NotRecorded))));
            }
        };
        if self.given_up.iter().any(|(id, at)| *id == sample.id && *at == epoch) {
            return Ok(Some(Err(Failure::in_flight())));
        }
        self.ask(answerer, sample, epoch).await
    }

    /// Asks until there is an answer, or no more hope of one. Each time is written down beforehand; where the
    /// run is stopped before there is anything that may have been paid for, that is taken back.
    async fn ask(
        &self,
        answerer: &dyn Answerer,
        sample: &Sample,
        epoch: u32,
    ) -> Result<Option<Outcome>, RunnerError> {
        let about = &self.suite.about;
        let question = sample.question(epoch, about.asked_at);
        let (mut tried, mut sent, mut may_be_paid) = (0, false, false);
        while let Some(turn) = self.pace.turn(|| self.must_rest()).await {
            let (asking, again) = ((sample.id.clone(), epoch), self.is_again(&sample.id, epoch));
            let length = self.journal.add(&AskingLine { asking, again })?;
            self.journal.settled(length).await?;
            let error = match self.ask_once(answerer, &question).await {
                Ok(reply) => {
                    turn.was_heard();
                    return Ok(Some(Ok(reply)));
                }
                Err(error) => error,
            };
            (sent, may_be_paid) = (true, may_be_paid || !error.is_free());
            let may_go_on = if let Some(wait) = error.patience() {
                turn.was_turned_away(wait)
            } else if error.may_pass() {
                drop(turn);
                tried += 1;
                tried < about.limits.tries
            } else {
                turn.was_heard();
                false
            };
            if !may_go_on {
                return Ok(Some(Err(Failure::of(error, about))));
            }
            if error.patience().is_none() && !self.wait(None, tried).await {
                break;
            }
        }
        if sent && !may_be_paid {
            self.keep(&Part { of: (sample.id.clone(), epoch), ..Part::default() }).await?;
        }
        Ok(None)
    }

    /// Whether a question was on its way when an earlier part of the run was killed, and is asked again now.
    pub(super) fn is_again(&self, id: &str, epoch: u32) -> bool {
        let again = {
            let mut open = lock(&self.open);
            !open.is_empty() && open.remove(&Key::of(id, epoch))
        };
        if again {
            lock(&self.tally).again.push((id.to_owned(), epoch));
        }
        again
    }

    async fn ask_once(
        &self,
        answerer: &dyn Answerer,
        question: &Question,
    ) -> Result<Reply, AnswererError> {
        let patience = Duration::from_secs_f64(self.suite.about.limits.seconds_per_answer);
        let answer = timeout(patience, answerer.answer(question)).await;
        answer.unwrap_or(Err(AnswererError::TimedOut(patience)))
    }

    /// Waits before whoever could not answer is asked again. Returns whether they may be: it may be time to
    /// stop.
    pub(super) async fn wait(&self, asked: Option<Duration>, tried: u32) -> bool {
        if self.must_rest() {
            return false;
        }
        sleep(wait_after(asked, tried).min(self.left())).await;
        !self.must_rest()
    }
}

/// How long to leave someone alone: as long as they ask, else longer each time.
fn wait_after(asked: Option<Duration>, tried: u32) -> Duration {
    let own = FIRST_WAIT.saturating_mul(1 << tried.saturating_sub(1).min(10));
    asked.unwrap_or(own).min(LONGEST_WAIT)
}

/// A worker that panicked leaves numbers that are whole: each is changed under one lock.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_left_alone_as_long_as_it_asks() {
        let cases = [
            (Some(3), 1, 3000),
            (Some(100_000), 1, 60_000),
            (None, 1, 500),
            (None, 2, 1000),
            (None, 3, 2000),
            (None, 4_000_000_000, 60_000),
        ];
        for (asked, tried, milliseconds) in cases {
            let wait = wait_after(asked.map(Duration::from_secs), tried);
            assert_eq!(wait, Duration::from_millis(milliseconds), "{asked:?} {tried}");
        }
    }
}
