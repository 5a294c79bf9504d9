//! The way to the collector: one request at a time, on the program's runtime, within a time limit. Whether
//! it works is logged when that changes, and never where it leads: an address may hold a secret.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use reqwest::redirect::Policy;
use tokio::runtime::Handle;

/// The most of a response that is read: a collector has hardly anything to say.
const MOST: usize = 64 * 1024;

/// Sends requests. The thread that asks for it has no runtime of its own.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    runtime: Handle,
    timeout: Duration,
    has_failed: AtomicBool,
}

impl Client {
    /// A client that follows no redirect and takes no proxy: spans go to the address that was named or
    /// nowhere.
    pub(super) fn new(timeout: Duration) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build()?;
        let (runtime, has_failed) = (Handle::current(), AtomicBool::new(false));
        Ok(Self { http, runtime, timeout, has_failed })
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (http, timeout) = (self.http.clone(), self.timeout);
        let sending = self.runtime.spawn(async move {
            let sent = tokio::time::timeout(timeout, exchange(&http, request)).await;
            sent.map_err(HttpError::from)?
        });
        let sent = sending.await.map_err(HttpError::from).flatten();
        self.note(sent.as_ref().is_ok_and(|response| response.status().is_success()));
        sent
    }

    fn note(&self, works: bool) {
        if self.has_failed.swap(!works, Ordering::Relaxed) != works {
            return;
        }
        if works {
            tracing::info!("the OpenTelemetry collector takes spans again");
        } else {
            tracing::warn!(
                "the OpenTelemetry collector does not take spans: some are lost; answers go on"
            );
        }
    }
}

async fn exchange(
    http: &reqwest::Client,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, HttpError> {
    let mut response = http.execute(request.try_into()?).await?;
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await?
        && body.len() < MOST
    {
        body.extend_from_slice(&part);
    }
    let mut answer = Response::builder().status(response.status());
    if let Some(headers) = answer.headers_mut() {
        *headers = std::mem::take(response.headers_mut());
    }
    Ok(answer.body(Bytes::from(body))?)
}

// As `async_trait` writes it, which is all that it would be there for.
impl HttpClient for Client {
    fn send_bytes<'client, 'sending>(
        &'client self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'sending>>
    where
        'client: 'sending,
        Self: 'sending,
    {
        Box::pin(self.send(request))
    }
}
