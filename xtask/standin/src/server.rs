//! Takes connections, and answers each request as its script says.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::answer::{self, Answer, Asked};
use crate::delivery::{Body, Framing, events, whole};
use crate::refusal::Refusal;
use crate::script::{Fault, Script};
use crate::{bedrock, chat, messages};

/// A request may bring its own script in this header, as JSON.
const SCRIPT_HEADER: &str = "x-standin-script";

/// A server that plays the servers of language models. It stops when it is dropped.
pub struct Standin {
    address: SocketAddr,
    state: Arc<State>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    script: Mutex<Script>,
    /// For the next requests, in order.
    next: Mutex<Vec<Script>>,
    connections: AtomicUsize,
    requests: AtomicUsize,
    bodies: Mutex<Vec<Value>>,
    lies: Mutex<Vec<String>>,
    cached: Mutex<HashSet<u64>>,
}

impl Standin {
    /// Serves on a free port of this machine.
    pub async fn start(script: Script) -> io::Result<Self> {
        Self::serve(SocketAddr::from(([127, 0, 0, 1], 0)), script).await
    }

    /// Serves at this address.
    pub async fn serve(address: SocketAddr, script: Script) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State { script: Mutex::new(script), ..State::default() });
        let server = tokio::spawn(accept(listener, Arc::clone(&state)));
        Ok(Self { address, state, server })
    }

    /// What a configuration calls `endpoint`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Does this from now on.
    pub fn follow(&self, script: Script) {
        *lock(&self.state.script) = script;
    }

    /// Does these with the next requests, one each, before it goes on as it was told.
    pub fn follow_once(&self, scripts: impl IntoIterator<Item = Script>) {
        lock(&self.state.next).extend(scripts);
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::Relaxed)
    }

    /// How many requests came.
    pub fn requests(&self) -> usize {
        self.state.requests.load(Ordering::Relaxed)
    }

    /// The bodies of the last requests, oldest first; 32 at most.
    pub fn bodies(&self) -> Vec<Value> {
        lock(&self.state.bodies).clone()
    }

    /// The false sentences that were said, in order.
    pub fn lies(&self) -> Vec<String> {
        lock(&self.state.lies).clone()
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        state.connections.fetch_add(1, Ordering::Relaxed);
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        let service = service_fn(move |request| respond(Arc::clone(&state), request));
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .max_buf_size(8 * 1024)
            .serve_connection(TokioIo::new(stream), service);
        // A broken connection is what some scripts ask for.
        connections.spawn(async move {
            let _ = connection.await;
        });
        while connections.try_join_next().is_some() {}
    }
}

/// The API that a path belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Route {
    Messages,
    CountTokens,
    Chat,
    /// The list of the models behind chat completions.
    Models,
    /// With the model, and whether it streams.
    Bedrock(String, bool),
}

impl Route {
    fn of(method: &Method, path: &str) -> Option<Self> {
        match (method == Method::POST, path) {
            (true, "/v1/messages") => Some(Self::Messages),
            (true, "/v1/messages/count_tokens") => Some(Self::CountTokens),
            (true, "/v1/chat/completions" | "/chat/completions") => Some(Self::Chat),
            (false, "/v1/models" | "/models") => Some(Self::Models),
            (true, path) => {
                let (model, verb) = path.strip_prefix("/model/")?.rsplit_once('/')?;
                match verb {
                    "invoke" => Some(Self::Bedrock(model.to_owned(), false)),
                    "invoke-with-response-stream" => Some(Self::Bedrock(model.to_owned(), true)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn refuse(&self, refusal: &Refusal, request_id: &str) -> Response<Body> {
        match self {
            Self::Messages | Self::CountTokens => refusal.messages(request_id),
            Self::Chat | Self::Models => refusal.chat(),
            Self::Bedrock(..) => refusal.bedrock(),
        }
    }
}

/// Answers one request. An error closes the connection without an answer.
async fn respond(state: Arc<State>, request: Request<Incoming>) -> io::Result<Response<Body>> {
    let number = state.requests.fetch_add(1, Ordering::Relaxed) + 1;
    let id = format!("standin_{number:06}");
    let Some(route) = Route::of(request.method(), request.uri().path()) else {
        let refusal = Refusal::new(404, "not_found_error", "there is no such resource");
        return Ok(refusal.messages(&id));
    };
    let script = match state.script_for(request.headers()) {
        Ok(script) => script,
        Err(error) => return Ok(route.refuse(&Refusal::invalid(error), &id)),
    };
    let answered = match answer_to(&state, &route, request, &script, &id).await? {
        Ok(response) => response,
        Err(refusal) => route.refuse(&refusal, &format!("req_{id}")),
    };
    let mut response = answered;
    if let Ok(value) = HeaderValue::from_str(&format!("req_{id}")) {
        response.headers_mut().insert("request-id", value);
    }
    Ok(response)
}

async fn answer_to(
    state: &State,
    route: &Route,
    request: Request<Incoming>,
    script: &Script,
    id: &str,
) -> io::Result<Result<Response<Body>, Refusal>> {
    let headers = request.headers().clone();
    let body = match Limited::new(request.into_body(), messages::MOST_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Ok(Err(Refusal::new(
                413,
                "request_too_large",
                "Request exceeds the maximum size",
            )));
        }
        Err(error) => return Err(io::Error::other(error)),
    };
    match before_all(script).await? {
        Some(Ok(page)) => return Ok(Ok(page)),
        Some(Err(refusal)) => return Ok(Err(refusal)),
        None => {}
    }
    Ok(serve(state, route, &headers, &body, script, id).await)
}

/// What goes wrong before anything is looked at.
async fn before_all(script: &Script) -> io::Result<Option<Result<Response<Body>, Refusal>>> {
    Ok(match script.fault.clone() {
        Some(Fault::HangUp) => return Err(io::ErrorKind::ConnectionReset.into()),
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::Page { status }) => {
            let mut page = Response::new(whole("<html><body>Bad gateway</body></html>"));
            page.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
            if let Ok(status) = status.try_into() {
                *page.status_mut() = status;
            }
            Some(Ok(page))
        }
        Some(Fault::Status { status, kind, retry_after, error_code }) => Some(Err(Refusal {
            retry_after,
            error_code,
            ..Refusal::new(status, &kind, "the stand-in says so")
        })),
        _ => None,
    })
}

async fn serve(
    state: &State,
    route: &Route,
    headers: &HeaderMap,
    body: &[u8],
    script: &Script,
    id: &str,
) -> Result<Response<Body>, Refusal> {
    match route {
        Route::Messages | Route::CountTokens => messages::authenticate(headers)?,
        Route::Chat | Route::Models => chat::authenticate(headers)?,
        Route::Bedrock(..) => bedrock::authenticate(headers)?,
    }
    if *route == Route::Models {
        return Ok(json_response(&chat::models()));
    }
    let mut body: Value = serde_json::from_slice(body)
        .map_err(|_| Refusal::invalid("the request body is not valid JSON"))?;
    state.keep(&body);
    messages::check_version(headers, &body)?;
    let framing = match route {
        Route::CountTokens => {
            return messages::count_tokens(&body).map(|count| json_response(&count));
        }
        Route::Messages => Framing::Named,
        Route::Chat | Route::Models => Framing::Unnamed,
        Route::Bedrock(model, streams) => {
            bedrock::as_messages(&mut body, model, *streams)?;
            Framing::Amazon
        }
    };
    let asked = match framing {
        Framing::Unnamed => chat::asked(&body)?,
        _ => messages::asked(&body)?,
    };
    let said = answer::answer(&asked, script);
    lock(&state.lies).extend(said.lies.iter().cloned());
    if body["stream"] == true {
        return Ok(streamed(state, &body, asked, said, framing, script, id));
    }
    pause_for(script, &said).await;
    let whole = if framing == Framing::Unnamed {
        chat::completion(&format!("chatcmpl-{id}"), &body, &said, script)
    } else {
        let usage = messages::Usage::of(&body, &said, |prefix| state.has_cached(prefix));
        messages::message(&format!("msg_{id}"), &body, &asked, &said, &usage)
    };
    Ok(json_response(&whole))
}

fn streamed(
    state: &State,
    body: &Value,
    mut asked: Asked,
    said: Answer,
    framing: Framing,
    script: &Script,
    id: &str,
) -> Response<Body> {
    let stream = if framing == Framing::Unnamed {
        events(chat::events(&format!("chatcmpl-{id}"), body, &said, script), framing, script)
    } else {
        let usage = messages::Usage::of(body, &said, |prefix| state.has_cached(prefix));
        // A stream that waits holds no more than it needs: there may be a thousand.
        asked.sources.iter_mut().for_each(|source| source.blocks = Vec::new());
        let stream = messages::events(format!("msg_{id}"), body, asked, said, &usage, script);
        events(stream, framing, script)
    };
    let mut response = Response::new(stream);
    let kind = match framing {
        Framing::Amazon => "application/vnd.amazon.eventstream",
        _ => "text/event-stream; charset=utf-8",
    };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// The time that all of it would have taken as a stream.
async fn pause_for(script: &Script, said: &Answer) {
    let tokens = said.blocks.iter().map(|block| match block {
        answer::Block::Text { text, .. } => answer::tokens(text).count() as u64,
        answer::Block::Tool { .. } => 8,
    });
    let milliseconds = script.latency_ms + script.token_ms * tokens.sum::<u64>();
    tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
}

fn json_response(value: &Value) -> Response<Body> {
    let mut response = Response::new(whole(value.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

impl State {
    fn script_for(&self, headers: &HeaderMap) -> Result<Script, String> {
        if let Some(script) = headers.get(SCRIPT_HEADER) {
            return serde_json::from_slice(script.as_bytes())
                .map_err(|error| format!("{SCRIPT_HEADER}: {error}"));
        }
        let mut next = lock(&self.next);
        Ok(if next.is_empty() { lock(&self.script).clone() } else { next.remove(0) })
    }

    fn keep(&self, body: &Value) {
        /// So that a long run does not grow without bound.
        const MOST: usize = 32;
        let mut bodies = lock(&self.bodies);
        if bodies.len() == MOST {
            bodies.remove(0);
        }
        bodies.push(body.clone());
    }

    /// Whether this prefix was cached before; it is now.
    fn has_cached(&self, prefix: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        prefix.hash(&mut hasher);
        !lock(&self.cached).insert(hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_belong_to_their_api() {
        let of = |path| Route::of(&Method::POST, path);
        assert_eq!(of("/v1/messages"), Some(Route::Messages));
        assert_eq!(
            of("/model/eu.a%3A0/invoke-with-response-stream"),
            Some(Route::Bedrock("eu.a%3A0".into(), true))
        );
        assert_eq!(of("/model/a/other"), None);
        assert_eq!(Route::of(&Method::GET, "/v1/messages"), None);
    }
}
