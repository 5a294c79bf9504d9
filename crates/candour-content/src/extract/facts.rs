//! What the publisher says of a page apart from its text: nation, audience, dates, state, where it belongs.

use candour_core::{Link, Locale, Page, PageId, Withdrawal};
use jiff::Timestamp;
use serde_json::Value;

use super::clean::one_line;
use super::item::{address, linked, list, text};
use super::resolve::at_site;
use super::{audience, body, scope};

/// The facts of an item.
pub(super) fn page(item: &Value, id: PageId, site: &str) -> Page {
    let details = &item["details"];
    let schema = one_line(text(item, "schema_name").unwrap_or_default());
    Page {
        url: at_site(site, id.as_str()),
        title: one_line(text(item, "title").unwrap_or_default()),
        description: text(item, "description").map(one_line).filter(|words| !words.is_empty()),
        locale: Locale::from(text(item, "locale").unwrap_or("en")),
        document_type: text(item, "document_type").map_or_else(|| schema.clone(), one_line),
        schema,
        scope: scope::published(details, |path| at_site(site, path)),
        audiences: audience::of_item(item),
        withdrawn: withdrawn(item),
        history_mode: is_history(item),
        updated_at: time(item, "public_updated_at")
            .or_else(|| time(details, "updated_at"))
            .or_else(|| time(item, "updated_at")),
        first_published_at: time(item, "first_published_at")
            .or_else(|| time(details, "first_public_at")),
        opens_at: time(details, "opening_date"),
        closes_at: time(details, "closing_date"),
        organisations: organisations(item),
        part_of: part_of(item, &id, site),
        translations: translations(item, &id),
        actions: Vec::new(),
        contacts: Vec::new(),
        alerts: Vec::new(),
        licence: None,
        id,
    }
}

/// A time that is written in full, or as a day.
pub(super) fn moment(written: &str) -> Option<Timestamp> {
    let written = written.trim();
    written.parse().ok().or_else(|| format!("{written}T00:00:00Z").parse().ok())
}

fn time(item: &Value, field: &str) -> Option<Timestamp> {
    text(item, field).and_then(moment)
}

/// An empty notice is what a page has that was never withdrawn.
fn withdrawn(item: &Value) -> Option<Withdrawal> {
    let set = |notice: &&Value| {
        notice.as_object().is_some_and(|fields| fields.values().any(|value| !value.is_null()))
    };
    let notice =
        [&item["withdrawn_notice"], &item["details"]["withdrawn_notice"]].into_iter().find(set)?;
    let withdrawal = Withdrawal {
        explanation: body::words(&notice["explanation"]),
        at: time(notice, "withdrawn_at"),
    };
    (!withdrawal.explanation.is_empty() || withdrawal.at.is_some()).then_some(withdrawal)
}

/// Whether a political page belongs to an earlier government; the linked government knows better than
/// the copy in the details.
fn is_history(item: &Value) -> bool {
    let details = &item["details"];
    let link = linked(item, "government")
        .first()
        .and_then(|government| government["details"]["current"].as_bool());
    let is_current = link.or_else(|| details["government"]["current"].as_bool());
    details["political"].as_bool() == Some(true) && is_current == Some(false)
}

fn organisations(item: &Value) -> Vec<String> {
    let mut titles = Vec::new();
    let linked =
        [linked(item, "primary_publishing_organisation"), linked(item, "organisations")].concat();
    let named = list(&item["details"], "organisations").iter();
    for title in linked
        .into_iter()
        .chain(named)
        .filter_map(|organisation| text(organisation, "title"))
        .map(one_line)
    {
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    titles
}

fn part_of(item: &Value, own: &PageId, site: &str) -> Vec<Link> {
    let relations = ["parent", "manual", "part_of_step_navs"];
    let mut found: Vec<Link> = Vec::new();
    for whole in relations.into_iter().flat_map(|relation| linked(item, relation)) {
        if let (Some(title), Some(url)) = (text(whole, "title"), address(whole, site)) {
            found.push(Link { label: one_line(title), url });
        }
    }
    // A section names its manual by path only.
    if let Some(path) = text(&item["details"]["manual"], "base_path") {
        let title = text(&item["details"]["manual"], "title").unwrap_or(path);
        found.push(Link { label: one_line(title), url: at_site(site, path) });
    }
    let mut kept: Vec<Link> = Vec::new();
    let own = at_site(site, own.as_str());
    for link in found {
        if link.url != own && !kept.iter().any(|other| other.url == link.url) {
            kept.push(link);
        }
    }
    kept
}

fn translations(item: &Value, own: &PageId) -> Vec<(Locale, PageId)> {
    let others = linked(item, "available_translations").into_iter();
    let others = others.filter_map(|other| {
        Some((Locale::from(text(other, "locale")?), PageId(text(other, "base_path")?.to_owned())))
    });
    let mut others: Vec<(Locale, PageId)> = others.filter(|(_, path)| path != own).collect();
    others.sort();
    others.dedup();
    others
}
