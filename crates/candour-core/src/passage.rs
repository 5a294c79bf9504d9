//! A passage: a citable part of a page under its heading path, cut into the units that can be quoted.
//!
//! A unit is a sentence, a list item or a table row. What may not be separated from it (the stem of
//! its list, the header of its table, a following "unless" sentence) is recorded when the passage is
//! made, so that whoever quotes a unit can quote its conditions too.

use serde::{Deserialize, Serialize};

use crate::hash::ContentHash;
use crate::locale::Locale;
use crate::nation::NationScope;
use crate::page::{Link, PageId};

/// What names a passage: the page's path, `#` and a running number; stable while the page is unchanged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PassageId(pub String);

impl PassageId {
    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The page that it is part of.
    pub fn page(&self) -> PageId {
        PageId(self.0.rsplit_once('#').map_or(self.0.as_str(), |(page, _)| page).to_owned())
    }
}

impl std::fmt::Display for PassageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What stands between two headings of a path: `How to apply > If you live abroad`.
pub(crate) const HEADING_SEPARATOR: &str = " > ";

/// A citable part of a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// What names it.
    pub id: PassageId,
    /// The page that it is part of.
    pub page: PageId,
    /// The address of this part: the page's, or its part's, with the fragment of the nearest heading.
    pub url: String,
    /// The headings above it, outermost first, without the page's title.
    pub headings: Vec<Heading>,
    /// Its words, clean of markup. Units are separated by a line break.
    pub text: String,
    /// What can be quoted, in order.
    pub units: Vec<Unit>,
    /// Its language.
    pub locale: Locale,
    /// The nations it applies to: the page's, or narrower where the text says so.
    pub scope: NationScope,
    /// The links inside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
}

impl Passage {
    /// The hash of what a citation of this passage relies on: its words and where they stand.
    pub fn hash(&self) -> ContentHash {
        ContentHash::of_list([
            self.page.0.as_bytes(),
            self.heading_path().as_bytes(),
            self.text.as_bytes(),
        ])
    }

    /// The headings in one line: `How to apply > If you live abroad`.
    pub fn heading_path(&self) -> String {
        let texts: Vec<&str> = self.headings.iter().map(|heading| heading.text.as_str()).collect();
        texts.join(HEADING_SEPARATOR)
    }

    /// The words of one unit, exactly as they stand in `text`.
    pub fn quote(&self, unit: &Unit) -> &str {
        self.text.get(unit.start as usize..unit.end as usize).unwrap_or_default()
    }
}

/// A heading above a passage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// 2 to 6, as in HTML; a guide's part title counts as 1.
    pub level: u8,
    /// Its words.
    pub text: String,
    /// Its fragment identifier, if the publisher gave it one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// The smallest part of a passage that can be quoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Where it begins in the passage's text, in bytes.
    pub start: u32,
    /// Where it ends, in bytes, exclusive.
    pub end: u32,
    /// What it is.
    pub kind: UnitKind,
    /// The indices of the units that must be quoted with it: a stem before it, a condition after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<u32>,
}

/// What a unit is in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// A sentence of running text.
    Sentence,
    /// A sentence that introduces a list: it is not quoted without an item.
    Stem,
    /// An item of a list.
    Item,
    /// The header row of a table: it is not quoted without a row.
    Header,
    /// A row of a table.
    Row,
}
