//! One line in the log for each request. Never the address that was asked for, which a reader could
//! have put anything into, but the route that matched it.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// Names a request, so that a reader's report and our log can be brought together.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Logs method, route, status and duration under a fresh identifier.
pub(crate) async fn log(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let id = identifier();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let duration_ms = began.elapsed().as_secs_f64() * 1000.0;
    if response.status().is_server_error() {
        tracing::warn!(%method, route, status, duration_ms, request_id = id, "request failed");
    } else {
        tracing::info!(%method, route, status, duration_ms, request_id = id, "request");
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Without randomness requests share an identifier, which is no reason to refuse them.
fn identifier() -> String {
    let mut bytes = [0; 8];
    if getrandom::fill(&mut bytes).is_err() {
        tracing::warn!("the system gives no random numbers");
    }
    format!("{:016x}", u64::from_be_bytes(bytes))
}
