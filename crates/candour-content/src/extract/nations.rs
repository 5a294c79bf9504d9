//! What the four nations are called, in English and Welsh: in sentences, and in lists of metadata.

use std::sync::LazyLock;

use candour_core::Nation::{self, England, NorthernIreland, Scotland, Wales};
use candour_core::{NationScope, Nations, PageId};
use regex::Regex;

use super::Extraction;

/// What a page may call the part of its metadata that says where it applies.
pub(super) const KEYS: [&str; 2] = ["nations", "nation"];

/// A nation in a sentence in lower case, as Welsh changes its first letter too.
pub(super) const NATION: &str = "(?:great britain|northern ireland|england|scotland|wales|gogledd iwerddon|ngogledd iwerddon|ogledd iwerddon|lloegr|loegr|nghymru|chymru|gymru|cymru|yr alban|’r alban|prydain fawr|mhrydain fawr|phrydain fawr|brydain fawr)";

static NATION_WORD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!(r"(?:^|\b){NATION}\b")).ok());

/// What joins or surrounds the names of a list.
static BETWEEN_NAMES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"[,;/|&+\[\]"]|\b(?:and|or|neu|ac|a)\b"#).ok());

/// What metadata calls nations beside the names that sentences have.
const SHORT_NAMES: [(&str, &[Nation]); 8] = [
    ("english|gb eng", &[England]),
    ("scottish|alban|gb sct", &[Scotland]),
    ("welsh|gb wls", &[Wales]),
    ("ni|n ireland|northern irish|gb nir", &[NorthernIreland]),
    ("gb|britain|prydain", &[England, Scotland, Wales]),
    ("uk|united kingdom|y deyrnas unedig|deyrnas unedig|du", &Nation::ALL),
    ("all|all nations|all four nations|pob gwlad", &Nation::ALL),
    ("uk wide|everywhere|anywhere", &Nation::ALL),
];

/// The nations that are named in a text.
pub(super) fn nations_in(text: &str) -> Option<Nations> {
    let text = text.to_lowercase().replace('\'', "’");
    let words = NATION_WORD.as_ref()?.find_iter(&text);
    let found: Nations = words.flat_map(|word| of_name(word.as_str()).iter().copied()).collect();
    (!found.is_empty()).then_some(found)
}

fn of_name(name: &str) -> &'static [Nation] {
    match name {
        "england" | "lloegr" | "loegr" => &[England],
        "scotland" | "yr alban" | "’r alban" => &[Scotland],
        "wales" | "cymru" | "nghymru" | "gymru" | "chymru" => &[Wales],
        name if name.ends_with("britain") || name.ends_with("fawr") => &[England, Scotland, Wales],
        _ => &[NorthernIreland],
    }
}

/// Where a page applies by the list of nations in its metadata. One that names none leaves the page
/// as wide as any; a name that is not known is an error, for it would widen what is meant to be narrow.
pub(super) fn scope(written: &str) -> Result<NationScope, UnknownNation> {
    let listed = written.to_lowercase().replace('’', "'").replace("a'r alban", "/yr alban");
    let listed = listed.split(" #").next().unwrap_or_default().replace(['_', '-'], " ");
    let names = BETWEEN_NAMES.iter().flat_map(|between| between.split(&listed));
    let names = names.map(bare).filter(|name| !name.is_empty());
    let applies: Vec<&[Nation]> = names.map(named).collect::<Result<_, _>>()?;
    let applies: Nations = applies.concat().into_iter().collect();
    let everywhere = NationScope::default();
    Ok(if applies.is_empty() { everywhere } else { NationScope { applies, ..everywhere } })
}

/// A name without what may stand around it.
fn bare(name: &str) -> &str {
    let name = name.trim_matches(|sign: char| sign.is_whitespace() || matches!(sign, '\'' | '.'));
    let name = ["the ", "in ", "yng ", "yn "]
        .iter()
        .fold(name, |name, before| name.strip_prefix(before).unwrap_or(name));
    [" only", " yn unig"].iter().fold(name, |name, after| name.strip_suffix(after).unwrap_or(name))
}

fn named(name: &str) -> Result<&'static [Nation], UnknownNation> {
    let is_whole = |found: regex::Match<'_>| found.as_str() == name;
    if NATION_WORD.as_ref().and_then(|word| word.find(name)).is_some_and(is_whole) {
        return Ok(of_name(name));
    }
    let short = SHORT_NAMES.iter().find(|(names, _)| names.split('|').any(|short| short == name));
    short.map(|(_, nations)| *nations).ok_or_else(|| UnknownNation(name.to_owned()))
}

/// A name in a list of nations that is that of none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnknownNation(String);

impl UnknownNation {
    /// Leaves a page out whose metadata has it. The page itself goes unnamed, for an earlier copy,
    /// which may be read as if it held everywhere, must not stay in its place.
    pub(super) fn rejected(&self, page: &PageId) -> Extraction {
        let keys: Vec<&str> = Nation::ALL.iter().map(|nation| nation.key()).collect();
        let detail = format!(
            "`nations` of {page} names `{}`, which is no nation: write one or more of {}, or leave `nations` out if the page holds in all of them",
            self.0,
            keys.join(", ")
        );
        Extraction::Rejected { page: None, reason: "unknown_nation".to_owned(), detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_metadata_are_read_however_they_are_joined() {
        const GB: &[Nation] = &[England, Scotland, Wales];
        for (written, expected) in [
            ("England and Wales", &[England, Wales][..]),
            ("England & Wales", &[England, Wales]),
            ("Wales/England", &[England, Wales]),
            ("wales; england", &[England, Wales]),
            ("[\"wales\", 'England']", &[England, Wales]),
            ("england, scotland, and northern_ireland", &[England, Scotland, NorthernIreland]),
            ("Scotland or Northern-Ireland", &[Scotland, NorthernIreland]),
            ("GB", GB),
            ("Great Britain", GB),
            ("Prydain Fawr", GB),
            ("NI", &[NorthernIreland]),
            ("cymru", &[Wales]),
            ("welsh", &[Wales]),
            ("GB-WLS", &[Wales]),
            ("Cymru a Lloegr", &[England, Wales]),
            ("Lloegr a Chymru", &[England, Wales]),
            ("Cymru a’r Alban", &[Scotland, Wales]),
            ("Yr Alban neu Ogledd Iwerddon", &[Scotland, NorthernIreland]),
            ("Wales only # until 2027", &[Wales]),
            ("yng Nghymru yn unig", &[Wales]),
            ("UK", &Nation::ALL),
            ("United Kingdom", &Nation::ALL),
            ("England, Scotland, Wales and NI", &Nation::ALL),
            ("[]", &Nation::ALL),
            (" , ", &Nation::ALL),
        ] {
            let applies = scope(written).map(|scope| scope.applies.iter().collect::<Vec<_>>());
            assert_eq!(applies.as_deref(), Ok(expected), "{written}");
        }
    }

    #[test]
    fn what_is_no_nation_is_named() {
        for (written, unknown) in [
            ("scottland", "scottland"),
            ("England, scottland", "scottland"),
            ("England and Wails", "wails"),
            ("England but not Wales", "england but not wales"),
            ("not Scotland", "not scotland"),
            ("England except London", "england except london"),
            ("Cardiff", "cardiff"),
            ("Ireland", "ireland"),
            ("New South Wales", "new south wales"),
            ("7", "7"),
        ] {
            assert_eq!(scope(written), Err(UnknownNation(unknown.to_owned())), "{written}");
        }
    }

    #[test]
    fn sentences_name_nations_in_either_language() {
        for (text, expected) in [
            ("Rules in England, and in Great Britain's ports", &[England, Scotland, Wales][..]),
            ("Mae yn yr Alban a Gogledd Iwerddon", &[Scotland, NorthernIreland]),
            ("i’r Alban ac i Loegr", &[England, Scotland]),
            ("ym Mhrydain Fawr", &[England, Scotland, Wales]),
            ("St Alban's and the Welsh language", &[]),
        ] {
            let found = nations_in(text).map(|found| found.iter().collect::<Vec<_>>());
            assert_eq!(found.unwrap_or_default(), expected, "{text}");
        }
    }

    #[test]
    fn a_page_says_it_in_its_metadata_or_is_left_out() {
        let markdown = |matter: &str| {
            let text = format!("---\ntitle: T\n{matter}\nlocale: en\n---\nWords.");
            super::super::markdown_page(text.as_bytes(), "/a", "https://a.example/a")
        };
        let toml = |matter: &str| {
            let text = format!("+++\ntitle = \"T\"\n{matter}\n+++\nWords.");
            super::super::markdown_page(text.as_bytes(), "/a", "https://a.example/a")
        };
        let html = |head: &str| {
            let text = format!("<title>T</title>{head}<main><p>Words.</p></main>");
            super::super::html_page(text.as_bytes(), "/a", "https://a.example/a")
        };
        for (read, expected) in [
            (markdown("nations: England and Wales"), Ok(&[England, Wales][..])),
            (markdown("Nation: \"Cymru\""), Ok(&[Wales])),
            (markdown("nations:\n  - wales\n  - Northern Ireland"), Ok(&[Wales, NorthernIreland])),
            (markdown("nations: [wales,\n  england]"), Ok(&[England, Wales])),
            (markdown("nations:"), Ok(&Nation::ALL)),
            (markdown("tags:\n  - wales"), Ok(&Nation::ALL)),
            (markdown("nations:\n  - wales\n  - scottland"), Err("`scottland`")),
            (markdown("nations: scottland"), Err("england, scotland, wales, northern_ireland")),
            (toml("nations = [\n  \"wales\",\n  \"england\",\n]"), Ok(&[England, Wales])),
            (toml("nations = \"scottland\""), Err("`scottland`")),
            (html("<meta name=nations content='Wales; Scotland'>"), Ok(&[Scotland, Wales])),
            (html("<meta property=Nations content=GB>"), Ok(&[England, Scotland, Wales])),
            (html("<meta name=nations content=scottland>"), Err("`nations` of /a names")),
            (html("<meta name=keywords content=scotland>"), Ok(&Nation::ALL)),
        ] {
            match (&read, expected) {
                (Extraction::Page(page), Ok(nations)) => {
                    let applies: Vec<Nation> = page.page.scope.applies.iter().collect();
                    assert_eq!((applies.as_slice(), page.page.scope.derived), (nations, false));
                }
                (Extraction::Rejected { page: None, reason, detail }, Err(said)) => {
                    assert!(reason == "unknown_nation" && detail.contains(said), "{detail}");
                }
                _ => panic!("{read:?}: {expected:?}"),
            }
        }
    }
}
