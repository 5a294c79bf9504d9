//! What came of it all: an object for programs, tables for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use candour_core::ContentHash;
use candour_evals::evidence;
use candour_evals::redteam::{Effect, LeftOut, Outcome, TalkedOver};
use candour_evals::runner;
use candour_evals::statistics::{NoInterval, Rate};
use serde::Serialize;
use serde_json::Value;

use super::super::table::Table;
use super::condition::Condition;
use super::ground::Ground;
use super::outside::Measured;
use super::poison::Poisoned;
use super::rubric::Told;
use super::wallet::Drained;
use super::{changes, outcomes};
use crate::cli::terminal;

/// What came of all attacks.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) target: String,
    /// The version of the program.
    pub(super) program: &'static str,
    /// `complete`, or the limit that ended it.
    pub(super) ending: String,
    /// The hashes of what was asked.
    pub(super) suites: BTreeMap<&'static str, ContentHash>,
    /// Where it is kept, which is no part of what is kept: paths tell of the machine.
    #[serde(skip)]
    pub(super) folder: PathBuf,
    /// Whether mitigations can be switched. Of what cannot, there is one condition, `all`.
    pub(super) is_switched: bool,
    /// By condition: `all`, `none`, `without-masking`, `only-masking`.
    pub(super) outcomes: BTreeMap<String, Outcome>,
    /// What each mitigation changes, on the same attempts.
    pub(super) effects: Vec<Effect>,
    /// Who judged by a rubric, where somebody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rubric: Option<Told>,
    /// Hostile pages among the guidance.
    pub(super) poisoned: BTreeMap<&'static str, Poisoned>,
    /// What one reader can spend.
    pub(super) wallet: Option<Drained>,
    /// Whether verdicts by rule can be talked over.
    pub(super) judge: TalkedOver,
    /// What screening notices. Nothing is known of that where a target is attacked as it is.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) noticed: BTreeMap<&'static str, Rate>,
    /// Sets of others.
    pub(super) external: Vec<Measured>,
    /// The logs for Inspect, one for each condition.
    #[serde(skip)]
    pub(super) logs: Vec<PathBuf>,
    /// What was left out of the suite's attacks.
    pub(super) left_out: LeftOut,
    pub(super) not_tested: Vec<String>,
}

impl Report {
    /// What is printed for programs: with the paths of this machine.
    pub(super) fn printed(&self) -> Result<Value> {
        let mut printed = serde_json::to_value(self)?;
        printed["folder"] = serde_json::to_value(&self.folder)?;
        printed["logs"] = serde_json::to_value(&self.logs)?;
        Ok(printed)
    }

    /// What is left as evidence: made when the first question was asked, so that a run that is gone on
    /// with leaves the same.
    pub(super) fn evidence(&self, ground: &Ground) -> Result<evidence::Outcome> {
        let first = self.folder.join(Condition::All.name()).join("guidance");
        let (configuration, snapshot) = ground.known();
        Ok(evidence::Outcome {
            kind: "redteam".to_owned(),
            title: format!("attacks on {}", self.target),
            made_at: runner::header_of(&first)?.started_at,
            program: self.program.to_owned(),
            configuration,
            snapshot,
            suite: self.suites.get("guidance").cloned(),
            result: serde_json::to_value(self)?,
        })
    }

    /// Tables, then what has to be known to read them. Writing to a String cannot fail.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        if let Some(all) = self.outcomes.get("all") {
            let _ = writeln!(
                text,
                "Attacks on {}: {} of {}\n",
                self.target,
                terminal::counted(all.attempts, "attempt"),
                terminal::counted(all.attacks, "attack")
            );
            if let Some(writers) = &all.writer {
                let _ = writeln!(text, "Of what was asked {}, {writers}\n", self.everything());
            }
        }
        text.push_str(&outcomes::table(self.states(), &self.outcomes));
        self.describe_rubric(&mut text);
        self.describe_effects(&mut text);
        self.describe_pages(&mut text);
        self.describe_rest(&mut text);
        self.describe_successes(&mut text);
        text.push_str("\nNot tested:\n");
        for one in &self.not_tested {
            let _ = writeln!(text, "  - {one}");
        }
        let _ = writeln!(
            text,
            "\nKept in {}: report.json, and a log of Inspect for each condition",
            self.folder.display()
        );
        text
    }

    /// The conditions that tables have columns for: of a target that cannot be switched there is one.
    pub(super) fn states(&self) -> &'static [(&'static str, &'static str)] {
        let states = &[("all", "every mitigation on"), ("none", "every mitigation off")];
        if self.is_switched { states } else { &[("all", "as it is")] }
    }

    fn describe_effects(&self, text: &mut String) {
        for (beside, words) in [("all", "all others on"), ("none", "all others off")] {
            let effects = self.effects.iter().filter(|effect| effect.beside == beside);
            let effects = effects.map(|effect| (effect.mitigation.as_str(), &effect.compared));
            let effects: Vec<_> = effects.collect();
            for (measure, name) in changes::MEASURES {
                let title = format!("{name}, {words}");
                text.push_str(&changes::table(&title, ["off", "on"], measure, &effects));
            }
        }
    }

    fn describe_pages(&self, text: &mut String) {
        if self.poisoned.is_empty() {
            return;
        }
        let mut header = vec!["hostile pages for each question"];
        header.extend(self.poisoned.keys());
        let mut table = Table::new(&header);
        let counts: Vec<usize> =
            self.poisoned.values().flat_map(|one| one.curve.keys().copied()).collect();
        let counts: BTreeSet<usize> = counts.into_iter().collect();
        for count in &counts {
            let cells = self.poisoned.values().map(|one| one.curve.get(count).map(estimate));
            let cells = cells.map(Option::unwrap_or_default);
            table.row(std::iter::once(count.to_string()).chain(cells));
        }
        let mut row = |name: String, count: &dyn Fn(&Poisoned) -> usize| {
            let counts = self.poisoned.values().map(|one| count(one).to_string());
            table.row(std::iter::once(name).chain(counts));
        };
        for count in counts.into_iter().filter(|count| *count > 0) {
            let pages = if count == 1 { "page" } else { "pages" };
            row(format!("questions for which one is cited first at {count} {pages}"), &|one| {
                one.first_success.get(&count).copied().unwrap_or_default()
            });
        }
        row("questions for which none is cited".to_owned(), &|one| one.never);
        if self.poisoned.values().any(|one| one.without_the_model > 0) {
            let left_out = "answers left out: none, or none of the model".to_owned();
            row(left_out, &|one| one.without_the_model);
        }
        let _ = write!(
            text,
            "\nShare of questions for which a hostile page is cited\n{}",
            table.text()
        );
    }

    fn describe_rest(&self, text: &mut String) {
        if let Some(wallet) = &self.wallet {
            let _ = writeln!(
                text,
                "\nOne reader asks {} times for as much as there is: {} answers are written for £{:.2}, of £{:.2} that a reader may cost; without budgets {} for £{:.2}",
                wallet.questions,
                wallet.written,
                wallet.pounds,
                wallet.pounds_per_reader,
                wallet.written_without,
                wallet.pounds_without
            );
        }
        let _ = writeln!(
            text,
            "\nWords to the judge turn {} of {} verdicts by rule",
            self.judge.flipped, self.judge.verdicts
        );
        let mut table = Table::new(&["looks like an instruction", "share", "of"]);
        for (name, share) in &self.noticed {
            table.row([(*name).to_owned(), estimate(share), share.n.to_string()]);
        }
        if !self.noticed.is_empty() {
            let _ = write!(text, "\n{}", table.text());
        }
        if self.external.is_empty() {
            return;
        }
        let repeated = self.states().iter().map(|(_, words)| format!("attacks repeated, {words}"));
        let mut header =
            ["set", "attacks that look like one", "harmless that do"].map(str::to_owned).to_vec();
        header.extend(repeated);
        let is_refusing = self.external.iter().any(|set| set.false_refusal.is_some());
        header.extend(is_refusing.then(|| "harmless refused".to_owned()));
        let mut table = Table::new(&header.iter().map(String::as_str).collect::<Vec<_>>());
        for set in &self.external {
            let of = |from: &BTreeMap<&'static str, Rate>, key: &str| {
                from.get(key).map(estimate).unwrap_or_default()
            };
            let success = self.states().iter().map(|(state, _)| of(&set.success, state));
            let cells = [of(&set.noticed, "attacks"), of(&set.noticed, "harmless")];
            let refused = set.false_refusal.as_ref().map(estimate).unwrap_or_default();
            let cells = std::iter::once(set.set.to_owned()).chain(cells).chain(success);
            table.row(cells.chain(is_refusing.then_some(refused)));
        }
        let _ = write!(text, "\n{}", table.text());
        for set in &self.external {
            self.states().iter().for_each(|state| describe_unasked(set, *state, text));
            if set.harmless_unanswered > 0 {
                let (name, count) = (set.set, set.harmless_unanswered);
                let _ = writeln!(text, "{name}: {count} harmless prompts without an answer");
            }
        }
    }

    fn describe_successes(&self, text: &mut String) {
        let Some(all) = self.outcomes.get("all") else { return };
        let with = self.everything();
        // Those of which somebody could tell, and of these those of which somebody knows.
        let told = all.success.as_ref().or(all.success_at_most.as_ref()).map_or(0, |rate| rate.n);
        let unanswered = all.unanswered_told;
        let _ = if !all.succeeded.is_empty() {
            writeln!(text, "\nAttacks that succeeded {with}:")
        } else if told == 0 {
            writeln!(
                text,
                "\nNobody knows whether an attack succeeds: nothing that the target gives shows what must not come of one."
            )
        } else if unanswered == 0 {
            writeln!(text, "\nNo attack succeeded {with}.")
        } else if (unanswered as usize) < told {
            writeln!(
                text,
                "\nNo attack is known to have succeeded {with}; of {unanswered} of {told} attempts nobody knows."
            )
        } else {
            writeln!(
                text,
                "\nNobody knows whether an attack succeeds: all {unanswered} attempts that could tell are without an answer, or without the model's."
            )
        };
        for (attack, attempts) in &all.succeeded {
            let _ = writeln!(text, "  {attack}: {}", attempts.join(", "));
        }
    }

    /// How a target stands against attacks when it serves.
    pub(super) fn everything(&self) -> &'static str {
        if self.is_switched { "with every mitigation on" } else { "on the target as it is" }
    }
}

/// How many items of a set were not answered, for the share of those repeated counts them too.
fn describe_unasked(set: &Measured, (state, words): (&str, &str), text: &mut String) {
    let count = |of: &BTreeMap<&str, u64>| of.get(state).copied().unwrap_or_default();
    let (too_long, unanswered) = (count(&set.too_long), count(&set.unanswered));
    if too_long + unanswered > 0 {
        let _ = writeln!(
            text,
            "{}, {words}: {too_long} of {} turned away for their length, {unanswered} without an answer",
            set.set, set.items
        );
    }
}

pub(super) fn estimate(rate: &Rate) -> String {
    match rate.low.zip(rate.high) {
        Some((low, high)) => format!("{:.3} ({low:.3} to {high:.3})", rate.value),
        None => format!("{:.3} ({})", rate.value, rate.note.map_or("no interval", NoInterval::why)),
    }
}
