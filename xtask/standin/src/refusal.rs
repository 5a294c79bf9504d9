//! An error that a server answers with, in both dialects.

use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use serde_json::{Value, json};

use crate::delivery::{Body, whole};

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) retry_after: Option<String>,
    pub(crate) error_code: Option<String>,
}

impl Refusal {
    pub(crate) fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: kind.into(),
            message: message.into(),
            retry_after: None,
            error_code: None,
        }
    }

    /// What the Messages API calls `invalid_request_error`.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// As the Messages API words it.
    pub(crate) fn messages(&self, request_id: &str) -> Response<Body> {
        let mut error = json!({"type": self.kind, "message": self.message});
        if let Some(code) = &self.error_code {
            error["details"] = json!({"error_code": code});
        }
        self.response(&json!({"type": "error", "error": error, "request_id": request_id}))
    }

    /// As servers of chat completions word it.
    pub(crate) fn chat(&self) -> Response<Body> {
        let error = json!({
            "message": self.message,
            "type": self.kind,
            "param": null,
            "code": self.error_code,
        });
        self.response(&json!({"error": error}))
    }

    /// As Amazon Bedrock words it.
    pub(crate) fn bedrock(&self) -> Response<Body> {
        let name = match self.status {
            400 => "ValidationException",
            403 => "AccessDeniedException",
            404 => "ResourceNotFoundException",
            408 => "ModelTimeoutException",
            424 => "ModelErrorException",
            429 => "ThrottlingException",
            503 => "ServiceUnavailableException",
            _ => "InternalServerException",
        };
        let mut response = self.response(&json!({"message": self.message}));
        response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(name));
        response
    }

    fn response(&self, body: &Value) -> Response<Body> {
        let mut response = Response::new(whole(body.to_string()));
        if let Ok(status) = self.status.try_into() {
            *response.status_mut() = status;
        }
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(value) = self.retry_after.as_deref().and_then(|value| value.parse().ok()) {
            headers.insert(RETRY_AFTER, value);
        }
        response
    }
}
