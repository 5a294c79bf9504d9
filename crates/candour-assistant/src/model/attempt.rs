//! One request to one model: it is begun, it ends in one way or is given up, and either is noted.

use std::sync::Arc;
use std::time::Duration;

use candour_core::{Calls, ModelAttempt, ModelError, ModelUsage};
use tokio::time::Instant;

use super::budget::{Reservation, cost};
use super::chain::Link;

/// A request on its way. When it is dropped before it ended, it was given up.
pub(super) struct Attempt {
    link: Arc<Link>,
    calls: Calls,
    reservation: Option<Reservation>,
    /// Who is silent for longer than this and is then given up has failed.
    patience: Duration,
    /// Who is given up from here on was too late.
    deadline: Instant,
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
        deadline: Instant,
        calls: &Calls,
    ) -> Self {
        Self {
            link: Arc::clone(link),
            calls: calls.clone(),
            reservation: Some(reservation),
            patience,
            deadline,
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
        self.calls.note(ModelAttempt {
            model: self.link.model.identity(),
            outcome: outcome.to_owned(),
            began: Some(self.began.into_std()),
            first_words_ms: self.first_words.map(milliseconds),
            milliseconds: milliseconds(Instant::now()),
            usage: self.usage,
            micro_pounds: cost(&self.usage, &self.link.price).micropounds,
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
        let is_late = Instant::now() >= self.deadline;
        self.end(if is_late { ModelError::TimedOut.key() } else { "dropped" });
    }
}
