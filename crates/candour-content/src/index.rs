//! Immutable snapshots of passages, named by their hash, and search over them.
//!
//! A snapshot is a folder: the word index, the vectors, the pages, and a manifest with the hash of
//! each file. `current` names the one that serves; swapping is one rename.

mod answer_type;
mod best;
mod choice;
mod contacts;
pub mod embed;
mod error;
mod evidence;
mod folder;
pub mod form_numbers;
mod fuse;
mod late_interaction;
mod live;
mod manifest;
mod opened;
mod pages;
mod prior;
mod question;
mod readonly;
mod recent;
mod segments;
mod snapshot;
mod spelling;
pub(crate) mod stop;
mod successor;
mod synonyms;
mod terms;
mod text;
mod vectors;
mod views;
pub(crate) mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use candour_core::{Embedder, Hit, PageId};

pub use self::best::Scored;
pub use self::choice::{EMBEDDERS, EmbedderError, embedder, silent_embedder};
pub use self::error::IndexError;
pub use self::folder::current;
pub use self::late_interaction::{AskedWords, Bag, bag};
pub use self::live::LiveIndex;
pub use self::snapshot::{SnapshotBuilder, snapshot_name};
pub use self::synonyms::{Synonyms, SynonymsError};
pub use self::vectors::{VectorWriter, Vectors, quantise};
pub use self::views::{Views, ViewsError};

/// What a publisher knows beside the pages themselves, which helps to rank them.
#[derive(Debug, Default)]
pub struct Hints {
    /// Words and phrases that mean the same.
    pub synonyms: Synonyms,
    /// How often each page is read.
    pub views: Views,
}

/// The embedder that comes with the program.
pub fn default_embedder() -> Arc<dyn Embedder> {
    embed::bilingual::shipped()
}

/// What a snapshot holds.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct IndexStatistics {
    /// Its hash.
    pub snapshot: String,
    /// How many pages.
    pub pages: u64,
    /// How many passages.
    pub passages: u64,
    /// The embedder.
    pub embedder: String,
    /// When it was built.
    pub built_at: jiff::Timestamp,
}

/// The hits by page: pages in the order of their best hit, the hits of each in their own order.
pub fn group_by_page(hits: &[Hit]) -> Vec<Vec<&Hit>> {
    let mut groups: Vec<(&PageId, Vec<&Hit>)> = Vec::new();
    for hit in hits {
        match groups.iter_mut().find(|(page, _)| **page == hit.page.id) {
            Some((_, group)) => group.push(hit),
            None => groups.push((&hit.page.id, vec![hit])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
