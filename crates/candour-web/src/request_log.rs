//! One line in the log for each request. Never the address that was asked for, which a reader could
//! have put anything into, but the route that matched it.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;

use crate::spans::{self, Tracing};

/// Names a request, so that a reader's report and our log can be brought together.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What evaluation tools call a request, so that their log and ours can be brought together.
const CALLER_ID: HeaderName = HeaderName::from_static("x-irid");

/// Logs method, route, status and duration under a fresh identifier, and under the caller's own.
pub(crate) async fn log(
    State(tracing): State<Option<Tracing>>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str);
    let id = identifier();
    let caller_id = caller_id(request.headers());
    let caller_id = caller_id.as_deref();
    let mut span =
        tracing.and_then(|tracing| tracing.request(&method, matched.as_ref(), request.headers()));
    let here = span.as_ref().map(|span| span.here.clone());
    // Where another task does the work, it finds the span beside the request.
    if let Some(here) = &here {
        request.extensions_mut().insert(here.clone());
    }
    let mut waiting = Waiting { method: &method, route, began, id: &id, is_answered: false };
    let mut response = spans::for_span(here, next.run(request)).await;
    waiting.is_answered = true;
    let status = response.status().as_u16();
    if let Some(span) = &mut span {
        span.responded(status);
    }
    drop(span);
    let duration_ms = began.elapsed().as_secs_f64() * 1000.0;
    if response.status().is_server_error() {
        tracing::warn!(%method, route, status, duration_ms, request_id = id, caller_id, "request failed");
    } else {
        tracing::info!(%method, route, status, duration_ms, request_id = id, caller_id, "request");
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// A request that waits for its answer. Where its client goes away first it is dropped, and logged then.
struct Waiting<'a> {
    method: &'a Method,
    route: &'a str,
    began: Instant,
    id: &'a str,
    is_answered: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        let Self { method, route, began, id, .. } = self;
        let duration_ms = began.elapsed().as_secs_f64() * 1000.0;
        tracing::info!(%method, route, duration_ms, request_id = id, "request given up by its client");
    }
}

/// Without randomness requests share an identifier, which is no reason to refuse them.
fn identifier() -> String {
    let mut bytes = [0; 8];
    if getrandom::fill(&mut bytes).is_err() {
        tracing::warn!("the system gives no random numbers");
    }
    format!("{:016x}", u64::from_be_bytes(bytes))
}

/// What is no identifier could be anything, and stays out of the log.
fn caller_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(CALLER_ID)?.to_str().ok()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    ((1..=64).contains(&id.len()) && id.chars().all(is_plain)).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_identifiers_of_callers_are_logged() {
        for (value, expected) in [
            ("5hRcTzMNQ9kUJgvLPrQeXo", true),
            ("0e9d2c8a-9a4b-4c8e", true),
            ("", false),
            ("jo.canary@example.org", false),
            ("two words", false),
            (&"a".repeat(65), false),
        ] {
            let headers = HeaderMap::from_iter([(CALLER_ID, value.parse().unwrap())]);
            assert_eq!(caller_id(&headers).is_some(), expected, "{value}");
        }
    }
}
