//! `GET /v1/models`: the one model that there is, the assistant itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::failure::{Code, Failure};
use crate::openai::MODEL;
use crate::openai::error::OpenAiErrorBody;
use crate::site::Site;

/// The models that can be named.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelsBody {
    /// Always `list`.
    object: &'static str,
    /// The assistant.
    data: Vec<ModelBody>,
}

/// A model that can be named.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelBody {
    /// The name to send as `model`.
    id: &'static str,
    /// Always `model`.
    object: &'static str,
    /// When the guidance that serves was built, in seconds since 1970; 0 where there is none yet.
    created: i64,
    /// The public body.
    owned_by: String,
}

/// The models that can be named.
#[utoipa::path(get, path = "/v1/models", tag = "openai", responses((status = 200, body = ModelsBody)))]
pub(crate) async fn list(State(site): State<Arc<Site>>) -> Json<ModelsBody> {
    Json(ModelsBody { object: "list", data: vec![assistant(&site)] })
}

/// One of them.
#[utoipa::path(
    get, path = "/v1/models/{id}", tag = "openai",
    params(("id" = String, Path, description = "Names the model")),
    responses((status = 200, body = ModelBody), (status = 404, body = OpenAiErrorBody))
)]
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
) -> Result<Json<ModelBody>, Failure> {
    if id == MODEL { Ok(Json(assistant(&site))) } else { Err(Code::ModelNotFound.into()) }
}

fn assistant(site: &Site) -> ModelBody {
    let built = site.index.statistics().map_or(0, |statistics| statistics.built_at.as_second());
    let owned_by = site.config.pilot.body.clone();
    ModelBody { id: MODEL, object: "model", created: built, owned_by }
}
