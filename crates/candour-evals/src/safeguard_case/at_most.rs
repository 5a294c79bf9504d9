//! What a figure is at most: evidence that counts attempts without an answer as failed says beside it, under the
//! same keys with `_at_most`, what it is if they succeeded. A claim has to hold of that too.

use crate::evidence::Figure;

const AT_MOST: &str = "_at_most";

/// Whether a figure counts what had no answer as what it should not be.
pub(super) fn is_at_most(name: &str) -> bool {
    name.split('.').any(|key| key.ends_with(AT_MOST))
}

/// The names under which a figure of this name stands at most.
pub(super) fn names(name: &str) -> impl Iterator<Item = String> {
    let keys: Vec<&str> = name.split('.').collect();
    (0..keys.len()).map(move |at| {
        let key = |(place, key): (usize, &&str)| {
            if place == at { format!("{key}{AT_MOST}") } else { (*key).to_owned() }
        };
        keys.iter().enumerate().map(key).collect::<Vec<_>>().join(".")
    })
}

/// What a figure is at most, where the evidence says so.
pub(super) fn of<'a>(name: &str, figures: &'a [Figure]) -> Option<&'a Figure> {
    names(name).find_map(|name| figures.iter().find(|figure| figure.name == name))
}
