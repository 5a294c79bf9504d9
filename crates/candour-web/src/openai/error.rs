//! Failures in the shape that clients of OpenAI's API know.

use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::failure::{Code, Failure};

/// How this endpoint says that a request failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenAiErrorBody {
    error: OpenAiError,
}

/// What failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenAiError {
    /// What happened and what to do, for people.
    message: String,
    /// `invalid_request_error`, `rate_limit_error` or `server_error`.
    r#type: &'static str,
    /// What in the request is at fault, where that is one thing.
    param: Option<&'static str>,
    /// A stable name for programs.
    code: &'static str,
}

/// The status and the body. A question or a body that is too long is a context that is too long: that is
/// what clients look for.
pub(crate) fn shape(failure: &Failure) -> (StatusCode, OpenAiErrorBody) {
    let (status, name, _) = failure.code.row();
    let (status, param, code) = match failure.code {
        Code::QuestionTooLong | Code::TooLarge => {
            (400, Some("messages"), "context_length_exceeded")
        }
        Code::QuestionEmpty => (400, Some("messages"), name),
        Code::ModelNotFound => (status, Some("model"), name),
        Code::TooManyQuestions => (status, None, "rate_limit_exceeded"),
        _ => (status, None, name),
    };
    let r#type = match status {
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (
        status,
        OpenAiErrorBody { error: OpenAiError { message: failure.message(), r#type, param, code } },
    )
}
