//! HTML to the sections and blocks of an outline. Tables and contact cards have files of their own.

use super::clean::Gathered;
use super::outline::Outline;
use super::parse::fragment;
use super::resolve::resolved;
use super::tree::{Branch, element, has_class, heading_level, is_any, is_block, is_unread};
use super::{Block, Text, card, table};

/// How deep lists inside lists are told apart; deeper ones are read as if they were at this depth.
const MAX_LIST_DEPTH: usize = 4;

/// Adds a piece of HTML to the outline.
pub(super) fn add(outline: &mut Outline, html: &str) {
    let tree = fragment(html);
    add_branch(outline, *tree.root_element(), &|_| false);
}

/// Adds what is inside `branch`, without the elements that `leaves_out` names.
pub(super) fn add_branch(
    outline: &mut Outline,
    branch: Branch<'_>,
    leaves_out: &dyn Fn(Branch<'_>) -> bool,
) {
    let mut reader = Reader { outline, leaves_out, line: Gathered::default() };
    reader.children(branch);
    reader.end_paragraph();
}

/// The words of a piece of HTML in one line.
pub(super) fn words(html: &str) -> String {
    let tree = fragment(html);
    let mut line = Gathered::default();
    gather(&mut line, *tree.root_element(), &|_| None);
    line.take().map(|text| text.text.replace('\n', " ")).unwrap_or_default()
}

/// Gathers the words inside `branch` into one line, with marks between blocks that have no punctuation.
pub(super) fn gather(
    line: &mut Gathered,
    branch: Branch<'_>,
    address: &dyn Fn(&str) -> Option<String>,
) {
    for child in branch.children() {
        if let Some(text) = child.value().as_text() {
            line.push(text);
        }
        let Some(element) = element(child).filter(|element| !is_unread(element)) else { continue };
        match element.name() {
            "br" => line.push(" "),
            "a" => {
                let mark = line.mark();
                gather(line, child, address);
                line.link(mark, element.attr("href").and_then(address));
            }
            name if is_block(name) || name == "ul" || name == "ol" => {
                line.set_apart(';');
                gather(line, child, address);
                line.push(" ");
            }
            _ => gather(line, child, address),
        }
    }
}

struct Reader<'a> {
    outline: &'a mut Outline,
    leaves_out: &'a dyn Fn(Branch<'_>) -> bool,
    line: Gathered,
}

impl Reader<'_> {
    fn children(&mut self, branch: Branch<'_>) {
        for child in branch.children() {
            if let Some(text) = child.value().as_text() {
                self.line.push(text);
            } else {
                self.child(child);
            }
        }
    }

    fn child(&mut self, child: Branch<'_>) {
        let Some(element) = element(child).filter(|element| !is_unread(element)) else { return };
        if (self.leaves_out)(child) || is_attachment_warning(child) {
            return;
        }
        match element.name() {
            "br" => self.line.end_line(),
            "a" => {
                let mark = self.line.mark();
                self.children(child);
                let url = element.attr("href").and_then(|href| self.address(href));
                self.line.link(mark, url);
            }
            "ul" | "ol" | "menu" => self.list(child),
            "table" => self.table(child),
            "dl" => {
                self.blocks(|outline| table::definitions(child, &|href| address(outline, href)));
            }
            _ if has_class(element, "vcard") || has_class(element, "address") => {
                self.blocks(|outline| {
                    card::block(child, &|href| address(outline, href)).into_iter().collect()
                });
            }
            name => match heading_level(name) {
                Some(level) if !is_in_attachment(child) => self.heading(level, child),
                _ if is_block(name) => self.paragraph(child),
                _ => self.children(child),
            },
        }
    }

    fn heading(&mut self, level: u8, child: Branch<'_>) {
        self.end_paragraph();
        let mut line = Gathered::default();
        gather(&mut line, child, &|_| None);
        let text = line.take().unwrap_or_default().text;
        // Some publishers put the id on an empty anchor inside the heading.
        let own = element(child).and_then(|element| element.attr("id"));
        let inside = || {
            child
                .descendants()
                .filter(|node| is_any(*node, &["a", "span"]))
                .find_map(|node| element(node)?.attr("id"))
        };
        let id = own.or_else(inside);
        self.outline.heading(level, &text, id);
    }

    fn paragraph(&mut self, child: Branch<'_>) {
        self.end_paragraph();
        self.children(child);
        self.end_paragraph();
    }

    fn end_paragraph(&mut self) {
        if let Some(text) = self.line.take() {
            self.outline.block(Block::Paragraph(text));
        }
    }

    fn list(&mut self, list: Branch<'_>) {
        self.end_paragraph();
        let mut items = Vec::new();
        list_items(list, 0, &mut items, &|href| self.address(href));
        if !items.is_empty() {
            self.outline.block(Block::List(items));
        }
    }

    /// A table of data becomes rows; one that only lays the page out is read as if it were not there.
    fn table(&mut self, child: Branch<'_>) {
        if table::is_layout(child) {
            self.paragraph(child);
        } else {
            self.blocks(|outline| table::blocks(child, &|href| address(outline, href)));
        }
    }

    fn blocks(&mut self, read: impl FnOnce(&Outline) -> Vec<Block>) {
        self.end_paragraph();
        for block in read(self.outline) {
            self.outline.block(block);
        }
    }

    fn address(&self, href: &str) -> Option<String> {
        address(self.outline, href)
    }
}

fn address(outline: &Outline, href: &str) -> Option<String> {
    resolved(&outline.site, &outline.url, href)
}

/// Adds the items of a list; an item's text around a list inside it stays on its side of that list.
fn list_items(
    list: Branch<'_>,
    depth: usize,
    items: &mut Vec<Text>,
    address: &dyn Fn(&str) -> Option<String>,
) {
    let mut line = Gathered::default();
    for child in list.children() {
        if let Some(text) = child.value().as_text() {
            line.push(text);
        } else if is_any(child, &["ul", "ol", "menu"]) {
            end_item(&mut line, depth, items);
            list_items(child, (depth + 1).min(MAX_LIST_DEPTH), items, address);
        } else if let Some(item) = element(child).filter(|element| !is_unread(element)) {
            if item.name() == "li" {
                end_item(&mut line, depth, items);
            }
            item_parts(child, depth, &mut line, items, address);
            if item.name() == "li" {
                end_item(&mut line, depth, items);
            }
        }
    }
    end_item(&mut line, depth, items);
}

fn item_parts(
    part: Branch<'_>,
    depth: usize,
    line: &mut Gathered,
    items: &mut Vec<Text>,
    address: &dyn Fn(&str) -> Option<String>,
) {
    let Some(element) = element(part) else { return };
    if is_unread(element) {
        return;
    }
    let mark = line.mark();
    let is_block = is_block(element.name()) && element.name() != "li";
    if is_block {
        line.set_apart(';');
    }
    for child in part.children() {
        if let Some(text) = child.value().as_text() {
            line.push(text);
        } else if is_any(child, &["ul", "ol", "menu"]) {
            end_item(line, depth, items);
            list_items(child, (depth + 1).min(MAX_LIST_DEPTH), items, address);
        } else {
            item_parts(child, depth, line, items, address);
        }
    }
    match element.name() {
        "a" => line.link(mark, element.attr("href").and_then(address)),
        "br" => line.push(" "),
        _ if is_block => line.push(" "),
        _ => {}
    }
}

fn end_item(line: &mut Gathered, depth: usize, items: &mut Vec<Text>) {
    if let Some(Text { text, links }) = line.take() {
        items.push(Text { text: format!("{}{text}", "\t".repeat(depth)), links });
    }
}

/// An attachment's card has a heading, but begins no section.
fn is_in_attachment(node: Branch<'_>) -> bool {
    node.ancestors().take(4).any(is_attachment)
}

/// What an attachment's card says of assistive technology is about the file, not the subject.
fn is_attachment_warning(node: Branch<'_>) -> bool {
    let is_warning = |class: &str| {
        class.ends_with("accessibility-warning") || class.ends_with("attachment__metadata--compact")
    };
    element(node).is_some_and(|element| element.classes().any(is_warning))
}

fn is_attachment(node: Branch<'_>) -> bool {
    element(node).is_some_and(|element| {
        has_class(element, "attachment") || has_class(element, "gem-c-attachment")
    })
}
