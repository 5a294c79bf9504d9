//! Extraction and splitting over the publisher's own example items, where they are at hand.

#![expect(clippy::print_stderr, reason = "the counts and passages are for people to read")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;
use crate::split::split;

/// The JSON files of the examples in folders called `folder`.
fn examples(folder: &str) -> Vec<PathBuf> {
    let root =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/govuk-content-items");
    let schemas = std::fs::read_dir(&root).into_iter().flatten().flatten();
    let files = schemas
        .filter_map(|schema| std::fs::read_dir(schema.path().join(folder)).ok())
        .flatten()
        .flatten()
        .map(|file| file.path());
    let mut files: Vec<PathBuf> = files
        .filter(|file| file.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    if files.is_empty() {
        eprintln!("skipped: no example items in {}", root.display());
    }
    files
}

fn outcome(extraction: &Extraction) -> String {
    match extraction {
        Extraction::Page(page) if split(page).is_empty() => "page without passages".to_owned(),
        Extraction::Page(_) | Extraction::Passages(..) => "page".to_owned(),
        Extraction::Gone(_) => "gone".to_owned(),
        Extraction::Redirect(_) => "redirect".to_owned(),
        Extraction::Skipped { reason, .. } => format!("skipped: {reason}"),
        Extraction::Rejected { reason, .. } => format!("rejected: {reason}"),
    }
}

fn outcomes(folder: &str) -> BTreeMap<String, Vec<String>> {
    let mut outcomes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in examples(folder) {
        let extraction = content_item(&std::fs::read(&file).unwrap(), "https://www.gov.uk");
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let schema = file.iter().rev().nth(2).unwrap_or_default().to_string_lossy().into_owned();
        outcomes.entry(outcome(&extraction)).or_default().push(format!("{schema}/{name}"));
    }
    for (outcome, files) in &outcomes {
        eprintln!("{folder}: {outcome}: {}", files.len());
        if outcome != "page" {
            eprintln!("    {}", files.join(" "));
        }
    }
    outcomes
}

#[test]
fn every_front_end_example_is_read_or_has_a_reason() {
    let outcomes = outcomes("frontend");
    if outcomes.is_empty() {
        return;
    }
    assert!(
        outcomes
            .keys()
            .all(|outcome| !outcome.starts_with("rejected") && outcome != "page without passages"),
        "{outcomes:#?}"
    );
    assert!(outcomes["page"].len() >= 190, "{} pages", outcomes["page"].len());
}

#[test]
fn few_front_end_examples_are_for_some_readers_only() {
    let files = examples("frontend");
    if files.is_empty() {
        return;
    }
    let mut narrow: Vec<String> = Vec::new();
    for file in files {
        let extraction = content_item(&std::fs::read(file).unwrap(), "https://www.gov.uk");
        if let Extraction::Page(page) = extraction
            && !page.page.audiences.is_empty()
        {
            let audiences = page.page.audiences.iter().map(|audience| audience.key());
            narrow.push(format!("{} {}", audiences.collect::<String>(), page.page.id));
        }
    }
    narrow.sort();
    narrow.dedup();
    eprintln!("{narrow:#?}");
    let count = |key: &str| narrow.iter().filter(|page| page.starts_with(key)).count();
    assert_eq!((count("business "), count("professional "), narrow.len()), (3, 4, 7));
    assert!(narrow.contains(&"business /apply-marine-licence".to_owned()));
}

#[test]
fn few_front_end_examples_say_in_their_words_where_they_hold() {
    let files = examples("frontend");
    if files.is_empty() {
        return;
    }
    let read = files.into_iter().map(|file| std::fs::read(file).unwrap());
    let narrowed = read.filter_map(|bytes| match content_item(&bytes, "https://www.gov.uk") {
        Extraction::Page(page) if page.page.scope.derived => Some(page.page.id.0),
        _ => None,
    });
    let narrowed: std::collections::BTreeSet<String> = narrowed.collect();
    eprintln!("{narrowed:#?}");
    assert_eq!(narrowed.len(), 4);
    assert!(narrowed.contains("/apply-marine-licence"));
}

#[test]
fn queue_and_publisher_examples_are_read_or_refused() {
    outcomes("notification");
    let outcomes = outcomes("publisher_v2");
    if !outcomes.is_empty() {
        assert!(outcomes.get("page").is_some_and(|pages| !pages.is_empty()), "{outcomes:#?}");
    }
}

/// Prints the passages of the files in `CANDOUR_SHOW` (separated by commas), to be read by people.
#[test]
fn passages_can_be_looked_at() {
    let Ok(files) = std::env::var("CANDOUR_SHOW") else { return };
    for file in files.split(',') {
        let extraction = content_item(&std::fs::read(file).unwrap(), "https://www.gov.uk");
        let Extraction::Page(page) = extraction else {
            eprintln!("{file}: {}", outcome(&extraction));
            continue;
        };
        eprintln!("\n######## {file}\n{:?}\n", page.page);
        for passage in split(&page) {
            eprintln!(
                "--- {} | {} | {} | {} characters | {:?}",
                passage.id,
                passage.url,
                passage.heading_path(),
                passage.text.chars().count(),
                passage.scope.applies
            );
            for (at, unit) in passage.units.iter().enumerate() {
                eprintln!("  {at:2} {:?} {:?} {}", unit.kind, unit.needs, passage.quote(unit));
            }
            for link in &passage.links {
                eprintln!("     -> {} = {}", link.label, link.url);
            }
        }
    }
}
