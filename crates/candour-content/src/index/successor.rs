//! A snapshot that begins as the one that serves: what has not changed is shared with it on disk, and
//! only pages that are new or changed are read and indexed.
//!
//! Files of a snapshot never change, so that two snapshots may have the same ones (hard links). What
//! was replaced stays in them and is passed over; when there is too much of that, or when the files
//! become many, a snapshot is built anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use candour_core::{ContentHash, EmbedderIdentity, PageId};
use jiff::Timestamp;
use tantivy::Index;
use tantivy::directory::MmapDirectory;

use super::error::IndexError;
use super::folder;
use super::manifest::{Manifest, PieceCounts};
use super::pages::{self, GONE, Kept, PageWriter};
use super::readonly::ReadOnly;
use super::segments;
use super::snapshot::{SnapshotBuilder, writer};
use super::text;
use super::vectors::VectorWriter;

/// After so many pieces, a snapshot is built anew.
const MOST_PIECES: usize = 16;
/// Of so many pages, one may change; when more do, building anew is as quick.
const CHANGED_IN: usize = 10;
/// Of so many pages on disk, one may be gone. The rarity of words counts those too.
const GONE_IN: usize = 5;
/// Files that the search library replaces, and so must not be shared; the manifest is written anew.
const REPLACED: [&str; 3] = [segments::LIST, ".managed.json", GONE];

impl SnapshotBuilder {
    /// Begins a snapshot of `pages`, each with the hash of what was kept of it, as the one that
    /// serves, if there is a sound one that differs little. Also returns, in order, the pages that are
    /// to be added.
    pub fn succeed(
        state: &Path,
        pages: &[(PageId, ContentHash)],
        prepared_with: &str,
        embedder: &EmbedderIdentity,
        built_at: Timestamp,
    ) -> Result<Option<(Self, Vec<PageId>)>, IndexError> {
        let Some(serving) = folder::current(state)? else { return Ok(None) };
        let from = folder::finished(state, &serving);
        let Ok(manifest) = Manifest::verified(&from, &serving) else { return Ok(None) };
        let is_alike = manifest.prepared_with == prepared_with && manifest.embedder == *embedder;
        if !is_alike || manifest.pieces.len() >= MOST_PIECES {
            return Ok(None);
        }
        let files = MmapDirectory::open(&from).map_err(|error| IndexError::words(&error.into()))?;
        let (kept, gone) = pages::kept(&ReadOnly(files), manifest.pieces.len())?;
        let change = Change::between(kept, pages);
        let on_disk: u64 = manifest.pieces.iter().map(|piece| piece.pages).sum();
        let is_small = (change.lost.len() + change.added.len()) * CHANGED_IN <= pages.len();
        let is_dense = (gone.len() + change.lost.len()) * GONE_IN <= on_disk as usize;
        if !is_small || !is_dense {
            return Ok(None);
        }
        let base = Manifest {
            snapshot: super::snapshot_name(pages, prepared_with).as_str().to_owned(),
            built_at,
            ..manifest
        };
        let builder = begin(state, &from, base, &change.lost, gone)?;
        Ok(Some((builder, change.added)))
    }
}

/// How the pages wanted differ from those of a snapshot.
struct Change {
    /// Pages of the snapshot that are not wanted, or not as they are there.
    lost: Vec<Kept>,
    /// Pages that are not in the snapshot, or not as they are wanted; in order.
    added: Vec<PageId>,
}

impl Change {
    fn between(kept: Vec<Kept>, wanted: &[(PageId, ContentHash)]) -> Self {
        let mut wanted: BTreeMap<&PageId, &ContentHash> =
            wanted.iter().map(|(id, hash)| (id, hash)).collect();
        let mut lost = Vec::new();
        for page in kept {
            if wanted.get(&page.id) == Some(&&page.hash) {
                wanted.remove(&page.id);
            } else {
                lost.push(page);
            }
        }
        Self { lost, added: wanted.into_keys().cloned().collect() }
    }
}

/// Begins in a folder of its own with what is in `from`, but for the pages that are lost. The manifest
/// is that of `from` with the new name.
fn begin(
    state: &Path,
    from: &Path,
    base: Manifest,
    lost: &[Kept],
    mut gone: BTreeSet<u32>,
) -> Result<SnapshotBuilder, IndexError> {
    folder::prune_unfinished(state)?;
    let building = folder::unfinished(state, &base.snapshot);
    folder::make(&building)?;
    let shared = share(from, &building, &base)?;
    let writer = Index::open_in_dir(&building).and_then(|index| writer(&index));
    let writer = writer.map_err(|error| IndexError::words(&error))?;
    let (_, fields) = text::schema();
    for page in lost {
        writer.delete_term(text::of_page(&fields, page.place));
        gone.insert(page.place);
    }
    let piece = base.pieces.len();
    let before = base.pieces.iter().fold(PieceCounts::default(), |sum, piece| PieceCounts {
        pages: sum.pages + piece.pages,
        passages: sum.passages + piece.passages,
    });
    let lost_passages: u64 = lost.iter().map(|page| page.passages).sum();
    Ok(SnapshotBuilder {
        state: state.to_owned(),
        writer,
        fields,
        vectors: VectorWriter::create(&building, piece, base.embedder.dimensions)?,
        pages: PageWriter::create(&building, piece)?,
        manifest: Manifest {
            pages: base.pages.saturating_sub(lost.len() as u64),
            passages: base.passages.saturating_sub(lost_passages),
            files: BTreeMap::new(),
            seal: String::new(),
            ..base
        },
        gone,
        added: PieceCounts::default(),
        before,
        shared,
    })
}

/// Puts the files of a snapshot into the folder of another, and returns the hashes of those that both
/// share from now on.
fn share(
    from: &Path,
    to: &Path,
    base: &Manifest,
) -> Result<BTreeMap<String, ContentHash>, IndexError> {
    let mut shared = BTreeMap::new();
    for (file, hash) in &base.files {
        let (old, new) = (from.join(file), to.join(file));
        // Where a file cannot have two names, it is copied.
        if !REPLACED.contains(&file.as_str()) && fs::hard_link(&old, &new).is_ok() {
            shared.insert(file.clone(), hash.clone());
        } else if file != GONE {
            fs::copy(&old, &new).map_err(|error| IndexError::io(&new, error))?;
        }
    }
    Ok(shared)
}

#[cfg(test)]
mod tests {
    use candour_core::{Audience, Hit, SearchQuery, Searcher as _};

    use super::super::tests::{build, hash_of, hashes_of, open, page};
    use super::super::{LiveIndex, default_embedder, snapshot_name};
    use super::*;
    use crate::prepared::Prepared;

    /// Forty pages, each about a number; those in `changed` say something new.
    fn pages(count: usize, changed: &[usize]) -> Vec<Prepared> {
        let about = |number: usize| {
            let text = if changed.contains(&number) {
                format!("The amended rule is {number}. Call 0300 555 {:04}.", 1000 + number)
            } else {
                format!("The old rule is {number}. Call 0300 123 {number:04}.")
            };
            let text = [("Rule", text.as_str()), ("Fee", "You pay a fee.")];
            page(&format!("/page-{number:02}"), &format!("Page {number}"), &text)
        };
        (0..count).map(about).collect()
    }

    fn succeed(state: &Path, pages: &[Prepared]) -> Option<Vec<PageId>> {
        let hashes = hashes_of(pages);
        let embedder = default_embedder().identity();
        let built_at = Timestamp::UNIX_EPOCH;
        let begun =
            SnapshotBuilder::succeed(state, &hashes, "test-1", &embedder, built_at).unwrap();
        let (mut builder, added) = begun?;
        for page in pages.iter().filter(|page| added.contains(&page.page.id)) {
            builder.add(page, &hash_of(page)).unwrap();
        }
        let statistics = builder.finish().unwrap();
        assert_eq!(statistics.snapshot, snapshot_name(&hashes, "test-1").as_str());
        assert_eq!(statistics.pages, pages.len() as u64);
        assert_eq!(statistics.passages, 2 * pages.len() as u64);
        Some(added)
    }

    fn check(index: &LiveIndex, pages: &[Prepared]) {
        let state = tempfile::tempdir().unwrap();
        build(state.path(), pages);
        let fresh = open(state.path());
        for Prepared { page, passages, .. } in pages {
            assert_eq!(*index.page(&page.id).unwrap(), *page);
            for passage in passages {
                assert_eq!(*index.passage(&passage.id).unwrap(), *passage);
            }
            let query = SearchQuery::new(passages[0].text.clone(), 3);
            let hits = index.search(&query).unwrap();
            assert_eq!((&*hits[0].passage, &*hits[0].page), (&passages[0], page));
            let vector = |hits: &[Hit]| hits[0].similarity.to_bits();
            assert_eq!(vector(&hits), vector(&fresh.search(&query).unwrap()));
        }
        let all = index.search(&SearchQuery::new("rule fee", 1000)).unwrap();
        assert_eq!(all.len(), 2 * pages.len(), "nothing is found that is gone");
    }

    #[test]
    fn changed_new_and_lost_pages_are_followed_and_nothing_else_is_read() {
        let state = tempfile::tempdir().unwrap();
        let first = build(state.path(), &pages(40, &[]));
        let base = folder::finished(state.path(), &first.snapshot);
        for (count, changed, expected) in [
            (40, vec![7], vec!["/page-07"]),
            (41, vec![7, 9], vec!["/page-09", "/page-40"]),
            (39, vec![7, 9], vec![]),
            (39, vec![9], vec!["/page-07"]),
        ] {
            let wanted = pages(count, &changed);
            let added = succeed(state.path(), &wanted).unwrap();
            assert_eq!(added.iter().map(PageId::as_str).collect::<Vec<_>>(), expected);
            let index = open(state.path());
            check(&index, &wanted);
            let contacts = index.public_contacts();
            assert_eq!(contacts.has_phone("0300 555 1007"), changed.contains(&7));
            assert_eq!(contacts.has_phone("0300 123 0007"), !changed.contains(&7));
            if count == 40 {
                let of_base = Manifest::verified(&base, &first.snapshot);
                assert_eq!(of_base.unwrap().statistics(), first, "it has not changed");
            }
        }
    }

    #[test]
    fn nobody_is_written_for_by_pages_that_are_gone_or_past() {
        let state = tempfile::tempdir().unwrap();
        let mut first = pages(40, &[]);
        first[0].page.audiences = BTreeSet::from([Audience::Business]);
        first[1].page.audiences = BTreeSet::from([Audience::Professional]);
        first[1].page.history_mode = true;
        build(state.path(), &first);
        assert_eq!(open(state.path()).audiences(), BTreeSet::from([Audience::Business]));
        assert_eq!(succeed(state.path(), &pages(40, &[])).unwrap().len(), 2);
        assert!(open(state.path()).audiences().is_empty());
    }

    #[test]
    fn it_is_built_anew_when_much_has_changed_or_much_is_gone() {
        let state = tempfile::tempdir().unwrap();
        assert!(succeed(state.path(), &pages(40, &[])).is_none(), "nothing serves");
        build(state.path(), &pages(40, &[]));
        assert!(succeed(state.path(), &pages(40, &[1, 2, 3])).is_none(), "six in forty");
        let mut rounds = 0;
        let mut changed = Vec::new();
        while succeed(state.path(), &pages(40, &changed)).is_some() {
            rounds += 1;
            changed = if changed.len() == 2 { vec![rounds] } else { vec![rounds, rounds + 1] };
        }
        assert!((3..12).contains(&rounds), "{rounds}");
        let serving = folder::current(state.path()).unwrap().unwrap();
        let file = folder::finished(state.path(), &serving).join("vectors-0.i8");
        fs::write(file, "nonsense").unwrap();
        assert!(succeed(state.path(), &pages(40, &[])).is_none(), "it is damaged");
    }
}
