//! What a figure speaks of and its evidence left out: of fewer attempts fewer succeed by accident, so that a
//! claim that rests on them is supported in part alone.

use candour_core::Evidence;
use serde::Deserialize as _;
use serde_json::Value;

use super::at_most::is_at_most;
use crate::redteam::{LeftOut, UNCORRECTED};

/// Measures of harmless questions, all of which are asked whatever is left out of the attacks.
const HARMLESS: [&str; 5] =
    [FALSE_REFUSAL, "false_refusal_at_most", "useful", "useful_under_attack", "twin"];
/// That of those of them that had an answer.
const FALSE_REFUSAL: &str = "false_refusal";
/// Parts of a report that are measured whole, or not at all.
const APART: [&str; 3] = ["external", "poisoned", "wallet"];
/// Where it is told what a judge says of attacks.
const RUBRIC: &str = "rubric";
/// The part of that which people's labels correct.
const CORRECTED: &str = "corrected";

/// A count of what was told, whoever was there to be told.
const WRONG_NUMBERS: &str = "wrong_numbers";

/// Whether a count is one of nothing: nobody in danger or distress had an answer that could have been counted.
pub(super) fn is_of_nothing(figure: &str, result: &Value) -> bool {
    let keys: Vec<&str> = figure.split('.').collect();
    let Some((&WRONG_NUMBERS, state)) = keys.split_last() else { return false };
    let state = state.iter().fold(String::new(), |path, key| format!("{path}/{key}"));
    let Some(state) = result.pointer(&state) else { return false };
    // An earlier program says nothing of these attempts, but whether any had an answer.
    let (attempts, unanswered) = (state.get("attempts"), state.get("unanswered"));
    let is_unheard = attempts.is_some() && attempts == unanswered;
    state.get("misled").map_or(is_unheard, Value::is_null)
}

/// Why a figure is one of a part of what it speaks of; nothing where it is of all.
pub(super) fn of_a_part(figure: &str, evidence: &Evidence, result: &Value) -> Option<String> {
    let text = |key: &str| result.get(key).and_then(Value::as_str);
    let mut parts = Vec::new();
    if text("ending").is_some_and(|ending| ending != "complete")
        || text("status").is_some_and(|status| status != "success")
    {
        parts.push("the run did not come to its end".to_owned());
    }
    parts.extend(text("shard").map(|shard| format!("it is part {shard} of its suite")));
    let keys: Vec<&str> = figure.split('.').collect();
    parts.extend(of_the_heard(&keys, result));
    if evidence.kind == "redteam" {
        parts.extend(of_attacks(&keys, result));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Whether a figure counts what had no answer as what it speaks of: an attempt on a model that fails does
/// not succeed, and the quotes in its place are not what it says.
fn of_the_heard(keys: &[&str], result: &Value) -> Option<String> {
    // Such a one counts them as successes.
    let is_of_all = keys.iter().any(|key| is_at_most(key));
    let names: &[&str] = match keys {
        _ if keys.contains(&FALSE_REFUSAL) => &["harmless_unanswered"],
        _ if is_harmless(keys) => &[],
        _ => &["unanswered", "without_the_model"],
    };
    let mut here = Some(result);
    let mut unheard = 0;
    for key in keys {
        let Some(level) = here else { break };
        let count = |name: &&str| level.get(*name).map_or(0, total);
        let failed = level.pointer("/writer/failed").map_or(0, total);
        unheard = names.iter().map(count).chain([failed, unheard]).max().unwrap_or_default();
        here = match level {
            Value::Array(all) => key.parse().ok().and_then(|at: usize| all.get(at)),
            level => level.get(key),
        };
    }
    (unheard > 0 && !is_of_all)
        .then(|| format!("{unheard} of what it counts had no answer, or none of the model"))
}

/// A count, or the sum of one for each of several states.
pub(super) fn total(count: &Value) -> u64 {
    let states = count.as_object().map(|states| states.values().filter_map(Value::as_u64).sum());
    states.or_else(|| count.as_u64()).unwrap_or_default()
}

fn is_harmless(keys: &[&str]) -> bool {
    keys.iter().any(|key| HARMLESS.contains(key))
}

/// What a figure of a red team speaks of and was not tried.
fn of_attacks(keys: &[&str], result: &Value) -> Vec<String> {
    let has = |names: &[&str]| keys.iter().any(|key| names.contains(key));
    if is_harmless(keys) || keys.first().is_some_and(|first| APART.contains(first)) {
        return Vec::new();
    }
    let mut parts = of_a_judge(keys, result);
    if keys.last() == Some(&WRONG_NUMBERS) {
        let why = "it is a count, which does not tell how sure it is: claim `misled.high`";
        parts.push(why.to_owned());
    }
    let Some(left_out) = result.get("left_out").and_then(|told| LeftOut::deserialize(told).ok())
    else {
        parts.push("the run does not say which attacks were left out: run it again".to_owned());
        return parts;
    };
    // What is told by family, and of conversations, has nothing to do with other families; what is told by
    // attempts and turns has as many as it says.
    let is_of_one_family = has(&[
        "families",
        "families_at_most",
        "misled",
        "misled_at_most",
        "noticed",
        "turns",
        "turns_at_most",
    ]);
    let is_of_some_attempts =
        has(&["persistence", "persistence_at_most", "turns", "turns_at_most"]);
    if let Some(most) = left_out.attempts.filter(|_| !is_of_some_attempts) {
        parts.push(format!("at most {most} of the attempts of an attack were made"));
    }
    if !left_out.families.is_empty() && !is_of_one_family {
        let names: Vec<&str> = left_out.families.iter().map(String::as_str).collect();
        parts.push(format!("no attack was tried of the families {}", names.join(", ")));
    }
    let untold = result.pointer("/outcomes/all/without_criterion").and_then(Value::as_array);
    if let Some(untold) = untold.filter(|untold| !untold.is_empty()) {
        parts.push(format!("of {} of its attacks nobody could tell a success", untold.len()));
    }
    parts
}

/// What a figure owes to a judge whom nobody corrected, and what that judge did not look at.
fn of_a_judge(keys: &[&str], result: &Value) -> Vec<String> {
    let at = keys.iter().position(|key| *key == RUBRIC);
    // What a judge took is told apart from outcomes. Counts are as much a judge's word as shares of them are.
    let is_bare = keys.contains(&UNCORRECTED)
        || at.is_some_and(|at| at > 0 && keys.get(at + 1) != Some(&CORRECTED));
    let mut parts = Vec::new();
    if is_bare {
        parts
            .push("it is what a judge says alone, and nobody knows how far that is off".to_owned());
    }
    let Some(at) = at else { return parts };
    let rubric = keys.get(..=at).map(|keys| format!("/{}", keys.join("/")));
    let rubric = rubric.and_then(|at| result.pointer(&at)).unwrap_or(&Value::Null);
    let count = |name: &str| rubric.get(name).map_or(0, total);
    if count("left") > 0 {
        parts.push(format!(
            "{} of its attempts were not judged, for a limit came first",
            count("left")
        ));
    }
    // Labels correct for those on which it failed, but error rates do not.
    let status = rubric.pointer("/corrected/status").and_then(Value::as_str);
    if count("failures") > 0 && (is_bare || status == Some("rarely-differ")) {
        parts.push(format!("the judge failed on {} of its attempts", count("failures")));
    }
    let aimless = result.pointer("/rubric/without_goal").and_then(Value::as_array);
    if let Some(aimless) = aimless.filter(|aimless| !aimless.is_empty()) {
        let count = aimless.len();
        parts.push(format!("{count} attacks do not say what they are after, and were not judged"));
    }
    parts
}
