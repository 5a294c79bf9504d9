//! Pages around other pages: manuals, collections, publications, and documents with typed facts.

use candour_core::Link;
use serde_json::Value;

use super::clean::one_line;
use super::consultation::spelled;
use super::item::{list, text};
use super::resolve::resolved;
use super::schema::Written;
use super::{Block, body};

/// A manual or a section of one: its body, and its sections where they are described.
pub(super) fn manual(written: &mut Written<'_>) {
    body::add(written.outline, &written.details["body"]);
    for group in list(written.details, "child_section_groups") {
        let (mut rows, mut links) = (Vec::new(), Vec::new());
        for section in list(group, "child_sections") {
            // A section without a description is a link; it is a page of its own.
            let (Some(title), Some(description)) =
                (text(section, "title"), text(section, "description"))
            else {
                continue;
            };
            let label = one_line(title);
            rows.push(vec![label.clone(), one_line(description)]);
            links.extend(
                text(section, "base_path").map(|path| Link { label, url: written.address(path) }),
            );
        }
        if !rows.is_empty() {
            written.outline.fresh();
            written.outline.heading(2, text(group, "title").unwrap_or_default(), None);
            written.outline.block(Block::Table { header: Vec::new(), rows, links });
        }
    }
}

/// A collection: its body and what is said of its groups; the pages in it are pages of their own.
pub(super) fn collection(written: &mut Written<'_>) {
    body::add(written.outline, &written.details["body"]);
    for group in list(written.details, "collection_groups") {
        if body::words(&group["body"]).is_empty() {
            continue;
        }
        written.outline.fresh();
        written.outline.heading(2, text(group, "title").unwrap_or_default(), None);
        body::add_here(written.outline, &group["body"]);
    }
}

/// A publication: the body, then the titles of what it consists of.
pub(super) fn publication(written: &mut Written<'_>) {
    body::add(written.outline, &written.details["body"]);
    for html in list(written.details, "documents").iter().filter(|value| value.is_string()) {
        body::add(written.outline, html);
    }
    attachments(written);
}

/// A document with facts of its type, such as the date and place of an accident.
pub(super) fn specialist_document(written: &mut Written<'_>) {
    body::add(written.outline, &written.details["body"]);
    let locale = written.page.locale.clone();
    let fields = written.details["metadata"].as_object().into_iter().flatten();
    let facts: Vec<(String, String)> =
        fields.map(|(name, value)| (label(name), fact(value, &locale))).collect();
    written.outline.fresh();
    written.outline.facts(facts);
    attachments(written);
}

/// When statistics will come out.
pub(super) fn statistics_announcement(written: &mut Written<'_>) {
    let details = written.details;
    let of = |field: &str| text(details, field).map(one_line).unwrap_or_default();
    let facts = [
        (written.word("Release date", "Dyddiad rhyddhau"), of("display_date")),
        (written.word("State", "Statws"), of("state")),
        (
            written.word("Previous release date", "Dyddiad rhyddhau blaenorol"),
            of("previous_display_date"),
        ),
        (written.word("Reason for the change", "Rheswm dros y newid"), of("latest_change_note")),
        (written.word("Reason for cancellation", "Rheswm dros ganslo"), of("cancellation_reason")),
    ];
    written.outline.facts(facts.map(|(label, value)| (label.to_owned(), value)));
}

/// The titles of the attached documents, under the heading that the page has over them.
pub(super) fn attachments(written: &mut Written<'_>) {
    let (mut rows, mut links) = (Vec::new(), Vec::new());
    for attachment in list(written.details, "attachments") {
        let Some(title) = text(attachment, "title") else { continue };
        let label = one_line(title);
        if rows.iter().any(|row: &Vec<String>| row.first() == Some(&label)) {
            continue;
        }
        let reference = ["unique_reference", "isbn"]
            .into_iter()
            .find_map(|field| text(attachment, field))
            .map(one_line);
        rows.push([label.clone()].into_iter().chain(reference).collect());
        let url = text(attachment, "url")
            .and_then(|url| resolved(&written.outline.site, &written.page.url, url));
        links.extend(url.map(|url| Link { label, url }));
    }
    if !rows.is_empty() {
        let heading = written.word("Documents", "Dogfennau");
        written.outline.fresh();
        written.outline.heading(2, heading, None);
        written.outline.block(Block::Table { header: Vec::new(), rows, links });
    }
}

/// `date_of_occurrence` as people write it.
fn label(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A fact as words. Switches and nested values are for machines.
fn fact(value: &Value, locale: &candour_core::Locale) -> String {
    match value {
        Value::String(text) if text.contains('<') => body::words(value),
        Value::String(text) => spelled(text, locale),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => {
            let values: Vec<String> = values
                .iter()
                .map(|value| fact(value, locale))
                .filter(|text| !text.is_empty())
                .collect();
            values.join(", ")
        }
        _ => String::new(),
    }
}
