//! The pages of a snapshot, which stay on disk: what filters need of each is in memory, and the rest
//! is read when a page is shown.
//!
//! They are in pieces, each written once: a later snapshot may keep a piece, call some of its pages
//! gone, and add another. Each line of a piece is one page with what a snapshot needs to know of it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candour_core::{Audience, ContentHash, Locale, Page, PageId, PublicContacts, SearchQuery};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tantivy::Directory;
use tantivy::directory::OwnedBytes;

use super::error::IndexError;
use super::recent::Recent;

/// The file that names the pages which are gone, by their places.
pub(super) const GONE: &str = "gone.json";

/// The file of a piece.
pub(super) fn pages_file(number: usize) -> String {
    format!("pages-{number}.jsonl")
}

/// A line of a piece.
#[derive(Serialize, Deserialize)]
struct Line<P> {
    /// The hash of what was kept of the page.
    hash: ContentHash,
    /// How many passages it has.
    passages: u64,
    /// The telephone numbers and e-mail addresses that it publishes.
    contacts: PublicContacts,
    page: P,
}

/// A page by its name alone.
#[derive(Deserialize)]
struct Named {
    id: PageId,
}

/// A piece that is being written.
pub(super) struct PageWriter {
    path: PathBuf,
    file: BufWriter<File>,
}

impl PageWriter {
    /// Begins the piece of this number in a folder.
    pub(super) fn create(folder: &Path, number: usize) -> Result<Self, IndexError> {
        let path = folder.join(pages_file(number));
        let file = File::create_new(&path).map_err(|error| IndexError::io(&path, error))?;
        Ok(Self { path, file: BufWriter::new(file) })
    }

    /// Adds a page.
    pub(super) fn add(
        &mut self,
        page: &Page,
        hash: &ContentHash,
        passages: u64,
        contacts: PublicContacts,
    ) -> Result<(), IndexError> {
        let line = Line { hash: hash.clone(), passages, contacts, page };
        serde_json::to_writer(&mut self.file, &line)
            .map_err(std::io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"))
            .map_err(|error| IndexError::io(&self.path, error))
    }

    /// Writes what is left to write.
    pub(super) fn finish(mut self) -> Result<(), IndexError> {
        self.file.flush().map_err(|error| IndexError::io(&self.path, error))
    }
}

/// A page that an earlier snapshot kept, as far as it matters for the next one.
pub(super) struct Kept {
    /// Its place.
    pub(super) place: u32,
    /// Its name.
    pub(super) id: PageId,
    /// The hash of what was kept of it.
    pub(super) hash: ContentHash,
    /// How many passages it has.
    pub(super) passages: u64,
}

/// The pages of so many pieces that are not gone, and the places of those that are.
pub(super) fn kept(
    folder: &dyn Directory,
    pieces: usize,
) -> Result<(Vec<Kept>, BTreeSet<u32>), IndexError> {
    let gone = gone(folder)?;
    let mut kept = Vec::new();
    let mut place = 0;
    for number in 0..pieces {
        for line in lines(&mapped(folder, &pages_file(number))?) {
            if !gone.contains(&place) {
                let Line { hash, passages, page: Named { id }, .. } = parsed(line, number)?;
                kept.push(Kept { place, id, hash, passages });
            }
            place += 1;
        }
    }
    Ok((kept, gone))
}

/// The pages of a snapshot in service.
pub(super) struct Pages {
    pieces: Vec<OwnedBytes>,
    facts: Vec<Facts>,
    /// The places of pages that are not gone, with the beginning of the hash of each name, in order.
    by_name: Vec<(u64, u32)>,
    /// The locales, schemas and audiences that occur, which `Facts` refers to.
    locales: Vec<Locale>,
    schemas: Vec<String>,
    audiences: Vec<BTreeSet<Audience>>,
    /// Those whom some pages are written for that are neither gone nor past.
    written_for: BTreeSet<Audience>,
    recent: Recent<Page>,
}

/// What filters need of a page, and where the rest is.
struct Facts {
    piece: u32,
    length: u32,
    start: u64,
    updated_at: Option<Timestamp>,
    locale: u32,
    schema: u32,
    audiences: u32,
    is_past: bool,
    is_gone: bool,
}

impl Pages {
    /// Opens the pages of so many pieces, telling of each its page and its contacts in the order of
    /// places. Those of a page that is gone are not told, but its place is.
    pub(super) fn open(
        folder: &dyn Directory,
        pieces: usize,
        mut tell: impl FnMut(Option<(&Page, &PublicContacts)>),
    ) -> Result<Self, IndexError> {
        let gone = gone(folder)?;
        let mut pages = Self {
            pieces: Vec::new(),
            facts: Vec::new(),
            by_name: Vec::new(),
            locales: Vec::new(),
            schemas: Vec::new(),
            audiences: Vec::new(),
            written_for: BTreeSet::new(),
            recent: Recent::default(),
        };
        for number in 0..pieces {
            let bytes = mapped(folder, &pages_file(number))?;
            let mut start = 0;
            for line in lines(&bytes) {
                let place = pages.facts.len() as u32;
                let Line { page, contacts, .. }: Line<Page> = parsed(line, number)?;
                let is_gone = gone.contains(&place);
                tell((!is_gone).then_some((&page, &contacts)));
                if !is_gone {
                    pages.by_name.push((beginning(&page.id), place));
                }
                let is_past = page.withdrawn.is_some() || page.history_mode;
                if !is_gone && !is_past {
                    pages.written_for.extend(&page.audiences);
                }
                pages.facts.push(Facts {
                    piece: number as u32,
                    start,
                    length: line.len() as u32,
                    updated_at: page.updated_at,
                    is_past,
                    locale: numbered(&mut pages.locales, page.locale),
                    schema: numbered(&mut pages.schemas, page.schema),
                    audiences: numbered(&mut pages.audiences, page.audiences),
                    is_gone,
                });
                start += line.len() as u64 + 1;
            }
            pages.pieces.push(bytes);
        }
        pages.by_name.sort_unstable();
        Ok(pages)
    }

    /// The page at a place.
    pub(super) fn get(&self, place: u32) -> Result<Option<Arc<Page>>, IndexError> {
        let Some(facts) = self.facts.get(place as usize).filter(|facts| !facts.is_gone) else {
            return Ok(None);
        };
        let read = || {
            let piece = self.pieces.get(facts.piece as usize).map(OwnedBytes::as_slice);
            let (start, length) = (facts.start as usize, facts.length as usize);
            let line = piece.and_then(|piece| piece.get(start..start + length));
            let line: Line<Page> = parsed(line.unwrap_or_default(), facts.piece as usize)?;
            Ok(line.page)
        };
        self.recent.get(place, read).map(Some)
    }

    /// The page of this name.
    pub(super) fn named(&self, id: &PageId) -> Result<Option<Arc<Page>>, IndexError> {
        let beginning = beginning(id);
        let first = self.by_name.partition_point(|(name, _)| *name < beginning);
        let alike = self.by_name.iter().skip(first).take_while(|(name, _)| *name == beginning);
        for (_, place) in alike {
            if let Some(page) = self.get(*place)?.filter(|page| page.id == *id) {
                return Ok(Some(page));
            }
        }
        Ok(None)
    }

    /// The audiences that some pages are written for which are neither gone nor past.
    pub(super) fn audiences(&self) -> BTreeSet<Audience> {
        self.written_for.clone()
    }

    /// Which pages a query may find, by place.
    pub(super) fn admitted(&self, query: &SearchQuery) -> Vec<bool> {
        let (locale, schema) = (query.locale.as_ref(), query.schema.as_ref());
        let is_asked_for = |known: &Locale| locale.is_none_or(|asked| asked == known);
        let locales: Vec<bool> = self.locales.iter().map(is_asked_for).collect();
        let is_asked_for = |known: &String| schema.is_none_or(|asked| asked == known);
        let schemas: Vec<bool> = self.schemas.iter().map(is_asked_for).collect();
        let is_spoken_to = |known: &BTreeSet<Audience>| {
            query.audience.is_none_or(|asked| known.is_empty() || known.contains(&asked))
        };
        let audiences: Vec<bool> = self.audiences.iter().map(is_spoken_to).collect();
        let is_new =
            |facts: &Facts, since| facts.updated_at.is_some_and(|updated| updated >= since);
        let admits = |facts: &Facts| {
            !facts.is_gone
                && (query.include_withdrawn || !facts.is_past)
                && query.updated_since.is_none_or(|since| is_new(facts, since))
                && locales.get(facts.locale as usize) == Some(&true)
                && schemas.get(facts.schema as usize) == Some(&true)
                && audiences.get(facts.audiences as usize) == Some(&true)
        };
        self.facts.iter().map(admits).collect()
    }
}

/// The number of a value among those known, to which it is added where it is new; a publisher has a
/// few of each.
fn numbered<T: PartialEq>(known: &mut Vec<T>, value: T) -> u32 {
    let number = known.iter().position(|other| *other == value).unwrap_or_else(|| {
        known.push(value);
        known.len() - 1
    });
    number as u32
}

fn beginning(id: &PageId) -> u64 {
    let hash = ContentHash::of(id.as_str().as_bytes());
    let digits = hash.as_str().get(..16).unwrap_or_default();
    u64::from_str_radix(digits, 16).unwrap_or_default()
}

fn gone(folder: &dyn Directory) -> Result<BTreeSet<u32>, IndexError> {
    let bytes = mapped(folder, GONE)?;
    serde_json::from_slice(&bytes).map_err(|error| unreadable(GONE, &error))
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

fn parsed<'a, P: Deserialize<'a>>(line: &'a [u8], piece: usize) -> Result<Line<P>, IndexError> {
    serde_json::from_slice(line).map_err(|error| unreadable(&pages_file(piece), &error))
}

fn mapped(folder: &dyn Directory, file: &str) -> Result<OwnedBytes, IndexError> {
    let slice = folder.open_read(Path::new(file)).map_err(|error| unreadable(file, &error))?;
    slice.read_bytes().map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &str, error: &dyn std::error::Error) -> IndexError {
    IndexError::Words(format!("{file} cannot be read: {error}"))
}
