//! Which nations a page or a part of it applies to: as the publisher's metadata says, or plainly its words.

use std::sync::LazyLock;

use candour_core::{Nation, NationScope, Nations, Page};
use regex::Regex;
use serde_json::Value;

use super::nations::{NATION, nations_in};
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

/// Narrows a page's scope by what its opening says; the publisher's metadata is never overruled.
pub(super) fn derive_for_page(page: &mut Page, sections: &[Section]) {
    if !page.scope.applies.is_all() || !page.scope.alternatives.is_empty() {
        return;
    }
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
    for text in texts.chain(lists.flatten()) {
        if let Some(applies) = stated(&text.text) {
            page.scope = narrowed(&page.scope, applies, text);
            return;
        }
    }
}

/// The scope of a passage: the page's, or narrower where a heading above or the words say so plainly.
pub(crate) fn of_passage<'a>(
    page: &NationScope,
    headings: impl IntoIterator<Item = &'a str>,
    words: &Text,
) -> NationScope {
    let by_heading = heading_nations(headings);
    let by_words = || words.text.split('\n').find_map(stated).or_else(|| addressed(&words.text));
    match by_heading.or_else(by_words) {
        Some(applies) => narrowed(page, applies, words),
        None => page.clone(),
    }
}

/// The nations that the innermost heading about nations names.
pub(crate) fn heading_nations<'a>(headings: impl IntoIterator<Item = &'a str>) -> Option<Nations> {
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

static TO_OR_FROM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(r"\b(?:to|from|into|between|o|i) (?:the )?{NATION}\b")).ok()
});

/// One to four nations: "England, Scotland and Wales".
fn nations_pattern() -> String {
    format!(
        r"((?:the )?{NATION}(?:(?:, (?:and |or )?| and | or | neu | a | ac )(?:yn |yng |in )?{NATION}){{0,3}})"
    )
}

fn rules(patterns: &[&str]) -> Vec<Regex> {
    let patterns = patterns.iter().map(|pattern| pattern.replace("NATIONS", &nations_pattern()));
    patterns.filter_map(|pattern| Regex::new(&pattern).ok()).collect()
}

/// Headings that are about a nation.
const HEADINGS: [&str; 6] = [
    r"^NATIONS(?: only| yn unig)?$",
    r"^(?:if you(?:’re| are)? )?(?:live|living|are|based|resident)? ?(?:in|for) NATIONS(?: only)?$",
    r"^NATIONS: ",
    r"\((?:in )?NATIONS(?: only)?\)$",
    r"^[^:]{2,60} in NATIONS(?: only)?$",
    r"^(?:.{2,60} )?(?:yn|yng) NATIONS(?: yn unig)?$",
];
/// Sentences that say to whom the text applies.
const STATEMENTS: [&str; 9] = [
    r"^(?:this|the) [a-z ]{0,40}?(?:only )?applies (?:only )?(?:to|in) (?:people (?:living )?in )?NATIONS(?: only)?[.]?$",
    r"^(?:this|these|the) [a-z ]{0,40}?(?:is|are) (?:only )?(?:available |for people |for those )?(?:living )?(?:in|for) NATIONS only[.]?$",
    r"^(?:this|these|the) [a-z ]{0,40}?(?:is|are) only (?:available |for people |for those )?(?:living )?(?:in|for) NATIONS[.]?$",
    r"^(?:only )?available (?:only )?in NATIONS only[.]?$",
    r"^only available in NATIONS[.]?$",
    r"^(?:applies to )?NATIONS only[.]?$",
    r"^(?:this|these|the) (?:rules|guidance|page|guide|information|advice|service|scheme) (?:is|are) for (?:people (?:who live |living )?in )?NATIONS[.]?$",
    r"^mae’r (?:rheolau|canllawiau|dudalen|wybodaeth|gwasanaeth)(?: hyn| hon| hwn)? ar gyfer NATIONS[.]?$",
    r"^mae(?:’r| hyn)? .{0,60}(?:yn|yng) NATIONS yn unig[.]?$",
];
/// Sentences that send the people of some nations elsewhere.
const ELSEWHERE: [&str; 2] = [
    r"^there(?:’s| is| are) (?:an? )?(?:different|separate|other) [a-z ]{2,60}? (?:in|for|if you live in|if you’re in) NATIONS(?: and for [a-z ]+)?[.]?$",
    r"^mae (?:yna )?(?:rheolau|ffordd|canllawiau) (?:g?wahanol|ar wahân) .{0,40}NATIONS[.]?$",
];
const ADDRESSED: [&str; 1] =
    [r"^(?:if you(?:’re| are)? ?(?:live|living|based)?|people(?: who live| living)?) in NATIONS\b"];

static HEADING_RULES: LazyLock<Vec<Regex>> = LazyLock::new(|| rules(&HEADINGS));
static STATEMENT_RULES: LazyLock<Vec<Regex>> = LazyLock::new(|| rules(&STATEMENTS));
static ELSEWHERE_RULES: LazyLock<Vec<Regex>> = LazyLock::new(|| rules(&ELSEWHERE));
static ADDRESSED_RULES: LazyLock<Vec<Regex>> = LazyLock::new(|| rules(&ADDRESSED));

/// Words of headings about going to a nation, or not being there.
const AWAY: [&str; 10] = [
    " not ",
    "outside",
    "mov",
    "other than",
    "except",
    "travel",
    "n’t ",
    "leav",
    "ymadael",
    "y tu allan",
];

/// The nations that a heading is about; a heading that speaks of going there or not being there is not.
fn named_by_heading(heading: &str) -> Option<Nations> {
    let heading = lowered(heading);
    let is_away = AWAY.iter().any(|word| format!(" {heading}").contains(word))
        || TO_OR_FROM.as_ref().is_some_and(|rule| rule.is_match(&heading));
    if is_away {
        return None;
    }
    first_capture(&HEADING_RULES, &heading)
}

/// The nations that a sentence says the text applies to.
fn stated(text: &str) -> Option<Nations> {
    crate::split::sentence_texts(text).into_iter().find_map(|sentence| {
        let sentence = lowered(sentence);
        let elsewhere = || {
            first_capture(&ELSEWHERE_RULES, &sentence).map(|others| without(Nations::ALL, others))
        };
        first_capture(&STATEMENT_RULES, &sentence).or_else(elsewhere)
    })
}

/// The nations that a text of a single sentence, or of a stem and its items, is addressed to.
fn addressed(text: &str) -> Option<Nations> {
    let first = text.split('\n').next().unwrap_or_default();
    let is_alone = !text.contains('\n') && crate::split::sentence_texts(text).len() == 1;
    if is_alone || first.ends_with(':') {
        first_capture(&ADDRESSED_RULES, &lowered(first))
    } else {
        None
    }
}

fn first_capture(rules: &[Regex], text: &str) -> Option<Nations> {
    let nations = rules
        .iter()
        .find_map(|rule| rule.captures(text)?.get(1))
        .and_then(|found| nations_in(found.as_str()))?;
    (!nations.is_all() && !nations.is_empty()).then_some(nations)
}

fn lowered(text: &str) -> String {
    text.trim().to_lowercase().replace('\'', "’")
}

fn without(nations: Nations, others: Nations) -> Nations {
    nations.iter().filter(|nation| !others.contains(*nation)).collect()
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
    use Nation::{England, NorthernIreland, Scotland, Wales};

    use super::*;

    #[test]
    fn every_rule_compiles() {
        assert_eq!(HEADING_RULES.len(), HEADINGS.len());
        assert_eq!(STATEMENT_RULES.len(), STATEMENTS.len());
        assert_eq!(ELSEWHERE_RULES.len(), ELSEWHERE.len());
        assert_eq!(ADDRESSED_RULES.len(), ADDRESSED.len());
        assert!(TO_OR_FROM.is_some());
    }

    fn set(nations: &[Nation]) -> Option<Nations> {
        (!nations.is_empty()).then(|| nations.iter().copied().collect())
    }

    #[test]
    fn headings_about_a_nation() {
        for (heading, nations) in [
            ("Scotland", &[Scotland][..]),
            ("England and Wales", &[England, Wales]),
            ("If you live in Scotland or Northern Ireland", &[Scotland, NorthernIreland]),
            ("If you're in Wales", &[Wales]),
            ("How to appeal in Northern Ireland", &[NorthernIreland]),
            ("Help with costs (Scotland)", &[Scotland]),
            ("Great Britain", &[England, Scotland, Wales]),
            ("Yr Alban", &[Scotland]),
            ("Gwneud cais yng Nghymru", &[Wales]),
            ("If you do not live in England", &[]),
            ("Moving to Scotland", &[]),
            ("Living outside Wales", &[]),
            ("If you move to live in Wales", &[]),
            ("The Bank of England", &[]),
            ("England, Scotland, Wales and Northern Ireland", &[]),
            ("Driving from Northern Ireland", &[]),
            ("Contact the Wales team", &[]),
        ] {
            assert_eq!(named_by_heading(heading), set(nations), "{heading}");
        }
    }

    #[test]
    fn sentences_that_say_where_they_apply() {
        for (text, nations) in [
            ("Available in England and Wales only", &[England, Wales][..]),
            ("This guidance applies to Wales.", &[Wales]),
            ("You must register. This guide applies to England only.", &[England]),
            (
                "This service is only available in England, Scotland and Wales.",
                &[England, Scotland, Wales],
            ),
            ("These rules are for Wales.", &[Wales]),
            ("Mae’r rheolau hyn ar gyfer Cymru a Lloegr.", &[England, Wales]),
            ("There’s a different way to apply in Scotland.", &[England, Wales, NorthernIreland]),
            ("There are different rules in Scotland and Northern Ireland.", &[England, Wales]),
            ("The council applies to England for funds.", &[]),
            ("You can travel to Wales.", &[]),
            ("The scheme began in Scotland.", &[]),
            ("This applies to England, Scotland, Wales and Northern Ireland.", &[]),
        ] {
            assert_eq!(stated(text), set(nations), "{text}");
        }
    }

    #[test]
    fn one_sentence_to_one_nation_does_not_narrow_its_neighbours() {
        assert_eq!(addressed("If you live in Scotland, ask your council."), set(&[Scotland]));
        assert_eq!(addressed("If you live in Wales you can get:\na bus pass"), set(&[Wales]));
        assert_eq!(addressed("Ask your council.\nIf you live in Scotland, ask elsewhere."), None);
    }
}
