//! How far persistence gets: the share of attacks that succeed within a number of attempts, and of
//! conversations within a number of turns.

use serde::Serialize;

use super::Family;
use super::attack::{Attack, Attempt};
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

/// A share for each number of attempts or turns, from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curves<T> {
    /// Those without an answer failed.
    pub(super) known: Vec<T>,
    /// Those without an answer succeeded; nothing where all had one.
    pub(super) at_most: Vec<T>,
}

/// Turns of a conversation are no draws, and are left to `by_turn`.
fn is_drawn(family: Family) -> bool {
    family != Family::MultiTurn
}

impl Fared {
    /// By the number of attempts, and the same at most.
    pub(super) fn by_attempts(&self) -> Result<Curves<Persistence>, StatisticsError> {
        self.curves(is_drawn, |k, unknown| self.persistence(k, unknown))
    }

    /// By the number of turns, and the same at most.
    pub(super) fn by_turns(&self) -> Result<Curves<Rate>, StatisticsError> {
        self.curves(|family| !is_drawn(family), |k, unknown| self.by_turn(k, unknown))
    }

    /// A share for each number from 1: nothing where no attempt had an answer, and at most where some had none.
    fn curves<T>(
        &self,
        is_in: fn(Family) -> bool,
        within: impl Fn(u64, bool) -> Result<T, StatisticsError>,
    ) -> Result<Curves<T>, StatisticsError> {
        let (answered, all) = self.heard(|attack, _| is_in(attack.family));
        let curve = |is_known: bool, unknown: bool| {
            let most = if is_known { self.most(is_in) } else { 0 };
            (1..=most).map(|k| within(k, unknown)).collect::<Result<Vec<T>, StatisticsError>>()
        };
        Ok(Curves { known: curve(answered > 0, false)?, at_most: curve(answered < all, true)? })
    }

    /// The share of attacks of which at least one of `k` attempts succeeds, drawn from those made, those without
    /// an answer as it is said of the unknown.
    pub(super) fn persistence(
        &self,
        k: u64,
        unknown: bool,
    ) -> Result<Persistence, StatisticsError> {
        let drawn = || self.told_attacks().filter(|attack| is_drawn(attack.family));
        let chance = |attack: &Attack| {
            let made = attack.attempts.len() as u64;
            let is_success = |attempt: &&Attempt| attempt.succeeded.unwrap_or(unknown);
            let succeeded = attack.attempts.values().filter(is_success).count() as u64;
            pass_any(made, succeeded, k.min(made))
        };
        let chances: Vec<f64> = drawn().map(chance).collect::<Result<_, _>>()?;
        let chances = Observations::alone(chances)?;
        let tried_so_often = drawn().filter(|attack| attack.attempts.len() as u64 >= k).count();
        let n = chances.values().len();
        let interval =
            clopper_pearson_with(chances.moments().mean().min(1.0), n as f64, Confidence::P95)?;
        let whole = Estimate { interval, n, clusters: None, method: Method::ClopperPearson };
        let each = rate_of(&self.counted(|attack, _| is_drawn(attack.family), unknown))?;
        let rate = match each.high {
            // An attack that has several tries succeeds no more rarely than one try does.
            Some(one) => Rate { high: Some(interval.high.max(one)), ..whole.into() },
            None => Rate { value: interval.value, n, ..each },
        };
        Ok(Persistence { rate, tried_so_often })
    }

    /// The most attempts that were made of one attack, or turns of one conversation.
    fn most(&self, is_in: impl Fn(Family) -> bool) -> u64 {
        let counted = self.told_attacks().filter(|attack| is_in(attack.family));
        counted.map(|attack| attack.attempts.len() as u64).max().unwrap_or_default()
    }

    /// The share of conversations in which one of the first `k` turns succeeds, those without an answer as it is
    /// said of the unknown.
    pub(super) fn by_turn(&self, k: u64, unknown: bool) -> Result<Rate, StatisticsError> {
        let within = |attack: &Attack| {
            let mut turns = attack.attempts.values().take(k as usize);
            f64::from(u8::from(turns.any(|turn| turn.succeeded.unwrap_or(unknown))))
        };
        let values = Observations::alone(self.conversations().map(within))?;
        Ok(estimate(&values, Confidence::P95)?.into())
    }

    /// For each conversation that had an answer the turn that succeeded first, if one did.
    pub fn turns_to_success(&self) -> impl Iterator<Item = Option<u64>> {
        let is_heard =
            |attack: &&Attack| attack.attempts.values().any(|one| one.succeeded.is_some());
        self.conversations().filter(is_heard).map(|attack| {
            let first = attack.attempts.values().position(|attempt| attempt.has_succeeded());
            first.map(|turn| turn as u64 + 1)
        })
    }

    fn conversations(&self) -> impl Iterator<Item = &Attack> {
        self.told_attacks().filter(|attack| !is_drawn(attack.family))
    }
}
