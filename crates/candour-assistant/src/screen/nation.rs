//! The nation that a question is about, from its words.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use candour_core::config::Pilot;
use candour_core::{Nation, Nations, Turn};

use super::Place;
use super::names::Names;
use crate::words::plain_words;

/// Where the question is about: as it says, else as the reader chose, else as the pilot assumes.
pub(crate) fn of(text: &str, chosen: Option<Nation>, pilot: &Pilot) -> Place {
    let mut named = named_in(text);
    // Naming the body's own area beside another nation is naming its nation too.
    if !named.is_empty()
        && let Some(own) = pilot.nation
        && names_the_body(text, pilot)
    {
        named = named.with(own);
    }
    let mut members = named.iter();
    match (members.next(), members.next()) {
        (Some(only), None) => Place { nation: Some(only), named, assumed: false },
        (Some(_), Some(_)) => Place { nation: None, named, assumed: false },
        _ => Place { nation: chosen.or(pilot.nation), named, assumed: chosen.is_none() },
    }
}

/// The nation that the reader of an answer had chosen: it was given for one that is not the pilot's own.
pub(crate) fn chosen_with(turn: &Turn, pilot: &Pilot) -> Option<Nation> {
    turn.answer.nation.filter(|nation| Some(*nation) != pilot.nation)
}

/// The nations that a text names, by their own names or by those of well-known places in them.
pub(crate) fn named_in(text: &str) -> Nations {
    NAMES.as_ref().map(|names| names.found_in(text)).into_iter().flatten().collect()
}

/// Names that hold a nation's name and are not about being there.
const NOT_A_NATION: [&str; 14] = [
    "bank of england",
    "church of england",
    "church in wales",
    "prince of wales",
    "princess of wales",
    "new england",
    "new south wales",
    "welsh language",
    "welsh dresser",
    "english language",
    "scottish terrier",
    "st alban",
    "saint alban",
    "tywysog cymru",
];

/// The names of the nations.
const OWN_NAMES: [(Nation, &[&str]); 4] = [
    (Nation::England, &["england", "lloegr"]),
    (Nation::Scotland, &["scotland", "alban"]),
    (Nation::Wales, &["wales", "cymru", "gymru", "nghymru"]),
    (
        Nation::NorthernIreland,
        &[
            "n ireland",
            "northern ireland",
            "gogledd iwerddon",
            "ogledd iwerddon",
            "ngogledd iwerddon",
            "nogledd iwerddon",
        ],
    ),
];

/// An adjective counts only before a word for rules or authorities.
const ADJECTIVES: [(Nation, &str); 4] = [
    (Nation::England, "english"),
    (Nation::Scotland, "scottish"),
    (Nation::Wales, "welsh"),
    (Nation::NorthernIreland, "northern irish"),
];
const RULED: [&str; 10] = [
    "council",
    "rule",
    "rules",
    "law",
    "school",
    "resident",
    "address",
    "government",
    "side",
    "bus pass",
];

static NAMES: LazyLock<Option<Names<Nation>>> = LazyLock::new(|| {
    let places: BTreeMap<Nation, Vec<String>> =
        toml::from_str(include_str!("places.toml")).unwrap_or_default();
    let mut names: Vec<(Option<Nation>, String)> = Vec::new();
    for nation in Nation::ALL {
        let places = places.get(&nation).into_iter().flatten();
        names.extend(places.map(|place| (Some(nation), place.clone())));
    }
    for (nation, own) in OWN_NAMES {
        names.extend(own.iter().map(|name| (Some(nation), (*name).to_owned())));
    }
    for (nation, adjective) in ADJECTIVES {
        names.extend(RULED.iter().map(|ruled| (Some(nation), format!("{adjective} {ruled}"))));
    }
    names.extend(NOT_A_NATION.iter().map(|name| (None, (*name).to_owned())));
    Names::new(&names)
});

/// Whether the text names the area of the body: a word of its name that is not a word for a body.
fn names_the_body(text: &str, pilot: &Pilot) -> bool {
    const KINDS: [&str; 26] = [
        "council",
        "city",
        "county",
        "borough",
        "district",
        "department",
        "agency",
        "office",
        "authority",
        "the",
        "of",
        "for",
        "and",
        "public",
        "body",
        "unnamed",
        "ministry",
        "service",
        "services",
        "royal",
        "metropolitan",
        "town",
        "community",
        "government",
        "national",
        "uk",
    ];
    let words = plain_words(text);
    plain_words(&pilot.body)
        .iter()
        .any(|name| name.len() > 2 && !KINDS.contains(&name.as_str()) && words.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nations_are_read_from_words() {
        let pilot = Pilot {
            body: "Aberwen Council".into(),
            nation: Some(Nation::Wales),
            ..Pilot::default()
        };
        for (text, expected, assumed) in [
            ("can I use my blue badge in scotland?", Some(Nation::Scotland), false),
            ("Alla i ddefnyddio fy mathodyn yng Nghymru?", Some(Nation::Wales), false),
            ("I live in Hereford, how much is it", Some(Nation::England), false),
            ("rules in Northern Ireland", Some(Nation::NorthernIreland), false),
            ("I live in Aberwen but work in England", None, false),
            ("England or Scotland?", None, false),
            ("How much is it in Aberwen?", Some(Nation::Wales), true),
            ("Can I get a letter in the Welsh language?", Some(Nation::Wales), true),
            ("Can you collect my Welsh dresser", Some(Nation::Wales), true),
            ("Do I bank with the Bank of England", Some(Nation::Wales), true),
            ("how much is a permit", Some(Nation::Wales), true),
        ] {
            let place = of(text, None, &pilot);
            assert_eq!((place.nation, place.assumed), (expected, assumed), "{text}");
        }
        let chosen = of("how much is it", Some(Nation::Scotland), &pilot);
        assert_eq!((chosen.nation, chosen.assumed), (Some(Nation::Scotland), false));
        assert_eq!(of("how much is it", None, &Pilot::default()).nation, None);
    }

    #[test]
    fn names_stand_side_by_side_and_in_no_longer_word() {
        for (text, expected) in [
            ("England Wales", vec![Nation::England, Nation::Wales]),
            ("the new walesby road", vec![]),
            (
                "yng Ngogledd Iwerddon ac yn yr Alban",
                vec![Nation::Scotland, Nation::NorthernIreland],
            ),
            ("English rules in New South Wales", vec![Nation::England]),
            ("an English person", vec![]),
        ] {
            let found: Vec<Nation> = named_in(text).iter().collect();
            assert_eq!(found, expected, "{text}");
        }
        for (place, nation) in [
            ("leeds", Nation::England),
            ("dundee", Nation::Scotland),
            ("powys", Nation::Wales),
            ("newry", Nation::NorthernIreland),
        ] {
            assert!(named_in(place).contains(nation), "the places of {nation:?} are read");
        }
    }
}
