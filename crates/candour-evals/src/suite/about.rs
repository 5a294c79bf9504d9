//! What a suite's file says: what is looked at, how often, within which limits and at which prices.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Shape;
use crate::judge;
use crate::scorer::Scorer;

/// What a suite's file says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// A short name.
    pub name: String,
    /// What it measures, for people.
    #[serde(default)]
    pub description: String,
    /// The files of samples, or folders of them, relative to the suite's file.
    pub(super) samples: Vec<PathBuf>,
    /// How a line of them is to be read.
    #[serde(default)]
    pub shape: Shape,
    /// What is looked at in each answer.
    pub scorers: Vec<Scorer>,
    /// How often each question is asked.
    #[serde(default = "once")]
    pub epochs: u32,
    /// What random draws begin from.
    #[serde(default)]
    pub seed: u64,
    /// The moment at which questions are asked, where the target can be told.
    #[serde(default)]
    pub asked_at: Option<Timestamp>,
    /// When to stop.
    #[serde(default)]
    pub limits: Limits,
    /// What tokens cost.
    #[serde(default)]
    pub prices: Option<Prices>,
    /// What is known of the model that judges, where scorers need one.
    #[serde(default)]
    pub judge: judge::Settings,
    /// The hosts to which an answer may link; a host stands for those below it too.
    #[serde(default)]
    pub link_hosts: Vec<String>,
    /// Telephone numbers and e-mail addresses that are published, so that nobody's privacy is in them.
    #[serde(default)]
    pub public_contacts: Vec<String>,
    /// Words that stand nowhere but in what the target was told to keep to itself.
    #[serde(default)]
    pub canaries: Vec<String>,
    /// Whether what is asked and said is kept out of journals and logs, where questions are known by the
    /// hashes of their words. For texts that must not go round.
    #[serde(default)]
    pub withhold: bool,
}

impl About {
    /// What has to be known to look at answers that nobody planned to ask for.
    pub(crate) fn of_live(link_hosts: Vec<String>, canaries: Vec<String>) -> Self {
        Self {
            name: "live".to_owned(),
            description: String::new(),
            samples: Vec::new(),
            shape: Shape::default(),
            scorers: Vec::new(),
            epochs: once(),
            seed: 0,
            asked_at: None,
            limits: Limits::default(),
            prices: None,
            judge: judge::Settings::default(),
            link_hosts,
            public_contacts: Vec::new(),
            canaries,
            withhold: false,
        }
    }

    /// Refuses what cannot be.
    pub(super) fn check(&self) -> Result<(), String> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let limits = &self.limits;
        let positive = |value: f64| value.is_finite() && value > 0.0;
        self.judge.check()?;
        if self.withhold && self.scorers.iter().any(|scorer| scorer.is_judged()) {
            return Err("`withhold` keeps the words of answers out of the record, and a model judges what is recorded: leave one of them out, or name no scorer that is judged".to_owned());
        }
        let prices = self.prices.iter().chain(&self.judge.prices);
        let mut prices =
            prices.flat_map(|prices| [prices.input_per_million, prices.output_per_million]);
        let wrong = if self.name.is_empty() || !self.name.chars().all(is_name) {
            "`name` is made of letters, digits, `-`, `_` and `.`"
        } else if self.epochs == 0 || self.epochs > 1000 {
            "`epochs` is between 1 and 1000"
        } else if self.scorers.is_empty() {
            "`scorers` is empty: name at least one"
        } else if (1..self.scorers.len()).any(|at| self.scorers[..at].contains(&self.scorers[at])) {
            "`scorers` names one of them twice"
        } else if limits.tries == 0 {
            "`limits.tries` is at least 1"
        } else if !positive(limits.seconds_per_answer) || limits.seconds_per_answer > 86_400.0 {
            "`limits.seconds_per_answer` is above 0 and at most a day"
        } else if limits.seconds.is_some_and(|seconds| !positive(seconds))
            || limits.money.is_some_and(|money| !positive(money))
            || limits.tokens == Some(0)
        {
            "a limit is a number above 0"
        } else if limits.money.is_some() && self.prices.is_none() {
            "`limits.money` needs `prices`, or nobody knows what an answer costs"
        } else if prices.any(|price| !price.is_finite() || price < 0.0) {
            "a price is a number from 0"
        } else {
            return Ok(());
        };
        Err(wrong.to_owned())
    }
}

fn once() -> u32 {
    1
}

/// When to stop asking. Answers that are on their way when a limit is reached are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Seconds for one answer. Most models and all of our own answer far sooner.
    pub seconds_per_answer: f64,
    /// How often a question is asked of a target that is busy or cannot be reached.
    pub tries: u32,
    /// Seconds in which the run is asked, however often it is gone on with.
    pub seconds: Option<f64>,
    /// Tokens, read and written, for the whole run, however often it was gone on with.
    pub tokens: Option<u64>,
    /// What the whole run may cost, in the currency of the prices.
    pub money: Option<f64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { seconds_per_answer: 120.0, tries: 4, seconds: None, tokens: None, money: None }
    }
}

/// What tokens cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The currency, such as GBP.
    pub currency: String,
    /// A million tokens that are read.
    pub input_per_million: f64,
    /// A million tokens that are written.
    pub output_per_million: f64,
}

impl Prices {
    /// What so many tokens cost.
    pub fn cost(&self, input: u64, output: u64) -> f64 {
        let of = |tokens: u64, price: f64| tokens as f64 / 1e6 * price;
        of(input, self.input_per_million) + of(output, self.output_per_million)
    }
}
