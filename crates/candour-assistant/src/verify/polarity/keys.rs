//! What can be denied at a word.

use crate::verify::lexicon::{Modal, Role};
use crate::verify::reading::Reading;

/// What can be denied: a word, a permission or duty, or the two sides of a pair of opposites.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Stem(String),
    Duty,
    Permission,
    Advice,
    Pair(u16),
}

impl Key {
    pub(super) fn is_modal(&self) -> bool {
        matches!(self, Self::Duty | Self::Permission | Self::Advice)
    }
}

/// What a word says: what it obliges to or allows, its side of a pair, or else its stem.
pub(super) fn keys_at(reading: &Reading, at: usize) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for mark in reading.marks.iter().filter(|mark| mark.from == at) {
        keys.extend(match mark.role {
            Role::Modal(Modal::Must | Modal::Need) => Some(Key::Duty),
            Role::Modal(Modal::Can | Modal::May) => Some(Key::Permission),
            Role::Modal(Modal::Should) => Some(Key::Advice),
            // What is more or less than a number is looked at as its limit.
            Role::Opposite(pair, _) if !is_in_limit(reading, at) => Some(Key::Pair(pair)),
            _ => None,
        });
    }
    let word = &reading.words[at];
    if keys.is_empty() && (word.telling || word.text == "us") && !reading.is_counted(at) {
        keys.push(Key::Stem(word.stem.clone()));
    }
    keys
}

fn is_in_limit(reading: &Reading, at: usize) -> bool {
    let mut limits = reading.figures.iter().filter_map(|figure| figure.limit);
    limits.any(|(from, to)| from <= at && at < to)
}

/// Words tell more than `can` and `must`, where there are any.
pub(super) fn decisive<'k>(keys: impl Iterator<Item = &'k Key>) -> Vec<&'k Key> {
    let (modals, words): (Vec<&Key>, Vec<&Key>) = keys.partition(|key| key.is_modal());
    if words.is_empty() { modals } else { words }
}
