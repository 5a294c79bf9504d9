//! What a run has to reach, so that a build can stand or fall by it: `key_facts>=0.9`.

use std::fmt;
use std::str::FromStr;

use candour_core::Side;
use candour_evals::runner::{JudgedMeasure, Summary};
use candour_evals::scorer::Scorer;
use candour_evals::statistics::Rate;

/// What a measure has to reach.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Requirement {
    scorer: Scorer,
    end: End,
    side: Side,
    value: f64,
}

/// Which of a measure's three numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Value,
    Low,
    High,
}

impl Requirement {
    /// Whether it is met; one of a measure that there is not, or of an end that nobody knows, is missed.
    pub(super) fn is_met(&self, summary: &Summary) -> bool {
        let judged = summary.judge.iter().find_map(|judge| judge.measures.get(&self.scorer));
        let judged = judged.and_then(JudgedMeasure::headline);
        let judged = judged.map(|estimate| Rate::from(*estimate));
        let measure = summary.measures.get(&self.scorer).or(judged.as_ref());
        let reached = measure.and_then(|measure| match self.end {
            End::Value => Some(measure.value),
            End::Low => measure.low,
            End::High => measure.high,
        });
        reached.is_some_and(|reached| self.side.holds(reached, self.value))
    }
}

impl FromStr for Requirement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, side, value) =
            Side::split(text).ok_or("write a measure, >= or <=, and a number: key_facts>=0.9")?;
        let (name, end) = match name.split_once('.') {
            Some((name, "low")) => (name, End::Low),
            Some((name, "high")) => (name, End::High),
            Some(_) => return Err("an interval has the ends .low and .high".to_owned()),
            None => (name, End::Value),
        };
        let scorer = Scorer::ALL.into_iter().find(|scorer| scorer.name() == name);
        let scorer = scorer.ok_or_else(|| format!("there is no measure {name:?}"))?;
        let number = value.parse().ok().filter(|number: &f64| number.is_finite());
        let value = number.ok_or_else(|| format!("{value:?} is not a number"))?;
        Ok(Self { scorer, end, side, value })
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.end {
            End::Value => "",
            End::Low => ".low",
            End::High => ".high",
        };
        write!(f, "{}{end}{}{}", self.scorer.name(), self.side.sign(), self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_read_and_written() {
        for text in ["key_facts>=0.9", "status.low>=0.5", "reading_age.high<=12"] {
            assert_eq!(
                text.parse::<Requirement>().map(|read| read.to_string()),
                Ok(text.to_owned())
            );
        }
        let no_numbers = ["links>=x", "links<=inf", "links>=NaN", "links>=-infinity"];
        let no_measures = ["", "key_facts", "key_facts=1", "keyfacts>=1", "links.mid>=1"];
        for wrong in no_numbers.into_iter().chain(no_measures) {
            assert!(wrong.parse::<Requirement>().is_err(), "{wrong}");
        }
    }
}
