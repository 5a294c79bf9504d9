//! Markdown pages, with optional front matter between `---` or `+++` lines.

use std::collections::BTreeMap;

use candour_core::{Locale, Nation, NationScope, Nations, Page, PageId, Withdrawal};

use super::clean::one_line;
use super::encoding::decoded;
use super::govspeak::markdown_to_html;
use super::outline::Outline;
use super::{Extraction, audience, facts, finished, html};

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
    let mut outline = Outline::new("", &title, url);
    html::add(&mut outline, &markdown_to_html(markdown));
    finished(page(&matter, id, url, title), outline.finish())
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
        scope: of("nations").map(|nations| scope(nations)).unwrap_or_default(),
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

/// `wales, england` or `[wales, england]`; names that are no nation leave the scope as wide as it was.
fn scope(written: &str) -> NationScope {
    let keys = written
        .trim_matches(['[', ']'])
        .split(',')
        .map(|key| key.trim().trim_matches(['"', '\'']).to_lowercase().replace([' ', '-'], "_"));
    let nations: Nations = keys.filter_map(|key| Nation::from_key(&key)).collect();
    if nations.is_empty() {
        NationScope::default()
    } else {
        NationScope { applies: nations, ..NationScope::default() }
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
/// `key = value` is passed over: front matter holds much that is meant for other programs.
fn front_matter(text: &str) -> (BTreeMap<String, String>, &str) {
    for (fence, sign) in [("---", ':'), ("+++", '=')] {
        let Some(rest) = text.strip_prefix(fence).and_then(|rest| rest.strip_prefix('\n')) else {
            continue;
        };
        let end = format!("\n{fence}");
        let Some(at) = rest.find(&end) else { continue };
        let body = rest[at + end.len()..].split_once('\n').map_or("", |(_, body)| body);
        let pairs = rest[..at].lines().filter_map(|line| line.split_once(sign));
        let pairs = pairs.map(|(key, value)| {
            (key.trim().to_ascii_lowercase(), one_line(value.trim().trim_matches(['"', '\''])))
        });
        return (pairs.collect(), body);
    }
    (BTreeMap::new(), text)
}

fn first_heading(markdown: &str) -> Option<String> {
    let tree = super::parse::fragment(&markdown_to_html(markdown));
    let heading =
        tree.tree.root().descendants().find(|node| super::tree::is_any(*node, &["h1"]))?;
    let mut line = super::clean::Gathered::default();
    html::gather(&mut line, heading, &|_| None);
    line.take().map(|text| text.text)
}
