//! Conversations: every question with what became of it, the newest first.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Html;

use crate::failure::Failure;
use crate::page::form::Form;
use crate::page::layout::Layout;
use crate::page::render;
use crate::page::staff::Staff;
use crate::page::staff::list::{Choice, List};
use crate::site::Site;

/// The page.
#[derive(Template)]
#[template(path = "staff/conversations.html")]
struct ConversationsPage {
    l: Layout,
    choice: Choice,
    list: List,
}

/// `GET /staff/conversations`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Failure> {
    let choice = Choice::read(&Form::of_query(query.as_deref()));
    let mut l = staff.layout(&site, staff.t("staff-conversations-title"));
    l.has_error = choice.has_wrong_day();
    let list = choice.list(&site, &l, "/staff/conversations").await?;
    staff.note(&site, "read the list of conversations".to_owned()).await?;
    render(&ConversationsPage { l, choice, list })
}
