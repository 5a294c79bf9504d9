//! Dates, however they are written, and tax years.

use super::Value;
use crate::verify::reading::{Word, text_at};

/// A date, or as much of one as a text gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) struct Date {
    pub(in crate::verify) day: Option<u8>,
    pub(in crate::verify) month: Option<u8>,
    pub(in crate::verify) year: Option<u16>,
}

impl Date {
    /// Whether a claim may say this where its source says `other`: nothing that `other` does not say.
    pub(super) fn says(self, other: Self) -> bool {
        let within = |own: Option<u16>, other: Option<u16>| own.is_none() || own == other;
        within(self.day.map(u16::from), other.day.map(u16::from))
            && within(self.month.map(u16::from), other.month.map(u16::from))
            && within(self.year, other.year)
    }
}

/// The date, weekday or tax year that begins at a place, and where it ends.
pub(super) fn at(words: &[Word], at: usize, is_welsh: bool) -> Option<(Value, usize)> {
    weekday(words, at, is_welsh)
        .or_else(|| numeric(&words[at].text).map(|date| (Value::Date(date), at + 1)))
        .or_else(|| tax_year(words, at))
        .or_else(|| day_first(words, at, is_welsh))
        .or_else(|| month_first(words, at, is_welsh))
        .or_else(|| {
            let year = year(&words[at].text).filter(|_| !is_counted(words, at))?;
            Some((Value::Date(Date { day: None, month: None, year: Some(year) }), at + 1))
        })
}

/// `15 January 2027`, `1st of May`, `25 and 26 December`.
fn day_first(words: &[Word], at: usize, is_welsh: bool) -> Option<(Value, usize)> {
    let day = day(&words[at].text)?;
    let text = |at: usize| text_at(words, at);
    let mut end = at + 1;
    if matches!(text(end), "of" | "o") {
        end += 1;
    }
    if is_welsh && matches!(text(end), "fis" | "mis") {
        end += 1;
    }
    if let Some(month) = month(words, end, true, is_welsh) {
        let year = year(text(end + 1));
        let date = Date { day: Some(day), month: Some(month), year };
        return Some((Value::Date(date), end + 1 + usize::from(year.is_some())));
    }
    // The first of two days of one month.
    let joins = matches!(text(end), "and" | "or" | "to" | "-" | "–" | "a" | "ac" | "i" | "neu");
    let Some((Value::Date(other), _)) =
        joins.then(|| day_first(words, end + 1, is_welsh)).flatten()
    else {
        return None;
    };
    Some((Value::Date(Date { day: Some(day), ..other }), at + 1))
}

/// `January 2027`, `May 1`, and a month alone.
fn month_first(words: &[Word], at: usize, is_welsh: bool) -> Option<(Value, usize)> {
    let month = month(words, at, false, is_welsh)?;
    let text = |at: usize| text_at(words, at);
    if let Some(year) = year(text(at + 1)) {
        return Some((
            Value::Date(Date { day: None, month: Some(month), year: Some(year) }),
            at + 2,
        ));
    }
    let day = day(text(at + 1)).filter(|_| !is_counted(words, at + 1) && !is_welsh);
    let end = at + 1 + usize::from(day.is_some());
    Some((Value::Date(Date { day, month: Some(month), year: None }), end))
}

/// `15/01/2027`, `2027-01-15` is three words and not read.
fn numeric(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split(['/', '.']).collect();
    let [day, month, year] = parts.as_slice() else { return None };
    let (day, month, year) = (day.parse().ok()?, month.parse().ok()?, year.parse().ok()?);
    let year = if year < 100 { 2000 + year } else { year };
    ((1..=31).contains(&day) && (1..=12).contains(&month)).then_some(Date {
        day: Some(day),
        month: Some(month),
        year: Some(year),
    })
}

/// `2024 to 2025`, `2024-25`, `2024/25`.
fn tax_year(words: &[Word], at: usize) -> Option<(Value, usize)> {
    let follows = |first: u16, second: &str| match second.len() {
        4 => second.parse() == Ok(first + 1),
        2 => second.parse() == Ok((first + 1) % 100),
        _ => false,
    };
    if let Some((first, second)) = words[at].text.split_once('/') {
        let first = year(first)?;
        return follows(first, second).then_some((Value::TaxYear(first), at + 1));
    }
    let first = year(&words[at].text)?;
    let joins = matches!(words.get(at + 1)?.text.as_str(), "to" | "-" | "–" | "i");
    (joins && follows(first, &words.get(at + 2)?.text)).then_some((Value::TaxYear(first), at + 3))
}

fn day(text: &str) -> Option<u8> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = &text[digits.len()..];
    let is_day = matches!(ending, "" | "st" | "nd" | "rd" | "th" | "af" | "ain" | "eg" | "fed");
    digits.parse().ok().filter(|day| is_day && (1..=31).contains(day))
}

fn year(text: &str) -> Option<u16> {
    let is_year = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|year| is_year && (1900..2100).contains(year))
}

/// Whether a number has a pound sign before it or something that it counts after it.
fn is_counted(words: &[Word], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| words[before].text.as_str());
    let after = text_at(words, at + 1);
    before == Some("£") || after == "%" || super::names::unit(after, false).is_some()
}

/// The month at a place. `May` and `March` are verbs too, and `Mai` is a Welsh word for `that`.
fn month(words: &[Word], at: usize, after_day: bool, is_welsh: bool) -> Option<u8> {
    let word = words.get(at)?;
    let names: &[&[&str]; 12] = if is_welsh { &WELSH_MONTHS } else { &ENGLISH_MONTHS };
    let month = names.iter().position(|names| names.contains(&word.text.as_str()))? as u8 + 1;
    let before = at.checked_sub(1).map_or("", |before| words[before].text.as_str());
    let is_name = match word.text.as_str() {
        _ if after_day => true,
        "may" | "march" | "mar" | "dec" | "jan" | "mai" => word.capital && !word.first,
        "mawrth" => !matches!(before, "dydd" | "ddydd" | "nos"),
        "medi" | "awst" | "ebrill" | "hydref" => word.capital,
        _ => true,
    };
    is_name.then_some(month)
}

fn weekday(words: &[Word], at: usize, is_welsh: bool) -> Option<(Value, usize)> {
    let text = words[at].text.as_str();
    if !is_welsh {
        let text = text.strip_suffix('s').unwrap_or(text);
        let day = ENGLISH_DAYS.iter().position(|name| *name == text)?;
        return Some((Value::Weekday(day as u8), at + 1));
    }
    if !matches!(text, "dydd" | "ddydd" | "nos" | "dyddiau") {
        return None;
    }
    let name = words.get(at + 1)?.text.as_str();
    let day = WELSH_DAYS.iter().position(|day| *day == name)?;
    Some((Value::Weekday(day as u8), at + 2))
}

const ENGLISH_MONTHS: [&[&str]; 12] = [
    &["january", "jan"],
    &["february", "feb"],
    &["march", "mar"],
    &["april", "apr"],
    &["may"],
    &["june"],
    &["july"],
    &["august", "aug"],
    &["september", "sept", "sep"],
    &["october", "oct"],
    &["november", "nov"],
    &["december", "dec"],
];

const WELSH_MONTHS: [&[&str]; 12] = [
    &["ionawr"],
    &["chwefror"],
    &["mawrth"],
    &["ebrill"],
    &["mai", "fai"],
    &["mehefin"],
    &["gorffennaf"],
    &["awst"],
    &["medi", "fedi"],
    &["hydref"],
    &["tachwedd", "dachwedd"],
    &["rhagfyr", "ragfyr"],
];

const ENGLISH_DAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

const WELSH_DAYS: [&str; 7] = ["llun", "mawrth", "mercher", "iau", "gwener", "sadwrn", "sul"];
