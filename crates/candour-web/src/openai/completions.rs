//! `POST /v1/chat/completions`: an answer in the shape of a chat completion.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use crate::api::json::Body;
use crate::asking;
use crate::auth::Caller;
use crate::failure::Failure;
use crate::openai::chunks;
use crate::openai::error::OpenAiErrorBody;
use crate::openai::reply::{CompletionBody, Heading, Usage};
use crate::openai::request::{Chat, ChatBody};
use crate::page::ask::marked;
use crate::plain;
use crate::site::Site;

/// Answers the last message of the user.
///
/// With `stream` set, the answer comes as server-sent events of `chat.completion.chunk` objects and ends
/// with `[DONE]`.
#[utoipa::path(
    post, path = "/v1/chat/completions", tag = "openai", request_body = ChatBody,
    responses(
        (status = 200, description = "The answer. The header X-AI-Generated says that a computer made it.", body = CompletionBody),
        (status = "4XX", description = "The question was not taken", body = OpenAiErrorBody),
        (status = "5XX", description = "It could not be answered now", body = OpenAiErrorBody),
    )
)]
pub(crate) async fn complete(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Body(body): Body<ChatBody>,
) -> Result<Response, Failure> {
    caller.take_turn(&site)?;
    let chat = Chat::read(&site, body, caller.asker()).await?;
    if chat.streams {
        return chunks::stream(&site, chat).await.map(marked);
    }
    let asked = asking::ask(&site, chat.thread, chat.question, |_| {}).await?;
    let answer = &asked.turn.answer;
    let text = plain::text(&site.config, answer);
    let usage = Usage::of(asked.usage, chat.bytes, text.len());
    let body = CompletionBody::new(Heading::of(&asked.turn), answer, text, usage);
    Ok(marked(Json(body).into_response()))
}
