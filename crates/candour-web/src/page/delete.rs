//! Deleting a conversation: asked once more, then done at once, with a receipt for whoever wants one.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

use crate::cookie;
use crate::erasing::erase;
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
    /// The deletion receipt, which is shown this once: it is kept nowhere.
    receipt: Option<String>,
}

/// `GET /conversation/delete`
pub(crate) async fn confirm(
    State(site): State<Arc<Site>>,
    reader: Reader,
) -> Result<Html<String>, Failure> {
    render(&ConfirmPage { l: reader.layout(&site, reader.words().t("delete-title")) })
}

/// `POST /conversation/delete`. The page is the response, so that the receipt is in no address. Sent
/// again, it finds nothing to delete.
pub(crate) async fn delete(
    State(site): State<Arc<Site>>,
    reader: Reader,
) -> Result<Response, Failure> {
    let receipt = match reader.conversation {
        Some(id) => erase(&site, id).await?,
        None => None,
    };
    // A receipt has string keys only, so that it can always be written.
    let receipt = receipt.map(|of| serde_json::to_string_pretty(&of).unwrap_or_default());
    let mut response = page(&site, &reader, receipt)?.into_response();
    if let Some(cookie) = cookie::clear(site.is_https) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `GET /conversation/deleted`: the same in the other language, without the receipt.
pub(crate) async fn deleted(
    State(site): State<Arc<Site>>,
    reader: Reader,
) -> Result<Html<String>, Failure> {
    page(&site, &reader, None)
}

fn page(site: &Site, reader: &Reader, receipt: Option<String>) -> Result<Html<String>, Failure> {
    let title = reader.words().t("deleted-title");
    let l = reader.layout_of(site, "/conversation/deleted", title);
    render(&DeletedPage { l, receipt })
}
