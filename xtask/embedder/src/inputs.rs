//! What the embedder learns from: files with an open licence, each remembered with its hash, so that
//! the provenance can name it. What is made of a file is told by the modules below, one a source.

pub(crate) mod guidance;
pub(crate) mod search;
pub(crate) mod welsh;
pub(crate) mod wordnet;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Two texts that mean the same, or that belong together as a question and its answer do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Pair {
    pub(crate) left: String,
    pub(crate) right: String,
}

/// A file that was read, for the provenance.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Input {
    name: String,
    licence: &'static str,
    sha256: String,
}

/// Reads files and remembers them.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    pub(crate) read: Vec<Input>,
}

impl Inputs {
    /// The bytes of a file under `folder`, which is remembered by its name there.
    pub(crate) fn bytes(
        &mut self,
        folder: &Path,
        name: &str,
        licence: &'static str,
    ) -> Result<Vec<u8>> {
        let path = folder.join(name);
        let bytes = fs::read(&path).with_context(|| {
            format!("{} cannot be read; `--help` says how to name its folder", path.display())
        })?;
        self.remember(name.to_owned(), licence, &bytes);
        Ok(bytes)
    }

    /// Remembers bytes that were read in another way.
    pub(crate) fn remember(&mut self, name: String, licence: &'static str, bytes: &[u8]) {
        self.read.push(Input { name, licence, sha256: sha256(bytes) });
    }

    /// The same for a file of text.
    pub(crate) fn text(
        &mut self,
        folder: &Path,
        name: &str,
        licence: &'static str,
    ) -> Result<String> {
        String::from_utf8(self.bytes(folder, name, licence)?)
            .with_context(|| format!("{name} is not UTF-8"))
    }

    /// The same for many small files, remembered as one: by the hash of their names and hashes.
    pub(crate) fn folder(
        &mut self,
        folder: &Path,
        name: &str,
        licence: &'static str,
    ) -> Result<Vec<Vec<u8>>> {
        let mut paths = Vec::new();
        collect(&folder.join(name), &mut paths)?;
        paths.sort();
        let mut all = Sha256::new();
        let mut files = Vec::new();
        for path in paths {
            let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
            let within = path.strip_prefix(folder).unwrap_or(&path);
            all.update(format!("{}  {}\n", sha256(&bytes), within.display()));
            files.push(bytes);
        }
        self.read.push(Input {
            name: format!("{name} ({} files; of the list that sha256sum prints)", files.len()),
            licence,
            sha256: hexadecimal(&all.finalize()),
        });
        Ok(files)
    }
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    Ok(())
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
