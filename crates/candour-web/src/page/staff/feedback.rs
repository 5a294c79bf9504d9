//! Feedback: what readers think of answers, with what they wrote.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Html;
use candour_store::Wanted;

use crate::failure::Failure;
use crate::page::form::Form;
use crate::page::layout::Layout;
use crate::page::render;
use crate::page::staff::Staff;
use crate::page::staff::list::{Choice, List};
use crate::site::Site;

/// The page.
#[derive(Template)]
#[template(path = "staff/feedback.html")]
struct FeedbackPage {
    l: Layout,
    choice: Choice,
    list: List,
}

/// `GET /staff/feedback`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Failure> {
    let mut choice = Choice::read(&Form::of_query(query.as_deref()));
    choice.feedback.get_or_insert(Wanted::Any);
    let l = staff.layout(&site, staff.t("staff-feedback-title"));
    let list = choice.list(&site, &l, "/staff/feedback").await?;
    staff.note(&site, "read feedback".to_owned()).await?;
    render(&FeedbackPage { l, choice, list })
}
