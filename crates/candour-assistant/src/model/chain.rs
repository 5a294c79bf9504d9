//! Several models as one: retries, a next model beside a silent one, and what all of it may cost.
//!
//! A model is asked again where its provider fails in a way that passes, after the time that the
//! provider names or a growing one, as long as that fits the deadline. The next model is asked where one
//! fails for good, and beside one that is silent for too long; whoever speaks first is heard, and the
//! others are given up. Where it breaks off, the next one begins anew, unless something was shown already.
//! Each request is noted in the `Calls` of what it was made for once it has ended, be that because the
//! whole stream was given up.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use candour_core::{
    LanguageModel, ModelError, ModelEvent, ModelIdentity, ModelRequest, ModelStream, Price,
};
use futures_util::StreamExt as _;
use futures_util::stream::{self, FuturesUnordered};
use jiff::Timestamp;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::attempt::Attempt;
use super::breaker::Breaker;
use super::budget::{Amount, Budget, most};

/// How often one model is asked at most.
const MOST_TRIES: u32 = 3;
/// The wait before the second try where the provider names none; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// One model of a chain.
pub(super) struct Link {
    pub(super) model: Arc<dyn LanguageModel>,
    pub(super) price: Price,
    /// Shared by the models of one address.
    pub(super) breaker: Arc<Breaker>,
}

/// What a chain keeps to, and what it takes from outside.
pub(super) struct Rules {
    pub(super) deadline: Duration,
    pub(super) hedge_after: Duration,
    pub(super) budget: Arc<Budget>,
    pub(super) now: fn() -> Timestamp,
    /// A number from 0 to 1, another each time, so that those who wait do not all come back at once.
    pub(super) jitter: fn() -> f64,
}

/// Several models as one.
pub(super) struct Chain {
    links: Vec<Arc<Link>>,
    rules: Arc<Rules>,
}

impl Chain {
    /// In order of preference.
    pub(super) fn new(links: Vec<Link>, rules: Rules) -> Self {
        Self { links: links.into_iter().map(Arc::new).collect(), rules: Arc::new(rules) }
    }
}

impl LanguageModel for Chain {
    fn identity(&self) -> ModelIdentity {
        match self.links.first() {
            Some(link) => link.model.identity(),
            None => ModelIdentity { transport: "none".into(), model: "none".into() },
        }
    }

    fn generate(&self, request: ModelRequest) -> ModelStream {
        let telling = Telling {
            links: self.links.clone(),
            rules: Arc::clone(&self.rules),
            request,
            deadline: Instant::now() + self.rules.deadline,
            stage: Stage::Asking { from: 0 },
        };
        Box::pin(stream::unfold(telling, |mut telling| async move {
            let item = telling.next().await?;
            Some((item, telling))
        }))
    }
}

/// An answer on its way.
struct Telling {
    links: Vec<Arc<Link>>,
    rules: Arc<Rules>,
    request: ModelRequest,
    deadline: Instant,
    stage: Stage,
}

enum Stage {
    /// Nobody speaks, and the links before this one have been asked.
    Asking {
        from: usize,
    },
    Speaking {
        speaker: Box<Speaker>,
        /// The first link that was not asked yet.
        next: usize,
    },
    Done,
}

/// A model that has begun to speak.
struct Speaker {
    /// What it has said already.
    heard: VecDeque<ModelEvent>,
    stream: ModelStream,
    attempt: Attempt,
}

impl Telling {
    async fn next(&mut self) -> Option<Result<ModelEvent, ModelError>> {
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Asking { from } => {
                let race = race(&self.links[from..], &self.rules, &self.request, self.deadline);
                let raced = timeout_at(self.deadline, race).await;
                Some(match raced.unwrap_or(Err(ModelError::TimedOut)) {
                    Ok((speaker, asked)) => self.listen(Box::new(speaker), from + asked).await,
                    Err(error) => Err(error),
                })
            }
            Stage::Speaking { speaker, next } => Some(self.listen(speaker, next).await),
            Stage::Done => None,
        }
    }

    async fn listen(
        &mut self,
        mut speaker: Box<Speaker>,
        next: usize,
    ) -> Result<ModelEvent, ModelError> {
        let item = match speaker.heard.pop_front() {
            Some(event) => Ok(event),
            None => match timeout_at(self.deadline, speaker.stream.next()).await {
                Err(_) => Err(ModelError::TimedOut),
                Ok(None) => Err(ModelError::Broken("it ended too soon".into())),
                Ok(Some(item)) => item,
            },
        };
        match item {
            Ok(ModelEvent::Stop(_)) => speaker.attempt.answered(),
            Err(error) => {
                speaker.attempt.failed(&error);
                let is_late = Instant::now() >= self.deadline;
                if is_late || next == self.links.len() || self.request.shown.is_noted() {
                    return Err(error);
                }
                self.stage = Stage::Asking { from: next };
                return Ok(ModelEvent::Again);
            }
            Ok(ref event) => {
                if let ModelEvent::Usage(usage) = event {
                    speaker.attempt.used(*usage);
                }
                self.stage = Stage::Speaking { speaker, next };
            }
        }
        item
    }
}

/// The first model that speaks, asked in order, and how many were asked.
async fn race(
    links: &[Arc<Link>],
    rules: &Rules,
    request: &ModelRequest,
    deadline: Instant,
) -> Result<(Speaker, usize), ModelError> {
    let mut asked = FuturesUnordered::new();
    let mut next = links.iter();
    let ask = |link| begin(link, rules, request, deadline);
    asked.extend(next.next().map(ask));
    let mut patience = Instant::now() + rules.hedge_after;
    let mut failed = ModelError::Unavailable("none is configured".into());
    while !asked.is_empty() {
        let another = tokio::select! {
            begun = asked.next() => match begun {
                Some(Ok(speaker)) => return Ok((speaker, links.len() - next.len())),
                // Where nobody can count, no other that costs money is worth the wait.
                Some(Err(ModelError::Uncounted)) => {
                    failed = ModelError::Uncounted;
                    next.find(|link| most(request, &link.price).micropounds == 0)
                }
                Some(Err(error)) => {
                    failed = error;
                    next.next()
                }
                None => None,
            },
            () = sleep_until(patience), if next.len() > 0 => next.next(),
        };
        if let Some(link) = another {
            asked.push(ask(link));
            patience = Instant::now() + rules.hedge_after;
        }
    }
    Err(failed)
}

/// Asks one model until it speaks or fails for good.
async fn begin(
    link: &Arc<Link>,
    rules: &Rules,
    request: &ModelRequest,
    deadline: Instant,
) -> Result<Speaker, ModelError> {
    let mut error = ModelError::Unavailable("it failed again and again, and is left alone".into());
    for tries in 1..=MOST_TRIES {
        if link.breaker.rests(Instant::now()) {
            break;
        }
        // The one request that is let through after a rest is not for one that cannot be paid.
        let most = most(request, &link.price);
        let reader = request.reader.as_deref();
        let reservation = rules.budget.reserve(reader, &request.calls, most, (rules.now)()).await?;
        if !link.breaker.admits(Instant::now()) {
            reservation.settle(Amount::default());
            break;
        }
        let calls = &request.calls;
        let attempt = Attempt::begin(link, reservation, rules.hedge_after, deadline, calls);
        error = match ask_once(link, request, attempt).await {
            Ok(speaker) => return Ok(speaker),
            Err(error) => error,
        };
        let wait = wait_before_retry(&error, tries, rules.jitter);
        match wait.filter(|wait| tries < MOST_TRIES && Instant::now() + *wait < deadline) {
            Some(wait) => sleep(wait).await,
            None => break,
        }
    }
    Err(error)
}

/// How long to wait before the same is asked again; `None` where that is of no use.
fn wait_before_retry(error: &ModelError, tries: u32, jitter: fn() -> f64) -> Option<Duration> {
    match error {
        ModelError::Limited { retry_after } => *retry_after,
        ModelError::Unreachable(_) | ModelError::Unavailable(_) | ModelError::Broken(_) => {
            let longest = FIRST_WAIT * 2_u32.pow(tries - 1);
            // From half of it to all of it.
            Some(longest.mul_f64(0.5 + jitter().clamp(0.0, 1.0) / 2.0))
        }
        ModelError::Unauthorised
        | ModelError::Invalid(_)
        | ModelError::Spent(_)
        | ModelError::Uncounted
        | ModelError::TimedOut => None,
    }
}

/// Asks one model once, up to its first words.
async fn ask_once(
    link: &Arc<Link>,
    request: &ModelRequest,
    mut attempt: Attempt,
) -> Result<Speaker, ModelError> {
    let mut stream = link.model.generate(request.clone());
    let mut heard = VecDeque::new();
    loop {
        let error = match stream.next().await {
            Some(Ok(event)) => {
                let is_speech = !matches!(event, ModelEvent::Usage(_));
                match &event {
                    ModelEvent::Usage(usage) => attempt.used(*usage),
                    ModelEvent::Text(_) => attempt.heard(),
                    _ => {}
                }
                heard.push_back(event);
                if is_speech {
                    return Ok(Speaker { heard, stream, attempt });
                }
                continue;
            }
            Some(Err(error)) => error,
            None => ModelError::Broken("it ended too soon".into()),
        };
        attempt.failed(&error);
        return Err(error);
    }
}

#[cfg(test)]
mod tests;
