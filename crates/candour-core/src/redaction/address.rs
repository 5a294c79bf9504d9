//! Postcodes and addresses. The outward half of a postcode stays: it tells the nation and the council
//! and names thousands of households. With a house before it, the whole address goes.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::view::{View, pattern};
use super::{Found, MaskKind, PublicContacts};

static POSTCODE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b([A-Z]{1,2})(?:\d{1,2}|\d[A-Z]) {0,2}(\d[ABD-HJLNP-UW-Z]{2})\b")
});

/// After these words "sa1 3rd" is no day.
static POSTCODE_CUE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:(?:post ?|zip ?)code|cod post)[ :]*(?:(?:is|was|yw|ydy|ydi) )?$")
});

macro_rules! house_and_street {
    () => {
        concat!(
            r"(?i)(?:\b(?:flat|apartment|apt|unit|room|fflat|uned)\.? ?[a-z0-9]{1,4},? {1,2}(?:[\p{L}'.-]+ (?:house|court|lodge|tower|mansions|point|heights|buildings|t[ŷy]),? )?)?",
            r"\b\d{1,4}[a-z]?(?: ?[-/] ?\d{1,4}[a-z]?)?,? {1,2}(?:(?:stryd|heol|ffordd|lôn|rhodfa|maes|clos|tan-y|cae)(?: (?:y|yr))? [\p{L}'.-]+(?: [\p{L}'.-]+){0,2}?",
            r"|(?:[\p{L}'.-]+ {1,2}){1,4}?(?:street|st|road|rd|avenue|ave|lane|ln|close|drive|crescent|place|terrace|",
            r"way|gardens|grove|court|square|hill|mews|row|park|view|walk|parade|green|rise|heol|stryd)\b\.?)",
        )
    };
}

/// A house and a street up to the postcode, which may be a town and a county away.
static BEFORE: LazyLock<Regex> =
    LazyLock::new(|| pattern(concat!(house_and_street!(), r"[^0-9\x1a?!]{0,64}$")));
/// A house number and names: "14 Brynhyfryd, Tre'r Ddol".
static NAMES_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:P\.?O\.? Box )?\d{1,4}[A-Za-z]?,?\s{1,2}\p{Lu}[\p{L}'.-]*,?\s{1,2}(?:(?:\p{Lu}[\p{L}'.-]*|y|yr|y'r|of|on|upon|the),?\s{1,2}){0,6}$",
    )
});
/// A house's name, a street and perhaps a town: "The Old Rectory, Church Lane, Llanfair".
static NAMED_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:\p{Lu}[\p{L}'.-]+(?: [\p{L}'.-]+){0,3}, ){1,3}\p{Lu}[\p{L}'.-]+(?: \p{Lu}[\p{L}'.-]+){0,3},? $",
    )
});
/// A house and a street on their own count as an address only where someone says that they live there.
static STREET: LazyLock<Regex> = LazyLock::new(|| pattern(house_and_street!()));
static HOME_CUE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:live|lives|living|lived|moved|moving|address|home|byw|cyfeiriad|nghyfeiriad)\b[^.!?\n\x1a]{0,24}$",
    )
});

/// A house and a street in ordinary writing need no more: "14 Acacia Avenue", "4 Lôn Glas".
static WRITTEN_OUT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:\b(?:[Ff]lat|[Aa]partment|[Uu]nit|[Rr]oom|[Ff]flat) [A-Za-z0-9]{1,4},? )?",
        r"\b\d{1,4}[A-Za-z]?,? (?:(?:Stryd|Heol|Ffordd|Lôn|Rhodfa|Maes|Clos|Tan-y|Cae)(?: (?:y|yr|Y|Yr))?(?: \p{Lu}[\p{L}'-]+){1,2}",
        r"|(?:\p{Lu}[\p{L}'.-]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Close|Drive|Crescent|Place|Terrace|",
        r"Gardens|Grove|Court|Square|Mews|Row|Walk|View|Rise|Parade|Way|Hill|Heol|Stryd)\b\.?)",
    ))
});
/// Where no capitals tell, a word for where something is must stand before the house.
static AT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:at|outside|opposite|from|in|of|o|yn|ger)\s$"));
static STREET_ALONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b\d{1,4}[a-z]? (?:(?:stryd|heol|ffordd|lôn|rhodfa) [\p{L}'-]+",
        r"|(?:[\p{L}'-]+ ){1,2}?(?:street|road|avenue|lane|crescent|terrace)\b)",
    ))
});

static STREET_WORD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Close|Drive|Crescent|Place|Terrace|Gardens|Grove|Court|Square|Mews|Row|Walk|Hill|Way|Heol|Stryd|Ffordd|Lôn)\b",
    )
});

/// The address of a government, which everyone knows.
static KNOWN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bdowning street$"));

/// "3 years on the way" is a number and a word for streets, but no house.
static NO_HOUSE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?:year|month|week|day|hour|minute|mile|bedroom|kid|adult|time)s?|mph|bus|people|children|per|and|is|are|building|mlynedd|mis|diwrnod|awr|plant)\b",
    )
});

pub(super) fn detect(view: &View, _: &PublicContacts, found: &mut Vec<Found>) {
    let mut add = |range| found.push(Found { kind: MaskKind::Address, range });
    for postcode in POSTCODE.captures_iter(view.text()) {
        let (whole, Some(inward)) = (postcode.get_match(), postcode.get(2)) else { continue };
        let is_area = AREAS.contains(&postcode[1].to_ascii_uppercase().as_str());
        let is_measure = MEASURES.contains(&&inward.as_str()[1..])
            && !POSTCODE_CUE.is_match(view.before(whole.start(), 48));
        if !is_area || is_measure {
            continue;
        }
        let before = view.before(whole.start(), 160);
        let house = BEFORE.find(before).or_else(|| NAMES_BEFORE.find(before));
        let house = house.or_else(|| {
            NAMED_BEFORE.find(before).filter(|named| STREET_WORD.is_match(named.as_str()))
        });
        let house = house.filter(|house| !NO_HOUSE.is_match(house.as_str()));
        match house {
            Some(house) => add(whole.start() - before.len() + house.start()..whole.end()),
            None => add(inward.range()),
        }
    }
    detect_streets(view, &mut add);
}

/// Streets with a house and without a postcode.
fn detect_streets(view: &View, add: &mut impl FnMut(Range<usize>)) {
    let is_house = |text: &str| !NO_HOUSE.is_match(text) && !KNOWN.is_match(text);
    for (rule, cue) in
        [(&STREET, Some(&HOME_CUE)), (&STREET_ALONE, Some(&AT)), (&WRITTEN_OUT, None)]
    {
        for street in rule.find_iter(view.text()).filter(|street| is_house(street.as_str())) {
            if cue.is_none_or(|cue| cue.is_match(view.before(street.start(), 48))) {
                add(street.range());
            }
        }
    }
}

/// "2nd" and "1hr" in lower case: no second half of a postcode.
const MEASURES: [&str; 6] = ["st", "nd", "rd", "th", "hr", "yr"];

/// The letters that a postcode can begin with.
const AREAS: [&str; 125] = [
    "AB", "AL", "B", "BA", "BB", "BD", "BF", "BH", "BL", "BN", "BR", "BS", "BT", "CA", "CB", "CF",
    "CH", "CM", "CO", "CR", "CT", "CV", "CW", "DA", "DD", "DE", "DG", "DH", "DL", "DN", "DT", "DY",
    "E", "EC", "EH", "EN", "EX", "FK", "FY", "G", "GL", "GU", "GY", "HA", "HD", "HG", "HP", "HR",
    "HS", "HU", "HX", "IG", "IM", "IP", "IV", "JE", "KA", "KT", "KW", "KY", "L", "LA", "LD", "LE",
    "LL", "LN", "LS", "LU", "M", "ME", "MK", "ML", "N", "NE", "NG", "NN", "NP", "NR", "NW", "OL",
    "OX", "PA", "PE", "PH", "PL", "PO", "PR", "RG", "RH", "RM", "S", "SA", "SE", "SG", "SK", "SL",
    "SM", "SN", "SO", "SP", "SR", "SS", "ST", "SW", "SY", "TA", "TD", "TF", "TN", "TQ", "TR", "TS",
    "TW", "UB", "W", "WA", "WC", "WD", "WF", "WN", "WR", "WS", "WV", "YO", "ZE",
];

#[cfg(test)]
mod tests {
    use crate::redaction::tests::{check, check_unchanged};

    #[test]
    fn masks_the_inward_half_of_postcodes() {
        for (text, expected) in [
            ("bins at SW1A 2AA?", "bins at SW1A [address]?"),
            ("cf101aa", "cf10[address]"),
            ("M1 1AE and EC1A 1BB", "M1 [address] and EC1A [address]"),
            ("LL55\u{a0}1AB", "LL55\u{a0}[address]"),
            ("3 years in LL55 1AB", "3 years in LL55 [address]"),
            ("my postcode is sa1 3rd", "my postcode is sa1 [address]"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn masks_whole_addresses() {
        for (text, expected) in [
            ("I am at 12 Acacia Avenue, Newtown, SY16 2AA.", "I am at [address]."),
            ("Flat 3, 12b acacia road sy16 2aa", "[address]"),
            ("14 Brynhyfryd, Caernarfon LL55 1AB", "[address]"),
            ("The Old Rectory, Church Lane, Llanfair SY21 0AB", "[address]"),
            ("PO Box 123, Swansea SA1 1AA", "[address]"),
            ("I live at 22 heol y bont", "I live at [address]"),
            ("22 Heol y Bont, Aberystwyth SY23 1AA", "[address]"),
            ("I live at 12 Acacia Avenue", "I live at [address]"),
            ("The light outside 14 Acacia Avenue is out", "The light outside [address] is out"),
            ("missed bin at 14 acacia avenue", "missed bin at [address]"),
            ("I am of 4 Lôn Glas, Aberwen", "I am of [address], Aberwen"),
            ("bin 22 Heol y Bont heb ei gasglu", "bin [address] heb ei gasglu"),
            ("dwi'n byw yn 5 Stryd Fawr", "dwi'n byw yn [address]"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn leaves_what_is_no_address() {
        for text in [
            "SW1A",
            "P45 2ND job",
            "my e10 2nd job",
            "SA100",
            "V5C",
            "IHT400 3AB",
            "M25 1hr",
            "10 Downing Street",
            "QQ1 1AA",
            "VATGPB2000",
            "live for 3 years on the way",
            "2 parking permits in my street",
            "in 20 mph road",
            "fined at 3 Bus Lane cameras",
            "Enter address line 1, typically the building and street",
            "Hello, is Church Lane, Llanfair closed?",
            "Who lives at 10 Downing Street?",
        ] {
            check_unchanged(text);
        }
    }
}
