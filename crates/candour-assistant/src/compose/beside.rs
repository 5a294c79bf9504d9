//! What stands beside the quotes: sources, links, notices and ways to reach a person.

use candour_core::{
    Answer, AnswerLink, AnswerSentence, AnswerStatus, Config, Contact, Hit, Link, LinkKind,
    Nations, Notice, NoticeKind, Page, Source,
};
use jiff::tz::TimeZone;

use super::Material;
use super::pool::Pool;
use crate::replies;
use crate::route::Route;

/// How many pages an answer offers to go on with.
const MOST_PAGES: usize = 3;
/// How many contacts are shown before the pilot's own.
const MOST_CONTACTS: usize = 2;
/// How well a contact page must fit.
const CONTACT_COVERAGE: f32 = 0.25;

/// Adds notices, links and contacts to an answer with quotes.
pub(super) fn add(answer: &mut Answer, material: &Material<'_>) {
    let pages = quoted_pages(answer, material);
    note_withdrawn(answer, material);
    note_nations(answer, material);
    note_elsewhere(answer, material);
    for page in &pages {
        for alert in &page.alerts {
            notice(answer, NoticeKind::Alert, alert.clone());
        }
        note_age(answer, page, material);
    }
    note_language(answer, material);
    add_links(answer, &pages, material);
    add_contacts(answer, material);
}

/// Makes an answer of saying that there is none.
pub(super) fn abstain(answer: &mut Answer, material: &Material<'_>, pool: &Pool<'_>) {
    let replies = replies::of(&answer.locale);
    note_withdrawn(answer, material);
    note_elsewhere(answer, material);
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

/// The pages that sentences come from, in order of first use. The address is that of the passage
/// that is cited most.
pub(crate) fn sources(sentences: &[AnswerSentence], hits: &[Hit]) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    let cited = |hit: &Hit| {
        let citations = sentences.iter().flat_map(|sentence| &sentence.citations);
        citations.filter(|citation| citation.passage == hit.passage.id).count()
    };
    for citation in sentences.iter().flat_map(|sentence| &sentence.citations) {
        let Some(page) =
            hits.iter().find(|hit| hit.passage.id == citation.passage).map(|hit| &hit.page)
        else {
            continue;
        };
        let of_page = hits.iter().filter(|hit| hit.page.id == page.id && cited(hit) > 0);
        let Some(best) = of_page.rev().max_by_key(|hit| cited(hit)) else { continue };
        if sources.iter().any(|source| source.url == best.passage.url && source.title == page.title)
        {
            continue;
        }
        let scope = best.passage.scope.applies;
        sources.push(Source {
            url: best.passage.url.clone(),
            title: page.title.clone(),
            heading: best.passage.heading_path(),
            locale: page.locale.clone(),
            updated: page.updated_at.map(|at| TimeZone::UTC.to_datetime(at).date().to_string()),
            nations: if scope.is_all() { Vec::new() } else { scope.iter().collect() },
        });
    }
    sources
}

/// Says that words of the question are in nothing quoted.
pub(super) fn note_uncovered(answer: &mut Answer, words: &[String]) {
    let words = words.iter().map(|word| format!("“{word}”")).collect::<Vec<_>>().join(", ");
    let text = replies::of(&answer.locale).filled("partial_words", &[("words", &words)]);
    notice(answer, NoticeKind::Partial, text);
}

/// Says that the quotes may be about something else.
pub(super) fn note_unsure(answer: &mut Answer) {
    let text = replies::of(&answer.locale).text("partial_unsure").to_owned();
    notice(answer, NoticeKind::Partial, text);
}

/// Says that a list was cut.
pub(super) fn note_cut(answer: &mut Answer) {
    let text = replies::of(&answer.locale).text("partial_cut").to_owned();
    notice(answer, NoticeKind::Partial, text);
}

/// The pilot's own contact, last of all.
pub(super) fn add_human_contact(answer: &mut Answer, config: &Config) {
    let contact = config.contact.contact(&answer.locale);
    if contact != Contact::default() {
        answer.contacts.push(contact);
    }
}

fn notice(answer: &mut Answer, kind: NoticeKind, text: String) {
    if !answer.notices.iter().any(|notice| notice.text == text) {
        answer.notices.push(Notice { kind, text });
    }
}

fn link(answer: &mut Answer, kind: LinkKind, label: &str, url: &str) {
    if !url.is_empty() && !answer.links.iter().any(|link| link.url == url) {
        answer.links.push(AnswerLink { label: label.to_owned(), url: url.to_owned(), kind });
    }
}

fn page_link(answer: &mut Answer, page: &Page) {
    if answer.links.iter().filter(|link| link.kind == LinkKind::Page).count() < MOST_PAGES {
        link(answer, LinkKind::Page, &page.title, &page.url);
    }
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

fn note_withdrawn(answer: &mut Answer, material: &Material<'_>) {
    let replies = replies::of(&answer.locale);
    for hit in &material.found.withdrawn {
        let why =
            hit.page.withdrawn.as_ref().map_or("", |withdrawn| withdrawn.explanation.as_str());
        let text = replies.filled("withdrawn", &[("page", &hit.page.title), ("explanation", why)]);
        notice(answer, NoticeKind::Withdrawn, text);
        page_link(answer, &hit.page);
    }
}

/// Says to which nations the quoted passages apply, when not to all.
fn note_nations(answer: &mut Answer, material: &Material<'_>) {
    let quoted = material.found.hits.iter().filter(|hit| {
        answer.sentences.iter().flat_map(|s| &s.citations).any(|c| c.passage == hit.passage.id)
    });
    let limited = quoted.map(|hit| hit.passage.scope.applies).filter(|applies| !applies.is_all());
    let mut scopes: Vec<Nations> = Vec::new();
    for scope in limited {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    let replies = replies::of(&answer.locale);
    let place = material.question.place;
    for scope in scopes {
        let nations = replies.nations(scope);
        let text = match place.nation {
            Some(nation) if place.assumed => {
                let nation = replies.nation(nation);
                replies.filled("nation_assumed", &[("nation", nation), ("nations", &nations)])
            }
            Some(_) => replies.filled("nation", &[("nations", &nations)]),
            None => replies.filled("nation_unknown", &[("nations", &nations)]),
        };
        notice(answer, NoticeKind::Nation, text);
    }
}

/// Says that a page was not quoted because it is for other nations, and where to look instead.
fn note_elsewhere(answer: &mut Answer, material: &Material<'_>) {
    let replies = replies::of(&answer.locale);
    let Some(nation) = material.question.place.nation else { return };
    for page in material.found.elsewhere.iter().map(|hit| &hit.page) {
        let name = replies.nation(nation);
        let text = replies.filled("other_nation", &[("page", &page.title), ("nation", name)]);
        notice(answer, NoticeKind::Nation, text);
        let other = page.scope.alternatives.iter().find(|(other, _)| *other == nation);
        if let Some((_, url)) = other {
            let label = replies.filled("other_nation_label", &[("nation", name)]);
            link(answer, LinkKind::OtherNation, &label, url);
        }
    }
}

fn note_age(answer: &mut Answer, page: &Page, material: &Material<'_>) {
    let Some(updated) = page.updated_at else { return };
    let days = material.now.duration_since(updated).as_hours() / 24;
    if days > i64::from(material.config.answers.old_after_days) {
        let replies = replies::of(&answer.locale);
        let date = replies.date(TimeZone::UTC.to_datetime(updated).date());
        let text = replies.filled("old", &[("page", &page.title), ("date", &date)]);
        notice(answer, NoticeKind::Old, text);
    }
}

fn note_language(answer: &mut Answer, material: &Material<'_>) {
    if material.found.locale != material.question.locale {
        let text = replies::of(&answer.locale).text("language").to_owned();
        notice(answer, NoticeKind::Language, text);
    }
}

fn add_links(answer: &mut Answer, pages: &[&Page], material: &Material<'_>) {
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
fn add_contacts(answer: &mut Answer, material: &Material<'_>) {
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
