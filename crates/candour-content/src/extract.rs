//! From what a publisher sent to a page with sections of clean text. Cutting into passages is left to `split`.

pub(crate) mod audience;
mod body;
mod bounded;
mod card;
mod clean;
mod consultation;
mod contact;
mod encoding;
mod facts;
mod govspeak;
mod html;
mod item;
mod landing;
mod listing;
mod markdown;
mod nations;
mod outline;
mod parse;
mod resolve;
mod schema;
pub(crate) mod scope;
mod service;
mod stated;
mod table;
mod tree;
mod web;

#[cfg(test)]
mod real_items;
#[cfg(test)]
mod tests;

use candour_core::{Heading, Link, Page, PageId, Passage};

/// The version of these rules: content that was extracted by others is extracted anew.
pub const VERSION: &str = "extract-3";

/// A page and its text, in the publisher's order.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtractedPage {
    /// What the publisher says of it.
    pub page: Page,
    /// Its text, by heading.
    pub sections: Vec<Section>,
}

/// The text under one heading, without that of deeper headings.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The address of the page or of its part, without a fragment.
    pub url: String,
    /// The headings above, outermost first; a guide's part title has level 1.
    pub headings: Vec<Heading>,
    /// The text.
    pub blocks: Vec<Block>,
}

/// A piece of text that belongs together.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Running text; a line feed stands where the publisher broke the line.
    Paragraph(Text),
    /// A list; its stem is the paragraph before it, when that paragraph ends in a colon. An item of a
    /// nested list begins with one tab for each list around it, and follows the item that it is in.
    List(Vec<Text>),
    /// A table: its header row (empty when it has none) and its rows, cell by cell. A contact card is a
    /// table too, with whom it is about as its header, and so is a term with its definitions: one may not
    /// be quoted without the other.
    Table {
        /// The cells of the header row.
        header: Vec<String>,
        /// The rows.
        rows: Vec<Vec<String>>,
        /// The links in the cells.
        links: Vec<Link>,
    },
}

/// Clean text with the links in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Text {
    /// The words, with white space collapsed.
    pub text: String,
    /// The links among the words.
    pub links: Vec<Link>,
}

/// What became of one published item.
#[derive(Debug, Clone, PartialEq)]
pub enum Extraction {
    /// A page with text to split.
    Page(Box<ExtractedPage>),
    /// A page whose passages are given, as in a BEIR corpus.
    Passages(Box<Page>, Vec<Passage>),
    /// No longer published: forget it.
    Gone(PageId),
    /// Moved: forget it, and remember where it went.
    Redirect(Vec<(PageId, String)>),
    /// Left out on purpose, with a stable reason such as `no_text` or `navigation_only`.
    Skipped {
        /// The page, if it has a path.
        page: Option<PageId>,
        /// The stable reason.
        reason: &'static str,
    },
    /// Not usable, with a stable reason such as `missing_field:title` or `not_json`.
    Rejected {
        /// The page, if it has a path.
        page: Option<PageId>,
        /// The stable reason.
        reason: String,
        /// What is wrong and where, for people.
        detail: String,
    },
}

/// Reads one Content API item, in either body shape. `site` is the address that paths are resolved
/// against for readers; empty keeps paths.
pub fn content_item(bytes: &[u8], site: &str) -> Extraction {
    item::read(bytes, site.trim_end_matches('/'))
}

/// Reads an HTML page that has the path `path` and was reached at `url`.
pub fn html_page(bytes: &[u8], path: &str, url: &str) -> Extraction {
    web::read(bytes, path, url)
}

/// Reads a Markdown page that has the path `path` and will be shown at `url`.
pub fn markdown_page(bytes: &[u8], path: &str, url: &str) -> Extraction {
    markdown::read(bytes, path, url)
}

/// A page with its text, or the reason why there is nothing to split in it.
fn finished(mut page: Page, sections: Vec<Section>) -> Extraction {
    if sections.iter().all(|section| section.blocks.is_empty()) {
        return Extraction::Skipped { page: Some(page.id), reason: "no_text" };
    }
    scope::derive_for_page(&mut page, &sections);
    Extraction::Page(Box::new(ExtractedPage { page, sections }))
}
