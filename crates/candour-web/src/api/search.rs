//! `POST /api/v1/search`: passages of the guidance, best first, and which of their parts answer best. Nothing
//! of it is kept.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use candour_assistant::{Part, best_parts};
use candour_core::{Hit, SearchError, SearchQuery};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::ask::Client;
use crate::api::body::{AudienceBody, LocaleBody, NationBody};
use crate::api::json::Body;
use crate::asking::compute;
use crate::failure::{Code, ErrorBody, Failure};
use crate::page::take_turn;
use crate::site::Site;

/// What to look for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchBody {
    /// The words.
    text: String,
    /// The most passages to return, from 1 to 50.
    #[serde(default = "default_limit")]
    #[schema(minimum = 1, maximum = 50, default = 10)]
    limit: usize,
    /// Only pages in this language.
    locale: Option<LocaleBody>,
    /// Only passages that apply to this nation.
    nation: Option<NationBody>,
    /// Only pages that are written for this audience or for everyone.
    audience: Option<AudienceBody>,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitsBody {
    /// Best first.
    hits: Vec<HitBody>,
    /// The parts of the first five passages that answer best, best first.
    parts: Vec<PartBody>,
    /// How long the search took, in milliseconds.
    ms: f64,
}

/// A passage that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitBody {
    /// The passage.
    passage: String,
    /// Its address, with a fragment.
    url: String,
    /// The title of the page.
    title: String,
    /// The headings above it.
    heading: String,
    /// Its language.
    locale: String,
    /// Whom its page is written for, when not for everyone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    audiences: Vec<AudienceBody>,
    /// How well it fits; comparable within one search only.
    score: f32,
}

/// A sentence, an item, a row, or what introduces a list, word for word.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartBody {
    /// The passage that it stands in.
    passage: String,
    /// The address of the passage, with a fragment.
    url: String,
    /// What stands before the words and must be read with them: what introduces an item.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    before: Vec<String>,
    /// The words.
    text: String,
    /// What stands behind and must be read with them: exceptions, and the list that they introduce.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    after: Vec<String>,
}

/// Finds passages of the guidance.
#[utoipa::path(
    post, path = "/api/v1/search", tag = "search", request_body = SearchBody,
    responses((status = 200, body = HitsBody), (status = "4XX", body = ErrorBody), (status = 503, body = ErrorBody))
)]
pub(crate) async fn search(
    State(site): State<Arc<Site>>,
    Client(address): Client,
    Body(body): Body<SearchBody>,
) -> Result<Json<HitsBody>, Failure> {
    take_turn(&site, address)?;
    if !(1..=50).contains(&body.limit) {
        return Err(Failure::with(Code::InvalidRequest, "`limit` must be from 1 to 50"));
    }
    let longest = site.config.answers.max_question_characters;
    if body.text.trim().is_empty() {
        return Err(Code::QuestionEmpty.into());
    }
    if body.text.chars().count() > longest {
        return Err(Code::QuestionTooLong.into());
    }
    let query = SearchQuery {
        locale: body.locale.map(LocaleBody::locale),
        nation: body.nation.map(NationBody::nation),
        audience: body.audience.map(AudienceBody::audience),
        ..SearchQuery::new(body.text, body.limit)
    };
    let assistant = Arc::clone(&site.assistant);
    let found = compute(&site, move || {
        let began = Instant::now();
        let hits = assistant.search(&query)?;
        let ms = began.elapsed().as_secs_f64() * 1000.0;
        Ok::<_, SearchError>((best_parts(&query.text, &hits), hits, ms))
    });
    let (parts, hits, ms) = found.await??;
    let parts = parts.into_iter().map(|part| self::part(&hits[part.passage], part)).collect();
    Ok(Json(HitsBody { hits: hits.iter().map(hit).collect(), parts, ms }))
}

fn default_limit() -> usize {
    10
}

fn hit(hit: &Hit) -> HitBody {
    HitBody {
        passage: hit.passage.id.0.clone(),
        url: hit.passage.url.clone(),
        title: hit.page.title.clone(),
        heading: hit.passage.heading_path(),
        locale: hit.passage.locale.tag().to_owned(),
        audiences: hit.page.audiences.iter().copied().map(Into::into).collect(),
        score: hit.score,
    }
}

fn part(hit: &Hit, part: Part) -> PartBody {
    PartBody {
        passage: hit.passage.id.0.clone(),
        url: hit.passage.url.clone(),
        before: part.before,
        text: part.text,
        after: part.after,
    }
}
