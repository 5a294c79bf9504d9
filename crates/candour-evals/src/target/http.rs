//! Requests to the one host that was named, bounded in time and size.

use std::time::Duration;

use candour_core::AnswererError;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use serde::Serialize;
use serde_json::Value;
use url::Url;

/// No answer is nearly as long, in bytes.
const LONGEST_BODY: usize = 16 << 20;
/// How much of an error's words is kept, in characters.
const LONGEST_DETAIL: usize = 300;
/// How much is shown of what is no JSON, in characters.
const LONGEST_START: usize = 40;
/// A host that does not take a connection within this does not run.
const CONNECT: Duration = Duration::from_secs(10);

/// The host that was named.
pub(super) struct Host {
    client: Client,
    url: Url,
    /// The address that was named.
    base: Url,
}

impl Host {
    /// Gets ready to post to `path` below an address; `key` is sent as a bearer token.
    pub(super) fn new(address: &str, path: &str, key: Option<&str>) -> Result<Self, TargetError> {
        let refused = |why: String| TargetError::Address { address: address.to_owned(), why };
        let base = Url::parse(address).map_err(|error| refused(error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(refused("it is neither http:// nor https:// and a host".to_owned()));
        }
        let mut url = base.clone();
        let above = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{above}/{path}"));
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = key {
            let bearer = HeaderValue::from_str(&format!("Bearer {key}"));
            let mut bearer = bearer.map_err(|_| TargetError::Key)?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        let mut builder = Client::builder()
            .user_agent(concat!("candour/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            // A proxy from the environment would be a host that nobody named.
            .no_proxy()
            .tcp_nodelay(true)
            .connect_timeout(CONNECT)
            .default_headers(headers);
        if url.scheme() == "http" {
            // Reading the system's certificates takes longer than all else before the first request.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| refused(error.to_string()))?;
        Ok(Self { client, url, base })
    }

    /// Where requests go.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// What all addresses there begin with, without what a person or a key would be known by.
    pub(super) fn base_url(&self) -> String {
        let mut base = self.base.clone();
        // Both can be refused only where there is no host.
        let _ = base.set_username("").and_then(|()| base.set_password(None));
        base.set_query(None);
        base.as_str().trim_end_matches('/').to_owned()
    }

    /// What is at these segments below the address, where there is something.
    pub(super) async fn get(&self, below: &[&str]) -> Option<Vec<u8>> {
        let mut url = self.base.clone();
        url.path_segments_mut().ok()?.pop_if_empty().extend(below);
        let response = self.client.get(url).send().await.ok()?;
        if response.status().is_success() { read(response).await.ok() } else { None }
    }

    /// Posts a JSON body, and gives what comes back with its status.
    pub(super) async fn post(
        &self,
        body: &impl Serialize,
    ) -> Result<(StatusCode, Vec<u8>), AnswererError> {
        let body = serde_json::to_vec(body).map_err(|e| AnswererError::Failed(e.to_string()))?;
        let response = self.client.post(self.url.clone()).body(body).send().await;
        let response = response.map_err(|error| broken(&error))?;
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            let retry_after = retry_after(response.headers());
            return Err(AnswererError::Busy { status: status.as_u16(), retry_after });
        }
        Ok((status, read(response).await?))
    }
}

/// What a question of more than an answerer reads is called: by a deployment of ours, and by endpoints
/// that speak chat completions.
const TOO_LONG: [&str; 2] = ["question_too_long", "context_length_exceeded"];

/// Says that a request was refused, in the words of whoever refused it.
pub(super) fn refused(status: StatusCode, body: &[u8]) -> AnswererError {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let error = json.as_ref().map(|json| json.get("error").unwrap_or(json));
    let words = error.and_then(|error| error.get("message").unwrap_or(error).as_str());
    let words = words.map_or_else(|| String::from_utf8_lossy(body).into_owned(), str::to_owned);
    let detail = words.chars().take(LONGEST_DETAIL).collect();
    let code = error.and_then(|error| error.get("code")?.as_str());
    if code.is_some_and(|code| TOO_LONG.contains(&code)) {
        return AnswererError::TooLong(detail);
    }
    AnswererError::Refused { status: status.as_u16(), detail }
}

/// Says that a body is no answer: in its own words where it is no JSON at all, as the page of a proxy is.
pub(super) fn malformed(body: &[u8], error: &serde_json::Error) -> AnswererError {
    if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
        return AnswererError::Malformed(format!("its JSON has another shape ({error})"));
    }
    let text = String::from_utf8_lossy(body);
    let start: String = text.trim_start().chars().take(LONGEST_START).collect();
    let why =
        format!("it is no JSON and begins {start:?}; check that the address is that of an API");
    AnswererError::Malformed(why)
}

async fn read(mut response: Response) -> Result<Vec<u8>, AnswererError> {
    let mut bytes = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| broken(&error))? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > LONGEST_BODY {
            let why = format!("it has more than {LONGEST_BODY} bytes");
            return Err(AnswererError::Malformed(why));
        }
    }
    Ok(bytes)
}

/// The innermost cause says most, and no cause says what was asked.
fn broken(error: &reqwest::Error) -> AnswererError {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_decode() {
        return AnswererError::Malformed(cause.to_string());
    }
    if error.is_connect() {
        return AnswererError::Unreachable(cause.to_string());
    }
    AnswererError::Broken(cause.to_string())
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Why a target cannot be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The address is no address.
    #[error("{address:?} cannot be asked ({why}): give an address such as https://host/v1")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// The key holds what no header can.
    #[error("the key holds characters that cannot be sent: check the environment variable")]
    Key,
    /// A transcript cannot be read.
    #[error("the transcript {path} cannot be read ({error}): check the name")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// It is a journal of a later program.
    #[error(
        "the transcript {path} is a journal of the format {format}, which this version of Candour cannot read: use a newer Candour"
    )]
    OtherFormat {
        /// The file.
        path: String,
        /// Its format.
        format: String,
    },
    /// A line of a transcript is not what it should be.
    #[error("the transcript {path}, line {line}: {why}; mend the line, or leave it out")]
    Row {
        /// The file.
        path: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
}
