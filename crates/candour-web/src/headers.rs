//! The headers on every response: what a browser may do with it, and who may keep it.

use axum::extract::Request;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// Nothing is loaded from elsewhere, nothing inline runs, and no other site may frame or post to us.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 9] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // No other site learns where a reader came from. Our own pages must, because browsers send no
    // `Origin` with a form under a stricter policy, and no `Sec-Fetch-Site` over plain HTTP.
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // A pilot's answers are for those who ask, not for search engines.
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    (header::X_DNS_PREFETCH_CONTROL, "off"),
];

/// Says on an answer, for programs, that a computer made it.
pub(crate) const AI_GENERATED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-ai-generated"), HeaderValue::from_static("true"));

/// Adds what is missing of them. Whatever says nothing about being kept is not kept.
pub(crate) async fn add(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
