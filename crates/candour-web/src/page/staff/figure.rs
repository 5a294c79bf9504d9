//! Figures for the overview, computed from what was noted of answers.

use std::collections::{BTreeMap, BTreeSet};

use candour_core::ModelUsage;

use crate::page::layout::Layout;
use crate::trace::Trace;

/// How long one stage took.
#[derive(Debug, PartialEq)]
pub(super) struct StageTime {
    pub(super) stage: String,
    /// In how many answers it was gone through. One that is given again skips most stages.
    pub(super) answers: usize,
    pub(super) median_ms: f64,
    pub(super) p95_ms: f64,
}

/// What one model did, whatever it was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ModelFigures {
    /// For how many answers it was asked.
    pub(super) answers: u64,
    pub(super) tokens_in: u64,
    pub(super) tokens_out: u64,
    pub(super) micro_pounds: u64,
}

/// The time of each stage, in the order of the path.
pub(super) fn stage_times(traces: &[Trace]) -> Vec<StageTime> {
    const ORDER: [&str; 10] = [
        "screen",
        "route",
        "retrieve",
        "compose",
        "verify",
        "rewrite",
        "sort",
        "write",
        "judge",
        "first_sentence",
    ];
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (stage, ms) in traces.iter().flat_map(|trace| &trace.timings_ms) {
        times.entry(stage).or_default().push(*ms);
    }
    let place = |stage: &str| ORDER.iter().position(|known| *known == stage).unwrap_or(ORDER.len());
    let mut stages: Vec<StageTime> = times
        .into_iter()
        .map(|(stage, mut times)| {
            times.sort_by(f64::total_cmp);
            StageTime {
                stage: stage.to_owned(),
                answers: times.len(),
                median_ms: percentile(&times, 50),
                p95_ms: percentile(&times, 95),
            }
        })
        .collect();
    stages.sort_by_key(|time| place(&time.stage));
    stages
}

/// How much was dropped, by reason, the most first.
pub(super) fn dropped(traces: &[Trace]) -> Vec<(String, u64)> {
    let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
    for (code, count) in traces.iter().flat_map(|trace| &trace.dropped) {
        *codes.entry(code).or_default() += count;
    }
    let mut codes: Vec<(String, u64)> =
        codes.into_iter().map(|(code, count)| (code.to_owned(), count)).collect();
    codes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    codes
}

/// What it cost. A price that nobody has configured costs nothing, which is not what it costs.
pub(super) fn cost(l: &Layout, micro_pounds: u64) -> String {
    match micro_pounds {
        0 => l.t("overview-cost-unknown"),
        cost => format!("£{:.4}", cost as f64 / 1e6),
    }
}

/// What each model did, by name.
pub(super) fn models(traces: &[Trace]) -> BTreeMap<String, ModelFigures> {
    let mut models: BTreeMap<String, ModelFigures> = BTreeMap::new();
    for trace in traces {
        let mut asked = BTreeSet::new();
        for (_, attempt) in trace.attempts() {
            let model = attempt.model.model.as_str();
            let figures = models.entry(model.to_owned()).or_default();
            figures.answers += u64::from(asked.insert(model));
            figures.tokens_in += tokens_in(&attempt.usage);
            figures.tokens_out += attempt.usage.output_tokens;
            figures.micro_pounds += attempt.micro_pounds;
        }
    }
    models
}

/// All that a model read.
pub(super) fn tokens_in(usage: &ModelUsage) -> u64 {
    usage.input_tokens + usage.cache_write_tokens + usage.cache_read_tokens
}

/// The value that so many in a hundred are not above; `sorted` is ascending.
fn percentile(sorted: &[f64], share: usize) -> f64 {
    let index = (sorted.len() * share).div_ceil(100).saturating_sub(1);
    sorted.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn figures_are_of_what_was_noted() {
        let mut noted: Vec<serde_json::Value> = (1..=20)
            .map(|ms| json!({ "timings_ms": { "verify": ms, "screen": 0.5 }, "dropped": {} }))
            .collect();
        noted.push(json!({
            "timings_ms": { "screen": 0.5, "unheard": 1.0 },
            "dropped": { "leak": 1, "number_missing": 2 },
            "generated": {
                "model": { "transport": "replay", "model": "m" }, "prompt": "0".repeat(64),
                "usage": { "input_tokens": 5, "output_tokens": 7, "cache_write_tokens": 0, "cache_read_tokens": 3 },
                "attempts": [{
                    "model": { "transport": "replay", "model": "m" }, "outcome": "answered",
                    "first_words_ms": 3, "milliseconds": 9, "micro_pounds": 40,
                    "usage": { "input_tokens": 5, "output_tokens": 7, "cache_write_tokens": 0, "cache_read_tokens": 3 },
                }],
            },
        }));
        noted.push(json!("not a trace"));
        let traces: Vec<Trace> = noted.into_iter().map(Trace::read).collect();
        let times = stage_times(&traces);
        let stages: Vec<(&str, usize, f64, f64)> = times
            .iter()
            .map(|time| (time.stage.as_str(), time.answers, time.median_ms, time.p95_ms))
            .collect();
        assert_eq!(
            stages,
            [("screen", 21, 0.5, 0.5), ("verify", 20, 10.0, 19.0), ("unheard", 1, 1.0, 1.0)]
        );
        assert_eq!(dropped(&traces), [("number_missing".into(), 2), ("leak".into(), 1)]);
        let figures = ModelFigures { answers: 1, tokens_in: 8, tokens_out: 7, micro_pounds: 40 };
        assert_eq!(models(&traces), [("m".to_owned(), figures)].into());
        assert!(stage_times(&[]).is_empty() && models(&[]).is_empty());
    }
}
