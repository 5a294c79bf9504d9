//! The word index: which words stand in which passages, and BM25 over them.
//!
//! English text is stemmed; every other language has fields of its own, unstemmed. The passages
//! themselves are kept in it too, compressed, so that memory stays small.

use candour_core::{Locale, Nation, Nations, Page, Passage};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::query::{BooleanQuery, BoostQuery, Query, TermQuery, Weight};
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
    Value as _,
};
use tantivy::{
    DocAddress, DocId, Index, Score, Searcher, SegmentOrdinal, SegmentReader, TantivyDocument, Term,
};

use super::best::{Best, Scored};
use super::error::IndexError;
use super::terms::{self, Terms};

/// The most terms of a question that are looked for: the rarest. The scenarios in the test
/// collections have some 20 telling words.
const MOST_TERMS: usize = 40;

/// The fields of the word index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    id: Field,
    passage: Field,
    row: Field,
    page: Field,
    nations: Field,
    english: TextFields,
    plain: TextFields,
}

/// The fields that hold text of one kind.
#[derive(Debug, Clone, Copy)]
struct TextFields {
    title: Field,
    headings: Field,
    body: Field,
    description: Field,
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
        page: builder.add_u64_field("page", FAST),
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

/// What must be known of every passage to filter, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The place of its vector in the vector file.
    pub(crate) row: u32,
    /// The place of its page in the file of pages.
    pub(crate) page: u32,
    nations: u8,
}

impl Facts {
    /// Whether the passage applies to `nation`.
    pub(crate) fn applies_to(self, nation: Nation) -> bool {
        self.nations & bits([nation].into_iter().collect()) != 0
    }
}

fn bits(nations: Nations) -> u8 {
    nations.iter().fold(0, |bits, nation| bits | 1 << nation as u8)
}

/// An opened word index of one segment.
pub(crate) struct WordIndex {
    searcher: Searcher,
    fields: Fields,
}

impl WordIndex {
    /// Takes an index into use.
    pub(crate) fn new(searcher: Searcher, fields: Fields) -> Self {
        Self { searcher, fields }
    }

    /// The facts of every passage, by its place.
    pub(crate) fn facts(&self) -> Result<Vec<Facts>, IndexError> {
        let Some(segment) = self.searcher.segment_readers().first() else { return Ok(Vec::new()) };
        let column = |name| segment.fast_fields().u64(name).map_err(|e| IndexError::words(&e));
        let (rows, pages, nations) = (column("row")?, column("page")?, column("nations")?);
        let fact = |place| Facts {
            row: rows.first(place).unwrap_or_default() as u32,
            page: pages.first(place).unwrap_or_default() as u32,
            nations: nations.first(place).unwrap_or_default() as u8,
        };
        Ok((0..segment.max_doc()).map(fact).collect())
    }

    /// The best passages for `terms` among those that `admits` lets through, by BM25, best first.
    pub(crate) fn search(
        &self,
        terms: &Terms,
        locale: Option<&Locale>,
        depth: usize,
        admits: &(dyn Fn(u32) -> bool + Sync),
    ) -> Result<Vec<Scored>, IndexError> {
        let mut clauses: Vec<Box<dyn Query>> = Vec::new();
        if locale.is_none_or(|locale| *locale == Locale::En) {
            self.add_clauses(&mut clauses, self.fields.english, &terms.english)?;
        }
        if locale.is_none_or(|locale| *locale != Locale::En) {
            self.add_clauses(&mut clauses, self.fields.plain, &terms.plain)?;
        }
        let query = BooleanQuery::union(clauses);
        self.searcher.search(&query, &Top { depth, admits }).map_err(|e| IndexError::words(&e))
    }

    /// One clause for each field that has a term, for the rarest terms.
    fn add_clauses(
        &self,
        clauses: &mut Vec<Box<dyn Query>>,
        fields: TextFields,
        said: &std::collections::BTreeMap<String, u32>,
    ) -> Result<(), IndexError> {
        let mut known = Vec::new();
        for (word, times) in said {
            let mut in_fields = Vec::new();
            for (field, weight) in fields.weighted() {
                let term = Term::from_field_text(field, word);
                let passages = self.searcher.doc_freq(&term).map_err(|e| IndexError::words(&e))?;
                if passages > 0 {
                    in_fields.push((term, weight * (*times as f32).sqrt(), passages));
                }
            }
            if let Some(most) = in_fields.iter().map(|(_, _, passages)| *passages).max() {
                known.push((most, in_fields));
            }
        }
        known.sort_by_key(|(most, _)| *most);
        known.truncate(MOST_TERMS);
        for (term, weight, _) in known.into_iter().flat_map(|(_, in_fields)| in_fields) {
            let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
            clauses.push(Box::new(BoostQuery::new(Box::new(query), weight)));
        }
        Ok(())
    }

    /// How rare a word is in the bodies of passages of a language: BM25's inverse document frequency.
    pub(crate) fn rarity(&self, word: &str, english: bool) -> f32 {
        let fields = if english { self.fields.english } else { self.fields.plain };
        let term = Term::from_field_text(fields.body, word);
        let passages = self.searcher.doc_freq(&term).unwrap_or_default() as f32;
        let all = self.searcher.num_docs() as f32;
        (1.0 + (all - passages + 0.5).max(0.0) / (passages + 0.5)).ln()
    }

    /// The passage at a place, as it was added.
    pub(crate) fn passage(&self, place: u32) -> Result<Passage, IndexError> {
        let address = DocAddress::new(0, place);
        let document: TantivyDocument =
            self.searcher.doc(address).map_err(|e| IndexError::words(&e))?;
        let bytes = document.get_first(self.fields.passage).and_then(|value| value.as_bytes());
        serde_json::from_slice(bytes.unwrap_or_default())
            .map_err(|error| IndexError::Words(format!("passage {place} cannot be read: {error}")))
    }

    /// The place of the passage with this identifier.
    pub(crate) fn place_of(&self, id: &str) -> Result<Option<u32>, IndexError> {
        let term = Term::from_field_text(self.fields.id, id);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let found = self.searcher.search(&query, &Top { depth: 1, admits: &|_| true });
        let found = found.map_err(|e| IndexError::words(&e))?;
        Ok(found.first().map(|scored| scored.place))
    }
}

/// Collects the best passages that a filter admits, skipping whole blocks that cannot be among them.
struct Top<'a> {
    depth: usize,
    admits: &'a (dyn Fn(u32) -> bool + Sync),
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
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<Vec<Scored>> {
        let mut best = Best::new(self.depth);
        weight.for_each_pruning(best.threshold(), segment, &mut |place: DocId, score: Score| {
            if (self.admits)(place) {
                best.offer(score, place);
            }
            best.threshold()
        })?;
        Ok(best.into_sorted())
    }

    fn merge_fruits(&self, segments: Vec<Vec<Scored>>) -> tantivy::Result<Vec<Scored>> {
        Ok(segments.into_iter().next().unwrap_or_default())
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
