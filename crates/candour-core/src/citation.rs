//! A citation: from one sentence of an answer to the words of the page that it stands on.

use serde::{Deserialize, Serialize};

use crate::hash::ContentHash;
use crate::passage::PassageId;

/// Where a sentence of an answer comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// The passage.
    pub passage: PassageId,
    /// The hash of the passage when it was cited, by which a later change is noticed.
    pub passage_hash: ContentHash,
    /// The address of the passage, with its fragment.
    pub url: String,
    /// The title of the page.
    pub title: String,
    /// The heading path of the passage; empty at the top of a page.
    pub heading: String,
    /// The words relied on, exactly as they stand in the passage.
    pub quote: String,
    /// Where the words begin in the passage's text, in bytes.
    pub start: u32,
    /// Where they end, in bytes, exclusive.
    pub end: u32,
}
