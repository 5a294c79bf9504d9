//! The parsed tree of a page: what an element is for a reader, and which elements readers do not read.

use ego_tree::NodeRef;
use scraper::Node;
use scraper::node::Element;

/// A node in the tree.
pub(super) type Branch<'a> = NodeRef<'a, Node>;

/// The element at a node.
pub(super) fn element(node: Branch<'_>) -> Option<&Element> {
    node.value().as_element()
}

/// Whether an element's name is one of `names`.
pub(super) fn is_any(node: Branch<'_>, names: &[&str]) -> bool {
    element(node).is_some_and(|element| names.contains(&element.name()))
}

/// Whether an element begins and ends a paragraph.
pub(super) fn is_block(name: &str) -> bool {
    const BLOCKS: &[&str] = &[
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hgroup",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "p",
        "pre",
        "search",
        "section",
        "summary",
        "td",
        "th",
        "tr",
    ];
    BLOCKS.contains(&name) || heading_level(name).is_some()
}

/// 1 to 6 for `h1` to `h6`.
pub(super) fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    }
}

/// Whether an element is left out with all that is in it: code, media, controls, footnotes, and what is
/// hidden from readers, since only a machine would read that.
pub(super) fn is_unread(element: &Element) -> bool {
    const UNREAD: &[&str] = &[
        "audio", "base", "button", "canvas", "datalist", "embed", "frame", "frameset", "head",
        "iframe", "img", "input", "link", "map", "math", "meta", "meter", "noframes", "noscript",
        "object", "optgroup", "option", "param", "picture", "progress", "script", "select",
        "style", "svg", "template", "textarea", "video",
    ];
    const CLASSES: &[&str] = &[
        "footnotes",
        "footnote",
        "footnote-definition",
        "footnote-reference",
        "reversefootnote",
        "visually-hidden",
        "govuk-visually-hidden",
        "visuallyhidden",
    ];
    let is_hidden = element.attr("hidden").is_some()
        || element.attr("aria-hidden").is_some_and(|value| value.eq_ignore_ascii_case("true"))
        || element.attr("style").is_some_and(is_hiding);
    UNREAD.contains(&element.name())
        || is_hidden
        || element.classes().any(|class| CLASSES.contains(&class))
}

/// Whether an element has a class.
pub(super) fn has_class(element: &Element, class: &str) -> bool {
    element.classes().any(|one| one == class)
}

fn is_hiding(style: &str) -> bool {
    let style: String =
        style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    style.contains("display:none") || style.contains("visibility:hidden")
}
