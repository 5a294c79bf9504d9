//! Tables and definition lists: rows of cells, with the header that they may not be separated from.

use std::collections::BTreeMap;

use candour_core::Link;

use super::clean::Gathered;
use super::html::gather;
use super::tree::{Branch, element, is_any, is_unread};
use super::{Block, Text};

/// How many rows a cell may reach over, and how long it may be to be repeated in each.
const MAX_ROWSPAN: usize = 60;
const MAX_REPEATED: usize = 300;

/// Whether a table only lays out the page: it says so, or it has one cell, or a heading or table inside.
pub(super) fn is_layout(table: Branch<'_>) -> bool {
    let says_so = element(table)
        .and_then(|element| element.attr("role"))
        .is_some_and(|role| matches!(role, "presentation" | "none"));
    let nests = || {
        table
            .descendants()
            .skip(1)
            .any(|node| is_any(node, &["table", "h2", "h3", "h4", "h5", "h6"]))
    };
    says_so || (nests() && !table.descendants().any(|node| is_any(node, &["th"])))
}

/// The blocks of a table: its caption and its rows.
pub(super) fn blocks(table: Branch<'_>, address: &dyn Fn(&str) -> Option<String>) -> Vec<Block> {
    let mut reader = Rows { address, links: Vec::new(), spans: BTreeMap::new() };
    let mut blocks: Vec<Block> =
        captions(table, address).into_iter().map(Block::Paragraph).collect();
    let (mut header, mut rows) = (Vec::new(), Vec::new());
    for row in rows_of(table) {
        let is_head = row.ancestors().take(3).any(|node| is_any(node, &["thead"]))
            || (rows.is_empty() && header.is_empty() && is_all_header(row));
        let cells = reader.row(row);
        if cells.iter().all(String::is_empty) {
            continue;
        }
        if is_head && rows.is_empty() {
            header.extend(cells);
        } else {
            rows.push(cells);
        }
    }
    if header.iter().all(String::is_empty) {
        header.clear();
    }
    if rows.is_empty() && !header.is_empty() {
        rows.push(std::mem::take(&mut header));
    }
    if !rows.is_empty() {
        blocks.push(Block::Table { header, rows, links: reader.links });
    }
    blocks
}

/// The blocks of a definition list: each term is the header of its definitions.
pub(super) fn definitions(
    list: Branch<'_>,
    address: &dyn Fn(&str) -> Option<String>,
) -> Vec<Block> {
    let mut blocks = Vec::new();
    let (mut terms, mut meanings, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for node in list.descendants().filter(|node| is_any(*node, &["dt", "dd"])) {
        let Text { text, links: found } = cell_text(node, address);
        let is_term = is_any(node, &["dt"]);
        if is_term && !meanings.is_empty() {
            blocks.extend(definition(
                std::mem::take(&mut terms),
                std::mem::take(&mut meanings),
                std::mem::take(&mut links),
            ));
        }
        links.extend(found);
        if !text.is_empty() {
            if is_term { terms.push(text) } else { meanings.push(vec![text]) }
        }
    }
    blocks.extend(definition(terms, meanings, links));
    blocks
}

fn definition(terms: Vec<String>, meanings: Vec<Vec<String>>, links: Vec<Link>) -> Option<Block> {
    let rows = if meanings.is_empty() { vec![terms.clone()] } else { meanings };
    let header = if rows == [terms.clone()] { Vec::new() } else { terms };
    rows.iter().any(|row| !row.is_empty()).then_some(Block::Table { header, rows, links })
}

fn captions(table: Branch<'_>, address: &dyn Fn(&str) -> Option<String>) -> Vec<Text> {
    let captions = table.children().filter(|node| is_any(*node, &["caption"]));
    captions
        .map(|caption| cell_text(caption, address))
        .filter(|text| !text.text.is_empty())
        .collect()
}

/// The rows of a table, without those of a table in one of its cells.
fn rows_of(table: Branch<'_>) -> Vec<Branch<'_>> {
    let own = |row: &Branch<'_>| {
        row.ancestors()
            .find(|node| is_any(*node, &["table"]))
            .is_some_and(|owner| owner.id() == table.id())
    };
    let rows = table.descendants().filter(|node| {
        is_any(*node, &["tr"]) && element(*node).is_some_and(|element| !is_unread(element))
    });
    rows.filter(own).collect()
}

fn is_all_header(row: Branch<'_>) -> bool {
    let mut cells = cells_of(row).peekable();
    cells.peek().is_some()
        && cells.all(|cell| {
            is_any(cell, &["th"])
                && element(cell).is_none_or(|element| element.attr("scope") != Some("row"))
        })
}

fn cells_of(row: Branch<'_>) -> impl Iterator<Item = Branch<'_>> {
    row.children().filter(|node| is_any(*node, &["td", "th"]))
}

fn cell_text(cell: Branch<'_>, address: &dyn Fn(&str) -> Option<String>) -> Text {
    let mut line = Gathered::default();
    gather(&mut line, cell, address);
    line.take().unwrap_or_default()
}

struct Rows<'a> {
    address: &'a dyn Fn(&str) -> Option<String>,
    links: Vec<Link>,
    /// By column: a cell from above that reaches into the rows to come, and into how many.
    spans: BTreeMap<usize, (usize, String)>,
}

impl Rows<'_> {
    /// The cells of a row, with those that reach into it from above: a row that is quoted alone says all
    /// that a reader of the table sees in it.
    fn row(&mut self, row: Branch<'_>) -> Vec<String> {
        let mut cells = Vec::new();
        let mut column = 0;
        for cell in cells_of(row) {
            self.reach_into(&mut column, &mut cells);
            let Text { text, links } = cell_text(cell, self.address);
            self.links.extend(links);
            let rows = span(cell, "rowspan", MAX_ROWSPAN);
            if rows > 1 && text.len() <= MAX_REPEATED {
                self.spans.insert(column, (rows - 1, text.clone()));
            }
            cells.push(text);
            column += span(cell, "colspan", 100);
        }
        self.reach_into(&mut column, &mut cells);
        cells
    }

    fn reach_into(&mut self, column: &mut usize, cells: &mut Vec<String>) {
        while let Some((rows, text)) = self.spans.get_mut(column) {
            cells.push(text.clone());
            *rows -= 1;
            if *rows == 0 {
                self.spans.remove(column);
            }
            *column += 1;
        }
    }
}

fn span(cell: Branch<'_>, name: &str, most: usize) -> usize {
    let written = element(cell)
        .and_then(|element| element.attr(name))
        .and_then(|value| value.trim().parse::<usize>().ok());
    written.unwrap_or(1).clamp(1, most)
}
