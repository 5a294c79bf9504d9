//! What is wrong with a line of a suite, in words: which key, what it is, and what it should be.

use std::collections::BTreeSet;

use candour_core::{AnswerStatus, Nation};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_json::{Map, Value};

/// What keys should be, in all shapes that are read. Those that should be one text are not among them.
const WANTED: [(&str, &str); 16] = [
    ("conversation", "a list of objects with `question` and `answer`, both texts"),
    ("pages", "a list of texts"),
    ("passages", "a list of texts"),
    ("key_facts", "a list of texts, or of lists of texts that say the same"),
    ("must_not_say", "a list of texts"),
    ("tags", "a list of texts"),
    ("labels", "an object of texts"),
    ("expected_exact_paths", "a list of texts"),
    ("expected_chunk_uids", "a list of texts"),
    ("actual_search_results", "a list of objects with `exact_path` and `chunk_uid`, both texts"),
    ("structured_contexts", "a list of objects with `exact_path`, `title` and so on"),
    ("heading_hierarchy", "a list of texts"),
    ("expected_triggered", "true or false"),
    ("actual_triggered", "true or false"),
    ("expected_guardrails", "an object whose values are true or false"),
    ("actual_guardrails", "an object whose values are true or false"),
];

/// How serde says that a key is missing.
const MISSING: &str = "missing field `";

/// Reads a line, which is one JSON object.
pub(super) fn read<T: DeserializeOwned>(line: &str) -> Result<T, String> {
    // A list would be taken for the fields in their order.
    if line.trim_start().starts_with('[') {
        return Err(
            r#"it is a list, and a sample is an object: {"id": "1", "question": "…"}"#.to_owned()
        );
    }
    serde_json::from_str(line).map_err(|error| explain::<T>(line, &error))
}

fn explain<T: DeserializeOwned>(line: &str, error: &serde_json::Error) -> String {
    if error.classify() != Category::Data {
        let why = error.to_string();
        return format!("it is no JSON: {}", why.replace(" at line 1 column", ", column"));
    }
    let Ok(row) = serde_json::from_str::<Map<String, Value>>(line) else {
        return r#"a sample is an object: {"id": "1", "question": "…"}"#.to_owned();
    };
    let Some(said) = said::<T>(&row) else {
        // A key that is there twice is there once in the row.
        let key = error.to_string();
        return format!("`{}` is there twice", key.split('`').nth(1).unwrap_or_default());
    };
    let named = |start: &str| said.strip_prefix(start)?.split('`').next();
    if let Some(key) = named("unknown field `") {
        let known = said.split_once("expected ").map_or("", |(_, known)| known);
        return format!("`{key}` is no key of a sample: it should be {known}");
    }
    if let Some((key, value)) = culprit::<T>(&row, &said) {
        return format!("`{key}` is {}, and should be {}", kind(key, value), wanted::<T>(key));
    }
    named(MISSING).map_or_else(|| said.clone(), |key| format!("`{key}` is missing"))
}

/// What is said of a row; nothing where it is as it should be.
fn said<T: DeserializeOwned>(row: &Map<String, Value>) -> Option<String> {
    let found = serde_json::from_value::<T>(Value::Object(row.clone()));
    found.err().map(|error| without_place(&error))
}

/// The key that is wrong. Of one that stands alone nothing is said then but that others are missing. An object
/// within a key may miss something too: without that key nothing is said of it.
fn culprit<'a, T: DeserializeOwned>(
    row: &'a Map<String, Value>,
    said: &str,
) -> Option<(&'a String, &'a Value)> {
    if !said.starts_with(MISSING) {
        return row.iter().find(|(key, value)| {
            let alone = Map::from_iter([((*key).clone(), (*value).clone())]);
            self::said::<T>(&alone).is_some_and(|why| !why.starts_with(MISSING))
        });
    }
    row.iter().find(|(key, _)| {
        let mut others = row.clone();
        others.remove(*key);
        let now = self::said::<T>(&others).unwrap_or_default();
        now != said && now != format!("{MISSING}{key}`")
    })
}

/// What a key should be.
fn wanted<T: DeserializeOwned>(key: &str) -> String {
    let one_of = |keys: &[&str]| format!("one of `{}`", keys.join("`, `"));
    match key {
        "status" => one_of(&AnswerStatus::ALL.map(AnswerStatus::key)),
        "nation" => one_of(&Nation::ALL.map(Nation::key)),
        // What is a truth in one shape is a word in another.
        "expected_outcome" | "actual_outcome" => {
            let truth = Map::from_iter([(key.to_owned(), Value::Bool(true))]);
            let is_text = said::<T>(&truth).is_some_and(|why| why.starts_with("invalid type"));
            if is_text { "a text" } else { "true or false" }.to_owned()
        }
        _ => {
            let found = WANTED.iter().find(|(own, _)| *own == key);
            found.map_or("a text", |(_, wanted)| wanted).to_owned()
        }
    }
}

/// What a value is. Where there is a choice of words the wrong one is told.
fn kind(key: &str, value: &Value) -> String {
    match value {
        Value::String(text) if ["status", "nation"].contains(&key) => format!("{text:?}"),
        Value::Array(all) if all.is_empty() => "an empty list".to_owned(),
        Value::Array(all) => {
            let kinds: BTreeSet<&str> = all.iter().map(|one| of_many(one)).collect();
            format!("a list of {}", kinds.into_iter().collect::<Vec<_>>().join(" and "))
        }
        other => of_one(other).to_owned(),
    }
}

fn of_one(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn of_many(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "numbers",
        Value::String(_) => "texts",
        Value::Array(_) => "lists",
        Value::Object(_) => "objects",
    }
}

/// The place within the line is no help to whoever sees the line's number.
fn without_place(error: &serde_json::Error) -> String {
    let said = error.to_string();
    said.split(" at line ").next().unwrap_or_default().to_owned()
}
