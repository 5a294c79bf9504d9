//! What a request took, part by part, for whoever gathers traces: the request, the answer inside it, each
//! stage of that and each call of a language model.
//!
//! A span has room for numbers, words of the program's own, the route that matched and the record of a call
//! of a model, which holds the names that the configuration gives: for nothing that a reader typed, and
//! nothing that names a reader or a conversation. Where callers are followed, the numbers of a trace are
//! theirs. Sending spans anywhere is left to whoever takes them.

mod traceparent;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::MatchedPath;
use axum::http::{HeaderMap, Method};
use candour_assistant::Outcome;
use candour_core::{AnswerStatus, Calls, ModelAttempt};
use jiff::Timestamp;

use self::traceparent::traceparent;
use crate::failure::Code;

/// Takes spans that have ended. It must not wait: an answer is on its way.
pub trait Spans: Send + Sync {
    /// Takes one.
    fn take(&self, span: Span);
}

/// Something that took time.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Where it belongs.
    pub place: Place,
    /// When it began.
    pub began: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What it was.
    pub what: What,
}

/// Where a span belongs. The numbers are drawn for it, and name nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The trace.
    pub trace: [u8; 16],
    /// The span.
    pub span: [u8; 8],
    /// The span that it is a part of.
    pub parent: Option<[u8; 8]>,
}

/// What took time.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A request over HTTP, up to the head of its response.
    Request {
        /// Its method; `_OTHER` where that is none of the standard.
        method: &'static str,
        /// The route that matched, if any: never the address that was asked for.
        route: Option<Route>,
        /// The status of the response; none where whoever asked went away.
        status: Option<u16>,
    },
    /// An answer, from the question to what is kept of it.
    Answer {
        /// What became of the question, or the code of the failure.
        end: Result<AnswerStatus, &'static str>,
        /// How many sentences and links verification dropped.
        dropped: usize,
    },
    /// A stage of an answer.
    Stage(&'static str),
    /// A request to a language model, and the stage that made it.
    Call(&'static str, Box<ModelAttempt>),
}

/// The pattern of a route, which the router alone makes.
#[derive(Debug, Clone)]
pub struct Route(MatchedPath);

impl Route {
    /// As it stands in the program: `/answers/{id}`.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

/// Where spans go, and whether the traces of callers are gone on with.
#[derive(Clone)]
pub(crate) struct Tracing {
    pub(crate) spans: Arc<dyn Spans>,
    /// What calls us may name a trace in `traceparent`, which is an identifier from outside.
    pub(crate) follows_callers: bool,
}

impl Tracing {
    /// Begins the span of a request; none where the trace that it goes on with is not gathered.
    pub(crate) fn request(
        &self,
        method: &Method,
        route: Option<&MatchedPath>,
        headers: &HeaderMap,
    ) -> Option<Open> {
        let parent = headers.get("traceparent").filter(|_| self.follows_callers);
        let place = match parent.and_then(|value| traceparent(value.to_str().ok()?)) {
            Some((_, _, false)) => return None,
            Some((trace, parent, true)) => Place { trace, span: random()?, parent: Some(parent) },
            None => Place { trace: random()?, span: random()?, parent: None },
        };
        let route = route.cloned().map(Route);
        let what = What::Request { method: standard(method), route, status: None };
        let anchor = (Timestamp::now(), Instant::now());
        Some(Open::new(Here { spans: Arc::clone(&self.spans), place, anchor }, what))
    }
}

tokio::task_local! {
    /// The span that this task works for.
    static HERE: Here;
}

/// The span that is worked for.
#[derive(Clone)]
pub(crate) struct Here {
    spans: Arc<dyn Spans>,
    place: Place,
    /// The time on the two clocks when the request began: all times of a trace are told by the second, which
    /// never goes back, so that no part seems to outlast the whole.
    anchor: (Timestamp, Instant),
}

impl Here {
    /// The span that this task works for, if spans are gathered.
    pub(crate) fn now() -> Option<Self> {
        HERE.try_with(Self::clone).ok()
    }

    /// Begins a span inside this one.
    pub(crate) fn begin(&self, what: What) -> Option<Open> {
        Some(Open::new(Self { place: self.inside()?, ..self.clone() }, what))
    }

    /// Notes a stage that has just ended.
    pub(crate) fn stage(&self, name: &'static str, milliseconds: f64) {
        let (now, took) = (Instant::now(), duration(milliseconds));
        self.note(now.checked_sub(took).unwrap_or(now), took, What::Stage(name));
    }

    /// Notes what language models were asked for an answer: each stage that asked any, with its calls in it.
    fn calls(&self, outcome: &Outcome) {
        for (stage, milliseconds, attempts) in asked(outcome) {
            self.stage_with_calls(stage, duration(milliseconds), attempts);
        }
    }

    /// The same for an answer that nobody waited for: its stages took as long as their calls, as far as is
    /// known.
    fn calls_given_up(&self, calls: &Calls) {
        let mut stages: BTreeMap<&'static str, Vec<ModelAttempt>> = BTreeMap::new();
        for (stage, attempt) in calls.all() {
            stages.entry(stage).or_default().push(attempt);
        }
        for (stage, attempts) in stages {
            let began = attempts.iter().filter_map(|attempt| attempt.began).min();
            let ended = attempts.iter().filter_map(ended).max();
            let took = ended.zip(began).map(|(ended, began)| ended - began);
            self.stage_with_calls(stage, took.unwrap_or_default(), &attempts);
        }
    }

    fn stage_with_calls(&self, stage: &'static str, took: Duration, attempts: &[ModelAttempt]) {
        let began = attempts.iter().filter_map(|attempt| attempt.began).min();
        let Some(first) = began else { return };
        // It began before its first request, and has ended by now.
        let latest = Instant::now().checked_sub(took);
        let since = latest.map_or(first, |latest| latest.min(first));
        let Some(inside) = self.note(since, took, What::Stage(stage)) else { return };
        for attempt in attempts {
            let Some(since) = attempt.began else { continue };
            let took = Duration::from_millis(attempt.milliseconds);
            inside.note(since, took, What::Call(stage, Box::new(attempt.clone())));
        }
    }

    fn note(&self, since: Instant, took: Duration, what: What) -> Option<Self> {
        let inside = Self { place: self.inside()?, ..self.clone() };
        inside.end(since, took, what);
        Some(inside)
    }

    fn end(&self, since: Instant, took: Duration, what: What) {
        let (at, instant) = self.anchor;
        let began = at + since.saturating_duration_since(instant);
        self.spans.take(Span { place: self.place, began, took, what });
    }

    fn inside(&self) -> Option<Place> {
        let Place { trace, span, .. } = self.place;
        Some(Place { trace, span: random()?, parent: Some(span) })
    }
}

/// Does work for the span that this task works for, also where another task does it.
pub(crate) fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    for_span(Here::now(), work)
}

/// Does work for a span, if there is any.
pub(crate) async fn for_span<F: Future>(here: Option<Here>, work: F) -> F::Output {
    // What answers is large, and would be twice in whoever waits for it.
    let work = Box::pin(work);
    match here {
        Some(here) => HERE.scope(here, work).await,
        None => work.await,
    }
}

/// A span that has begun. It ends when it is dropped, also where whoever asked went away.
pub(crate) struct Open {
    pub(crate) here: Here,
    pub(crate) what: What,
    since: Instant,
    /// The calls of language models that are told where the answer is given up.
    calls: Option<Calls>,
}

impl Open {
    fn new(here: Here, what: What) -> Self {
        Self { here, what, since: Instant::now(), calls: None }
    }

    /// An answer of which nothing is known yet but that it is waited for, and where its calls of language
    /// models are noted.
    pub(crate) fn answer(calls: Calls) -> Option<Self> {
        let mut open = Here::now()?.begin(What::Answer { end: Err("given_up"), dropped: 0 })?;
        open.calls = Some(calls);
        Some(open)
    }

    /// The response has its head.
    pub(crate) fn responded(&mut self, with: u16) {
        if let What::Request { status, .. } = &mut self.what {
            *status = Some(with);
        }
    }

    /// The question has its answer.
    pub(crate) fn answered(&mut self, outcome: &Outcome) {
        let dropped = outcome.dropped.values().sum();
        self.what = What::Answer { end: Ok(outcome.answer.status), dropped };
        self.calls = None;
        self.here.calls(outcome);
    }

    /// The question has no answer.
    pub(crate) fn failed(&mut self, code: Code) {
        self.what = What::Answer { end: Err(code.row().1), dropped: 0 };
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(calls) = &self.calls {
            self.here.calls_given_up(calls);
        }
        self.here.end(self.since, self.since.elapsed(), self.what.clone());
    }
}

fn ended(attempt: &ModelAttempt) -> Option<Instant> {
    Some(attempt.began? + Duration::from_millis(attempt.milliseconds))
}

fn duration(milliseconds: f64) -> Duration {
    Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default()
}

/// The stages of an answer that asked a language model, how many milliseconds each took, and its requests.
pub(crate) fn asked(
    outcome: &Outcome,
) -> impl Iterator<Item = (&'static str, f64, &[ModelAttempt])> {
    let rewritten = outcome.rewritten.as_ref();
    let routed = outcome.routed.as_ref();
    let generated = outcome.generated.as_ref();
    let judged = generated.and_then(|generated| generated.judged.as_ref());
    [
        rewritten.map(|one| ("rewrite", one.milliseconds, &one.attempts[..])),
        routed.map(|routed| ("sort", routed.milliseconds, &routed.attempts[..])),
        generated.map(|generated| ("write", generated.milliseconds, &generated.attempts[..])),
        judged.map(|judged| ("judge", judged.milliseconds, &judged.attempts[..])),
    ]
    .into_iter()
    .flatten()
}

fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).ok().map(|()| bytes)
}

fn standard(method: &Method) -> &'static str {
    let methods = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
    methods.into_iter().find(|known| method.as_str() == *known).unwrap_or("_OTHER")
}

#[cfg(test)]
pub(crate) mod tests;
