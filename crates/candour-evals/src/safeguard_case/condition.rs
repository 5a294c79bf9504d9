//! A condition of a claim, `attack_success.high <= 0.05`: which figure, which end of its interval, and
//! where that has to be.

use std::fmt;
use std::str::FromStr;

use candour_core::Side;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::at_most::{self, is_at_most};
use super::{AssessedCondition, Support};
use crate::evidence::{Figure, figures};

/// What a figure has to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Condition {
    /// The keys that lead to the figure, or the last of them.
    name: String,
    end: End,
    side: Side,
    value: f64,
}

/// Which number of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Low,
    High,
    /// A count, which has no interval.
    Count,
}

impl Condition {
    /// Holds it against a result: against the figure, and against what that is at most.
    pub(super) fn assess(&self, result: &Value) -> AssessedCondition {
        let figures = figures(result);
        let (number, figure) = match self.find(result, &figures) {
            Ok(found) => found,
            Err(why) => return self.unknown(why),
        };
        if !self.side.holds(number, self.value) {
            return self.found(Support::NotSupported, figure, None);
        }
        let Some(most) = at_most::of(&figure.name, &figures) else {
            return self.found(Support::Supported, figure, None);
        };
        match self.number(most) {
            Ok(number) if self.side.holds(number, self.value) => {
                self.found(Support::Supported, figure, None)
            }
            Ok(_) => {
                let why = "it does not hold if those without an answer count against it".to_owned();
                self.found(Support::NotSupported, most.clone(), Some(why))
            }
            Err(why) => self.unknown(why),
        }
    }

    fn found(&self, verdict: Support, figure: Figure, why: Option<String>) -> AssessedCondition {
        AssessedCondition { condition: self.clone(), verdict, figure: Some(figure), why }
    }

    /// What is said where there is nothing to hold it against.
    pub(super) fn unknown(&self, why: String) -> AssessedCondition {
        let (condition, verdict) = (self.clone(), Support::NoEvidence);
        AssessedCondition { condition, verdict, figure: None, why: Some(why) }
    }

    /// The number that it is about, with its figure; else why there is none.
    fn find(&self, result: &Value, figures: &[Figure]) -> Result<(f64, Figure), String> {
        if self.end == End::Count {
            return self.count(result);
        }
        // What a figure is at most stands beside it, and is meant where it is named.
        let is_meant = |figure: &&Figure| {
            is_named(&figure.name, &self.name)
                && (is_at_most(&self.name) || !is_at_most(&figure.name))
        };
        let found: Vec<&Figure> = figures.iter().filter(is_meant).collect();
        let is_unheard = |name: String| figures.iter().any(|figure| is_named(&figure.name, &name));
        if found.is_empty() && at_most::names(&self.name).any(is_unheard) {
            return Err(format!(
                "nobody knows {}, for nothing that it is of had an answer",
                self.name
            ));
        }
        let figure = only(&found, &self.name, |figure| &figure.name)?;
        Ok((self.number(figure)?, figure.clone()))
    }

    /// The end of a figure that it is about.
    fn number(&self, figure: &Figure) -> Result<f64, String> {
        let end = if self.end == End::Low { figure.low } else { figure.high };
        end.filter(|end| end.is_finite())
            .ok_or_else(|| format!("nobody knows the interval of {}", figure.name))
    }

    fn count(&self, result: &Value) -> Result<(f64, Figure), String> {
        let mut counts = Vec::new();
        collect_counts(result, String::new(), &mut counts);
        let found = counts.iter().filter(|(name, _)| is_named(name, &self.name));
        let (name, value) = only(&found.collect::<Vec<_>>(), &self.name, |(name, _)| name)?;
        let (name, value) = (name.clone(), *value);
        Ok((
            value,
            Figure { name, value, low: None, high: None, n: None, clusters: None, method: None },
        ))
    }
}

/// Whether a figure has this name, or one that ends in it.
fn is_named(name: &str, wanted: &str) -> bool {
    name.strip_suffix(wanted).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The one that was found: the only one of the whole name, else the only one.
fn only<'a, T>(
    found: &[&'a T],
    wanted: &str,
    name: impl Fn(&T) -> &String,
) -> Result<&'a T, String> {
    let whole: Vec<&T> = found.iter().copied().filter(|one| name(one) == wanted).collect();
    match if whole.is_empty() { found } else { &whole } {
        [one] => Ok(one),
        [] => Err(format!("it has no figure {wanted}")),
        several => {
            let names: Vec<&str> = several.iter().take(5).map(|one| name(one).as_str()).collect();
            Err(format!("several of its figures are named {wanted}: {}", names.join(", ")))
        }
    }
}

/// Every whole number from 0 that is no part of a figure, by the keys that lead to it. Whatever else is a
/// number, a mean or a share, has an interval or proves nothing.
fn collect_counts(value: &Value, name: String, found: &mut Vec<(String, f64)>) {
    match value {
        Value::Object(object) if object.contains_key("low") && object.contains_key("high") => {}
        Value::Object(object) => {
            for (key, inner) in object {
                let below = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                collect_counts(inner, below, found);
            }
        }
        other => found.extend(other.as_u64().map(|number| (name, number as f64))),
    }
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, side, value) = Side::split(text).ok_or_else(|| {
            format!("{text:?} is no condition: write a figure with .low or .high, >= or <=, and a number: key_facts.low >= 0.6")
        })?;
        let (name, end) = match name.rsplit_once('.') {
            Some((name, "low")) => (name, End::Low),
            Some((name, "high")) => (name, End::High),
            Some((_, "value")) => {
                return Err(format!(
                    "{text:?} rests on a mean alone, which does not tell how sure it is: write .low or .high"
                ));
            }
            _ => (name, End::Count),
        };
        let ends = [(End::Low, "low"), (End::High, "high")];
        if let Some((_, end)) = ends.iter().find(|(which, _)| *which == end) {
            side.check_end(end).map_err(|why| format!("in {text:?}, {why}"))?;
        }
        let value: f64 =
            value.parse().map_err(|_| format!("in {text:?}, {value:?} is not a number"))?;
        if !value.is_finite() {
            return Err(format!("in {text:?}, no figure reaches {value}: write a number"));
        }
        Ok(Self { name: name.to_owned(), end, side, value })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.end {
            End::Low => ".low",
            End::High => ".high",
            End::Count => "",
        };
        write!(f, "{}{end} {} {}", self.name, self.side.sign(), self.value)
    }
}

impl TryFrom<String> for Condition {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Condition> for String {
    fn from(condition: Condition) -> Self {
        condition.to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_are_read_and_written() {
        for text in ["key_facts.low >= 0.6", "a.b.high <= 0.05", "wrong_numbers <= 0"] {
            assert_eq!(text.parse::<Condition>().unwrap().to_string(), text);
        }
        for wrong in
            ["", "a", "a = 1", "a.low >= b", "a.value >= 0.5", "a.low >= -inf", "a.low >= NaN"]
        {
            assert!(wrong.parse::<Condition>().is_err(), "{wrong}");
        }
        for (wrong, meant) in [
            ("answered.high >= 0.9", "write .low with >="),
            ("a.b.high>=0.9", "write .low with >="),
            ("success.low <= 0.05", "write .high with <="),
        ] {
            let said = wrong.parse::<Condition>().unwrap_err();
            assert!(said.contains(meant) && said.contains(wrong), "{said}");
        }
    }

    #[test]
    fn figures_are_found_by_the_end_of_their_names() {
        let rate = |high: f64| json!({"value": 0.0, "low": 0.0, "high": high});
        let result = json!({
            "on": {"plain": rate(0.1), "base64": rate(0.2)},
            "off": {"plain": rate(0.5)},
            "base64": rate(0.9),
            "wrong_numbers": 0,
            "share": 0.0,
            "below": -1,
            "twice": [{"name": "one", "value": 0.0, "low": 0.0, "high": 0.1},
                {"name": "one", "value": 0.0, "low": 0.0, "high": 0.9}],
        });
        let cases = [
            ("on.plain.high <= 0.1", Support::Supported),
            ("on.plain.high <= 0.05", Support::NotSupported),
            ("plain.high <= 0.6", Support::NoEvidence),
            ("base64.high <= 0.5", Support::NotSupported),
            ("lain.high <= 0.6", Support::NoEvidence),
            ("wrong_numbers <= 0", Support::Supported),
            ("wrong_numbers.low >= 0", Support::NoEvidence),
            ("on.plain <= 0.1", Support::NoEvidence),
            // A share is no count, and of two figures of one name nobody knows which is meant.
            ("share <= 0.1", Support::NoEvidence),
            ("below <= 0", Support::NoEvidence),
            ("twice.one.high <= 0.5", Support::NoEvidence),
        ];
        for (text, verdict) in cases {
            let condition: Condition = text.parse().unwrap();
            assert_eq!(condition.assess(&result).verdict, verdict, "{text}");
        }
    }
}
