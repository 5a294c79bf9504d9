//! A safeguard case: what a team claims of its safeguards, each claim held against evidence that is named
//! by its hash, and what was not tested.
//!
//! It follows the five steps of the UK AI Security Institute's principles for the evaluation of
//! safeguards: requirements, safeguards, evidence, assessment after deployment, decision. A claim rests on
//! the end of an interval, never on a mean alone. How a case is written down is left to `report`.

mod at_most;
mod condition;
mod part;
#[cfg(test)]
mod tests;
mod untested;
mod written;

use std::collections::BTreeMap;

use candour_core::{Evidence, Locale};
use serde::Serialize;
use serde_json::Value;

pub use self::condition::Condition;
pub use self::written::{
    AfterDeployment, CaseError, Claim, Decision, Pointer, Requirements, Safeguard, SafeguardCase,
};

use crate::evidence::Figure;

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
    /// Why there is none, or what it leaves out of that of which it speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What evidence says of a claim. The worst comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// It is as claimed.
    Supported,
    /// It is, as far as was tested: parts of what it speaks of were left out.
    SupportedInPart,
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
            Self::SupportedInPart => "supported_in_part",
            Self::NoEvidence => "no_evidence",
            Self::NotSupported => "not_supported",
        }
    }
}

impl SafeguardCase {
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
        Some(Ok(exhibit)) => held_against(condition, exhibit),
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

/// What is as claimed in a part of what the claim speaks of is supported by that part alone: fewer attempts
/// must not buy support.
fn held_against(condition: &Condition, exhibit: &Exhibit) -> AssessedCondition {
    let Exhibit { evidence, result } = exhibit;
    let mut found = condition.assess(result);
    let (Support::Supported, Some(figure)) = (found.verdict, &found.figure) else { return found };
    if part::is_of_nothing(&figure.name, result) {
        let why = format!("{} counts nothing: no attempt of that kind had an answer", figure.name);
        return condition.unknown(why);
    }
    if let Some(why) = part::of_a_part(&figure.name, evidence, result) {
        found.verdict = Support::SupportedInPart;
        found.why = Some(why);
    }
    found
}
