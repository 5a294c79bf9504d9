//! The corpus of a retrieval benchmark in BEIR format: rows that are passages already.
//!
//! Rows of one page need not stand together, so a first reading learns where each page's rows are and
//! a second one brings them, page by page.

mod language;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use candour_core::{
    Audience, Heading, Locale, NationScope, Page, PageId, Passage, PassageId, Unit, UnitKind,
};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::lines::{Line, Lines};
use super::{Emit, ReadError, Reading, Record, Remark, Sent, open_plain};
use crate::extract::{Extraction, audience};
use crate::split::sentence_texts;

/// The reason for which a row that says nothing is left out.
pub const NO_WORDS: &str = "no_words";

/// Reads a corpus, giving one record for each page. A benchmark is handed on as a folder, in which
/// the corpus has this name.
pub(super) fn read(path: &Path, limit: usize, emit: &mut Emit<'_>) -> Result<(), ReadError> {
    let inside = path.join("corpus.jsonl");
    let path = if path.is_dir() { inside.as_path() } else { path };
    let unreadable = |e: io::Error| ReadError::Unreadable(format!("{}: {e}", path.display()));
    let mut file = open_plain(path)?;
    let name =
        path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let survey = Survey::of(&file, limit, &name).map_err(unreadable)?;
    let told = survey.remarks.len() + survey.blank.len();
    emit(Reading::Expected((survey.pages.len() + told) as u64))?;
    for remark in survey.remarks {
        emit(Reading::Failed { page: None, remark })?;
    }
    for remark in survey.blank {
        emit(Reading::Skipped(remark))?;
    }
    for (key, rows) in survey.pages {
        let size: u64 = rows.iter().map(|row| row.length).sum();
        let identity = format!("{name}:{}", rows.first().map_or(0, |row| row.number));
        if size > limit as u64 {
            let detail = format!(
                "the rows of {key} have more than {limit} bytes (`content.max_page_bytes`)"
            );
            emit(Reading::Failed {
                page: None,
                remark: Remark::new(identity, "too_large", detail),
            })?;
            continue;
        }
        let rows = rows
            .iter()
            .map(|row| row.bytes(&mut file))
            .collect::<io::Result<_>>()
            .map_err(unreadable)?;
        emit(Reading::Item(Record::of_file(identity, Sent::Rows(rows))))?;
    }
    Ok(())
}

/// The page that rows make; `site` is the publisher's site, whose pages are named by path.
pub(super) fn page(rows: &[Vec<u8>], site: &str) -> Extraction {
    let rows: Result<Vec<Row>, _> = rows.iter().map(|row| serde_json::from_slice(row)).collect();
    let (rows, first) = match &rows {
        Ok(rows) if !rows.is_empty() => (rows, &rows[0]),
        Ok(_) => return rejected("the page has no rows".into()),
        Err(error) => return rejected(error.to_string()),
    };
    let id = page_id(first, site);
    let title = rows.iter().map(|row| row.title.trim()).find(|title| !title.is_empty());
    let page = Page {
        url: first.metadata.url.clone(),
        title: title.unwrap_or(&first.id).to_owned(),
        description: None,
        locale: locale(rows),
        schema: "beir".into(),
        document_type: "beir".into(),
        scope: NationScope::default(),
        audiences: audiences(rows),
        withdrawn: None,
        history_mode: false,
        updated_at: None,
        first_published_at: None,
        opens_at: None,
        closes_at: None,
        organisations: Vec::new(),
        part_of: Vec::new(),
        translations: Vec::new(),
        actions: Vec::new(),
        contacts: Vec::new(),
        alerts: Vec::new(),
        licence: None,
        id,
    };
    let passages = rows.iter().map(|row| passage(row, &page)).collect();
    Extraction::Passages(Box::new(page), passages)
}

/// The language that the first row which has one names; where none does, that of their words.
fn locale(rows: &[Row]) -> Locale {
    let named = rows.iter().map(|row| row.metadata.locale.trim()).find(|tag| !tag.is_empty());
    let texts = rows.iter().flat_map(|row| [row.title.as_str(), row.text.as_str()]);
    named.map_or_else(|| language::of(texts), Locale::from)
}

/// Whom the first row that says so is for.
fn audiences(rows: &[Row]) -> BTreeSet<Audience> {
    let stated = rows.iter().map(|row| &row.metadata.audience).find(|stated| !stated.is_null());
    stated.map(audience::in_json).unwrap_or_default()
}

fn passage(row: &Row, page: &Page) -> Passage {
    let heading = row.metadata.heading.trim();
    let body = row.text.strip_prefix(heading).and_then(|rest| rest.strip_prefix(". "));
    // Where the text does not begin with its heading, the heading is only in the metadata.
    let body = if heading.is_empty() { None } else { body }.unwrap_or(&row.text);
    let (text, units) = units_of(body);
    let headings = heading.split(" > ").filter(|text| !text.is_empty()).zip(2..);
    Passage {
        id: PassageId(row.id.clone()),
        page: page.id.clone(),
        url: row.metadata.url.clone(),
        headings: headings
            .map(|(text, level)| Heading {
                level: u8::min(level, 6),
                text: text.to_owned(),
                id: None,
            })
            .collect(),
        text,
        units,
        locale: page.locale.clone(),
        scope: page.scope.clone(),
        links: Vec::new(),
    }
}

/// The words with each sentence on a line of its own, and the sentences as units.
fn units_of(body: &str) -> (String, Vec<Unit>) {
    let (mut text, mut units) = (String::with_capacity(body.len()), Vec::new());
    for sentence in sentence_texts(body) {
        if !text.is_empty() {
            text.push('\n');
        }
        let start = text.len() as u32;
        // A line break inside a sentence would look like the border of two units.
        text.extend(sentence.chars().map(|c| if c == '\n' { ' ' } else { c }));
        units.push(Unit {
            start,
            end: text.len() as u32,
            kind: UnitKind::Sentence,
            needs: Vec::new(),
        });
    }
    (text, units)
}

/// A page of the publisher's is named by its path, any other by its whole address, so that pages of
/// two hosts never share a name; a row without address is a page of its own.
fn page_id(row: &Row, site: &str) -> PageId {
    let url = Url::parse(&row.metadata.url);
    let is_own = |url: &Url| Url::parse(site).is_ok_and(|site| site.origin() == url.origin());
    PageId(match url {
        Ok(url) if is_own(&url) => url.path().to_owned(),
        _ => row.page_key().to_owned(),
    })
}

fn rejected(detail: String) -> Extraction {
    Extraction::Rejected { page: None, reason: "not_a_corpus_row".into(), detail }
}

/// One line of a corpus.
#[derive(Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    #[serde(default)]
    title: String,
    text: String,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    url: String,
    heading: String,
    #[serde(alias = "language", alias = "lang")]
    locale: String,
    /// Names as one string or several; what is neither says nothing.
    audience: Value,
}

impl Row {
    /// Reads a row. An array of as many values would be taken for one, by the order of the fields.
    fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.trim_ascii_start().starts_with(b"[") {
            return Err("a JSON array where there should be an object".to_owned());
        }
        let row: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if row.id.is_empty() { Err("`_id` is empty".to_owned()) } else { Ok(row) }
    }

    fn is_blank(&self) -> bool {
        [&self.title, &self.text, &self.metadata.heading]
            .iter()
            .all(|words| words.trim().is_empty())
    }

    /// What rows of one page have in common.
    fn page_key(&self) -> &str {
        if self.metadata.url.is_empty() { &self.id } else { &self.metadata.url }
    }
}

/// Where the rows of each page are.
#[derive(Default)]
struct Survey {
    /// In order of their first row.
    pages: Vec<(String, Vec<Place>)>,
    numbers: HashMap<String, usize>,
    ids: HashSet<String>,
    /// Of faulty rows.
    remarks: Vec<Remark>,
    /// Of rows that say nothing. Published benchmarks have some (Cranfield two), and no question finds one.
    blank: Vec<Remark>,
}

/// Where a row is in the file.
struct Place {
    number: u64,
    offset: u64,
    length: u64,
}

impl Place {
    fn bytes(&self, file: &mut File) -> io::Result<Vec<u8>> {
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        file.take(self.length).read_to_end(&mut bytes)?;
        // A byte order mark before the first row is no part of it.
        Ok(bytes.strip_prefix(b"\xEF\xBB\xBF").map(<[u8]>::to_vec).unwrap_or(bytes))
    }
}

impl Survey {
    fn of(file: &File, limit: usize, name: &str) -> io::Result<Self> {
        let mut survey = Self::default();
        for line in Lines::new(BufReader::new(file), limit) {
            survey.line(&line?, name);
        }
        Ok(survey)
    }

    fn line(&mut self, line: &Line, name: &str) {
        let remark = |reason: &str, why: &str| {
            let detail = format!("line {} (byte {}): {why}", line.number, line.offset);
            Remark::new(format!("{name}:{}", line.number), reason, detail)
        };
        let mut refuse = |reason: &str, why: &str| self.remarks.push(remark(reason, why));
        let Some(bytes) = &line.bytes else {
            return refuse("too_large", "longer than `content.max_page_bytes`");
        };
        let row = match Row::parse(bytes) {
            Ok(row) => row,
            Err(why) => return refuse("not_a_corpus_row", &why),
        };
        if !self.ids.insert(row.id.clone()) {
            return refuse("duplicate_id", "another row has the same `_id`");
        }
        if row.is_blank() {
            return self.blank.push(remark(NO_WORDS, "it has neither a title nor a text"));
        }
        let number = *self.numbers.entry(row.page_key().to_owned()).or_insert(self.pages.len());
        if number == self.pages.len() {
            self.pages.push((row.page_key().to_owned(), Vec::new()));
        }
        self.pages[number].1.push(Place {
            number: line.number,
            offset: line.offset,
            length: line.length,
        });
    }
}
