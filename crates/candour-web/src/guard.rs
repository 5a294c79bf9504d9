//! Requests that change something must come from our own pages, or from no page at all.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

use crate::failure::{Code, Failure};
use crate::site::Site;

/// Refuses what the page of another site sends. Programs send neither header and are let through:
/// they carry no reader's cookie.
pub(crate) async fn refuse_cross_site(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response {
    let public = site.config.serve.public_url.as_deref();
    if request.method().is_safe() || is_own(request.headers(), public) {
        return next.run(request).await;
    }
    Failure::from(Code::CrossSite).into_response()
}

fn is_own(headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let text =
        |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("null"));
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let Some((_, origin_host)) = origin.split_once("://") else { return false };
    let is_public = public_url.is_some_and(|url| host_of(url) == Some(origin_host));
    is_public || text(header::HOST) == Some(origin_host)
}

fn host_of(url: &str) -> Option<&str> {
    url.split_once("://")?.1.split('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_sites_are_refused() {
        let public = Some("https://ask.example.gov.uk/");
        for (pairs, expected) in [
            (&[][..], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("origin", "http://localhost:8080"), ("host", "localhost:8080")], true),
            (&[("origin", "http://localhost:9"), ("host", "localhost:8080")], false),
            (&[("origin", "https://ask.example.gov.uk"), ("host", "10.0.0.1:8080")], true),
            (&[("origin", "https://ask.example.gov.uk.evil.example"), ("host", "x")], false),
            (&[("origin", "null"), ("host", "localhost")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")], false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            assert_eq!(is_own(&headers, public), expected, "{pairs:?}");
        }
    }
}
