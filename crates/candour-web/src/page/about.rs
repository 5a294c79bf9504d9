//! How it works: what the assistant does, what it cannot do, and who answers for it.

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
#[template(path = "about.html")]
struct AboutPage {
    l: Layout,
}

/// `GET /about`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    reader: Reader,
) -> Result<Html<String>, Failure> {
    render(&AboutPage { l: reader.layout(&site, reader.words().t("about-title")) })
}
