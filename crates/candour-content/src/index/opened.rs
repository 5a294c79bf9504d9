//! A snapshot in service: opened, verified, and searched by words and by vectors.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use candour_core::{
    Audience, Embedder, Hit, Locale, Page, PageId, Passage, PassageId, PublicContacts, SearchQuery,
};
use tantivy::directory::MmapDirectory;
use tantivy::{Index, ReloadPolicy};

use super::answer_type::AnswerTypes;
use super::best::Scored;
use super::error::IndexError;
use super::evidence::{self, Evidence};
use super::fuse::{self, Candidate, Weights};
use super::late_interaction::{self, Bag};
use super::manifest::{Manifest, described};
use super::pages::Pages;
use super::question::{self, Meaning};
use super::readonly::ReadOnly;
use super::recent::Recent;
use super::synonyms::Synonyms;
use super::terms::{Terms, bounded};
use super::text::{self, Facts, Known, WordIndex};
use super::vectors::Vectors;
use super::views::Views;
use super::{folder, prior};

/// How deep the rankings by words and by vectors are read before they are fused.
const DEPTH: usize = 100;
/// How many of the first passages say what a question is about at more length.
const FEEDBACK: usize = 2;
/// How many of the first passages are read. From 16 to all of them, the best ten are the same.
const READ: usize = 20;
/// What is known of a page whatever is asked is worth what it was measured at for questions of so many
/// words. In a long question each word says less, and what is known beforehand must too.
const WORDS_OF_A_SEARCH: f32 = 3.0;
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
    pages: Pages,
    /// What is added to the evidence for each page, whatever is asked.
    priors: Vec<f32>,
    recent: Recent<Read>,
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
        let (mut priors, mut contacts) = (Vec::new(), PublicContacts::default());
        let pages = Pages::open(&files, manifest.pieces.len(), |page| {
            let Some((page, published)) = page else { return priors.push(0.0) };
            priors.push(prior::of_document_type(&page.document_type) + views.gain(&page.id));
            contacts.add_all(published);
        })?;
        let contacts = Arc::new(contacts);
        let recent = Recent::default();
        Ok(Self { manifest, contacts, words, vectors, facts, pages, priors, recent })
    }

    /// The page with this path.
    pub(crate) fn page(&self, id: &PageId) -> Result<Option<Arc<Page>>, IndexError> {
        self.pages.named(id)
    }

    /// The audiences that some pages are written for.
    pub(crate) fn audiences(&self) -> BTreeSet<Audience> {
        self.pages.audiences()
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
        let asked = self.words.with_joined_numbers(bounded(&query.text))?;
        let terms = Terms::of(&asked, synonyms);
        let limit = query.limit.min(MOST_HITS);
        if terms.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let meaning = question::meaning(&asked, embedder);
        let mut hits = Vec::new();
        for ranked in self.rank(query, &terms, &meaning, limit)? {
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
        meaning: &Meaning,
        limit: usize,
    ) -> Result<Vec<Ranked>, IndexError> {
        let known = self.words.known(terms, query.locale.as_ref())?;
        let places = self.found(query, &known, meaning, limit.max(DEPTH))?;
        let evidence = evidence::evidence(&self.words, &known, &places)?;
        let prior = WORDS_OF_A_SEARCH / terms.typed().max(1) as f32;
        let candidates = places.iter().zip(evidence);
        let mut candidates: Vec<Candidate> = candidates
            .map(|(place, words)| self.candidate(*place, words, meaning, prior))
            .collect();
        let weights = Weights::of(&self.manifest.embedder, &meaning.asking);
        if weights.feedback > 0.0 {
            self.feed_back(&mut candidates, weights);
        }
        self.read_first(&mut candidates, weights, &known, AnswerTypes::asked_for(&query.text))?;
        let ranked = fuse::fuse(&candidates, weights).into_iter().take(limit);
        let of = |best: Scored| {
            let candidate = *candidates.get(best.place as usize)?;
            Some(Ranked { candidate, score: best.score })
        };
        Ok(ranked.filter_map(of).collect())
    }

    /// The passages that words or vectors find among those that the query admits, in order of place.
    fn found(
        &self,
        query: &SearchQuery,
        known: &Known,
        meaning: &Meaning,
        depth: usize,
    ) -> Result<Vec<u32>, IndexError> {
        let pages = self.pages.admitted(query);
        let admits = |place: u32| {
            self.facts.get(place as usize).is_some_and(|facts| {
                pages.get(facts.page as usize).copied().unwrap_or_default()
                    && query.nation.is_none_or(|nation| facts.applies_to(nation))
            })
        };
        let by_words = self.words.search(known, depth, &admits)?;
        let by_vectors = self.vectors.nearest(&meaning.asking, depth, &admits);
        let mut places: Vec<u32> =
            by_words.iter().chain(&by_vectors).map(|scored| scored.place).collect();
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }

    /// Holds every candidate against those that would come first.
    fn feed_back(&self, candidates: &mut [Candidate], weights: Weights) {
        let first = fuse::fuse(candidates, weights).into_iter().take(FEEDBACK);
        let places = first.filter_map(|best| Some(candidates.get(best.place as usize)?.place));
        let mean = self.vectors.mean(&places.collect::<Vec<_>>());
        for candidate in candidates {
            candidate.feedback = self.vectors.similarity(&mean, candidate.place);
        }
    }

    /// Holds the candidates that would come first against the question, word by word.
    fn read_first(
        &self,
        candidates: &mut [Candidate],
        weights: Weights,
        known: &Known,
        asked_for: AnswerTypes,
    ) -> Result<(), IndexError> {
        let first = fuse::fuse(candidates, weights).into_iter().take(READ);
        let mut read = Vec::with_capacity(READ);
        for best in first {
            let at = best.place as usize;
            if let Some(candidate) = candidates.get(at) {
                read.push((at, self.read(candidate)?));
            }
        }
        for (terms, is_english) in [(&known.english, true), (&known.plain, false)] {
            let of_language = || {
                read.iter().filter(|(_, read)| (read.passage.locale == Locale::En) == is_english)
            };
            let shares = late_interaction::shares(
                terms,
                of_language().filter_map(|(_, read)| read.bag.get()),
            );
            for ((at, read), share) in of_language().zip(shares) {
                if let Some(candidate) = candidates.get_mut(*at) {
                    candidate.near_coverage = share;
                    candidate.answer_type = asked_for.gain(&read.passage.text);
                }
            }
        }
        Ok(())
    }

    /// A passage, word by word.
    fn read(&self, candidate: &Candidate) -> Result<Arc<Read>, IndexError> {
        let read = self.passage_at(candidate.place)?;
        if read.bag.get().is_none() {
            let page = self.pages.get(candidate.page)?;
            let title = page.as_ref().map_or("", |page| page.title.as_str());
            let texts = [title, &read.passage.heading_path(), &read.passage.text];
            read.bag.get_or_init(|| late_interaction::bag(texts));
        }
        Ok(read)
    }

    fn passage_at(&self, place: u32) -> Result<Arc<Read>, IndexError> {
        self.recent.get(place, || {
            let passage = Arc::new(self.words.passage(place)?);
            Ok(Read { passage, bag: OnceLock::new() })
        })
    }

    /// What is known of a passage before the kinds of evidence are weighed; `prior` is what the question
    /// lets count that is known of its page beforehand.
    fn candidate(&self, place: u32, words: Evidence, meaning: &Meaning, prior: f32) -> Candidate {
        let page = self.facts.get(place as usize).map_or(u32::MAX, |facts| facts.page);
        let similarity = self.vectors.similarity(&meaning.asking, place);
        let whole = meaning.whole.as_ref();
        Candidate {
            place,
            page,
            words,
            similarity,
            page_similarity: whole
                .map_or(similarity, |whole| self.vectors.similarity(whole, place)),
            feedback: 0.0,
            near_coverage: 0.0,
            answer_type: 0.0,
            prior: prior * self.priors.get(page as usize).copied().unwrap_or_default(),
        }
    }

    fn hit(&self, ranked: &Ranked) -> Result<Option<Hit>, IndexError> {
        let Ranked { candidate, score } = *ranked;
        let Some(page) = self.pages.get(candidate.page)? else { return Ok(None) };
        let passage = Arc::clone(&self.passage_at(candidate.place)?.passage);
        Ok(Some(Hit {
            page,
            score,
            coverage: candidate.words.coverage,
            similarity: candidate.similarity.max(candidate.page_similarity),
            passage,
        }))
    }
}

/// A passage that was read.
struct Read {
    passage: Arc<Passage>,
    /// Its words, once they were wanted.
    bag: OnceLock<Bag>,
}

/// A passage in its place among the best.
struct Ranked {
    candidate: Candidate,
    score: f32,
}

fn open_words(files: ReadOnly) -> tantivy::Result<WordIndex> {
    let index = Index::open(files)?;
    text::register_analysers(&index);
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    let (_, fields) = text::schema();
    Ok(WordIndex::new(reader.searcher(), fields))
}
