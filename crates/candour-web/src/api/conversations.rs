//! `GET` and `DELETE /api/v1/conversations/{id}`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use candour_core::SaltedErasure;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::body::TurnBody;
use crate::api::conversation_id;
use crate::erasing::erase;
use crate::failure::{Code, ErrorBody, Failure};
use crate::page::ask::marked;
use crate::site::Site;

/// The most turns that are sent.
const TURNS: u32 = 500;

/// A conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationBody {
    /// Names it.
    id: String,
    /// Its questions and answers, oldest first: the last 500.
    turns: Vec<TurnBody>,
}

/// What was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedBody {
    /// Questions with their answers.
    turns: u64,
    /// Pieces of feedback.
    feedback: u64,
    /// The deletion receipt: how many records went from where, with the salt by which anyone can check that
    /// the log commits to it.
    #[schema(value_type = Object)]
    receipt: SaltedErasure,
}

/// A conversation with all its answers.
#[utoipa::path(
    get, path = "/api/v1/conversations/{id}", tag = "conversations",
    params(("id" = String, Path, description = "Names the conversation")),
    responses((status = 200, body = ConversationBody), (status = 404, body = ErrorBody))
)]
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = conversation_id(&id)?;
    let turns = site.database.conversation(id, TURNS).await?;
    if turns.is_empty() {
        return Err(Code::ConversationNotFound.into());
    }
    let turns = turns.into_iter().map(|turn| TurnBody::new(turn, None)).collect();
    Ok(marked(Json(ConversationBody { id: id.to_string(), turns })))
}

/// Deletes a conversation with its answers and feedback from every copy, at once and for good.
#[utoipa::path(
    delete, path = "/api/v1/conversations/{id}", tag = "conversations",
    params(("id" = String, Path, description = "Names the conversation")),
    responses((status = 200, body = DeletedBody), (status = 404, body = ErrorBody))
)]
pub(crate) async fn delete(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
) -> Result<Json<DeletedBody>, Failure> {
    let receipt = erase(&site, conversation_id(&id)?).await?;
    let receipt = receipt.ok_or_else(|| Failure::from(Code::ConversationNotFound))?;
    let count = |store: &str| receipt.erasure.erased.get(store).copied().unwrap_or_default();
    let (turns, feedback) = (count("questions"), count("feedback"));
    Ok(Json(DeletedBody { turns, feedback, receipt }))
}
