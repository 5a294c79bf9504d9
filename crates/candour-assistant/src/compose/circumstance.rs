//! The circumstances that texts name of their readers, by reviewed words, and which of them exclude each
//! other.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::range;
use crate::verify::{Period, periods};
use crate::words::plain_words;

/// Whether nobody is in both of two circumstances, as far as words and numbers tell.
pub(super) fn opposed(one: &str, two: &str) -> bool {
    Told::of(one).excludes(two)
}

/// A text, read once for the circumstances that it names and held against others.
pub(super) struct Told<'a> {
    pub(super) text: &'a str,
    circumstances: Vec<(usize, usize)>,
    periods: Vec<Period>,
}

impl<'a> Told<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, circumstances: circumstances(text), periods: periods(text) }
    }

    /// Whether nobody is in these circumstances and in those of `other`.
    pub(super) fn excludes(&self, other: &str) -> bool {
        let (kinds, others) = (&self.circumstances, circumstances(other));
        let of_kind = |all: &[(usize, usize)], kind: usize| -> BTreeSet<usize> {
            all.iter().filter(|(other, _)| *other == kind).map(|(_, value)| *value).collect()
        };
        let by_kind = kinds.iter().any(|(kind, _)| {
            let (here, there) = (of_kind(kinds, *kind), of_kind(&others, *kind));
            !there.is_empty() && here.is_disjoint(&there)
        });
        by_kind
            || range::are_apart(self.text, other, is_age(self.text) && is_age(other))
            || self.is_at_another_time(other)
    }

    /// Whether both say before or after which day something was, and it cannot have been in both.
    fn is_at_another_time(&self, other: &str) -> bool {
        let others = if self.periods.is_empty() { Vec::new() } else { periods(other) };
        let mut pairs =
            self.periods.iter().flat_map(|own| others.iter().map(move |its| (own, its)));
        pairs.any(|(own, its)| own.is_bounded && its.is_bounded && own.excludes(its))
    }
}

/// Whether a text says before or after which day something was, and one of these is on the other side.
pub(super) fn is_outside(text: &str, said: &[Period]) -> bool {
    let bounded = if said.is_empty() { Vec::new() } else { periods(text) };
    let mut bounded = bounded.iter().filter(|period| period.is_bounded);
    bounded.any(|period| said.iter().any(|said| period.excludes(said)))
}

fn is_age(text: &str) -> bool {
    !text.contains(['£', '%']) && plain_words(text).iter().any(|word| AGE.contains(&word.as_str()))
}

/// The circumstances that a text names: which kind, and which value of it.
pub(super) fn circumstances(text: &str) -> Vec<(usize, usize)> {
    let words = format!(" {} ", plain_words(text).join(" "));
    let mut found = Vec::new();
    for (at, kind) in KINDS.iter().enumerate() {
        let mut left = Cow::Borrowed(words.as_str());
        for (value, names) in kind.values.iter().enumerate() {
            for name in names {
                if left.contains(name) {
                    left = Cow::Owned(left.replace(name, " , "));
                    found.push((at, value));
                }
            }
        }
    }
    found
}

/// Whether a word is one of a name of some circumstance.
pub(super) fn is_in_a_name(word: &str) -> bool {
    let mut names = KINDS.iter().flat_map(|kind| kind.values.iter().flatten());
    names.any(|name| name.split_whitespace().any(|own| own == word))
}

/// Words beside which a bare number is an age.
const AGE: [&str; 7] = ["age", "aged", "ages", "under", "over", "oed", "oedran"];

/// The condition that a sentence states of its reader: from `if you` to the end of the clause.
pub(super) fn clause(text: &str) -> Option<&str> {
    CLAUSE.as_ref()?.find(text).map(|found| found.as_str().trim())
}

static CLAUSE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:if (?:you|your)\b|os (?:yw|ydy) eich\b|os (?:oes gennych|\w+ych)\b)(?:[^,.;:]|[,.]\d)*",
    )
    .ok()
});

#[derive(Deserialize)]
struct File {
    kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// For each value its names, between spaces, as whole words are looked for.
    values: Vec<Vec<String>>,
}

impl Kind {
    fn padded(mut self) -> Self {
        for name in self.values.iter_mut().flatten() {
            *name = format!(" {name} ");
        }
        self
    }
}

static KINDS: LazyLock<Vec<Kind>> =
    LazyLock::new(|| match toml::from_str::<File>(include_str!("circumstances.toml")) {
        Ok(file) => file.kinds.into_iter().map(Kind::padded).collect(),
        Err(error) => {
            tracing::error!(%error, "the kinds of circumstance cannot be read");
            Vec::new()
        }
    });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circumstances_that_exclude_each_other_are_told_apart() {
        assert!(!KINDS.is_empty(), "the kinds can be read");
        for (one, two, expected) in [
            ("If you are employed", "If you are self-employed", true),
            ("If you rent your home", "If you buy or sell", true),
            ("Aged 16 to 24 years", "Aged 25 years or over", true),
            ("If you are under 25 years old", "If you are over 18 years old", false),
            ("If you are under 18", "If you are aged 18 or over", true),
            ("If your turnover is less than £85,000", "If you import more than £85,000", false),
            ("If you live in England", "If you live in Scotland", true),
            ("Ysgol gynradd", "Ysgol uwchradd", true),
            ("Os ydych yn rhentu", "Os ydych yn berchen ar eich cartref", true),
            ("If you rent your home", "If you rent a garage", false),
            ("If you are a landlord", "If you are a tenant", true),
            ("If you rent from a private landlord", "If you are a tenant", false),
            ("Os ydych yn rhentu gan landlord preifat", "Os ydych yn denant", false),
            ("If this is your first child", "If you need a replacement", false),
            ("If it is your first time", "If you renew", true),
            (
                "If you were born before 23 May 1945",
                "If you were born on or after 23 May 1945",
                true,
            ),
            ("Tenancies that began in 2019 or earlier", "Tenancies that began from 2020", true),
            ("If you were born before 1945", "If you were born after 1940", false),
            ("If you were born before 1945", "If you claimed after 2020", false),
            ("Charges for 2025", "Charges for 2026", false),
            ("Os ganwyd chi cyn 1945", "Os ganwyd chi ar neu ar ôl 1 Ionawr 1945", true),
            ("What it costs", "How to apply", false),
            ("", "", false),
        ] {
            assert_eq!(opposed(one, two), expected, "{one} and {two}");
            assert_eq!(opposed(two, one), expected, "{two} and {one}");
        }
    }

    #[test]
    fn a_condition_ends_with_its_clause() {
        for (text, expected) in [
            ("It is £90 if you are employed, and £40 if not.", Some("if you are employed")),
            ("If your home is a flat, you need it.", Some("If your home is a flat")),
            ("Cewch £90 os ydych yn gweithio.", Some("os ydych yn gweithio")),
            ("Pay it if you earn £1,500.50 a month.", Some("if you earn £1,500.50 a month")),
            ("If we refuse, you can appeal.", None),
            ("It is £90.", None),
        ] {
            assert_eq!(clause(text), expected, "{text}");
        }
    }
}
