//! The HTTP client of the transports, and what a status means to whoever asked.

use std::time::Duration;

use candour_core::ModelError;
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// More than this is not read of an error.
const MOST_ERROR_BYTES: usize = 64 * 1024;
/// How long whoever is throttled waits where nobody says.
const SOON: Duration = Duration::from_secs(1);
/// Codes under which a provider says that money has run out, whatever the status.
const SPENT: [&str; 5] = [
    "enforced_spend_limit_reached",
    "contract_spend_limit_reached",
    "linked_organization_spend_limit_reached",
    "insufficient_quota",
    "billing_hard_limit_reached",
];

/// A client that follows no redirect and takes no proxy from the environment: a question goes to the
/// configured address or nowhere.
pub(super) fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .user_agent(concat!("candour/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .build()
}

/// A header that no log shows.
pub(super) fn secret_header(prefix: &str, key: &SecretString) -> Result<HeaderValue, ModelError> {
    let mut value = HeaderValue::from_str(&format!("{prefix}{}", key.expose_secret().trim()))
        .map_err(|_| ModelError::Unauthorised)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Sends a request, and gives the response where the status says that an answer follows.
pub(super) async fn send(request: RequestBuilder) -> Result<Response, ModelError> {
    let response = request.send().await.map_err(|error| of_connection(&error))?;
    if response.status() == StatusCode::OK {
        return Ok(response);
    }
    let (status, headers) = (response.status(), response.headers().clone());
    Err(refusal(status, &headers, &error_body(response).await))
}

/// What `error` of the transport means. Its own words hold the address.
fn of_connection(error: &reqwest::Error) -> ModelError {
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => ModelError::Unreachable("the connection took too long".into()),
        (true, false) => ModelError::Unreachable("there is no connection".into()),
        (false, true) => ModelError::Unavailable("the connection took too long".into()),
        (false, false) => ModelError::Unavailable("the connection broke before an answer".into()),
    }
}

async fn error_body(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(bytes)) = response.chunk().await {
        body.extend_from_slice(&bytes);
        if body.len() > MOST_ERROR_BYTES {
            break;
        }
    }
    body
}

/// An error as the providers word it. What they do not say is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    error: Value,
}

/// What an error response means.
pub(super) fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> ModelError {
    let error = serde_json::from_slice::<ErrorBody>(body).unwrap_or_default().error;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    // Amazon names the kind in a header.
    let kind = match headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok()) {
        Some(kind) => kind.split(':').next().unwrap_or_default().to_owned(),
        None => text(&error["type"]),
    };
    let codes = [text(&error["details"]["error_code"]), text(&error["code"]), kind.clone()];
    let reason = format!("{}{}", status.as_u16(), spelled(&kind));
    if codes.iter().any(|code| SPENT.contains(&code.as_str()))
        // A limit that a customer set has no code of its own.
        || status == StatusCode::BAD_REQUEST && text(&error["message"]).contains("usage limits")
        || status == StatusCode::PAYMENT_REQUIRED
    {
        return ModelError::Spent(format!("the provider says so, {reason}"));
    }
    let retry_after = retry_after(headers);
    match status.as_u16() {
        401 | 403 => ModelError::Unauthorised,
        429 => ModelError::Limited { retry_after: retry_after.or_else(|| soon(&kind)) },
        408 | 409 | 424 | 500..=599 => match retry_after {
            Some(_) => ModelError::Limited { retry_after },
            None => ModelError::Unavailable(reason),
        },
        // A redirect leads away from the configured address; another success has no answer.
        100..=399 => ModelError::Broken(format!("an answer was expected, not {reason}")),
        _ => ModelError::Invalid(reason),
    }
}

/// Bedrock throttles without saying for how long, and never means a month.
fn soon(kind: &str) -> Option<Duration> {
    let is_throttled = matches!(kind, "ThrottlingException" | "ModelNotReadyException");
    is_throttled.then_some(SOON)
}

/// What `error` within a stream that had begun well means.
pub(super) fn error_event(kind: &str) -> ModelError {
    match kind {
        "rate_limit_error" => ModelError::Limited { retry_after: None },
        "throttlingException" => ModelError::Limited { retry_after: Some(SOON) },
        kind => ModelError::Unavailable(format!("it broke off{}", spelled(kind))),
    }
}

/// The kind of an error, where it is one word: what else stands there may repeat the request.
fn spelled(kind: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_safe = !kind.is_empty() && kind.len() <= 64 && kind.chars().all(is_word);
    if is_safe { format!(", {kind}") } else { String::new() }
}

/// In seconds, as all providers give it, or more exactly in milliseconds. A date, which none sends, is
/// not read.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let exact = number("retry-after-ms").map(|milliseconds| milliseconds / 1000.0);
    let seconds = exact.or_else(|| number(RETRY_AFTER.as_str()))?;
    Duration::try_from_secs_f64(seconds.max(0.0)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_means_what_the_table_says() {
        let limited = |seconds: Option<u64>| ModelError::Limited {
            retry_after: seconds.map(Duration::from_secs),
        };
        let spent = r#"{"error":{"type":"rate_limit_error","details":{"error_code":"enforced_spend_limit_reached"}}}"#;
        let quota = r#"{"error":{"type":"insufficient_quota","code":"insufficient_quota"}}"#;
        let own = r#"{"error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits."}}"#;
        for (status, retry, body, expected) in [
            (
                400,
                None,
                r#"{"error":{"type":"invalid_request_error","message":"a question"}}"#,
                "refused the request (400, invalid_request_error)",
            ),
            (400, None, own, "the budget for the model is spent"),
            (401, None, "", "refused the key"),
            (402, None, "", "the budget for the model is spent"),
            (403, None, "", "refused the key"),
            (404, None, "<html>", "refused the request (404)"),
            (
                413,
                None,
                r#"{"error":{"type":"a question with spaces"}}"#,
                "refused the request (413)",
            ),
            (429, Some("1"), spent, "the budget for the model is spent"),
            (429, Some("20"), quota, "the budget for the model is spent"),
            (500, None, "", "not able to answer now (500)"),
            (
                529,
                None,
                r#"{"error":{"type":"overloaded_error"}}"#,
                "not able to answer now (529, overloaded_error)",
            ),
            (302, None, "", "an answer was expected, not 302"),
        ] {
            let error = refused(status, retry, body).to_string();
            assert!(error.contains(expected), "{status} {body}: {error}");
        }
        for (status, retry, expected) in [
            (429, Some("3"), limited(Some(3))),
            (429, None, limited(None)),
            (429, Some("tomorrow"), limited(None)),
            (429, Some("-1"), limited(Some(0))),
            (529, Some("2"), limited(Some(2))),
            (503, Some("1e300"), ModelError::Unavailable("503".into())),
        ] {
            assert_eq!(refused(status, retry, ""), expected, "{status} {retry:?}");
        }
    }

    fn refused(status: u16, retry: Option<&str>, body: &str) -> ModelError {
        let mut headers = HeaderMap::new();
        if let Some(retry) = retry {
            headers.insert(RETRY_AFTER, retry.parse().unwrap());
        }
        refusal(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes())
    }
}
