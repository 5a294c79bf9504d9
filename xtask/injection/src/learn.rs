//! Logistic regression with a penalty on the squares of the weights, by stochastic gradient descent
//! (Bottou, "Stochastic Gradient Descent Tricks", 2012, section 5.1).

use candour_assistant::injection_places;
use serde::Serialize;

use crate::texts::Example;

/// How it is learned.
#[derive(Debug, Serialize)]
pub(crate) struct Recipe {
    seed: u64,
    epochs: usize,
    rate: f64,
    penalty: f64,
    /// The share of harmless texts that may lie above the threshold, on folds not learned from.
    pub(crate) false_alarms: f64,
    /// How many folds the texts are parted into, group by group.
    pub(crate) folds: u64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self { seed: 1, epochs: 40, rate: 0.3, penalty: 1.5e-5, false_alarms: 0.001, folds: 5 }
    }
}

/// The weights and the bias that tell attacks among `examples` from the others.
pub(crate) fn learn<'e>(
    examples: impl IntoIterator<Item = &'e Example>,
    recipe: &Recipe,
) -> (Vec<f64>, f64) {
    let mut order: Vec<&Example> = examples.into_iter().collect();
    let mut random = Random(recipe.seed);
    // The weights are `weights * scale`, so that the penalty shrinks all of them in one step.
    let (mut weights, mut scale, mut bias) = (vec![0.0; injection_places()], 1.0, 0.0);
    let mut step = 0.0;
    for _ in 0..recipe.epochs {
        random.shuffle(&mut order);
        for example in &order {
            let rate = recipe.rate / (1.0 + recipe.rate * recipe.penalty * step);
            let size = (example.features.len() as f64).sqrt();
            let sum: f64 = example.features.iter().map(|place| weights[*place]).sum();
            let sign = if example.is_attack { 1.0 } else { -1.0 };
            let margin = sign * (bias + scale * sum / size);
            scale *= 1.0 - rate * recipe.penalty;
            let pull = rate * example.weight * sign / (1.0 + margin.exp());
            for place in &example.features {
                weights[*place] += pull / size / scale;
            }
            bias += pull * 0.1;
            step += 1.0;
        }
    }
    (weights.iter().map(|weight| weight * scale).collect(), bias)
}

/// Numbers that look random and are the same in every run: `SplitMix64` (Steele and others, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = ((self.next() >> 32) * (last as u64 + 1)) >> 32;
            items.swap(last, other as usize);
        }
    }
}
