//! Which of several records of the same page is the newest.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde::Deserialize;

/// Finds the newest record of each path. Records are numbered in the order of the source.
#[derive(Debug, Default)]
pub(super) struct Versions {
    newest: HashMap<String, (Version, u64)>,
    superseded: HashSet<u64>,
}

/// By what one record of a page is newer than another.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Version {
    payload: Option<i64>,
    updated_at: Option<Timestamp>,
}

impl Versions {
    /// Takes note of a record of the page at `path`.
    pub(super) fn note(&mut self, number: u64, path: &str, version: Version) {
        let Some((newest, holder)) = self.newest.get_mut(path) else {
            self.newest.insert(path.to_owned(), (version, number));
            return;
        };
        if version.supersedes(newest) {
            self.superseded.insert(*holder);
            (*newest, *holder) = (version, number);
        } else {
            self.superseded.insert(number);
        }
    }

    /// Takes note of a Content API item that names its path. One that will be refused takes no
    /// other's place.
    pub(super) fn note_item(&mut self, number: u64, bytes: &[u8]) {
        let Ok(label) = serde_json::from_slice::<Label<'_>>(bytes) else {
            return;
        };
        let needs_no_title = matches!(label.schema_name.as_str(), Some("gone" | "redirect"));
        let is_usable =
            label.schema_name.is_string() && (needs_no_title || label.title.is_string());
        if let Some(path) = label.base_path.filter(|_| is_usable) {
            let updated_at = label.updated_at.as_str().and_then(|text| text.parse().ok());
            self.note(
                number,
                &path,
                Version { payload: label.payload_version.as_i64(), updated_at },
            );
        }
    }

    /// Whether another record of the same page is newer than this one.
    pub(super) fn is_superseded(&self, number: u64) -> bool {
        self.superseded.contains(&number)
    }
}

impl Version {
    /// Whether this record, which comes later in the source, takes the place of an earlier one.
    fn supersedes(&self, earlier: &Self) -> bool {
        let by_payload = compare(self.payload, earlier.payload);
        by_payload.then(compare(self.updated_at, earlier.updated_at)).is_ge()
    }
}

/// Two records can be compared only by what both of them say.
fn compare<T: Ord>(a: Option<T>, b: Option<T>) -> Ordering {
    a.zip(b).map_or(Ordering::Equal, |(a, b)| a.cmp(&b))
}

/// The few fields of an item that are needed to tell its versions apart.
#[derive(Deserialize)]
struct Label<'a> {
    #[serde(borrow)]
    base_path: Option<Cow<'a, str>>,
    #[serde(default)]
    schema_name: serde_json::Value,
    #[serde(default)]
    title: serde_json::Value,
    #[serde(default)]
    payload_version: serde_json::Value,
    #[serde(default)]
    updated_at: serde_json::Value,
}
