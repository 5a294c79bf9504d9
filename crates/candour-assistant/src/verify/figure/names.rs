//! Words for numbers and for what is counted, in English and in Welsh.

use super::Kind;
use crate::verify::reading::{Word, text_at};

/// A unit, and how many of its kind it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub(super) kind: Kind,
    pub(super) factor: i64,
}

/// The unit that a word names.
pub(super) fn unit(word: &str, is_welsh: bool) -> Option<Unit> {
    let of = |kind, factor| Some(Unit { kind, factor });
    match word {
        "pounds" | "pound" | "punt" | "bunt" | "phunt" => return of(Kind::Pounds, 1),
        "metre" | "metres" | "meter" | "meters" | "metr" | "fetr" | "medr" => {
            return of(Kind::Measure("m"), 1);
        }
        "km" | "kilometre" | "kilometres" | "cilometr" => return of(Kind::Measure("km"), 1),
        "cm" | "centimetre" | "centimetres" => return of(Kind::Measure("cm"), 1),
        "mm" | "millimetre" | "millimetres" => return of(Kind::Measure("mm"), 1),
        "mile" | "miles" | "milltir" | "filltir" => return of(Kind::Measure("mile"), 1),
        "tonne" | "tonnes" | "tunnell" | "dunnell" => return of(Kind::Measure("tonne"), 1),
        "kg" | "kilogram" | "kilograms" => return of(Kind::Measure("kg"), 1),
        "litre" | "litres" | "litr" => return of(Kind::Measure("litre"), 1),
        _ => {}
    }
    if is_welsh { welsh_unit(word) } else { english_unit(word) }
}

fn english_unit(word: &str) -> Option<Unit> {
    let (kind, factor) = match word {
        "day" | "days" => (Kind::Day, 1),
        "week" | "weeks" => (Kind::Day, 7),
        "fortnight" | "fortnights" => (Kind::Day, 14),
        "month" | "months" => (Kind::Month, 1),
        "year" | "years" => (Kind::Month, 12),
        "hour" | "hours" => (Kind::Hour, 1),
        "minute" | "minutes" | "mins" => (Kind::Minute, 1),
        "times" => (Kind::Times, 1),
        _ => return None,
    };
    Some(Unit { kind, factor })
}

fn welsh_unit(word: &str) -> Option<Unit> {
    let (kind, factor) = match word {
        "diwrnod" | "ddiwrnod" | "niwrnod" | "diwrnodau" | "ddiwrnodau" | "dydd" | "ddydd"
        | "dyddiau" | "diwrnodaur" => (Kind::Day, 1),
        "wythnos" | "wythnosau" => (Kind::Day, 7),
        "pythefnos" | "bythefnos" => (Kind::Day, 14),
        "mis" | "fis" | "misoedd" | "fisoedd" | "mhis" => (Kind::Month, 1),
        "blwyddyn" | "flwyddyn" | "mlwyddyn" | "blynedd" | "flynedd" | "mlynedd"
        | "blynyddoedd" | "flynyddoedd" => (Kind::Month, 12),
        "awr" | "oriau" => (Kind::Hour, 1),
        "munud" | "funud" | "munudau" | "funudau" => (Kind::Minute, 1),
        "oed" => (Kind::Age, 1),
        "gwaith" | "waith" => (Kind::Times, 1),
        _ => return None,
    };
    Some(Unit { kind, factor })
}

/// Words that may stand between a number and the words that limit it.
pub(in crate::verify) fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "£" | "the"
            | "a"
            | "an"
            | "age"
            | "of"
            | "aged"
            | "end"
            | "first"
            | "next"
            | "about"
            | "around"
            | "total"
            | "another"
            | "further"
            | "your"
            | "is"
            | "are"
            | "be"
            | "on"
            | "in"
            | "year"
            | "years"
            | "old"
            | "week"
            | "month"
            | "day"
            | "days"
            | "months"
            | "weeks"
            | "metres"
            | "per"
            | "each"
            | "tua"
            | "dydd"
            | "ddydd"
            | "fis"
            | "mis"
            | "oedran"
            | "oed"
            | "y"
            | "yr"
            | "mlwydd"
            | "eich"
            | "diwedd"
            | "wythnos"
            | "flwyddyn"
            | "blwyddyn"
            | "approximately"
            | "roughly"
            | "only"
            | "at"
            | "month's"
            | "wedi"
            | "pen"
            | "blwydd"
            | "hours"
            | "minutes"
            | "m"
            | "every"
            | "it"
            | "they"
            | "long"
            | "wide"
            | "tall"
            | "high"
            | "mewn"
    )
}

/// A number in words that begins at a place, in thousandths, and where it ends: `twenty-one`, `six and
/// a half`, `half`.
pub(super) fn word_number(words: &[Word], at: usize, is_welsh: bool) -> Option<(i64, usize)> {
    let text = |at: usize| text_at(words, at);
    if let Some(fraction) = fraction((text(at), text(at + 1), text(at + 2)), is_welsh) {
        return Some(fraction).map(|(value, length)| (value, at + length));
    }
    let (mut value, mut end) = below_hundred(words, at, is_welsh)?;
    while let Some(times) = multiplier(text(end)) {
        value = value.saturating_mul(times);
        end += 1;
    }
    // A hundred and fifty.
    if value >= 100_000
        && text(end) == "and"
        && let Some((rest, after)) = below_hundred(words, end + 1, is_welsh)
        && rest < 100_000
    {
        (value, end) = (value.saturating_add(rest), after);
    }
    if let Some(base) = base(words, end).filter(|_| is_welsh) {
        return Some((value.saturating_add(base), end + 2));
    }
    // `Un mis ar ddeg`: what is counted stands between the two parts.
    if is_welsh && unit(text(end), true).is_some() {
        value = value.saturating_add(base(words, end + 1).unwrap_or(0));
    }
    if text(end) == "and" && text(end + 1) == "a" && text(end + 2) == "half" {
        value = value.saturating_add(500);
        end += 3;
    }
    Some((value, end))
}

/// A number of a word or two: `nine`, `twenty-one`, `dau ddeg un`.
fn below_hundred(words: &[Word], at: usize, is_welsh: bool) -> Option<(i64, usize)> {
    let text = |at: usize| text_at(words, at);
    let number = |at: usize| {
        let table = if is_welsh { WELSH } else { ENGLISH };
        table.iter().find(|(name, _)| *name == text(at)).map(|(_, number)| *number)
    };
    let mut value = number(at)?;
    let mut end = at + 1;
    let is_tens =
        is_welsh && value < 10 && matches!(text(end), "deg" | "ddeg" | "ugain" | "hugain");
    if is_tens {
        value *= if text(end).ends_with("deg") { 10 } else { 20 };
        end += 1;
    }
    if ((20..100).contains(&value) || is_tens)
        && let Some(ones) = number(end).filter(|ones| (1..10).contains(ones))
    {
        value += ones;
        end += 1;
    }
    Some((value * 1000, end))
}

fn multiplier(word: &str) -> Option<i64> {
    match word {
        "hundred" | "cant" | "gant" | "chant" => Some(100),
        "dozen" => Some(12),
        _ => None,
    }
}

/// What a Welsh number is added to, behind it: `ar ddeg`, `ar bymtheg`, `ar hugain`.
pub(super) fn base(words: &[Word], at: usize) -> Option<i64> {
    let text = |at: usize| text_at(words, at);
    let base = match text(at + 1) {
        "ddeg" => 10_000,
        "bymtheg" => 15_000,
        "hugain" => 20_000,
        "ddeugain" => 40_000,
        _ => return None,
    };
    (text(at) == "ar").then_some(base)
}

fn fraction((word, next, after): (&str, &str, &str), is_welsh: bool) -> Option<(i64, usize)> {
    if is_welsh {
        return match word {
            "hanner" if matches!(next, "cant" | "can") => Some((50_000, 2)),
            "hanner" if next == "dwsin" => Some((6_000, 2)),
            "hanner" => Some((500, 1)),
            "chwarter" => Some((250, 1)),
            "traean" | "draean" => Some((333, 1)),
            _ => None,
        };
    }
    match (word, next) {
        ("half", "dozen") => Some((6_000, 2)),
        ("half", "a") if after == "dozen" => Some((6_000, 3)),
        ("half" | "halved" | "halves", _) => Some((500, 1)),
        ("quarter", _) => Some((250, 1)),
        ("a" | "one", "third") => Some((333, 2)),
        ("two", "thirds") => Some((667, 2)),
        ("three", "quarters") => Some((750, 2)),
        _ => None,
    }
}

/// The number of an ordinal in words.
pub(super) fn ordinal(words: &[Word], at: usize, is_welsh: bool) -> Option<u16> {
    let text = words[at].text.as_str();
    let table: &[&[&str]] = if is_welsh { &WELSH_ORDINALS } else { &ENGLISH_ORDINALS };
    table.iter().position(|names| names.contains(&text)).map(|number| number as u16 + 1)
}

const ENGLISH_ORDINALS: [&[&str]; 12] = [
    &["first"],
    &["second"],
    &["third"],
    &["fourth"],
    &["fifth"],
    &["sixth"],
    &["seventh"],
    &["eighth"],
    &["ninth"],
    &["tenth"],
    &["eleventh"],
    &["twelfth"],
];

const WELSH_ORDINALS: [&[&str]; 5] = [
    &["cyntaf", "gyntaf", "chyntaf"],
    &["ail"],
    &["trydydd", "trydedd", "drydydd", "drydedd"],
    &["pedwerydd", "pedwaredd", "bedwerydd", "bedwaredd"],
    &["pumed", "bumed"],
];

const ENGLISH: &[(&str, i64)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
    ("dozen", 12),
    ("twice", 2),
    ("double", 2),
    ("triple", 3),
    ("thrice", 3),
];

const WELSH: &[(&str, i64)] = &[
    ("un", 1),
    ("dau", 2),
    ("dwy", 2),
    ("ddau", 2),
    ("ddwy", 2),
    ("thri", 3),
    ("tri", 3),
    ("tair", 3),
    ("dri", 3),
    ("dair", 3),
    ("thair", 3),
    ("pedwar", 4),
    ("pedair", 4),
    ("bedwar", 4),
    ("bedair", 4),
    ("phedwar", 4),
    ("pump", 5),
    ("pum", 5),
    ("bump", 5),
    ("bum", 5),
    ("phump", 5),
    ("phum", 5),
    ("chwech", 6),
    ("chwe", 6),
    ("saith", 7),
    ("wyth", 8),
    ("naw", 9),
    ("deg", 10),
    ("ddeg", 10),
    ("deng", 10),
    ("ddeng", 10),
    ("deuddeg", 12),
    ("ddeuddeg", 12),
    ("deuddeng", 12),
    ("ddeuddeng", 12),
    ("dwsin", 12),
    ("ddwsin", 12),
    ("pymtheg", 15),
    ("bymtheg", 15),
    ("phymtheg", 15),
    ("pymtheng", 15),
    ("bymtheng", 15),
    ("deunaw", 18),
    ("ddeunaw", 18),
    ("ugain", 20),
    ("hugain", 20),
    ("deugain", 40),
    ("ddeugain", 40),
    ("trigain", 60),
    ("drigain", 60),
    ("thrigain", 60),
    ("cant", 100),
    ("gant", 100),
    ("ddwywaith", 2),
    ("dwywaith", 2),
    ("deirgwaith", 3),
];
