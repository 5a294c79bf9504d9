//! One Content API item: is it usable, and what became of it. Its facts and its text are read elsewhere.

use candour_core::PageId;
use serde_json::Value;

use super::resolve::at_site;
use super::schema::{self, Kind};
use super::{Extraction, facts, finished};

/// Reads an item.
pub(super) fn read(bytes: &[u8], site: &str) -> Extraction {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let item: Value = match serde_json::from_slice(bytes) {
        Ok(item) => item,
        Err(error) => {
            let at = byte_offset(bytes, error.line(), error.column());
            return rejected(None, "not_json", format!("not JSON at byte {at}: {error}"));
        }
    };
    if !item.is_object() {
        return rejected(
            None,
            "not_object",
            "the JSON is not an object, as a Content API item is".to_owned(),
        );
    }
    let path = text(&item, "base_path")
        .filter(|path| path.starts_with('/'))
        .map(|path| PageId(path.to_owned()));
    if let Some(why) = path.as_ref().and_then(|path| fault_of(&path.0)) {
        return rejected(None, "invalid_path", format!("`base_path` {why}"));
    }
    let Some(schema_name) = text(&item, "schema_name") else {
        return missing(path, "schema_name");
    };
    match (schema::kind(schema_name, text(&item, "document_type").unwrap_or_default()), path) {
        (Kind::Redirect, path) => redirect(&item, path),
        (Kind::External, page) => Extraction::Skipped { page, reason: "external_link" },
        (_, None) => missing(None, "base_path"),
        (Kind::Gone, Some(path)) => Extraction::Gone(path),
        (_, Some(path)) if text(&item, "title").is_none() => missing(Some(path), "title"),
        (Kind::Navigation, Some(path)) => {
            Extraction::Skipped { page: Some(path), reason: "navigation_only" }
        }
        (Kind::Written(write), Some(path)) => written(&item, path, site, write),
    }
}

/// Why a path names no page that a reader could open, or that a database could keep.
fn fault_of(path: &str) -> Option<&'static str> {
    const LONGEST: usize = 2048;
    if path.len() > LONGEST {
        Some("has more than 2048 bytes")
    } else if path.contains(char::is_control) {
        Some("has control characters")
    } else if path.starts_with("//") {
        Some("begins with `//`, which names another host")
    } else if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        Some("has the segment `.` or `..`, which leads to another page")
    } else {
        None
    }
}

/// A text field of the item, when it has words.
pub(super) fn text<'a>(item: &'a Value, field: &str) -> Option<&'a str> {
    item.get(field).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// The elements of an array field; none where it is something else.
pub(super) fn list<'a>(item: &'a Value, field: &str) -> &'a [Value] {
    item.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The items that an item links to by `relation`: the queue form keeps them in `expanded_links`.
pub(super) fn linked<'a>(item: &'a Value, relation: &str) -> Vec<&'a Value> {
    let of = |field: &str| {
        let found = item.get(field).and_then(|links| links.get(relation)).and_then(Value::as_array);
        found.into_iter().flatten().filter(|link| link.is_object()).collect::<Vec<_>>()
    };
    let expanded = of("expanded_links");
    if expanded.is_empty() { of("links") } else { expanded }
}

fn written(item: &Value, path: PageId, site: &str, write: schema::Writer) -> Extraction {
    let page = facts::page(item, path, site);
    let mut outline = super::outline::Outline::new(site, &page.title, &page.url);
    let mut details = item.get("details").cloned().unwrap_or(Value::Null);
    if let Some(metadata) = details.get_mut("metadata").and_then(Value::as_object_mut) {
        // Notes between civil servants are not published guidance.
        metadata.remove("internal_notes");
    }
    let mut written = schema::Written { item, details: &details, page, outline: &mut outline };
    write(&mut written);
    let page = written.page;
    let is_listing = matches!(
        page.schema.as_str(),
        "manual" | "hmrc_manual" | "hmrc_manual_section" | "document_collection"
    );
    match finished(page, outline.finish()) {
        // A table of contents without a word of its own.
        Extraction::Skipped { page, reason: "no_text" } if is_listing => {
            Extraction::Skipped { page, reason: "navigation_only" }
        }
        other => other,
    }
}

fn redirect(item: &Value, path: Option<PageId>) -> Extraction {
    // An item speaks for its own path and those below it, and for no other page.
    let is_own = |from: &str| {
        path.as_ref().is_none_or(|path| {
            from.strip_prefix(path.as_str()).is_some_and(|below| {
                below.is_empty() || below.starts_with(['/', '.']) || path.as_str().ends_with('/')
            })
        })
    };
    let moves = list(item, "redirects").iter().filter_map(|redirect| {
        let (from, to) = (text(redirect, "path")?, text(redirect, "destination")?);
        let is_sound = is_own(from) && fault_of(from).is_none() && !to.contains(char::is_control);
        is_sound.then(|| (PageId(from.to_owned()), to.to_owned()))
    });
    let moves: Vec<(PageId, String)> = moves.collect();
    if moves.is_empty() { missing(path, "redirects") } else { Extraction::Redirect(moves) }
}

fn missing(page: Option<PageId>, field: &str) -> Extraction {
    let detail =
        format!("the item has no `{field}`: export it from the Content API, or add the field");
    rejected(page, &format!("missing_field:{field}"), detail)
}

fn rejected(page: Option<PageId>, reason: &str, detail: String) -> Extraction {
    Extraction::Rejected { page, reason: reason.to_owned(), detail }
}

/// The byte that a line and column (both from 1) of serde_json stand for.
fn byte_offset(bytes: &[u8], line: usize, column: usize) -> usize {
    let line_start = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .take(line.saturating_sub(1))
        .map(<[u8]>::len)
        .sum::<usize>();
    (line_start + column.saturating_sub(1)).min(bytes.len())
}

/// The address of a linked item.
pub(super) fn address(item: &Value, site: &str) -> Option<String> {
    let path = text(item, "base_path").map(|path| at_site(site, path));
    path.or_else(|| text(item, "web_url").or_else(|| text(item, "url")).map(str::to_owned))
}
