//! Building a snapshot: a folder that is written beside the others, made durable, given its name by
//! one rename, and taken into service by another. Killed at any point, the old one still serves.
//!
//! Where little has changed, it begins as the one that serves, by `successor`, and is added to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use candour_core::{ContentHash, EmbedderIdentity, PageId, PublicContacts};
use jiff::Timestamp;
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::{Index, IndexWriter, TantivyError};

use super::IndexStatistics;
use super::contacts;
use super::error::IndexError;
use super::folder;
use super::manifest::{FORMAT, Manifest, PieceCounts};
use super::pages::{GONE, PageWriter};
use super::segments;
use super::text::{self, Fields};
use super::vectors::VectorWriter;
use crate::prepared::Prepared;

/// What the word index may hold in memory before it writes a segment.
const WRITER_MEMORY: usize = 256 * 1024 * 1024;
/// A question is looked up in each segment, so that there should not be many. Every piece after the
/// first may add one.
const MOST_SEGMENTS: usize = 8;

/// The name of the snapshot of `pages`, each with the hash of what was kept of it. The same pages in
/// another order have the same name. `prepared_with` names extractor, splitter and embedder.
pub fn snapshot_name(pages: &[(PageId, ContentHash)], prepared_with: &str) -> ContentHash {
    let mut sorted: Vec<_> = pages.iter().collect();
    sorted.sort();
    let versions = [FORMAT.as_bytes(), prepared_with.as_bytes()];
    let pages =
        sorted.into_iter().flat_map(|(id, hash)| [id.0.as_bytes(), hash.as_str().as_bytes()]);
    ContentHash::of_list(versions.into_iter().chain(pages))
}

/// A snapshot that is being built. Dropped before `finish`, it leaves the one that serves as it is,
/// and its folder is removed by the next ingest.
pub struct SnapshotBuilder {
    pub(super) state: PathBuf,
    pub(super) manifest: Manifest,
    pub(super) writer: IndexWriter,
    pub(super) fields: Fields,
    pub(super) vectors: VectorWriter,
    pub(super) pages: PageWriter,
    /// The places of pages that were in an earlier piece and are no longer there.
    pub(super) gone: BTreeSet<u32>,
    /// What was added to the piece that is being written, and how much is in those before it.
    pub(super) added: PieceCounts,
    pub(super) before: PieceCounts,
    /// The hashes of files that an earlier snapshot has too.
    pub(super) shared: BTreeMap<String, ContentHash>,
}

impl SnapshotBuilder {
    /// Begins a snapshot in a state directory. What earlier ingests left unfinished is removed, so
    /// that only one may be built at a time.
    pub fn create(
        state: &Path,
        name: &ContentHash,
        prepared_with: &str,
        embedder: EmbedderIdentity,
        built_at: Timestamp,
    ) -> Result<Self, IndexError> {
        folder::prune_unfinished(state)?;
        let building = folder::unfinished(state, name.as_str());
        folder::make(&building)?;
        let (schema, fields) = text::schema();
        let writer = Index::create_in_dir(&building, schema).and_then(|index| writer(&index));
        let writer = writer.map_err(|error| IndexError::words(&error))?;
        Ok(Self {
            state: state.to_owned(),
            writer,
            fields,
            vectors: VectorWriter::create(&building, 0, embedder.dimensions)?,
            pages: PageWriter::create(&building, 0)?,
            manifest: Manifest {
                format: FORMAT.to_owned(),
                snapshot: name.as_str().to_owned(),
                prepared_with: prepared_with.to_owned(),
                embedder,
                pages: 0,
                passages: 0,
                built_at,
                pieces: Vec::new(),
                files: BTreeMap::new(),
                seal: String::new(),
            },
            gone: BTreeSet::new(),
            added: PieceCounts::default(),
            before: PieceCounts::default(),
            shared: BTreeMap::new(),
        })
    }

    /// Adds a page with its passages; `hash` is that of what was kept of it. Pages are best added in
    /// the order of their paths: passages that fit equally well are ranked in the order in which they
    /// were added.
    pub fn add(&mut self, prepared: &Prepared, hash: &ContentHash) -> Result<(), IndexError> {
        let Prepared { page, passages, vectors } = prepared;
        let dimensions = self.vectors.dimensions();
        let fits = vectors.len() == passages.len()
            && vectors.iter().all(|vector| vector.len() == dimensions);
        if !fits {
            return Err(IndexError::Vectors { page: page.id.0.clone() });
        }
        let page_place = self.before.pages + self.added.pages;
        for (passage, vector) in passages.iter().zip(vectors) {
            let row = self.before.passages + self.added.passages;
            let document = text::document(&self.fields, page, passage, row, page_place);
            self.writer.add_document(document).map_err(|error| self.words_failed(&error))?;
            self.vectors.add(vector)?;
            self.added.passages += 1;
        }
        let mut contacts = PublicContacts::default();
        contacts::gather(&mut contacts, page, passages);
        self.pages.add(page, hash, passages.len() as u64, contacts)?;
        self.added.pages += 1;
        self.manifest.pages += 1;
        self.manifest.passages += passages.len() as u64;
        Ok(())
    }

    /// Makes the snapshot whole and durable, takes it into service, and removes all others but the
    /// one that served before.
    pub fn finish(mut self) -> Result<IndexStatistics, IndexError> {
        let (state, building) = (self.state.clone(), self.building());
        self.pages.finish()?;
        self.vectors.finish()?;
        // A set of numbers always has a form in JSON.
        let gone = serde_json::to_vec(&self.gone).unwrap_or_default();
        folder::write_durably(&building.join(GONE), &gone)?;
        let most_segments = MOST_SEGMENTS + self.manifest.pieces.len();
        if let Err(error) = finish_words(self.writer, most_segments) {
            return Err(words_failed(&building, &error));
        }
        segments::put_in_order(&building)?;
        self.manifest.pieces.push(self.added);
        let manifest = self.manifest.write(&building, &self.shared)?;
        let name = manifest.snapshot.as_str();
        give_name(&state, name, &building)?;
        let before = folder::current(&state)?;
        folder::set_current(&state, name)?;
        if before.as_deref() != Some(name) {
            folder::prune(&state, &[name, before.as_deref().unwrap_or(name)])?;
        }
        Ok(manifest.statistics())
    }

    fn words_failed(&self, error: &TantivyError) -> IndexError {
        words_failed(&self.building(), error)
    }

    fn building(&self) -> PathBuf {
        folder::unfinished(&self.state, &self.manifest.snapshot)
    }
}

/// Gives a finished folder its name. One of the same name that is sound already serves as well.
fn give_name(state: &Path, name: &str, building: &Path) -> Result<(), IndexError> {
    let finished = folder::finished(state, name);
    if Manifest::verified(&finished, name).is_ok() {
        return folder::remove(building);
    }
    folder::remove(&finished)?;
    folder::rename(building, &finished)
}

/// One thread writes and one merges, which leaves a small machine room to answer questions.
pub(super) fn writer(index: &Index) -> tantivy::Result<IndexWriter> {
    text::register_analysers(index);
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .num_merge_threads(1)
        .memory_budget_per_thread(WRITER_MEMORY)
        .build();
    let writer = index.writer_with_options(options)?;
    // Merging happens at the end if at all, so that the same pages make the same segments.
    writer.set_merge_policy(Box::new(NoMergePolicy));
    Ok(writer)
}

/// Writes all words to disk, in so many segments at most, or else in one.
fn finish_words(mut writer: IndexWriter, most_segments: usize) -> tantivy::Result<()> {
    writer.commit()?;
    let segments = writer.index().searchable_segment_ids()?;
    if segments.len() > most_segments {
        writer.merge(&segments).wait()?;
    }
    writer.garbage_collect_files().wait()?;
    writer.wait_merging_threads()
}

/// The word index writes in threads of its own and forgets why they failed, so the disk is asked.
fn words_failed(building: &Path, error: &TantivyError) -> IndexError {
    let probe = building.join("probe");
    match folder::write_durably(&probe, &vec![0; 1024 * 1024]) {
        Err(IndexError::DiskFull) => IndexError::DiskFull,
        _ => IndexError::words(error),
    }
}

#[cfg(test)]
mod tests {
    use candour_core::{SearchQuery, Searcher as _};

    use super::super::tests::page;
    use super::super::{LiveIndex, default_embedder};
    use super::*;

    #[test]
    fn the_segments_of_an_index_are_one_in_a_search() {
        let state = tempfile::tempdir().unwrap();
        let name = ContentHash::of(b"pieces");
        let embedder = default_embedder();
        let identity = embedder.identity();
        let mut builder =
            SnapshotBuilder::create(state.path(), &name, "t", identity, Timestamp::UNIX_EPOCH)
                .unwrap();
        let words = ["apple", "banana", "cherry", "damson", "elderberry"];
        for (number, word) in words.iter().enumerate() {
            let path = format!("/{word}");
            let texts: Vec<String> = (0..=number).map(|n| format!("{word} number {n}")).collect();
            let passages: Vec<(&str, &str)> =
                texts.iter().map(|text| ("", text.as_str())).collect();
            let page = page(&path, word, &passages);
            builder.add(&page, &ContentHash::of(path.as_bytes())).unwrap();
            // As happens by itself when the writer's memory is full.
            builder.writer.commit().unwrap();
        }
        assert!(builder.writer.index().searchable_segment_ids().unwrap().len() > 1);
        let statistics = builder.finish().unwrap();
        assert_eq!((statistics.pages, statistics.passages), (5, 15));
        let index = LiveIndex::open(state.path(), embedder).unwrap();
        for word in words {
            let hits = index.search(&SearchQuery::new(word, 1)).unwrap();
            // The words, the page and the vector of one passage have stayed together.
            assert_eq!(hits[0].page.title, word);
            assert!(hits[0].passage.text.starts_with(word));
            assert!(hits[0].similarity > 0.5, "{word}: {}", hits[0].similarity);
        }
    }
}
