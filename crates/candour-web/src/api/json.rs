//! Bodies in JSON: objects, refused in our own words where they are not what is asked for.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Json, Request};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::failure::{Code, Failure};
use crate::site::Site;

/// A body in JSON.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Site>> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Self, Failure> {
        match Json::<Map<String, Value>>::from_request(request, site).await {
            Ok(Json(object)) => serde_json::from_value(Value::Object(object))
                .map(Self)
                .map_err(|e| other(&e.to_string())),
            // Serde would read an array as the fields in order, and name our types where it cannot.
            Err(JsonRejection::JsonDataError(_)) => Err(other("it must be an object")),
            Err(JsonRejection::JsonSyntaxError(_)) => Err(Code::InvalidJson.into()),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Code::UnsupportedMediaType.into()),
            Err(other) => match other.into_response().status().as_u16() {
                413 => Err(Code::TooLarge.into()),
                _ => Err(Code::InvalidRequest.into()),
            },
        }
    }
}

fn other(why: &str) -> Failure {
    let text =
        format!("the body is JSON, but not what is asked for ({why}): see /api/v1/openapi.json");
    Failure::with(Code::InvalidRequest, text)
}
