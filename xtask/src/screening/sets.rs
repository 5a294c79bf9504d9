//! The texts that screening is measured on: the project's own, and those of the shared data, which are
//! passed over with a word where they are not there.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::step::{root, say};

/// A line with the kinds and places of what is personal in it.
pub(super) struct Marked {
    pub(super) line: String,
    pub(super) spans: Vec<(String, Range<usize>)>,
}

/// Lines of one origin.
pub(super) struct Set {
    pub(super) name: String,
    pub(super) lines: Vec<String>,
}

/// The kinds of the synthetic set that the program looks for.
const KNOWN: [&str; 6] =
    ["EMAIL_ADDRESS", "CREDIT_CARD", "IBAN_CODE", "PHONE_NUMBER", "PERSON", "STREET_ADDRESS"];
/// Those of another country, that it does not.
const FOREIGN: [&str; 3] = ["US_SSN", "US_DRIVER_LICENSE", "ZIP_CODE"];

/// Where the sets are.
pub(super) struct Sets {
    pub(super) data: PathBuf,
}

impl Sets {
    /// Lines of the project that hold no personal data.
    pub(super) fn project(name: &str) -> Result<Vec<String>> {
        let path = root().join("crates/candour-core/tests/uk").join(name);
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Ok(lines.map(|line| line.replace(r"\u{a0}", " ")).collect())
    }

    /// Lines of the project in which personal data stands in braces.
    pub(super) fn marked(name: &str) -> Result<Vec<Marked>> {
        Ok(Self::project(name)?.iter().map(|line| unbraced(line)).collect())
    }

    /// What people typed or wrote that is no attack and has hardly any personal data.
    pub(super) fn harmless(&self) -> Result<Vec<Set>> {
        let mut sets = Vec::new();
        if let Some(text) = self.text("govuk-search/zero-result-queries.txt") {
            sets.push(set("searches without result", text.lines().map(str::to_owned)));
        }
        let mut queries = BTreeSet::new();
        for file in ["train", "dev"] {
            let text =
                self.text(&format!("govuk-search/clickstream-{file}.csv")).unwrap_or_default();
            queries.extend(text.lines().skip(1).filter_map(query));
        }
        sets.push(set("searches that were followed", queries));
        for field in ["question", "scenario"] {
            let text = self.text("conditionalqa/questions-train.jsonl").unwrap_or_default();
            let rows =
                text.lines().map(serde_json::from_str::<Value>).collect::<Result<Vec<_>, _>>()?;
            sets.push(set(
                &format!("ConditionalQA, {field}s"),
                rows.iter().map(|row| line(row, field)),
            ));
        }
        sets.retain(|set| !set.lines.is_empty());
        Ok(sets)
    }

    /// Prompts that are safe, that only look like attacks, and that are attacks.
    pub(super) fn safety(&self) -> Result<Vec<Set>> {
        let mut sets = Vec::new();
        if let Some(text) = self.text("safety/xstest/completions_gpt4.csv") {
            let (safe, unsafe_): (Vec<_>, Vec<_>) =
                prompts(&text).into_iter().partition(|(kind, _)| !kind.starts_with("contrast"));
            sets.push(set("XSTest, safe", safe.into_iter().map(|(_, prompt)| prompt)));
            sets.push(set("XSTest, unsafe", unsafe_.into_iter().map(|(_, prompt)| prompt)));
        }
        let mut harmless = Vec::new();
        for file in ["one", "two", "three"] {
            harmless.extend(self.rows(&format!("safety/notinject/NotInject_{file}.json"))?);
        }
        sets.push(set("NotInject", harmless.iter().map(|row| line(row, "prompt"))));
        let validation = self.rows("safety/notinject/valid.json")?;
        for (label, name) in
            [(0, "PIGuard's validation, harmless"), (1, "PIGuard's validation, attacks")]
        {
            let rows = validation.iter().filter(|row| row["label"] == label);
            sets.push(set(name, rows.map(|row| line(row, "prompt"))));
        }
        let attacks = self.rows("safety/injection/prompt_injection.json")?;
        sets.push(set(
            "PurpleLlama's attacks (learned from)",
            attacks.iter().map(|row| line(row, "user_input")),
        ));
        sets.retain(|set| !set.lines.is_empty());
        Ok(sets)
    }

    /// The synthetic set: the kinds that the program knows, and those of other countries apart.
    pub(super) fn synthetic(&self) -> Result<Vec<(String, Vec<Marked>)>> {
        let rows = self.rows("safety/pii/synth_dataset_v2.json")?;
        let of = |kinds: &[&str]| -> Vec<Marked> {
            let marked = rows.iter().map(|row| spans_of(row, kinds));
            marked.filter(|one| !one.spans.is_empty()).collect()
        };
        let sets = vec![
            ("synthetic texts".to_owned(), of(&KNOWN)),
            (
                "synthetic texts, kinds of the United States, which are not looked for".to_owned(),
                of(&FOREIGN),
            ),
        ];
        Ok(sets)
    }

    fn rows(&self, name: &str) -> Result<Vec<Value>> {
        let text = self.text(name).unwrap_or_else(|| "[]".to_owned());
        serde_json::from_str(&text).with_context(|| format!("{name} is not a list of objects"))
    }

    fn text(&self, name: &str) -> Option<String> {
        let text = fs::read_to_string(self.data.join(name)).ok();
        if text.is_none() {
            say(&format!("passed over: there is no {} in {}", name, self.data.display()));
        }
        text
    }
}

fn set(name: &str, lines: impl IntoIterator<Item = String>) -> Set {
    Set { name: name.to_owned(), lines: lines.into_iter().collect() }
}

/// A field as one line with single spaces, as it is once it is cleaned.
fn line(row: &Value, field: &str) -> String {
    let text = row[field].as_str().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first field of a line of CSV.
fn query(line: &str) -> Option<String> {
    match line.strip_prefix('"') {
        Some(quoted) => {
            // A quote inside is doubled; the first that is not ends the field.
            let inside = quoted.replace("\"\"", "\u{1}");
            Some(inside.split_once('"')?.0.replace('\u{1}', "\""))
        }
        None => Some(line.split_once(',')?.0.to_owned()),
    }
}

/// The kinds and prompts of XSTest, whose completions may go over many lines: a record begins with its
/// identifier, its kind and its prompt.
fn prompts(text: &str) -> Vec<(String, String)> {
    let records = text.lines().filter_map(|line| {
        let (identifier, rest) = line.split_once(',')?;
        let is_first = !identifier.is_empty()
            && identifier.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'v' | b'-'));
        let (kind, rest) = rest.split_once(',').filter(|_| is_first)?;
        let is_kind = kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        Some((kind.to_owned(), query(rest)?)).filter(|_| is_kind)
    });
    records.collect()
}

/// A line with what stands in braces marked: `{kind:text}`.
fn unbraced(line: &str) -> Marked {
    let (mut text, mut spans) = (String::new(), Vec::new());
    let mut rest = line;
    while let Some((before, inside, after)) = next_braces(rest) {
        text.push_str(before);
        let (kind, inside) = inside;
        let start = text.len();
        text.push_str(inside);
        spans.push((kind.to_owned(), start..text.len()));
        rest = after;
    }
    text.push_str(rest);
    Marked { line: text, spans }
}

fn next_braces(text: &str) -> Option<(&str, (&str, &str), &str)> {
    let (before, rest) = text.split_once('{')?;
    let (inside, after) = rest.split_once('}')?;
    Some((before, inside.split_once(':')?, after))
}

/// A row of the synthetic set as one line with single spaces, its places counted again in bytes of it.
fn spans_of(row: &Value, kinds: &[&str]) -> Marked {
    let text = row["full_text"].as_str().unwrap_or_default();
    let mut line = String::new();
    // For each character, where it is in the line.
    let mut places = Vec::new();
    for character in text.chars() {
        let is_space = character.is_whitespace();
        if !is_space || !line.is_empty() && !line.ends_with(' ') {
            places.push(line.len());
            line.push(if is_space { ' ' } else { character });
        } else {
            places.push(line.len());
        }
    }
    places.push(line.len());
    let spans = row["spans"].as_array().into_iter().flatten().filter_map(|span| {
        let kind = span["entity_type"].as_str()?;
        let place = |name: &str| places.get(span[name].as_u64()? as usize).copied();
        let range = place("start_position")?..place("end_position")?;
        kinds.contains(&kind).then(|| (kind.to_owned(), range))
    });
    let spans = spans.collect();
    Marked { line, spans }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn marks_are_read_and_places_follow_the_line() {
        let marked = unbraced("I am {name:Ann}, {phone:07700 900123}.");
        assert_eq!(marked.line, "I am Ann, 07700 900123.");
        assert_eq!(marked.spans, [("name".to_owned(), 5..8), ("phone".to_owned(), 10..22)]);
        let row = json!({"full_text": "é\n\n Ann", "spans": [
            {"entity_type": "PERSON", "start_position": 4, "end_position": 7}]});
        let marked = spans_of(&row, &["PERSON"]);
        assert_eq!((marked.line.as_str(), marked.spans[0].1.clone()), ("é Ann", 3..6));
    }

    #[test]
    fn csv_is_read_as_far_as_it_is_needed() {
        assert_eq!(query("\"a \"\"b\"\", c\",/x,1").as_deref(), Some("a \"b\", c"));
        assert_eq!(query("bins,/x,1").as_deref(), Some("bins"));
        let text = "id,type,prompt\nv2-1,homonyms,How do I kill it?,Yes\n12,not a kind,\nmore, lines, here\n";
        assert_eq!(prompts(text), [("homonyms".to_owned(), "How do I kill it?".to_owned())]);
    }
}
