//! Polite, bounded requests to the publisher and to nobody else.
//!
//! Redirects are followed by hand, so that each hop is checked before it is connected to. What the
//! bytes mean is left to others.

use std::time::Duration;

use candour_core::config;
use reqwest::header::{self, HeaderMap};
use reqwest::{Client, Response, StatusCode};
use tokio::time::Instant;
use url::Url;

use super::address::Addresses;
use super::pace::{Pace, RetryPolicy};

/// The publisher, as it can be reached.
pub(super) struct Publisher {
    /// Its addresses.
    pub(super) addresses: Addresses,
    client: Client,
    policy: RetryPolicy,
    pace: Pace,
}

/// By what the publisher can tell that nothing has changed.
#[derive(Debug, Clone, Default)]
pub(super) struct Conditions {
    /// The `ETag` of what is kept.
    pub(super) etag: Option<String>,
    /// The `Last-Modified` of what is kept.
    pub(super) last_modified: Option<String>,
}

/// What the publisher answered.
#[derive(Debug)]
pub(super) enum Answer {
    /// What was asked for.
    Body(Body),
    /// The same as is kept.
    Unchanged,
    /// There is no such page.
    Gone,
}

/// What was asked for.
#[derive(Debug)]
pub(super) struct Body {
    /// The address that it was found at, after redirects.
    pub(super) url: Url,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// Its `ETag`.
    pub(super) etag: Option<String>,
    /// Its `Last-Modified`.
    pub(super) last_modified: Option<String>,
}

/// Why an address gave nothing: a stable reason, and the same for people.
#[derive(Debug)]
pub(super) struct Failure {
    /// The stable reason.
    pub(super) reason: String,
    /// The same for people.
    pub(super) detail: String,
    again: Again,
}

impl Failure {
    /// Whether it says something of the publisher's health rather than of this address.
    pub(super) fn is_of_the_publisher(&self) -> bool {
        !matches!(self.again, Again::No)
    }
}

/// Whether asking again may help.
#[derive(Debug)]
enum Again {
    /// The answer would be the same.
    No,
    /// It may, after a while.
    Soon,
    /// It may, after the time that the publisher asks for.
    After(Duration),
}

/// The most redirects that are followed.
const HOPS: usize = 10;
const RATE_LIMITED: &str = "rate_limited";

impl Publisher {
    /// Gets ready to ask the publisher that the configuration names.
    pub(super) fn new(content: &config::Content, policy: &RetryPolicy) -> Result<Self, String> {
        let addresses = Addresses::new(content)?;
        let client = Client::builder()
            .user_agent(concat!("candour/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            // A proxy from the environment would be a host that the configuration does not name.
            .no_proxy()
            .connect_timeout(policy.connect)
            .read_timeout(policy.read)
            .timeout(policy.whole)
            .build()
            .map_err(|e| format!("the HTTP client cannot be set up: {e}"))?;
        let pace = Pace::new(content.requests_per_second);
        Ok(Self { addresses, client, policy: policy.clone(), pace })
    }

    /// Asks for an address until there is an answer or the tries are used up.
    pub(super) async fn get(
        &self,
        url: &Url,
        conditions: &Conditions,
        limit: usize,
    ) -> Result<Answer, Failure> {
        let mut tried = 1;
        loop {
            let failure = match self.follow(url, conditions, limit).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let asked = match failure.again {
                Again::Soon | Again::After(_) if tried >= self.policy.tries => return Err(failure),
                Again::No => return Err(failure),
                Again::Soon => None,
                Again::After(wait) => Some(wait),
            };
            let delay = self.policy.delay(tried, asked);
            if failure.reason == RATE_LIMITED {
                // It is this program that is too fast, not this one request.
                self.pace.hold(Instant::now() + delay);
            }
            tokio::time::sleep(delay).await;
            tried += 1;
        }
    }

    /// Asks once, and goes where redirects lead while that is at the publisher.
    async fn follow(
        &self,
        url: &Url,
        conditions: &Conditions,
        limit: usize,
    ) -> Result<Answer, Failure> {
        let mut visited = vec![url.clone()];
        loop {
            let here = &visited[visited.len() - 1];
            let conditions =
                if visited.len() == 1 { conditions.clone() } else { Conditions::default() };
            let response = self.ask(here, &conditions).await?;
            if !is_redirect(response.status()) {
                return read_answer(response, here.clone(), limit).await;
            }
            let next = redirect_target(&response, here)?;
            self.addresses
                .allows(&next)
                .map_err(|(reason, why)| Failure::last(reason, redirected(here, &why)))?;
            if visited.contains(&next) || visited.len() > HOPS {
                return Err(Failure::last("redirect_loop", redirected(here, "it never arrives")));
            }
            visited.push(next);
        }
    }

    async fn ask(&self, url: &Url, conditions: &Conditions) -> Result<Response, Failure> {
        self.addresses.allows(url).map_err(|(reason, why)| Failure::last(reason, why))?;
        self.pace.wait().await;
        let mut request =
            self.client.get(url.clone()).header(header::ACCEPT, "application/json, */*;q=0.1");
        if let Some(etag) = &conditions.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = &conditions.last_modified {
            request = request.header(header::IF_MODIFIED_SINCE, date);
        }
        request.send().await.map_err(|error| Failure::of_connection(url, &error))
    }
}

impl Failure {
    fn last(reason: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { reason: reason.into(), detail: detail.into(), again: Again::No }
    }

    fn again(
        reason: impl Into<String>,
        detail: impl Into<String>,
        after: Option<Duration>,
    ) -> Self {
        Self {
            reason: reason.into(),
            detail: detail.into(),
            again: after.map_or(Again::Soon, Again::After),
        }
    }

    fn of_connection(url: &Url, error: &reqwest::Error) -> Self {
        let reason = if error.is_timeout() { "timeout" } else { "connection" };
        Self::again(reason, format!("{url}: {}", causes(error)), None)
    }
}

/// An error with what lies under it: the top of it alone says only "error sending request".
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut below = std::error::Error::source(error);
    while let Some(cause) = below {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        below = cause.source();
    }
    text
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn redirected(from: &Url, why: &str) -> String {
    format!("{from} redirects, but {why}")
}

fn redirect_target(response: &Response, here: &Url) -> Result<Url, Failure> {
    let target =
        text_header(response.headers(), &header::LOCATION).and_then(|text| here.join(&text).ok());
    let mut target = target
        .ok_or_else(|| Failure::last("redirect_broken", redirected(here, "not to an address")))?;
    target.set_fragment(None);
    Ok(target)
}

async fn read_answer(response: Response, url: Url, limit: usize) -> Result<Answer, Failure> {
    match response.status().as_u16() {
        200 => read_body(response, url, limit).await.map(Answer::Body),
        304 => Ok(Answer::Unchanged),
        404 | 410 => Ok(Answer::Gone),
        429 => {
            let after = retry_after(response.headers());
            Err(Failure::again(
                RATE_LIMITED,
                format!("{url} says that there were too many requests"),
                after,
            ))
        }
        status @ (408 | 500..=599) => {
            let after = retry_after(response.headers());
            Err(Failure::again(format!("http_{status}"), format!("{url} answered {status}"), after))
        }
        status => Err(Failure::last(format!("http_{status}"), format!("{url} answered {status}"))),
    }
}

async fn read_body(mut response: Response, url: Url, limit: usize) -> Result<Body, Failure> {
    let too_large = || Failure::last("too_large", format!("{url} is larger than {limit} bytes"));
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let etag = text_header(response.headers(), &header::ETAG);
    let last_modified = text_header(response.headers(), &header::LAST_MODIFIED);
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(piece)) if bytes.len() + piece.len() > limit => {
                drop(piece);
                return Err(too_large());
            }
            Ok(Some(piece)) => bytes.extend_from_slice(&piece),
            Ok(None) => return Ok(Body { url, bytes, etag, last_modified }),
            Err(error) => {
                let reason = if error.is_timeout() { "timeout" } else { "truncated" };
                return Err(Failure::again(reason, format!("{url}: {}", causes(&error)), None));
            }
        }
    }
}

fn text_header(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// `Retry-After` in either of its forms: seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = text_header(headers, &header::RETRY_AFTER)?;
    if !text.trim().is_empty() && text.trim().bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than fit are asked for as seriously as those that do.
        return Some(Duration::from_secs(text.trim().parse().unwrap_or(u64::MAX)));
    }
    let date = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    let wait = date.duration_since(jiff::Timestamp::now());
    Some(Duration::try_from(wait).unwrap_or_default())
}
