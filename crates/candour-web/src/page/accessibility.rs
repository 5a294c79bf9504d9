//! The accessibility statement, with the four things that regulation 8 asks for.

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
#[template(path = "accessibility.html")]
struct AccessibilityPage {
    l: Layout,
}

/// `GET /accessibility`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    reader: Reader,
) -> Result<Html<String>, Failure> {
    render(&AccessibilityPage { l: reader.layout(&site, reader.words().t("accessibility-title")) })
}
