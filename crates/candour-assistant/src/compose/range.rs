//! Ranges of numbers that texts state: `7 to 12 chairs`, `no more than 4 metres`, `over 100`.

use crate::words::plain_words;

/// Numbers from a least to a greatest one, each of which may itself be outside.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Range {
    low: f64,
    high: f64,
    holds_low: bool,
    holds_high: bool,
    /// What is counted or measured, in the singular; empty where no word follows the number.
    pub(super) unit: String,
    /// What the number is a name of and counts nothing: the year of school in `year 7 and above`.
    pub(super) level: Option<&'static str>,
}

impl Range {
    fn exactly(number: f64, unit: String) -> Self {
        Self { low: number, high: number, holds_low: true, holds_high: true, unit, level: None }
    }

    fn within(bound: Bound, number: f64, unit: String) -> Self {
        let (up, down) = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high, holds_low, holds_high) = match bound {
            Bound::AtLeast => (number, up, true, false),
            Bound::Over => (number, up, false, false),
            Bound::AtMost => (down, number, false, true),
            Bound::Under => (down, number, false, false),
        };
        Self { low, high, holds_low, holds_high, unit, level: None }
    }

    fn holds(&self, number: f64) -> bool {
        let is_above = if self.holds_low { self.low <= number } else { self.low < number };
        let is_below = if self.holds_high { number <= self.high } else { number < self.high };
        is_above && is_below
    }

    /// Whether all of it lies in the other.
    pub(super) fn lies_in(&self, other: &Self) -> bool {
        let is_above =
            self.low > other.low || self.low >= other.low && (other.holds_low || !self.holds_low);
        let is_below = self.high < other.high
            || self.high <= other.high && (other.holds_high || !self.holds_high);
        is_above && is_below
    }

    /// Whether both are of one thing, by the words around them.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        let is_counted = !self.unit.is_empty() && self.unit == other.unit;
        self.level == other.level && (is_counted || self.level.is_some())
    }

    /// Whether no number is in both.
    pub(super) fn is_apart_from(&self, other: &Self) -> bool {
        let is_below = |low: &Self, high: &Self| {
            if low.holds_high && high.holds_low {
                low.high < high.low
            } else {
                low.high <= high.low
            }
        };
        is_below(self, other) || is_below(other, self)
    }
}

/// On which side of a number a range lies, and whether it holds the number.
#[derive(Debug, Clone, Copy)]
enum Bound {
    AtLeast,
    Over,
    AtMost,
    Under,
}

/// What stands before a number: the longer phrase first, since `no more than` holds `more than`.
const BEFORE: [(&str, Bound); 32] = [
    ("no more than", Bound::AtMost),
    ("not more than", Bound::AtMost),
    ("no higher than", Bound::AtMost),
    ("no longer than", Bound::AtMost),
    ("no larger than", Bound::AtMost),
    ("no later than", Bound::AtMost),
    ("no less than", Bound::AtLeast),
    ("not less than", Bound::AtLeast),
    ("no fewer than", Bound::AtLeast),
    ("heb fod yn fwy na", Bound::AtMost),
    ("heb fod yn llai na", Bound::AtLeast),
    ("dim mwy na", Bound::AtMost),
    ("dim llai na", Bound::AtLeast),
    ("up to", Bound::AtMost),
    ("at most", Bound::AtMost),
    ("at least", Bound::AtLeast),
    ("hyd at", Bound::AtMost),
    ("o leiaf", Bound::AtLeast),
    ("less than", Bound::Under),
    ("fewer than", Bound::Under),
    ("lower than", Bound::Under),
    ("under", Bound::Under),
    ("below", Bound::Under),
    ("llai na", Bound::Under),
    ("dan", Bound::Under),
    ("more than", Bound::Over),
    ("higher than", Bound::Over),
    ("longer than", Bound::Over),
    ("over", Bound::Over),
    ("above", Bound::Over),
    ("mwy na", Bound::Over),
    ("dros", Bound::Over),
];

/// What stands after a number and its unit.
const AFTER: [(&str, Bound); 15] = [
    ("or less", Bound::AtMost),
    ("or fewer", Bound::AtMost),
    ("or under", Bound::AtMost),
    ("or below", Bound::AtMost),
    ("neu lai", Bound::AtMost),
    ("neu iau", Bound::AtMost),
    ("or more", Bound::AtLeast),
    ("or over", Bound::AtLeast),
    ("or above", Bound::AtLeast),
    ("and above", Bound::AtLeast),
    ("and over", Bound::AtLeast),
    ("neu fwy", Bound::AtLeast),
    ("ac uwch", Bound::AtLeast),
    ("neu uwch", Bound::AtLeast),
    ("a throsodd", Bound::AtLeast),
];

/// What stands before a number that names something, with what is said for all its forms.
const LEVELS: [(&str, &str); 15] = [
    ("year", "year"),
    ("years", "year"),
    ("blwyddyn", "year"),
    ("flwyddyn", "year"),
    ("mlwyddyn", "year"),
    ("blynyddoedd", "year"),
    ("class", "class"),
    ("dosbarth", "class"),
    ("ddosbarth", "class"),
    ("level", "level"),
    ("lefel", "level"),
    ("grade", "grade"),
    ("zone", "zone"),
    ("parth", "zone"),
    ("stage", "stage"),
];

/// What has no number and comes before those that have: `reception to year 6` ends with the year.
const FIRST_LEVELS: [&str; 4] = ["reception", "nursery", "derbyn", "meithrin"];

/// Months make dates of numbers, which are no range of anything counted.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// How many words may stand between a number and what follows it: `1 metre high or less`.
const WORDS_BETWEEN: usize = 2;

/// Whether a label states ranges, and all of them hold one of the numbers.
pub(super) fn holds(label: &str, numbers: &[f64]) -> bool {
    let ranges = bounded(label);
    !ranges.is_empty()
        && numbers.iter().any(|number| ranges.iter().all(|range| range.holds(*number)))
}

/// The numbers in a text. Years are left out, for they date things and do not count them.
pub(super) fn numbers(text: &str) -> Vec<f64> {
    plain_words(text).iter().filter_map(|word| number(word)).collect()
}

/// The ranges with a bound that a text states.
pub(super) fn bounded(text: &str) -> Vec<Range> {
    stated(text).into_iter().filter(|(_, is_bounded)| *is_bounded).map(|(range, _)| range).collect()
}

/// Whether two texts state ranges of the same thing that have no number in common. What a number without
/// a word behind it counts is not known, unless `of_age`.
pub(super) fn are_apart(one: &str, two: &str, of_age: bool) -> bool {
    let (one, two) = (bounded(one), bounded(two));
    let is_age = |range: &Range| {
        let unit = range.unit.as_str();
        of_age && matches!(unit, "" | "or" | "and" | "neu" | "a" | "year" | "oed")
    };
    let is_same = |here: &Range, there: &Range| {
        here.is_of(there) || here.level == there.level && is_age(here) && is_age(there)
    };
    one.iter().any(|here| two.iter().any(|there| is_same(here, there) && here.is_apart_from(there)))
}

/// The ranges that a text states, a bare number among them.
pub(super) fn all(text: &str) -> Vec<Range> {
    stated(text).into_iter().map(|(range, _)| range).collect()
}

fn stated(text: &str) -> Vec<(Range, bool)> {
    let words = plain_words(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some(first) = number(&words[at]) else {
            at += 1;
            continue;
        };
        let level = level(&words[..at]);
        if let Some((last, end)) = range_end(&words, at, first) {
            let is_over = matches!(before(&words[..at]), Some(Bound::Over));
            let unit = unit(&words, end);
            let high = Range::within(Bound::AtMost, last, unit);
            found.push((Range { low: first, holds_low: !is_over, level, ..high }, true));
            at = end + 1;
        } else {
            let unit = unit(&words, at);
            let bound = before(&words[..at]).or_else(|| after(&words[at + 1..]));
            let bound = bound.or_else(|| ends_levels(&words[..at]).then_some(Bound::AtMost));
            let range = match bound {
                Some(bound) => Range::within(bound, first, unit),
                None => Range::exactly(first, unit),
            };
            found.push((Range { level, ..range }, bound.is_some()));
            at += 1;
        }
    }
    found
}

/// The second number of `7 to 12` or `between 7 and 12`, and where it stands.
fn range_end(words: &[String], at: usize, first: f64) -> Option<(f64, usize)> {
    let joins = |word: &str| match word {
        "to" | "i" => true,
        "and" | "a" => at > 0 && matches!(words[at - 1].as_str(), "between" | "rhwng"),
        _ => false,
    };
    let last = |end: usize| {
        let last = number(words.get(end)?)?;
        (first < last).then_some((last, end))
    };
    // `50-100` and `£50 – £100` have lost what joins them.
    let own = at + 1;
    let next = words.get(own)?;
    if number(next).is_some() {
        return last(own);
    }
    let has_unit = !joins(next) && !MONTHS.contains(&next.as_str());
    let join = if has_unit { own + 1 } else { own };
    let begins = words.get(join).filter(|word| joins(word)).map(|_| join + 1)?;
    let is_named = level(words.get(..=begins)?).is_some();
    last(if is_named { begins + 1 } else { begins })
}

/// Whether a number right behind these words is the last of levels that begin with one without a number.
fn ends_levels(words: &[String]) -> bool {
    let [.., first, to, last] = words else { return false };
    let joins = matches!(to.as_str(), "to" | "i");
    joins && level(std::slice::from_ref(last)).is_some() && FIRST_LEVELS.contains(&first.as_str())
}

/// What a number right behind these words is a name of.
fn level(words: &[String]) -> Option<&'static str> {
    let last = words.last()?;
    LEVELS.iter().find(|(word, _)| word == last).map(|(_, level)| *level)
}

fn before(words: &[String]) -> Option<Bound> {
    let found = BEFORE.iter().find(|(phrase, _)| {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        words.len() >= phrase.len() && words[words.len() - phrase.len()..] == phrase[..]
    });
    found.map(|(_, bound)| *bound)
}

/// A bound after the number, within a few words and before the next number.
fn after(words: &[String]) -> Option<Bound> {
    let reach = words.iter().take_while(|word| number(word).is_none()).count();
    let starts = (0..=WORDS_BETWEEN).filter(|start| start + 2 <= reach);
    let mut pairs = starts.map(|start| format!("{} {}", words[start], words[start + 1]));
    pairs.find_map(|pair| AFTER.iter().find(|(phrase, _)| *phrase == pair).map(|(_, bound)| *bound))
}

fn number(word: &str) -> Option<f64> {
    let number = word.trim_end_matches(char::is_alphabetic).parse::<f64>().ok()?;
    (number.fract() != 0.0 || !(1900.0..2100.0).contains(&number)).then_some(number)
}

/// What the number at `at` counts: letters that are joined to it, or the word after it.
fn unit(words: &[String], at: usize) -> String {
    let joined = words[at].trim_start_matches(|sign: char| sign.is_ascii_digit() || sign == '.');
    let unit =
        if joined.is_empty() { words.get(at + 1).map_or("", String::as_str) } else { joined };
    match unit {
        "m" | "metr" => "metre".to_owned(),
        "cm" => "centimetre".to_owned(),
        other => other.strip_suffix('s').unwrap_or(other).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_numbers() {
        for (label, question, expected) in [
            ("7 to 12 chairs", "licence for 8 chairs", true),
            ("1 to 6 chairs", "licence for 8 chairs", false),
            ("£4,301 to £33,000", "rateable value 28,000", true),
            ("Up to £4,300", "rateable value 28,000", false),
            ("Over £125,000", "rateable value 200000", true),
            ("100 or more people", "for 100 people", true),
            ("Band D", "band D in 2026", false),
            ("1 April 2026 to 31 March 2027", "how much in 2026", false),
            ("1 April to 31 March", "for 8 people", false),
            ("Dros 5", "ar gyfer 8 o bobl", true),
            ("Covers 3 rooms", "for 8 rooms", false),
            ("Between 5 and 10 rooms", "for 8 rooms", true),
            ("Rooms 5 and 10", "for 8 rooms", false),
            ("50–100 people", "for 60 people", true),
            ("Rhwng 5 a 10 ystafell", "8 ystafell", true),
            ("Reception to year 6", "year 5", true),
            ("Reception to year 6", "year 7", false),
            ("Year 3 to year 6", "year 5", true),
            ("Year 3 to year 6", "year 2", false),
            ("Y dosbarth derbyn i flwyddyn 6", "ym mlwyddyn 5", true),
            ("Y dosbarth derbyn i flwyddyn 6", "ym mlwyddyn 7", false),
            ("Blwyddyn 7 ac uwch", "ym mlwyddyn 9", true),
            ("Going to year 6", "year 5", false),
        ] {
            assert_eq!(holds(label, &numbers(question)), expected, "{label}: {question}");
        }
    }

    #[test]
    fn bounds_are_in_or_out_as_the_words_say() {
        let rows = [
            ("Under 50 people", [true, false, false, false, false]),
            ("50 to 100", [false, true, true, false, false]),
            ("Over 100", [false, false, false, true, true]),
            ("More than 100", [false, false, false, true, true]),
            ("No more than 10", [true, false, false, false, false]),
            ("No less than 100", [false, false, true, true, true]),
            ("100 or more", [false, false, true, true, true]),
            ("100 people or fewer", [true, true, true, false, false]),
            ("Up to 100", [true, true, true, false, false]),
            ("Over 50 and up to 100", [false, false, true, false, false]),
            ("Over 50 to 100", [false, false, true, false, false]),
            ("Dim mwy na 50", [true, true, false, false, false]),
            ("Dan 50", [true, false, false, false, false]),
            ("Mwy na 100", [false, false, false, true, true]),
            ("100 neu fwy", [false, false, true, true, true]),
        ];
        for (label, expected) in rows {
            let held = [7.0, 50.0, 100.0, 101.0, 1000.0].map(|number| holds(label, &[number]));
            assert_eq!(held, expected, "{label}");
        }
    }

    #[test]
    fn a_range_lies_in_another_with_all_its_numbers() {
        for (one, other, expected) in [
            ("7", "5 to 10", true),
            ("5 to 10", "5 to 10", true),
            ("under 10", "5 to 10", false),
            ("over 10", "11 to 16", false),
            ("under 5", "5 or under", true),
            ("5 or under", "under 5", false),
            ("over 65", "65 or over", true),
            ("65 or over", "over 65", false),
        ] {
            let (one, other) = (all(one).remove(0), bounded(other).remove(0));
            assert_eq!(one.lies_in(&other), expected, "{one:?} {other:?}");
        }
    }

    #[test]
    fn ranges_of_one_unit_can_be_apart() {
        for (one, other, expected) in [
            ("a 5 metre extension", "no more than 4 metres", true),
            ("a 4m extension", "no more than 4 metres", false),
            ("a fence over 1 metre", "1 metre high or less", true),
            ("a 1 metre fence", "more than 1 metre high", true),
        ] {
            let (one, other) = (all(one).remove(0), bounded(other).remove(0));
            assert_eq!((one.unit.as_str(), other.unit.as_str()), ("metre", "metre"));
            assert_eq!(one.is_apart_from(&other), expected, "{one:?} {other:?}");
        }
    }
}
