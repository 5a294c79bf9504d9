//! The word index: which words stand in which passages, and BM25 over them.
//!
//! English text is stemmed; every other language has fields of its own, unstemmed. The passages
//! themselves are kept in it too, compressed, so that memory stays small.

use std::collections::BTreeMap;

use candour_core::{Locale, Nation, Nations, Page, Passage};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::query::{BooleanQuery, BoostQuery, Query, TermQuery, Weight};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing,
    TextOptions, Value as _,
};
use tantivy::{
    DocAddress, DocId, Index, Score, Searcher, SegmentOrdinal, SegmentReader, TantivyDocument, Term,
};

use super::best::{Best, Scored};
use super::error::IndexError;
use super::terms::{self, Said, Terms};
use super::vectors::NOWHERE;

/// The most terms of a question that are looked for: the rarest. The scenarios in the test
/// collections have some 20 telling words.
const MOST_TERMS: usize = 40;

/// What a word counts that means the same as one of the question, and one that is spelt almost like it.
const SYNONYM: f32 = 0.8;
const MISSPELT: f32 = 0.7;

/// The fields of the word index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    id: Field,
    passage: Field,
    row: Field,
    page: Field,
    nations: Field,
    pub(super) english: TextFields,
    pub(super) plain: TextFields,
}

/// The fields that hold text of one kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextFields {
    pub(super) title: Field,
    pub(super) headings: Field,
    pub(super) body: Field,
    pub(super) description: Field,
}

impl TextFields {
    /// What a word in each field is worth, measured on ConditionalQA. A word is rare among titles, and
    /// titles are short, so that BM25 by itself already gives it more there than in a body. The
    /// description stands on every passage of its page, as the title does.
    fn weighted(self) -> [(Field, f32); 4] {
        [(self.title, 0.4), (self.headings, 0.5), (self.body, 1.0), (self.description, 0.2)]
    }
}

/// The schema of the word index.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let mut text = |language: &str| {
        let mut field = |name: &str| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(language)
                .set_index_option(IndexRecordOption::WithFreqs);
            let options = TextOptions::default().set_indexing_options(indexing);
            builder.add_text_field(&format!("{name}_{language}"), options)
        };
        TextFields {
            title: field("title"),
            headings: field("headings"),
            body: field("body"),
            description: field("description"),
        }
    };
    let (english, plain) = (text("english"), text("plain"));
    let fields = Fields {
        id: builder.add_text_field("id", STRING),
        passage: builder.add_bytes_field("passage", STORED),
        row: builder.add_u64_field("row", FAST),
        // Looked for when a page is replaced.
        page: builder.add_u64_field("page", FAST | INDEXED),
        nations: builder.add_u64_field("nations", FAST),
        english,
        plain,
    };
    (builder.build(), fields)
}

/// Makes the two kinds of text known to an index that was created or opened.
pub(crate) fn register_analysers(index: &Index) {
    index.tokenizers().register("english", terms::english());
    index.tokenizers().register("plain", terms::plain());
}

/// What the word index is told of one passage. `row` is the place of its vector, `page_place` that
/// of its page.
pub(crate) fn document(
    fields: &Fields,
    page: &Page,
    passage: &Passage,
    row: u64,
    page_place: u64,
) -> TantivyDocument {
    let mut document = TantivyDocument::default();
    let text = if passage.locale == Locale::En { fields.english } else { fields.plain };
    document.add_text(fields.id, passage.id.as_str());
    document.add_text(text.title, &page.title);
    document.add_text(text.headings, passage.heading_path());
    document.add_text(text.body, &passage.text);
    if let Some(description) = &page.description {
        document.add_text(text.description, description);
    }
    // A passage is strings, numbers and lists, which always have a form in JSON.
    document.add_bytes(fields.passage, &serde_json::to_vec(passage).unwrap_or_default());
    document.add_u64(fields.row, row);
    document.add_u64(fields.page, page_place);
    document.add_u64(fields.nations, u64::from(bits(passage.scope.applies)));
    document
}

/// What finds the passages of a page by its place.
pub(crate) fn of_page(fields: &Fields, page_place: u32) -> Term {
    Term::from_field_u64(fields.page, u64::from(page_place))
}

/// What must be known of every passage to filter, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The place of its vector in the vector file.
    pub(crate) row: u32,
    /// The place of its page.
    pub(crate) page: u32,
    nations: u8,
}

impl Facts {
    /// Those of a passage that is no longer there.
    const GONE: Self = Self { row: NOWHERE, page: u32::MAX, nations: 0 };

    /// Whether the passage applies to `nation`.
    pub(crate) fn applies_to(self, nation: Nation) -> bool {
        self.nations & bits([nation].into_iter().collect()) != 0
    }
}

fn bits(nations: Nations) -> u8 {
    nations.iter().fold(0, |bits, nation| bits | 1 << nation as u8)
}

/// An opened word index. A passage is named by its place: passages are counted through all segments.
pub(crate) struct WordIndex {
    pub(super) searcher: Searcher,
    pub(super) fields: Fields,
    /// The place of the first passage of each segment.
    pub(super) bases: Vec<u32>,
}

/// A word of a question as the index knows it.
#[derive(Debug)]
pub(crate) struct KnownTerm {
    /// As the reader wrote it.
    pub(super) written: String,
    /// How it stands in each field, with what finding it there is worth beside the word itself.
    pub(super) forms: Vec<(String, f32)>,
    /// What it counts when passages are told apart, and when pages are.
    pub(super) in_passage: f32,
    pub(super) in_page: f32,
    /// Whether nothing is missing where it is not found.
    pub(super) is_extra: bool,
    /// How rare it is among the passages: BM25's inverse document frequency.
    pub(super) rarity: f32,
}

/// The words of a question as the index knows them, for English passages and for all others.
#[derive(Debug)]
pub(crate) struct Known {
    pub(super) english: Vec<KnownTerm>,
    pub(super) plain: Vec<KnownTerm>,
}

impl WordIndex {
    /// Takes an index into use.
    pub(crate) fn new(searcher: Searcher, fields: Fields) -> Self {
        let mut bases = Vec::new();
        let mut next = 0;
        for segment in searcher.segment_readers() {
            bases.push(next);
            next += segment.max_doc();
        }
        Self { searcher, fields, bases }
    }

    /// The facts of every passage, by its place.
    pub(crate) fn facts(&self) -> Result<Vec<Facts>, IndexError> {
        let mut facts = Vec::new();
        for segment in self.searcher.segment_readers() {
            let column = |name| segment.fast_fields().u64(name).map_err(|e| IndexError::words(&e));
            let (rows, pages, nations) = (column("row")?, column("page")?, column("nations")?);
            let known = |document| Facts {
                row: rows.first(document).unwrap_or_default() as u32,
                page: pages.first(document).unwrap_or_default() as u32,
                nations: nations.first(document).unwrap_or_default() as u8,
            };
            let is_there = |document| segment.alive_bitset().is_none_or(|it| it.is_alive(document));
            let documents = 0..segment.max_doc();
            facts.extend(documents.map(|it| if is_there(it) { known(it) } else { Facts::GONE }));
        }
        Ok(facts)
    }

    /// Looks the words of a question up, the rarest first, and of very many only these.
    pub(crate) fn known(
        &self,
        terms: &Terms,
        locale: Option<&Locale>,
    ) -> Result<Known, IndexError> {
        let look_up = |fields, words: &BTreeMap<String, Said>, is_asked_for, mends| {
            if is_asked_for { self.known_in(fields, words, mends) } else { Ok(Vec::new()) }
        };
        let asks_for = |english: bool| locale.is_none_or(|l| (*l == Locale::En) == english);
        let (english, plain) = (self.fields.english, self.fields.plain);
        Ok(Known {
            english: look_up(english, &terms.english, asks_for(true), !terms.is_welsh)?,
            plain: look_up(plain, &terms.plain, asks_for(false), terms.is_welsh)?,
        })
    }

    fn known_in(
        &self,
        fields: TextFields,
        words: &BTreeMap<String, Said>,
        mends: bool,
    ) -> Result<Vec<KnownTerm>, IndexError> {
        let mut known = Vec::new();
        for (word, said) in words {
            let mut passages = self.passages_with(fields, word)?;
            let mut forms = vec![(word.clone(), 1.0)];
            for other in &said.also {
                forms.push((other.clone(), SYNONYM));
                passages = passages.max(self.passages_with(fields, other)?);
            }
            if passages == 0 && said.is_extra {
                continue;
            }
            if passages == 0 && mends {
                for near in self.spelt_alike(fields, word)? {
                    passages = passages.max(self.passages_with(fields, &near)?);
                    forms.push((near, MISSPELT));
                }
            }
            known.push(KnownTerm {
                written: said.written.clone(),
                forms,
                in_passage: said.in_passage,
                in_page: said.in_page,
                is_extra: said.is_extra,
                rarity: self.rarity(passages),
            });
        }
        known.sort_by(|a, b| b.rarity.total_cmp(&a.rarity));
        known.truncate(MOST_TERMS);
        Ok(known)
    }

    /// In how many passages a word stands, in the field where it is most common.
    pub(super) fn passages_with(&self, fields: TextFields, word: &str) -> Result<u64, IndexError> {
        let counts = [fields.title, fields.headings, fields.body].map(|field| {
            let term = Term::from_field_text(field, word);
            self.searcher.doc_freq(&term).map_err(|e| IndexError::words(&e))
        });
        counts.into_iter().try_fold(0, |most, count| Ok(count?.max(most)))
    }

    fn rarity(&self, passages: u64) -> f32 {
        let (all, with) = (self.searcher.num_docs() as f32, passages as f32);
        (1.0 + (all - with + 0.5).max(0.0) / (with + 0.5)).ln()
    }

    /// The best passages for a question among those that `admits` lets through, by BM25, best first.
    pub(crate) fn search(
        &self,
        known: &Known,
        depth: usize,
        admits: &(dyn Fn(u32) -> bool + Sync),
    ) -> Result<Vec<Scored>, IndexError> {
        let mut clauses: Vec<Box<dyn Query>> = Vec::new();
        for (fields, terms) in
            [(self.fields.english, &known.english), (self.fields.plain, &known.plain)]
        {
            for (term, (form, worth)) in
                terms.iter().flat_map(|term| term.forms.iter().map(move |form| (term, form)))
            {
                for (field, weight) in fields.weighted() {
                    let query = TermQuery::new(
                        Term::from_field_text(field, form),
                        IndexRecordOption::WithFreqs,
                    );
                    let weight = weight * term.in_passage * worth;
                    clauses.push(Box::new(BoostQuery::new(Box::new(query), weight)));
                }
            }
        }
        let query = BooleanQuery::union(clauses);
        let top = Top { depth, admits, bases: &self.bases };
        self.searcher.search(&query, &top).map_err(|e| IndexError::words(&e))
    }

    /// The passage at a place, as it was added.
    pub(crate) fn passage(&self, place: u32) -> Result<Passage, IndexError> {
        let document: TantivyDocument =
            self.searcher.doc(self.address(place)).map_err(|e| IndexError::words(&e))?;
        let bytes = document.get_first(self.fields.passage).and_then(|value| value.as_bytes());
        serde_json::from_slice(bytes.unwrap_or_default())
            .map_err(|error| IndexError::Words(format!("passage {place} cannot be read: {error}")))
    }

    fn address(&self, place: u32) -> DocAddress {
        let segment = self.bases.partition_point(|base| *base <= place).saturating_sub(1);
        let base = self.bases.get(segment).copied().unwrap_or_default();
        DocAddress::new(segment as u32, place.saturating_sub(base))
    }

    /// The place of the passage with this identifier.
    pub(crate) fn place_of(&self, id: &str) -> Result<Option<u32>, IndexError> {
        let term = Term::from_field_text(self.fields.id, id);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let top = Top { depth: 1, admits: &|_| true, bases: &self.bases };
        let found = self.searcher.search(&query, &top);
        let found = found.map_err(|e| IndexError::words(&e))?;
        Ok(found.first().map(|scored| scored.place))
    }
}

/// Collects the best passages that a filter admits, skipping whole blocks that cannot be among them.
struct Top<'a> {
    depth: usize,
    admits: &'a (dyn Fn(u32) -> bool + Sync),
    bases: &'a [u32],
}

impl Collector for Top<'_> {
    type Fruit = Vec<Scored>;
    type Child = NoChild;

    fn for_segment(&self, _: SegmentOrdinal, _: &SegmentReader) -> tantivy::Result<NoChild> {
        Ok(NoChild)
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn collect_segment(
        &self,
        weight: &dyn Weight,
        ordinal: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<Vec<Scored>> {
        let base = self.bases.get(ordinal as usize).copied().unwrap_or_default();
        let alive = segment.alive_bitset();
        let mut best = Best::new(self.depth);
        weight.for_each_pruning(
            best.threshold(),
            segment,
            &mut |document: DocId, score: Score| {
                let is_alive = alive.is_none_or(|alive| alive.is_alive(document));
                if is_alive && (self.admits)(base + document) {
                    best.offer(score, base + document);
                }
                best.threshold()
            },
        )?;
        Ok(best.into_sorted())
    }

    fn merge_fruits(&self, segments: Vec<Vec<Scored>>) -> tantivy::Result<Vec<Scored>> {
        let mut all = segments.concat();
        all.sort_unstable_by(|a, b| b.cmp(a));
        all.truncate(self.depth);
        Ok(all)
    }
}

/// The interface asks for a collector that takes one passage at a time; `Top` goes without, because
/// such a collector cannot skip.
struct NoChild;

impl SegmentCollector for NoChild {
    type Fruit = Vec<Scored>;

    fn collect(&mut self, _: DocId, _: Score) {}

    fn harvest(self) -> Vec<Scored> {
        Vec::new()
    }
}
