//! Building a snapshot: a folder that is written beside the others, made durable, given its name by
//! one rename, and taken into service by another. Killed at any point, the old one still serves.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use candour_core::{ContentHash, EmbedderIdentity, PageId, PublicContacts};
use jiff::Timestamp;
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::{Index, IndexWriter, TantivyError};

use super::IndexStatistics;
use super::contacts;
use super::error::IndexError;
use super::folder;
use super::manifest::{FORMAT, Manifest};
use super::text::{self, Fields};
use super::vectors::VectorWriter;
use crate::prepared::Prepared;

/// The file of pages in a snapshot, one a line.
pub(crate) const PAGES: &str = "pages.jsonl";
/// The file of the publisher's own telephone numbers and e-mail addresses.
pub(crate) const CONTACTS: &str = "contacts.json";
/// What the word index may hold in memory before it writes.
const WRITER_MEMORY: usize = 64 * 1024 * 1024;

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
    state: PathBuf,
    manifest: Manifest,
    writer: IndexWriter,
    fields: Fields,
    vectors: VectorWriter,
    pages: BufWriter<File>,
    contacts: PublicContacts,
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
        let writer = writer(&building, schema).map_err(|error| IndexError::words(&error))?;
        let vectors = VectorWriter::create(&building, 0, embedder.dimensions)?;
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            snapshot: name.as_str().to_owned(),
            prepared_with: prepared_with.to_owned(),
            embedder,
            pages: 0,
            passages: 0,
            built_at,
            files: std::collections::BTreeMap::new(),
            seal: String::new(),
        };
        let pages = create(&building.join(PAGES))?;
        let state = state.to_owned();
        let contacts = PublicContacts::default();
        Ok(Self { state, manifest, writer, fields, vectors, pages, contacts })
    }

    /// Adds a page with its passages. Pages are best added in the order of their paths: passages
    /// that fit equally well are ranked in the order in which they were added.
    pub fn add(&mut self, prepared: &Prepared) -> Result<(), IndexError> {
        let dimensions = self.vectors.dimensions();
        let fits = prepared.vectors.len() == prepared.passages.len()
            && prepared.vectors.iter().all(|vector| vector.len() == dimensions);
        if !fits {
            return Err(IndexError::Vectors { page: prepared.page.id.0.clone() });
        }
        let page_place = self.manifest.pages;
        for (passage, vector) in prepared.passages.iter().zip(&prepared.vectors) {
            let row = self.manifest.passages;
            let document = text::document(&self.fields, &prepared.page, passage, row, page_place);
            self.writer.add_document(document).map_err(|error| self.words_failed(&error))?;
            self.vectors.add(vector)?;
            self.manifest.passages += 1;
        }
        contacts::gather(&mut self.contacts, &prepared.page, &prepared.passages);
        serde_json::to_writer(&mut self.pages, &prepared.page)
            .map_err(std::io::Error::from)
            .and_then(|()| self.pages.write_all(b"\n"))
            .map_err(|error| IndexError::io(&self.building().join(PAGES), error))?;
        self.manifest.pages += 1;
        Ok(())
    }

    /// Makes the snapshot whole and durable, takes it into service, and removes all others but the
    /// one that served before.
    pub fn finish(mut self) -> Result<IndexStatistics, IndexError> {
        let (state, building) = (self.state.clone(), self.building());
        self.finish_files(&building)?;
        self.vectors.finish()?;
        if let Err(error) = finish_words(self.writer) {
            return Err(words_failed(&building, &error));
        }
        let manifest = self.manifest.write(&building)?;
        let name = manifest.snapshot.as_str();
        give_name(&state, name, &building)?;
        let before = folder::current(&state)?;
        folder::set_current(&state, name)?;
        if before.as_deref() != Some(name) {
            folder::prune(&state, &[name, before.as_deref().unwrap_or(name)])?;
        }
        Ok(manifest.statistics())
    }

    fn finish_files(&mut self, building: &Path) -> Result<(), IndexError> {
        self.pages.flush().map_err(|error| IndexError::io(&building.join(PAGES), error))?;
        // Contacts are strings, which always have a form in JSON.
        let contacts = serde_json::to_vec(&self.contacts).unwrap_or_default();
        folder::write_durably(&building.join(CONTACTS), &contacts)
    }

    fn building(&self) -> PathBuf {
        folder::unfinished(&self.state, &self.manifest.snapshot)
    }

    fn words_failed(&self, error: &TantivyError) -> IndexError {
        words_failed(&self.building(), error)
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
fn writer(folder: &Path, schema: tantivy::schema::Schema) -> tantivy::Result<IndexWriter> {
    let index = Index::create_in_dir(folder, schema)?;
    text::register_analysers(&index);
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .num_merge_threads(1)
        .memory_budget_per_thread(WRITER_MEMORY)
        .build();
    let writer = index.writer_with_options(options)?;
    // Merging happens once, at the end, into one segment: then the place of a passage is one number.
    writer.set_merge_policy(Box::new(NoMergePolicy));
    Ok(writer)
}

/// Writes all words to disk, in one segment.
fn finish_words(mut writer: IndexWriter) -> tantivy::Result<()> {
    writer.commit()?;
    let segments = writer.index().searchable_segment_ids()?;
    if segments.len() > 1 {
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

fn create(path: &Path) -> Result<BufWriter<File>, IndexError> {
    let file = File::create(path).map_err(|error| IndexError::io(path, error))?;
    Ok(BufWriter::new(file))
}

#[cfg(test)]
mod tests {
    use candour_core::{SearchQuery, Searcher as _};

    use super::super::tests::page;
    use super::super::{LiveIndex, default_embedder};
    use super::*;

    #[test]
    fn an_index_written_in_several_pieces_is_one_in_the_end() {
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
            builder.add(&page(&path, word, &passages)).unwrap();
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
