//! `GET /api/v1/answers/{id}/sources`: what an answer stands on, held against the guidance of today.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use candour_core::Citation;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer_id;
use crate::failure::{Code, ErrorBody, Failure};
use crate::site::Site;

/// The passages that an answer cites.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourcesBody {
    /// In order of first use, each once.
    sources: Vec<CitedBody>,
}

/// A cited passage.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CitedBody {
    /// The passage.
    passage: String,
    /// Its address when it was cited.
    url: String,
    /// The title of the page when it was cited.
    title: String,
    /// The headings above it when it was cited.
    heading: String,
    /// `unchanged`, `changed` or `gone` since it was cited.
    state: &'static str,
    /// What it says now; absent when it is gone.
    text: Option<String>,
}

/// What an answer stands on, and whether it has changed since.
#[utoipa::path(
    get, path = "/api/v1/answers/{id}/sources", tag = "answers",
    params(("id" = String, Path, description = "Names the answer")),
    responses((status = 200, body = SourcesBody), (status = 404, body = ErrorBody))
)]
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
) -> Result<Json<SourcesBody>, Failure> {
    let turn = site
        .database
        .turn(answer_id(&id)?)
        .await?
        .ok_or_else(|| Failure::from(Code::AnswerNotFound))?;
    let sentences = turn.answer.sentences;
    let citations: Vec<Citation> =
        sentences.into_iter().flat_map(|sentence| sentence.citations).collect();
    let index = Arc::clone(&site.index);
    // The snapshot is on disk, so looking things up in it is kept off the runtime.
    let sources = crate::asking::compute(&site, move || {
        let mut seen = BTreeSet::new();
        let first = citations.into_iter().filter(|citation| seen.insert(citation.passage.clone()));
        first.map(|citation| cited(&index, citation)).collect()
    })
    .await?;
    Ok(Json(SourcesBody { sources }))
}

fn cited(index: &candour_content::index::LiveIndex, citation: Citation) -> CitedBody {
    let now = index.passage(&citation.passage);
    let state = match &now {
        Some(passage) if passage.hash() == citation.passage_hash => "unchanged",
        Some(_) => "changed",
        None => "gone",
    };
    CitedBody {
        passage: citation.passage.0,
        url: citation.url,
        title: citation.title,
        heading: citation.heading,
        state,
        text: now.map(|passage| passage.text.clone()),
    }
}
