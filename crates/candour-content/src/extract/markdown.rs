//! Markdown pages, with optional front matter between `---` or `+++` lines.

use std::collections::BTreeMap;

use candour_core::{Locale, NationScope, Page, PageId, Withdrawal};

use super::clean::one_line;
use super::encoding::decoded;
use super::govspeak::markdown_to_html;
use super::outline::Outline;
use super::{Extraction, audience, facts, finished, html, nations};

/// Reads a Markdown page.
pub(super) fn read(bytes: &[u8], path: &str, url: &str) -> Extraction {
    let id = PageId(path.to_owned());
    let text = match decoded(bytes) {
        Ok(text) => text.replace("\r\n", "\n"),
        Err(detail) => {
            return Extraction::Rejected { page: Some(id), reason: "encoding".to_owned(), detail };
        }
    };
    let (matter, markdown) = front_matter(&text);
    let Some(title) = matter
        .get("title")
        .cloned()
        .or_else(|| first_heading(markdown))
        .filter(|title| !title.is_empty())
    else {
        let detail =
            "the page has no title: add `title:` to its front matter, or a first line `# Title`"
                .to_owned();
        return Extraction::Rejected {
            page: Some(id),
            reason: "missing_field:title".to_owned(),
            detail,
        };
    };
    let written = nations::KEYS.iter().find_map(|key| matter.get(*key));
    let scope = match nations::scope(written.map_or("", String::as_str)) {
        Ok(scope) => scope,
        Err(unknown) => return unknown.rejected(&id),
    };
    let mut outline = Outline::new("", &title, url);
    html::add(&mut outline, &markdown_to_html(markdown));
    finished(Page { scope, ..page(&matter, id, url, title) }, outline.finish())
}

fn page(matter: &BTreeMap<String, String>, id: PageId, url: &str, title: String) -> Page {
    let of = |key: &str| matter.get(key).filter(|value| !value.is_empty());
    Page {
        id,
        url: url.to_owned(),
        title,
        description: of("description").cloned(),
        locale: Locale::from(of("locale").map_or("en", String::as_str)),
        schema: "markdown".to_owned(),
        document_type: "markdown".to_owned(),
        scope: NationScope::default(),
        audiences: of("audience").map(|written| audience::listed(written)).unwrap_or_default(),
        withdrawn: of("withdrawn").and_then(|value| withdrawal(value)),
        history_mode: false,
        updated_at: of("updated").and_then(|value| facts::moment(value)),
        first_published_at: of("published").and_then(|value| facts::moment(value)),
        opens_at: None,
        closes_at: None,
        organisations: of("organisation").cloned().into_iter().collect(),
        part_of: Vec::new(),
        translations: Vec::new(),
        actions: Vec::new(),
        contacts: Vec::new(),
        alerts: Vec::new(),
        licence: of("licence").cloned(),
    }
}

/// `true`, a date, or the explanation itself.
fn withdrawal(written: &str) -> Option<Withdrawal> {
    if matches!(written, "false" | "no") {
        return None;
    }
    let at = facts::moment(written);
    let is_flag = at.is_some() || matches!(written, "true" | "yes");
    Some(Withdrawal { explanation: if is_flag { String::new() } else { written.to_owned() }, at })
}

/// The keys of the front matter in lower case, and the text after it. What is not `key: value` or
/// `key = value`, or a list that goes on over further lines, is passed over: front matter holds much
/// that is meant for other programs.
fn front_matter(text: &str) -> (BTreeMap<String, String>, &str) {
    for (fence, sign) in [("---", ':'), ("+++", '=')] {
        let Some(rest) = text.strip_prefix(fence).and_then(|rest| rest.strip_prefix('\n')) else {
            continue;
        };
        let end = format!("\n{fence}");
        let Some(at) = rest.find(&end) else { continue };
        let body = rest[at + end.len()..].split_once('\n').map_or("", |(_, body)| body);
        return (keys(&rest[..at], sign), body);
    }
    (BTreeMap::new(), text)
}

fn keys(matter: &str, sign: char) -> BTreeMap<String, String> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for line in matter.lines() {
        let item = line.trim();
        let is_item = item.starts_with("- ");
        if let Some((key, value)) = line.split_once(sign).filter(|_| !is_item) {
            let value = one_line(value.trim().trim_matches(['"', '\'']));
            let value = if value.starts_with('[') { without_comment(&value) } else { &value };
            pairs.push((key.trim().to_ascii_lowercase(), value.to_owned()));
        } else if let Some((_, list)) = pairs.last_mut()
            && (list.starts_with('[') || (is_item && (list.is_empty() || list.starts_with(','))))
        {
            list.push_str(", ");
            list.push_str(without_comment(item.trim_start_matches("- ")));
        }
    }
    pairs.into_iter().collect()
}

/// A line of a list without its comment, which ends with the line. Elsewhere people write `Form #4`.
fn without_comment(line: &str) -> &str {
    line.split(" #").next().unwrap_or_default()
}

fn first_heading(markdown: &str) -> Option<String> {
    let tree = super::parse::fragment(&markdown_to_html(markdown));
    let heading =
        tree.tree.root().descendants().find(|node| super::tree::is_any(*node, &["h1"]))?;
    let mut line = super::clean::Gathered::default();
    html::gather(&mut line, heading, &|_| None);
    line.take().map(|text| text.text)
}
