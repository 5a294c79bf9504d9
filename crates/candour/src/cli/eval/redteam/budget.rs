//! What one command may take: the limits of its suite hold for all of its runs together.

use std::path::Path;

use anyhow::Result;
use candour_evals::runner::{self, Summary};
use candour_evals::suite::Limits;

/// How a command ended in which everything was asked.
pub(super) const COMPLETE: &str = "complete";

/// What is left of the limits, and what is not asked for them.
#[derive(Debug)]
pub(super) struct Budget {
    limits: Limits,
    tokens: u64,
    money: f64,
    seconds: f64,
    /// The first limit that was reached, as a run says it.
    reached: Option<String>,
    /// What was not asked, or not wholly.
    unasked: Vec<Unasked>,
}

/// A run of which not all was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unasked {
    /// Its folder within that of the command.
    pub(super) run: String,
    pub(super) done: u64,
    pub(super) of: u64,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        let (tokens, money, seconds) = (0, 0.0, 0.0);
        Self { limits, tokens, money, seconds, reached: None, unasked: Vec::new() }
    }

    /// What the next run may take; nothing where a limit is reached.
    pub(super) fn left(&mut self) -> Option<Limits> {
        let tokens = self.limits.tokens.map(|most| most.saturating_sub(self.tokens));
        let money = self.limits.money.map(|most| most - self.money);
        let seconds = self.limits.seconds.map(|most| most - self.seconds);
        let is_used_up = [
            ("seconds", seconds.is_some_and(|left| left <= 0.0)),
            ("tokens", tokens == Some(0)),
            ("money", money.is_some_and(|left| left <= 0.0)),
        ];
        let reached = is_used_up.into_iter().find(|(_, is_used_up)| *is_used_up);
        if let Some((limit, _)) = reached {
            self.reached.get_or_insert_with(|| format!("limit of {limit}"));
        }
        self.reached.is_none().then_some(Limits { tokens, money, seconds, ..self.limits })
    }

    /// Takes what a run took, however often it was gone on with, and what it left when it reached a limit.
    pub(super) fn spend(&mut self, summary: &Summary, name: &str, folder: &Path) -> Result<()> {
        let spent = &summary.spent;
        let judge = summary.judge.as_ref().map(|judge| judge.spent).unwrap_or_default();
        let judged = judge.input_tokens + judge.output_tokens;
        self.tokens += spent.input_tokens + spent.output_tokens + judged;
        self.money += spent.money.unwrap_or_default() + judge.money.unwrap_or_default();
        self.seconds += runner::used_seconds(folder)?;
        if !summary.is_complete() {
            self.reached.get_or_insert_with(|| summary.ending.clone());
            self.leave(name, summary.done, summary.questions.unwrap_or_default());
        }
        Ok(())
    }

    /// Notes that a run was not asked wholly.
    pub(super) fn leave(&mut self, run: &str, done: u64, of: u64) {
        self.unasked.push(Unasked { run: run.to_owned(), done, of });
    }

    /// How the command ended, as a run says it.
    pub(super) fn ending(&self) -> String {
        self.reached.clone().unwrap_or_else(|| COMPLETE.to_owned())
    }

    /// What was not asked for a limit, in words.
    pub(super) fn not_tested(&self) -> Option<String> {
        let reached = self.reached.as_ref()?;
        let (begun, rest): (Vec<&Unasked>, Vec<&Unasked>) =
            self.unasked.iter().partition(|one| one.done > 0);
        let parts = begun.iter().map(|one| format!("{} of {} of {}", one.done, one.of, one.run));
        let mut words = parts.collect::<Vec<_>>().join(", ");
        if !rest.is_empty() {
            let names: Vec<&str> = rest.iter().map(|one| one.run.as_str()).collect();
            let between = if words.is_empty() { "" } else { "; " };
            words = format!("{words}{between}nothing of {}", names.join(", "));
        }
        Some(format!(
            "what is beyond the {reached}: asked were {words}. Raise it in the suite, and the same command with --out goes on"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_share_the_limits_of_the_command() {
        let limits = Limits { tokens: Some(100), money: Some(1.0), ..Limits::default() };
        let mut budget = Budget::new(limits);
        (budget.tokens, budget.money) = (60, 0.25);
        let left = budget.left().unwrap();
        assert_eq!((left.tokens, left.money, left.seconds), (Some(40), Some(0.75), None));
        assert_eq!((budget.ending().as_str(), budget.not_tested()), (COMPLETE, None));
        // Answers on their way are waited for, so that more than all may be taken.
        budget.tokens = 130;
        assert!(budget.left().is_none());
        budget.leave("none/guidance", 3, 9);
        budget.leave("only-canary/guidance", 0, 9);
        let told = budget.not_tested().unwrap();
        let expected = "beyond the limit of tokens: asked were 3 of 9 of none/guidance; nothing of only-canary/guidance. Raise";
        assert!(told.contains(expected), "{told}");
        assert_eq!(budget.ending(), "limit of tokens");
    }
}
