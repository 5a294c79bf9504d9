//! The one cookie, and why no one is asked to agree to it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use crate::failure::Failure;
use crate::page::layout::Layout;
use crate::page::reader::Reader;
use crate::page::render;
use crate::site::Site;

/// The page.
#[derive(Template)]
#[template(path = "cookies.html")]
struct CookiesPage {
    l: Layout,
}

/// `GET /cookies`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    reader: Reader,
) -> Result<Html<String>, Failure> {
    render(&CookiesPage { l: reader.layout(&site, reader.words().t("cookies-title")) })
}
