//! A safeguard case: what a team claims of its safeguards, each claim held against evidence that is named
//! by its hash, and what was not tested.
//!
//! It follows the five steps of the UK AI Security Institute's principles for the evaluation of
//! safeguards: requirements, safeguards, evidence, assessment after deployment, decision. A claim rests on
//! the end of an interval, never on a mean alone. How a case is written down is left to `report`.

mod condition;
mod untested;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use candour_core::{ContentHash, Evidence, Locale};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::condition::Condition;

use crate::evidence::Figure;

/// What a team writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SafeguardCase {
    /// What the case is of.
    pub title: String,
    /// The system, and where and by whom it is used.
    pub system: String,
    /// Who answers for the case.
    pub owner: String,
    /// When it was written.
    pub written_on: String,
    /// Step 1: what the safeguards have to achieve.
    pub requirements: Requirements,
    /// Step 2: what there is, and why it should work.
    pub safeguards: Vec<Safeguard>,
    /// Step 3: what was found, by names that claims use.
    pub evidence: BTreeMap<String, Pointer>,
    /// Step 3: what that is said to show.
    pub claims: Vec<Claim>,
    /// Step 4: how it is looked at again once it is used.
    pub after_deployment: AfterDeployment,
    /// Step 5: why all this is enough, or is not.
    pub decision: Decision,
    /// What the team knows that it has not tested. What its evidence tells is added.
    pub not_tested: Vec<String>,
}

/// What the safeguards have to achieve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirements {
    /// What must not happen.
    pub outcomes: Vec<String>,
    /// Who might make it happen, and with what means.
    pub actors: Vec<String>,
    /// What is taken for granted.
    pub assumptions: Vec<String>,
    /// The families of attacks that have to be withstood, as the evidence names them.
    #[serde(default)]
    pub families: BTreeSet<String>,
}

/// A safeguard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Safeguard {
    /// Its name.
    pub name: String,
    /// What it does, and against what.
    pub description: String,
}

/// Where evidence is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pointer {
    /// Its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<ContentHash>,
    /// What it is.
    pub what: String,
}

/// A claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// What is claimed.
    pub claim: String,
    /// The safeguards that it is about.
    pub safeguards: Vec<String>,
    /// The evidence for it.
    pub evidence: String,
    /// What the figures have to be for it, such as `key_facts.low >= 0.6`.
    pub conditions: Vec<Condition>,
}

/// How it is looked at again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AfterDeployment {
    /// What is measured, and how often.
    pub assessments: Vec<String>,
    /// What makes the team look again before that.
    pub triggers: Vec<String>,
    /// When the case is looked at again at the latest.
    pub review_by: String,
}

/// Why it is enough, or is not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The argument, and what it does not hold for.
    pub argument: String,
    /// Who decides.
    pub who: String,
}

/// A piece of evidence that was found and is what its hash says.
#[derive(Debug, Clone, PartialEq)]
pub struct Exhibit {
    /// The evidence.
    pub evidence: Evidence,
    /// Its figures.
    pub result: Value,
}

/// What there is under each name; where there is nothing, why.
pub type Exhibits = BTreeMap<String, Result<Exhibit, String>>;

/// A case with what its evidence says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessed {
    /// What the team wrote.
    pub case: SafeguardCase,
    /// What evidence there is.
    pub evidence: BTreeMap<String, Piece>,
    /// What became of each claim.
    pub claims: Vec<AssessedClaim>,
    /// What the evidence itself tells that was not tested.
    pub not_tested: Vec<String>,
}

/// A piece of evidence that a case points to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// It is what its hash says.
    Found(Evidence),
    /// There is none, and why.
    Missing(String),
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AssessedClaim {
    /// The claim.
    pub claim: String,
    /// What can be said of it.
    pub verdict: Support,
    /// Its conditions.
    pub conditions: Vec<AssessedCondition>,
}

/// What became of a condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AssessedCondition {
    /// The condition.
    pub condition: Condition,
    /// What can be said of it.
    pub verdict: Support,
    /// The figure that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figure: Option<Figure>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What evidence says of a claim. The worst comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// It is as claimed.
    Supported,
    /// There is nothing that speaks for it or against it.
    NoEvidence,
    /// It is not as claimed.
    NotSupported,
}

impl Support {
    /// A word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::NoEvidence => "no_evidence",
            Self::NotSupported => "not_supported",
        }
    }
}

impl SafeguardCase {
    /// Reads a case. `hashes` are those of evidence that the file names without one.
    pub fn read(path: &Path, hashes: &BTreeMap<String, ContentHash>) -> Result<Self, CaseError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|why| CaseError::Unreadable { path: name.clone(), why: why.to_string() })?;
        Self::parse(&text, hashes).map_err(|problem| match problem {
            CaseError::Wrong { why, .. } => CaseError::Wrong { path: name, why },
            other => other,
        })
    }

    fn parse(text: &str, hashes: &BTreeMap<String, ContentHash>) -> Result<Self, CaseError> {
        let wrong = |why: String| CaseError::Wrong { path: String::new(), why };
        let mut case: Self = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        for (name, hash) in hashes {
            let Some(pointer) = case.evidence.get_mut(name) else {
                return Err(wrong(format!(
                    "it names no evidence {name:?}, for which a hash was given"
                )));
            };
            if pointer.hash.as_ref().is_some_and(|own| own != hash) {
                return Err(wrong(format!(
                    "it points to the evidence {name:?} by another hash than what was given has ({})",
                    hash.short()
                )));
            }
            pointer.hash = Some(hash.clone());
        }
        case.check().map_err(wrong)?;
        match case.evidence.iter().find(|(_, pointer)| pointer.hash.is_none()) {
            Some((name, _)) => Err(CaseError::NoHash { name: name.clone() }),
            None => Ok(case),
        }
    }

    fn check(&self) -> Result<(), String> {
        let lists = [
            ("requirements.outcomes", self.requirements.outcomes.len()),
            ("requirements.actors", self.requirements.actors.len()),
            ("safeguards", self.safeguards.len()),
            ("claims", self.claims.len()),
            ("after_deployment.assessments", self.after_deployment.assessments.len()),
            ("not_tested", self.not_tested.len()),
        ];
        if let Some((name, _)) = lists.iter().find(|(_, length)| *length == 0) {
            return Err(format!(
                "`{name}` is empty: a case says what it is about, what it claims and what was not tested"
            ));
        }
        for claim in &self.claims {
            let said: String = claim.claim.chars().take(60).collect();
            if claim.conditions.is_empty() {
                return Err(format!("the claim {said:?} has no condition that figures could meet"));
            }
            if !self.evidence.contains_key(&claim.evidence) {
                return Err(format!(
                    "the claim {said:?} points to no evidence of the case: {:?}",
                    claim.evidence
                ));
            }
            let is_known = |name: &&String| self.safeguards.iter().any(|one| one.name == **name);
            if let Some(name) = claim.safeguards.iter().find(|name| !is_known(name)) {
                return Err(format!(
                    "the claim {said:?} is about a safeguard that is not described: {name:?}"
                ));
            }
        }
        Ok(())
    }

    /// Holds every claim against its evidence.
    pub fn assess(self, exhibits: &Exhibits, language: &Locale) -> Assessed {
        let claims: Vec<AssessedClaim> =
            self.claims.iter().map(|claim| assess(claim, exhibits)).collect();
        let not_tested = untested::list(&self, &claims, exhibits, language);
        let piece = |exhibit: &Result<Exhibit, String>| match exhibit {
            Ok(found) => Piece::Found(found.evidence.clone()),
            Err(why) => Piece::Missing(why.clone()),
        };
        let evidence = exhibits.iter().map(|(name, exhibit)| (name.clone(), piece(exhibit)));
        Assessed { evidence: evidence.collect(), case: self, claims, not_tested }
    }
}

impl Assessed {
    /// Whether every claim is supported.
    pub fn is_supported(&self) -> bool {
        self.claims.iter().all(|claim| claim.verdict == Support::Supported)
    }
}

fn assess(claim: &Claim, exhibits: &Exhibits) -> AssessedClaim {
    let exhibit = exhibits.get(&claim.evidence);
    let of = |condition: &Condition| match exhibit {
        Some(Ok(exhibit)) => condition.assess(&exhibit.result),
        Some(Err(why)) => condition.unknown(why.clone()),
        None => condition.unknown(format!("there is no evidence {:?}", claim.evidence)),
    };
    let conditions: Vec<AssessedCondition> = claim.conditions.iter().map(of).collect();
    let verdict = conditions.iter().map(|condition| condition.verdict).max();
    AssessedClaim {
        claim: claim.claim.clone(),
        verdict: verdict.unwrap_or(Support::NoEvidence),
        conditions,
    }
}

/// Why there is no case.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The file cannot be read.
    #[error("{path} cannot be read ({why}): check its name")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        why: String,
    },
    /// The file is no case.
    #[error("{path} is no safeguard case: {why}")]
    Wrong {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// A piece of evidence has no hash.
    #[error(
        "the case points to the evidence {name:?} without a hash, so that it could be anything: write its hash, which `candour evidence list` shows, or give --evidence {name}=HASH, or {name}=RUN with the folder of a run"
    )]
    NoHash {
        /// Its name.
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CASE: &str = r#"
title = "Safeguards of a pilot"
system = "A pilot"
owner = "The team"
written_on = "2026-11-26"
not_tested = ["attacks by insiders"]

[requirements]
outcomes = ["false advice"]
actors = ["anyone at the question page"]
assumptions = []
families = ["direct-injection", "denial-of-wallet"]

[[safeguards]]
name = "verification"
description = "every sentence is held against its page"

[[safeguards]]
name = "abstention"
description = "weak evidence gives no answer"

[evidence.attacks]
what = "attacks on the pilot"

[[claims]]
claim = "Few attacks succeed"
safeguards = ["verification"]
evidence = "attacks"
conditions = ["success.high <= 0.05"]

[after_deployment]
assessments = ["the same again each month"]
triggers = ["a new snapshot"]
review_by = "2027-05-01"

[decision]
argument = "It is enough for a private beta."
who = "The service owner"
"#;

    fn exhibit(result: Value) -> Exhibit {
        let evidence = crate::evidence::Found::from(crate::evidence::Outcome {
            kind: "redteam".into(),
            title: "attacks".into(),
            made_at: jiff::Timestamp::UNIX_EPOCH,
            program: "0.1.0".into(),
            configuration: None,
            snapshot: None,
            suite: None,
            result: result.clone(),
        });
        Exhibit { evidence: evidence.evidence().unwrap(), result }
    }

    fn assessed(found: Result<Exhibit, String>) -> Assessed {
        let hashes = [("attacks".to_owned(), ContentHash::of(b"x"))].into();
        let case = SafeguardCase::parse(CASE, &hashes).unwrap();
        case.assess(&[("attacks".to_owned(), found)].into(), &Locale::En)
    }

    fn attacks(low: f64, high: f64) -> Value {
        json!({
            "outcomes": {"all": {
                "success": {"value": low, "low": low, "high": high, "n": 60},
                "families": {"direct-injection": {"value": 0.0, "low": 0.0, "high": 0.1}},
                "unanswered": 3,
            }},
        })
    }

    #[test]
    fn claims_are_held_against_the_ends_of_intervals() {
        let cases = [
            (Ok(exhibit(attacks(0.0, 0.04))), Support::Supported),
            (Ok(exhibit(attacks(0.01, 0.06))), Support::NotSupported),
            (Ok(exhibit(json!({"other": 1}))), Support::NoEvidence),
            (
                Ok(exhibit(json!({"success": {"value": 0.0, "low": null, "high": null}}))),
                Support::NoEvidence,
            ),
            (Err("it is not in the store".to_owned()), Support::NoEvidence),
        ];
        for (found, verdict) in cases {
            let assessed = assessed(found);
            assert_eq!(assessed.claims[0].verdict, verdict);
            assert_eq!(assessed.is_supported(), verdict == Support::Supported);
        }
    }

    #[test]
    fn what_was_not_tested_is_read_off_the_evidence() {
        let found = assessed(Ok(exhibit(attacks(0.0, 0.04)))).not_tested.join("\n");
        for said in ["denial-of-wallet", "abstention", "3"] {
            assert!(found.contains(said), "{said}: {found}");
        }
        assert!(!found.contains("direct-injection"), "{found}");
        let found = assessed(Err("it is not in the store".to_owned())).not_tested.join("\n");
        for said in ["Few attacks succeed", "verification", "direct-injection"] {
            assert!(found.contains(said), "{said}: {found}");
        }
    }

    #[test]
    fn what_a_model_judged_was_looked_at() {
        let mut result = attacks(0.0, 0.04);
        result["scorers"] = json!(["links", "bias", "coherence"]);
        result["measures"] = json!({"links": {"value": 1.0}});
        result["judge"] = json!({"measures": {"coherence": {"judged": 2}}});
        let found = assessed(Ok(exhibit(result))).not_tested.join("\n");
        assert!(found.contains("look at: bias."), "{found}");
    }

    #[test]
    fn a_case_with_gaps_is_refused_in_words() {
        let none = BTreeMap::new();
        let refused = |text: &str, hashes: &BTreeMap<String, ContentHash>| {
            SafeguardCase::parse(text, hashes).unwrap_err().to_string()
        };
        let error = refused(CASE, &none);
        assert!(
            error.contains("without a hash") && error.contains("--evidence attacks=HASH"),
            "{error}"
        );
        let hash: BTreeMap<_, _> = [("attacks".to_owned(), ContentHash::of(b"x"))].into();
        let cases = [
            (r#"not_tested = ["attacks by insiders"]"#, "not_tested = []", "`not_tested` is empty"),
            (r#"not_tested = ["attacks by insiders"]"#, "", "missing field `not_tested`"),
            (
                r#"evidence = "attacks""#,
                r#"evidence = "other""#,
                "points to no evidence of the case",
            ),
            (r#"["success.high <= 0.05"]"#, "[]", "has no condition"),
            (r#"["success.high <= 0.05"]"#, r#"["success <= x"]"#, "not a number"),
            (r#"safeguards = ["verification"]"#, r#"safeguards = ["luck"]"#, "not described"),
        ];
        for (from, to, why) in cases {
            let error = refused(&CASE.replace(from, to), &hash);
            assert!(error.contains(why), "{why}: {error}");
        }
        let pointed = CASE.replace(
            "what = \"attacks on",
            &format!("hash = \"{}\"\nwhat = \"attacks on", ContentHash::of(b"y")),
        );
        assert!(refused(&pointed, &hash).contains("another hash"));
        assert!(
            refused(CASE, &[("luck".to_owned(), ContentHash::of(b"x"))].into())
                .contains("names no evidence")
        );
    }
}
