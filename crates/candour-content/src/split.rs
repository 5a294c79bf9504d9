//! From a page's sections to passages of bounded size, with what can be quoted marked in each.

mod condition;
mod lines;
mod merge;
mod pack;
mod sentence;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use candour_core::{Heading, Link, NationScope, Passage, PassageId, Unit};

use self::lines::Line;
use self::pack::Draft;
pub use self::sentence::sentence_texts;
use crate::extract::{ExtractedPage, Text, scope};

/// The version of these rules; it is part of a snapshot's name.
pub const VERSION: &str = "headings-3";

/// How many characters a passage should have at most: embedders read 256 word pieces, and English
/// guidance has about 4.7 characters for each.
pub const MAX_CHARACTERS: usize = 1200;

/// How many characters it can have where a condition, a stem or a table header must stay with what it
/// belongs to.
pub const MAX_WITH_CONTEXT: usize = 1800;

/// A passage with fewer characters than this is put together with a neighbour under the same headings.
const MIN_CHARACTERS: usize = 100;

/// The passages of a page, in order.
pub fn split(page: &ExtractedPage) -> Vec<Passage> {
    let mut drafts = Vec::new();
    for section in &page.sections {
        let lines = lines::of_section(section);
        drafts.extend(pack::packed(section, &lines));
    }
    let drafts = merge::merged(drafts);
    drafts.into_iter().enumerate().map(|(number, draft)| passage(page, number, draft)).collect()
}

fn passage(page: &ExtractedPage, number: usize, draft: Draft) -> Passage {
    let (text, units) = joined(&draft.lines);
    let links = links_of(&draft.lines);
    let words = Text { text, links };
    Passage {
        id: PassageId(format!("{}#{number}", page.page.id)),
        page: page.page.id.clone(),
        url: address(&draft.url, &draft.headings),
        scope: scope_of(&page.page.scope, &draft.headings, &words),
        headings: draft.headings,
        text: words.text,
        units,
        locale: page.page.locale.clone(),
        links: words.links,
    }
}

fn scope_of(page: &NationScope, headings: &[Heading], words: &Text) -> NationScope {
    scope::of_passage(page, headings.iter().map(|heading| heading.text.as_str()), words)
}

/// The address of the nearest heading that has a fragment, going outward.
fn address(url: &str, headings: &[Heading]) -> String {
    match headings.iter().rev().find_map(|heading| heading.id.as_ref()) {
        Some(id) => format!("{url}#{id}"),
        None => url.to_owned(),
    }
}

/// The lines joined by line breaks, and the units that they are.
fn joined(lines: &[Line]) -> (String, Vec<Unit>) {
    let mut text = String::new();
    let mut units = Vec::with_capacity(lines.len());
    for line in lines {
        if !text.is_empty() {
            text.push('\n');
        }
        let start = text.len() as u32;
        text.push_str(&line.text);
        let needs = line.needs.iter().map(|index| *index as u32).collect();
        units.push(Unit { start, end: text.len() as u32, kind: line.kind, needs });
    }
    (text, units)
}

fn links_of(lines: &[Line]) -> Vec<Link> {
    let mut found: Vec<Link> = Vec::new();
    for link in lines.iter().flat_map(|line| &line.links) {
        if !found.contains(link) {
            found.push(link.clone());
        }
    }
    found
}
