//! The privacy page: what is kept, for how long, and who sees it.

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
#[template(path = "privacy.html")]
struct PrivacyPage {
    l: Layout,
    /// How long conversations are kept, in words: "90 days".
    kept: String,
}

/// `GET /privacy`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    reader: Reader,
) -> Result<Html<String>, Failure> {
    let days = site.config.store.retention_days as usize;
    let words = reader.words();
    render(&PrivacyPage {
        l: reader.layout(&site, words.t("privacy-title")),
        kept: words.n("days", "count", days),
    })
}
