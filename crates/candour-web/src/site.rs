//! What every handler works with.

use std::sync::Arc;
use std::time::Instant;

use candour_assistant::Assistant;
use candour_content::index::LiveIndex;
use candour_core::{Config, ContentHash};
use candour_store::Database;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::failure::{Code, Failure};
use crate::metrics::Metrics;
use crate::monitoring::Monitor;
use crate::rate::{Asker, RateLimit};
use crate::spans::{Spans, Tracing};

/// One pilot, ready to be served.
pub struct App {
    pub(crate) site: Arc<Site>,
    pub(crate) tracing: Option<Tracing>,
}

impl App {
    /// Puts together what a pilot is served from.
    pub fn new(
        config: Config,
        assistant: impl Into<Arc<Assistant>>,
        index: Arc<LiveIndex>,
        database: Database,
    ) -> Self {
        let is_https =
            config.serve.public_url.as_deref().is_some_and(|url| url.starts_with("https:"));
        // Answering is computation: more at once than there are cores would only make all slower.
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let site = Site {
            rate: RateLimit::default(),
            sign_ins: RateLimit::default(),
            metrics: Arc::default(),
            monitor: Monitor::default(),
            assistant: assistant.into(),
            index,
            database,
            is_https,
            computations: Arc::new(Semaphore::new(cores.max(2))),
            tasks: TaskTracker::new(),
            configuration: config.hash(),
            config,
        };
        Self { site: Arc::new(site), tracing: None }
    }

    /// The same with somebody who takes what each request took. Where callers are followed, a request that
    /// names a trace (`traceparent`) becomes a part of it.
    #[must_use]
    pub fn with_spans(self, spans: Arc<dyn Spans>, follows_callers: bool) -> Self {
        Self { tracing: Some(Tracing { spans, follows_callers }), ..self }
    }
}

/// The parts of an `App`.
pub(crate) struct Site {
    pub(crate) config: Config,
    /// The hash of `config`, which receipts name.
    pub(crate) configuration: ContentHash,
    pub(crate) assistant: Arc<Assistant>,
    pub(crate) index: Arc<LiveIndex>,
    pub(crate) database: Database,
    pub(crate) rate: RateLimit,
    /// Attempts to sign in to the staff pages.
    pub(crate) sign_ins: RateLimit,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) monitor: Monitor,
    /// Whether readers come over TLS, so that cookies may be marked `Secure`.
    pub(crate) is_https: bool,
    /// How many searches and answers are computed at once.
    pub(crate) computations: Arc<Semaphore>,
    /// What goes on beside requests and is waited for when the server stops.
    pub(crate) tasks: TaskTracker,
}

impl Site {
    /// Counts one question against the limit of whoever asks.
    pub(crate) fn take_turn(&self, asker: &Asker, per_minute: u32) -> Result<(), Failure> {
        let taken = self.rate.take(asker, per_minute, Instant::now());
        taken.map_err(|wait| {
            self.metrics.rate_limited();
            Failure::wait(Code::TooManyQuestions, wait)
        })
    }
}
