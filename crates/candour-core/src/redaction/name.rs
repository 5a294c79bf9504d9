//! Names, only where the words around leave no doubt: "my name is", "Mrs", "my son", "ydw i". Without
//! such words, anything more would mask places, benefits and months.

mod words;

use std::sync::LazyLock;

use regex::Regex;

use self::words::{FORENAMES, NO_NAMES, NO_PERSON};
use super::view::{View, pattern};
use super::{Found, MaskKind, PublicContacts};

static INTRODUCED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:my (?:full |first |last |legal )?name(?: is|'s| ?:)|(?:i am|i'm|am) called|",
        r"fy enw(?: llawn)?(?: i)?(?: yw| ydy| ydi| ?:)|(?:fe'm|cael fy) (?:g|ng)al(?:w|wyd)(?: i)? yn) ",
        r"([\p{L}'.-]+(?: [\p{L}'.-]+){0,2})",
    ))
});
static TITLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:M[Rr]|M[Rr][Ss]|M[Ss]|Miss|MISS|Mx|D[Rr]|Prof(?:essor)?|Sir|Dame|Rev(?:erend)?)\b\.? ",
        r"((?:\p{Lu}\.? )?\p{Lu}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]*){0,2})",
    ))
});
/// "I am Ann Other" in ordinary writing: where every word has a capital, nothing is told by them.
static SELF: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:[Ii] am|[Ii]'?m|[Tt]his is|[Ii]t is|[Ii]t's|[Ff]i (?:yw|ydy)|[Dd]yma) ",
        r"(\p{Lu}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]*\.?){1,2})",
    ))
});
/// "i am ann other": told by the forename.
static FORENAMED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:i am|i'?m|this is|fi yw) (\p{L}+)( [\p{L}'-]+)"));
/// "Siân Williams ydw i".
static SELF_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(\p{Lu}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]+){1,2}) (?:(?:ydw|dw|ydwyf) i|sydd? yma)\b")
});
/// "my son Tom Evans", "my late husband, Tom".
static RELATIVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:[Mm]y|[Oo]ur|[Hh]is|[Hh]er|[Ff]y)(?: late| elderly| disabled| eldest| youngest| diweddar)? ",
        r"(?:(?:step|grand)?(?:son|daughter|mother|father)|wife|husband|partner|fianc[eé]e?|mum|mam|dad|brother|",
        r"sister|nan|gran|grandad|uncle|aunt|auntie|cousin|nephew|niece|friend|neighbour|landlord|landlady|",
        r"tenant|boyfriend|girlfriend|child|baby|carer|mab|merch|ngwraig|ngŵr|mhartner|nhad|mrawd|chwaer|",
        r"ffrind|nghymydog|mhlentyn|nain|taid|mam-gu|nhad-cu)(?: called| named| o'r enw)?,? ",
        r"(\p{Lu}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]+){0,2})",
    ))
});
/// "Kind regards, Ann Other" at the end.
static SIGNED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i:\b(?:regards|thanks|thank you|sincerely|faithfully|yours|diolch|cofion(?: gorau)?))[,.!]? ",
        r"(\p{Lu}[\p{L}'-]+ \p{Lu}[\p{L}'-]+)[.!]?$",
    ))
});

static ENDS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:[.,;!?\n]|\s*$|\s+(?:and|of|from|at|a|ac|o)\b)"));

pub(super) fn detect(view: &View, _: &PublicContacts, found: &mut Vec<Found>) {
    for introduced in INTRODUCED.captures_iter(view.text()) {
        let Some(words) = introduced.get(1) else { continue };
        let length = name_length(words.as_str());
        if length > 0 {
            let range = words.start()..words.start() + length;
            found.push(Found { kind: MaskKind::Name, range });
        }
    }
    for titled in TITLED.captures_iter(view.text()) {
        if let Some(name) = titled.get(1) {
            found.push(Found { kind: MaskKind::Name, range: name.range() });
        }
    }
    for rule in [&SELF, &SELF_AFTER, &RELATIVE, &SIGNED] {
        for told in rule.captures_iter(view.text()) {
            if let Some(name) = told.get(1).filter(|name| is_person(name.as_str())) {
                found.push(Found { kind: MaskKind::Name, range: name.range() });
            }
        }
    }
    for forenamed in FORENAMED.captures_iter(view.text()) {
        let (Some(first), Some(last)) = (forenamed.get(1), forenamed.get(2)) else { continue };
        let lower = first.as_str().to_lowercase();
        if FORENAMES.binary_search(&lower.as_str()).is_ok() {
            // A second word in lower case is a surname only where nothing goes on from it.
            let is_surname = ENDS.is_match(&view.text()[last.end()..])
                || last.as_str().trim_start().starts_with(char::is_uppercase);
            let length = if is_surname { name_length(last.as_str().trim_start()) } else { 0 };
            let end = if length > 0 { last.start() + 1 + length } else { first.end() };
            found.push(Found { kind: MaskKind::Name, range: first.start()..end });
        }
    }
}

/// Whether none of these words, each with a capital, stands in the name of a nation, a service or a day.
fn is_person(words: &str) -> bool {
    words.split([' ', '-']).all(|word| {
        let word = word.trim_end_matches(['.', '\'']).to_lowercase();
        let word = word.strip_suffix("'s").unwrap_or(&word);
        NO_NAMES.binary_search(&word).is_err() && NO_PERSON.binary_search(&word).is_err()
    })
}

/// How many bytes of these words are a name: up to the first word that is none.
fn name_length(words: &str) -> usize {
    let mut length = 0;
    for word in words.split_inclusive(' ') {
        let bare = word.trim_end_matches([' ', '.', '\'', '-']);
        let lower = bare.to_lowercase();
        if bare.is_empty() || NO_NAMES.binary_search(&lower.as_str()).is_ok() {
            break;
        }
        let end = length + bare.len();
        if bare.len() < word.trim_end().len() && bare.chars().count() > 1 {
            // A full stop after a whole word ends the sentence.
            return end;
        }
        length += word.len();
    }
    words[..length].trim_end_matches([' ', '.', '\'', '-']).len()
}

#[cfg(test)]
mod tests {
    use crate::redaction::tests::{check, check_unchanged};

    #[test]
    fn masks_names_after_clear_words() {
        for (text, expected) in [
            ("My name is Ann Other.", "My name is [name]."),
            ("my name is ann other and I moved", "my name is [name] and I moved"),
            ("hi, my name's Siân O’Neil-Jones, hello", "hi, my name's [name], hello"),
            ("I am called Ann", "I am called [name]"),
            ("Fy enw i yw Siân Jones", "Fy enw i yw [name]"),
            ("fy enw yw siân ac rwy'n byw", "fy enw yw [name] ac rwy'n byw"),
            ("does Mr Jones get it? Mrs. A. Smith", "does Mr [name] get it? Mrs. [name]"),
            ("I asked Mr J Jones. What now?", "I asked Mr [name]. What now?"),
            ("Dr Ann Other", "Dr [name]"),
            ("I am John Smith", "I am [name]"),
            ("Hello, I'm Siân Williams and I moved", "Hello, I'm [name] and I moved"),
            ("This is Mary Jones, when are bins?", "This is [name], when are bins?"),
            ("i am john smith", "i am [name]"),
            ("im eric living in a flat", "im [name] living in a flat"),
            ("im sarah and i rent", "im [name] and i rent"),
            ("Gareth Jones ydw i", "[name] ydw i"),
            ("Fi yw Siân Williams", "Fi yw [name]"),
            ("my son Tom Evans is six", "my son [name] is six"),
            ("fy mab Tomos yn yr ysgol", "fy mab [name] yn yr ysgol"),
            ("Where do I vote? Thanks, Ann Other", "Where do I vote? Thanks, [name]"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn leaves_what_is_no_name() {
        for text in [
            "my name is on the deeds",
            "my name is not right",
            "my name is wrong",
            "Miss a payment",
            "is it called Universal Credit",
            "Access to Work",
            "I am British Citizen",
            "I am Self Employed",
            "I Am Self Employed Can I Claim",
            "This is Universal Credit",
            "I'm North Wales based",
            "I'm Welsh",
            "my mum Universal Credit stopped",
            "my partner Polish",
            "my father Council Tax",
            "my son Monday",
            "i am christian and married",
            "i'm will be late",
            "This is Blue Badge",
            "Cyngor Sir ydw i",
            "Thank you Job Centre",
        ] {
            check_unchanged(text);
        }
    }
}
