//! `GET /api/v1/answers/{id}`: an answer that was given, and its receipt.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;

use candour_core::SaltedReceipt;

use crate::api::answer_id;
use crate::api::body::TurnBody;
use crate::failure::{Code, ErrorBody, Failure};
use crate::page::ask::marked;
use crate::site::Site;

/// An answer that was given.
#[utoipa::path(
    get, path = "/api/v1/answers/{id}", tag = "answers",
    params(("id" = String, Path, description = "Names the answer")),
    responses((status = 200, body = TurnBody), (status = 404, body = ErrorBody))
)]
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let turn = site
        .database
        .turn(answer_id(&id)?)
        .await?
        .ok_or_else(|| Failure::from(Code::AnswerNotFound))?;
    Ok(marked(Json(TurnBody { conversation: None, ..TurnBody::new(turn, None) })))
}

/// The receipt for an answer: what it rests on, with the salt by which anyone can check that the log
/// commits to it.
#[utoipa::path(
    get, path = "/api/v1/answers/{id}/receipt", tag = "answers",
    params(("id" = String, Path, description = "Names the answer")),
    responses((status = 200, body = Object), (status = 404, body = ErrorBody))
)]
pub(crate) async fn receipt(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
) -> Result<Json<SaltedReceipt>, Failure> {
    let receipt = site.database.receipt(answer_id(&id)?).await?;
    receipt.map(Json).ok_or_else(|| Code::AnswerNotFound.into())
}
