//! What a report says, before it is HTML or Markdown: sections within sections, so that headings are
//! always in order, and words that are known to be ours or somebody else's, so that only one place
//! decides how the latter are shown.

use candour_core::Locale;

use super::chart::Chart;

/// A whole report.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// The language of its own words.
    pub language: Locale,
    /// Its title.
    pub title: String,
    /// What stands before the first section.
    pub opening: Vec<Block>,
    /// Its sections.
    pub sections: Vec<Section>,
    /// What stands at the very end.
    pub ending: String,
    /// The words of a link that leads past the beginning.
    pub skip: String,
}

/// A part of a report under a heading.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// Its heading.
    pub title: Text,
    /// What it says.
    pub blocks: Vec<Block>,
    /// The sections within it.
    pub sections: Vec<Section>,
}

/// A piece of a section.
#[derive(Debug, Clone)]
pub enum Block {
    /// A paragraph.
    Paragraph(Text),
    /// A list.
    List(Vec<Text>),
    /// Names, each with what it stands for.
    Facts(Vec<(String, Text)>),
    /// A table.
    Table(Table),
    /// A chart. The table of its numbers stands beside it.
    Chart(Chart),
    /// What somebody said, at length.
    Said {
        /// What it is: a question, an answer.
        label: String,
        /// The words.
        words: Text,
    },
}

/// A table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// What it is of.
    pub caption: String,
    /// The words above its columns.
    pub columns: Vec<String>,
    /// Its rows; the first cell says what a row is of.
    pub rows: Vec<Vec<Text>>,
}

/// Words, and whose they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// Ours.
    Own(String),
    /// Ours, a number.
    Number(String),
    /// A hash or another name that is to be copied letter by letter.
    Name(String),
    /// Somebody else's, with their language where it is known. Whatever they hold, they are only shown.
    Theirs(String, Option<Locale>),
}

impl Text {
    /// Somebody else's words in an unknown language.
    pub fn theirs(words: impl Into<String>) -> Self {
        Self::Theirs(words.into(), None)
    }

    /// The words as they were given.
    pub fn words(&self) -> &str {
        match self {
            Self::Own(words) | Self::Number(words) | Self::Name(words) | Self::Theirs(words, _) => {
                words
            }
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::Own(String::new())
    }
}

impl From<String> for Text {
    fn from(words: String) -> Self {
        Self::Own(words)
    }
}

impl From<&str> for Text {
    fn from(words: &str) -> Self {
        Self::Own(words.to_owned())
    }
}

impl From<usize> for Text {
    fn from(count: usize) -> Self {
        Self::Number(count.to_string())
    }
}

impl From<u64> for Text {
    fn from(count: u64) -> Self {
        Self::Number(count.to_string())
    }
}

impl Section {
    /// A section with nothing in it yet.
    pub fn new(title: impl Into<Text>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Adds a paragraph.
    pub fn say(&mut self, words: impl Into<Text>) {
        self.blocks.push(Block::Paragraph(words.into()));
    }

    /// Adds a table, unless it has no rows.
    pub fn table(&mut self, table: Table) {
        if !table.rows.is_empty() {
            self.blocks.push(Block::Table(table));
        }
    }
}

impl Table {
    /// A table without rows.
    pub fn new(caption: impl Into<String>, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        Self { caption: caption.into(), columns, rows: Vec::new() }
    }

    /// One more row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Text>) {
        self.rows.push(cells.into_iter().collect());
    }
}
