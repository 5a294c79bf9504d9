//! Contact cards and addresses: lines that mean little apart from whom they are about.

use candour_core::Link;

use super::clean::Gathered;
use super::parse::fragment;
use super::tree::{Branch, element, has_class, is_block, is_unread};
use super::{Block, Text};

/// A card as a table: whom it is about is the header of its lines. A card of one line is a paragraph.
pub(super) fn block(card: Branch<'_>, address: &dyn Fn(&str) -> Option<String>) -> Option<Block> {
    let mut lines = Gathered::default();
    let is_address = element(card).is_some_and(is_postal);
    read(&mut lines, card, is_address, address);
    let Text { text, links } = lines.take()?;
    Some(from_lines(text.lines().map(str::to_owned), links))
}

/// The lines of a piece of HTML, such as opening hours.
pub(super) fn lines_of(html: &str) -> Vec<String> {
    let tree = fragment(html);
    let mut lines = Gathered::default();
    read(&mut lines, *tree.root_element(), false, &|_| None);
    lines.take().map(|text| text.text.lines().map(str::to_owned).collect()).unwrap_or_default()
}

/// A card of the given lines, the first of which says whom it is about.
pub(super) fn from_lines(lines: impl IntoIterator<Item = String>, found: Vec<Link>) -> Block {
    let mut written = lines.into_iter().filter(|line| !line.is_empty());
    let title = written.next().unwrap_or_default();
    let rows: Vec<Vec<String>> = written.map(|line| vec![line]).collect();
    if rows.is_empty() {
        return Block::Paragraph(Text { text: title, links: found });
    }
    Block::Table { header: vec![title], rows, links: found }
}

fn read(
    lines: &mut Gathered,
    branch: Branch<'_>,
    is_address: bool,
    address: &dyn Fn(&str) -> Option<String>,
) {
    for child in branch.children() {
        if let Some(text) = child.value().as_text() {
            lines.push(text);
        }
        let Some(element) = element(child).filter(|element| !is_unread(element)) else { continue };
        match element.name() {
            "br" if is_address => lines.set_apart(','),
            "br" => lines.end_line(),
            "a" => {
                let mark = lines.mark();
                read(lines, child, is_address, address);
                lines.link(mark, element.attr("href").and_then(address));
            }
            name if is_block(name) || name == "ul" => {
                if is_address {
                    lines.set_apart(',');
                } else {
                    lines.end_line();
                }
                read(lines, child, is_address || is_postal(element), address);
                if !is_address {
                    lines.end_line();
                }
            }
            _ => read(lines, child, is_address, address),
        }
    }
}

fn is_postal(element: &scraper::node::Element) -> bool {
    has_class(element, "adr") || has_class(element, "address") || element.name() == "address"
}
