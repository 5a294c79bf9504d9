//! Everything that can go wrong with a request: one table of stable codes, for the APIs and the pages.
//!
//! A handler returns a `Failure`, which says only what went wrong. `dress` turns it, and any bare
//! failure of the framework, into JSON for the APIs or a page for people.

use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use candour_assistant::{AskError, crisis_lines};
use candour_core::{Locale, SearchError};
use candour_store::StoreError;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

use crate::language::Language;
use crate::site::Site;
use crate::{openai, page};

/// What went wrong. The codes are stable: programs may rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    InvalidJson,
    InvalidRequest,
    InvalidIdentifier,
    KeyMissing,
    KeyInvalid,
    RoleMissing,
    CrossSite,
    NotFound,
    AnswerNotFound,
    ConversationNotFound,
    PassageNotFound,
    ModelNotFound,
    MethodNotAllowed,
    TooLarge,
    UnsupportedMediaType,
    QuestionEmpty,
    QuestionTooLong,
    ChoiceNotOffered,
    CommentTooLong,
    TooManyQuestions,
    TooManySignIns,
    Internal,
    NotReady,
    IndexUnreadable,
    StoreUnavailable,
    Timeout,
}

impl Code {
    /// Every code, as the documentation lists them.
    pub(crate) const ALL: [Self; 26] = [
        Self::InvalidJson,
        Self::InvalidRequest,
        Self::InvalidIdentifier,
        Self::KeyMissing,
        Self::KeyInvalid,
        Self::RoleMissing,
        Self::CrossSite,
        Self::NotFound,
        Self::AnswerNotFound,
        Self::ConversationNotFound,
        Self::PassageNotFound,
        Self::ModelNotFound,
        Self::MethodNotAllowed,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::QuestionEmpty,
        Self::QuestionTooLong,
        Self::ChoiceNotOffered,
        Self::CommentTooLong,
        Self::TooManyQuestions,
        Self::TooManySignIns,
        Self::Internal,
        Self::NotReady,
        Self::IndexUnreadable,
        Self::StoreUnavailable,
        Self::Timeout,
    ];

    /// The table: status, name in JSON, and what to do.
    #[rustfmt::skip]
    pub(crate) fn row(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::InvalidJson => (400, "invalid_json", "the body is not valid JSON: mend it and send it again"),
            Self::InvalidRequest => (400, "invalid_request", "the request is not one that this address takes: see /api/v1/openapi.json"),
            Self::InvalidIdentifier => (400, "invalid_identifier", "the address holds no valid identifier: use one that the API gave you"),
            Self::KeyMissing => (401, "key_missing", "this address needs a key: send `Authorization: Bearer KEY` with one that `candour keys create` gave you"),
            Self::KeyInvalid => (401, "key_invalid", "the key is unknown, revoked or past its end: ask whoever runs this service for a new one"),
            Self::RoleMissing => (403, "role_missing", "the key does not allow this: ask whoever runs this service for a key with the right role"),
            Self::CrossSite => (403, "cross_site", "the request was sent by the page of another site: send it from this site, or without Origin"),
            Self::NotFound => (404, "not_found", "there is nothing at this address: see /api/v1/openapi.json for what there is"),
            Self::AnswerNotFound => (404, "answer_not_found", "there is no such answer: it may have been deleted, so ask again"),
            Self::ConversationNotFound => (404, "conversation_not_found", "there is no such conversation: leave `conversation` out to begin a new one"),
            Self::PassageNotFound => (404, "passage_not_found", "there is no such passage in the guidance of today: search for it again"),
            Self::ModelNotFound => (404, "model_not_found", "there is no such model: GET /v1/models names the one that there is"),
            Self::MethodNotAllowed => (405, "method_not_allowed", "this address does not take that method: the Allow header says which it takes"),
            Self::TooLarge => (413, "too_large", "the body is larger than this address takes, which is 256 KiB under /v1 and 64 KiB elsewhere: send less"),
            Self::UnsupportedMediaType => (415, "unsupported_media_type", "send the body as application/json, and say so in Content-Type"),
            Self::QuestionEmpty => (422, "question_empty", "the question is empty: write what you want to know"),
            Self::QuestionTooLong => (422, "question_too_long", "the question is too long: shorten it"),
            Self::ChoiceNotOffered => (422, "choice_not_offered", "the last answer offers no such choice: send an `id` of its `choices`, or ask in words"),
            Self::CommentTooLong => (422, "comment_too_long", "the comment is too long: shorten it"),
            Self::TooManyQuestions => (429, "too_many_questions", "too many questions in a short time: wait for the seconds in Retry-After"),
            Self::TooManySignIns => (429, "too_many_sign_ins", "too many attempts to sign in: wait for the seconds in Retry-After"),
            Self::Internal => (500, "internal", "something went wrong here: try again, and report it with the X-Request-Id if it stays"),
            Self::NotReady => (503, "not_ready", "nothing has been ingested yet: run `candour ingest`, then try again"),
            Self::IndexUnreadable => (503, "index_unreadable", "the search index cannot be read: run `candour ingest` to build it again"),
            Self::StoreUnavailable => (503, "store_unavailable", "the database does not answer: try again in a moment"),
            Self::Timeout => (503, "timeout", "the answer took too long: try again in a moment"),
        }
    }

    /// What a response of the framework without a code of ours means.
    fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            413 => Self::TooLarge,
            415 => Self::UnsupportedMediaType,
            408 | 503 | 504 => Self::Timeout,
            400..500 => Self::InvalidRequest,
            _ => Self::Internal,
        }
    }

    pub(crate) fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// A failed request: the code, and what is particular about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    /// Said in place of the table's message, to whoever sent the request and to nobody else.
    pub(crate) detail: Option<String>,
    /// How long to wait before the next try.
    pub(crate) wait: Option<Duration>,
}

impl Failure {
    pub(crate) fn with(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: Some(detail.into()), wait: None }
    }

    pub(crate) fn wait(code: Code, wait: Duration) -> Self {
        Self { code, detail: None, wait: Some(wait) }
    }

    /// The whole seconds to wait, at least one.
    pub(crate) fn wait_seconds(&self) -> Option<u64> {
        self.wait.map(|wait| wait.as_secs_f64().ceil().max(1.0) as u64)
    }

    /// What happened and what to do. A question that must wait is not read, and whoever sent it may be in
    /// danger: they are told whom to call, in both languages.
    pub(crate) fn message(&self) -> String {
        let said = self.detail.clone().unwrap_or_else(|| self.code.row().2.to_owned());
        match self.code {
            Code::TooManyQuestions => {
                let [english, welsh] = [Locale::En, Locale::Cy].map(|locale| crisis_lines(&locale));
                format!("{english} / {welsh} / {said}")
            }
            _ => said,
        }
    }

    /// As the API says it.
    pub(crate) fn body(&self) -> ErrorBody {
        let code = self.code.row().1.to_owned();
        ErrorBody { error: ErrorDetail { code, message: self.message() } }
    }
}

/// How the API says that a request failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
}

/// What failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorDetail {
    /// A stable name for programs.
    code: String,
    /// What happened and what to do, for people. It may change.
    message: String,
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self { code, detail: None, wait: None }
    }
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Empty => Code::QuestionEmpty.into(),
            AskError::TooLong { .. } => Self::with(Code::QuestionTooLong, error.to_string()),
            AskError::NotOffered => Code::ChoiceNotOffered.into(),
            AskError::Search(error) => error.into(),
        }
    }
}

impl From<SearchError> for Failure {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Empty => Code::NotReady.into(),
            SearchError::Unreadable(why) => {
                tracing::error!(%why, "the search index cannot be read");
                Code::IndexUnreadable.into()
            }
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            // What was read stays out of the log: it may hold a reader's words.
            StoreError::Damaged { what, .. } => {
                tracing::error!(what, "a stored record cannot be read");
                Code::Internal.into()
            }
            error => {
                tracing::error!(%error, "the database failed");
                Code::StoreUnavailable.into()
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        if let Some(seconds) = self.wait_seconds() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if matches!(self.code, Code::KeyMissing | Code::KeyInvalid) {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Already has a body of its own: a form with its errors.
#[derive(Clone, Copy)]
pub(crate) struct Dressed;

/// Gives every failed response its body: JSON for the API, a page for people.
pub(crate) async fn dress(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if !failed || response.extensions().get::<Dressed>().is_some() {
        return response;
    }
    let failure = response
        .extensions()
        .get::<Failure>()
        .cloned()
        .unwrap_or_else(|| Code::of_status(status).into());
    let (mut parts, _) = response.into_parts();
    parts.status = failure.code.status();
    parts.headers.remove(CONTENT_LENGTH);
    let is_under = |root: &str| {
        path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let (kind, body) = if ["/api", "/mcp", "/metrics"].into_iter().any(is_under) {
        (JSON, json(&failure.body()))
    } else if is_under("/v1") {
        let (status, body) = openai::error::shape(&failure);
        parts.status = status;
        (JSON, json(&body))
    } else {
        let (language, path) = Language::of_path(&path);
        ("text/html; charset=utf-8", page::failure::html(&site, language, path, &failure))
    };
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Response::from_parts(parts, body.into())
}

const JSON: &str = "application/json";

/// Our shapes have string keys only, so that they can always be written.
fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own_and_says_what_to_do() {
        let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.row().1).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            let (status, name, message) = code.row();
            assert!((400..600).contains(&status), "{name}");
            assert!(message.contains([':', ',']) && !message.ends_with('.'), "{name}: {message}");
        }
    }

    #[test]
    fn readers_text_stays_out_of_failures() {
        let error = StoreError::Damaged { what: "question", why: "my secret".into() };
        assert!(!format!("{:?}", Failure::from(error)).contains("secret"));
    }
}
