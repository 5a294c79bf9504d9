//! What a reader must know beside the quotes: where and for whom they apply, how old they are, what they
//! leave open.

use candour_core::{
    Answer, Hit, LinkKind, Nations, Notice, NoticeKind, Page, Source, page_address,
};
use jiff::tz::TimeZone;

use super::Material;
use super::cue::Cue;
use super::limit::Limit;
use super::onward::{link, page_link};
use crate::replies;

/// Adds what must be known of the quoted pages.
pub(super) fn add(answer: &mut Answer, pages: &[&Page], material: &Material<'_>) {
    note_withdrawn(answer, material);
    note_nations(answer, material);
    note_elsewhere(answer, material);
    note_for_others(answer, material);
    note_role(answer, material);
    for page in pages {
        note_audience(answer, page, material);
        for alert in &page.alerts {
            notice(answer, NoticeKind::Alert, alert.clone());
        }
        note_age(answer, page, material);
    }
    note_language(answer, material);
}

/// Adds why nothing is quoted.
pub(super) fn add_without_quotes(answer: &mut Answer, material: &Material<'_>) {
    note_withdrawn(answer, material);
    note_elsewhere(answer, material);
    note_for_others(answer, material);
    note_role(answer, material);
}

/// Says what an answer leaves open.
pub(super) fn note_limit(answer: &mut Answer, limit: &Limit) {
    let replies = replies::of(&answer.locale);
    let text = match limit {
        Limit::Words(words) => {
            let words = words.iter().map(|word| format!("“{word}”")).collect::<Vec<_>>().join(", ");
            replies.filled("partial_words", &[("words", &words)])
        }
        Limit::Unsure => replies.text("partial_unsure").to_owned(),
        Limit::Cut => replies.text("partial_cut").to_owned(),
        Limit::Conditions => replies.text("partial_conditions").to_owned(),
        Limit::Missing(Cue::Amount) => replies.text("partial_amount").to_owned(),
        Limit::Missing(Cue::Time | Cue::Moment) => replies.text("partial_time").to_owned(),
        Limit::Missing(Cue::Duration) => replies.text("partial_duration").to_owned(),
        Limit::Missing(Cue::Method) => replies.text("partial_method").to_owned(),
        Limit::Missing(_) => replies.text("partial_contact").to_owned(),
        Limit::Elsewhere { asked, own } => {
            let (asked, own) = (replies.nation(*asked), replies.nation(*own));
            replies.filled("elsewhere", &[("asked", asked), ("own", own)])
        }
    };
    let kind = match limit {
        Limit::Elsewhere { .. } => NoticeKind::Nation,
        _ => NoticeKind::Partial,
    };
    notice(answer, kind, text);
}

fn notice(answer: &mut Answer, kind: NoticeKind, text: String) {
    if !answer.notices.iter().any(|notice| notice.text == text) {
        answer.notices.push(Notice { kind, text });
    }
}

/// Tells of a withdrawn page, but where what is quoted holds as much: what was true once only confuses then.
fn note_withdrawn(answer: &mut Answer, material: &Material<'_>) {
    let replies = replies::of(&answer.locale);
    let quoted = quoted_hits(answer, material).map(|hit| hit.coverage).fold(0.0, f32::max);
    for hit in material.found.withdrawn.iter().filter(|hit| hit.coverage > quoted) {
        let why =
            hit.page.withdrawn.as_ref().map_or("", |withdrawn| withdrawn.explanation.as_str());
        let text = replies.filled("withdrawn", &[("page", &hit.page.title), ("explanation", why)]);
        notice(answer, NoticeKind::Withdrawn, text);
        page_link(answer, &hit.page);
    }
}

/// The passages that are quoted.
fn quoted_hits<'a>(answer: &Answer, material: &Material<'a>) -> impl Iterator<Item = &'a Hit> {
    material.found.hits.iter().filter(|hit| {
        answer.sentences.iter().flat_map(|s| &s.citations).any(|c| c.passage == hit.passage.id)
    })
}

/// Says to which nations the quoted passages apply, when not to all.
fn note_nations(answer: &mut Answer, material: &Material<'_>) {
    let limited = quoted_hits(answer, material)
        .map(|hit| hit.passage.scope.applies)
        .filter(|applies| !applies.is_all());
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
    let is_quoted = |page: &Page| {
        answer.sources.iter().any(|source| page_address(&source.url) == page_address(&page.url))
    };
    let left: Vec<&Page> = material
        .found
        .elsewhere
        .iter()
        .map(|hit| &*hit.page)
        .filter(|page| !is_quoted(page))
        .collect();
    for page in left {
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

/// Says whom a quoted page is written for, unless the reader is known to be among them.
fn note_audience(answer: &mut Answer, page: &Page, material: &Material<'_>) {
    let is_own = |audience| page.speaks_to(audience);
    if !page.audiences.is_empty() && !material.question.role.audience.is_some_and(is_own) {
        let text = written_for("audience", answer, page);
        notice(answer, NoticeKind::Audience, text);
    }
}

/// Says in which role the question was read, where the reader did not choose it and it changed the order of
/// what was found, or something for others is all that there is to quote.
fn note_role(answer: &mut Answer, material: &Material<'_>) {
    let role = material.question.role;
    let Some(audience) = role.audience.filter(|_| !role.is_chosen) else { return };
    let is_for_others =
        |source: &Source| !(source.audiences.is_empty() || source.audiences.contains(&audience));
    let all_are = !answer.sources.is_empty() && answer.sources.iter().all(is_for_others);
    if material.found.by_role || all_are {
        let replies = replies::of(&answer.locale);
        let text = replies.filled("role", &[("audience", replies.audience(audience))]);
        notice(answer, NoticeKind::Audience, text);
    }
}

/// Says that a page was not quoted because it is for others than the reader chose.
fn note_for_others(answer: &mut Answer, material: &Material<'_>) {
    for hit in &material.found.for_others {
        let text = written_for("other_audience", answer, &hit.page);
        notice(answer, NoticeKind::Audience, text);
        page_link(answer, &hit.page);
    }
}

fn written_for(key: &str, answer: &Answer, page: &Page) -> String {
    let replies = replies::of(&answer.locale);
    let audiences = page.audiences.iter().map(|audience| replies.audience(*audience));
    let audiences = audiences.collect::<Vec<_>>().join("; ");
    replies.filled(key, &[("page", &page.title), ("audiences", &audiences)])
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
