//! The reviews, the newest first, with how far each has come.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use candour_store::Review;

use super::Wording;
use crate::failure::Failure;
use crate::page::layout::Layout;
use crate::page::render;
use crate::page::staff::Staff;
use crate::site::Site;

/// The page.
#[derive(Template)]
#[template(path = "staff/review/list.html")]
struct ListPage {
    l: Layout,
    reviews: Vec<Row>,
}

/// One review.
struct Row {
    href: String,
    name: String,
    question: Wording,
    is_open: bool,
    given: String,
}

/// `GET /staff/reviews`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    staff: Staff,
) -> Result<Html<String>, Failure> {
    let l = staff.layout(&site, staff.t("staff-reviews-title"));
    let counts = site.database.review_counts().await?;
    let row = |review: Review| {
        let (given, wanted) = counts.get(&review.name).copied().unwrap_or_default();
        Row {
            href: l.href(&format!("/staff/reviews/{}", review.name)),
            question: Wording::question(&l, &review.about),
            is_open: review.closed_at.is_none(),
            given: format!("{given} / {wanted}"),
            name: review.name,
        }
    };
    let reviews = site.database.reviews().await?.into_iter().map(row).collect();
    render(&ListPage { l, reviews })
}
