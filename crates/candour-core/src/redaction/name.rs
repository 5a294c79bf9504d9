//! Names, where the words around leave no doubt: "my name is", "Mrs", "my son", "ydw i"; and a known
//! forename before a surname, both with capitals. Anything more would mask places, benefits and months.

#[macro_use]
mod particles;
mod words;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use self::words::{is_forename, is_known, is_no_name, is_no_person, is_no_surname};
use super::view::{View, pattern};
use super::{Found, MaskKind, PublicContacts};

static INTRODUCED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b(?:my (?:full |first |last |legal )?name(?: is|'s| ?:)|(?:i am|i'm|am) called|",
        r"fy enw(?: llawn)?(?: i)?(?: yw| ydy| ydi| ?:)|(?:fe'm|cael fy) (?:g|ng)al(?:w|wyd)(?: i)? yn)",
        r"|(?:^|[\n,;.>(])\s?(?:(?:full |first |last )?name|applicant|claimant|patient|tenant|enw(?: llawn)?|ymgeisydd) ?[:-]) ?",
        r"([\p{L}'.-]+(?: [\p{L}'.-]+){0,2})",
    ))
});
/// "My wife's name is Bethan", with capitals, or told by the forename.
static OTHERS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    macro_rules! cue {
        () => {
            concat!(
                r"(?i:\b(?:(?:my (?:late |ex-?|eldest |youngest )?(?:wife|husband|partner|son|daughter|mum|mam|mom|mother|dad|father|",
                r"brother|sister|nan|gran\w*|uncle|aunt\w*|cousin|nephew|niece|friend|mate|neighbour|landlord|landlady|tenant|lodger|",
                r"carer|boyfriend|girlfriend|ex|child|baby|boy|girl|kid|step\w+|fianc\w+|flatmate|housemate|manager|teacher|doctor|gp)",
                r"(?:'s|s'?)|his|her|their) (?:full |first |last |maiden |middle )?name(?: is|'s| ?:)",
                r"|enw (?:fy |ein )\p{L}+(?: yw| ydy| ydi| ?:)|ei h?enw(?: hi| ef| e| o)?(?: yw| ydy| ydi| ?:))) ?",
            )
        };
    }
    [
        pattern(concat!(cue!(), r"(\p{Lu}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]+){0,2})")),
        pattern(concat!(cue!(), r"(\p{L}[\p{L}'-]+(?: [\p{L}'-]+)?)")),
    ]
});
/// "Name: Jones, Ann".
static SURNAME_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:^|[\n,;.>(])\s?(?:(?:full )?name|applicant|claimant|patient|tenant|enw(?: llawn)?|ymgeisydd) ?[:-] ?",
        r"([\p{L}'-]+, ?(\p{L}[\p{L}'-]*))",
    ))
});
static TITLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:[Mm][Rr]|[Mm][Rr][Ss]|[Mm][Ss]|Miss|MISS|Mx|[Dd][Rr]|Prof(?:essor)?|Sir|Dame|Rev(?:erend)?)\b\.? ",
        r"((?:",
        particle!(),
        r" ){0,2}(?:\p{Lu}\.? )?\p{Lu}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]*\.?){0,2})",
    ))
});
/// "I am Ann Other" in ordinary writing: where every word has a capital, nothing is told by them.
static SELF: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:[Ii] am|[Ii]'?m|[Ff]i (?:yw|ydy)) (\p{Lu}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]*\.?){1,2})",
    )
});
/// "i am ann other": told by the forename.
static FORENAMED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:i am|i'?m|this is|fi yw) (\p{L}+)( [\p{L}'-]+)"));
/// "Siân Williams ydw i".
static SELF_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(\p{Lu}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]+){1,2}) (?:(?:ydw|dw|ydwyf) i|sydd? yma|here)\b")
});
/// "my son Tom Evans", "my late husband, Tom".
static RELATIVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:[Mm]y|[Oo]ur|[Hh]is|[Hh]er|[Ff]y)(?: late| elderly| disabled| eldest| youngest| diweddar)? ",
        r"(?:(?:step|grand)?(?:son|daughter|mother|father)|wife|husband|partner|fianc[eé]e?|mum|mam|dad|brother|",
        r"sister|nan|gran|grandad|uncle|aunt|auntie|cousin|nephew|niece|friend|neighbour|landlord|landlady|",
        r"tenant|ex(?:-husband|-wife|-partner)?|boyfriend|girlfriend|child|baby|carer|mab|merch|ngwraig|ngŵr|mhartner|nhad|mrawd|chwaer|",
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

/// "for Fatima Begum, who": a forename and a surname in ordinary writing.
static FULL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(\p{Lu}\p{Ll}[\p{L}'-]*)((?: \p{Lu}\.?)?(?: ",
        particle!(),
        r"){0,2}(?: \p{Lu}[\p{L}'-]+\.?){1,2})",
    ))
});
/// "ask for Janice": a forename alone, after words that a person follows.
static MET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:[Aa]sk(?:ed|ing)? for|[Ss](?:poke|peak|poken|peaking) (?:to|with)|[Tt]alk(?:ed|ing)? (?:to|with)|",
        r"[Ll]ook(?:ing|ed)? after|[Cc]ar(?:e|es|ed|ing) for|[Nn]amed|[Cc]alled|[Bb]aby|[Ff]ostering|o'r enw|[Ss]iarad â)",
        r" (\p{Lu}\p{Ll}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]+\.?){0,2})",
    ))
});
/// "the name on the account is Zsófia Szabó": two capitals after a word for names.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:[Nn]ames?|[Ss]igned by)\b",
        r"(?: (?:is|was|to|as|of|from|for|on|under|in|it|the|my|account|now|be|called|should|correct|incorrectly|appears|please|change|says)){0,6}:? ",
        r"(?:M[rs]s?\.? )?(\p{Lu}[\p{L}'-]+(?: \p{Lu}\.?)?(?: \p{Lu}[\p{L}'-]+\.?){1,2})",
    ))
});

/// What is called after someone, where it is written without a capital: "Lloyd George avenue".
const STREETS: [&str; 10] = [
    "avenue", "street", "lane", "crescent", "terrace", "stadium", "hospital", "library", "museum",
    "statue",
];

static ENDS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:[.,;!?\n]|\s*$|\s+(?:and|of|from|at|a|ac|o)\b)"));

pub(super) fn detect(view: &View, _: &PublicContacts, found: &mut Vec<Found>) {
    let mut add = |range: Range<usize>| {
        let range = range.start..particles::end_of(view.text(), range.start, range.end);
        found.push(Found { kind: MaskKind::Name, range });
    };
    for introduced in INTRODUCED.captures_iter(view.text()) {
        let Some(words) = introduced.get(1) else { continue };
        let (length, _) = length_of_name(words.as_str(), is_no_name);
        if length > 0 {
            add(words.start()..words.start() + length);
        }
    }
    for inverted in SURNAME_FIRST.captures_iter(view.text()) {
        if let (Some(whole), Some(first)) = (inverted.get(1), inverted.get(2))
            && is_forename(first.as_str())
        {
            add(whole.range());
        }
    }
    let rules: [(&Regex, usize); 9] = [
        (&TITLED, 1),
        (&SELF, 2),
        (&SELF_AFTER, 2),
        (&RELATIVE, 1),
        (&SIGNED, 2),
        (&NAMED, 2),
        (&MET, 3),
        (&OTHERS[0], 1),
        (&OTHERS[1], 3),
    ];
    for (rule, least) in rules {
        for told in rule.captures_iter(view.text()) {
            let Some(words) = told.get(1) else { continue };
            let first = words.as_str().split(' ').next().unwrap_or_default();
            let is_none = if is_forename(first) { is_no_surname } else { is_no_person };
            let (length, count) = length_of_name(words.as_str(), is_none);
            let name = words.start()..words.start() + length;
            let is_whole = count >= least || is_forename(first);
            if length > 0 && is_whole && !is_known(&view.text()[name.clone()]) {
                add(name);
            }
        }
    }
    detect_forenamed(view, &mut add);
    detect_full(view, &mut add);
}

fn detect_forenamed(view: &View, add: &mut impl FnMut(Range<usize>)) {
    for forenamed in FORENAMED.captures_iter(view.text()) {
        let (Some(first), Some(last)) = (forenamed.get(1), forenamed.get(2)) else { continue };
        if !is_forename(first.as_str()) {
            continue;
        }
        // A second word in lower case is a surname only where nothing goes on from it.
        let is_surname = ENDS.is_match(&view.text()[last.end()..])
            || last.as_str().trim_start().starts_with(char::is_uppercase);
        let surname = last.as_str().trim_start();
        let (length, _) = if is_surname { length_of_name(surname, is_no_name) } else { (0, 0) };
        let end = if length > 0 { last.start() + 1 + length } else { first.end() };
        add(first.start()..end);
    }
}

fn detect_full(view: &View, add: &mut impl FnMut(Range<usize>)) {
    for full in FULL.captures_iter(view.text()) {
        let (Some(first), Some(rest)) = (full.get(1), full.get(2)) else { continue };
        let (length, _) = length_of_name(&rest.as_str()[1..], is_no_surname);
        let name = first.start()..rest.start() + 1 + length;
        // "Duncan Lewis Solicitors", "Robert Gordon University": a body that is called after someone.
        let after = view.after(name.end, 32);
        let is_body = after.strip_prefix(' ').is_some_and(|after| {
            let next = after.split([' ', ',', '.', '?', '!']).next().unwrap_or_default();
            is_no_person(next) && next.starts_with(char::is_uppercase) || STREETS.contains(&next)
        });
        let surname = rest.as_str()[1..].get(..length).unwrap_or_default();
        let is_initial = surname.trim_end_matches('.').chars().nth(1).is_none();
        if is_forename(first.as_str())
            && !is_initial
            && !is_body
            && !is_known(&view.text()[name.clone()])
        {
            add(name);
        }
    }
}

/// How many bytes and words of these are a name: up to the first word that is none, or to where the
/// sentence ends.
fn length_of_name(words: &str, is_none: fn(&str) -> bool) -> (usize, usize) {
    let (mut length, mut count) = (0, 0);
    for word in words.split_inclusive(' ') {
        let bare = word.trim_end_matches([' ', '.', '\'', '-']);
        if particles::is_one(bare) {
            length += word.len();
            continue;
        }
        let is_initial = bare.len() == 1 && bare.starts_with(|one: char| one.is_ascii_uppercase());
        let is_initial = is_initial && (bare != "I" || word.starts_with("I."));
        if bare.is_empty() || is_none(bare) && !is_initial {
            break;
        }
        count += 1;
        if bare.len() < word.trim_end().len() && bare.chars().count() > 1 {
            return (length + bare.len(), count);
        }
        length += word.len();
    }
    (words[..length].trim_end_matches([' ', '.', '\'', '-']).len(), count)
}

#[cfg(test)]
mod tests {
    use crate::redaction::tests::{check, check_unchanged};

    #[test]
    fn masks_names_after_clear_words() {
        for (text, expected) in [
            ("My name is Ann Other.", "My name is [name]."),
            ("I saw Emily Carter drive off", "I saw [name] drive off"),
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
            ("I write for Fatima Begum, who", "I write for [name], who"),
            ("Emma J. Clarke. Please help", "[name]. Please help"),
            ("the name on my account is Zsófia Szabó", "the name on my account is [name]"),
            ("Name: Victoria Bruun\nPhone", "Name: [name]\nPhone"),
            ("I am Mr Rhys ap Gwilym, how", "I am Mr [name], how"),
            ("My name is Pieter van der Berg", "My name is [name]"),
            ("My name is Pieter van der Berg and I", "My name is [name] and I"),
            ("I'm Mrs van der Berg", "I'm Mrs [name]"),
            ("Kind regards, Mohammed Al-Fayed", "Kind regards, [name]"),
            ("a permit for Peter van der Berg, who", "a permit for [name], who"),
            ("it was Maria de la Cruz who", "it was [name] who"),
            ("Mrs Angharad ferch Llywelyn ydw i", "Mrs [name] ydw i"),
            ("my wife's name is Bethan", "my wife's name is [name]"),
            ("my daughters name is chloe evans", "my daughters name is [name]"),
            ("her name is Ann Other", "her name is [name]"),
            ("enw fy mab yw Ifan", "enw fy mab yw [name]"),
            ("ei henw hi yw Cadi", "ei henw hi yw [name]"),
            ("name: Jones, Ann", "name: [name]"),
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
            "Robert Gordon University fees",
            "Elizabeth Line delay",
            "John Lewis gift card",
            "what did Rachel Reeves say",
            "Access To Work Grant",
            "Claimant Directions Questionnaire",
            "MS Word Document",
            "is a de facto partner counted",
            "a van Hire permit in Le Mans",
            "Dr de facto",
            "the Solomon Islands",
            "Lloyd George avenue parking",
            "my dog's name is Rex",
            "David Thomas street works",
            "her name is on the tenancy",
            "my husband's name is not on the deeds",
            "their name is missing",
            "her name is been misspelt",
            "my street name is wrong",
            "enw fy stryd yw'r broblem",
            "Name: ",
        ] {
            check_unchanged(text);
        }
    }
}
