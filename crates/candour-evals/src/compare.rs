//! Two runs of the same questions, compared question by question, and how sure their differences are.

mod error;
mod gate;
mod judged;
mod matched;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use candour_core::ContentHash;
use serde::{Deserialize, Serialize};

pub use self::error::CompareError;
pub use self::judged::CorrectedChange;
use self::matched::{Pair, changed, check_judges, family, left_out, missing, pairs};
use crate::inspect_log::Status;
use crate::labels::Label;
use crate::scored::{Better, Question, Scored};
use crate::statistics::{
    Confidence, Discordant, PairedBinary, PairedDifference, Rate, benjamini_hochberg, holm,
    paired_difference,
};

/// The power that the smallest visible difference is given for.
const POWER: f64 = 0.8;

/// What is compared, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The scores that are compared: a family that is declared before anybody looks. Where it is empty
    /// all that both runs have are the family.
    pub family: Vec<String>,
    /// How the probabilities of the family are adjusted.
    pub adjustment: Adjustment,
    /// The hash of the file in which both were declared, where they were.
    pub declared: Option<ContentHash>,
    /// How sure intervals are.
    pub confidence: Confidence,
    /// Which end of a score is better, where somebody says so.
    pub better: BTreeMap<String, Better>,
    /// Whether questions that only one run has are left out rather than refused.
    pub allow_unmatched: bool,
    /// What may be compared of what a model judged.
    pub judged: JudgedScores,
    /// The labels of people that correct what a model judged, by score: of the answers of the first run, and
    /// of those of the second.
    pub labels: BTreeMap<String, [Vec<Label>; 2]>,
}

/// What may be compared of scores that a model judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JudgedScores {
    /// Differences that no label of people corrects.
    pub uncorrected: bool,
    /// Scores that different prompts, models or limits decided.
    pub other_judges: bool,
}

/// How the probabilities of a family are adjusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Adjustment {
    /// No false alarm in the family: for gates.
    Holm,
    /// Few false alarms among the alarms: for looking around.
    BenjaminiHochberg,
}

/// Two runs compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Questions that both runs have.
    pub matched: usize,
    /// Questions that only the first run has.
    pub only_first: Vec<String>,
    /// Questions that only the second run has.
    pub only_second: Vec<String>,
    /// Questions of one name that ask different things.
    pub changed: Vec<String>,
    /// How many samples of each run have an answer.
    pub answered: [Answered; 2],
    /// Which of the runs did not come to their end: `first`, `second`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unfinished: Vec<&'static str>,
    /// How the probabilities are adjusted.
    pub adjustment: Adjustment,
    /// The scores of the family.
    pub scores: Vec<Change>,
    /// The scores of either run that are not compared, and why.
    pub left_out: BTreeMap<String, LeftOut>,
    /// The hash of the file in which the family was declared, where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared: Option<ContentHash>,
}

/// How many samples of a run have an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// All samples: each question as often as it was asked.
    pub samples: usize,
    /// Those that failed, and have none.
    pub failed: usize,
}

/// Why a score is not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOut {
    /// A model judged it, and no labels of people correct the difference.
    Judged,
    /// The second run has no such score.
    OnlyFirst,
    /// The first run has none.
    OnlySecond,
    /// It is not of the family that was declared.
    OutsideFamily,
}

/// How a score changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The score.
    pub name: String,
    /// Its mean in the first run, over the questions that both have; no number, and null in JSON, where there
    /// is none.
    pub before: f64,
    /// Its mean in the second.
    pub after: f64,
    /// The difference, with its interval or why it has none.
    pub difference: Rate,
    /// Questions that have the score in one run only, because the other failed on them.
    pub unscored: usize,
    /// Samples without an answer that count in it as the worst there is, in each run.
    pub failed_as_worst: [usize; 2],
    /// Where right and wrong are all there is: on which questions the runs disagree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disagreement: Option<Disagreement>,
    /// Where a model judged: how the labels of people correct the difference. The means are left out then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<CorrectedChange>,
    /// How likely so large a difference is where there is none; nothing where there is no interval.
    pub p: Option<f64>,
    /// The same, adjusted for those of the family that have one.
    pub p_adjusted: Option<f64>,
    /// What can be said at 95 %.
    pub verdict: Verdict,
    /// Which end of it is the better one; nothing where nobody knows.
    pub better: Option<Better>,
}

impl Change {
    /// Whether it is surely worse, or surely better; nothing where nobody knows.
    pub fn is_worse(&self) -> Option<bool> {
        let is_higher = match self.verdict {
            Verdict::Higher => true,
            Verdict::Lower => false,
            Verdict::Unsure => return None,
        };
        self.better.map(|better| is_higher == (better == Better::Lower))
    }

    /// What samples without an answer count for in it, where they count as the worst there is.
    pub fn worst(&self) -> u8 {
        self.better.map_or(0, Better::worst_value)
    }
}

/// The questions on which two runs disagree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Disagreement {
    /// 1 in the second run alone.
    pub gained: u64,
    /// 1 in the first run alone.
    pub lost: u64,
    /// McNemar's exact probability.
    pub exact: f64,
    /// The same with half of what was seen.
    pub mid: f64,
    /// The smallest difference that as many questions would show in four runs of five, where the runs
    /// disagree as often as these; none where no difference would show.
    pub visible: Option<f64>,
}

/// What can be said of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The second run is higher.
    Higher,
    /// The second run is lower.
    Lower,
    /// Nothing: which is not to say that they are alike.
    Unsure,
}

impl Verdict {
    /// A word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::Unsure => "unsure",
        }
    }
}

/// Compares a second run with a first.
pub fn compare(first: &Scored, second: &Scored, plan: &Plan) -> Result<Comparison, CompareError> {
    let (only_first, only_second) = (missing(first, second), missing(second, first));
    let changed = changed(first, second);
    let unmatched = only_first.len() + only_second.len() + changed.len();
    if unmatched > 0 && !plan.allow_unmatched {
        let named = only_first.iter().chain(&only_second).chain(&changed).take(5).cloned();
        return Err(CompareError::Unmatched {
            only_first: only_first.len(),
            only_second: only_second.len(),
            changed: changed.len(),
            named: named.collect::<Vec<_>>().join(", "),
        });
    }
    let pairs = pairs(first, second);
    if pairs.is_empty() {
        return Err(CompareError::NothingShared);
    }
    for name in &plan.family {
        check_judges(name, first, second, plan)?;
    }
    let mut scores = Vec::new();
    let family = family(first, second, plan)?;
    let is_used = |name: &String| family.contains(name);
    if let Some(name) = plan.labels.keys().next().filter(|_| !plan.labels.keys().any(is_used)) {
        return Err(CompareError::UnusedLabels { name: name.clone() });
    }
    for name in &family {
        check_judges(name, first, second, plan)?;
        scores.push(match plan.labels.get(name) {
            Some(labels) => judged::change(name, [first, second], &pairs, labels, plan.confidence)?,
            None => change(name, &pairs, plan),
        });
    }
    adjust(&mut scores, plan)?;
    for score in &mut scores {
        score.better = Better::said_or_known(&plan.better, &score.name);
        let failed = |run: &Scored| run.failed_as_worst.get(&score.name).copied();
        score.failed_as_worst = [first, second].map(|run| failed(run).unwrap_or_default());
    }
    let runs = [("first", first), ("second", second)].into_iter();
    let unfinished = runs.filter(|(_, run)| run.header.status != Status::Success);
    Ok(Comparison {
        matched: pairs.len(),
        only_first,
        only_second,
        changed,
        answered: [first, second].map(Answered::of),
        unfinished: unfinished.map(|(name, _)| name).collect(),
        adjustment: plan.adjustment,
        scores,
        left_out: left_out(first, second, &family),
        declared: plan.declared.clone(),
    })
}

impl Answered {
    fn of(run: &Scored) -> Self {
        Self { samples: run.samples, failed: run.failed }
    }
}

fn change(name: &str, pairs: &[Pair<'_>], plan: &Plan) -> Change {
    let of = |question: &Question| question.scores.mean(name);
    let both: Vec<(&Question, [f64; 2])> = pairs
        .iter()
        .filter_map(|pair| Some((pair.after, [of(pair.before)?, of(pair.after)?])))
        .collect();
    let n = both.len();
    let values: Vec<(Option<&str>, [f64; 2])> =
        both.iter().map(|(question, values)| (question.cluster.as_deref(), *values)).collect();
    let PairedDifference { difference, p, disagreement } =
        paired_difference(&values, plan.confidence);
    let average = |run: usize| both.iter().map(|(_, values)| values[run]).sum::<f64>() / n as f64;
    Change {
        name: name.to_owned(),
        before: average(0),
        after: average(1),
        difference,
        unscored: pairs
            .iter()
            .filter(|pair| of(pair.before).is_some() != of(pair.after).is_some())
            .count(),
        disagreement: disagreement.map(|found| self::disagreement(found, plan.confidence)),
        corrected: None,
        p,
        p_adjusted: p,
        verdict: Verdict::Unsure,
        better: None,
        failed_as_worst: [0; 2],
    }
}

fn disagreement(found: Discordant, confidence: Confidence) -> Disagreement {
    let test = found.mcnemar();
    let discordance = (found.gained + found.lost) as f64 / (found.n as f64).max(1.0);
    let visible = PairedBinary { discordance }.difference(found.n as f64, confidence, POWER);
    Disagreement {
        gained: found.gained,
        lost: found.lost,
        exact: test.exact,
        mid: test.mid,
        visible: visible.ok().flatten(),
    }
}

/// Adjusts the probabilities for the family, and says what can be said.
fn adjust(scores: &mut [Change], plan: &Plan) -> Result<(), CompareError> {
    let given: Vec<f64> = scores.iter().filter_map(|score| score.p).collect();
    let adjusted = match plan.adjustment {
        Adjustment::Holm => holm(&given),
        Adjustment::BenjaminiHochberg => benjamini_hochberg(&given),
    };
    let tested = scores.iter_mut().filter(|score| score.p.is_some());
    for (score, p) in tested.zip(adjusted?) {
        score.p_adjusted = Some(p);
        let is_sure = p < plan.confidence.alpha();
        score.verdict = match score.difference.value {
            value if is_sure && value > 0.0 => Verdict::Higher,
            value if is_sure && value < 0.0 => Verdict::Lower,
            _ => Verdict::Unsure,
        };
    }
    Ok(())
}
