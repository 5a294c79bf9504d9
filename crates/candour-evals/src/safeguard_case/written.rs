//! What a team writes of its safeguards, read from a file and refused where it has gaps.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use candour_core::ContentHash;
use serde::{Deserialize, Serialize};

use super::Condition;

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

    pub(super) fn parse(
        text: &str,
        hashes: &BTreeMap<String, ContentHash>,
    ) -> Result<Self, CaseError> {
        let wrong = |why: String| CaseError::Wrong { path: String::new(), why };
        let mut case: Self = toml::from_str(text).map_err(|error| wrong(mistake(&error)))?;
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
}

/// What is wrong with the file. What is missing is in no line of it.
fn mistake(error: &toml::de::Error) -> String {
    match error.message().strip_prefix("missing field ") {
        Some(key) => format!(
            "{key} is missing: a case has a title, a system, an owner, a day and all five steps, and says what was not tested"
        ),
        None => error.to_string(),
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
