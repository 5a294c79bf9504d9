//! Where a reader can go on: links to begin with, pages to read and people to reach.

use candour_core::{Answer, AnswerLink, Config, Contact, Hit, Link, LinkKind, Page};

use super::Material;

/// How many pages an answer offers to go on with.
const MOST_PAGES: usize = 3;
/// How many contacts are shown before the pilot's own.
const MOST_CONTACTS: usize = 2;
/// How well a contact page must fit.
const CONTACT_COVERAGE: f32 = 0.25;

/// The pilot's own contact, last of all.
pub(super) fn add_human_contact(answer: &mut Answer, config: &Config) {
    let contact = config.contact.contact(&answer.locale);
    if contact != Contact::default() {
        answer.contacts.push(contact);
    }
}

/// Adds a link, each address once.
pub(super) fn link(answer: &mut Answer, kind: LinkKind, label: &str, url: &str) {
    if !url.is_empty() && !answer.links.iter().any(|link| link.url == url) {
        answer.links.push(AnswerLink { label: label.to_owned(), url: url.to_owned(), kind });
    }
}

/// Adds a page to go on with.
pub(super) fn page_link(answer: &mut Answer, page: &Page) {
    if answer.links.iter().filter(|link| link.kind == LinkKind::Page).count() < MOST_PAGES {
        link(answer, LinkKind::Page, &page.title, &page.url);
    }
}

/// What can be begun, the quoted pages and others that fit.
pub(super) fn add_links(answer: &mut Answer, pages: &[&Page], material: &Material<'_>) {
    // A page's own words say what its link does: quoted pages first, and no more than three links.
    for action in pages.iter().take(2).flat_map(|page| page.actions.iter().take(2)).take(3) {
        link(answer, LinkKind::Start, &action.label, &action.url);
    }
    for page in pages {
        page_link(answer, page);
    }
    for hit in material.found.hits.iter().take(6) {
        if hit.coverage > 0.35 {
            page_link(answer, &hit.page);
        }
    }
}

/// Contacts of pages that the sources link to, then of the contact pages that fit, then the pilot's.
pub(super) fn add_contacts(answer: &mut Answer, material: &Material<'_>) {
    let linked: Vec<&Link> = linked(answer, material);
    let is_linked =
        |page: &Page| linked.iter().any(|link| link.url == page.url || link.url == page.id.0);
    let (first, others): (Vec<&Hit>, Vec<&Hit>) =
        material.contact_pages.iter().partition(|hit| is_linked(&hit.page));
    let others = others.into_iter().filter(|hit| hit.coverage >= CONTACT_COVERAGE);
    for hit in first.into_iter().chain(others) {
        for contact in &hit.page.contacts {
            if answer.contacts.len() < MOST_CONTACTS && !answer.contacts.contains(contact) {
                answer.contacts.push(contact.clone());
            }
        }
    }
    add_human_contact(answer, material.config);
}

/// The links of the quoted passages.
fn linked<'a>(answer: &Answer, material: &Material<'a>) -> Vec<&'a Link> {
    let cites = |hit: &&Hit| {
        answer.sentences.iter().flat_map(|s| &s.citations).any(|c| c.passage == hit.passage.id)
    };
    material.found.hits.iter().filter(cites).flat_map(|hit| &hit.passage.links).collect()
}
