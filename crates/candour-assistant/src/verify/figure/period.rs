//! Periods of time that a text states with a year: `before 1 April 2020`, `on or after 23 September 1945`,
//! `in 1950`.

use candour_core::Locale;
use jiff::civil;

use super::{Figure, Value};
use crate::screen::language_of;
use crate::verify::lexicon::Bound;
use crate::verify::reading::Reading;

/// The days from a first to a last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Period {
    first: civil::Date,
    last: civil::Date,
    /// The stem of what is dated: `born`, `began`; empty where no such word stands before it.
    of: String,
    /// Whether it is what comes before or after a day, or between two, rather than a day or year itself.
    pub(crate) is_bounded: bool,
}

impl Period {
    /// Whether the same thing is dated, and cannot lie in both.
    pub(crate) fn excludes(&self, other: &Self) -> bool {
        self.of == other.of && (self.last < other.first || other.last < self.first)
    }

    /// Whether the same thing is dated, and all of the other lies in it.
    pub(crate) fn answers(&self, other: &Self) -> bool {
        self.of == other.of && self.holds(other)
    }

    /// Whether all of the other lies in it, whatever is dated.
    pub(crate) fn holds(&self, other: &Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }
}

/// The periods that a text states, in English or in Welsh.
pub(crate) fn periods(text: &str) -> Vec<Period> {
    let has_year = text.as_bytes().windows(4).any(|four| four.iter().all(u8::is_ascii_digit));
    if !has_year {
        return Vec::new();
    }
    let both = match language_of(text, &Locale::En) {
        Locale::Cy => [Locale::En, Locale::Cy],
        _ => [Locale::Cy, Locale::En],
    };
    // Few words do not tell their language, but where it is read more is made of them.
    let read = both.map(|locale| of_reading(&Reading::of(text, &locale)));
    let told = |periods: &Vec<Period>| {
        (periods.iter().filter(|period| period.is_bounded).count(), periods.len())
    };
    read.into_iter().max_by_key(told).unwrap_or_default()
}

fn of_reading(reading: &Reading) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    for figure in &reading.figures {
        let Some((first, last)) = days(&figure.value) else { continue };
        let period = limited(first, last, figure, reading);
        match periods.last_mut() {
            // `Between` one day and another.
            Some(before)
                if before.last == civil::Date::MAX && figure.bound == Some(Bound::AtMost) =>
            {
                before.last = period.last;
            }
            _ => periods.push(period),
        }
    }
    periods
}

/// A period on one side of a date, or the date itself.
fn limited(first: civil::Date, last: civil::Date, figure: &Figure, reading: &Reading) -> Period {
    let (always, never) = (civil::Date::MIN, civil::Date::MAX);
    let start = figure.limit.map_or(figure.from, |(from, _)| from.min(figure.from));
    let words = &reading.words[..start];
    let before = |at: usize| words.len().checked_sub(at).map_or("", |at| words[at].text.as_str());
    // `On or after` holds the day itself.
    let holds = matches!((before(2), before(1)), ("on", "or") | ("ar", "neu"));
    let (first, last) = match figure.bound {
        None => (first, last),
        Some(Bound::AtLeast) => (first, never),
        Some(Bound::AtMost) => (always, last),
        Some(Bound::MoreThan) if holds => (first, never),
        Some(Bound::LessThan) if holds => (always, last),
        Some(Bound::MoreThan) => (last.tomorrow().unwrap_or(last), never),
        Some(Bound::LessThan) => (always, first.yesterday().unwrap_or(first)),
    };
    let of = words.iter().rfind(|word| word.telling).map_or("", |word| word.stem.as_str());
    Period { first, last, of: of.to_owned(), is_bounded: figure.bound.is_some() }
}

/// The first and the last day of a date with a year.
fn days(value: &Value) -> Option<(civil::Date, civil::Date)> {
    let Value::Date(date) = value else { return None };
    let number = |part: Option<u8>| part.map(u8::cast_signed);
    let (year, month) = (date.year?.cast_signed(), number(date.month));
    let first = civil::Date::new(year, month.unwrap_or(1), number(date.day).unwrap_or(1)).ok()?;
    let last = match (month, date.day) {
        (_, Some(_)) => first,
        (Some(_), None) => first.last_of_month(),
        (None, None) => first.last_of_year(),
    };
    Some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_begin_and_end_where_the_words_say() {
        for (text, expected) in [
            ("If you were born before 23 September 1945", "..1945-09-22 born"),
            ("If you were born on or after 23 September 1945", "1945-09-23.. born"),
            ("Tenancies that began after 1 April 2020", "2020-04-02.. began"),
            ("Tenancies that began on or before 1 April 2020", "..2020-04-01 began"),
            ("Applications made before April 2025", "..2025-03-31 make"),
            ("If you were born in 1945 or later", "1945-01-01.. born"),
            ("Homes built from 2010", "2010-01-01.. build"),
            ("Homes built between 1 May 1990 and 30 June 1995", "1990-05-01..1995-06-30 build"),
            ("Until 31 March 2026", "..2026-03-31 "),
            ("I was born in 1950", "=1950-01-01..1950-12-31 born"),
            ("born on 3 May 1950", "=1950-05-03..1950-05-03 born"),
            ("03/05/1950", "=1950-05-03..1950-05-03 "),
            ("Os cawsoch eich geni cyn 23 Medi 1945", "..1945-09-22 eni"),
            ("Os cawsoch eich geni ar neu ar ôl 23 Medi 1945", "1945-09-23.. eni"),
            ("Ces i fy ngeni yn 1950", "=1950-01-01..1950-12-31 eni"),
            ("Tenantiaethau a ddechreuodd cyn 1 Ebrill 2020", "..2020-03-31 dechreu"),
            ("Os ganwyd chi ar ôl 1945", "1946-01-01.. eni"),
            ("Fees from 1 April", ""),
            ("£1945 a year", ""),
            ("", ""),
        ] {
            let said = periods(text).into_iter().map(|period| {
                let end = |day: civil::Date| match day {
                    civil::Date::MIN | civil::Date::MAX => String::new(),
                    day => day.to_string(),
                };
                let sign = if period.is_bounded { "" } else { "=" };
                format!("{sign}{}..{} {}", end(period.first), end(period.last), period.of)
            });
            assert_eq!(said.collect::<Vec<_>>().join(", "), expected, "{text}");
        }
    }
}
