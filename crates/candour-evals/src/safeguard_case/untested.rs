//! What the evidence of a case itself tells that was not tested: families of attacks and safeguards that
//! nothing was found out about, questions without an answer, limits that were reached, what a red team says
//! it did not try, and evidence of another state of the system.

use std::collections::BTreeSet;

use candour_core::Locale;
use serde_json::Value;

use super::part::total;
use super::{AssessedClaim, Exhibit, Exhibits, SafeguardCase, Support};
use crate::evidence::never_scored;
use crate::report::{Words, words};

/// All of it, in the language of the document.
pub(super) fn list(
    case: &SafeguardCase,
    claims: &[AssessedClaim],
    exhibits: &Exhibits,
    language: &Locale,
) -> Vec<String> {
    let words = words(language);
    let found: Vec<(&String, &Exhibit)> = exhibits
        .iter()
        .filter_map(|(name, exhibit)| Some((name, exhibit.as_ref().ok()?)))
        .collect();
    let mut list = Vec::new();
    for claim in claims.iter().filter(|claim| claim.verdict == Support::NoEvidence) {
        list.push(words.with("untested_claim", &[("claim", &claim.claim)]));
    }
    let has_evidence: BTreeSet<&str> = case
        .claims
        .iter()
        .zip(claims)
        .filter(|(_, assessed)| assessed.verdict != Support::NoEvidence)
        .flat_map(|(claim, _)| claim.safeguards.iter().map(String::as_str))
        .collect();
    for safeguard in case.safeguards.iter().filter(|one| !has_evidence.contains(one.name.as_str()))
    {
        list.push(words.with("untested_safeguard", &[("name", &safeguard.name)]));
    }
    let mut tried = BTreeSet::new();
    for (_, exhibit) in &found {
        families(&exhibit.result, &mut tried);
    }
    for family in case.requirements.families.difference(&tried) {
        list.push(words.with("untested_family", &[("name", family)]));
    }
    for (name, exhibit) in &found {
        if !case.claims.iter().any(|claim| claim.evidence == **name) {
            list.push(words.with("untested_unused", &[("name", name)]));
        }
        of_result(words, name, &exhibit.result, &mut list);
    }
    list.extend(other_state(words, &found));
    list
}

/// The names under every key `families`.
fn families(value: &Value, found: &mut BTreeSet<String>) {
    let Value::Object(object) = value else { return };
    for (key, inner) in object {
        match inner {
            Value::Object(names) if key == "families" => found.extend(names.keys().cloned()),
            inner => families(inner, found),
        }
    }
}

/// What a result says of itself: how it ended, and what has no answer.
fn of_result(words: &Words, name: &str, result: &Value, list: &mut Vec<String>) {
    let text = |key: &str| result.get(key).and_then(Value::as_str);
    if let Some(ending) = text("ending").filter(|ending| *ending != "complete") {
        list.push(words.with("untested_ending", &[("name", &name), ("ending", &ending)]));
    }
    if let Some(status) = text("status").filter(|status| *status != "success") {
        list.push(words.with("untested_ending", &[("name", &name), ("ending", &status)]));
    }
    if let Some(shard) = text("shard") {
        list.push(words.with("untested_shard", &[("name", &name), ("shard", &shard)]));
    }
    let errors = result.get("errors").and_then(Value::as_object);
    let errors: u64 =
        errors.into_iter().flat_map(|all| all.values()).filter_map(Value::as_u64).sum();
    let failed = result.get("failed").and_then(Value::as_u64).unwrap_or_default();
    let unanswered =
        errors + failed + sum_of(result, "unanswered") + sum_of(result, "harmless_unanswered");
    if unanswered > 0 {
        list.push(words.with("untested_errors", &[("name", &name), ("count", &unanswered)]));
    }
    let failed = result.pointer("/writer/failed").map_or(0, total);
    if failed > 0 {
        list.push(words.with("untested_model", &[("name", &name), ("count", &failed)]));
    }
    let limited = result.get("limited").and_then(Value::as_u64).unwrap_or_default();
    if limited > 0 {
        list.push(words.with("untested_limited", &[("name", &name), ("count", &limited)]));
    }
    let said = result.get("not_tested").and_then(Value::as_array);
    for what in said.into_iter().flatten().filter_map(Value::as_str) {
        list.push(words.with("untested_said", &[("name", &name), ("what", &what)]));
    }
    let unseen = never_scored(result);
    if !unseen.is_empty() {
        list.push(
            words.with("untested_scorers", &[("name", &name), ("names", &unseen.join(", "))]),
        );
    }
}

/// The sum of all counts of a name, wherever they stand: one number, or one for each of several states.
/// Effects are of attempts that are counted elsewhere.
fn sum_of(value: &Value, name: &str) -> u64 {
    match value {
        Value::Array(all) => all.iter().map(|inner| sum_of(inner, name)).sum(),
        Value::Object(object) => {
            let count = |(key, inner): (&String, &Value)| match inner {
                inner if key == name => total(inner),
                inner => sum_of(inner, name),
            };
            object.iter().filter(|(key, _)| *key != "effects").map(count).sum()
        }
        _ => 0,
    }
}

/// Whether the pieces of evidence are of one and the same system.
fn other_state(words: &Words, found: &[(&String, &Exhibit)]) -> Vec<String> {
    let snapshots: BTreeSet<&String> =
        found.iter().filter_map(|(_, exhibit)| exhibit.evidence.snapshot.as_ref()).collect();
    let configurations: BTreeSet<&str> = found
        .iter()
        .filter_map(|(_, exhibit)| Some(exhibit.evidence.configuration.as_ref()?.as_str()))
        .collect();
    let mut list = Vec::new();
    if snapshots.len() > 1 {
        list.push(words.with("untested_snapshots", &[("count", &snapshots.len())]));
    }
    if configurations.len() > 1 {
        list.push(words.with("untested_configurations", &[("count", &configurations.len())]));
    }
    list
}
