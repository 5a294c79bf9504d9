//! The figures of a text: numbers, money, percentages, ages, durations, times, dates, tax years and
//! codes, each with what limits it.

mod date;
mod names;

use candour_core::Locale;

use self::names::{Unit, ordinal, unit, word_number};
use super::lexicon::{Bound, Role};
use super::reading::{Mark, Reading, Word};

pub(super) use self::date::Date;
pub(super) use self::names::is_filler;

/// A figure as it stands in a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    pub(super) value: Value,
    /// What limits it, if anything does.
    pub(super) bound: Option<Bound>,
    /// Where the words of the limit begin and end.
    pub(super) limit: Option<(usize, usize)>,
    /// Whether it is counted towards what comes after it (`28 days before`) or from it (`28 days after`).
    pub(super) towards: Option<bool>,
    /// Where a denial stands that turned the limit round.
    pub(super) denial: Option<usize>,
    /// Where it begins and ends among the words.
    pub(super) from: usize,
    pub(super) to: usize,
}

/// What a figure says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// An amount of something, in thousandths.
    Amount(i64, Kind),
    Date(Date),
    /// Two years in a row, by the first.
    TaxYear(u16),
    /// The first, second and so on.
    Ordinal(u16),
    /// A day of the week, from Monday as 0.
    Weekday(u8),
    /// A unit of time without a number, and how many of its kind it is: `a week`, `monthly`.
    Rate(Kind, i64),
    /// Letters and digits that name something: `SA100`, `1:500`.
    Code(String),
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Plain,
    Pounds,
    Percent,
    Day,
    WorkingDay,
    /// Years are 12 of them.
    Month,
    Hour,
    Minute,
    Age,
    /// A time of day in minutes.
    Clock,
    /// A length, area, weight or volume, each unit for itself.
    Measure(&'static str),
    Times,
}

impl Value {
    /// What may be mistaken for each other: figures of one family.
    pub(super) fn family(&self) -> u8 {
        match self {
            Self::Amount(_, Kind::Pounds) => 0,
            Self::Amount(_, Kind::Percent) => 1,
            Self::Amount(
                _,
                Kind::Day | Kind::WorkingDay | Kind::Month | Kind::Hour | Kind::Minute,
            ) => 2,
            Self::Amount(_, Kind::Clock) => 3,
            Self::Amount(_, Kind::Measure(_)) => 4,
            Self::Amount(_, Kind::Plain | Kind::Age | Kind::Times) => 5,
            Self::Date(_) | Self::TaxYear(_) => 6,
            Self::Ordinal(_) => 7,
            Self::Weekday(_) => 8,
            Self::Rate(..) => 9,
            Self::Code(_) => 10,
        }
    }

    /// Whether it is a date, a part of one, or a tax year.
    pub(super) fn is_date(&self) -> bool {
        matches!(self, Self::Date(_) | Self::TaxYear(_) | Self::Weekday(_))
    }

    /// Whether a claim may say this where its source says `other`.
    pub(super) fn says(&self, other: &Self) -> bool {
        match (self, other) {
            // A quarter is 25%.
            (Self::Amount(part, Kind::Plain), Self::Amount(hundredths, Kind::Percent))
            | (Self::Amount(hundredths, Kind::Percent), Self::Amount(part, Kind::Plain))
                if *part < 1000 =>
            {
                part * 100 == *hundredths
            }
            (Self::Amount(one, kind), Self::Amount(two, other)) => one == two && kind.fits(*other),
            (Self::Date(date), Self::Date(other)) => date.says(*other),
            (Self::Rate(kind, length), Self::Amount(amount, other))
            | (Self::Amount(amount, other), Self::Rate(kind, length)) => {
                kind == other && *amount == length * 1000
            }
            (Self::Amount(one, Kind::Plain), Self::Date(date)) => {
                date.day.is_some_and(|day| i64::from(day) * 1000 == *one)
            }
            _ => self == other,
        }
    }
}

impl Kind {
    /// Whether a number of this kind can be the same as one of the other: a bare number can be any.
    fn fits(self, other: Self) -> bool {
        let is_bare = |kind| matches!(kind, Self::Plain | Self::Times);
        let is_marked = |kind| matches!(kind, Self::Clock | Self::Pounds | Self::Percent);
        self == other
            || is_bare(self) && !is_marked(other)
            || is_bare(other) && matches!(self, Self::Age | Self::Times | Self::Plain)
    }
}

/// The figures of a reading whose words and marks are known.
pub(super) fn figures(reading: &Reading, locale: &Locale) -> Vec<Figure> {
    let is_welsh = *locale == Locale::Cy;
    let mut figures = Vec::new();
    let mut at = 0;
    while at < reading.words.len() {
        let found = date::at(&reading.words, at, is_welsh)
            .or_else(|| value_at(&reading.words, at, is_welsh));
        match found {
            Some((value, end)) => {
                figures.push(Figure {
                    value,
                    bound: None,
                    limit: None,
                    towards: None,
                    denial: None,
                    from: at,
                    to: end,
                });
                at = end;
            }
            None => at += 1,
        }
    }
    join_ages(&mut figures, &reading.words);
    fill_in(&mut figures, reading, is_welsh);
    for figure in &mut figures {
        bound(figure, reading);
        figure.towards = towards(&reading.words[figure.to..]);
        // `No later than 12 days before` is at least 12 days before.
        let is_last = figure.limit.is_some_and(|(from, to)| {
            let mut words = reading.words[from..to].iter();
            words.any(|word| matches!(word.text.as_str(), "deadline" | "later" | "latest"))
        });
        if is_last && figure.bound == Some(Bound::AtMost) && figure.towards == Some(true) {
            figure.bound = Some(Bound::AtLeast);
        }
    }
    ranges(&mut figures, reading, is_welsh);
    figures
}

fn value_at(words: &[Word], at: usize, is_welsh: bool) -> Option<(Value, usize)> {
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
        "m" if is_pound(words, at) => (Value::Amount(amount * 1_000_000, Kind::Pounds), at + 1),
        "k" if is_pound(words, at) => (Value::Amount(amount * 1000, Kind::Pounds), at + 1),
        letters => match unit(letters, is_welsh) {
            Some(Unit { kind, factor }) => (Value::Amount(amount * factor, kind), at + 1),
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
    let word = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
    let million = match word(end) {
        "million" | "miliwn" => 1_000_000,
        "thousand" | "mil" => 1000,
        _ => 1,
    };
    let (amount, end) = (amount * million, end + usize::from(million > 1));
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
        _ => (Value::Amount(amount * factor, kind), after),
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

/// In `3 or 4 years old` and `16 to 19 year olds` the first number is an age too, and in `28 or 30
/// days` it counts days.
fn join_ages(figures: &mut [Figure], words: &[Word]) {
    for at in (1..figures.len()).rev() {
        let (before, after) = (figures[at - 1].clone(), figures[at].clone());
        let joined = words[before.to..after.from].iter().all(|word| {
            matches!(
                word.text.as_str(),
                "or" | "to"
                    | "and"
                    | "of"
                    | "the"
                    | "-"
                    | "–"
                    | "neu"
                    | "i"
                    | "a"
                    | "ac"
                    | "rhwng"
                    | ","
                    | "£"
            )
        });
        if let (Value::Amount(amount, Kind::Plain), Value::Amount(_, kind)) =
            (&before.value, &after.value)
            && joined
            && !words[before.to..after.from].is_empty()
            && !matches!(kind, Kind::Plain | Kind::Clock | Kind::Pounds)
        {
            let factor = if *kind == Kind::Month
                && words[after.from..after.to].iter().any(|w| is_year(&w.text))
            {
                12
            } else {
                1
            };
            figures[at - 1].value = Value::Amount(amount * factor, *kind);
        }
    }
}

fn is_year(word: &str) -> bool {
    matches!(word, "year" | "years" | "blynedd" | "flynedd" | "mlynedd" | "blwyddyn" | "flwyddyn")
}

/// `All days but the first 3`, `2 weeks (4 if you are ill)`, `within 2 days and then within 20`: what the
/// number counts is what was spoken of before.
fn fill_in(figures: &mut [Figure], reading: &Reading, is_welsh: bool) {
    for at in 0..figures.len() {
        let Value::Amount(amount, Kind::Plain) = figures[at].value else { continue };
        let (from, to) = (figures[at].from, figures[at].to);
        let (start, end) = reading.sentence(from);
        let before = from.checked_sub(1).map_or("", |at| reading.words[at].text.as_str());
        let known = match before {
            "first" | "last" | "next" | "other" => start..from,
            "within" | "fewn" if at > 0 && figures[at - 1].from >= start => {
                figures[at - 1].from..from
            }
            "(" if at > 0 && figures[at - 1].to + 1 == from => figures[at - 1].from..from,
            _ => continue,
        };
        let is_cut_off = to >= end
            || reading.words[to].is_sign()
            || matches!(reading.words[to].text.as_str(), "if" | "for");
        let mut units = reading.words[known].iter().rev();
        if let Some(Unit { kind, factor }) = units.find_map(|word| unit(&word.text, is_welsh))
            && is_cut_off
        {
            let counts_work =
                at > 0 && matches!(figures[at - 1].value, Value::Amount(_, Kind::WorkingDay));
            let kind = if kind == Kind::Day && counts_work { Kind::WorkingDay } else { kind };
            figures[at].value = Value::Amount(amount * factor, kind);
        }
    }
}

/// Whether `before` or `after` follows a figure.
fn towards(rest: &[Word]) -> Option<bool> {
    let mut texts = rest.iter().map(|word| word.text.as_str());
    match (texts.next(), texts.next()) {
        (Some("before" | "cyn"), _) | (Some("prior"), Some("to")) => Some(true),
        (Some("after" | "following"), _) | (Some("ar"), Some("ol")) => Some(false),
        _ => None,
    }
}

/// What limits a figure: words right before it, or right after.
fn bound(figure: &mut Figure, reading: &Reading) {
    let start = figure.from;
    let before = reading.marks.iter().filter_map(|mark| match mark.role {
        Role::BoundBefore(bound) if mark.to <= start && gap(&reading.words[mark.to..start], 5) => {
            Some((*mark, bound))
        }
        _ => None,
    });
    let nearest = before.max_by_key(|(mark, _)| (mark.to, mark.to - mark.from));
    let mut after = reading.marks.iter().filter_map(|mark| match mark.role {
        Role::BoundAfter(bound)
            if mark.from >= figure.to && gap(&reading.words[figure.to..mark.from], 4) =>
        {
            Some((*mark, bound))
        }
        _ => None,
    });
    let Some((mark, bound)) = after.next().or(nearest) else { return };
    if !can_limit(&reading.words[mark.from..mark.to], &figure.value) {
        return;
    }
    figure.limit = Some((mark.from, mark.to));
    figure.bound = Some(bound);
    let strict = matches!(bound, Bound::MoreThan | Bound::LessThan);
    if strict && let Some(denial) = denial_before(reading, &mark) {
        figure.denial = Some(denial);
        figure.bound = Some(bound.complement());
    }
}

/// `By` is a limit of dates and times alone, for an amount changes `by 5%`; so is `from` of what is not
/// an age or an amount, and the Welsh `o`.
fn can_limit(words: &[Word], value: &Value) -> bool {
    let is_when = matches!(
        value,
        Value::Date(_) | Value::Amount(_, Kind::Clock) | Value::Weekday(_) | Value::TaxYear(_)
    );
    let is_span = matches!(
        value,
        Value::Amount(_, Kind::Day | Kind::WorkingDay | Kind::Month | Kind::Hour | Kind::Minute)
    );
    let is_named = match value {
        Value::Ordinal(_) => true,
        Value::Code(code) => !code.starts_with(|c: char| c.is_ascii_digit()),
        _ => false,
    };
    match words {
        [word] => match word.text.as_str() {
            "by" | "erbyn" | "o" | "since" | "ers" => is_when,
            "before" | "after" | "cyn" => !matches!(value, Value::Amount(_, Kind::Age)),
            "from" => !is_named,
            "until" | "till" | "tan" | "hyd" => {
                is_when || is_span || matches!(value, Value::Amount(_, Kind::Age))
            }
            _ => !is_named || is_when,
        },
        _ => !is_named || is_when,
    }
}

fn gap(words: &[Word], most: usize) -> bool {
    words.len() <= most && words.iter().all(|word| is_filler(&word.text))
}

/// A denial in the clause of a strict limit, before it and after no other figure.
fn denial_before(reading: &Reading, limit: &Mark) -> Option<usize> {
    let clause = reading.words[limit.from].clause;
    let denies = |mark: &&Mark| {
        mark.role == Role::Deny
            && mark.from < limit.from
            && reading.words[mark.from].clause == clause
    };
    let denial = reading.marks.iter().rfind(denies).map(|mark| mark.from)?;
    // `You cannot use a vehicle that is longer than 2 metres` denies the use, and says how long.
    let is_apart = reading.words[denial..limit.from].iter().any(|word| word.text == "that");
    (!is_apart).then_some(denial)
}

/// `9am to 5pm`, `between 14 and 20`, `16-18`: the first is the least and the second the most.
fn ranges(figures: &mut [Figure], reading: &Reading, is_welsh: bool) {
    let is_between = |figure: &Figure| {
        figure.limit.is_some_and(|(from, _)| {
            matches!(reading.words[from].text.as_str(), "between" | "rhwng")
        })
    };
    // `Between two events` limits nothing.
    for figure in figures.iter_mut().filter(|figure| is_between(figure)) {
        figure.bound = None;
    }
    for at in 1..figures.len() {
        let (from, to) = (figures[at - 1].to, figures[at].from);
        let between: Vec<&str> = reading.words[from..to]
            .iter()
            .map(|word| word.text.as_str())
            .filter(|word| {
                !is_filler(word) || matches!(*word, "to" | "i") || is_welsh && *word == "a"
            })
            .collect();
        let is_between = is_between(&figures[at - 1]);
        let joins = match between.as_slice() {
            ["to" | "-" | "–" | "until" | "till"] | ["up", "to"] => true,
            ["i" | "tan" | "hyd"] | ["hyd", "at"] => is_welsh,
            ["and" | "a" | "ac"] => is_between,
            _ => false,
        };
        let alike = figures[at - 1].value.family() == figures[at].value.family();
        if !joins || !alike || matches!(figures[at].value, Value::Ordinal(_) | Value::Code(_)) {
            continue;
        }
        for (figure, bound) in [(at - 1, Bound::AtLeast), (at, Bound::AtMost)] {
            figures[figure].bound = Some(bound);
            figures[figure].limit.get_or_insert((from, to));
        }
    }
}
