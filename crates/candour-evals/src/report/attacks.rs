//! What came of attacks, as its own report shows it: each mitigation on and off side by side, how far
//! persistence gets, how many hostile pages it takes, and what succeeded.

mod outcome;
mod pages;
mod result;
mod rubric;

use serde::Deserialize as _;

pub(super) use self::result::Attacks;
use self::result::{Outcome, Share};
pub(super) use self::rubric::take_bare;
use super::chart::{Chart, Drawing, Line};
use super::document::{Block, Section, Table, Text};
use super::parts::table;
use super::words::Words;
use crate::redteam::MEASURES;
use crate::statistics::Interval;

/// The kind of the evidence of attacks.
const KIND: &str = "redteam";
/// Numbers of attempts and of turns that a table shows; the chart and the JSON have every number.
const ATTEMPTS: [usize; 7] = [1, 2, 3, 5, 10, 15, 25];
/// Attacks that are named of those that succeeded.
const NAMED: usize = 200;

fn shown(words: &Words, share: Option<Share>) -> Text {
    share.map_or_else(|| Text::from("–"), |share| share.text(words))
}

/// A measure by its name, and how it is read.
type Measure<T> = (&'static str, fn(&Outcome) -> T);

impl Attacks {
    /// What a result says, where it is one of attacks.
    pub(super) fn of(outcome: &crate::evidence::Outcome) -> Option<Self> {
        let is_own = outcome.kind == KIND;
        is_own.then(|| Self::deserialize(&outcome.result).ok()).flatten()
    }

    /// The sections of the report.
    pub(super) fn sections(&self, words: &Words) -> Vec<Section> {
        let mut sections = vec![self.outcome(words)];
        sections.extend(self.by_rubric(words));
        sections.extend(self.persistence(words));
        sections.extend(self.mitigations(words));
        sections.extend(self.hostile_pages(words));
        sections.extend(self.sets(words));
        sections.extend(self.wallet(words));
        sections.extend(self.succeeded(words));
        sections
    }

    /// What it says that was not tested.
    pub(super) fn not_tested(&self) -> impl Iterator<Item = Text> {
        self.not_tested.iter().map(Text::theirs)
    }

    /// The conditions that stand side by side, each with the name of its words.
    fn conditions(&self) -> &'static [(&'static str, &'static str)] {
        let switched = &[("all", "attacks_all_on"), ("none", "attacks_all_off")];
        if self.is_switched { switched } else { &[("all", "attacks_as_it_is")] }
    }

    /// What came of them, with their words.
    fn states(&self, words: &Words) -> Vec<(String, &Outcome)> {
        let state = |(key, said): &(&str, &str)| Some((words.say(said), self.outcomes.get(*key)?));
        self.conditions().iter().filter_map(state).collect()
    }

    /// For numbers of attempts and of turns: the share of attacks that succeed by then.
    fn persistence(&self, words: &Words) -> Option<Section> {
        let states = self.states(words);
        let mut section = Section::new(words.say("attacks_persistence"));
        let kinds: [Measure<[Vec<Share>; 2]>; 2] = [
            ("attempts", |outcome| {
                [&outcome.persistence, &outcome.persistence_at_most]
                    .map(|curve| curve.iter().map(|within| within.share).collect())
            }),
            ("turns", |outcome| [outcome.turns.clone(), outcome.turns_at_most.clone()]),
        ];
        section.blocks.extend(states.first().and_then(|(_, outcome)| fewer(words, outcome)));
        for (kind, of) in kinds {
            let numbers = states.iter().flat_map(|(_, outcome)| of(outcome).map(|one| one.len()));
            let most = numbers.max().unwrap_or(0);
            if most == 0 {
                continue;
            }
            let title = words.say(&format!("table_{kind}"));
            let lines = states.iter().map(|(name, outcome)| {
                let [known, _] = of(outcome);
                let points = (1..).zip(known);
                let points = points.filter_map(|(k, share)| Some((k, share.interval()?)));
                Line { name: name.clone(), points: points.collect() }
            });
            curve(words, &mut section, &title, lines.collect());
            let mut table = columns(words, title, &words.say(&format!("column_{kind}")), &states);
            for k in (1..=most).filter(|k| kind == "turns" || ATTEMPTS.contains(k)) {
                let cells = states.iter().map(|(_, outcome)| {
                    let [share, most] = of(outcome).map(|curve| curve.get(k - 1).copied());
                    Share::known(share, most, words).unwrap_or_else(|| "–".into())
                });
                table.row(std::iter::once(Text::from(k)).chain(cells));
            }
            section.table(table);
        }
        (!section.blocks.is_empty()).then_some(section)
    }

    /// One table for each mitigation.
    fn mitigations(&self, words: &Words) -> Option<Section> {
        let mut section = Section::new(words.say("attacks_mitigations"));
        section.say(words.say("attacks_mitigations_how"));
        for (beside, title) in [("all", "chart_effects_all"), ("none", "chart_effects_none")] {
            let effects = self.effects.iter().filter(|effect| effect.beside == beside);
            let rows = effects.filter_map(|effect| {
                let difference = effect.changes.get("attack_success")?.difference;
                let (low, high) = difference.low.zip(difference.high)?;
                Some((effect.mitigation.clone(), Interval { value: difference.value, low, high }))
            });
            let rows: Vec<(String, Interval)> = rows.collect();
            if !rows.is_empty() {
                section.blocks.push(Block::Chart(Chart {
                    title: words.say(title),
                    description: words.say("chart_effects_description"),
                    drawing: Drawing::Intervals { rows, scale: [-1.0, 1.0] },
                }));
            }
        }
        let mut names: Vec<&String> = Vec::new();
        for effect in &self.effects {
            if !names.contains(&&effect.mitigation) {
                names.push(&effect.mitigation);
            }
        }
        section.sections = names.iter().map(|name| self.mitigation(words, name)).collect();
        (!names.is_empty()).then_some(section)
    }

    fn mitigation(&self, words: &Words, name: &str) -> Section {
        let mut section = Section::new(Text::theirs(name));
        let caption = words.with("table_mitigation", &[("name", &name)]);
        let mut table = table(words, caption, &["figure", "off", "on", "change", "adjusted"]);
        for (beside, key) in [("all", "beside_all"), ("none", "beside_none")] {
            let effect =
                self.effects.iter().find(|one| one.mitigation == name && one.beside == beside);
            for measure in MEASURES {
                let Some(change) = effect.and_then(|one| one.changes.get(measure)) else {
                    continue;
                };
                let measure = words.say(&format!("measure_{measure}"));
                let p = change.p_adjusted.map_or_else(|| "–".to_owned(), |p| format!("{p:.4}"));
                table.row([
                    words.with(key, &[("measure", &measure)]).into(),
                    change.off.text(words),
                    change.on.text(words),
                    change.difference.text(words),
                    Text::Number(p),
                ]);
            }
        }
        section.table(table);
        section
    }

    fn sets(&self, words: &Words) -> Option<Section> {
        let mut section = Section::new(words.say("attacks_sets"));
        let states = self.conditions();
        let mut sets = table(
            words,
            words.say("attacks_sets"),
            &["set", "items", "noticed_attacks", "noticed_harmless"],
        );
        let repeated = |said: &str| words.with("column_repeated", &[("state", &words.say(said))]);
        sets.columns.extend(states.iter().map(|(_, said)| repeated(said)));
        sets.columns.push(words.say("column_set_refused"));
        for set in &self.external {
            let noticed =
                ["attacks", "harmless"].map(|kind| shown(words, set.noticed.get(kind).copied()));
            let success =
                states.iter().map(|(key, _)| shown(words, set.success.get(*key).copied()));
            let cells = [Text::theirs(&set.name), set.items.into()].into_iter().chain(noticed);
            sets.row(cells.chain(success).chain([shown(words, set.false_refusal)]));
        }
        section.table(sets);
        let mut noticed = table(words, words.say("table_noticed"), &["family", "noticed"]);
        for (name, share) in &self.noticed {
            noticed.row([Text::theirs(name), share.text(words)]);
        }
        section.table(noticed);
        (!section.blocks.is_empty()).then_some(section)
    }

    fn wallet(&self, words: &Words) -> Option<Section> {
        let wallet = self.wallet.as_ref()?;
        let mut section = Section::new(words.say("attacks_wallet"));
        let pounds = [wallet.pounds, wallet.pounds_per_reader, wallet.pounds_without];
        let [spent, most, without] = pounds.map(|pounds| format!("{pounds:.2}"));
        let places: [(&str, &dyn ToString); 6] = [
            ("questions", &wallet.questions),
            ("written", &wallet.written),
            ("spent", &spent),
            ("most", &most),
            ("written_without", &wallet.written_without),
            ("without", &without),
        ];
        section.say(words.with("attacks_wallet_said", &places));
        Some(section)
    }

    fn succeeded(&self, words: &Words) -> Option<Section> {
        let (state, first) = self.states(words).into_iter().next()?;
        let mut section = Section::new(words.with("attacks_succeeded", &[("state", &state)]));
        if first.succeeded.is_empty() {
            let is_known = first.success.is_some() && first.unanswered == 0;
            section.say(words.say(if is_known { "succeeded_none" } else { "succeeded_unknown" }));
            return Some(section);
        }
        let named = first.succeeded.iter().take(NAMED);
        let named =
            named.map(|(attack, ways)| Text::theirs(format!("{attack}: {}", ways.join(", "))));
        section.blocks.push(Block::List(named.collect()));
        if first.succeeded.len() > NAMED {
            let all = first.succeeded.len();
            section.say(words.with("more_succeeded", &[("all", &all), ("shown", &NAMED)]));
        }
        Some(section)
    }
}

/// A table with a column for each of these.
fn columns<T>(words: &Words, caption: String, first: &str, states: &[(String, &T)]) -> Table {
    let mut table = table(words, caption, &[]);
    table.columns = std::iter::once(first.to_owned())
        .chain(states.iter().map(|(name, _)| name.clone()))
        .collect();
    table
}

/// How many attacks had as many attempts as any, where not all had.
fn fewer(words: &Words, outcome: &Outcome) -> Option<Block> {
    let most = outcome.persistence.len();
    let last = outcome.persistence.last().filter(|last| last.tried_so_often < last.n)?;
    let places: [(&str, &dyn ToString); 3] =
        [("tried", &last.tried_so_often), ("all", &last.n), ("most", &most)];
    Some(Block::Paragraph(words.with("persistence_fewer", &places).into()))
}

/// A chart of what a share becomes, where there is more than one point of it.
fn curve(words: &Words, section: &mut Section, title: &str, lines: Vec<Line>) {
    if lines.iter().any(|line| line.points.len() > 1) {
        section.blocks.push(Block::Chart(Chart {
            title: title.to_owned(),
            description: words.say("chart_curve_description"),
            drawing: Drawing::Curves(lines),
        }));
    }
}
