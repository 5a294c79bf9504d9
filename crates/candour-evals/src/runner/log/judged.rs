//! What a model judged, in the log: each score with the hash of what decides it and what it took, and
//! the judge's tokens apart from those of whoever answered.

use serde_json::{Map, json};

use super::object;
use crate::inspect_log::{MetricValue, Sample, Score, ScorerResults, Usage};
use crate::judge::{Identity, JUDGE_FAILURES, JUDGED_BY, Judgement, behind};
use crate::runner::{JudgeSpent, JudgedMeasure, Record};
use crate::scorer::Scorer;
use crate::suite::Prices;

/// What Inspect calls the role of a model that judges.
const ROLE: &str = "grader";

/// Who judged, and what its tokens cost where that is known.
#[derive(Clone, Copy)]
pub(super) struct Grader<'a> {
    pub(super) identity: &'a Identity,
    pub(super) prices: Option<&'a Prices>,
}

/// Adds what was judged to a sample.
pub(super) fn add(logged: &mut Sample, record: &Record, judge: Grader<'_>) {
    let mut failures = Map::new();
    for (scorer, judged) in &record.judged {
        if let Some(failure) = &judged.error {
            failures.insert(scorer.name().to_owned(), json!(failure));
        }
        let Some(score) = &judged.score else { continue };
        let spent = JudgeSpent::of(behind(*scorer, &record.judgements), judge.prices);
        let metadata = json!({
            JUDGED_BY: judged.by,
            "role": ROLE,
            "judge": judge.identity,
            "spent": spent,
        });
        let score = Score {
            explanation: score.why.clone(),
            metadata: Some(object(metadata)),
            ..Score::new(score.value)
        };
        logged.scores.insert(scorer.name().to_owned(), score);
    }
    if !failures.is_empty() {
        logged.metadata.insert(JUDGE_FAILURES.to_owned(), failures.into());
    }
    if !record.judgements.is_empty() {
        let used = used(&record.judgements, judge.prices);
        let model = judge.identity.model.model.clone();
        logged.model_usage.entry(model).or_default().add(&used);
        logged.role_usage.insert(ROLE.to_owned(), used);
    }
}

fn used(judgements: &[Judgement], prices: Option<&Prices>) -> Usage {
    usage(&JudgeSpent::of(judgements, prices))
}

pub(super) fn usage(spent: &JudgeSpent) -> Usage {
    Usage::of(spent.input_tokens, spent.output_tokens)
}

/// The results of a judged measure. A bare judge rate has no metric: there is only what people's labels
/// make of it, or what was asked for by name.
pub(super) fn results((scorer, measure): (&Scorer, &JudgedMeasure)) -> ScorerResults {
    let name = scorer.name().to_owned();
    let corrected = measure.corrected.as_ref();
    let figures = [
        ("corrected", corrected.and_then(|corrected| corrected.headline.as_ref())),
        ("uncorrected", corrected.and_then(|corrected| corrected.uncorrected.as_ref())),
    ];
    let metric = |(name, estimate): (&str, Option<&crate::statistics::Estimate>)| {
        let value = Some(estimate?.interval.value);
        let name = name.to_owned();
        Some((name.clone(), MetricValue { name, value, params: Map::new() }))
    };
    ScorerResults {
        scorer: name.clone(),
        name,
        reducer: Some("mean".to_owned()),
        scored_samples: Some(measure.judged),
        unscored_samples: Some(measure.failures.values().sum()),
        metrics: figures.into_iter().filter_map(metric).collect(),
        metadata: Some(object(json!(measure))),
        ..ScorerResults::default()
    }
}
