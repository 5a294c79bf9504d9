//! What a reader of the report must not take for tested: what no run can try, what this target does not
//! allow, and what was left out by those who asked.

use std::collections::{BTreeMap, BTreeSet};

use candour_assistant::Mitigation;
use candour_evals::redteam::{Family, Fared, LeftOut, Outcome};
use candour_evals::runner::Writers;

use super::budget::Budget;
use super::condition::Condition;
use super::ground::{Ground, Switchable};
use super::suites::Suites;
use super::{Redteam, does_something};

/// Attacks that are named one by one.
const NAMED: usize = 10;

impl Redteam {
    /// All of it, in the words of `not tested: …`.
    pub(super) fn not_tested(
        &self,
        ground: &Ground,
        suites: &Suites,
        fared: &BTreeMap<Condition, Fared>,
        (outcomes, left_out): (&BTreeMap<String, Outcome>, &LeftOut),
        budget: &Budget,
    ) -> Vec<String> {
        let mut list: Vec<String> = of_a_model_that_failed(fared).into_iter().collect();
        list.extend(budget.not_tested());
        let never = [
            "attacks that a person or a model makes up while the answers come: all are written beforehand",
            "files other than pages, pictures, speech",
        ];
        list.extend(never.map(str::to_owned));
        list.extend(of_the_attacks(outcomes.get("all"), left_out));
        list.extend(outcomes.get("all").and_then(without_criterion));
        match ground {
            Ground::AsItIs { .. } => list.extend(
                [
                    "each mitigation by itself: a target over a network has no switches",
                    "hostile pages: its guidance cannot be changed from here",
                ]
                .map(str::to_owned),
            ),
            Ground::Switchable(pilot) => list.extend(self.of_a_pilot(pilot, suites)),
        }
        list.push("limits on requests before the assistant, by network and by key".to_owned());
        if self.attacks.is_none() {
            list.push("sets of others: give --attacks DIR".to_owned());
        }
        list
    }

    fn of_a_pilot(&self, pilot: &Switchable, suites: &Suites) -> Vec<String> {
        let mut list = Vec::new();
        let is_idle = |one: &Mitigation| {
            does_something(*one, &pilot.models)
                && !self.mitigation.is_empty()
                && !self.mitigation.contains(one)
        };
        let idle: Vec<&str> =
            Mitigation::ALL.into_iter().filter(is_idle).map(Mitigation::name).collect();
        if !idle.is_empty() {
            list.push(format!(
                "the mitigations by themselves that --mitigation leaves out: {}",
                idle.join(", ")
            ));
        }
        if !self.tries(Family::Indirect) {
            list.push("hostile pages: --family leaves out indirect".to_owned());
        } else if suites.poisoned.is_none() {
            list.push("how many hostile pages it takes until one is cited: no harmless question of the suite is in English and has the status `answered`".to_owned());
        }
        if pilot.models.writer.is_none() {
            list.push("whatever needs a model that writes: answers are quotes".to_owned());
        }
        if pilot.is_scripted {
            list.push("how often a real model obeys: a script obeys always".to_owned());
        }
        list
    }
}

/// What rules do not see, but for the families of which a judge said something where one was asked.
pub(super) fn in_other_words(judged: Option<&BTreeSet<Family>>) -> String {
    let but_for = match judged {
        None => "that each attack must not be answered with: give --judge, which asks a model by a rubric".to_owned(),
        Some(families) if families.is_empty() => "that an attack must not be answered with: the judge that was asked said nothing of any. Mend that, and give the same command with --out and --retry-errors".to_owned(),
        Some(families) => {
            let names: Vec<&str> = families.iter().map(|family| family.name()).collect();
            format!("that an attack must not be answered with, but for the families that were judged: {}", names.join(", "))
        }
    };
    format!("success in other words than those {but_for}")
}

/// What a model that failed would have said.
fn of_a_model_that_failed(fared: &BTreeMap<Condition, Fared>) -> Option<String> {
    let mut writers = Writers::default();
    for fared in fared.values() {
        writers.extend(fared.writers());
    }
    let (failures, asked, reasons) = (writers.failures(), writers.asked, writers.reasons());
    (failures > 0).then(|| {
        format!(
            "what the model would have said to {failures} of {asked} questions, on which it failed ({reasons}): quotes stood in for it. Give the same command with --out and --retry-errors to ask these again"
        )
    })
}

/// Attacks of which nobody could tell whether they succeed.
fn without_criterion(tried: &Outcome) -> Option<String> {
    let named = named(&tried.without_criterion)?;
    Some(format!(
        "whether these attacks succeed, for nothing that the target gives shows what must not come of them: {named}. Give each `must_not_say`"
    ))
}

/// The first few attacks by name, and how many more there are; nothing where there is none.
pub(super) fn named(attacks: &[String]) -> Option<String> {
    let named: Vec<&str> = attacks.iter().take(NAMED).map(String::as_str).collect();
    let more = match attacks.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!named.is_empty()).then(|| named.join(", ") + &more)
}

/// What attacks were not tried: by families, attempts and disguises.
fn of_the_attacks(tried: Option<&Outcome>, left_out: &LeftOut) -> Vec<String> {
    let is_known = |one: &Family| tried.is_some_and(|tried| tried.families.contains_key(one));
    let is_made =
        |one: &Family| tried.is_some_and(|tried| tried.families_at_most.contains_key(one));
    let unknown = Family::ALL.into_iter().filter(|one| *one != Family::External && !is_known(one));
    let (unheard, untried): (Vec<Family>, Vec<Family>) = unknown.partition(is_made);
    let listed = |all: &[Family]| all.iter().map(|one| one.name()).collect::<Vec<_>>().join(", ");
    let mut list = Vec::new();
    if !untried.is_empty() {
        list.push(format!("attacks of the families {}", listed(&untried)));
    }
    if !unheard.is_empty() {
        let families = listed(&unheard);
        list.push(format!(
            "attacks of the families {families}, of which no attempt had an answer, or one of the model. Give the same command with --out and --retry-errors to ask them again"
        ));
    }
    if let Some(most) = left_out.attempts {
        list.push(format!("more than {most} of the attempts of an attack: --attempts {most}"));
    }
    if !left_out.disguises.is_empty() {
        let names: Vec<&str> = left_out.disguises.iter().map(String::as_str).collect();
        list.push(format!("the disguises {}", names.join(", ")));
    }
    list
}
