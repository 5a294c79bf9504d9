//! A suite: what is asked, how it is scored and within which limits, as files that people write.
//!
//! A suite is a TOML file that names JSON Lines files of samples. All of it is read and checked before
//! anything is asked, and every mistake is named by file and line; then samples are read one by one, so
//! that a suite of any size takes the same memory. `govuk_chat` reads the shapes that GDS evaluates with.

mod about;
mod explain;
mod govuk_chat;
mod mistakes;
mod sample;
mod samples;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use candour_core::ContentHash;

pub use about::{About, Limits, Prices};
pub use govuk_chat::Shape;
pub use sample::{Fact, Sample};
pub use samples::Samples;

use self::mistakes::repeated;
use self::samples::{SampleFile, files};
use crate::evidence::measured;
use crate::sorted::Sorted;

/// What a suite without files is called where it is refused.
const IN_MEMORY: &str = "the suite";

/// What is asked, and how it is scored.
#[derive(Debug, Clone)]
pub struct Suite {
    /// What its file says.
    pub about: About,
    /// The hash of the suite's file, the limits of the whole run left out, and of all its samples.
    pub hash: ContentHash,
    /// How many samples there are.
    pub samples: u64,
    files: Vec<SampleFile>,
    /// Samples that are in no file.
    held: Arc<[Sample]>,
}

impl Suite {
    /// Reads a suite's file and checks all its samples.
    pub fn read(path: &Path) -> Result<Self, SuiteError> {
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
        let mut suite = Self::parse(&text).map_err(|why| file(path, why))?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        suite.files = files(folder, &suite.about.samples)?;
        for SampleFile { path, name } in &suite.files {
            if let Some(why) = suite.about.shape.wrong_name(name) {
                return Err(file(path, why));
            }
        }
        suite.check_samples(&std::env::temp_dir())?;
        Ok(suite)
    }

    /// A suite of these samples, whose words are thus on no disk; `text` is what its file would say.
    pub fn in_memory(text: &str, samples: Vec<Sample>) -> Result<Self, SuiteError> {
        let mut suite = Self::parse(text).map_err(|why| file(Path::new(IN_MEMORY), why))?;
        suite.held = samples.into();
        suite.check_samples(&std::env::temp_dir())?;
        Ok(suite)
    }

    /// What a suite's file says, without samples yet.
    fn parse(text: &str) -> Result<Self, String> {
        let about: About = toml::from_str(text).map_err(|error| error.to_string())?;
        about.check()?;
        let hash = identity(text)?;
        Ok(Self { about, hash, samples: 0, files: Vec::new(), held: Arc::default() })
    }

    /// The samples, in the order of their files.
    pub fn samples(&self) -> Samples {
        Samples::of(self.about.shape, self.files.clone(), Arc::clone(&self.held))
    }

    /// All samples at once, for what has to look at them together, as at attacks and their attempts:
    /// memory grows with the suite.
    pub fn all(&self) -> Result<Vec<Sample>, SuiteError> {
        let (mut all, mut samples) = (Vec::new(), self.samples());
        while let Some(sample) = samples.read_next()? {
            all.push(sample);
        }
        Ok(all)
    }

    /// Counts and hashes the samples; each name is there once. What does not fit into memory of the names
    /// goes to a file in `scratch`.
    fn check_samples(&mut self, scratch: &Path) -> Result<(), SuiteError> {
        let mut names = Sorted::default();
        let mut hash = self.hash.clone();
        let (mut count, mut is_wrong) = (0, false);
        let mut samples = self.samples();
        loop {
            match samples.read_next() {
                Ok(Some(sample)) => {
                    names.add(scratch, row_of(short_hash(&sample.id), count));
                    count += 1;
                }
                Ok(None) => break,
                Err(_) => is_wrong = true,
            }
        }
        let full = |error| SuiteError::Scratch { path: scratch.display().to_string(), error };
        let repeated = repeated(&mut names).map_err(full)?;
        if is_wrong || !repeated.is_empty() {
            return Err(self.mistakes(&repeated));
        }
        for SampleFile { path, .. } in &self.files {
            let own =
                File::open(path).and_then(measured).map_err(|error| unreadable(path, error))?;
            hash = ContentHash::of_list([hash.as_str().as_bytes(), own.hash.as_str().as_bytes()]);
        }
        for sample in self.held.iter() {
            let own = serde_json::to_vec(sample);
            let own = own.map_err(|error| file(Path::new(IN_MEMORY), error.to_string()))?;
            hash = ContentHash::of_list([hash.as_str().as_bytes(), &own]);
        }
        if count == 0 {
            let names = self.files.iter().map(|file| file.path.display().to_string());
            let names: Vec<String> = names.collect();
            let files = if names.is_empty() { IN_MEMORY.to_owned() } else { names.join(", ") };
            return Err(SuiteError::Empty { files });
        }
        (self.hash, self.samples) = (hash, count);
        Ok(())
    }

    /// Gives the hash of each sample's name, in the order of the samples.
    fn each_name(&self, mut name: impl FnMut(u128)) -> Result<(), SuiteError> {
        let mut samples = self.samples();
        while let Some(sample) = samples.read_next()? {
            name(short_hash(&sample.id));
        }
        Ok(())
    }

    /// The hashes of the samples' names in order, in two halves, each with the sample's place in the suite.
    /// What does not fit into memory goes to a file in `scratch`.
    pub(crate) fn places(&self, scratch: &Path) -> Result<Sorted<3>, SuiteError> {
        let (mut names, mut count) = (Sorted::default(), 0);
        self.each_name(|name| {
            names.add(scratch, row_of(name, count));
            count += 1;
        })?;
        Ok(names)
    }
}

fn row_of(name: u128, place: u64) -> [u64; 3] {
    [(name >> 64) as u64, name as u64, place]
}

/// Half of a SHA-256, which is enough to tell things apart.
pub(crate) fn short_hash(text: &str) -> u128 {
    u128::from_str_radix(&ContentHash::of(text.as_bytes()).as_str()[..32], 16).unwrap_or_default()
}

fn unreadable(path: &Path, error: io::Error) -> SuiteError {
    SuiteError::Unreadable { path: path.display().to_string(), error }
}

fn file(path: &Path, why: String) -> SuiteError {
    SuiteError::File { path: path.display().to_string(), why }
}

fn row(path: &Path, line: u64, why: String) -> SuiteError {
    SuiteError::Row { path: path.display().to_string(), line, why }
}

/// What a suite asks, and how its answers are scored: the hash of its file without the limits of the whole
/// run, so that a run which reached one goes on when it is raised. Comments and layout do not count either.
fn identity(text: &str) -> Result<ContentHash, String> {
    let mut table: toml::Table = toml::from_str(text).map_err(|error| error.to_string())?;
    if let Some(limits) = table.get_mut("limits").and_then(toml::Value::as_table_mut) {
        for limit in ["seconds", "tokens", "money"] {
            limits.remove(limit);
        }
        if limits.is_empty() {
            table.remove("limits");
        }
    }
    Ok(ContentHash::of(table.to_string().as_bytes()))
}

/// Why a suite cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// A file cannot be read.
    #[error("{path} cannot be read ({error}): check the name")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// There is no room to sort the names of so many samples.
    #[error(
        "the names of the samples cannot be sorted in {path} ({error}): make room there, or set TMPDIR to a folder that can be written to"
    )]
    Scratch {
        /// The folder.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// The suite's own file is not what it should be.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// A sample is not what it should be.
    #[error("{path} line {line}: {why}; mend the line, or leave it out")]
    Row {
        /// The file.
        path: String,
        /// The number of the line, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// Several samples are not what they should be.
    #[error(
        "the samples have mistakes:{}\nMend these lines, or leave them out",
        mistakes::listed(mistakes)
    )]
    Several {
        /// The first of them, in the order of the files.
        mistakes: Vec<SuiteError>,
    },
    /// What was wrong is not there any more.
    #[error("the files of the suite changed while they were read: give the command again")]
    Changed,
    /// There is nothing to ask.
    #[error("there are no samples in {files}: each line of a file is one")]
    Empty {
        /// The files that were looked into.
        files: String,
    },
}
