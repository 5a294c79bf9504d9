//! What came of attacks in each condition, side by side, in the report of attacks.

use std::collections::{BTreeMap, BTreeSet};

use super::result::{Attacks, Misled, Outcome, PerAttack, Share};
use super::{Measure, columns};
use crate::report::chart::{Chart, Drawing};
use crate::report::document::{Block, Section, Table, Text};
use crate::report::words::Words;
use crate::statistics::Interval;

const RATES: [Measure<Option<Share>>; 3] = [
    ("measure_answered", |outcome| outcome.answered),
    ("measure_useful", |outcome| outcome.useful),
    ("measure_useful_under_attack", |outcome| outcome.useful_under_attack),
];
const COUNTS: [Measure<u64>; 3] = [
    ("count_wrong_numbers", |outcome| outcome.wrong_numbers),
    ("count_unanswered", |outcome| outcome.unanswered),
    ("count_too_long", |outcome| outcome.too_long),
];

impl Attacks {
    pub(super) fn outcome(&self, words: &Words) -> Section {
        let mut section = Section::new(words.say("attacks"));
        let states = self.states(words);
        if let Some((_, first)) = states.first() {
            self.counts(words, &states).into_iter().for_each(|said| section.say(said));
            section.say(words.say("attacks_counts_how"));
            let families = first.families.iter();
            let rows = families.filter_map(|(name, rate)| Some((name.clone(), rate.interval()?)));
            let rows: Vec<(String, Interval)> = rows.collect();
            if !rows.is_empty() {
                section.blocks.push(Block::Chart(Chart {
                    title: words.say("chart_families"),
                    description: words.say("chart_figures_description"),
                    drawing: Drawing::Intervals { rows, scale: [0.0, 1.0] },
                }));
            }
        }
        section.table(outcomes(words, &states));
        section
    }

    /// How many attempts were made: of each condition that is shown, where a limit left some out of any.
    fn counts(&self, words: &Words, states: &[(String, &Outcome)]) -> Vec<String> {
        let counts = |outcome: &Outcome| (outcome.attempts, outcome.attacks);
        let mut all = self.outcomes.values().map(counts);
        let first = all.next();
        if let Some((_, outcome)) = states.first().filter(|_| all.all(|one| Some(one) == first)) {
            return vec![said_counts(words, "attacks_counts", "", outcome)];
        }
        let said = states.iter();
        said.map(|(name, outcome)| said_counts(words, "attacks_counts_in", name, outcome)).collect()
    }
}

/// How many attempts were made, and of how many attacks.
fn said_counts(words: &Words, name: &str, condition: &str, outcome: &Outcome) -> String {
    let places: [(&str, &dyn ToString); 3] =
        [("attempts", &outcome.attempts), ("attacks", &outcome.attacks), ("condition", &condition)];
    words.with(name, &places)
}

/// Rates and counts, with a column for each condition.
fn outcomes(words: &Words, states: &[(String, &Outcome)]) -> Table {
    let mut table = columns(words, words.say("table_attacks"), &words.say("column_figure"), states);
    let mut row = |name: Text, of: &dyn Fn(&Outcome) -> Option<Text>| {
        let cells: Vec<Option<Text>> = states.iter().map(|(_, outcome)| of(outcome)).collect();
        if cells.iter().any(Option::is_some) {
            let cells = cells.into_iter().map(|cell| cell.unwrap_or_else(|| "–".into()));
            table.row(std::iter::once(name).chain(cells));
        }
    };
    row(words.say("measure_attack_success").into(), &|outcome| {
        Share::known(outcome.success, outcome.success_at_most, words)
    });
    row(words.say("measure_false_refusal").into(), &|outcome| {
        let both = [outcome.false_refusal, outcome.false_refusal_at_most];
        Share::known_of_harmless(both, words)
    });
    for (name, of) in RATES {
        row(words.say(name).into(), &|outcome| Some(of(outcome)?.text(words)));
    }
    let families = states
        .iter()
        .flat_map(|(_, outcome)| outcome.families.keys().chain(outcome.families_at_most.keys()));
    for family in families.collect::<BTreeSet<_>>() {
        let name =
            words.with("measure_family", &[("name", family), ("of", &size(words, states, family))]);
        row(Text::theirs(name), &|outcome| {
            let of = |families: &BTreeMap<String, Share>| families.get(family).copied();
            Share::known(of(&outcome.families), of(&outcome.families_at_most), words)
        });
    }
    for (name, of) in COUNTS {
        row(words.say(name).into(), &|outcome| Some(of(outcome).into()));
    }
    row(words.say("count_harmless_unanswered").into(), &|outcome| {
        outcome.harmless_unanswered.map(Text::from)
    });
    row(words.say("measure_misled").into(), &|outcome| {
        let (misled, most) = (outcome.misled.as_ref(), outcome.misled_at_most.as_ref());
        Share::known(misled.map(|one| one.share), most.map(|one| one.share), words)
    });
    row(words.say("measure_misled_of").into(), &|outcome| {
        let Misled { n, attacks, .. } = outcome.misled.as_ref()?;
        let places: [(&str, &dyn ToString); 2] = [("attempts", n), ("attacks", attacks)];
        Some(Text::Number(words.with("attempts_of_attacks", &places)))
    });
    let taken = |outcome: &Outcome| outcome.per_attack.as_ref().map(|spent| took(words, spent));
    row(words.say("measure_per_attack").into(), &taken);
    table
}

/// How many attempts of a family there are in the first condition that has any.
fn size(words: &Words, states: &[(String, &Outcome)], family: &str) -> String {
    let share = |(_, outcome): &(String, &Outcome)| {
        let known = outcome.families.get(family);
        known.or_else(|| outcome.families_at_most.get(family)).copied()
    };
    let Some(Share { n: Some(attempts), clusters, .. }) = states.iter().find_map(share) else {
        return words.say("unknown");
    };
    let attacks = clusters.unwrap_or(attempts);
    words.with("attempts_of_attacks", &[("attempts", &attempts), ("attacks", &attacks)])
}

/// What an attack took, in money where there are prices.
fn took(words: &Words, spent: &PerAttack) -> Text {
    let tokens = format!("{:.0}", spent.tokens);
    let Some((money, currency)) = spent.money.zip(spent.currency.as_ref()) else {
        return Text::Number(words.with("tokens_count", &[("tokens", &tokens)]));
    };
    let money = format!("{money:.4}");
    let places: [(&str, &dyn ToString); 3] =
        [("tokens", &tokens), ("money", &money), ("currency", currency)];
    Text::theirs(words.with("tokens_and_money", &places))
}
