//! One request to one model: it is begun, it ends in one way or is given up, and either is recorded.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use candour_core::{ModelAttempt, ModelError, ModelUsage};
use tokio::time::Instant;

use super::budget::{Reservation, cost};
use super::chain::Link;

/// The attempts that have ended and were not told of yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<ModelAttempt>>>);

impl Log {
    /// Takes what is there.
    pub(super) fn take(&self) -> Vec<ModelAttempt> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn push(&self, attempt: ModelAttempt) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(attempt);
    }
}

/// What an attempt that is given up is recorded as.
pub(super) const DROPPED: &str = "dropped";

/// A request on its way. When it is dropped before it ended, it was given up.
pub(super) struct Attempt {
    link: Arc<Link>,
    log: Log,
    reservation: Option<Reservation>,
    /// Who is silent for longer than this and is then given up has failed.
    patience: Duration,
    began: Instant,
    first_words: Option<Instant>,
    usage: ModelUsage,
    has_ended: bool,
}

impl Attempt {
    pub(super) fn begin(
        link: &Arc<Link>,
        reservation: Reservation,
        patience: Duration,
        log: &Log,
    ) -> Self {
        Self {
            link: Arc::clone(link),
            log: log.clone(),
            reservation: Some(reservation),
            patience,
            began: Instant::now(),
            first_words: None,
            usage: ModelUsage::default(),
            has_ended: false,
        }
    }

    /// Words came.
    pub(super) fn heard(&mut self) {
        self.first_words.get_or_insert_with(Instant::now);
    }

    /// So much was used so far.
    pub(super) fn used(&mut self, usage: ModelUsage) {
        self.usage = usage;
    }

    /// It said all that it had to say.
    pub(super) fn answered(mut self) {
        self.link.breaker.close();
        self.settle(false);
        self.end("answered");
    }

    /// It failed.
    pub(super) fn failed(mut self, error: &ModelError) {
        self.count(error);
        let was_heard = self.first_words.is_some() || self.usage != ModelUsage::default();
        let is_broken = matches!(error, ModelError::Broken(_)) && was_heard;
        self.settle(is_broken || matches!(error, ModelError::TimedOut));
        self.end(error.key());
    }

    /// Counts what the provider said was used. All that was set aside counts where it said nothing after
    /// words were heard, and where it was cut off before it could say how much it wrote.
    fn settle(&mut self, is_cut: bool) {
        let spent = cost(&self.usage, &self.link.price);
        let is_unsaid = self.first_words.is_some() && self.usage == ModelUsage::default();
        if let Some(reservation) = self.reservation.take().filter(|_| !is_unsaid && !is_cut) {
            reservation.settle(spent);
        }
    }

    fn count(&self, error: &ModelError) {
        if let Some(rest) = self.link.breaker.count(error, Instant::now()) {
            let model = self.link.model.identity();
            tracing::error!(
                transport = model.transport,
                model = model.model,
                seconds = rest.as_secs(),
                "this model is not asked for a while: {error}"
            );
        }
    }

    fn end(&mut self, outcome: &str) {
        self.has_ended = true;
        let milliseconds = |until: Instant| (until - self.began).as_millis() as u64;
        self.log.push(ModelAttempt {
            model: self.link.model.identity(),
            outcome: outcome.to_owned(),
            began: Some(self.began.into_std()),
            first_words_ms: self.first_words.map(milliseconds),
            milliseconds: milliseconds(Instant::now()),
            usage: self.usage,
            micro_pounds: cost(&self.usage, &self.link.price),
        });
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        if self.first_words.is_none() && self.began.elapsed() >= self.patience {
            self.count(&ModelError::TimedOut);
        }
        self.end(DROPPED);
    }
}
