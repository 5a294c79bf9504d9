//! What the words of a question say of each candidate: how much of what was asked stands in it.
//!
//! Each kind of evidence is a BM25 score as a share of all that the words of the question could
//! bring (the sum of their rarities), so that it means the same for short and for long questions.
//! Finding candidates is left to `text`, and weighing the kinds against each other to `fuse`.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings as _;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet as _, SegmentReader, TERMINATED, Term};

use super::error::IndexError;
use super::text::{Known, KnownTerm, TextFields, WordIndex};

/// BM25's saturation and length normalisation (Robertson and Zaragoza, 2009): passages are short and
/// of like length, so that both are weaker than is usual for whole documents.
const K1: f32 = 0.9;
const B: f32 = 0.4;
/// What a word counts in the page's description, which stands on every passage of the page.
const DESCRIPTION: f32 = 0.2;

/// What the words of a question say of one candidate, each about 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Evidence {
    /// In title, headings and body together, by the words that ask.
    pub(crate) passage: f32,
    /// In title and headings alone, by the words that ask.
    pub(crate) titles: f32,
    /// In title, headings and body, by all words: what the passage says for its page.
    pub(crate) page: f32,
    /// The share of the words that ask which stand there at all, each counting for its rarity.
    pub(crate) coverage: f32,
}

/// The evidence for each of `candidates`, which are places in ascending order.
pub(crate) fn evidence(
    index: &WordIndex,
    known: &Known,
    candidates: &[u32],
) -> Result<Vec<Evidence>, IndexError> {
    let mut evidence = vec![Evidence::default(); candidates.len()];
    for (fields, terms) in
        [(index.fields.english, &known.english), (index.fields.plain, &known.plain)]
    {
        let lengths = Averages::of(index, fields).map_err(|e| IndexError::words(&e))?;
        add(index, fields, terms, lengths, candidates, &mut evidence)
            .map_err(|e| IndexError::words(&e))?;
    }
    Ok(evidence)
}

/// A candidate in its segment.
struct Candidate {
    /// Its place among the candidates.
    slot: usize,
    document: u32,
    /// How its words are normalised for length: with everything, and in the titles alone.
    text_norm: f32,
    titles_norm: f32,
}

fn add(
    index: &WordIndex,
    fields: TextFields,
    terms: &[KnownTerm],
    averages: Averages,
    candidates: &[u32],
    evidence: &mut [Evidence],
) -> tantivy::Result<()> {
    if terms.is_empty() {
        return Ok(());
    }
    let sum = |of: fn(&KnownTerm) -> f32| {
        let typed = terms.iter().filter(|term| !term.is_extra);
        typed.map(|term| of(term) * term.rarity).sum::<f32>().max(f32::EPSILON)
    };
    let all = sum(|term| term.in_passage);
    let all_in_page = sum(|term| term.in_page);
    let mut first = 0;
    for (segment, base) in index.searcher.segment_readers().iter().zip(&index.bases) {
        let end = candidates.partition_point(|place| *place < base + segment.max_doc());
        let here = candidates.get(first..end).unwrap_or_default();
        let here = averages.normalised(segment, fields, here, *base, first)?;
        first = end;
        for term in terms {
            let counted = Counted::of(segment, fields, term, &here)?;
            let worth = term.in_passage * term.rarity / all;
            let worth_in_page = term.in_page * term.rarity / all_in_page;
            for (candidate, (text, titles)) in here.iter().zip(counted.text_and_titles()) {
                let Some(found) = evidence.get_mut(candidate.slot).filter(|_| text > 0.0) else {
                    continue;
                };
                let saturated = text * (K1 + 1.0) / (text + K1 * candidate.text_norm);
                found.passage += worth * saturated;
                found.page += worth_in_page * saturated;
                found.titles += worth * titles * (K1 + 1.0) / (titles + K1 * candidate.titles_norm);
                found.coverage += if term.is_extra { 0.0 } else { worth * text.min(1.0) };
            }
        }
    }
    Ok(())
}

/// How often a term stands in each candidate of a segment.
struct Counted {
    text: Vec<f32>,
    titles: Vec<f32>,
}

impl Counted {
    fn of(
        segment: &SegmentReader,
        fields: TextFields,
        term: &KnownTerm,
        candidates: &[Candidate],
    ) -> tantivy::Result<Self> {
        let mut counted =
            Self { text: vec![0.0; candidates.len()], titles: vec![0.0; candidates.len()] };
        for (form, worth) in &term.forms {
            for field in [fields.title, fields.headings] {
                count(segment, field, form, *worth, candidates, &mut counted.titles)?;
            }
            count(segment, fields.body, form, *worth, candidates, &mut counted.text)?;
            let worth = worth * DESCRIPTION;
            count(segment, fields.description, form, worth, candidates, &mut counted.text)?;
        }
        Ok(counted)
    }

    /// How often it stands in everything, and in the titles.
    fn text_and_titles(&self) -> impl Iterator<Item = (f32, f32)> {
        self.text.iter().zip(&self.titles).map(|(text, titles)| (text + titles, *titles))
    }
}

/// Adds how often `form` stands in a field of each candidate, times `worth`.
fn count(
    segment: &SegmentReader,
    field: tantivy::schema::Field,
    form: &str,
    worth: f32,
    candidates: &[Candidate],
    counts: &mut [f32],
) -> tantivy::Result<()> {
    let term = Term::from_field_text(field, form);
    let index = segment.inverted_index(field)?;
    let Some(mut postings) = index.read_postings(&term, IndexRecordOption::WithFreqs)? else {
        return Ok(());
    };
    let mut at = postings.doc();
    for (candidate, count) in candidates.iter().zip(counts) {
        if at < candidate.document {
            at = postings.seek(candidate.document);
        }
        if at == TERMINATED {
            break;
        }
        if at == candidate.document {
            *count += worth * postings.term_freq() as f32;
        }
    }
    Ok(())
}

/// The average numbers of words, in everything and in the titles.
#[derive(Debug, Clone, Copy)]
struct Averages {
    text: f32,
    titles: f32,
}

impl Averages {
    fn of(index: &WordIndex, fields: TextFields) -> tantivy::Result<Self> {
        let (mut titles, mut body) = (0, 0);
        for segment in index.searcher.segment_readers() {
            let words = |field| Ok(segment.inverted_index(field)?.total_num_tokens());
            let words: [tantivy::Result<u64>; 3] =
                [words(fields.title), words(fields.headings), words(fields.body)];
            let [title, headings, of_body] = words;
            titles += title? + headings?;
            body += of_body?;
        }
        let passages = index.searcher.num_docs().max(1) as f32;
        let average = |words: u64| (words as f32 / passages).max(1.0);
        Ok(Self { text: average(titles + body), titles: average(titles) })
    }

    /// The candidates of a segment with their lengths in proportion to the averages.
    fn normalised(
        self,
        segment: &SegmentReader,
        fields: TextFields,
        places: &[u32],
        base: u32,
        first: usize,
    ) -> tantivy::Result<Vec<Candidate>> {
        let norms = |field| segment.get_fieldnorms_reader(field);
        let (title, headings, body) =
            (norms(fields.title)?, norms(fields.headings)?, norms(fields.body)?);
        let norm = |length: u32, average: f32| 1.0 - B + B * length as f32 / average;
        let candidate = |(slot, place): (usize, &u32)| {
            let document = place - base;
            let length = |norms: &FieldNormReader| norms.fieldnorm(document);
            let titles = length(&title) + length(&headings);
            Candidate {
                slot,
                document,
                text_norm: norm(titles + length(&body), self.text),
                titles_norm: norm(titles, self.titles),
            }
        };
        Ok((first..).zip(places).map(candidate).collect())
    }
}
