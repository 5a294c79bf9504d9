//! Any public body's HTML page: what it is called, what it says of itself, and its main content.

use std::collections::BTreeSet;

use candour_core::{Audience, Link, Locale, NationScope, Page, PageId};
use scraper::Html;
use scraper::node::Element;
use serde_json::Value;

use super::clean::{Gathered, one_line};
use super::encoding::decoded;
use super::html::{add_branch, gather};
use super::outline::Outline;
use super::parse::document;
use super::resolve::resolved;
use super::tree::{Branch, element, is_any, is_unread};
use super::{Extraction, audience, facts, finished, nations};

/// A form with less text than this in its paragraphs is a search box or a feedback box.
const FORM_WORDS: usize = 200;

/// Reads an HTML page.
pub(super) fn read(bytes: &[u8], path: &str, url: &str) -> Extraction {
    let id = PageId(path.to_owned());
    let html = match decoded(bytes) {
        Ok(html) => html,
        Err(detail) => {
            return Extraction::Rejected { page: Some(id), reason: "encoding".to_owned(), detail };
        }
    };
    let tree = document(&html);
    let main = main_content(&tree);
    let Some(title) = title(&tree, main) else {
        let detail = "the page has no <title>, <h1> or og:title: add one".to_owned();
        return Extraction::Rejected {
            page: Some(id),
            reason: "missing_field:title".to_owned(),
            detail,
        };
    };
    let scope = match nations::scope(&meta(&tree, &nations::KEYS).unwrap_or_default()) {
        Ok(scope) => scope,
        Err(unknown) => return unknown.rejected(&id),
    };
    let mut outline = Outline::new("", &title, url);
    let content = main.unwrap_or_else(|| *tree.root_element());
    add_branch(&mut outline, content, &is_around_content);
    finished(Page { scope, ..page(&tree, id, url, title) }, outline.finish())
}

fn page(tree: &Html, id: PageId, url: &str, title: String) -> Page {
    let lang = tree.root_element().value().attr("lang").unwrap_or("en");
    let time = |names: &[&str]| meta(tree, names).and_then(|written| facts::moment(&written));
    let stated = time(&["article:modified_time", "dcterms.modified", "last-modified"]);
    let marked =
        || elements(tree, &["time"]).find_map(|time| facts::moment(time.attr("datetime")?));
    Page {
        id,
        url: url.to_owned(),
        title,
        description: meta(tree, &["description", "og:description"])
            .map(|text| one_line(&text))
            .filter(|text| !text.is_empty()),
        locale: Locale::from(lang),
        schema: "html".to_owned(),
        document_type: "html".to_owned(),
        scope: NationScope::default(),
        audiences: audiences(tree),
        withdrawn: None,
        history_mode: false,
        updated_at: stated.or_else(marked),
        first_published_at: time(&["article:published_time", "dcterms.issued"]),
        opens_at: None,
        closes_at: None,
        organisations: meta(tree, &["og:site_name"])
            .map(|name| one_line(&name))
            .into_iter()
            .collect(),
        part_of: Vec::new(),
        translations: Vec::new(),
        actions: start_buttons(tree, url),
        contacts: Vec::new(),
        alerts: Vec::new(),
        licence: elements(tree, &["a", "link"])
            .find(|link| link.attr("rel") == Some("license"))
            .and_then(|link| resolved("", url, link.attr("href")?)),
    }
}

/// The first of: the main element, an article, an element whose id says so, the body.
fn main_content(tree: &Html) -> Option<Branch<'_>> {
    let is_main =
        |node: &Branch<'_>| is_any(*node, &["main"]) || attribute(*node, "role") == Some("main");
    let is_article = |node: &Branch<'_>| is_any(*node, &["article"]);
    let is_named = |node: &Branch<'_>| {
        attribute(*node, "id")
            .is_some_and(|id| matches!(id, "content" | "main" | "main-content" | "maincontent"))
    };
    let is_body = |node: &Branch<'_>| is_any(*node, &["body"]);
    let has_words = |node: &Branch<'_>| {
        node.descendants()
            .filter_map(|node| node.value().as_text())
            .any(|text| !text.trim().is_empty())
    };
    let nodes = || tree.tree.root().descendants();
    let first =
        |is_it: &dyn Fn(&Branch<'_>) -> bool| nodes().find(|node| is_it(node) && has_words(node));
    first(&is_main)
        .or_else(|| first(&is_article))
        .or_else(|| first(&is_named))
        .or_else(|| first(&is_body))
}

/// What stands around the content of a page: its navigation, its forms, the notices of its site.
fn is_around_content(node: Branch<'_>) -> bool {
    const ROLES: [&str; 7] =
        ["navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alertdialog"];
    const NAMES: [&str; 11] = [
        "breadcrumb",
        "breadcrumbs",
        "cookie-banner",
        "cookies",
        "cookie-notice",
        "skip-link",
        "pagination",
        "share",
        "social-share",
        "feedback",
        "related-content",
    ];
    let Some(element) = element(node) else { return false };
    let name = element.name();
    let is_around = matches!(name, "nav" | "aside" | "footer" | "dialog" | "label" | "legend")
        || (name == "header" && !holds_heading(node));
    let has_role = element.attr("role").is_some_and(|role| ROLES.contains(&role));
    let is_named = |label: &str| {
        NAMES
            .iter()
            .any(|name| label.eq_ignore_ascii_case(name) || label.ends_with(&format!("-{name}")))
    };
    is_around
        || has_role
        || element.classes().any(is_named)
        || element.id().is_some_and(is_named)
        || (name == "form" && is_small_form(node))
}

/// The header of a page's site is dropped; the header of its article can hold its first words.
fn holds_heading(node: Branch<'_>) -> bool {
    node.ancestors().any(|around| is_any(around, &["main", "article"]))
        && !node.descendants().any(|inside| is_any(inside, &["nav"]))
}

/// Some sites wrap the whole page in a form; that one is no form for a reader.
fn is_small_form(form: Branch<'_>) -> bool {
    let paragraphs = form.descendants().filter(|node| is_any(*node, &["p", "li"]));
    let texts = paragraphs
        .flat_map(|paragraph| paragraph.children())
        .filter_map(|child| child.value().as_text());
    texts.map(|text| text.trim().len()).sum::<usize>() < FORM_WORDS
}

fn title(tree: &Html, main: Option<Branch<'_>>) -> Option<String> {
    let nodes = || tree.tree.root().descendants();
    let in_main = main.and_then(|main| main.descendants().find(|node| is_any(*node, &["h1"])));
    let heading = in_main.or_else(|| nodes().find(|node| is_any(*node, &["h1"])));
    let title_of = |node: Branch<'_>| {
        one_line(
            &node
                .children()
                .filter_map(|child| child.value().as_text().map(|text| &**text))
                .collect::<String>(),
        )
    };
    let titles = || nodes().find(|node| is_any(*node, &["title"])).map(title_of);
    let stated = heading.map(words).filter(|text| !text.is_empty());
    let stated = stated.or_else(|| {
        meta(tree, &["og:title"]).map(|text| one_line(&text)).filter(|text| !text.is_empty())
    });
    stated.or_else(titles).filter(|text| !text.is_empty())
}

fn words(node: Branch<'_>) -> String {
    let mut line = Gathered::default();
    gather(&mut line, node, &|_| None);
    line.take().unwrap_or_default().text
}

/// Start buttons of the GOV.UK Design System, which many public bodies use.
fn start_buttons(tree: &Html, url: &str) -> Vec<Link> {
    let is_start = |link: &Branch<'_>| {
        element(*link)
            .is_some_and(|element| element.classes().any(|class| class == "govuk-button--start"))
    };
    let buttons =
        tree.tree.root().descendants().filter(|node| is_any(*node, &["a"])).filter(is_start);
    let links = buttons.filter_map(|node| {
        Some(Link { label: words(node), url: resolved("", url, attribute(node, "href")?)? })
    });
    links.filter(|link| !link.label.is_empty()).collect()
}

/// Whom the page says that it is for: in a meta element, or else as linked data of schema.org.
fn audiences(tree: &Html) -> BTreeSet<Audience> {
    if let Some(written) = meta(tree, &["audience", "dcterms.audience", "dc.audience"]) {
        return audience::listed(&written);
    }
    let is_data = |node: &Branch<'_>| {
        is_any(*node, &["script"]) && attribute(*node, "type") == Some("application/ld+json")
    };
    let texts = tree.tree.root().descendants().filter(is_data).flat_map(|node| node.children());
    let texts = texts.filter_map(|child| child.value().as_text());
    let data = texts.filter_map(|text| serde_json::from_str::<Value>(text).ok());
    let stated = data.flat_map(described).find_map(|mut about| {
        Some(about.get_mut("audience")?.take()).filter(|stated| !stated.is_null())
    });
    stated.map(|stated| audience::in_json(&stated)).unwrap_or_default()
}

/// What linked data is about: one thing, or several in an array or a graph.
fn described(mut data: Value) -> Vec<Value> {
    if let Some(Value::Array(several)) = data.get_mut("@graph").map(Value::take) {
        return several;
    }
    match data {
        Value::Array(several) => several,
        one => vec![one],
    }
}

fn meta(tree: &Html, names: &[&str]) -> Option<String> {
    let is_named = |element: &&Element, wanted: &str| {
        let name = element.attr("name").or_else(|| element.attr("property"));
        name.is_some_and(|name| name.eq_ignore_ascii_case(wanted))
    };
    names.iter().find_map(|wanted| {
        elements(tree, &["meta"])
            .find(|element| is_named(element, wanted))?
            .attr("content")
            .map(str::to_owned)
    })
}

fn elements<'a>(tree: &'a Html, names: &'a [&'a str]) -> impl Iterator<Item = &'a Element> {
    tree.tree
        .root()
        .descendants()
        .filter(|node| is_any(*node, names))
        .filter_map(element)
        .filter(|element| element.name() != "a" || !is_unread(element))
}

fn attribute<'a>(node: Branch<'a>, name: &str) -> Option<&'a str> {
    element(node)?.attr(name)
}
