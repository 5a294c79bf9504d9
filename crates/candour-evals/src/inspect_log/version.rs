//! The version of a log's schema: which are read, and what is said of others, whatever is written there.

use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::LogError;
use super::header::VERSION;

/// What stands in a message of a version that is none.
const SHOWN: usize = 40;

/// A version as it is written, which may be anything.
#[derive(Debug, Deserialize)]
pub(super) struct Version(Box<RawValue>);

impl Version {
    /// The number, where it is one that is read.
    pub(super) fn known(&self) -> Option<u64> {
        self.0.get().parse().ok().filter(|version| (1..=VERSION).contains(version))
    }

    /// Refuses what is not read.
    pub(super) fn check(&self, path: &Path) -> Result<(), LogError> {
        if self.known().is_some() {
            return Ok(());
        }
        let (written, path) = (self.0.get(), path.display().to_string());
        let mut version: String = written.chars().take(SHOWN).collect();
        if version.len() < written.len() {
            version.push('…');
        }
        // A later schema may count in another way, or write its version as text.
        let number = written.trim_matches('"').parse();
        let is_newer = number.is_ok_and(|number: f64| number > VERSION as f64);
        Err(if is_newer {
            LogError::TooNew { path, version }
        } else {
            LogError::NoVersion { path, version }
        })
    }
}
