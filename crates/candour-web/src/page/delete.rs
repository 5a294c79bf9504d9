//! Deleting a conversation: asked once more, then done at once.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::cookie;
use crate::failure::Failure;
use crate::page::layout::Layout;
use crate::page::reader::Reader;
use crate::page::render;
use crate::site::Site;

/// The page that asks.
#[derive(Template)]
#[template(path = "delete.html")]
struct ConfirmPage {
    l: Layout,
}

/// The page that says it is done.
#[derive(Template)]
#[template(path = "deleted.html")]
struct DeletedPage {
    l: Layout,
}

/// `GET /conversation/delete`
pub(crate) async fn confirm(
    State(site): State<Arc<Site>>,
    reader: Reader,
) -> Result<Html<String>, Failure> {
    render(&ConfirmPage { l: reader.layout(&site, reader.words().t("delete-title")) })
}

/// `POST /conversation/delete`
pub(crate) async fn delete(
    State(site): State<Arc<Site>>,
    reader: Reader,
) -> Result<Response, Failure> {
    if let Some(id) = reader.conversation {
        site.database.delete_conversation(id).await?;
    }
    let mut response = Redirect::to(&reader.language.href("/conversation/deleted")).into_response();
    if let Some(cookie) = cookie::clear(site.is_https) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `GET /conversation/deleted`
pub(crate) async fn deleted(
    State(site): State<Arc<Site>>,
    reader: Reader,
) -> Result<Html<String>, Failure> {
    render(&DeletedPage { l: reader.layout(&site, reader.words().t("deleted-title")) })
}
