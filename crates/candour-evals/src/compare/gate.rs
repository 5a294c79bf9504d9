//! What a gate holds against the second of two runs: a build stands or falls by it, so that what nobody knows
//! does not pass for well.

use super::{Answered, Change, Comparison, LeftOut, Plan};

impl Comparison {
    /// Why a gate does not let the second run through; nothing where it does. It does not where nobody knows
    /// which end of a score is the better one: half of what it let through would be worse. Samples without an
    /// answer are held against it unless they count in every score, and scores that only the first run has unless
    /// a family was declared or unmatched is allowed.
    pub fn objections(&self, plan: &Plan, failures_count: bool) -> Vec<String> {
        let worse = self.scores.iter().filter(|score| score.is_worse() == Some(true));
        let missing = self.scores.iter().filter(|score| score.is_mostly_missing());
        let mut objections: Vec<String> = worse.map(worsened).collect();
        objections.extend(missing.map(missed));
        objections.extend(failed(&self.answered).filter(|_| !failures_count));
        let is_open = plan.family.is_empty() && !plan.allow_unmatched;
        objections.extend(self.unmeasured().filter(|_| is_open));
        objections.extend(self.without_a_better_end());
        objections
    }

    fn without_a_better_end(&self) -> Option<String> {
        let unknown = self.scores.iter().filter(|score| score.better.is_none());
        let unknown: Vec<&str> = unknown.map(|score| score.name.as_str()).collect();
        (!unknown.is_empty()).then(|| {
            format!(
                "nobody knows whether it is better or worse where these are higher: {}; say so with --higher-is-better NAME or --lower-is-better NAME for each, or name the other scores with --score",
                unknown.join(", ")
            )
        })
    }

    /// What the second run does not measure any more, where there is anything.
    fn unmeasured(&self) -> Option<String> {
        let lost = self.left_out.iter().filter(|(_, why)| **why == LeftOut::OnlyFirst);
        let lost: Vec<&str> = lost.map(|(name, _)| name.as_str()).collect();
        (!lost.is_empty()).then(|| {
            format!(
                "the second run has no {}, which the first has; --allow-unmatched gates the others",
                lost.join(", ")
            )
        })
    }
}

impl Change {
    /// Whether most questions that have the score have it in one run only.
    fn is_mostly_missing(&self) -> bool {
        self.unscored > self.difference.n
    }
}

fn worsened(score: &Change) -> String {
    let by = score.difference.value;
    format!("{} is surely worse, by {:.3}", score.name, by.abs())
}

fn missed(score: &Change) -> String {
    let Change { name, unscored, difference, .. } = score;
    format!("{name}: {unscored} of {} questions have it in one run only", unscored + difference.n)
}

/// Where a larger share of the second run failed.
fn failed([first, second]: &[Answered; 2]) -> Option<String> {
    let has_grown = second.failed * first.samples > first.failed * second.samples;
    has_grown.then(|| {
        format!(
            "{} of {} samples of the second run have no answer, and {} of {} of the first; --count-failures counts them in every score instead",
            second.failed, second.samples, first.failed, first.samples
        )
    })
}
