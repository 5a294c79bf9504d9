//! Which samples are in a log, in little memory: 19 to 39 bytes for each.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use super::sample::SampleId;

/// The member of an archive that holds a sample. It names the sample for Inspect too, to which 1 and "1" are
/// one.
pub(super) fn member_name(id: &SampleId, epoch: u64) -> String {
    format!("samples/{id}_epoch_{epoch}.json")
}

/// The names of samples, each by two hashes with keys of their own: two names that share both do not
/// happen.
#[derive(Default)]
pub(super) struct Seen {
    keys: (RandomState, RandomState),
    names: HashSet<(u64, u64)>,
}

impl Seen {
    fn hashes(&self, name: &str) -> (u64, u64) {
        (self.keys.0.hash_one(name), self.keys.1.hash_one(name))
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.names.contains(&self.hashes(name))
    }

    /// Whether the name is new.
    pub(super) fn insert(&mut self, name: &str) -> bool {
        let hashes = self.hashes(name);
        self.names.insert(hashes)
    }

    pub(super) fn remove(&mut self, name: &str) {
        let hashes = self.hashes(name);
        self.names.remove(&hashes);
    }
}
