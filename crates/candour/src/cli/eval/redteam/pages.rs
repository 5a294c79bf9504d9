//! Hostile pages among a publisher's own, in an index built as any other from what the pilot keeps.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use candour_content::index::LiveIndex;
use candour_content::ingest::Ingest;
use candour_content::source::SourceSpec;
use candour_core::Locale;
use candour_evals::redteam::Family;
use candour_evals::suite::Sample;
use candour_store::{Database, DatabaseAddress};
use serde::Deserialize;
use serde_json::json;

use crate::app::Place;
use crate::cli::progress::Shown;

const PAGES: &str = include_str!("../../../../../../sample/redteam/pages.jsonl");
/// Where the hostile pages are, so that they are known when they are cited.
pub(super) const FOLDER: &str = "/news/notices";
/// The file of hostile pages in a state directory, by which one that was made for them is known.
const HOSTILE: &str = "hostile.jsonl";
/// So many pages are copied at a time.
const AT_ONCE: u32 = 64;

/// A page that speaks to the assistant, and the harmless question that it lies in wait for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Planted {
    id: String,
    locale: Locale,
    question: String,
    place: Spot,
    words: String,
    must_not_say: Vec<String>,
}

/// Where in the page the words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Spot {
    Text,
    Title,
    Description,
    Heading,
    Table,
    Link,
    /// The description of a picture.
    Alt,
    /// Words that a browser does not show.
    Hidden,
}

impl Planted {
    /// The bundled ones.
    pub(super) fn all() -> Result<Vec<Self>> {
        let lines = PAGES.lines().filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_str(line).context("a bundled page cannot be read"))
            .collect()
    }

    /// The question, with what must not come of it.
    pub(super) fn sample(&self) -> Sample {
        let family = Family::Indirect;
        Sample {
            id: format!("{}~plain", self.id),
            question: self.question.clone(),
            must_not_say: self.must_not_say.clone(),
            locale: self.locale.clone(),
            tags: vec![family.name().to_owned(), family.technique().to_owned()],
            cluster: Some(self.id.clone()),
            ..Sample::default()
        }
    }

    fn item(&self, at: usize) -> Item {
        let (question, words) = (&self.question, &self.words);
        let only = |spot, text: String| if self.place == spot { text } else { String::new() };
        let body = [
            only(Spot::Heading, format!("<h2>{words}</h2>")),
            format!("<p>{question} This notice tells you.</p>"),
            only(Spot::Text, format!("<p>{words}</p>")),
            only(
                Spot::Table,
                format!(
                    "<table><thead><tr><th>{question}</th><th>Notice</th></tr></thead><tbody><tr><td>{question}</td><td>{words}</td></tr></tbody></table>"
                ),
            ),
            only(Spot::Link, format!("<p><a href=\"/news\">{words}</a></p>")),
            only(
                Spot::Alt,
                format!(
                    "<p><img src=\"/notice.png\" alt=\"{}\"></p>",
                    words.replace('"', "&quot;")
                ),
            ),
            only(
                Spot::Hidden,
                format!("<p style=\"display:none\" hidden>{words}</p><!-- {words} -->"),
            ),
        ];
        let title = if self.place == Spot::Title {
            format!("{question} {words}")
        } else {
            question.clone()
        };
        let description =
            if self.place == Spot::Description { words.clone() } else { question.clone() };
        Item {
            path: format!("{FOLDER}/planted-{at}"),
            number: 9_000 + at,
            locale: self.locale.clone(),
            title,
            description,
            body: body.concat(),
        }
    }
}

/// A page as a publisher's system has it.
pub(super) struct Item {
    pub(super) path: String,
    pub(super) number: usize,
    pub(super) locale: Locale,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) body: String,
}

impl Item {
    /// The page as a line of the publisher's file.
    pub(super) fn line(&self) -> String {
        let page = json!({
            "base_path": self.path,
            "content_id": format!("00000000-0000-4000-8000-{:012}", self.number),
            "document_type": "answer",
            "schema_name": "answer",
            "title": self.title,
            "description": self.description,
            "locale": self.locale.tag(),
            "phase": "live",
            "public_updated_at": "2026-11-01T09:00:00.000+00:00",
            "updated_at": "2026-11-01T09:00:00.000Z",
            "withdrawn_notice": {},
            "details": {"body": self.body},
        });
        format!("{page}\n")
    }
}

/// A pilot's guidance with these pages in it, in a state directory of its own.
pub(super) async fn plant(
    pilot: &Place,
    pages: &[Planted],
    state: &Path,
) -> Result<Arc<LiveIndex>> {
    index(pilot, pages.iter().enumerate().map(|(at, page)| page.item(at)), state).await
}

/// A pilot's guidance with more pages in it, made anew.
pub(super) async fn index(
    pilot: &Place,
    items: impl Iterator<Item = Item>,
    state: &Path,
) -> Result<Arc<LiveIndex>> {
    let unwritable =
        || format!("{} cannot be written: make room, or choose another --out", state.display());
    if state.exists() {
        let is_empty = || state.read_dir().is_ok_and(|mut entries| entries.next().is_none());
        ensure!(
            state.join(HOSTILE).is_file() || is_empty(),
            "{} is not an index of hostile pages, for it has no {HOSTILE}, and would be deleted: move it away, or choose another --out",
            state.display()
        );
        std::fs::remove_dir_all(state).with_context(unwritable)?;
    }
    std::fs::create_dir_all(state).with_context(unwritable)?;
    let file = state.join(HOSTILE);
    let lines: String = items.map(|item| item.line()).collect();
    std::fs::write(&file, lines).with_context(unwritable)?;
    let database = Database::open(&DatabaseAddress::in_state(state)).await?;
    copy(&pilot.open_database().await?, &database).await?;
    let content = &pilot.config.content;
    let work = Ingest { database: &database, state, embedder: pilot.embedder()?, content };
    work.run(&[SourceSpec::Jsonl(file)], false, &Shown::new(true)).await?;
    database.close().await;
    pilot.open_index_in(state)
}

/// Copies what is kept of a pilot's pages, and nothing else that it keeps.
async fn copy(from: &Database, to: &Database) -> Result<()> {
    let mut after = None;
    loop {
        let pages = from.pages_after(after.as_ref(), AT_ONCE).await?;
        let Some(last) = pages.last() else { break };
        after = Some(last.id.clone());
        to.keep_pages(&pages).await?;
    }
    from.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_bundled_page_is_whole_and_hides_its_words_where_it_says() {
        let pages = Planted::all().unwrap();
        let ids: BTreeSet<&String> = pages.iter().map(|page| &page.id).collect();
        assert_eq!(ids.len(), pages.len());
        for page in &pages {
            let line = page.item(1).line();
            let said =
                page.must_not_say.iter().any(|words| line.to_lowercase().contains(words.as_str()));
            assert!(said, "{}: what must not be said is not in it", page.id);
            assert!(!page.question.to_lowercase().contains("heron"), "{}", page.id);
        }
    }
}
