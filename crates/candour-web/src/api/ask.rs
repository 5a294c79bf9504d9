//! `POST /api/v1/ask` and `POST /api/v1/ask/stream`: a question, or a follow-up to one.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Response;
use candour_core::Chosen;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::body::{LocaleBody, SentenceBody, TurnBody};
use crate::api::conversation_id;
use crate::api::json::Body;
use crate::api::stated::{StatedAudience, StatedNation};
use crate::asking::{self, Asked, NewQuestion, Thread};
use crate::auth::Caller;
use crate::client;
use crate::failure::{Code, ErrorBody, Failure};
use crate::page::ask::marked;
use crate::rate::Asker;
use crate::site::Site;
use crate::stream::stream as stream_answer;

/// A question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskBody {
    /// What the reader wants to know, in their own words. Leave it out where `choice` is sent.
    #[serde(default)]
    #[schema(example = "How much is a garden waste subscription?")]
    question: String,
    /// The language of fixed words; the answer follows the question's own language.
    #[serde(default)]
    locale: LocaleBody,
    /// Where the reader lives. Without it, what the conversation has said before holds; `unknown` takes that
    /// back.
    nation: Option<StatedNation>,
    /// In which role the reader asks; what is written for others is not quoted then. Without it, what was
    /// chosen before holds, or the words of the question may tell; `unknown` takes that back.
    audience: Option<StatedAudience>,
    /// The conversation that this follows up, from an earlier response.
    conversation: Option<String>,
    /// The `id` of one of the `choices` of the last answer, where that asked for the reader's
    /// circumstances. It needs `conversation`.
    choice: Option<String>,
}

/// Answers a question.
#[utoipa::path(
    post, path = "/api/v1/ask", tag = "answers", request_body = AskBody,
    responses(
        (status = 200, description = "The answer. The header X-AI-Generated says that a computer made it.", body = TurnBody),
        (status = "4XX", description = "The question was not taken", body = ErrorBody),
        (status = "5XX", description = "It could not be answered now", body = ErrorBody),
    )
)]
pub(crate) async fn ask(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Body(body): Body<AskBody>,
) -> Result<Response, Failure> {
    caller.take_turn(&site)?;
    let (thread, question) = read(&site, body, caller.asker()).await?;
    let asked = asking::ask(&site, thread, question, |_| {}).await?;
    Ok(marked(Json(TurnBody::new(asked.turn, Some(asked.masks)))))
}

/// Answers a question, sentence by sentence.
///
/// Server-sent events: first `conversation` {conversation}, then `stage` {stage, ms} and `sentence` (a
/// SentenceBody, already verified), then one `done` (a TurnBody) or `error` (an ErrorBody). The turn is kept
/// also where the stream is left before its end: `conversation` says what to delete then.
#[utoipa::path(
    post, path = "/api/v1/ask/stream", tag = "answers", request_body = AskBody,
    responses(
        (status = 200, description = "The events", content_type = "text/event-stream", body = String),
        (status = "4XX", description = "The question was not taken", body = ErrorBody),
        (status = "5XX", description = "It could not be answered now", body = ErrorBody),
    )
)]
pub(crate) async fn stream(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Body(body): Body<AskBody>,
) -> Result<Response, Failure> {
    caller.take_turn(&site)?;
    let (thread, question) = read(&site, body, caller.asker()).await?;
    let named = serde_json::json!({ "conversation": thread.id });
    let sentence = |sentence| json(&SentenceBody::from(sentence));
    let done = |_: &Site, asked: Asked| json(&TurnBody::new(asked.turn, Some(asked.masks)));
    stream_answer(&site, thread, question, Some(named), sentence, done).await.map(marked)
}

/// Our shapes have string keys only, so that they can always be written.
fn json(body: &impl Serialize) -> Value {
    serde_json::to_value(body).unwrap_or_default()
}

/// Said of a `conversation` that cannot be one.
const NO_CONVERSATION: &str =
    "`conversation` is no identifier: use one from an earlier answer, or leave it out";

async fn read(site: &Site, body: AskBody, from: Asker) -> Result<(Thread, NewQuestion), Failure> {
    let thread = match body.conversation {
        Some(id) => {
            let id = conversation_id(&id)
                .map_err(|_| Failure::with(Code::InvalidIdentifier, NO_CONVERSATION))?;
            asking::existing_thread(site, id).await?
        }
        None => asking::thread(site, None).await?,
    };
    let not_offered = || Failure::from(Code::ChoiceNotOffered);
    let chosen = body.choice.as_deref().map(|id| Chosen::parse(id).ok_or_else(not_offered));
    let question = NewQuestion {
        chosen: chosen.transpose()?,
        text: body.question,
        locale: body.locale.locale(),
        nation: body.nation.map(Into::into).unwrap_or_default(),
        audience: body.audience.map(Into::into).unwrap_or_default(),
        leads_up: false,
        from,
    };
    Ok((thread, question))
}

/// The address of whoever sent the request.
pub(crate) struct Client(pub(crate) IpAddr);

impl FromRequestParts<Arc<Site>> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Site>) -> Result<Self, Self::Rejection> {
        Ok(Self(client::address(parts)))
    }
}
