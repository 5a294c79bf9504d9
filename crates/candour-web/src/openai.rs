//! The OpenAI-compatible endpoint: `POST /v1/chat/completions` and `GET /v1/models`.
//!
//! Programs that speak chat completions, evaluation tools among them, ask the same assistant as readers
//! do and get the same verified answers, with the sources as text. Nothing of what they ask is kept.
//! What is sent is read in `request`; `reply` and `chunks` have the shapes that are sent back.

mod choices;
mod chunks;
pub(crate) mod completions;
pub(crate) mod error;
pub(crate) mod models;
mod reply;
mod request;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::auth;
use crate::site::Site;

/// What the assistant is called where a model is named.
const MODEL: &str = "assistant";

/// The largest body that is read. Clients send the whole conversation each time, with all our answers.
const BODY_LIMIT: usize = 256 * 1024;

/// The addresses under `/v1`.
pub(crate) fn routes(site: &Arc<Site>) -> Router<Arc<Site>> {
    Router::new()
        .route("/chat/completions", post(completions::complete))
        .route("/models", get(models::list))
        .route("/models/{id}", get(models::show))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(Arc::clone(site), auth::programs))
}
