//! The outline of a page under construction: sections by heading, part by part.

use candour_core::Heading;

use super::clean::one_line;
use super::{Block, Section, Text};

/// Sections as they grow.
pub(super) struct Outline {
    /// The site that paths are resolved against; may be empty.
    pub(super) site: String,
    /// The page's title: a first-level heading with the same words is not repeated.
    pub(super) title: String,
    /// The address of the part that is being written.
    pub(super) url: String,
    /// The headings that stand above everything in this part.
    base: Vec<Heading>,
    /// The headings inside this part.
    inner: Vec<Heading>,
    /// Whether the last section is the one to write to.
    open: bool,
    sections: Vec<Section>,
}

impl Outline {
    /// An empty outline of the page at `url`.
    pub(super) fn new(site: &str, title: &str, url: &str) -> Self {
        Self {
            site: site.to_owned(),
            title: title.to_owned(),
            url: url.to_owned(),
            base: Vec::new(),
            inner: Vec::new(),
            open: false,
            sections: Vec::new(),
        }
    }

    /// Begins a part of the page with the headings above it.
    pub(super) fn part(&mut self, url: &str, headings: Vec<Heading>) {
        url.clone_into(&mut self.url);
        self.base = headings;
        self.fresh();
    }

    /// Forgets the headings of the text before: what follows is another field of the item.
    pub(super) fn fresh(&mut self) {
        self.inner.clear();
        self.open = false;
    }

    /// A heading; what follows is under it.
    pub(super) fn heading(&mut self, level: u8, text: &str, id: Option<&str>) {
        let text = one_line(text);
        if text.is_empty() || (level == 1 && text == self.title) {
            return;
        }
        self.inner.retain(|heading| heading.level < level);
        let id = id.map(str::trim).filter(|id| is_fragment(id)).map(str::to_owned);
        self.inner.push(Heading { level, text, id });
        self.begin();
    }

    /// Adds a block under the headings of the moment.
    pub(super) fn block(&mut self, block: Block) {
        if !self.open {
            self.begin();
        }
        if let Some(section) = self.sections.last_mut() {
            section.blocks.push(block);
        }
    }

    /// Adds running text without markup.
    pub(super) fn plain(&mut self, text: &str) {
        let text = one_line(text);
        if !text.is_empty() {
            self.block(Block::Paragraph(Text { text, links: Vec::new() }));
        }
    }

    /// Adds a table of labels and values, without those that are empty.
    pub(super) fn facts(&mut self, facts: impl IntoIterator<Item = (String, String)>) {
        let filled =
            facts.into_iter().map(|(label, value)| vec![one_line(&label), one_line(&value)]);
        let rows: Vec<Vec<String>> =
            filled.filter(|row| row.iter().all(|cell| !cell.is_empty())).collect();
        if !rows.is_empty() {
            self.block(Block::Table { header: Vec::new(), rows, links: Vec::new() });
        }
    }

    /// The sections.
    pub(super) fn finish(self) -> Vec<Section> {
        self.sections
    }

    fn begin(&mut self) {
        let headings = self.base.iter().chain(&self.inner).cloned().collect();
        self.sections.push(Section { url: self.url.clone(), headings, blocks: Vec::new() });
        self.open = true;
    }
}

/// A heading of a part, without a fragment of its own.
pub(super) fn heading(level: u8, text: &str) -> Heading {
    Heading { level, text: one_line(text), id: None }
}

/// Whether an id can stand after `#` in an address.
fn is_fragment(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 200
        && !id.contains(|c: char| c.is_whitespace() || c.is_control() || c == '#')
}
