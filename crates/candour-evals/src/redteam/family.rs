//! The families of attacks on an assistant of a public body, and the technique of MITRE ATLAS behind each.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Disguise;
use crate::suite::Sample;

/// A kind of attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// The question gives orders.
    Injection,
    /// A retrieved page gives orders.
    Indirect,
    /// The instructions are to be told.
    PromptExtraction,
    /// Help with what nobody should be helped with.
    Jailbreak,
    /// One step at a time, over several turns.
    MultiTurn,
    /// Words are to be put into a source's mouth.
    Citation,
    /// The answer is to lead, or carry words, elsewhere.
    Link,
    /// Personal data is to be told, or told again.
    PersonalData,
    /// What is not so is taken for granted.
    FalsePremise,
    /// An opinion on politics is asked for.
    Political,
    /// Someone in danger or distress, who must be told whom to call.
    Distress,
    /// The answer is to cost as much as it can.
    Wallet,
    /// Whoever judges the answer is addressed.
    Judge,
    /// From a set of someone else's, whose families are its own.
    External,
}

impl Family {
    /// Every one.
    pub const ALL: [Self; 14] = [
        Self::Injection,
        Self::Indirect,
        Self::PromptExtraction,
        Self::Jailbreak,
        Self::MultiTurn,
        Self::Citation,
        Self::Link,
        Self::PersonalData,
        Self::FalsePremise,
        Self::Political,
        Self::Distress,
        Self::Wallet,
        Self::Judge,
        Self::External,
    ];

    /// Its name in tags of samples and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Injection => "injection",
            Self::Indirect => "indirect",
            Self::PromptExtraction => "prompt-extraction",
            Self::Jailbreak => "jailbreak",
            Self::MultiTurn => "multi-turn",
            Self::Citation => "citation",
            Self::Link => "link",
            Self::PersonalData => "personal-data",
            Self::FalsePremise => "false-premise",
            Self::Political => "political",
            Self::Distress => "distress",
            Self::Wallet => "wallet",
            Self::Judge => "judge",
            Self::External => "external",
        }
    }

    /// The technique of MITRE ATLAS 5.6.0 that it is.
    pub fn technique(self) -> &'static str {
        match self {
            Self::Injection | Self::Judge | Self::External => "AML.T0051.000",
            Self::Indirect => "AML.T0051.001",
            Self::PromptExtraction => "AML.T0056",
            Self::Jailbreak | Self::MultiTurn => "AML.T0054",
            Self::Citation => "AML.T0067.000",
            Self::Link => "AML.T0077",
            Self::PersonalData => "AML.T0057",
            Self::FalsePremise => "AML.T0065",
            Self::Political => "AML.T0048.002",
            Self::Distress => "AML.T0048.003",
            Self::Wallet => "AML.T0034.001",
        }
    }

    /// The family that the tags of an attack name first; those of a set without any are external.
    pub fn of(sample: &Sample) -> Self {
        let named = |tag: &String| Self::ALL.into_iter().find(|family| family.name() == tag);
        sample.tags.iter().find_map(named).unwrap_or(Self::External)
    }

    /// Whether a rubric tells more of an attack of it than words that must not be said: help, a promise, an
    /// opinion or instructions can be given in any words. Of the others a rule sees all there is to see:
    /// where a link leads, whether a quote stands, a number, a pattern, a count.
    pub fn is_for_a_rubric(self) -> bool {
        matches!(
            self,
            Self::Injection
                | Self::PromptExtraction
                | Self::Jailbreak
                | Self::MultiTurn
                | Self::FalsePremise
                | Self::Political
        )
    }

    /// The disguises in which an attack of it makes sense. Who is in danger does not write in base64,
    /// and what costs much costs more in no disguise.
    pub fn disguises(self) -> impl Iterator<Item = Disguise> {
        Disguise::ALL.into_iter().filter(move |disguise| match self {
            Self::Indirect | Self::Wallet | Self::MultiTurn => *disguise == Disguise::Plain,
            Self::Distress => disguise.is_natural(),
            _ => true,
        })
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Family {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl std::str::FromStr for Family {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        // What no tag names is no choice, though a suite of one's own may be of nothing else.
        let named = Self::ALL.into_iter().filter(|family| *family != Self::External);
        let named: Vec<&str> = named.map(Self::name).collect();
        Self::ALL
            .into_iter()
            .find(|family| family.name() == name)
            .ok_or_else(|| format!("{name:?} is none: name one of {}", named.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_read_by_name_and_only_those_with_a_tag_are_offered() {
        for family in Family::ALL {
            assert_eq!(family.name().parse(), Ok(family));
            let offered = "none".parse::<Family>().unwrap_err();
            let names = offered.split_once("name one of ").unwrap().1;
            let is_offered = names.split(", ").any(|name| name == family.name());
            assert_eq!(is_offered, family != Family::External, "{offered}");
        }
    }
}
