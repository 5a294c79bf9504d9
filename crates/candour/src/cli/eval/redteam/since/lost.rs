//! What an earlier red team measured and a later one does not, and what had no answer: of neither is it known how
//! it fares now.

use std::collections::BTreeSet;

use candour_evals::redteam::Fared;
use serde::Serialize;
use serde_json::Value;

/// What only the first of two red teams measured.
#[derive(Debug, Default, Serialize)]
pub(super) struct Lost {
    /// Attempts and harmless questions that the second did not ask, or asked otherwise.
    pub(super) asked: usize,
    /// Families of which no attempt is the same.
    pub(super) families: BTreeSet<&'static str>,
    /// Conditions.
    pub(super) conditions: BTreeSet<String>,
    /// Measures with every mitigation on.
    pub(super) measures: BTreeSet<&'static str>,
}

/// How much had no answer.
#[derive(Debug, Default, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Unanswered {
    pub(super) attempts: u64,
    pub(super) harmless: u64,
}

impl Lost {
    /// Conditions and measures that only the first report tells of.
    pub(super) fn of(reports: &[Value; 2], [first, second]: [&BTreeSet<String>; 2]) -> Self {
        let is_known =
            |report: &Value, measure: &str| report["outcomes"]["all"][measure].is_object();
        let of_all = ["success", "false_refusal", "useful", "useful_under_attack"];
        let is_lost = |name: &&str| is_known(&reports[0], name) && !is_known(&reports[1], name);
        Self {
            conditions: first.difference(second).cloned().collect(),
            measures: of_all.into_iter().filter(is_lost).collect(),
            ..Self::default()
        }
    }

    /// What of it there is, in words.
    pub(super) fn said(&self) -> Vec<String> {
        let mut said = Vec::new();
        if self.asked > 0 {
            said.push(format!("{} attempts and harmless questions of the first", self.asked));
        }
        let families: Vec<&str> = self.families.iter().copied().collect();
        let conditions: Vec<&str> = self.conditions.iter().map(String::as_str).collect();
        let measures: Vec<&str> = self.measures.iter().copied().collect();
        for (what, names) in
            [("families", families), ("conditions", conditions), ("measures", measures)]
        {
            if !names.is_empty() {
                said.push(format!("the {what} {}", names.join(", ")));
            }
        }
        said
    }
}

impl Unanswered {
    pub(super) fn of(fared: &Fared) -> Self {
        Self { attempts: fared.unanswered(), harmless: fared.harmless_unanswered() }
    }
}
