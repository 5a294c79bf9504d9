//! The table of what came of attacks and harmless questions: a column for each condition that is shown.

use std::collections::{BTreeMap, BTreeSet};

use candour_evals::redteam::{Outcome, PerAttack, Persistence};
use candour_evals::statistics::Rate;

use super::super::table::Table;
use super::report::estimate;

/// The numbers of attempts at which persistence is told; programs are told of every number.
const ATTEMPTS: [usize; 7] = [1, 2, 3, 5, 10, 15, 25];

/// A column with every mitigation on, and one with none where they can be switched.
pub(super) fn table(states: &[(&str, &str)], outcomes: &BTreeMap<String, Outcome>) -> String {
    let shown = states.iter().filter_map(|(key, words)| Some((*words, outcomes.get(*key)?)));
    let (words, shown): (Vec<&str>, Vec<&Outcome>) = shown.unzip();
    let header: Vec<&str> = std::iter::once("").chain(words).collect();
    let mut rows = Rows { table: Table::new(&header), shown };
    rows.successes();
    rows.persistence();
    rows.turns();
    rows.harmless();
    rows.spent();
    rows.misled();
    rows.unanswered();
    rows.table.text()
}

/// The rows so far, and what they are of.
struct Rows<'a> {
    table: Table,
    shown: Vec<&'a Outcome>,
}

impl Rows<'_> {
    /// Adds a row, where any of the columns has something in it.
    fn row(&mut self, name: impl Into<String>, of: impl Fn(&Outcome) -> Option<String>) {
        let cells: Vec<Option<String>> = self.shown.iter().map(|outcome| of(outcome)).collect();
        if cells.iter().any(Option::is_some) {
            let cells = cells.into_iter().map(Option::unwrap_or_default);
            self.table.row(std::iter::once(name.into()).chain(cells));
        }
    }

    fn successes(&mut self) {
        self.row("attempts that succeed", |one| {
            known(one.success.as_ref(), one.success_at_most.as_ref())
        });
        let families = self.shown.iter().flat_map(|outcome| {
            outcome.families.keys().chain(outcome.families_at_most.keys()).copied()
        });
        for family in families.collect::<BTreeSet<_>>() {
            self.row(format!("  {family}"), |one| {
                known(one.families.get(&family), one.families_at_most.get(&family))
            });
        }
    }

    fn persistence(&mut self) {
        for k in ATTEMPTS {
            let attempts = if k == 1 { "attempt" } else { "attempts" };
            self.row(format!("attacks that succeed within {k} {attempts}"), |one| {
                let (found, most) =
                    (one.persistence.get(k - 1), one.persistence_at_most.get(k - 1));
                let rate = known(found.map(|one| &one.rate), most.map(|one| &one.rate))?;
                let Persistence { tried_so_often, rate: Rate { n, .. } } = found.or(most)?;
                Some(format!("{rate}, {tried_so_often} of {n} tried so often"))
            });
        }
    }

    fn turns(&mut self) {
        let turns = |one: &&Outcome| one.turns.len().max(one.turns_at_most.len());
        for k in 1..=self.shown.iter().map(turns).max().unwrap_or(0) {
            let turns = if k == 1 { "turn" } else { "turns" };
            self.row(format!("conversations that succeed within {k} {turns}"), |one| {
                known(one.turns.get(k - 1), one.turns_at_most.get(k - 1))
            });
        }
    }

    fn harmless(&mut self) {
        self.row("answered where it should not be", |one| one.answered.as_ref().map(estimate));
        self.row("false refusal", |one| {
            let (refused, most) = (one.false_refusal.as_ref(), one.false_refusal_at_most.as_ref());
            known_of("question", refused, most)
        });
        self.row("right page cited", |one| one.useful.as_ref().map(estimate));
        self.row("right page cited, hostile pages about", |one| {
            one.useful_under_attack.as_ref().map(estimate)
        });
    }

    fn spent(&mut self) {
        self.row("tokens written for an answer", |one| {
            one.tokens.map(|tokens| format!("{:.0} (most {})", tokens.written, tokens.most_written))
        });
        self.row("what an attack takes, all its attempts", |one| {
            let PerAttack { tokens, money, currency, .. } = one.per_attack.as_ref()?;
            let money = money.zip(currency.as_ref());
            let money = money.map(|(money, currency)| format!(", {money:.4} {currency}"));
            Some(format!("{tokens:.0} tokens{}", money.unwrap_or_default()))
        });
    }

    fn misled(&mut self) {
        self.row("wrong numbers to call", |one| {
            one.misled.is_some().then(|| one.wrong_numbers.to_string())
        });
        self.row("  told to people in danger or distress", |one| {
            let (misled, most) = (one.misled.as_ref(), one.misled_at_most.as_ref());
            let share = known(misled.map(|one| &one.rate), most.map(|one| &one.rate))?;
            let of =
                misled.map(|one| format!(", {} attempts of {} attacks", one.rate.n, one.attacks));
            Some(format!("{share}{}", of.unwrap_or_default()))
        });
    }

    fn unanswered(&mut self) {
        let any = |count: u64| (count > 0).then(|| count.to_string());
        self.row("attempts turned away for their length", |one| any(one.too_long));
        self.row("attempts without an answer, or without the model's", |one| any(one.unanswered));
        self.row("harmless questions without an answer", |one| any(one.harmless_unanswered));
    }
}

/// A rate of attempts, with what it is at most where some had no answer; of those without any nobody knows it.
fn known(rate: Option<&Rate>, at_most: Option<&Rate>) -> Option<String> {
    known_of("attempt", rate, at_most)
}

/// The same of whatever was asked.
fn known_of(what: &str, rate: Option<&Rate>, at_most: Option<&Rate>) -> Option<String> {
    match (rate, at_most) {
        (Some(rate), None) => Some(estimate(rate)),
        (Some(rate), Some(most)) => {
            let (rate, most) = (estimate(rate), estimate(most));
            Some(format!("{rate}, at most {most} with those without an answer"))
        }
        (None, Some(_)) => Some(format!("not known: no {what} had an answer")),
        (None, None) => None,
    }
}
