//! A snapshot in service: opened, verified, and searched by words and by vectors.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use candour_core::{Embedder, Hit, Page, PageId, Passage, PassageId, PublicContacts, SearchQuery};
use tantivy::directory::MmapDirectory;
use tantivy::{Index, ReloadPolicy};

use super::best::Scored;
use super::error::IndexError;
use super::evidence::{self, Evidence};
use super::fuse::{self, Candidate};
use super::manifest::{Manifest, described};
use super::question::asking_part;
use super::readonly::ReadOnly;
use super::recent::Recent;
use super::snapshot::{CONTACTS, PAGES};
use super::synonyms::Synonyms;
use super::terms::{self, Terms};
use super::text::{self, Facts, WordIndex};
use super::vectors::Vectors;
use super::views::Views;
use super::{folder, prior, quantise};

/// How deep the rankings by words and by vectors are read before they are fused.
const DEPTH: usize = 100;
/// The share of a question's whole text in its vector; the rest is that of its asking part.
const ALL_WORDS: f32 = 0.6;
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
    /// What is added to the evidence for each page, whatever is asked.
    priors: Vec<f32>,
    page_places: BTreeMap<PageId, usize>,
    recent: Recent,
}

impl Snapshot {
    /// Opens the snapshot `name`, after checking every file against its manifest.
    pub(crate) fn open(
        state: &Path,
        name: &str,
        embedder: &dyn Embedder,
        views: &Views,
    ) -> Result<Self, IndexError> {
        let folder = folder::finished(state, name);
        let manifest = Manifest::verified(&folder, name)?;
        if manifest.embedder != embedder.identity() {
            return Err(IndexError::Embedder {
                found: described(&manifest.embedder),
                expected: described(&embedder.identity()),
            });
        }
        let files =
            MmapDirectory::open(&folder).map_err(|error| IndexError::words(&error.into()))?;
        let files = ReadOnly(files);
        let words = open_words(files.clone()).map_err(|error| IndexError::words(&error))?;
        let facts = words.facts()?;
        let vectors = Vectors::open(&files, facts.iter().map(|facts| facts.row).collect())?;
        let pages: Vec<Arc<Page>> = from_lines(&read(&folder, PAGES)?)?;
        let prior =
            |page: &Arc<Page>| prior::of_document_type(&page.document_type) + views.gain(&page.id);
        let priors = pages.iter().map(prior).collect();
        let page_places =
            pages.iter().enumerate().map(|(place, page)| (page.id.clone(), place)).collect();
        let contacts = serde_json::from_slice(&read(&folder, CONTACTS)?)
            .map_err(|error| IndexError::Words(format!("{CONTACTS} cannot be read: {error}")))?;
        let contacts = Arc::new(contacts);
        let recent = Recent::default();
        Ok(Self { manifest, contacts, words, vectors, facts, pages, priors, page_places, recent })
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
        synonyms: &Synonyms,
    ) -> Result<Vec<Hit>, IndexError> {
        let terms = Terms::of(&query.text, synonyms);
        let limit = query.limit.min(MOST_HITS);
        if terms.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let vector = quantise(&question_vector(&query.text, embedder));
        let mut hits = Vec::new();
        for ranked in self.rank(query, &terms, &vector, limit)? {
            hits.extend(self.hit(&ranked)?);
        }
        hits.sort_by(|a, b| {
            b.score.total_cmp(&a.score).then_with(|| a.passage.id.cmp(&b.passage.id))
        });
        Ok(hits)
    }

    /// The best passages with the evidence for them, best first.
    fn rank(
        &self,
        query: &SearchQuery,
        terms: &Terms,
        vector: &[i8],
        limit: usize,
    ) -> Result<Vec<Ranked>, IndexError> {
        let pages: Vec<bool> = self.pages.iter().map(|page| admits_page(query, page)).collect();
        let admits = |place: u32| {
            self.facts.get(place as usize).is_some_and(|facts| {
                pages.get(facts.page as usize).copied().unwrap_or_default()
                    && query.nation.is_none_or(|nation| facts.applies_to(nation))
            })
        };
        let depth = limit.max(DEPTH);
        let known = self.words.known(terms, query.locale.as_ref())?;
        let by_words = self.words.search(&known, depth, &admits)?;
        let by_vectors = self.vectors.nearest(vector, depth, &admits);
        let mut places: Vec<u32> =
            by_words.iter().chain(&by_vectors).map(|scored| scored.place).collect();
        places.sort_unstable();
        places.dedup();
        let evidence = evidence::evidence(&self.words, &known, &places)?;
        let candidates = places.iter().zip(evidence);
        let candidates: Vec<Candidate> =
            candidates.map(|(place, words)| self.candidate(*place, words, vector)).collect();
        let ranked = fuse::fuse(&candidates).into_iter().take(limit);
        let of = |best: Scored| {
            let candidate = *candidates.get(best.place as usize)?;
            Some(Ranked { candidate, score: best.score })
        };
        Ok(ranked.filter_map(of).collect())
    }

    /// What is known of a passage before the kinds of evidence are weighed.
    fn candidate(&self, place: u32, words: Evidence, vector: &[i8]) -> Candidate {
        let page = self.facts.get(place as usize).map_or(u32::MAX, |facts| facts.page);
        Candidate {
            place,
            page,
            words,
            similarity: self.vectors.similarity(vector, place),
            prior: self.priors.get(page as usize).copied().unwrap_or_default(),
        }
    }

    fn hit(&self, ranked: &Ranked) -> Result<Option<Hit>, IndexError> {
        let Ranked { candidate, score } = *ranked;
        let Some(page) = self.pages.get(candidate.page as usize) else { return Ok(None) };
        let passage = self.recent.get(candidate.place, || self.words.passage(candidate.place))?;
        Ok(Some(Hit {
            page: Arc::clone(page),
            score,
            coverage: candidate.words.coverage,
            similarity: candidate.similarity,
            passage,
        }))
    }
}

/// A passage in its place among the best.
struct Ranked {
    candidate: Candidate,
    score: f32,
}

/// The vector of a question: that of all its words, drawn towards that of the part which asks.
fn question_vector(text: &str, embedder: &dyn Embedder) -> Vec<f32> {
    let text = terms::bounded(text);
    let mut vector = embedder.embed(text);
    let (asking, telling) = asking_part(text);
    if !telling.is_empty() {
        for (all, asking) in vector.iter_mut().zip(embedder.embed(&asking)) {
            *all = ALL_WORDS * *all + (1.0 - ALL_WORDS) * asking;
        }
    }
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    if length > 0.0 {
        for number in &mut vector {
            *number /= length;
        }
    }
    vector
}

fn admits_page(query: &SearchQuery, page: &Page) -> bool {
    let is_past = page.withdrawn.is_some() || page.history_mode;
    let is_new = |since| page.updated_at.is_some_and(|updated| updated >= since);
    (query.include_withdrawn || !is_past)
        && query.updated_since.is_none_or(is_new)
        && query.locale.as_ref().is_none_or(|locale| *locale == page.locale)
        && query.schema.as_ref().is_none_or(|schema| *schema == page.schema)
}

fn open_words(files: ReadOnly) -> tantivy::Result<WordIndex> {
    let index = Index::open(files)?;
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
