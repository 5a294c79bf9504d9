//! What headings and sentences say of where their text applies, in English and Welsh.

use std::sync::LazyLock;

use candour_core::Nations;
use regex::Regex;

use super::nations::{NATION, nations_in};

/// The nations that a heading is about; a heading that speaks of going there or not being there is not.
pub(super) fn named_by_heading(heading: &str) -> Option<Nations> {
    let heading = lowered(heading);
    let is_away = AWAY.iter().any(|word| format!(" {heading}").contains(word))
        || is_match(TO_OR_FROM.as_ref(), &heading);
    if is_away {
        return None;
    }
    first_capture(&HEADING_RULES, &heading)
}

/// The nations that a sentence says the text applies to.
pub(super) fn stated(sentence: &str) -> Option<Nations> {
    let elsewhere =
        || first_capture(&ELSEWHERE_RULES, sentence).map(|others| without(Nations::ALL, others));
    let of_text = || first_capture(&OF_TEXT_RULES, sentence);
    first_capture(&STATEMENT_RULES, sentence).or_else(of_text).or_else(elsewhere)
}

/// The same of a sentence that says it of "this page" in these words.
pub(super) fn stated_of_this_page(sentence: &str) -> Option<Nations> {
    first_capture(&OF_TEXT_RULES, sentence).filter(|_| is_match(THIS_PAGE.as_ref(), sentence))
}

/// The same of a sentence about "it", which is what the words before speak of.
pub(super) fn of_it(sentence: &str) -> Option<Nations> {
    first_capture(&OF_IT_RULES, sentence)
}

/// Whether a sentence is about its page, so that "it" in the next one is the page.
pub(super) fn is_of_page(sentence: &str) -> bool {
    is_match(PAGE_RULE.as_ref(), sentence)
}

/// The nations that a text of a single sentence, or of a stem and its items, is addressed to.
pub(super) fn addressed(text: &str) -> Option<Nations> {
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

/// The sentences of a text, as the rules read them.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = String> {
    crate::split::sentence_texts(text).into_iter().map(lowered)
}

fn lowered(text: &str) -> String {
    text.trim().to_lowercase().replace('\'', "’")
}

pub(super) fn without(nations: Nations, others: Nations) -> Nations {
    nations.iter().filter(|nation| !others.contains(*nation)).collect()
}

static TO_OR_FROM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(r"\b(?:(?:to|from|into|between|o|i) (?:the )?|[oi]){NATION}\b")).ok()
});

/// One to four nations: "England, Scotland and Wales".
fn nations_pattern() -> String {
    format!(
        r"((?:the )?{NATION}(?:(?:, (?:(?:and|or|neu|ac|a) )?| and | or | neu | ac | a ?)(?:yn |yng |ym |i |in )?{NATION}){{0,3}})"
    )
}

fn rules(patterns: &[&str]) -> Vec<Regex> {
    let nations = nations_pattern();
    let words = [("TEXT", TEXT), ("TESTUN", TESTUN), ("TO", TO), ("I", I), ("NATIONS", &nations)];
    let whole = |pattern: &&str| {
        let filled = words.iter().fold((*pattern).to_owned(), |pattern, (name, words)| {
            pattern.replace(&format!("<{name}>"), words)
        });
        Regex::new(&filled).ok()
    };
    patterns.iter().filter_map(whole).collect()
}

fn is_match(rule: Option<&Regex>, text: &str) -> bool {
    rule.is_some_and(|rule| rule.is_match(text))
}

/// A page's words for itself, or for the rules that are its subject.
const TEXT: &str = r"(?:(?:all )?(?:of )?(?:this|these|the) (?:rules|laws?|guidance|page|guide|information|advice|service|scheme|leaflet|factsheet|booklet)|everything)(?: (?:on|in) this (?:page|guide|guidance|leaflet|factsheet|booklet))?";
const TESTUN: &str = "(?:rheolau|canllawiau|canllaw|dudalen|wybodaeth|cyngor|gyfraith|gwasanaeth|daflen)(?: hyn| hon| hwn)?(?: (?:ar y dudalen|yn y canllaw|yn y daflen) (?:hon|hwn))?";
/// What stands between such words and the nations.
const TO: &str = "(?:to|in|for) (?:people (?:who live |living )?in )?";
const I: &str = "(?:i bobl (?:sy’n byw )?)?(?:i|yn|yng|ym) ?";

static PAGE_RULE: LazyLock<Option<Regex>> =
    LazyLock::new(|| rules(&[r"^(?:<TEXT>|mae’r <TESTUN>)\b"]).pop());

static THIS_PAGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\b(?:this (?:page|guide)|y dudalen hon|y canllaw hwn|’r dudalen hon|’r canllaw hwn)\b",
    )
    .ok()
});

/// Headings that are about a nation.
const HEADINGS: [&str; 6] = [
    r"^<NATIONS>(?: only| yn unig)?$",
    r"^(?:if you(?:’re| are)? )?(?:live|living|are|based|resident)? ?(?:in|for) <NATIONS>(?: only)?$",
    r"^<NATIONS>: ",
    r"\((?:in )?<NATIONS>(?: only)?\)$",
    r"^[^:]{2,60} in <NATIONS>(?: only)?$",
    r"^(?:.{2,60} )?(?:yn|yng) <NATIONS>(?: yn unig)?$",
];
/// Sentences that say to whom the text applies.
const STATEMENTS: [&str; 7] = [
    r"^(?:this|the) [a-z ]{0,40}?(?:only )?applies (?:only )?(?:to|in) (?:people (?:living )?in )?<NATIONS>(?: only)?[.]?$",
    r"^(?:this|these|the) [a-z ]{0,40}?(?:is|are) (?:only )?(?:available |for people |for those )?(?:living )?(?:in|for) <NATIONS> only[.]?$",
    r"^(?:this|these|the) [a-z ]{0,40}?(?:is|are) only (?:available |for people |for those )?(?:living )?(?:in|for) <NATIONS>[.]?$",
    r"^(?:only )?available (?:only )?in <NATIONS> only[.]?$",
    r"^only available in <NATIONS>[.]?$",
    r"^(?:applies (?:to|in) )?<NATIONS> only[.]?$",
    r"^mae(?:’r| hyn)? .{0,60}(?:yn|yng) <NATIONS> yn unig[.]?$",
];
/// Sentences that say it of the page, or of its rules.
const OF_TEXT: [&str; 3] = [
    r"^<TEXT> (?:only )?(?:appl(?:y|ies) (?:only )?<TO>|covers? (?:only )?(?:the (?:rules|law) in |people (?:who live |living )?in )?|(?:is|are) (?:only )?for (?:people (?:who live |living )?in )?)<NATIONS>(?: only)?[.]?$",
    r"^mae’r <TESTUN> (?:ond )?(?:yn (?:gymwys|berthnasol|weithredol) (?:ond )?<I>|yn (?:ymdrin|ymwneud) â ?|yn cwmpasu |ar gyfer )<NATIONS>(?: yn unig)?[.]?$",
    r"^(?:dim ond )?<I><NATIONS>(?: yn unig)? (?:y )?mae’r <TESTUN> yn (?:gymwys|berthnasol|weithredol)[.]?$",
];
/// Sentences that say it of "it": only where they say so with "only".
const OF_IT: [&str; 4] = [
    r"^(?:it|they) (?:appl(?:y|ies) <TO>|covers? )<NATIONS> only[.]?$",
    r"^(?:it|they) (?:only appl(?:y|ies) <TO>|appl(?:y|ies) only <TO>|only covers? |covers? only )<NATIONS>[.]?$",
    r"^(?:mae’n|maent yn|maen nhw’n) (?:gymwys|berthnasol|weithredol) <I><NATIONS> yn unig[.]?$",
    r"^dim ond <I><NATIONS> (?:y )?(?:mae’n|maent yn|maen nhw’n) (?:gymwys|berthnasol|weithredol)[.]?$",
];
/// Sentences that send the people of some nations elsewhere.
const ELSEWHERE: [&str; 2] = [
    r"^there(?:’s| is| are) (?:an? )?(?:different|separate|other) [a-z ]{2,60}? (?:in|for|if you live in|if you’re in) <NATIONS>(?: and for [a-z ]+)?[.]?$",
    r"^mae (?:yna )?(?:rheolau|ffordd|canllawiau) (?:g?wahanol|ar wahân) .{0,40}<NATIONS>[.]?$",
];
const ADDRESSED: [&str; 1] = [
    r"^(?:if you(?:’re| are)? ?(?:live|living|based)?|people(?: who live| living)?) in <NATIONS>\b",
];

static HEADING_RULES: LazyLock<Vec<Regex>> = LazyLock::new(|| rules(&HEADINGS));
static STATEMENT_RULES: LazyLock<Vec<Regex>> = LazyLock::new(|| rules(&STATEMENTS));
static OF_TEXT_RULES: LazyLock<Vec<Regex>> = LazyLock::new(|| rules(&OF_TEXT));
static OF_IT_RULES: LazyLock<Vec<Regex>> = LazyLock::new(|| rules(&OF_IT));
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

#[cfg(test)]
mod tests {
    use Nation::{England, NorthernIreland, Scotland, Wales};
    use candour_core::Nation;

    use super::*;

    #[test]
    fn every_rule_compiles() {
        assert_eq!(HEADING_RULES.len(), HEADINGS.len());
        assert_eq!(STATEMENT_RULES.len(), STATEMENTS.len());
        assert_eq!(OF_TEXT_RULES.len(), OF_TEXT.len());
        assert_eq!(OF_IT_RULES.len(), OF_IT.len());
        assert_eq!(ELSEWHERE_RULES.len(), ELSEWHERE.len());
        assert_eq!(ADDRESSED_RULES.len(), ADDRESSED.len());
        assert!([&TO_OR_FROM, &PAGE_RULE, &THIS_PAGE].iter().all(|rule| rule.is_some()));
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
            ("The rules on this page apply in Scotland only.", &[Scotland]),
            ("The rules in this guide apply in Scotland and Wales only.", &[Scotland, Wales]),
            ("This page covers Scotland.", &[Scotland]),
            ("This guide only covers the law in England and Wales.", &[England, Wales]),
            ("Everything on this page is for people in Northern Ireland.", &[NorthernIreland]),
            ("Applies in England only", &[England]),
            ("Mae’r rheolau ar y dudalen hon yn gymwys yn yr Alban yn unig.", &[Scotland]),
            ("Mae'r rheolau yn y canllaw hwn yn berthnasol i Loegr a Chymru.", &[England, Wales]),
            ("Mae’r dudalen hon yn ymdrin â’r Alban.", &[Scotland]),
            (
                "Mae’r canllaw hwn yn berthnasol i’r Alban a Gogledd Iwerddon yn unig.",
                &[Scotland, NorthernIreland],
            ),
            ("Dim ond yng Nghymru y mae’r rheolau hyn yn gymwys.", &[Wales]),
            ("Mae’r dudalen hon yn gymwys i Gymru a’r Alban yn unig.", &[Scotland, Wales]),
            ("The rules on parking apply in Scotland.", &[]),
            ("This page covers Scotland’s history.", &[]),
            ("The rules on this page apply in England and in the Bank of Scotland.", &[]),
            ("Rules apply in Scotland.", &[]),
            ("The rules on this page do not apply in Scotland.", &[]),
            ("Mae’r rheolau ar y dudalen hon yn gymwys i yrwyr yng Nghymru.", &[]),
            ("It applies in Wales only.", &[]),
            ("The council applies to England for funds.", &[]),
            ("You can travel to Wales.", &[]),
            ("The scheme began in Scotland.", &[]),
            ("This applies to England, Scotland, Wales and Northern Ireland.", &[]),
        ] {
            let found = sentences(text).find_map(|sentence| stated(&sentence));
            assert_eq!(found, set(nations), "{text}");
        }
    }

    #[test]
    fn one_sentence_to_one_nation_does_not_narrow_its_neighbours() {
        assert_eq!(addressed("If you live in Scotland, ask your council."), set(&[Scotland]));
        assert_eq!(addressed("If you live in Wales you can get:\na bus pass"), set(&[Wales]));
        assert_eq!(addressed("Ask your council.\nIf you live in Scotland, ask elsewhere."), None);
    }
}
