//! The manifest of a snapshot: what it was made of and with, and the hash of each of its files, so
//! that a damaged file is found before anything is answered from it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use candour_core::{ContentHash, EmbedderIdentity};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::IndexStatistics;
use super::error::IndexError;
use super::folder;

/// The version of the layout of a snapshot; it is part of a snapshot's name.
pub(crate) const FORMAT: &str = "snapshot-2";
const FILE: &str = "manifest.json";

/// What a snapshot is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The version of the layout.
    pub(crate) format: String,
    /// The snapshot's name.
    pub(crate) snapshot: String,
    /// The versions of extractor and splitter.
    pub(crate) prepared_with: String,
    /// The embedder.
    pub(crate) embedder: EmbedderIdentity,
    /// How many pages.
    pub(crate) pages: u64,
    /// How many passages.
    pub(crate) passages: u64,
    /// When it was built.
    pub(crate) built_at: Timestamp,
    /// What was written together, in order; some of it may be gone since.
    pub(crate) pieces: Vec<PieceCounts>,
    /// The SHA-256 of each file, by name.
    pub(crate) files: BTreeMap<String, ContentHash>,
    /// The SHA-256 of this manifest with this field empty.
    pub(crate) seal: String,
}

/// How much was written together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PieceCounts {
    /// Pages.
    pub(crate) pages: u64,
    /// Passages.
    pub(crate) passages: u64,
}

impl Manifest {
    /// Hashes the files of a folder, makes them durable, and writes the manifest beside them. Those
    /// in `known` belong to a finished snapshot too, so that they are durable and have been hashed.
    pub(crate) fn write(
        mut self,
        folder: &Path,
        known: &BTreeMap<String, ContentHash>,
    ) -> Result<Self, IndexError> {
        for name in file_names(folder)? {
            let path = folder.join(&name);
            let hash = if let Some(hash) = known.get(&name) {
                hash.clone()
            } else {
                let synced = File::open(&path).and_then(|file| file.sync_all());
                synced.map_err(|error| IndexError::io(&path, error))?;
                hash_of(&path)?
            };
            self.files.insert(name, hash);
        }
        self.seal = self.sealed_with();
        // A manifest is strings and numbers, which always have a form in JSON.
        let bytes = serde_json::to_vec_pretty(&self).unwrap_or_default();
        folder::write_durably(&folder.join(FILE), &bytes)?;
        folder::sync_folder(folder)?;
        Ok(self)
    }

    /// Reads the manifest of the snapshot `name` and checks every file against it.
    pub(crate) fn verified(folder: &Path, name: &str) -> Result<Self, IndexError> {
        let damaged = |file: &str, expected: &str, found: &str| IndexError::Damaged {
            snapshot: name.to_owned(),
            file: file.to_owned(),
            expected: expected.to_owned(),
            found: found.to_owned(),
        };
        let path = folder.join(FILE);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(damaged(FILE, "(some)", "(missing)"));
            }
            read => read.map_err(|error| IndexError::io(&path, error))?,
        };
        let manifest: Self = serde_json::from_slice(&bytes)
            .map_err(|_| damaged(FILE, "(unreadable)", ContentHash::of(&bytes).as_str()))?;
        let sealed_with = manifest.sealed_with();
        if manifest.seal != sealed_with {
            return Err(damaged(FILE, &manifest.seal, &sealed_with));
        }
        if manifest.snapshot != name || manifest.format != FORMAT {
            let found = format!("{} {}", manifest.format, manifest.snapshot);
            return Err(damaged(FILE, &format!("{FORMAT} {name}"), &found));
        }
        for (file, expected) in &manifest.files {
            match hash_of(&folder.join(file)) {
                Ok(found) if found == *expected => {}
                Ok(found) => return Err(damaged(file, expected.as_str(), found.as_str())),
                Err(IndexError::Io { error, .. }) if error.kind() == ErrorKind::NotFound => {
                    return Err(damaged(file, expected.as_str(), "(missing)"));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(manifest)
    }

    /// The same for people and programs that only want to know what is served.
    pub(crate) fn statistics(&self) -> IndexStatistics {
        IndexStatistics {
            snapshot: self.snapshot.clone(),
            pages: self.pages,
            passages: self.passages,
            embedder: described(&self.embedder),
            built_at: self.built_at,
        }
    }

    fn sealed_with(&self) -> String {
        let unsealed = Self { seal: String::new(), ..self.clone() };
        ContentHash::of(&serde_json::to_vec(&unsealed).unwrap_or_default()).as_str().to_owned()
    }
}

/// An embedder in a few words.
pub(crate) fn described(embedder: &EmbedderIdentity) -> String {
    format!("{} ({} dimensions, {})", embedder.name, embedder.dimensions, embedder.precision)
}

/// The files of a snapshot, in order; the locks of whoever writes it are not part of it.
fn file_names(folder: &Path) -> Result<Vec<String>, IndexError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| IndexError::io(folder, error))? {
        let entry = entry.map_err(|error| IndexError::io(folder, error))?;
        names.extend(entry.file_name().into_string());
    }
    names
        .retain(|name| Path::new(name).extension().is_none_or(|end| end != "lock") && name != FILE);
    names.sort();
    Ok(names)
}

/// The hash of a file of any size.
fn hash_of(path: &Path) -> Result<ContentHash, IndexError> {
    let failed = |error| IndexError::io(path, error);
    let mut file = File::open(path).map_err(failed)?;
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut piece).map_err(failed)?;
        if read == 0 {
            break;
        }
        hasher.update(piece.get(..read).unwrap_or_default());
    }
    Ok(ContentHash::of_digest(hasher.finalize().into()))
}
