//! A public collection beside the checkout, searched by nothing but the words that a query and a
//! passage share: good enough for rankings that are neither perfect nor empty.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candour_core::{
    Hit, Nations, Page, Passage, PublicContacts, SearchError, SearchQuery, Searcher,
};
use candour_evals::retrieval::page_name;
use serde_json::{Value, json};

/// The folder of a dataset, where it is beside the checkout.
pub(crate) fn data(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    skipped(&format!("the {name} collection is not beside the repository"));
    None
}

/// Says what was not tested, and why.
#[expect(clippy::print_stderr, reason = "whoever runs the tests must know what was not tested")]
pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// Ranks passages by the words that they share with a query.
pub(crate) struct Overlap {
    passages: Vec<(Arc<Passage>, Arc<Page>)>,
    /// How many words a passage has, each counted once.
    lengths: Vec<usize>,
    /// The places of the passages in which a word stands.
    places: HashMap<String, Vec<usize>>,
}

impl Overlap {
    /// Reads a corpus.
    pub(crate) fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join("corpus.jsonl")).unwrap();
        let mut overlap =
            Self { passages: Vec::new(), lengths: Vec::new(), places: HashMap::new() };
        for (place, line) in text.lines().enumerate() {
            let (passage, page) = read(line);
            let words = words(&passage.text);
            overlap.lengths.push(words.len());
            for word in words {
                overlap.places.entry(word).or_default().push(place);
            }
            overlap.passages.push((Arc::new(passage), Arc::new(page)));
        }
        overlap
    }

    /// The page of a passage.
    pub(crate) fn page_of(&self, passage: &str) -> Option<String> {
        let found = self.passages.iter().find(|(found, _)| found.id.as_str() == passage);
        found.map(|(_, page)| page_name(page).to_owned())
    }
}

fn read(line: &str) -> (Passage, Page) {
    let row: Value = serde_json::from_str(line).unwrap();
    let url = row["metadata"]["url"].as_str().unwrap_or_default();
    let scope = json!({"applies": Nations::ALL});
    let page = json!({
        "id": if url.is_empty() { &row["_id"] } else { &row["metadata"]["url"] }, "url": url,
        "title": row["title"], "locale": "en", "schema": "beir", "document_type": "beir",
        "scope": scope,
    });
    let passage = json!({
        "id": row["_id"], "page": page["id"], "url": url, "text": row["text"], "headings": [],
        "units": [], "locale": "en", "scope": scope,
    });
    (serde_json::from_value(passage).unwrap(), serde_json::from_value(page).unwrap())
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 3)
        .map(str::to_lowercase)
        .collect()
}

impl Searcher for Overlap {
    fn search(&self, query: &SearchQuery) -> Result<Vec<Hit>, SearchError> {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for place in words(&query.text).iter().filter_map(|word| self.places.get(word)).flatten() {
            *shared.entry(*place).or_default() += 1;
        }
        let hit = |(place, shared): (usize, usize)| {
            let (passage, page) = self.passages[place].clone();
            let score = shared as f32 / (self.lengths[place] as f32 + 10.0).sqrt();
            Hit { passage, page, score, coverage: 0.0, similarity: 0.0 }
        };
        let mut hits: Vec<Hit> = shared.into_iter().map(hit).collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score));
        hits.truncate(query.limit);
        Ok(hits)
    }

    fn snapshot(&self) -> String {
        "none".to_owned()
    }

    fn public_contacts(&self) -> Arc<PublicContacts> {
        Arc::default()
    }
}
