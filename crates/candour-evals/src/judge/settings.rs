//! What a suite says of its judge, under `[judge]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use candour_core::Generator;
use serde::Deserialize;

use crate::scorer::Scorer;
use crate::suite::Prices;

/// What a suite says of its judge.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The model, as `[[generation.models]]` of a pilot names one, but for its key: whoever writes a
    /// suite must not choose which of a reader's secrets go to a host that the suite names.
    pub model: Option<Generator>,
    /// How freely words are drawn. The likeliest are the most alike from run to run.
    pub temperature: f32,
    /// The most tokens of one reply. GDS lost a quarter of its judgements to a limit of 4,096.
    pub max_output_tokens: u32,
    /// Seconds for one reply.
    pub seconds: f64,
    /// What the judge's tokens cost; by default the price of the model, in pounds.
    pub prices: Option<Prices>,
    /// A table of people's labels, beside the suite's file. It may come after the first run.
    pub labels: Option<PathBuf>,
    /// From which value on an answer passes, where it is another than GDS's.
    pub pass: BTreeMap<Scorer, f64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: None,
            temperature: 0.0,
            max_output_tokens: 16_384,
            seconds: 300.0,
            prices: None,
            labels: None,
            pass: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// From which value on an answer passes.
    pub fn passes_at(&self, scorer: Scorer) -> f64 {
        self.pass.get(&scorer).copied().unwrap_or_else(|| scorer.passes_at())
    }

    /// What is wrong with it, if anything.
    pub(crate) fn check(&self) -> Result<(), String> {
        let has_key =
            self.model.iter().any(|model| model.key_variable.is_some() || model.key_file.is_some());
        let wrong = if has_key {
            "a suite names no key: leave out `key_variable` and `key_file`, and give --judge-key-env"
        } else if !(0.0..=2.0).contains(&self.temperature) {
            "`judge.temperature` is between 0 and 2"
        } else if self.max_output_tokens == 0 {
            "`judge.max_output_tokens` is at least 1"
        } else if !self.seconds.is_finite() || self.seconds <= 0.0 || self.seconds > 86_400.0 {
            "`judge.seconds` is above 0 and at most a day"
        } else if self
            .pass
            .iter()
            .any(|(scorer, at)| !scorer.is_judged() || !(0.0..=1.0).contains(at))
        {
            "`judge.pass` names judged scorers, each with a value from 0 to 1"
        } else {
            return Ok(());
        };
        Err(wrong.to_owned())
    }
}
