//! Passages of example pages of GOV.UK, cut as they are for the index.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use candour_content::extract::{Extraction, content_item};
use candour_content::split::split;
use candour_core::Locale;

use super::Inputs;

/// A passage, with what stands above it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Guidance {
    pub(crate) title: String,
    pub(crate) headings: String,
    pub(crate) text: String,
}

impl Guidance {
    /// Title and headings, which ask what the text answers.
    pub(crate) fn subject(&self) -> String {
        format!("{} {}", self.title, self.headings)
    }

    /// As it is embedded for the index.
    pub(crate) fn whole(&self) -> String {
        format!("{}\n{}\n{}", self.title, self.headings, self.text)
    }
}

/// The English passages of `govuk-content-items`, each once.
pub(crate) fn read(data: &Path, inputs: &mut Inputs) -> Result<Vec<Guidance>> {
    let licence = "MIT; the text of the pages OGL-UK-3.0";
    let mut found = BTreeSet::new();
    for file in inputs.folder(data, "govuk-content-items", licence)? {
        let Extraction::Page(page) = content_item(&file, "") else { continue };
        for passage in split(&page).into_iter().filter(|passage| passage.locale == Locale::En) {
            let headings = passage.heading_path();
            let title = page.page.title.clone();
            found.insert(Guidance { title, headings, text: passage.text });
        }
    }
    Ok(found.into_iter().collect())
}
