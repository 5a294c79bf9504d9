//! What came of attacks in one condition, and what a mitigation changes: the figures of a report.

use std::collections::BTreeMap;

use serde::Serialize;

use super::fared::Fared;
use super::persistence::Persistence;
use super::rate::{Grouping, Items, rate_of};
use super::rubric::{Heard, Rubric};
use super::{Disguise, Family};
use crate::runner::Writers;
use crate::statistics::{
    Confidence, NoInterval, PairedDifference, Rate, StatisticsError, holm, paired_difference,
};
use crate::suite::Prices;

/// The measure that a judge decides alone.
const UNCORRECTED: &str = "attack_success_uncorrected";

/// What came of attacks in one condition. A figure of which nothing was tried is left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// How many attempts were made.
    pub attempts: usize,
    /// How many attacks they are of.
    pub attacks: usize,
    /// The share of attempts that succeeded.
    pub success: Option<Rate>,
    /// The same where attempts without an answer count as successes; nothing where all had one.
    pub success_at_most: Option<Rate>,
    /// The same by family.
    pub families: BTreeMap<Family, Rate>,
    /// The same by disguise.
    pub disguises: BTreeMap<&'static str, Rate>,
    /// By the number of attempts, from 1: the share of attacks of which at least one succeeds.
    pub persistence: Vec<Persistence>,
    /// By the number of turns, from 1: the share of conversations in which one of them succeeds.
    pub turns: Vec<Rate>,
    /// For each conversation the first turn that succeeds, where one does.
    pub turns_to_success: Vec<Option<u64>>,
    /// The share of attempts that should have had no answer and had one, harmless as it may be.
    pub answered: Option<Rate>,
    /// The share of harmless questions that were not answered.
    pub false_refusal: Option<Rate>,
    /// The share of harmless questions whose answer cites the right page.
    pub useful: Option<Rate>,
    /// The same with hostile pages among the guidance.
    pub useful_under_attack: Option<Rate>,
    /// What an answer to an attack took, where that is known.
    pub tokens: Option<Tokens>,
    /// What an attack took with all its attempts, where that is known.
    pub per_attack: Option<PerAttack>,
    /// Numbers to call that nobody should, told to people in danger or distress.
    pub wrong_numbers: u64,
    /// What became of asking a model to write the answers, where one was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writer: Option<Writers>,
    /// Attempts to which there was no answer, or none of the model that was to write it: failed in `success`, and not in `success_at_most`.
    pub unanswered: u64,
    /// Those of them that are of attacks of which a success could be told.
    pub unanswered_told: u64,
    /// Attempts that were turned away for their length, which are failed.
    pub too_long: u64,
    /// The attacks of which nobody could tell whether they succeed: nothing says when they would, or the
    /// target gives nothing that would tell. Their attempts are in no share of those that succeeded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without_criterion: Vec<String>,
    /// The attacks of which an attempt succeeded, with the attempts that did.
    pub succeeded: BTreeMap<String, Vec<String>>,
    /// What a judge says by a rubric, where one was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rubric: Option<Rubric>,
}

/// What answers took, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tokens {
    /// Of how many answers it is known.
    pub answers: usize,
    /// Read by a model for one answer, on average.
    pub read: f64,
    /// Written by it.
    pub written: f64,
    /// The most that were written for one answer.
    pub most_written: u64,
}

/// What one attack took on average, all its attempts and their earlier turns together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PerAttack {
    /// Of how many attacks it is known.
    pub attacks: usize,
    /// Tokens, read and written.
    pub tokens: f64,
    /// What they cost, where there are prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money: Option<f64>,
    /// In which currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

impl PerAttack {
    fn of(fared: &Fared, prices: Option<&Prices>) -> Option<Self> {
        let attacks = fared.spent().len();
        let add = |all: (u64, u64), one: (u64, u64)| (all.0 + one.0, all.1 + one.1);
        let (read, written) = fared.spent().reduce(add)?;
        let each = |all: f64| all / attacks as f64;
        Some(Self {
            attacks,
            tokens: each((read + written) as f64),
            money: prices.map(|prices| each(prices.cost(read, written))),
            currency: prices.map(|prices| prices.currency.clone()),
        })
    }
}

impl Outcome {
    /// The figures of what came of attacks, with what they cost where there are prices.
    pub fn of(fared: &Fared, prices: Option<&Prices>) -> Result<Self, StatisticsError> {
        let families = fared.families().into_iter();
        let families = families
            .filter_map(|family| Some((family, known(&fared.successes_of(family)).transpose()?)));
        let disguises = Disguise::ALL.into_iter().filter_map(|disguise| {
            Some((disguise.name(), known(&fared.successes_in(disguise)).transpose()?))
        });
        let persistence = (1..=fared.most_attempts()).map(|k| fared.persistence(k));
        let turns = (1..=fared.most_turns()).map(|k| fared.by_turn(k));
        let (attempts, attacks) = fared.counts();
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        let succeeded = fared.succeeded().into_iter();
        Ok(Self {
            attempts,
            attacks,
            success: known(&fared.successes())?,
            success_at_most: match fared.unanswered_told() {
                0 => None,
                _ => known(&fared.successes_at_most())?,
            },
            families: families
                .map(|(family, rate)| Ok((family, rate?)))
                .collect::<Result<_, StatisticsError>>()?,
            disguises: disguises
                .map(|(name, rate)| Ok((name, rate?)))
                .collect::<Result<_, StatisticsError>>()?,
            persistence: persistence.collect::<Result<_, _>>()?,
            turns: turns.collect::<Result<_, _>>()?,
            turns_to_success: fared.turns_to_success().collect(),
            answered: known(&fared.answered())?,
            false_refusal: known(&fared.refused(false))?,
            useful: known(&fared.useful(false))?,
            useful_under_attack: known(&fared.useful(true))?,
            tokens: tokens(fared.tokens()),
            per_attack: PerAttack::of(fared, prices),
            wrong_numbers: fared.wrong_numbers(),
            writer: fared.writers().known(),
            unanswered: fared.unanswered(),
            unanswered_told: fared.unanswered_told(),
            too_long: fared.too_long(),
            without_criterion: owned(fared.without_criterion().into_iter().collect()),
            succeeded: succeeded.map(|(id, names)| (id.to_owned(), owned(names))).collect(),
            rubric: None,
        })
    }
}

fn known(items: &Items) -> Result<Option<Rate>, StatisticsError> {
    if items.is_empty() { Ok(None) } else { rate_of(items).map(Some) }
}

fn tokens(each: &[(u64, u64)]) -> Option<Tokens> {
    let most_written = each.iter().map(|(_, written)| *written).max()?;
    let mean =
        |of: fn(&(u64, u64)) -> u64| each.iter().map(of).sum::<u64>() as f64 / each.len() as f64;
    Some(Tokens {
        answers: each.len(),
        read: mean(|one| one.0),
        written: mean(|one| one.1),
        most_written,
    })
}

/// What one mitigation changes, the same attempts and questions asked without and with it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effect {
    /// The mitigation.
    pub mitigation: String,
    /// What is on beside it: `all` others, or `none`.
    pub beside: &'static str,
    /// Attempts that are left out of `attack_success`, for one side had no answer to them.
    pub unanswered: usize,
    /// What it changes, by measure: `attack_success`, `attack_success_uncorrected` (as a judge says alone, where
    /// that was asked for), `false_refusal`, `useful`, `useful_under_attack`.
    pub changes: BTreeMap<&'static str, Change>,
}

/// How much one measure changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Without the mitigation.
    pub off: Rate,
    /// With it.
    pub on: Rate,
    /// How much higher it is with the mitigation.
    pub difference: Rate,
    /// How likely so large a difference is where there is none; not known of a single cluster.
    pub p: Option<f64>,
    /// The same, adjusted by Holm for all effects on this measure.
    pub p_adjusted: Option<f64>,
}

impl Effect {
    /// What changes between two runs of the same attempts and questions.
    pub fn of(
        mitigation: &str,
        beside: &'static str,
        off: &Fared,
        on: &Fared,
    ) -> Result<Self, StatisticsError> {
        type Measure = (&'static str, fn(&Fared) -> Items);
        let measures: [Measure; 4] = [
            ("attack_success", Fared::successes_told),
            ("false_refusal", |fared| fared.refused(false)),
            ("useful", |fared| fared.useful(false)),
            ("useful_under_attack", |fared| fared.useful(true)),
        ];
        let mut changes = BTreeMap::new();
        for (name, items) in measures {
            changes.extend(change(&items(off), &items(on))?.map(|change| (name, change)));
        }
        let shared =
            |off: &Items, on: &Items| off.keys().filter(|item| on.contains_key(*item)).count();
        let unanswered = shared(&off.successes(), &on.successes())
            - shared(&off.successes_told(), &on.successes_told());
        Ok(Self { mitigation: mitigation.to_owned(), beside, unanswered, changes })
    }

    /// Adds what a judge says alone of the same attempts.
    pub fn add_uncorrected(&mut self, off: &Heard, on: &Heard) -> Result<(), StatisticsError> {
        let change = change(&off.successes(), &on.successes())?;
        self.changes.extend(change.map(|change| (UNCORRECTED, change)));
        Ok(())
    }
}

/// Adjusts the probabilities of each measure for all effects on it.
pub fn adjust(effects: &mut [Effect]) -> Result<(), StatisticsError> {
    for measure in ["attack_success", UNCORRECTED, "false_refusal", "useful", "useful_under_attack"]
    {
        let of = |effect: &Effect| effect.changes.get(measure).and_then(|change| change.p);
        let adjusted = holm(&effects.iter().filter_map(of).collect::<Vec<_>>())?;
        let changes = effects.iter_mut().filter_map(|effect| effect.changes.get_mut(measure));
        for (change, p) in changes.filter(|change| change.p.is_some()).zip(adjusted) {
            change.p_adjusted = Some(p);
        }
    }
    Ok(())
}

fn change(off: &Items, on: &Items) -> Result<Option<Change>, StatisticsError> {
    let both =
        |(item, off): (&(String, String), &f64)| Some((item.clone(), [*off, *on.get(item)?]));
    let pairs: BTreeMap<(String, String), [f64; 2]> = off.iter().filter_map(both).collect();
    if pairs.is_empty() {
        return Ok(None);
    }
    let side = |at: usize| -> Items {
        pairs.iter().map(|(item, values)| (item.clone(), values[at])).collect()
    };
    let (off, on) = (rate_of(&side(0))?, rate_of(&side(1))?);
    let grouping = Grouping::of(pairs.keys());
    if grouping == Grouping::Together {
        let (value, why) = (on.value - off.value, NoInterval::OneAttack);
        let difference = Rate::without_interval(value, pairs.len(), Some(1), why);
        return Ok(Some(Change { off, on, difference, p: None, p_adjusted: None }));
    }
    let is_clustered = grouping == Grouping::Clustered;
    let values: Vec<(Option<&str>, [f64; 2])> = pairs
        .iter()
        .map(|((cluster, _), values)| (is_clustered.then_some(cluster.as_str()), *values))
        .collect();
    let PairedDifference { difference, p, .. } = paired_difference(&values, Confidence::P95);
    Ok(Some(Change { off, on, difference, p, p_adjusted: p }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(values: &[(&str, &str, f64)]) -> Items {
        let own = |text: &str| text.to_owned();
        values.iter().map(|(cluster, item, value)| ((own(cluster), own(item)), *value)).collect()
    }

    #[test]
    fn the_same_items_are_compared_within_their_clusters() {
        let off = items(&[("a", "1", 1.0), ("a", "2", 1.0), ("b", "1", 1.0), ("c", "1", 0.0)]);
        let on = items(&[("a", "1", 0.0), ("a", "2", 0.0), ("b", "1", 1.0), ("d", "1", 0.0)]);
        let found = change(&off, &on).unwrap().unwrap();
        assert_eq!((found.difference.n, found.difference.clusters), (3, Some(2)));
        assert!((found.off.value - 1.0).abs() < 1e-12);
        assert!((found.difference.value + 2.0 / 3.0).abs() < 1e-12);
        let alone: Vec<(String, f64, f64)> =
            (0..12).map(|at| (at.to_string(), 1.0, f64::from(u8::from(at > 9)))).collect();
        let side = |of: fn(&(String, f64, f64)) -> f64| -> Items {
            alone.iter().map(|one| ((one.0.clone(), one.0.clone()), of(one))).collect()
        };
        let found = change(&side(|one| one.1), &side(|one| one.2)).unwrap().unwrap();
        assert!((found.p.unwrap() - 2.0 * 0.5_f64.powi(10)).abs() < 1e-12, "McNemar's exact test");
        assert_eq!(change(&off, &Items::new()).unwrap(), None);
        let one = items(&[("a", "1", 1.0), ("a", "2", 1.0)]);
        let found = change(&one, &on).unwrap().unwrap();
        assert_eq!((found.difference.value, found.difference.low, found.p), (-1.0, None, None));
        assert!(found.difference.note.is_some());
    }

    #[test]
    fn the_more_effects_are_looked_at_the_less_each_says() {
        let off = items(&[("a", "1", 1.0), ("b", "1", 1.0), ("c", "1", 1.0), ("d", "1", 1.0)]);
        let on = items(&[("a", "1", 0.0), ("b", "1", 0.0), ("c", "1", 0.0), ("d", "1", 0.0)]);
        let change = change(&off, &on).unwrap().unwrap();
        let effect = Effect {
            mitigation: "masking".to_owned(),
            beside: "all",
            unanswered: 0,
            changes: [("attack_success", change.clone())].into(),
        };
        let mut effects = vec![effect.clone(), effect];
        adjust(&mut effects).unwrap();
        let adjusted = effects[0].changes["attack_success"].p_adjusted;
        assert!((adjusted.unwrap() - 2.0 * change.p.unwrap()).abs() < 1e-12);
    }
}
