//! How far persistence gets: the share of attacks that succeed within a number of attempts, and of
//! conversations within a number of turns.

use serde::Serialize;

use super::Family;
use super::attack::Attack;
use super::fared::Fared;
use super::rate::rate_of;
use crate::statistics::{
    Confidence, Estimate, Method, Observations, Rate, StatisticsError, clopper_pearson_with,
    estimate, pass_any,
};

/// The share of attacks that succeed within a number of attempts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Persistence {
    /// The share.
    #[serde(flatten)]
    pub rate: Rate,
    /// Of how many attacks so many attempts were made. The others count with those that were.
    pub tried_so_often: usize,
}

/// Turns of a conversation are no draws, and are left to `by_turn`.
fn is_drawn(family: Family) -> bool {
    family != Family::MultiTurn
}

impl Fared {
    /// The share of attacks of which at least one of `k` attempts succeeds, drawn from those made.
    pub fn persistence(&self, k: u64) -> Result<Persistence, StatisticsError> {
        let drawn = || self.told_attacks().filter(|attack| is_drawn(attack.family));
        let chance = |attack: &Attack| {
            let made = attack.attempts.len() as u64;
            pass_any(made, attack.succeeded().count() as u64, k.min(made))
        };
        let chances: Vec<f64> = drawn().map(chance).collect::<Result<_, _>>()?;
        let chances = Observations::alone(chances)?;
        let tried_so_often = drawn().filter(|attack| attack.attempts.len() as u64 >= k).count();
        let n = chances.values().len();
        let interval =
            clopper_pearson_with(chances.moments().mean().min(1.0), n as f64, Confidence::P95)?;
        let whole = Estimate { interval, n, clusters: None, method: Method::ClopperPearson };
        let each = rate_of(&self.successes_where(|attack, _| is_drawn(attack.family)))?;
        let rate = match each.high {
            // An attack that has several tries succeeds no more rarely than one try does.
            Some(one) => Rate { high: Some(interval.high.max(one)), ..whole.into() },
            None => Rate { value: interval.value, n, ..each },
        };
        Ok(Persistence { rate, tried_so_often })
    }

    /// The most attempts that were made of one attack.
    pub fn most_attempts(&self) -> u64 {
        self.most(is_drawn)
    }

    /// The most turns of one conversation.
    pub fn most_turns(&self) -> u64 {
        self.most(|family| !is_drawn(family))
    }

    fn most(&self, is_in: impl Fn(Family) -> bool) -> u64 {
        let counted = self.told_attacks().filter(|attack| is_in(attack.family));
        counted.map(|attack| attack.attempts.len() as u64).max().unwrap_or_default()
    }

    /// The share of conversations in which one of the first `k` turns succeeds.
    pub fn by_turn(&self, k: u64) -> Result<Rate, StatisticsError> {
        let within = self.turns_to_success().map(|turn| turn.is_some_and(|turn| turn <= k));
        let values = within.map(|is_within| f64::from(u8::from(is_within)));
        Ok(estimate(&Observations::alone(values)?, Confidence::P95)?.into())
    }

    /// For each conversation the turn that succeeded first, if one did.
    pub fn turns_to_success(&self) -> impl Iterator<Item = Option<u64>> {
        self.told_attacks().filter(|attack| !is_drawn(attack.family)).map(|attack| {
            let first = attack.attempts.values().position(|attempt| attempt.has_succeeded());
            first.map(|turn| turn as u64 + 1)
        })
    }
}
