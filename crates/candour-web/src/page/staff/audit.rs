//! The audit: who did what and why, the latest first.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Html;

use crate::failure::Failure;
use crate::page::form::Form;
use crate::page::layout::Layout;
use crate::page::render;
use crate::page::staff::{Staff, name};
use crate::site::Site;

/// How many entries are on one page.
const ROWS: u32 = 50;

/// The page.
#[derive(Template)]
#[template(path = "staff/audit.html")]
struct AuditPage {
    l: Layout,
    entries: Vec<Entry>,
    kept: String,
    newer: Option<String>,
    older: Option<String>,
}

/// One entry.
struct Entry {
    done_at: String,
    done_by: String,
    action: String,
    reason: String,
}

/// `GET /staff/audit`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Failure> {
    let l = staff.layout(&site, staff.t("staff-audit-title"));
    let page: u32 = Form::of_query(query.as_deref()).text("page").parse().unwrap_or_default();
    let mut entries = site.database.audit(page.saturating_mul(ROWS), ROWS + 1).await?;
    let has_older = entries.len() > ROWS as usize;
    entries.truncate(ROWS as usize);
    let href = |page: u32| format!("{}?page={page}", l.href("/staff/audit"));
    let (newer, older) = (page.checked_sub(1).map(href), has_older.then(|| href(page + 1)));
    let entries = entries.into_iter().map(|entry| Entry {
        done_at: name::moment(entry.done_at),
        done_by: entry.done_by,
        action: entry.action,
        reason: entry.reason.to_string(),
    });
    let entries = entries.collect();
    let kept = l.n("days", "count", site.config.store.audit_retention_days as usize);
    render(&AuditPage { l, entries, kept, newer, older })
}
