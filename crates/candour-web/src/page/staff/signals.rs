//! What screening noticed in questions: distress, abuse, attempts to instruct the assistant.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Html;
use candour_store::Wanted;
use jiff::{SignedDuration, Timestamp};

use crate::failure::Failure;
use crate::page::form::Form;
use crate::page::layout::Layout;
use crate::page::render;
use crate::page::staff::list::{Choice, List};
use crate::page::staff::{Staff, name};
use crate::site::Site;

/// How many days are counted.
const DAYS: i64 = 30;

/// The page.
#[derive(Template)]
#[template(path = "staff/signals.html")]
struct SignalsPage {
    l: Layout,
    /// Name, what it is, how often.
    counts: Vec<(String, String, u64)>,
    choice: Choice,
    list: List,
}

/// `GET /staff/signals`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Failure> {
    let mut choice = Choice::read(&Form::of_query(query.as_deref()));
    choice.signal.get_or_insert(Wanted::Any);
    let l = staff.layout(&site, staff.t("staff-signals-title"));
    let since = Timestamp::now() - SignedDuration::from_hours(24 * DAYS);
    let counts = site.database.signals(since).await?;
    let counts =
        counts.into_iter().map(|(key, count)| (key.clone(), name::signal(&l, &key), count));
    let counts = counts.collect();
    let list = choice.list(&site, &l, "/staff/signals").await?;
    staff.note(&site, "read what was noticed in questions".to_owned()).await?;
    render(&SignalsPage { l, counts, choice, list })
}
