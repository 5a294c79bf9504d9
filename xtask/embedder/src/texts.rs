//! Texts, each kept once and known by its place.

use std::collections::HashMap;

/// The place of a text.
pub(crate) type TextId = u32;

/// Texts in the order in which they were first added.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub(crate) all: Vec<String>,
    places: HashMap<String, TextId>,
}

impl Texts {
    /// The place of a text, which is added if it is new.
    pub(crate) fn add(&mut self, text: &str) -> TextId {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = self.all.len() as TextId;
        self.all.push(text.to_owned());
        self.places.insert(text.to_owned(), place);
        place
    }

    /// The place of a text that was added.
    pub(crate) fn place(&self, text: &str) -> Option<TextId> {
        self.places.get(text).copied()
    }
}
