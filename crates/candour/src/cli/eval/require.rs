//! What a run has to reach, so that a build can stand or fall by it: `key_facts>=0.9`, `recall:true.low>=0.8`.

use std::fmt;
use std::str::FromStr;

use candour_core::Side;
use candour_evals::runner::{JudgedMeasure, LabelRates, Summary};
use candour_evals::scorer::Scorer;
use candour_evals::statistics::Rate;

/// What a measure has to reach.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Requirement {
    measure: Measure,
    end: End,
    side: Side,
    value: f64,
}

/// What is measured.
#[derive(Debug, Clone, PartialEq)]
enum Measure {
    Scorer(Scorer),
    /// A figure of a label, both by name.
    Label(&'static str, String),
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
        let measure = match &self.measure {
            Measure::Scorer(scorer) => scored(summary, *scorer),
            Measure::Label(figure, label) => of_label(summary, figure, label),
        };
        let reached = measure.and_then(|measure| match self.end {
            End::Value => Some(measure.value),
            End::Low => measure.low,
            End::High => measure.high,
        });
        reached.is_some_and(|reached| self.side.holds(reached, self.value))
    }
}

fn scored(summary: &Summary, scorer: Scorer) -> Option<Rate> {
    let judged = summary.judge.iter().find_map(|judge| judge.measures.get(&scorer));
    let judged = judged.and_then(JudgedMeasure::headline);
    let judged = judged.map(|estimate| Rate::from(*estimate));
    summary.measures.get(&scorer).copied().or(judged)
}

fn of_label(summary: &Summary, figure: &str, label: &str) -> Option<Rate> {
    let rates = summary.labels.get(label)?.intervals?;
    rates.all().into_iter().find_map(|(name, rate)| rate.filter(|_| name == figure))
}

impl FromStr for Measure {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if let Some((figure, label)) = name.split_once(':') {
            let known = LabelRates::default().all().into_iter().find(|(known, _)| *known == figure);
            return match known {
                Some((figure, _)) => Ok(Self::Label(figure, label.trim().to_owned())),
                None => Err("of a label there are precision, recall, f1 and f2".to_owned()),
            };
        }
        let scorer = Scorer::ALL.into_iter().find(|scorer| scorer.name() == name);
        scorer.map(Self::Scorer).ok_or_else(|| format!("there is no measure {name:?}"))
    }
}

impl FromStr for Requirement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, side, value) =
            Side::split(text).ok_or("write a measure, >= or <=, and a number: key_facts>=0.9")?;
        let ends = [(".low", End::Low), (".high", End::High)];
        let found = ends.iter().find_map(|(end, which)| Some((name.strip_suffix(end)?, *which)));
        let end = found.and_then(|_| name.rsplit('.').next());
        end.map_or(Ok(()), |end| side.check_end(end))?;
        let (name, end) = found.unwrap_or((name, End::Value));
        if name.contains('.') && !name.contains(':') {
            return Err("an interval has the ends .low and .high".to_owned());
        }
        let measure = name.parse()?;
        let number = value.parse().ok().filter(|number: &f64| number.is_finite());
        let value = number.ok_or_else(|| format!("{value:?} is not a number"))?;
        Ok(Self { measure, end, side, value })
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.end {
            End::Value => "",
            End::Low => ".low",
            End::High => ".high",
        };
        let (sign, value) = (self.side.sign(), self.value);
        match &self.measure {
            Measure::Scorer(scorer) => write!(f, "{}{end}{sign}{value}", scorer.name()),
            Measure::Label(figure, label) => write!(f, "{figure}:{label}{end}{sign}{value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_read_and_written() {
        for text in [
            "key_facts>=0.9",
            "status.low>=0.5",
            "reading_age.high<=12",
            "f1:true>=0.8",
            "recall:secondary: gov.uk.low>=0.5",
        ] {
            assert_eq!(
                text.parse::<Requirement>().map(|read| read.to_string()),
                Ok(text.to_owned())
            );
        }
        let no_numbers = ["links>=x", "links<=inf", "links>=NaN", "links>=-infinity"];
        let no_measures =
            ["", "key_facts", "key_facts=1", "keyfacts>=1", "links.mid>=1", "f3:true>=1"];
        for wrong in no_numbers.into_iter().chain(no_measures) {
            assert!(wrong.parse::<Requirement>().is_err(), "{wrong}");
        }
        for (wrong, meant) in [
            ("key_facts.high>=0.9", "write .low with >="),
            ("recall:true.high>=0.9", "write .low with >="),
            ("bias.low<=0.1", "write .high with <="),
        ] {
            let said = wrong.parse::<Requirement>().unwrap_err();
            assert!(said.contains(meant), "{said}");
        }
    }
}
