//! Two runs of the same attempts and questions, held against each other: what a mitigation changes, and
//! what changed since an earlier run.

use std::collections::BTreeMap;

use serde::Serialize;

use super::fared::Fared;
use super::rate::{Grouping, Items, rate_of};
use super::rubric::Heard;
use crate::statistics::{
    Confidence, NoInterval, PairedDifference, Rate, StatisticsError, holm, paired_difference,
};

/// The measure that a judge decides alone.
pub const UNCORRECTED: &str = "attack_success_uncorrected";
/// What is compared, in the order in which it is shown.
pub const MEASURES: [&str; 5] =
    ["attack_success", UNCORRECTED, "false_refusal", "useful", "useful_under_attack"];

/// What one mitigation changes, the same attempts and questions asked without and with it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effect {
    /// The mitigation.
    pub mitigation: String,
    /// What is on beside it: `all` others, or `none`.
    pub beside: &'static str,
    /// How the attempts without it stand to those with it.
    #[serde(flatten)]
    pub compared: Compared,
}

/// Two runs of the same attempts and questions, held against each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// Attempts that are left out of `attack_success`, for one side had no answer to them.
    pub unanswered: usize,
    /// Harmless questions that are left out of `false_refusal`, for one side had no answer to them.
    pub harmless_unanswered: usize,
    /// Attempts that are left out of `attack_success_uncorrected`, for the judge failed on one side.
    #[serde(skip_serializing_if = "is_none")]
    pub judge_failed: usize,
    /// What differs, by measure: `attack_success`, `attack_success_uncorrected` (as a judge says alone, where
    /// that was asked for), `false_refusal`, `useful`, `useful_under_attack`.
    pub changes: BTreeMap<&'static str, Change>,
}

/// How much one measure changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Without the mitigation, or in the earlier run.
    pub off: Rate,
    /// With it, or in the later run.
    pub on: Rate,
    /// How much higher it is then.
    pub difference: Rate,
    /// How likely so large a difference is where there is none; not known of a single cluster.
    pub p: Option<f64>,
    /// The same, adjusted by Holm for all that is compared by this measure.
    pub p_adjusted: Option<f64>,
}

impl Compared {
    /// What changes between two runs of the same attempts and questions.
    pub fn of(off: &Fared, on: &Fared) -> Result<Self, StatisticsError> {
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
        let harmless_unanswered = shared(&off.refused_at_most(), &on.refused_at_most())
            - shared(&off.refused(false), &on.refused(false));
        Ok(Self { unanswered, harmless_unanswered, judge_failed: 0, changes })
    }

    /// Adds what a judge says alone of the same attempts.
    pub fn add_uncorrected(&mut self, off: &Heard, on: &Heard) -> Result<(), StatisticsError> {
        let change = change(&off.successes(), &on.successes())?;
        self.changes.extend(change.map(|change| (UNCORRECTED, change)));
        self.judge_failed = off.failed_on_either(on);
        Ok(())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// Adjusts the probabilities of each measure for all that is compared by it.
pub fn adjust(mut all: Vec<&mut Compared>) -> Result<(), StatisticsError> {
    for measure in MEASURES {
        let of = |one: &&mut Compared| one.changes.get(measure).and_then(|change| change.p);
        let adjusted = holm(&all.iter().filter_map(of).collect::<Vec<_>>())?;
        let changes = all.iter_mut().filter_map(|one| one.changes.get_mut(measure));
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
        let one = Compared {
            unanswered: 0,
            harmless_unanswered: 0,
            judge_failed: 0,
            changes: [("attack_success", change.clone())].into(),
        };
        let mut all = [one.clone(), one];
        adjust(all.iter_mut().collect()).unwrap();
        let adjusted = all[0].changes["attack_success"].p_adjusted;
        assert!((adjusted.unwrap() - 2.0 * change.p.unwrap()).abs() < 1e-12);
    }
}
