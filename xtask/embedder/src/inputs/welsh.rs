//! English and Welsh texts of public services, told apart by service: some are learned from, some
//! choose the recipe, and some are looked at once, at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::{Inputs, Pair, sha256};

/// Services with more pairs than this are always learned from: one of them would be most of a set.
const LARGEST_HELD_BACK: usize = 1000;
/// Services are held back, in the order of the hash of their names, until there are so many pairs.
const FINAL_PAIRS: usize = 2500;
const VALIDATION_PAIRS: usize = 1200;

/// The pairs, English on the left, each once within its set.
#[derive(Debug, Default)]
pub(crate) struct Welsh {
    pub(crate) learned: Vec<Pair>,
    pub(crate) validation: HeldBack,
    pub(crate) last: HeldBack,
}

/// Services that nothing is learned from.
#[derive(Debug, Default)]
pub(crate) struct HeldBack {
    pub(crate) services: Vec<String>,
    pub(crate) pairs: Vec<Pair>,
}

impl HeldBack {
    fn add(&mut self, service: &str, pairs: BTreeSet<Pair>) {
        self.services.push(service.to_owned());
        self.pairs.extend(pairs);
        self.pairs.sort();
        self.pairs.dedup();
    }
}

#[derive(Deserialize)]
struct Row {
    repo: String,
    en: String,
    cy: String,
}

/// Reads `welsh/pairs.jsonl`.
pub(crate) fn read(data: &Path, inputs: &mut Inputs) -> Result<Welsh> {
    let name = "welsh/pairs.jsonl";
    let text =
        inputs.text(data, name, "Apache-2.0 or MIT, by the repository that each row names")?;
    let mut services: BTreeMap<String, BTreeSet<Pair>> = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let row: Row =
            serde_json::from_str(line).with_context(|| format!("{name}, line {}", number + 1))?;
        services.entry(row.repo).or_default().insert(Pair { left: row.en, right: row.cy });
    }
    let mut services: Vec<(String, BTreeSet<Pair>)> = services.into_iter().collect();
    services.sort_by_cached_key(|(service, _)| sha256(service.as_bytes()));
    let mut welsh = Welsh::default();
    let (mut last, mut validation) = (0, 0);
    for (service, pairs) in services {
        let count = pairs.len();
        if count <= LARGEST_HELD_BACK && last < FINAL_PAIRS {
            last += count;
            welsh.last.add(&service, pairs);
        } else if count <= LARGEST_HELD_BACK && validation < VALIDATION_PAIRS {
            validation += count;
            welsh.validation.add(&service, pairs);
        } else {
            welsh.learned.extend(pairs);
        }
    }
    welsh.learned.sort();
    welsh.learned.dedup();
    Ok(welsh)
}
