//! Real units to hold claims against: those of the sample pilot, and those of a public set of guidance
//! where it is on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candour_content::extract::{self, ExtractedPage, Extraction};
use candour_content::split::split;
use candour_core::{AnswerSentence, Citation, Hit, Locale, Nation, Nations, PublicContacts, Unit};
use serde_json::Value;

use super::Against;
use crate::mitigations::Mitigations;
use crate::screen::Place;
use crate::tests::memory::config;

/// Every passage of the sample pilot, in the order of its files.
pub(super) fn sample() -> Vec<Hit> {
    let mut files = Vec::new();
    files_in(&in_repository("sample/content"), &mut files);
    files.sort();
    let extracted = files
        .iter()
        .map(|file| extract::content_item(&fs::read(file).unwrap(), "https://aberwen.example"));
    extracted.flat_map(hits).collect()
}

/// The passages of pages that were written for the paraphrases: Markdown, one page after another, each
/// with its title in a line that begins with `# `.
pub(super) fn written(file: &str, locale: &str) -> Vec<Hit> {
    let pages = file.split("\n# ").map(|page| page.trim_start_matches("# "));
    let page = |page: &str| {
        let title = page.lines().next().unwrap_or_default();
        let path = format!("/{}", title.to_lowercase().replace(' ', "-"));
        let markdown = format!("---\nlocale: {locale}\n---\n# {page}");
        extract::markdown_page(markdown.as_bytes(), &path, &format!("https://gov.example{path}"))
    };
    pages.map(page).flat_map(hits).collect()
}

/// Every passage of the public set's whole pages; `None`, with a notice, where they are not there.
pub(super) fn conditionalqa() -> Option<Vec<Hit>> {
    let file = in_repository("../shared/data/conditionalqa/pages-complete.jsonl");
    let Ok(lines) = fs::read_to_string(file) else {
        notice("skipped: the conditionalqa data is not on this machine");
        return None;
    };
    let pages = lines.lines().enumerate().map(|(number, line)| {
        let page: Value = serde_json::from_str(line).unwrap();
        let path = format!("/page-{number}");
        extract::html_page(html(&page).as_bytes(), &path, &format!("https://www.gov.uk{path}"))
    });
    Some(pages.flat_map(hits).collect())
}

/// A citation of one unit, as the composer writes it.
pub(super) fn citation(hit: &Hit, unit: &Unit) -> Citation {
    Citation {
        passage: hit.passage.id.clone(),
        passage_hash: hit.passage.hash(),
        url: hit.passage.url.clone(),
        title: hit.page.title.clone(),
        heading: hit.passage.heading_path(),
        quote: hit.passage.quote(unit).to_owned(),
        start: unit.start,
        end: unit.end,
    }
}

/// A claim that cites units of one passage, with all that these need.
pub(super) fn claim(text: &str, hit: &Hit, units: &[usize]) -> AnswerSentence {
    let mut cited = units.to_vec();
    let mut at = 0;
    while let Some(unit) = cited.get(at) {
        let needs = hit.passage.units[*unit].needs.iter().map(|need| *need as usize);
        let new: Vec<usize> = needs.filter(|need| !cited.contains(need)).collect();
        cited.extend(new);
        at += 1;
    }
    cited.sort_unstable();
    let citations = cited.iter().map(|unit| citation(hit, &hit.passage.units[*unit])).collect();
    AnswerSentence { text: text.to_owned(), item: false, nested: false, citations }
}

/// Does what is held against these passages, by all checks, in answer to a question about a nation or none.
pub(super) fn with_against<T>(
    hits: &[Hit],
    locale: &Locale,
    nation: Option<Nation>,
    work: impl FnOnce(&Against<'_>) -> T,
) -> T {
    let (config, public) = (config(), PublicContacts::default());
    work(&Against {
        hits,
        beside: &[],
        place: Place { nation, named: Nations::NONE, assumed: false },
        config: &config,
        public: &public,
        locale,
        mitigations: Mitigations::default(),
    })
}

/// Tells whoever runs a test what it found.
#[expect(clippy::print_stderr, reason = "figures and skipped tests are for people")]
pub(super) fn notice(text: &str) {
    eprintln!("{text}");
}

fn hits(extraction: Extraction) -> Vec<Hit> {
    let Extraction::Page(extracted) = extraction else { return Vec::new() };
    let ExtractedPage { page, .. } = &*extracted;
    let page = Arc::new(page.clone());
    let passages = split(&extracted).into_iter();
    let hit = |passage| Hit {
        passage: Arc::new(passage),
        page: Arc::clone(&page),
        score: 1.0,
        coverage: 1.0,
        similarity: 1.0,
    };
    passages.map(hit).collect()
}

/// The blocks of a page of the public set as one HTML page, its lists and rows put together.
fn html(page: &Value) -> String {
    let title = page["title"].as_str().unwrap();
    let mut html = format!("<!doctype html><title>{title}</title><main><h1>{title}</h1>");
    let mut inside = "";
    for block in page["contents"].as_array().unwrap().iter().filter_map(Value::as_str) {
        let outside = match block {
            item if item.starts_with("<li") => "ul",
            row if row.starts_with("<tr") => "table",
            _ => "",
        };
        if inside != outside {
            let close = if inside.is_empty() { String::new() } else { format!("</{inside}>") };
            let open = if outside.is_empty() { String::new() } else { format!("<{outside}>") };
            html.push_str(&close);
            html.push_str(&open);
            inside = outside;
        }
        // The page's own title is the only heading of the first level.
        html.push_str(&block.replace("h3>", "h4>").replace("h2>", "h3>").replace("h1>", "h2>"));
    }
    html
}

fn files_in(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_in(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
}

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}
