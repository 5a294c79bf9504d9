//! `POST /api/v1/answers/{id}/feedback`: what a reader thinks of an answer.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use candour_core::FeedbackVerdict;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer_id;
use crate::api::ask::Client;
use crate::api::json::Body;
use crate::failure::{Code, ErrorBody, Failure};
use crate::page::feedback::{COMMENT_LIMIT, record};
use crate::page::take_turn;
use crate::site::Site;

/// What a reader thinks of an answer. A second one replaces the first.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedbackBody {
    /// The verdict.
    verdict: VerdictBody,
    /// Why, in at most 2,000 characters. Personal data is masked before it is kept.
    #[serde(default)]
    comment: String,
}

/// A verdict.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VerdictBody {
    Useful,
    NotUseful,
    Wrong,
}

/// Keeps a reader's verdict on an answer.
#[utoipa::path(
    post, path = "/api/v1/answers/{id}/feedback", tag = "answers", request_body = FeedbackBody,
    params(("id" = String, Path, description = "Names the answer")),
    responses((status = 204, description = "Kept"), (status = "4XX", body = ErrorBody))
)]
pub(crate) async fn give(
    State(site): State<Arc<Site>>,
    Client(address): Client,
    Path(id): Path<String>,
    Body(body): Body<FeedbackBody>,
) -> Result<StatusCode, Failure> {
    take_turn(&site, address)?;
    let answer = answer_id(&id)?;
    if body.comment.chars().count() > COMMENT_LIMIT {
        return Err(Code::CommentTooLong.into());
    }
    let verdict = match body.verdict {
        VerdictBody::Useful => FeedbackVerdict::Useful,
        VerdictBody::NotUseful => FeedbackVerdict::NotUseful,
        VerdictBody::Wrong => FeedbackVerdict::Wrong,
    };
    record(&site, answer, verdict, &body.comment).await?;
    Ok(StatusCode::NO_CONTENT)
}
