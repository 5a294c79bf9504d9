//! How well attacks are told from the rest: on folds that were not learned from, and on another source.

use candour_assistant::InjectionModel;
use serde::Serialize;

use crate::learn::{Recipe, learn};
use crate::texts::{Example, Source, Texts};

/// The score of each example by a model that did not learn from its group.
pub(crate) struct Folds(Vec<f64>);

/// An area under the receiver operating characteristic with its 95 % interval.
#[derive(Debug, Serialize)]
pub(crate) struct Area {
    auc: f64,
    low: f64,
    high: f64,
    attacks: usize,
    others: usize,
}

/// What is known of the model.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    /// PurpleLlama's attacks, each technique left out in turn, against harmless texts left out too.
    techniques: Area,
    /// The lines of this project against those that sound alike, an eighth left out in turn.
    own_lines: Area,
    /// BIPIA's attacks, each category left out in turn, against harmless texts left out too.
    bipia: Area,
    /// PIGuard's validation set, of which nothing was learned.
    other_source: Area,
    /// The same without BIPIA's attacks, most of which are plain tasks.
    other_source_without_bipia: Area,
    /// The share of attacks above the threshold, and of harmless texts.
    found: Shares,
}

#[derive(Debug, Serialize)]
struct Shares {
    techniques: f64,
    own_lines: f64,
    other_source: f64,
    searches_in_vain: f64,
    own_ordinary_lines_in_vain: f64,
    other_source_in_vain: f64,
}

/// Learns as often as there are folds, each time without one of them.
pub(crate) fn across_folds(examples: &[Example], recipe: &Recipe) -> Folds {
    let fold_of = |example: &Example| example.group % recipe.folds;
    let mut scores = vec![0.0; examples.len()];
    for fold in 0..recipe.folds {
        let (weights, bias) = learn(examples.iter().filter(|one| fold_of(one) != fold), recipe);
        for (example, score) in examples.iter().zip(&mut scores) {
            if fold_of(example) == fold {
                let sum: f64 = example.features.iter().map(|place| weights[*place]).sum();
                *score = bias + sum / (example.features.len() as f64).sqrt();
            }
        }
    }
    Folds(scores)
}

impl Folds {
    /// The score that few harmless texts exceed: searches, and three times the lines that sound alike.
    pub(crate) fn threshold(&self, examples: &[Example], recipe: &Recipe) -> f64 {
        let mut harmless = self.of(examples, |one| {
            !one.is_attack && matches!(one.source, Source::Searches | Source::Own)
        });
        let alike = self.of(examples, |one| !one.is_attack && one.source == Source::Own);
        harmless.extend(alike.iter().chain(&alike));
        harmless.sort_by(f64::total_cmp);
        let above = (harmless.len() as f64 * recipe.false_alarms) as usize;
        harmless[harmless.len().saturating_sub(above + 1)]
    }

    fn of(&self, examples: &[Example], is_meant: impl Fn(&Example) -> bool) -> Vec<f64> {
        let both = examples.iter().zip(&self.0);
        both.filter(|(example, _)| is_meant(example)).map(|(_, score)| *score).collect()
    }
}

/// All figures.
pub(crate) fn figures(folds: &Folds, texts: &Texts, model: &InjectionModel) -> Figures {
    let of = |is_attack: bool, sources: &[Source]| {
        folds.of(&texts.examples, |one| one.is_attack == is_attack && sources.contains(&one.source))
    };
    let harmless = of(false, &[Source::Searches, Source::Own, Source::Other]);
    let (techniques, own, alike) =
        (of(true, &[Source::PurpleLlama]), of(true, &[Source::Own]), of(false, &[Source::Own]));
    let other = |is_attack: bool, with_bipia: bool| -> Vec<f64> {
        let rows = texts.held_out.iter();
        let rows = rows.filter(|(_, label, source)| {
            *label == is_attack && (with_bipia || !source.starts_with("BIPIA"))
        });
        rows.map(|(text, ..)| f64::from(model.score(text))).collect()
    };
    let threshold = f64::from(model.threshold());
    let above = |scores: &[f64]| {
        let above = scores.iter().filter(|score| **score > threshold).count();
        above as f64 / scores.len().max(1) as f64
    };
    Figures {
        found: Shares {
            techniques: above(&techniques),
            own_lines: above(&own),
            other_source: above(&other(true, true)),
            searches_in_vain: above(&of(false, &[Source::Searches])),
            own_ordinary_lines_in_vain: above(&alike),
            other_source_in_vain: above(&other(false, true)),
        },
        techniques: area(&techniques, &harmless),
        own_lines: area(&own, &alike),
        bipia: area(&of(true, &[Source::Bipia]), &harmless),
        other_source: area(&other(true, true), &other(false, true)),
        other_source_without_bipia: area(&other(true, false), &other(false, false)),
    }
}

/// The area and its interval by the variance of placements (DeLong and others, 1988).
fn area(attacks: &[f64], others: &[f64]) -> Area {
    let placements = |of: &[f64], among: &[f64], is_above: bool| -> Vec<f64> {
        let mut among = among.to_vec();
        among.sort_by(f64::total_cmp);
        let size = among.len().max(1) as f64;
        let place = |score: &f64| {
            let below = among.partition_point(|other| other < score) as f64;
            let not_above = among.partition_point(|other| other <= score) as f64;
            let share = f64::midpoint(below, not_above) / size;
            if is_above { share } else { 1.0 - share }
        };
        of.iter().map(place).collect()
    };
    let of_attacks = placements(attacks, others, true);
    let of_others = placements(others, attacks, false);
    let auc = mean(&of_attacks);
    let variance = |values: &[f64]| {
        let squares: f64 = values.iter().map(|value| (value - mean(values)).powi(2)).sum();
        squares / (values.len().saturating_sub(1).max(1) * values.len().max(1)) as f64
    };
    let half = 1.96 * (variance(&of_attacks) + variance(&of_others)).sqrt();
    let (low, high) = ((auc - half).max(0.0), (auc + half).min(1.0));
    Area { auc, low, high, attacks: attacks.len(), others: others.len() }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_is_the_share_of_pairs_in_order() {
        let all = area(&[3.0, 4.0], &[1.0, 2.0]);
        assert_eq!((all.auc, all.low, all.high), (1.0, 1.0, 1.0));
        let some = area(&[2.0, 4.0], &[1.0, 3.0, 2.0]);
        // Of six pairs four are in order and one is even.
        assert!((some.auc - 4.5 / 6.0).abs() < 1e-12);
        assert!(some.low < some.auc && some.high > some.auc);
    }
}
