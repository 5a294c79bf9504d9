//! A snapshot in service: opened, verified, and searched by words and by vectors.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use candour_core::{
    Embedder, Hit, Locale, Page, PageId, Passage, PassageId, PublicContacts, SearchQuery,
};
use tantivy::directory::MmapDirectory;
use tantivy::{Index, ReloadPolicy};

use super::best::Scored;
use super::error::IndexError;
use super::fuse::{self, Candidate};
use super::manifest::{Manifest, described};
use super::readonly::ReadOnly;
use super::recent::{Recent, Unpacked};
use super::snapshot::{CONTACTS, PAGES, VECTORS};
use super::terms::{self, Terms};
use super::text::{self, Facts, WordIndex};
use super::vectors::Vectors;
use super::{folder, prior, quantise};

/// How deep the rankings by words and by vectors are read before they are fused.
const DEPTH: usize = 100;
/// The most hits that are given, whatever is asked for.
const MOST_HITS: usize = 1_000;

/// A snapshot, with all that searching it needs.
pub(crate) struct Snapshot {
    /// What it is.
    pub(crate) manifest: Manifest,
    /// The publisher's own telephone numbers and e-mail addresses.
    pub(crate) contacts: Arc<PublicContacts>,
    words: WordIndex,
    vectors: Vectors,
    facts: Vec<Facts>,
    pages: Vec<Arc<Page>>,
    page_places: BTreeMap<PageId, usize>,
    recent: Recent,
}

impl Snapshot {
    /// Opens the snapshot `name`, after checking every file against its manifest.
    pub(crate) fn open(
        state: &Path,
        name: &str,
        embedder: &dyn Embedder,
    ) -> Result<Self, IndexError> {
        let folder = folder::finished(state, name);
        let manifest = Manifest::verified(&folder, name)?;
        if manifest.embedder != embedder.identity() {
            return Err(IndexError::Embedder {
                found: described(&manifest.embedder),
                expected: described(&embedder.identity()),
            });
        }
        let words = open_words(&folder).map_err(|error| IndexError::words(&error))?;
        let facts = words.facts()?;
        let vectors = Vectors::from_bytes(&read(&folder, VECTORS)?)
            .and_then(|vectors| vectors.in_order(facts.iter().map(|facts| facts.row)))
            .map_err(|why| IndexError::Words(format!("{VECTORS} cannot be used: {why}")))?;
        let pages: Vec<Arc<Page>> = from_lines(&read(&folder, PAGES)?)?;
        let page_places =
            pages.iter().enumerate().map(|(place, page)| (page.id.clone(), place)).collect();
        let contacts = serde_json::from_slice(&read(&folder, CONTACTS)?)
            .map_err(|error| IndexError::Words(format!("{CONTACTS} cannot be read: {error}")))?;
        let contacts = Arc::new(contacts);
        let recent = Recent::default();
        Ok(Self { manifest, contacts, words, vectors, facts, pages, page_places, recent })
    }

    /// The page with this path.
    pub(crate) fn page(&self, id: &PageId) -> Option<Arc<Page>> {
        self.page_places.get(id).and_then(|place| self.pages.get(*place)).map(Arc::clone)
    }

    /// The passage with this identifier.
    pub(crate) fn passage(&self, id: &PassageId) -> Result<Option<Passage>, IndexError> {
        let place = self.words.place_of(id.as_str())?;
        place.map(|place| self.words.passage(place)).transpose()
    }

    /// The best passages for a query.
    pub(crate) fn search(
        &self,
        query: &SearchQuery,
        embedder: &dyn Embedder,
    ) -> Result<Vec<Hit>, IndexError> {
        let terms = Terms::of(&query.text);
        let limit = query.limit.min(MOST_HITS);
        if terms.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let vector = quantise(&embedder.embed(terms::bounded(&query.text)));
        let ranked = self.rank(query, &terms, &vector, limit.max(DEPTH))?;
        let words = self.telling(&terms);
        let mut hits = Vec::new();
        for scored in ranked.into_iter().take(limit) {
            hits.extend(self.hit(scored, &words, &vector)?);
        }
        hits.sort_by(|a, b| {
            b.score.total_cmp(&a.score).then_with(|| a.passage.id.cmp(&b.passage.id))
        });
        Ok(hits)
    }

    /// The places of the best passages, best first.
    fn rank(
        &self,
        query: &SearchQuery,
        terms: &Terms,
        vector: &[i8],
        depth: usize,
    ) -> Result<Vec<Scored>, IndexError> {
        let pages: Vec<bool> = self.pages.iter().map(|page| admits_page(query, page)).collect();
        let admits = |place: u32| {
            self.facts.get(place as usize).is_some_and(|facts| {
                pages.get(facts.page as usize).copied().unwrap_or_default()
                    && query.nation.is_none_or(|nation| facts.applies_to(nation))
            })
        };
        let by_words = self.words.search(terms, query.locale.as_ref(), depth, &admits)?;
        let by_vectors = self.vectors.nearest(vector, depth, &admits);
        let candidates: BTreeSet<u32> =
            by_words.iter().chain(&by_vectors).map(|scored| scored.place).collect();
        let candidates = candidates.into_iter().map(|place| self.candidate(place, vector));
        Ok(fuse::fuse(&candidates.collect::<Vec<_>>(), &by_words, depth))
    }

    /// What is known of a passage before its words are weighed.
    fn candidate(&self, place: u32, vector: &[i8]) -> Candidate {
        let page = self.facts.get(place as usize).map_or(u32::MAX, |facts| facts.page);
        let document_type = self.pages.get(page as usize).map(|page| page.document_type.as_str());
        Candidate {
            place,
            page,
            similarity: self.vectors.similarity(vector, place),
            prior: prior::of_document_type(document_type.unwrap_or_default()),
        }
    }

    /// The words of a question, with what each tells: how rare it is.
    fn telling(&self, terms: &Terms) -> [Vec<(String, f32)>; 2] {
        [(&terms.english, true), (&terms.plain, false)].map(|(words, english)| {
            words.keys().map(|word| (word.clone(), self.words.rarity(word, english))).collect()
        })
    }

    fn hit(
        &self,
        scored: Scored,
        [english, plain]: &[Vec<(String, f32)>; 2],
        vector: &[i8],
    ) -> Result<Option<Hit>, IndexError> {
        let page = self.facts.get(scored.place as usize).map(|facts| facts.page as usize);
        let Some(page) = page.and_then(|place| self.pages.get(place)) else { return Ok(None) };
        let unpacked = self.recent.get(scored.place, || self.unpack(scored.place, page))?;
        let words = if unpacked.passage.locale == Locale::En { english } else { plain };
        Ok(Some(Hit {
            page: Arc::clone(page),
            score: scored.score,
            coverage: coverage(words, &unpacked.words),
            similarity: self.vectors.similarity(vector, scored.place),
            passage: Arc::clone(&unpacked.passage),
        }))
    }

    fn unpack(&self, place: u32, page: &Page) -> Result<Unpacked, IndexError> {
        let passage = Arc::new(self.words.passage(place)?);
        let mut analyser = match passage.locale {
            Locale::En => terms::english(),
            _ => terms::plain(),
        };
        let text = format!("{}\n{}\n{}", page.title, passage.heading_path(), passage.text);
        let words = terms::analysed(&mut analyser, &text).into_iter().collect();
        Ok(Unpacked { passage, words })
    }
}

/// The share of the telling words that are present, each counting for its rarity.
fn coverage(words: &[(String, f32)], present: &BTreeSet<String>) -> f32 {
    let sum = |words: &mut dyn Iterator<Item = &(String, f32)>| -> f32 {
        words.map(|(_, rarity)| *rarity).sum()
    };
    let all = sum(&mut words.iter());
    let found = sum(&mut words.iter().filter(|(word, _)| present.contains(word)));
    if all > 0.0 { found / all } else { 0.0 }
}

fn admits_page(query: &SearchQuery, page: &Page) -> bool {
    let is_past = page.withdrawn.is_some() || page.history_mode;
    (query.include_withdrawn || !is_past)
        && query.locale.as_ref().is_none_or(|locale| *locale == page.locale)
        && query.schema.as_ref().is_none_or(|schema| *schema == page.schema)
}

fn open_words(folder: &Path) -> tantivy::Result<WordIndex> {
    let index = Index::open(ReadOnly(MmapDirectory::open(folder)?))?;
    text::register_analysers(&index);
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    let (_, fields) = text::schema();
    Ok(WordIndex::new(reader.searcher(), fields))
}

fn read(folder: &Path, file: &str) -> Result<Vec<u8>, IndexError> {
    let path = folder.join(file);
    fs::read(&path).map_err(|error| IndexError::io(&path, error))
}

fn from_lines(bytes: &[u8]) -> Result<Vec<Arc<Page>>, IndexError> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| {
            serde_json::from_slice(line)
                .map(Arc::new)
                .map_err(|error| IndexError::Words(format!("{PAGES} cannot be read: {error}")))
        })
        .collect()
}
