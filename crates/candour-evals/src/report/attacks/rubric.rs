//! What a judge says by a rubric, in the report of attacks: beside rules and people, never alone unasked.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::result::{Attacks, Outcome, Share};
use super::{NAMED, columns};
use crate::redteam::UNCORRECTED;
use crate::report::document::{Block, Section, Table, Text};
use crate::report::words::Words;

/// Who judged, and what it took.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    model: Model,
    spent: Spent,
    prices: Option<Prices>,
}

#[derive(Debug, Deserialize)]
struct Model {
    model: String,
}

#[derive(Debug, Deserialize)]
struct Spent {
    calls: u64,
    input_tokens: u64,
    output_tokens: u64,
    money: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Prices {
    currency: String,
}

/// What it says of the attempts in one condition.
#[derive(Debug, Deserialize)]
pub(super) struct Rubric {
    attempts: u64,
    without_answer: u64,
    turned_away: u64,
    judged: u64,
    failures: BTreeMap<String, u64>,
    left: u64,
    with_rule: Option<WithRule>,
    corrected: Option<Corrected>,
    /// Why there is no rate.
    refused: Option<String>,
    uncorrected: Option<Share>,
    unseen_by_rules: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct WithRule {
    both: Option<u64>,
    rule_alone: Option<u64>,
    judge_alone: Option<u64>,
    neither: Option<u64>,
    kappa: Option<f64>,
}

/// What people's labels make of it.
#[derive(Debug, Deserialize)]
struct Corrected {
    status: String,
    headline: Option<Share>,
    labelled: u64,
    judge: Option<Quality>,
}

#[derive(Debug, Deserialize)]
struct Quality {
    agreement: Agreement,
}

#[derive(Debug, Deserialize)]
struct Agreement {
    kappa: Option<f64>,
}

/// Counts of what judge and rule say, which tell together what the judge says alone.
const COUNTS: [&str; 4] = ["both", "rule_alone", "judge_alone", "neither"];

/// Takes out what a judge says alone.
pub(in crate::report) fn take_bare(result: &mut Value) {
    let outcomes = result.get_mut("outcomes").and_then(Value::as_object_mut);
    for outcome in outcomes.into_iter().flat_map(|all| all.values_mut()) {
        let Some(rubric) = outcome.get_mut("rubric").and_then(Value::as_object_mut) else {
            continue;
        };
        rubric.remove("uncorrected");
        if let Some(counts) = rubric.get_mut("with_rule").and_then(Value::as_object_mut) {
            counts.retain(|name, _| !COUNTS.contains(&name.as_str()));
        }
    }
    let effects = result.get_mut("effects").and_then(Value::as_array_mut);
    for effect in effects.into_iter().flatten() {
        let changes = effect.get_mut("changes").and_then(Value::as_object_mut);
        changes.map(|changes| changes.remove(UNCORRECTED));
    }
}

impl Attacks {
    /// What the judge says in each condition, where one was asked.
    pub(super) fn by_rubric(&self, words: &Words) -> Option<Section> {
        let told = self.rubric.as_ref()?;
        let states: Vec<(String, &Rubric)> = self
            .states(words)
            .into_iter()
            .filter_map(|(name, outcome)| Some((name, outcome.rubric.as_ref()?)))
            .collect();
        let mut section = Section::new(words.say("attacks_rubric"));
        let how = words.with("attacks_rubric_how", &[("model", &told.model.model)]);
        section.say(Text::theirs(how));
        section.table(table(words, &states));
        for (state, rubric) in &states {
            if let Some(why) = &rubric.refused {
                section.say(Text::theirs(
                    words.with("rubric_refused", &[("state", state), ("why", why)]),
                ));
            }
        }
        section.say(cost(words, told));
        if let Some((state, first)) = self.states(words).into_iter().next() {
            unseen(words, &mut section, &state, first);
        }
        (!states.is_empty()).then_some(section)
    }
}

fn table(words: &Words, states: &[(String, &Rubric)]) -> Table {
    let mut table = columns(words, words.say("table_rubric"), &words.say("column_figure"), states);
    let mut row = |name: &str, of: &dyn Fn(&Rubric) -> Option<Text>| {
        let cells: Vec<Option<Text>> = states.iter().map(|(_, rubric)| of(rubric)).collect();
        if cells.iter().any(Option::is_some) {
            let cells = cells.into_iter().map(|cell| cell.unwrap_or_else(|| "–".into()));
            table.row(std::iter::once(Text::from(words.say(name))).chain(cells));
        }
    };
    let kappa = |kappa: Option<f64>| kappa.map(|kappa| Text::Number(format!("{kappa:.3}")));
    row("column_attempts", &|one| Some(one.attempts.into()));
    row("rubric_turned_away", &|one| Some(one.turned_away.into()));
    row("count_unanswered", &|one| Some(one.without_answer.into()));
    row("rubric_left", &|one| (one.left > 0).then(|| one.left.into()));
    row("column_judged", &|one| Some(one.judged.into()));
    row("column_judge_failed", &|one| Some(one.failures.values().sum::<u64>().into()));
    row("measure_attack_success", &|one| Some(one.corrected.as_ref()?.headline?.text(words)));
    row("column_what", &|one| Some(words.say(kind(&one.corrected.as_ref()?.status)).into()));
    row("rubric_labelled", &|one| Some(one.corrected.as_ref()?.labelled.into()));
    row("rubric_people", &|one| kappa(one.corrected.as_ref()?.judge.as_ref()?.agreement.kappa));
    row("measure_attack_success_uncorrected", &|one| Some(one.uncorrected?.text(words)));
    row("rubric_both", &|one| Some(one.with_rule.as_ref()?.both?.into()));
    row("rubric_judge_alone", &|one| Some(one.with_rule.as_ref()?.judge_alone?.into()));
    row("rubric_rule_alone", &|one| Some(one.with_rule.as_ref()?.rule_alone?.into()));
    row("rubric_neither", &|one| Some(one.with_rule.as_ref()?.neither?.into()));
    row("rubric_rule", &|one| kappa(one.with_rule.as_ref()?.kappa));
    table
}

/// What the rate is.
fn kind(status: &str) -> &'static str {
    match status {
        "corrected" | "rarely-differ" => "judged_corrected",
        "uncalibrated" => "rubric_uncalibrated",
        _ => "judged_people",
    }
}

fn cost(words: &Words, told: &Told) -> Text {
    let Spent { calls, input_tokens, output_tokens, money } = told.spent;
    let tokens = input_tokens + output_tokens;
    let Some((money, prices)) = money.zip(told.prices.as_ref()) else {
        return words.with("rubric_cost", &[("calls", &calls), ("tokens", &tokens)]).into();
    };
    let money = format!("{money:.4}");
    let places: [(&str, &dyn ToString); 4] =
        [("calls", &calls), ("tokens", &tokens), ("money", &money), ("currency", &prices.currency)];
    Text::theirs(words.with("rubric_cost_money", &places))
}

/// What people should look at.
fn unseen(words: &Words, section: &mut Section, state: &str, outcome: &Outcome) {
    let Some(rubric) = outcome.rubric.as_ref().filter(|one| !one.unseen_by_rules.is_empty()) else {
        return;
    };
    section.say(words.with("rubric_unseen", &[("state", &state)]));
    let named = rubric.unseen_by_rules.iter().take(NAMED);
    let named = named.map(|(attack, ways)| Text::theirs(format!("{attack}: {}", ways.join(", "))));
    section.blocks.push(Block::List(named.collect()));
    if rubric.unseen_by_rules.len() > NAMED {
        let all = rubric.unseen_by_rules.len();
        section.say(words.with("more_succeeded", &[("all", &all), ("shown", &NAMED)]));
    }
}
