//! The passages that an answer cites, whole: a condition may stand beside the words that are quoted.

use std::collections::BTreeSet;
use std::sync::Arc;

use candour_content::index::LiveIndex;
use candour_core::Citation;
use candour_store::Shown;

use crate::asking::compute;
use crate::failure::Failure;
use crate::site::Site;

/// What stands around the words that are cited.
#[derive(Default)]
pub(super) struct Around {
    pub(super) passages: Vec<WholePassage>,
    /// Whether the guidance has some no more as they were cited, or never had them.
    pub(super) is_incomplete: bool,
}

/// A passage as it was when it was cited.
pub(super) struct WholePassage {
    pub(super) title: String,
    pub(super) heading: String,
    pub(super) lang: String,
    pub(super) text: String,
}

impl Around {
    /// The passages that are cited, each once.
    pub(super) async fn of(site: &Site, shown: &Shown) -> Result<Self, Failure> {
        let sentences = shown.answers.iter().flat_map(|answer| &answer.sentences);
        let citations: Vec<Citation> =
            sentences.flat_map(|sentence| &sentence.citations).cloned().collect();
        let index = Arc::clone(&site.index);
        compute(site, move || Self::find(&index, &citations)).await
    }

    fn find(index: &LiveIndex, citations: &[Citation]) -> Self {
        let (mut around, mut seen) = (Self::default(), BTreeSet::new());
        for citation in citations.iter().filter(|citation| seen.insert(&citation.passage)) {
            // What it says today may be something else than what the answer stands on.
            let passage = index.passage(&citation.passage);
            match passage.filter(|passage| passage.hash() == citation.passage_hash) {
                Some(passage) => around.passages.push(WholePassage {
                    title: citation.title.clone(),
                    heading: citation.heading.clone(),
                    lang: passage.locale.tag().to_owned(),
                    text: passage.text.clone(),
                }),
                None => around.is_incomplete = true,
            }
        }
        around
    }
}
