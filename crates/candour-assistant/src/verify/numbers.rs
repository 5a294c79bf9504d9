//! Every number of a sentence (money, percentages, dates, times, durations) must be in what it cites.

use std::collections::BTreeSet;

use super::Code;

/// Checks a sentence against the words it cites.
pub(super) fn check(text: &str, quotes: &str) -> Result<(), Code> {
    let known = figures(quotes);
    let is_known = |figure: &Figure| {
        known.contains(figure) || known.iter().any(|other| figure.is_loosely(other))
    };
    let agrees = figures(text).iter().all(is_known) && calendar(text).is_subset(&calendar(quotes));
    if agrees { Ok(()) } else { Err(Code::NumberMissing) }
}

/// A number with what it counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Figure {
    /// The digits, without commas and without zeros that say nothing.
    value: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Plain,
    Pounds,
    Pence,
    Percent,
    Day,
    Week,
    Month,
    Year,
    Hour,
    Minute,
    Mile,
    Million,
}

impl Figure {
    /// Whether this says no more than `other`: a number without its unit, where the unit may stand
    /// elsewhere in a reworded sentence.
    fn is_loosely(&self, other: &Self) -> bool {
        self.kind == Kind::Plain && self.value == other.value
    }
}

fn figures(text: &str) -> BTreeSet<Figure> {
    let text = text.to_lowercase().replace(['\u{a0}', '\u{202f}'], " ");
    let signs: Vec<char> = text.chars().collect();
    let mut found = BTreeSet::new();
    let mut at = 0;
    while at < signs.len() {
        if signs[at].is_ascii_digit() {
            let end = number_end(&signs, at);
            let value: String = signs[at..end].iter().filter(|c| **c != ',').collect();
            let kind = kind(before(&signs, at), &signs[end..]);
            found.insert(Figure { value: normal(&value), kind });
            at = end;
        } else if signs[at].is_alphabetic() {
            let end = at + signs[at..].iter().take_while(|c| c.is_alphanumeric()).count();
            let word: String = signs[at..end].iter().collect();
            if let Some((_, value)) = NUMBER_WORDS.iter().find(|(name, _)| *name == word) {
                found
                    .insert(Figure { value: (*value).to_owned(), kind: kind(None, &signs[end..]) });
            }
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

/// Where a number ends: it goes on over a comma or point that stands between digits.
fn number_end(signs: &[char], start: usize) -> usize {
    let mut end = start;
    while end < signs.len() {
        let is_digit = signs[end].is_ascii_digit();
        let joins =
            matches!(signs[end], ',' | '.') && signs.get(end + 1).is_some_and(char::is_ascii_digit);
        if !is_digit && !joins {
            break;
        }
        end += 1;
    }
    end
}

fn before(signs: &[char], at: usize) -> Option<char> {
    signs[..at].iter().rev().copied().find(|c| *c != ' ')
}

fn kind(before: Option<char>, after: &[char]) -> Kind {
    let rest: String = after.iter().take(24).collect();
    let word = rest.trim_start_matches([' ', '-', '‑']);
    if before == Some('£') {
        let is_million = ["million", "miliwn", "m "].iter().any(|name| word.starts_with(name));
        return if is_million { Kind::Million } else { Kind::Pounds };
    }
    // A number hangs on the word after it, over `working`, `calendar` and the like.
    let word = ["working ", "calendar ", "full ", "whole ", "o "]
        .iter()
        .find_map(|adjective| word.strip_prefix(adjective))
        .unwrap_or(word);
    UNITS.iter().find(|(name, _)| word.starts_with(name)).map_or(Kind::Plain, |(_, kind)| *kind)
}

/// Beginnings of words for what is counted, the longer ones first.
const UNITS: [(&str, Kind); 30] = [
    ("%", Kind::Percent),
    ("per cent", Kind::Percent),
    ("percent", Kind::Percent),
    ("y cant", Kind::Percent),
    ("pounds", Kind::Pounds),
    ("punt", Kind::Pounds),
    ("bunt", Kind::Pounds),
    ("pence", Kind::Pence),
    ("ceiniog", Kind::Pence),
    ("geiniog", Kind::Pence),
    ("million", Kind::Million),
    ("miliwn", Kind::Million),
    ("day", Kind::Day),
    ("diwrnod", Kind::Day),
    ("ddiwrnod", Kind::Day),
    ("niwrnod", Kind::Day),
    ("week", Kind::Week),
    ("wythnos", Kind::Week),
    ("month", Kind::Month),
    ("mis", Kind::Month),
    ("fis", Kind::Month),
    ("year", Kind::Year),
    ("blynedd", Kind::Year),
    ("flynedd", Kind::Year),
    ("mlynedd", Kind::Year),
    ("hour", Kind::Hour),
    ("awr", Kind::Hour),
    ("minute", Kind::Minute),
    ("munud", Kind::Minute),
    ("mile", Kind::Mile),
];

/// Words for numbers that change what is owed or allowed.
const NUMBER_WORDS: [(&str, &str); 23] = [
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("twenty", "20"),
    ("thirty", "30"),
    ("half", "0.5"),
    ("twice", "2"),
    ("dau", "2"),
    ("dwy", "2"),
    ("tri", "3"),
    ("tair", "3"),
    ("pedwar", "4"),
    ("pump", "5"),
    ("chwech", "6"),
    ("deg", "10"),
];

/// The digits without a point that says nothing: `40.00` is `40`.
fn normal(value: &str) -> String {
    let value = match value.split_once('.') {
        Some((whole, part)) if part.bytes().all(|digit| digit == b'0') => whole,
        _ => value,
    };
    let short = value.trim_start_matches('0');
    if short.is_empty() { "0".to_owned() } else { short.to_owned() }
}

/// The months and weekdays that a text names.
fn calendar(text: &str) -> BTreeSet<&'static str> {
    let words = crate::words::plain_words(text);
    let named = CALENDAR.iter().filter(|(name, _)| words.iter().any(|word| word == name));
    named.map(|(_, month)| *month).collect()
}

/// `may` is left out: it is a verb more often than a month. Its day and year are checked as numbers.
const CALENDAR: [(&str, &str); 37] = [
    ("january", "1"),
    ("february", "2"),
    ("march", "3"),
    ("april", "4"),
    ("june", "6"),
    ("july", "7"),
    ("august", "8"),
    ("september", "9"),
    ("october", "10"),
    ("november", "11"),
    ("december", "12"),
    ("ionawr", "1"),
    ("chwefror", "2"),
    ("mawrth", "3"),
    ("ebrill", "4"),
    ("mehefin", "6"),
    ("gorffennaf", "7"),
    ("awst", "8"),
    ("medi", "9"),
    ("hydref", "10"),
    ("tachwedd", "11"),
    ("rhagfyr", "12"),
    ("monday", "mo"),
    ("tuesday", "tu"),
    ("wednesday", "we"),
    ("thursday", "th"),
    ("friday", "fr"),
    ("saturday", "sa"),
    ("sunday", "su"),
    ("llun", "mo"),
    ("mercher", "we"),
    ("iau", "th"),
    ("gwener", "fr"),
    ("sadwrn", "sa"),
    ("sul", "su"),
    ("jan", "1"),
    ("dec", "12"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_agree_however_they_are_written() {
        for (text, quote, expected) in [
            ("It costs £1,000.", "The fee is £1000.", true),
            ("It costs 1000 pounds.", "The fee is £1,000.00.", true),
            ("You have six months.", "Apply within 6 months.", true),
            ("You have 28 days.", "Apply within 28 working days.", true),
            ("You have 28 days.", "Apply within 29 days.", false),
            ("You have 28 days.", "Apply within 28 weeks.", false),
            ("It costs £35.", "It costs £3.50.", false),
            ("It costs £35.", "You have 35 days.", false),
            ("You get 25% off.", "The discount is 25%.", true),
            ("You get 25% off.", "The discount is £25.", false),
            ("Apply by 15 January 2027.", "Apply by 15 January 2027.", true),
            ("Apply by 15 January 2027.", "Apply by 15 February 2027.", false),
            ("Apply by 15 January 2027.", "Apply by 16 January 2027.", false),
            ("Apply by 15 January 2027.", "Apply by 15 January 2026.", false),
            ("Open 9am to 5pm.", "It opens at 9am and closes at 5pm.", true),
            ("It is £1.2 million.", "It is £1.2 million.", true),
            ("It is £1.2 million.", "It is £1.2.", false),
            ("O fewn 14 diwrnod.", "Talwch o fewn 14 diwrnod.", true),
            ("O fewn 14 diwrnod.", "Talwch o fewn 14 wythnos.", false),
            ("Nothing to count.", "Nothing.", true),
        ] {
            assert_eq!(check(text, quote).is_ok(), expected, "{text} from {quote}");
        }
    }
}
