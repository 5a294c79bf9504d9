//! A Model Context Protocol server, so that other assistants can use a body's guidance: over HTTP at
//! `/mcp`, and over standard input and output for a program on the same machine.
//!
//! What can be called is in `tools`, the shapes of what goes in and out are in `shapes`. Over HTTP there
//! are no sessions: each request stands for itself, so that nothing grows with the number of callers.

mod shapes;
#[cfg(test)]
mod tests;
mod tools;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use rmcp::ServiceExt as _;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio_util::sync::CancellationToken;

use crate::failure::{Code, Dressed, Failure};
use crate::mcp::tools::Tools;
use crate::site::{App, Site};
use crate::{auth, housekeeping};

/// The largest message that is read: many times the longest question.
const MESSAGE_LIMIT: usize = 64 * 1024;

/// `/mcp`, where the configuration has it served.
pub(crate) fn routes(site: &Arc<Site>) -> Router<Arc<Site>> {
    if !site.config.serve.mcp {
        return Router::new();
    }
    let tools = Tools::new(Arc::clone(site));
    let service = StreamableHttpService::new(
        move || Ok(tools.clone()),
        Arc::new(NeverSessionManager::default()),
        http_config(site.config.serve.public_url.as_deref()),
    );
    Router::new()
        .route_service("/mcp", service)
        .layer(map_response(own_words))
        .layer(from_fn_with_state(Arc::clone(site), auth::programs))
}

/// Serves standard input and output until the input ends. Nothing but messages may be written to
/// standard output meanwhile.
pub async fn serve_mcp(app: App) -> std::io::Result<()> {
    let stop = CancellationToken::new();
    housekeeping::start(&app.site, &stop);
    let tools = Tools::new(Arc::clone(&app.site));
    let served = async {
        let running = tools.serve(rmcp::transport::stdio()).await.map_err(std::io::Error::other)?;
        running.waiting().await.map_err(std::io::Error::other)
    };
    let outcome = served.await;
    stop.cancel();
    app.site.tasks.close();
    app.site.tasks.wait().await;
    outcome.map(drop)
}

/// A page of another site that a reader has open could send requests from their machine, under a name
/// that it makes lead here. So only this machine's names and the public one are answered, whether a
/// request names them as its host or as its origin.
fn http_config(public_url: Option<&str>) -> StreamableHttpServerConfig {
    let mut hosts = vec!["localhost", "127.0.0.1", "::1"];
    let mut origins = vec!["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"];
    if let Some(url) = public_url.map(|url| url.trim_end_matches('/')) {
        hosts.extend(url.split_once("://").map(|(_, host)| host));
        origins.push(url);
    }
    StreamableHttpServerConfig::default()
        .with_allowed_hosts(hosts)
        .with_allowed_origins(origins)
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(MESSAGE_LIMIT)
}

/// What the protocol answers goes out as it is, failures included; a missing method gets our own words.
async fn own_words(mut response: Response) -> Response {
    if response.extensions().get::<Failure>().is_none() {
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            response.extensions_mut().insert(Failure::from(Code::MethodNotAllowed));
        } else {
            response.extensions_mut().insert(Dressed);
        }
    }
    response
}
