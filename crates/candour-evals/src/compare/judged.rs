//! A difference that a model judged, corrected by the labels of people who looked at the answers of both runs:
//! prediction-powered inference on the differences, question by question.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::matched::Pair;
use super::{Change, CompareError, Verdict};
use crate::corrected::{CorrectedStatus, FEWEST_DISAGREEMENTS, FEWEST_LABELS};
use crate::inspect_log::SampleId;
use crate::labels::Label;
use crate::scored::{Question, Scored};
use crate::statistics::{
    Confidence, Judgement, PairedDifference, ROUNDING, Rate, paired_difference,
    prediction_powered_difference,
};

/// How a judged difference was corrected.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CorrectedChange {
    /// How far the figure can be trusted.
    pub status: CorrectedStatus,
    /// Questions that both runs answered.
    pub questions: usize,
    /// Those whose answers people labelled in both.
    pub labelled: usize,
    /// Those on which the judge failed. They count as what it says on average.
    pub judge_failures: usize,
    /// How far the judge is trusted: 0 not at all, 1 in full. Nothing where the figure is that of people.
    pub trust: Option<f64>,
    /// What the labels of people say alone.
    pub people: Rate,
}

/// One question: by how much the second run is better, as the judge says and as people do.
struct Item<'a> {
    cluster: Option<&'a str>,
    judge: Option<f64>,
    human: Option<[f64; 2]>,
}

/// The change of a score that a model judged. Neither run has a mean in it: the judge's would be bare.
pub(super) fn change(
    name: &str,
    runs: [&Scored; 2],
    pairs: &[Pair<'_>],
    labels: &[Vec<Label>; 2],
    confidence: Confidence,
) -> Result<Change, CompareError> {
    let table = |at: usize| Human::read(&labels[at], runs[at], name);
    let tables = [table(0)?, table(1)?];
    let (mut items, mut unscored) = (Vec::new(), 0);
    for pair in pairs {
        let questions = [pair.before, pair.after];
        let judged = questions.map(|question| question.scores.mean(name));
        let is_known = |at: usize| judged[at].is_some() || has_failed(runs[at], name, pair.id);
        match [is_known(0), is_known(1)] {
            [true, true] => {}
            [before, after] => {
                unscored += usize::from(before || after);
                continue;
            }
        }
        let said = |at: usize| tables[at].said_of(pair.id, questions[at], name);
        items.push(Item {
            cluster: pair.after.cluster.as_deref(),
            judge: judged[0].zip(judged[1]).map(|(before, after)| after - before),
            human: said(0).zip(said(1)).map(|(before, after)| [before, after]),
        });
    }
    if items.iter().filter(|item| item.human.is_some()).count() < 2 {
        return Err(CompareError::NoSharedLabels { name: name.to_owned() });
    }
    let (difference, p, corrected) = correct(&items, confidence);
    Ok(Change {
        name: name.to_owned(),
        before: f64::NAN,
        after: f64::NAN,
        difference,
        unscored,
        disagreement: None,
        corrected: Some(corrected),
        p,
        p_adjusted: p,
        verdict: Verdict::Unsure,
        better: None,
        failed_as_worst: [0; 2],
    })
}

/// The difference that the labels allow, how likely it is where there is none, and how it was made.
fn correct(items: &[Item<'_>], confidence: Confidence) -> (Rate, Option<f64>, CorrectedChange) {
    let pairs: Vec<(Option<&str>, [f64; 2])> =
        items.iter().filter_map(|item| Some((item.cluster, item.human?))).collect();
    let PairedDifference { difference: people, p, .. } = paired_difference(&pairs, confidence);
    let by = |[before, after]: [f64; 2]| after - before;
    let differs = |item: &&Item<'_>| {
        let both = item.judge.zip(item.human);
        both.is_some_and(|(judge, human)| (judge - by(human)).abs() > ROUNDING)
    };
    let disagreements = items.iter().filter(differs).count() as u64;
    // Nothing can be corrected where the labels are all of one cluster.
    let powered = prediction_powered_difference(&judgements(items), confidence).ok();
    let status = if pairs.len() == items.len() {
        CorrectedStatus::Labelled
    } else if pairs.len() < FEWEST_LABELS || powered.is_none() {
        CorrectedStatus::Uncalibrated
    } else if disagreements < FEWEST_DISAGREEMENTS {
        CorrectedStatus::RarelyDifferAlone
    } else {
        CorrectedStatus::Corrected
    };
    let mut corrected = CorrectedChange {
        status,
        questions: items.len(),
        labelled: pairs.len(),
        judge_failures: items.iter().filter(|item| item.judge.is_none()).count(),
        trust: None,
        people,
    };
    let Some(found) = powered.filter(|_| status == CorrectedStatus::Corrected) else {
        return (people, p, corrected);
    };
    corrected.trust = Some(found.trust);
    let difference = Rate::from(found.estimate).within([-1.0, 1.0]);
    (difference, Some(found.probability_of_none()), corrected)
}

/// The differences as correction takes them. A judge that failed says what it says on average: correction
/// holds for any judge, and leaving the questions out would not.
fn judgements<'a>(items: &[Item<'a>]) -> Vec<Judgement> {
    let judged: Vec<f64> = items.iter().filter_map(|item| item.judge).collect();
    let mean = judged.iter().sum::<f64>() / (judged.len() as f64).max(1.0);
    let mut clusters = BTreeMap::new();
    let judgement = |item: &Item<'a>| {
        let next = clusters.len();
        let cluster = item.cluster.map(|name| *clusters.entry(name).or_insert(next));
        let human = item.human.map(|[before, after]| after - before);
        Judgement { judge: item.judge.unwrap_or(mean), human, cluster }
    };
    items.iter().map(judgement).collect()
}

fn has_failed(run: &Scored, name: &str, id: &SampleId) -> bool {
    run.judge_failures.get(name).is_some_and(|failed| failed.contains(id))
}

/// What people say of the answers of a run.
struct Human<'a> {
    said: BTreeMap<&'a str, f64>,
    is_repeated: bool,
}

impl<'a> Human<'a> {
    /// Of labels that were drawn at random. How likely a question was to be labelled in both runs is not known
    /// of any others.
    fn read(labels: &'a [Label], run: &Scored, name: &str) -> Result<Self, CompareError> {
        let said = labels.iter().filter_map(|label| Some((label.id.as_str(), label.human?)));
        let said: BTreeMap<&str, f64> = said.collect();
        let chances: Vec<f64> = labels.iter().filter_map(|label| label.chance).collect();
        let is_even = chances.windows(2).all(|pair| (pair[0] - pair[1]).abs() < ROUNDING);
        let strata: BTreeSet<Option<&str>> =
            labels.iter().map(|label| label.stratum.as_deref()).collect();
        // Without chances nobody knows how likely a label was in each of several strata.
        if !is_even || strata.len() > 1 && chances.is_empty() {
            return Err(CompareError::UnevenLabels { name: name.to_owned() });
        }
        if let Some((id, value)) = said.iter().find(|(_, value)| !(0.0..=1.0).contains(*value)) {
            let (name, id, value) = (name.to_owned(), (*id).to_owned(), *value);
            return Err(CompareError::NotAShare { name, id, value });
        }
        let is_repeated =
            run.questions.values().any(|question| question.scores.repeats(name).any(|at| at > 1));
        Ok(Self { said, is_repeated })
    }

    /// The mean of what people say of all answers to a question; nothing where they did not see each.
    fn said_of(&self, id: &SampleId, question: &Question, name: &str) -> Option<f64> {
        let id = id.to_string();
        if !self.is_repeated {
            return self.said.get(id.as_str()).copied();
        }
        let repeats = question.scores.repeats(name);
        let said = repeats.map(|repeat| self.said.get(&*format!("{id}#{repeat}")).copied());
        let said: Vec<f64> = said.collect::<Option<_>>()?;
        (!said.is_empty()).then(|| said.iter().sum::<f64>() / said.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{SEED, SplitMix64};

    /// The second run is right a tenth more often. The judge takes more of its mistakes for right than of the
    /// first run's.
    fn items(random: &mut SplitMix64, questions: usize, labelled: usize) -> Vec<Item<'static>> {
        let mut share = || random.share();
        let item = |at: usize| {
            let human = [0.6, 0.7].map(|rate| f64::from(u8::from(share() < rate)));
            let [before, after] = [0.1, 0.7].map(|err| share() < err);
            let judged = [
                human[0].max(f64::from(u8::from(before))),
                human[1].max(f64::from(u8::from(after))),
            ];
            Item {
                cluster: None,
                judge: Some(judged[1] - judged[0]),
                human: (at < labelled).then_some(human),
            }
        };
        (0..questions).map(item).collect()
    }

    /// The truth is 0.1. What the judge says alone is off by more than that.
    #[test]
    fn corrected_differences_hold_the_truth() {
        let mut random = SplitMix64(SEED);
        let (draws, mut held, mut alarms) = (1000, 0, 0);
        let (mut width, mut alone) = (0.0, 0.0);
        for _ in 0..draws {
            let items = items(&mut random, 400, 100);
            let (found, p, corrected) = correct(&items, Confidence::P95);
            assert_eq!(corrected.status, CorrectedStatus::Corrected);
            let interval = found.interval().unwrap();
            held += u32::from(interval.holds(0.1));
            width += interval.width();
            alone += corrected.people.interval().unwrap().width();
            // The two say the same of whether there is a difference at all.
            assert_eq!(p.unwrap() < 0.05, !interval.holds(0.0), "{found:?} {p:?}");
            let bare = items.iter().filter_map(|item| item.judge).sum::<f64>() / 400.0;
            alarms += u32::from(bare > 0.15);
        }
        assert!((930..=970).contains(&held), "{held} of {draws}");
        assert!(width < 0.95 * alone, "{width} {alone}");
        assert!(alarms > 900, "what the judge says alone is wrong: {alarms}");
    }
}
