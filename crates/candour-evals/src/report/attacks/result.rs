//! The result of a red team as its report reads it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::rubric::{Rubric, Told};
use crate::report::document::Text;
use crate::report::parts::is_share;
use crate::report::words::Words;
use crate::statistics::Interval;

/// The result of a red team, as far as its report shows it.
#[derive(Debug, Deserialize)]
pub(in crate::report) struct Attacks {
    /// Whether mitigations can be switched; of what cannot, there is one condition.
    pub(super) is_switched: bool,
    pub(super) outcomes: BTreeMap<String, Outcome>,
    pub(super) effects: Vec<Effect>,
    pub(super) rubric: Option<Told>,
    #[serde(default)]
    pub(super) poisoned: BTreeMap<String, Poisoned>,
    #[serde(default)]
    pub(super) external: Vec<Set>,
    #[serde(default)]
    pub(super) noticed: BTreeMap<String, Share>,
    pub(super) wallet: Option<Wallet>,
    #[serde(default)]
    pub(super) not_tested: Vec<String>,
}

/// A share with its interval, where it has one.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Share {
    pub(super) value: f64,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    /// Of how many attempts.
    pub(super) n: Option<u64>,
    /// Of how many attacks these are, where some have several.
    pub(super) clusters: Option<u64>,
}

/// What came of attacks in one condition.
#[derive(Debug, Deserialize)]
pub(super) struct Outcome {
    pub(super) attempts: u64,
    pub(super) attacks: u64,
    pub(super) success: Option<Share>,
    pub(super) success_at_most: Option<Share>,
    pub(super) families: BTreeMap<String, Share>,
    #[serde(default)]
    pub(super) families_at_most: BTreeMap<String, Share>,
    pub(super) persistence: Vec<Within>,
    #[serde(default)]
    pub(super) persistence_at_most: Vec<Within>,
    pub(super) turns: Vec<Share>,
    #[serde(default)]
    pub(super) turns_at_most: Vec<Share>,
    pub(super) answered: Option<Share>,
    pub(super) false_refusal: Option<Share>,
    pub(super) false_refusal_at_most: Option<Share>,
    pub(super) harmless_unanswered: Option<u64>,
    pub(super) useful: Option<Share>,
    pub(super) useful_under_attack: Option<Share>,
    pub(super) per_attack: Option<PerAttack>,
    pub(super) wrong_numbers: u64,
    pub(super) misled: Option<Misled>,
    pub(super) misled_at_most: Option<Misled>,
    pub(super) unanswered: u64,
    pub(super) too_long: u64,
    pub(super) succeeded: BTreeMap<String, Vec<String>>,
    pub(super) rubric: Option<Rubric>,
}

/// The share of attacks that succeed within a number of attempts.
#[derive(Debug, Deserialize)]
pub(super) struct Within {
    #[serde(flatten)]
    pub(super) share: Share,
    pub(super) n: u64,
    #[serde(default)]
    pub(super) tried_so_often: u64,
}

/// The share of attempts of people in danger that were told a wrong number.
#[derive(Debug, Deserialize)]
pub(super) struct Misled {
    #[serde(flatten)]
    pub(super) share: Share,
    pub(super) n: u64,
    pub(super) attacks: u64,
}

/// What one attack took.
#[derive(Debug, Deserialize)]
pub(super) struct PerAttack {
    pub(super) tokens: f64,
    pub(super) money: Option<f64>,
    pub(super) currency: Option<String>,
}

/// What a mitigation changes beside all others, or beside none.
#[derive(Debug, Deserialize)]
pub(super) struct Effect {
    pub(super) mitigation: String,
    pub(super) beside: String,
    pub(super) changes: BTreeMap<String, Change>,
}

/// How one measure changes.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    pub(super) off: Share,
    pub(super) on: Share,
    pub(super) difference: Share,
    pub(super) p_adjusted: Option<f64>,
}

/// How many hostile pages it takes.
#[derive(Debug, Deserialize)]
pub(super) struct Poisoned {
    pub(super) curve: BTreeMap<usize, Share>,
    pub(super) first_success: BTreeMap<usize, u64>,
    pub(super) never: u64,
    pub(super) without_the_model: u64,
}

/// What came of a set of others.
#[derive(Debug, Deserialize)]
pub(super) struct Set {
    #[serde(rename = "set")]
    pub(super) name: String,
    pub(super) items: u64,
    pub(super) noticed: BTreeMap<String, Share>,
    pub(super) success: BTreeMap<String, Share>,
    pub(super) false_refusal: Option<Share>,
}

/// What one reader can spend.
#[derive(Debug, Deserialize)]
pub(super) struct Wallet {
    pub(super) questions: u64,
    pub(super) written: u64,
    pub(super) pounds: f64,
    pub(super) pounds_per_reader: f64,
    pub(super) written_without: u64,
    pub(super) pounds_without: f64,
}

impl Share {
    /// Its interval, where it has one that a chart can show.
    pub(super) fn interval(self) -> Option<Interval> {
        let interval = Interval { value: self.value, low: self.low?, high: self.high? };
        is_share(&interval).then_some(interval)
    }

    /// The same as tables show it.
    pub(super) fn text(self, words: &Words) -> Text {
        Text::Number(self.said(words))
    }

    fn said(self, words: &Words) -> String {
        let value = format!("{:.3}", self.value);
        let Some((low, high)) = self.low.zip(self.high) else {
            return words.with("no_interval_beside", &[("value", &value)]);
        };
        let [low, high] = [low, high].map(|end| format!("{end:.3}"));
        let places: [(&str, &dyn ToString); 3] =
            [("value", &value), ("low", &low), ("high", &high)];
        words.with("with_interval", &places)
    }

    /// A share of attempts, with what it is at most where some had no answer; where none had one, nobody knows it.
    pub(super) fn known(share: Option<Self>, at_most: Option<Self>, words: &Words) -> Option<Text> {
        Self::known_of([share, at_most], ["share_at_most", "share_unknown"], words)
    }

    /// The same of harmless questions.
    pub(super) fn known_of_harmless(both: [Option<Self>; 2], words: &Words) -> Option<Text> {
        Self::known_of(both, ["share_at_most_harmless", "share_unknown_harmless"], words)
    }

    fn known_of(both: [Option<Self>; 2], said: [&str; 2], words: &Words) -> Option<Text> {
        match (both[0], both[1]) {
            (Some(share), None) => Some(share.text(words)),
            (Some(share), Some(most)) => {
                let [share, most] = [share, most].map(|one| one.said(words));
                let places: [(&str, &dyn ToString); 2] = [("share", &share), ("most", &most)];
                Some(Text::Number(words.with(said[0], &places)))
            }
            (None, Some(_)) => Some(words.say(said[1]).into()),
            (None, None) => None,
        }
    }
}
