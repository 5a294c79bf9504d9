//! Whether the program lives, whether it can answer, and which it is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::failure::{Code, ErrorBody, Failure};
use crate::site::Site;

/// The program lives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthBody {
    /// Always `ok`.
    status: &'static str,
}

/// The program can answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadyBody {
    /// Always `ready`.
    status: &'static str,
    /// The hash of the snapshot that serves.
    snapshot: String,
    /// How many pages it holds.
    pages: u64,
    /// How many passages.
    passages: u64,
    /// When it was built, in UTC.
    #[schema(format = DateTime)]
    built_at: String,
}

/// Which program this is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionBody {
    /// Always `candour`.
    name: &'static str,
    /// The version of the program.
    version: &'static str,
    /// The version of the API.
    api: &'static str,
}

/// Whether the program lives. It says nothing of the database or the guidance.
#[utoipa::path(get, path = "/api/v1/health", tag = "service", responses((status = 200, body = HealthBody)))]
pub(crate) async fn health() -> Json<HealthBody> {
    Json(HealthBody { status: "ok" })
}

/// Whether it can answer: the database answers, and there is guidance.
#[utoipa::path(
    get, path = "/api/v1/ready", tag = "service",
    responses((status = 200, body = ReadyBody), (status = 503, body = ErrorBody))
)]
pub(crate) async fn ready(State(site): State<Arc<Site>>) -> Result<Json<ReadyBody>, Failure> {
    site.database.ping().await?;
    let statistics = site.index.statistics().ok_or_else(|| Failure::from(Code::NotReady))?;
    Ok(Json(ReadyBody {
        status: "ready",
        snapshot: statistics.snapshot,
        pages: statistics.pages,
        passages: statistics.passages,
        built_at: statistics.built_at.to_string(),
    }))
}

/// Which program this is.
#[utoipa::path(get, path = "/api/v1/version", tag = "service", responses((status = 200, body = VersionBody)))]
pub(crate) async fn version() -> Json<VersionBody> {
    Json(VersionBody { name: "candour", version: env!("CARGO_PKG_VERSION"), api: "v1" })
}
