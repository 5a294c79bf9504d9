//! Which nations a page or a part of it applies to: as the publisher's metadata says, or plainly its words.

use candour_core::{Nation, NationScope, Nations, Page};
use serde_json::Value;

use super::nations::nations_in;
use super::stated::{
    addressed, is_of_page, named_by_heading, of_it, sentences, stated, stated_of_this_page, without,
};
use super::{Block, Section, Text};

/// How many blocks from the beginning can speak of the whole page.
const OPENING: usize = 4;

/// The scope in an item's details.
pub(super) fn published(details: &Value, address: impl Fn(&str) -> String) -> NationScope {
    let mut scope = NationScope::default();
    for nation in Nation::ALL {
        let applicability = &details["national_applicability"][nation.key()];
        let availability = &details[format!("{}_availability", nation.key())];
        let is_excluded = applicability["applicable"].as_bool() == Some(false)
            || availability["type"].is_string();
        if !is_excluded {
            continue;
        }
        scope.applies = without(scope.applies, Nations::NONE.with(nation));
        let elsewhere = [applicability, availability]
            .into_iter()
            .find_map(|field| field["alternative_url"].as_str());
        if let Some(url) = elsewhere.map(str::trim).filter(|url| !url.is_empty()) {
            scope.alternatives.push((nation, address(url)));
        }
    }
    scope
}

/// Narrows a page's scope by what it says of itself; the publisher's metadata is never overruled.
pub(super) fn derive_for_page(page: &mut Page, sections: &[Section]) {
    if !page.scope.applies.is_all() || !page.scope.alternatives.is_empty() {
        return;
    }
    let said = said_first(sections).or_else(|| said_of_this_page(sections));
    if let Some((applies, text)) = said {
        page.scope = narrowed(&page.scope, applies, text);
    }
}

/// What the opening of a page says, which is of the whole page.
fn said_first(sections: &[Section]) -> Option<(Nations, &Text)> {
    let opening =
        sections.first().filter(|first| first.headings.iter().all(|heading| heading.level == 1));
    let blocks = opening.map(|first| first.blocks.as_slice()).unwrap_or_default();
    let texts = blocks.iter().take(OPENING).flat_map(texts_of);
    // What a service's page says under "Before you start" stands in a section of its own.
    let lists = sections
        .iter()
        .filter(|section| section.headings.is_empty())
        .flat_map(|section| &section.blocks)
        .filter_map(|block| match block {
            Block::List(items) => Some(items.iter()),
            _ => None,
        });
    let mut before: Option<String> = None;
    for text in texts.chain(lists.flatten()) {
        for sentence in sentences(&text.text) {
            // What "it" is said of may be one thing among others, unless it can only be the page.
            let it_is_the_page = before.as_deref().is_none_or(is_of_page);
            let of_it = || of_it(&sentence).filter(|_| it_is_the_page);
            if let Some(applies) = stated(&sentence).or_else(of_it) {
                return Some((applies, text));
            }
            before = Some(sentence);
        }
    }
    None
}

/// What is said of "this page" further down, where all that is said of it agrees: a page that lists guides
/// says it of each. A part of a guide, whose title has level 1, may mean itself.
fn said_of_this_page(sections: &[Section]) -> Option<(Nations, &Text)> {
    let is_no_part = |section: &&Section| section.headings.iter().all(|heading| heading.level > 1);
    let blocks = sections.iter().filter(is_no_part).flat_map(|section| &section.blocks);
    let mut said = blocks.flat_map(texts_of).flat_map(|text| {
        let stated = sentences(&text.text).filter_map(|sentence| stated_of_this_page(&sentence));
        stated.map(move |applies| (applies, text))
    });
    let first = said.next()?;
    said.all(|(applies, _)| applies == first.0).then_some(first)
}

/// The scope of a passage: the page's, or narrower where a heading above or the words say so plainly.
pub(crate) fn of_passage<'a>(
    page: &NationScope,
    headings: impl IntoIterator<Item = &'a str>,
    words: &Text,
) -> NationScope {
    let by_heading = heading_nations(headings);
    let by_words = || said_in_passage(&words.text).or_else(|| addressed(&words.text));
    match by_heading.or_else(by_words) {
        Some(applies) => narrowed(page, applies, words),
        None => page.clone(),
    }
}

/// The nations that a sentence of a passage says it applies to.
fn said_in_passage(text: &str) -> Option<Nations> {
    let mut sentences = text.split('\n').flat_map(sentences);
    sentences.find_map(|sentence| stated(&sentence).or_else(|| of_it(&sentence)))
}

/// The nations that the innermost heading about nations names.
fn heading_nations<'a>(headings: impl IntoIterator<Item = &'a str>) -> Option<Nations> {
    headings.into_iter().filter_map(named_by_heading).last()
}

/// The page's scope within `applies`; words that contradict the page's scope speak for themselves.
fn narrowed(page: &NationScope, applies: Nations, words: &Text) -> NationScope {
    let common: Nations = page.applies.iter().filter(|nation| applies.contains(*nation)).collect();
    let applies = if common.is_empty() { applies } else { common };
    let mut alternatives: Vec<(Nation, String)> = page.alternatives.clone();
    for link in &words.links {
        let named = nations_in(&link.label).unwrap_or(Nations::NONE);
        for nation in named
            .iter()
            .filter(|nation| !alternatives.iter().any(|(other, _)| other == nation))
            .collect::<Vec<_>>()
        {
            alternatives.push((nation, link.url.clone()));
        }
    }
    alternatives.retain(|(nation, _)| !applies.contains(*nation));
    alternatives.sort();
    if applies == page.applies {
        return page.clone();
    }
    NationScope { applies, alternatives, derived: true }
}

fn texts_of(block: &Block) -> &[Text] {
    match block {
        Block::Paragraph(text) => std::slice::from_ref(text),
        Block::List(items) => items,
        Block::Table { .. } => &[],
    }
}

#[cfg(test)]
mod tests {
    use Nation::Wales;

    use super::*;

    #[test]
    fn a_page_is_narrowed_by_what_is_said_of_it_and_a_part_by_what_is_said_of_the_part() {
        let applies = |text: &str| -> Vec<Option<Nations>> {
            let text = format!("---\ntitle: Help\n---\n{text}");
            let read = super::super::markdown_page(text.as_bytes(), "/a", "/a");
            let super::super::Extraction::Page(page) = read else { panic!("{read:?}") };
            let passages = crate::split::split(&page);
            let scopes = std::iter::once(&page.page.scope).chain(passages.iter().map(|p| &p.scope));
            scopes.map(|scope| Some(scope.applies).filter(|applies| !applies.is_all())).collect()
        };
        let (wales, everywhere) = (Some(Nations::NONE.with(Wales)), None);
        for (text, page, passages) in [
            ("This page is about help. It applies in Wales only.", wales, &[wales][..]),
            ("It only applies in Wales.\n\nAsk us.", wales, &[wales]),
            ("These rules are new.\n\nThey apply to people living in Wales only.", wales, &[wales]),
            ("Mae’r dudalen hon yn newydd. Mae’n gymwys yng Nghymru yn unig.", wales, &[wales]),
            ("This page covers Wales.\n\n## Cost\n\nIt is free.", wales, &[wales, wales]),
            // A discount that holds in Wales leaves the page to everyone.
            (
                "You may get a discount. It applies in Wales only.\n\n## Pay\n\nPay by card.",
                everywhere,
                &[wales, everywhere],
            ),
            ("You may get a discount. Mae’n gymwys yng Nghymru yn unig.", everywhere, &[wales]),
            (
                "Ask us.\n\n## Discount\n\nIt applies in Wales only.\n\n## Pay\n\nPay by card.",
                everywhere,
                &[everywhere, wales, everywhere],
            ),
            (
                "Ask us.\n\n## Travel\n\nThe rules on travel apply in Wales only.",
                everywhere,
                &[everywhere, everywhere],
            ),
            (
                "Ask us.\n\n## Travel\n\nThese rules apply in Wales only.",
                everywhere,
                &[everywhere, wales],
            ),
            (
                "Ask us.\n\n## Where\n\nThe rules on this page apply in Wales only.",
                wales,
                &[wales, wales],
            ),
            (
                "Ask us.\n\n# Part\n\nThe rules on this page apply in Wales only.",
                everywhere,
                &[everywhere, wales],
            ),
            // Without "only" it may apply elsewhere too.
            ("This page is about help. It applies in Wales.", everywhere, &[everywhere]),
            (
                "This page is about help. It applies to farms in Wales only.",
                everywhere,
                &[everywhere],
            ),
        ] {
            let expected: Vec<_> = std::iter::once(page).chain(passages.iter().copied()).collect();
            assert_eq!(applies(text), expected, "{text}");
        }
    }
}
