//! What a gate holds against the second of two runs: a build stands or falls by it, so that what nobody knows
//! does not pass for well.

use super::{Change, CompareError, Comparison};

impl Comparison {
    /// Why a gate does not let the second run through; nothing where it does. Refused where nobody knows which
    /// end of a score is the better one: half of what it let through would be worse.
    pub fn objections(&self) -> Result<Vec<String>, CompareError> {
        let unknown = self.scores.iter().filter(|score| score.better.is_none());
        let unknown: Vec<&str> = unknown.map(|score| score.name.as_str()).collect();
        if !unknown.is_empty() {
            return Err(CompareError::NoBetterEnd { names: unknown.join(", ") });
        }
        let worse = self.scores.iter().filter(|score| score.is_worse() == Some(true));
        Ok(worse.map(worsened).collect())
    }
}

fn worsened(score: &Change) -> String {
    let by = score.difference.value;
    format!("{} is surely worse, by {:.3}", score.name, by.abs())
}
