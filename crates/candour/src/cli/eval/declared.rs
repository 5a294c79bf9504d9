//! The family of a comparison, declared in a file before anybody looks at the runs.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use candour_core::ContentHash;
use candour_evals::compare::Adjustment;
use serde::Deserialize;

/// What such a file says.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Declared {
    /// The scores that are compared.
    pub(super) scores: Vec<String>,
    /// How their probabilities are adjusted.
    pub(super) adjust: Adjustment,
    /// The SHA-256 of the file, as `sha256sum` gives it.
    #[serde(skip, default = "nothing")]
    pub(super) hash: ContentHash,
}

fn nothing() -> ContentHash {
    ContentHash::of(b"")
}

impl Declared {
    /// Reads a file. Whoever published its hash beforehand can show that nothing was chosen afterwards.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let named = || path.display().to_string();
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read: check its name", named()))?;
        let mut declared: Self = toml::from_str(&text).with_context(|| {
            format!(
                "{} declares no family: it says `scores`, a list of names, and `adjust`, which is \"holm\" or \"benjamini-hochberg\"",
                named()
            )
        })?;
        ensure!(!declared.scores.is_empty(), "{} names no scores: name at least one", named());
        declared.hash = ContentHash::of(text.as_bytes());
        Ok(declared)
    }
}
