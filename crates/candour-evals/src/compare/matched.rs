//! What two runs have in common: questions that both were asked, scores that both have, and who judged
//! them.

use std::collections::{BTreeMap, BTreeSet};

use super::{CompareError, LeftOut, Plan};
use crate::inspect_log::SampleId;
use crate::scored::{Question, Scored};

/// A question of both runs.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) id: &'a SampleId,
    pub(super) before: &'a Question,
    pub(super) after: &'a Question,
}

/// The questions that both runs have, and ask alike.
pub(super) fn pairs<'a>(first: &'a Scored, second: &'a Scored) -> Vec<Pair<'a>> {
    let both = |(id, before): (&'a SampleId, &'a Question)| {
        let after = second.questions.get(id)?;
        (before.asked == after.asked).then_some(Pair { id, before, after })
    };
    first.questions.iter().filter_map(both).collect()
}

/// The questions of one run that the other has not. A question that was asked another number of times
/// has the same mean in the long run, and is matched.
pub(super) fn missing(from: &Scored, other: &Scored) -> Vec<String> {
    let ids = from.questions.keys().filter(|id| !other.questions.contains_key(id));
    ids.map(ToString::to_string).collect()
}

pub(super) fn changed(first: &Scored, second: &Scored) -> Vec<String> {
    let differ = first.questions.iter().filter(|(id, before)| {
        second.questions.get(id).is_some_and(|after| after.asked != before.asked)
    });
    differ.map(|(id, _)| id.to_string()).collect()
}

/// The scores that are compared. What a model judged is among them where labels of people correct it.
pub(super) fn family(
    first: &Scored,
    second: &Scored,
    plan: &Plan,
) -> Result<Vec<String>, CompareError> {
    let given =
        |run: &Scored, name: &str| plan.labels.contains_key(name) || !run.withheld.contains(name);
    let (before, after) = (first.all_names(), second.all_names());
    let shared = before.intersection(&after).copied();
    let shared: BTreeSet<&str> =
        shared.filter(|name| given(first, name) && given(second, name)).collect();
    if plan.family.is_empty() && !shared.is_empty() {
        return Ok(shared.into_iter().map(str::to_owned).collect());
    }
    if shared.is_empty() {
        let [first, second] = [first, second].map(named);
        return Err(CompareError::NoneShared { first, second });
    }
    match plan.family.iter().find(|name| !shared.contains(name.as_str())) {
        None => Ok(plan.family.clone()),
        Some(name) => Err(CompareError::NoScore {
            name: name.clone(),
            shared: shared.into_iter().collect::<Vec<_>>().join(", "),
        }),
    }
}

/// The scores of a run as a sentence names them.
fn named(run: &Scored) -> String {
    let is_judged = |name: &str| run.withheld.contains(name);
    let name = |name| if is_judged(name) { format!("{name} (judged)") } else { name.to_owned() };
    let names: Vec<String> = run.all_names().into_iter().map(name).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// The scores that are not in the family, and why.
pub(super) fn left_out(
    first: &Scored,
    second: &Scored,
    family: &[String],
) -> BTreeMap<String, LeftOut> {
    let (before, after) = (first.all_names(), second.all_names());
    let others = before.union(&after).filter(|name| family.iter().all(|own| own != *name));
    let why = |name: &str| {
        if !after.contains(name) {
            LeftOut::OnlyFirst
        } else if !before.contains(name) {
            LeftOut::OnlySecond
        } else if first.withheld.contains(name) || second.withheld.contains(name) {
            LeftOut::Judged
        } else {
            LeftOut::OutsideFamily
        }
    };
    others.map(|name| ((*name).to_owned(), why(name))).collect()
}

/// What a model judged is compared only where labels of people correct it, whoever judged, or where that was
/// asked for, and the same decided it in both runs.
pub(super) fn check_judges(
    name: &str,
    first: &Scored,
    second: &Scored,
    plan: &Plan,
) -> Result<(), CompareError> {
    if plan.labels.contains_key(name) {
        return Ok(());
    }
    let allowed = plan.judged;
    let (before, after) = (first.judged_by.get(name), second.judged_by.get(name));
    let is_judged = before.is_some() || after.is_some();
    let is_same = before == after && before.is_none_or(|hashes| hashes.len() == 1);
    let some = |hashes: Option<&BTreeSet<String>>| {
        let short = hashes.into_iter().flatten().map(|hash| hash.chars().take(12).collect());
        let short: Vec<String> = short.collect();
        if short.is_empty() { "nobody that is named".to_owned() } else { short.join(" and ") }
    };
    if is_judged && !is_same && !allowed.other_judges {
        let (name, before, after) = (name.to_owned(), some(before), some(after));
        return Err(CompareError::OtherJudges { name, before, after });
    }
    if is_judged && !allowed.uncorrected {
        return Err(CompareError::Uncorrected { name: name.to_owned() });
    }
    Ok(())
}
