//! The figures of a text: numbers, money, percentages, ages, durations, times, dates, tax years and
//! codes, each with what limits it.

mod date;
mod limit;
mod names;
mod number;
mod period;

use candour_core::Locale;

use self::limit::{bound, ranges, towards};
use self::names::{Unit, unit};
use self::number::value_at;
use super::lexicon::Bound;
use super::reading::{Reading, Word};

pub(super) use self::date::Date;
pub(super) use self::names::is_filler;
pub(crate) use self::period::{Period, periods};

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

    /// Whether it is a sum of money.
    pub(super) fn is_money(&self) -> bool {
        matches!(self, Self::Amount(_, Kind::Pounds))
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
            figures[at - 1].value = Value::Amount(amount.saturating_mul(factor), *kind);
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
        let before = reading.text_before(from);
        let known = match before {
            "first" | "last" | "next" | "other" => start..from,
            "within" | "fewn" if at > 0 && figures[at - 1].from >= start => {
                figures[at - 1].from..from
            }
            "(" if at > 0 && figures[at - 1].to + 1 == from => figures[at - 1].from..from,
            _ => continue,
        };
        let is_cut_off =
            to >= end || reading.words[to].is_sign() || matches!(reading.text_at(to), "if" | "for");
        let mut units = reading.words[known].iter().rev();
        if let Some(Unit { kind, factor }) = units.find_map(|word| unit(&word.text, is_welsh))
            && is_cut_off
        {
            let counts_work =
                at > 0 && matches!(figures[at - 1].value, Value::Amount(_, Kind::WorkingDay));
            let kind = if kind == Kind::Day && counts_work { Kind::WorkingDay } else { kind };
            figures[at].value = Value::Amount(amount.saturating_mul(factor), kind);
        }
    }
}
