//! What stands beside the quotes, in order: notices, links and ways to reach a person.

use candour_core::{Answer, AnswerStatus, LinkKind, Page};

use super::Material;
use super::notices;
use super::onward::{add_contacts, add_links, page_link};
use super::pool::Pool;
use crate::replies;
use crate::route::Route;

/// Adds notices, links and contacts to an answer with quotes.
pub(super) fn add(answer: &mut Answer, material: &Material<'_>) {
    let pages = quoted_pages(answer, material);
    notices::add(answer, &pages, material);
    add_links(answer, &pages, material);
    add_contacts(answer, material);
}

/// Makes an answer of saying that there is none.
pub(super) fn abstain(answer: &mut Answer, material: &Material<'_>, pool: &Pool<'_>) {
    let replies = replies::of(&answer.locale);
    notices::add_without_quotes(answer, material);
    for passage in &pool.passages {
        if passage.hit.coverage > 0.2 {
            page_link(answer, &passage.hit.page);
        }
    }
    let has_pages = answer.links.iter().any(|link| link.kind == LinkKind::Page);
    let key = if material.route == Route::PersonalAccount {
        answer.status = AnswerStatus::Signposted;
        "personal_account"
    } else if !material.found.withdrawn.is_empty() {
        "withdrawn_message"
    } else if has_pages {
        "abstained_pages"
    } else {
        "abstained"
    };
    answer.message = Some(replies.text(key).to_owned());
    add_contacts(answer, material);
}

fn quoted_pages<'a>(answer: &Answer, material: &Material<'a>) -> Vec<&'a Page> {
    let mut pages: Vec<&Page> = Vec::new();
    for citation in answer.sentences.iter().flat_map(|sentence| &sentence.citations) {
        let hit = material.found.hits.iter().find(|hit| hit.passage.id == citation.passage);
        if let Some(hit) = hit
            && !pages.iter().any(|page| page.id == hit.page.id)
        {
            pages.push(&hit.page);
        }
    }
    pages
}
