//! What stands against attacks, each by its name, so that an experiment can switch it off and measure what
//! it is worth.
//!
//! Everything is on in an `Assistant`, and nothing in a configuration, request or switch of the service
//! can change that: only `Experiment` has one with less, and what that answers is no `VerifiedAnswer`.

use std::fmt;
use std::str::FromStr;

use candour_core::Config;
use serde::{Serialize, Serializer};

/// Something that stands against attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mitigation {
    /// Unicode is normalised, and what cannot be seen is taken out of a question before anything reads it.
    Normalisation,
    /// Personal data is masked before a model reads a question.
    Masking,
    /// What speaks to the assistant is told from guidance and questions: such a passage is neither quoted
    /// nor given to a model, and no model is asked such a question.
    Detection,
    /// A model is told that guidance and question are data, and gets the question as one JSON string.
    Delimiters,
    /// A model is told its instructions before, and apart from, what anyone else has written.
    InstructionOrder,
    /// No sentence holds the mark that stands in the instructions to a model. The mark itself stays, so that
    /// it shows where they leak.
    Canary,
    /// Each sentence must cite words that stand where it says.
    CitationCheck,
    /// Each sentence is held against what it cites: its figures, dates, names, negations, conditions.
    ClaimCheck,
    /// No sentence speaks to a system, or has an opinion, but in the words that it cites.
    VoiceCheck,
    /// No sentence holds personal data or a mask but in the words that it cites.
    LeakCheck,
    /// Nothing leads anywhere that no retrieved page names.
    LinkAllowList,
    /// A second model, where one is configured, says of each sentence whether it stands on what it cites.
    Judge,
    /// Nothing is answered below the confidence that the configuration sets.
    Abstention,
    /// Fixed words for questions that ask for a political opinion.
    Neutrality,
    /// Whom to call, where someone may be in danger or distress.
    CrisisSignposting,
    /// The longest question and the longest answer, and what a reader may spend in a day. Money is no part of
    /// an experiment with a model that costs some: its budget stays.
    Budgets,
}

impl Mitigation {
    /// Every one, in the order of the path of a question.
    pub const ALL: [Self; 16] = [
        Self::Normalisation,
        Self::Masking,
        Self::Detection,
        Self::Delimiters,
        Self::InstructionOrder,
        Self::Canary,
        Self::CitationCheck,
        Self::ClaimCheck,
        Self::VoiceCheck,
        Self::LeakCheck,
        Self::LinkAllowList,
        Self::Judge,
        Self::Abstention,
        Self::Neutrality,
        Self::CrisisSignposting,
        Self::Budgets,
    ];

    /// Its name on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normalisation => "normalisation",
            Self::Masking => "masking",
            Self::Detection => "detection",
            Self::Delimiters => "delimiters",
            Self::InstructionOrder => "instruction-order",
            Self::Canary => "canary",
            Self::CitationCheck => "citation-check",
            Self::ClaimCheck => "claim-check",
            Self::VoiceCheck => "voice-check",
            Self::LeakCheck => "leak-check",
            Self::LinkAllowList => "link-allow-list",
            Self::Judge => "judge",
            Self::Abstention => "abstention",
            Self::Neutrality => "neutrality",
            Self::CrisisSignposting => "crisis-signposting",
            Self::Budgets => "budgets",
        }
    }

    /// Whether it does something only where a model writes: what is quoted needs none of it.
    pub fn needs_a_model(self) -> bool {
        !matches!(
            self,
            Self::Normalisation | Self::Abstention | Self::Neutrality | Self::CrisisSignposting
        )
    }
}

impl fmt::Display for Mitigation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Mitigation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl FromStr for Mitigation {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|one| one.name() == name).ok_or_else(|| {
            format!("{name:?} is none: name one of {}", Self::ALL.map(Self::name).join(", "))
        })
    }
}

/// Which mitigations are on: all of them by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mitigations(u16);

impl Default for Mitigations {
    fn default() -> Self {
        Self::none().with(Mitigation::ALL)
    }
}

impl Mitigations {
    /// None of them.
    pub fn none() -> Self {
        Self(0)
    }

    /// These too.
    #[must_use]
    pub fn with(self, more: impl IntoIterator<Item = Mitigation>) -> Self {
        Self(more.into_iter().fold(self.0, |on, one| on | bit(one)))
    }

    /// All but these.
    #[must_use]
    pub fn without(self, less: impl IntoIterator<Item = Mitigation>) -> Self {
        Self(less.into_iter().fold(self.0, |on, one| on & !bit(one)))
    }

    /// Whether one is on.
    pub fn has(self, one: Mitigation) -> bool {
        self.0 & bit(one) != 0
    }

    /// The configuration without those that are off and are made of configuration.
    #[must_use]
    pub(crate) fn applied_to(self, config: &Config) -> Config {
        let mut config = config.clone();
        if !self.has(Mitigation::Abstention) {
            config.answers.abstain_below = 0.0;
        }
        if !self.has(Mitigation::Budgets) {
            config.answers.max_question_characters = usize::MAX;
            config.generation.max_output_tokens = UNBOUNDED_TOKENS;
        }
        config
    }
}

/// More than a reader reads: what a model may write where nothing bounds it.
const UNBOUNDED_TOKENS: u32 = 16_384;

fn bit(one: Mitigation) -> u16 {
    1 << one as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_switched_by_itself() {
        for one in Mitigation::ALL {
            assert_eq!(one.name().parse(), Ok(one));
            assert!(Mitigations::default().has(one) && !Mitigations::none().has(one));
            let without = Mitigations::default().without([one]);
            let only = Mitigations::none().with([one]);
            for other in Mitigation::ALL {
                assert_eq!((without.has(other), only.has(other)), (other != one, other == one));
            }
        }
        assert!("firewall".parse::<Mitigation>().unwrap_err().contains("normalisation, masking"));
    }

    #[test]
    fn what_is_made_of_configuration_is_switched_there() {
        let config = Config::default();
        assert_eq!(Mitigations::default().applied_to(&config), config);
        let open = Mitigations::none().applied_to(&config);
        assert!(open.answers.abstain_below.abs() < f32::EPSILON);
        assert!(open.generation.max_output_tokens > config.generation.max_output_tokens);
    }
}
