//! Numbers with what they count, rates, times of day, ordinals and codes.

use super::names::{Unit, base, ordinal, unit, word_number};
use super::{Kind, Value};
use crate::verify::reading::{Word, text_at};

/// The figure that begins at a place, but for dates, and where it ends.
pub(super) fn value_at(words: &[Word], at: usize, is_welsh: bool) -> Option<(Value, usize)> {
    let word = &words[at];
    if word.text.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(number_at(words, at, is_welsh));
    }
    if let Some(value) = clock_name(words, at) {
        return Some(value);
    }
    if let Some(rate) = rate_at(words, at, is_welsh) {
        return Some(rate);
    }
    if word.text.chars().any(|c| c.is_ascii_digit()) {
        return Some((Value::Code(word.text.clone()), at + 1));
    }
    if let Some((amount, end)) = word_number(words, at, is_welsh) {
        let (value, end) = counted(amount, words, at, end, is_welsh);
        let end = end + if is_welsh && base(words, end).is_some() { 2 } else { 0 };
        // `One` and `a` stand for things more often than for a number.
        let is_bare = matches!(value, Value::Amount(1000, Kind::Plain));
        return (!is_bare).then_some((value, end));
    }
    ordinal(words, at, is_welsh).map(|number| (Value::Ordinal(number), at + 1))
}

/// What begins with a digit: a number with its unit, a time, an ordinal, or a code.
fn number_at(words: &[Word], at: usize, is_welsh: bool) -> (Value, usize) {
    let text = &words[at].text;
    let digits_end = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
    let (digits, letters) = text.split_at(digits_end);
    let code = || (Value::Code(text.clone()), at + 1);
    let next = words.get(at + 1).map(|word| word.text.as_str());
    if text == "12" && matches!(next, Some("noon" | "midday" | "midnight")) {
        return clock_name(words, at + 1).unwrap_or_else(code);
    }
    // The Welsh `am` is `for`.
    let meridiem = if letters.is_empty() && !is_welsh && !is_pound(words, at) {
        next.filter(|n| matches!(*n, "am" | "pm"))
    } else {
        None
    };
    if let Some(half) = meridiem.or_else(|| Some(letters).filter(|l| matches!(*l, "am" | "pm"))) {
        let end = at + 1 + usize::from(meridiem.is_some());
        return clock(digits, half).map_or_else(code, |value| (value, end));
    }
    if digits.contains(':') {
        return clock(digits, "")
            .filter(|_| letters.is_empty())
            .map_or_else(code, |value| (value, at + 1));
    }
    let Some(amount) = thousandths(digits) else { return code() };
    match letters {
        "" => counted(amount, words, at, at + 1, is_welsh),
        "st" | "nd" | "rd" | "th" if matches!(next, Some("birthday" | "birthdays")) => {
            (Value::Amount(amount, Kind::Age), at + 2)
        }
        "st" | "nd" | "rd" | "th" | "fed" | "eg" | "ain" | "af" => {
            (Value::Ordinal((amount / 1000) as u16), at + 1)
        }
        "s" => (Value::Amount(amount, Kind::Plain), at + 1),
        "p" => (Value::Amount(amount / 100, Kind::Pounds), at + 1),
        // The Welsh `c` is `ceiniog`.
        "c" if is_welsh => (Value::Amount(amount / 100, Kind::Pounds), at + 1),
        "m" if is_pound(words, at) => {
            (Value::Amount(amount.saturating_mul(1_000_000), Kind::Pounds), at + 1)
        }
        "k" if is_pound(words, at) => {
            (Value::Amount(amount.saturating_mul(1000), Kind::Pounds), at + 1)
        }
        letters => match unit(letters, is_welsh) {
            Some(Unit { kind, factor }) => {
                (Value::Amount(amount.saturating_mul(factor), kind), at + 1)
            }
            None => code(),
        },
    }
}

/// Words that stand between a number and what it counts.
const QUALIFIERS: [&str; 11] = [
    "working",
    "calendar",
    "clear",
    "full",
    "whole",
    "further",
    "more",
    "extra",
    "consecutive",
    "o",
    "mwy",
];

fn is_pound(words: &[Word], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| words[before].text == "£")
}

/// A number with what it counts, which may stand behind it over a word such as `full`.
fn counted(amount: i64, words: &[Word], from: usize, end: usize, is_welsh: bool) -> (Value, usize) {
    let word = |at: usize| text_at(words, at);
    let million = match word(end) {
        "million" | "miliwn" => 1_000_000,
        "thousand" | "mil" => 1000,
        _ => 1,
    };
    let (amount, end) = (amount.saturating_mul(million), end + usize::from(million > 1));
    if is_pound(words, from) {
        return (Value::Amount(amount, Kind::Pounds), end);
    }
    if matches!(word(from.wrapping_sub(1)), "aged" | "age" | "oed" | "oedran") {
        return (Value::Amount(amount, Kind::Age), end);
    }
    if matches!(word(end), "pence" | "penny" | "ceiniog" | "geiniog") {
        return (Value::Amount(amount / 100, Kind::Pounds), end + 1);
    }
    let is_percent = match word(end) {
        "%" | "percent" => Some(1),
        "per" if word(end + 1) == "cent" => Some(2),
        "y" if word(end + 1) == "cant" => Some(2),
        _ => None,
    };
    if let Some(length) = is_percent {
        return (Value::Amount(amount, Kind::Percent), end + length);
    }
    // `3 or more days`: the limit stands between the number and what it counts.
    let is_limited = matches!((word(end), word(end + 1)), ("or", "more" | "fewer" | "less"));
    let begin = end + if is_limited { 2 } else { 0 };
    // `Working days`, `diwrnod gwaith`; `5 more days`, `10 full days`, `3 clear working days`.
    let at = (begin..begin + 2).find(|at| !QUALIFIERS.contains(&word(*at))).unwrap_or(begin + 2);
    let Some(Unit { kind, factor }) = unit(word(at), is_welsh) else {
        return (Value::Amount(amount, Kind::Plain), end);
    };
    let is_working =
        (begin..at).any(|at| word(at) == "working") || matches!(word(at + 1), "gwaith" | "waith");
    let after = at + 1 + usize::from(matches!(word(at + 1), "gwaith" | "waith"));
    let after = if is_limited { end } else { after };
    match kind {
        Kind::Day if is_working => (Value::Amount(amount, Kind::WorkingDay), after),
        Kind::Month if factor == 12 && matches!(word(at + 1), "old" | "olds" | "oed") => {
            (Value::Amount(amount, Kind::Age), after + 1)
        }
        // Only a `half day` and the like has a word between that is no part of the unit.
        _ => (Value::Amount(amount.saturating_mul(factor), kind), after),
    }
}

/// `A week`, `each month`, `weekly`.
fn rate_at(words: &[Word], at: usize, is_welsh: bool) -> Option<(Value, usize)> {
    let text = words[at].text.as_str();
    let adverb = match text {
        "weekly" | "wythnosol" => Some((Kind::Day, 7)),
        "monthly" | "misol" | "fisol" => Some((Kind::Month, 1)),
        "yearly" | "annual" | "annually" | "blynyddol" | "flynyddol" => Some((Kind::Month, 12)),
        "daily" | "dyddiol" => Some((Kind::Day, 1)),
        "hourly" => Some((Kind::Hour, 1)),
        "fortnightly" => Some((Kind::Day, 14)),
        _ => None,
    };
    if let Some((kind, factor)) = adverb {
        return Some((Value::Rate(kind, factor), at + 1));
    }
    let leads = if is_welsh {
        matches!(text, "y" | "yr" | "bob" | "pob" | "un")
    } else {
        matches!(text, "a" | "an" | "per" | "each" | "every" | "one" | "the" | "whole")
    };
    let next = words.get(at + 1)?;
    // `Un mis ar ddeg` is eleven.
    if text == "un" && base(words, at + 2).is_some() {
        return None;
    }
    // `Un wythnos`, `a year old child`: the unit must be a time.
    let Unit { kind, factor } = unit(&next.text, is_welsh)?;
    let is_time = matches!(kind, Kind::Day | Kind::Month | Kind::Hour | Kind::Minute);
    (leads && is_time).then_some((Value::Rate(kind, factor), at + 2))
}

/// Noon and midnight.
fn clock_name(words: &[Word], at: usize) -> Option<(Value, usize)> {
    let next = words.get(at + 1).map(|word| word.text.as_str());
    let (minutes, length) = match (words[at].text.as_str(), next) {
        ("noon" | "midday", _) => (12 * 60, 1),
        ("midnight", _) => (0, 1),
        ("hanner", Some("dydd")) => (12 * 60, 2),
        ("hanner", Some("nos")) => (0, 2),
        _ => return None,
    };
    Some((Value::Amount(minutes * 1000, Kind::Clock), at + length))
}

/// A time of day in minutes, from `9`, `9.30` or `16:30`.
fn clock(digits: &str, half: &str) -> Option<Value> {
    let (hours, minutes) = digits.split_once([':', '.']).unwrap_or((digits, "0"));
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    if hours > 24 || minutes > 59 {
        return None;
    }
    let hours = match half {
        "pm" if hours < 12 => hours + 12,
        "am" if hours == 12 => 0,
        _ => hours,
    };
    Some(Value::Amount((hours * 60 + minutes) * 1000, Kind::Clock))
}

/// A number in thousandths: `1,000.50` is 1000500.
fn thousandths(digits: &str) -> Option<i64> {
    let plain: String = digits.chars().filter(|c| *c != ',').collect();
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    if !part.bytes().all(|b| b.is_ascii_digit()) || whole.len() > 12 {
        return None;
    }
    let part: i64 = format!("{part:0<3}")[..3].parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 1000 + part)
}
