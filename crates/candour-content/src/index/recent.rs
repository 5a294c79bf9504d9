//! The passages that were found last, ready to be given again: the word index keeps them compressed,
//! and unpacking one costs more than finding it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::IndexError;

/// How many passages are kept: some tens of megabytes, whatever the size of the snapshot.
const MOST_KEPT: usize = 4096;

/// The passages, or the pages, of one snapshot that were found last, by their place.
pub(crate) struct Recent<T> {
    kept: Mutex<HashMap<u32, Arc<T>>>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { kept: Mutex::default() }
    }
}

impl<T> Recent<T> {
    /// The one at `place`, unpacked now if it is not kept.
    pub(crate) fn get(
        &self,
        place: u32,
        unpack: impl FnOnce() -> Result<T, IndexError>,
    ) -> Result<Arc<T>, IndexError> {
        // A thread that panicked has left whole entries behind, or none.
        let known = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(unpacked) = known().get(&place) {
            return Ok(Arc::clone(unpacked));
        }
        let unpacked = Arc::new(unpack()?);
        let mut kept = known();
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        // Of two threads that unpacked at once, the first one's is kept, so that all share it.
        Ok(Arc::clone(kept.entry(place).or_insert(unpacked)))
    }
}
