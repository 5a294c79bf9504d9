//! What a gate holds against the second of two runs: a build stands or falls by it, so that what nobody knows
//! does not pass for well.

use super::{Change, Comparison, LeftOut, Plan};

impl Comparison {
    /// Why a gate does not let the second run through; nothing where it does. It does not where nobody knows
    /// which end of a score is the better one: half of what it let through would be worse. Samples without an
    /// answer are held against it unless all of them count as the worst in every score, and scores that only the first run has unless
    /// a family was declared or unmatched is allowed.
    pub fn objections(&self, plan: &Plan, failures_count: bool) -> Vec<String> {
        let worse = self.scores.iter().filter(|score| score.is_worse() == Some(true));
        let missing = self.scores.iter().filter(|score| score.is_mostly_missing());
        let mut objections: Vec<String> = worse.map(worsened).collect();
        objections.extend(missing.map(missed));
        objections.extend(self.failed(failures_count));
        let is_open = plan.family.is_empty() && !plan.allow_unmatched;
        objections.extend(self.unmeasured().filter(|_| is_open));
        objections.extend(self.without_a_better_end());
        objections
    }

    /// The scores in which not all samples without an answer count as the worst there is.
    pub fn without_failures(&self) -> Vec<&str> {
        let failed = self.answered.map(|run| run.failed);
        let without = self.scores.iter().filter(|score| score.failed_as_worst != failed);
        without.map(|score| score.name.as_str()).collect()
    }

    /// Where a larger share of the second run failed, and that does not count in every score.
    fn failed(&self, failures_count: bool) -> Option<String> {
        let [first, second] = &self.answered;
        let has_grown = second.failed * first.samples > first.failed * second.samples;
        let without = self.without_failures();
        if !has_grown || (failures_count && without.is_empty()) {
            return None;
        }
        let rest = if failures_count {
            format!("and do not all count as the worst value of {}", without.join(", "))
        } else {
            "--count-failures counts them as the worst value of each score instead".to_owned()
        };
        Some(format!(
            "{} of {} samples of the second run have no answer, and {} of {} of the first; {rest}",
            second.failed, second.samples, first.failed, first.samples
        ))
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
