//! Bodies in JSON, refused in our own words where they are not what is asked for.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Json, Request};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;

use crate::failure::{Code, Failure};
use crate::site::Site;

/// A body in JSON.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Site>> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Self, Failure> {
        match Json::<T>::from_request(request, site).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::JsonDataError(error)) => {
                let why =
                    std::error::Error::source(&error).map_or_else(String::new, ToString::to_string);
                Err(Failure::with(
                    Code::InvalidRequest,
                    format!(
                        "the body is JSON, but not what is asked for ({why}): see /api/v1/openapi.json"
                    ),
                ))
            }
            Err(JsonRejection::JsonSyntaxError(_)) => Err(Code::InvalidJson.into()),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Code::UnsupportedMediaType.into()),
            Err(other) => match other.into_response().status().as_u16() {
                413 => Err(Code::TooLarge.into()),
                _ => Err(Code::InvalidRequest.into()),
            },
        }
    }
}
