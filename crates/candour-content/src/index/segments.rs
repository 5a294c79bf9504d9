//! The order of the segments of a word index. Each has a random name by which the search library
//! sorts them; passages that fit alike would then be ranked otherwise in every build.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tantivy::{Index, ReloadPolicy};

use super::error::IndexError;
use super::folder;

/// The file in which the search library lists the segments.
pub(super) const LIST: &str = "meta.json";

/// Lists the segments of a finished index in the order in which their passages were added.
pub(super) fn put_in_order(index: &Path) -> Result<(), IndexError> {
    let first_rows = first_rows(index).map_err(|error| IndexError::words(&error))?;
    let path = index.join(LIST);
    let bytes = fs::read(&path).map_err(|error| IndexError::io(&path, error))?;
    let unknown = || IndexError::Words(format!("{LIST} is not of the form that was expected"));
    let mut list: Value = serde_json::from_slice(&bytes).map_err(|_| unknown())?;
    let segments = list.get_mut("segments").and_then(Value::as_array_mut).ok_or_else(unknown)?;
    segments.sort_by_key(|segment| {
        let name = segment.get("segment_id").and_then(Value::as_str).unwrap_or_default();
        first_rows.get(&name.replace('-', "")).copied()
    });
    // What was read as JSON can be written as JSON.
    folder::write_durably(&path, &serde_json::to_vec(&list).unwrap_or_default())
}

/// The number of the first passage in each segment, by the name of the segment.
fn first_rows(index: &Path) -> tantivy::Result<BTreeMap<String, u64>> {
    let index = Index::open_in_dir(index)?;
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    let mut first_rows = BTreeMap::new();
    for segment in reader.searcher().segment_readers() {
        let rows = segment.fast_fields().u64("row")?;
        first_rows.insert(segment.segment_id().uuid_string(), rows.min_value());
    }
    Ok(first_rows)
}
