//! What two runs have in common: questions that both were asked, scores that both have, and who judged
//! them.

use std::collections::BTreeSet;

use super::{CompareError, JudgedScores, Plan};
use crate::inspect_log::SampleId;
use crate::scored::{Question, Scored};

pub(super) type Pair<'a> = (&'a Question, &'a Question);

/// The questions that both runs have, and ask alike.
pub(super) fn pairs<'a>(first: &'a Scored, second: &'a Scored) -> Vec<Pair<'a>> {
    let both = |(id, before): (&SampleId, &'a Question)| {
        let after = second.questions.get(id)?;
        (before.asked == after.asked).then_some((before, after))
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

pub(super) fn family(
    first: &Scored,
    second: &Scored,
    plan: &Plan,
) -> Result<Vec<String>, CompareError> {
    let shared: BTreeSet<&str> = first.names().intersection(&second.names()).copied().collect();
    if plan.family.is_empty() && !shared.is_empty() {
        return Ok(shared.into_iter().map(str::to_owned).collect());
    }
    match plan.family.iter().find(|name| !shared.contains(name.as_str())) {
        None if !shared.is_empty() => Ok(plan.family.clone()),
        name => Err(CompareError::NoScore {
            name: name.cloned().unwrap_or_default(),
            shared: shared.into_iter().collect::<Vec<_>>().join(", "),
        }),
    }
}

/// What a model judged is compared only where that was asked for, and where the same decided it in both
/// runs.
pub(super) fn check_judges(
    name: &str,
    first: &Scored,
    second: &Scored,
    allowed: JudgedScores,
) -> Result<(), CompareError> {
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
