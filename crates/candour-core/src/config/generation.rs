//! `[generation]`, `[routing]`, `[rewriting]` and `[judge]`: the language models that write answers, sort
//! questions, write follow-up questions out and look over what was written. None by default.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Config, ConfigError, require};

/// Which language models compose answers, and what they may spend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Generation {
    /// The models, in order of preference: a later one is asked where an earlier one fails. None by
    /// default: answers are quoted word for word then, and nothing is sent to anyone.
    pub models: Vec<Generator>,
    /// How many passages a model is given. More cost more and hold more that misleads.
    pub passages: usize,
    /// The most tokens that an answer may have. Answers to the public are short.
    pub max_output_tokens: u32,
    /// How long the writing of an answer may take, with every model that is asked, in seconds, apart from
    /// what other models do. What is verified by then is shown. The server gives up on any request after 30.
    pub deadline_seconds: u32,
    /// How long a model may be silent before the next one is asked beside it, in seconds.
    pub hedge_after_seconds: u32,
    /// The most that all answers of one day (UTC) may cost, in pounds, on all servers over one database
    /// together. Beyond it answers are quoted.
    pub pounds_per_day: f64,
    /// The most that the answers to one reader may cost in a day, in pounds, so that nobody can spend
    /// what is there for all.
    pub pounds_per_reader: f64,
    /// The most that one answer may cost, in pounds, with every model that is asked for it: what costs more
    /// is a mistake.
    pub pounds_per_answer: f64,
    /// The most tokens, read and said, that all answers of one day may take on one server; for models
    /// without a price too. No limit by default: money is one.
    pub tokens_per_day: Option<u64>,
    /// The most tokens that the answers to one reader may take in a day on one server. No limit by default.
    pub tokens_per_reader: Option<u64>,
    /// A file to which every request and its answer are added, so that a `replay` model gives them again.
    /// For trials: it holds questions. Absent by default.
    pub record: Option<PathBuf>,
}

impl Default for Generation {
    fn default() -> Self {
        Self {
            models: Vec::new(),
            passages: 8,
            max_output_tokens: 1024,
            deadline_seconds: 20,
            hedge_after_seconds: 8,
            pounds_per_day: 50.0,
            pounds_per_reader: 1.0,
            pounds_per_answer: 0.5,
            tokens_per_day: None,
            tokens_per_reader: None,
            record: None,
        }
    }
}

impl Generation {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        require((1..=50).contains(&self.passages), "generation.passages", "from 1 to 50")?;
        require(
            (64..=8192).contains(&self.max_output_tokens),
            "generation.max_output_tokens",
            "from 64 to 8192",
        )?;
        require(
            SECONDS.contains(&self.deadline_seconds),
            "generation.deadline_seconds",
            "from 1 to 25",
        )?;
        for (key, pounds) in [
            ("generation.pounds_per_day", self.pounds_per_day),
            ("generation.pounds_per_reader", self.pounds_per_reader),
            ("generation.pounds_per_answer", self.pounds_per_answer),
        ] {
            require(is_money(pounds), key, "a number from 0")?;
        }
        require(self.hedge_after_seconds > 0, "generation.hedge_after_seconds", "at least 1")
    }
}

/// Whether it can be counted with: `nan`, `inf` and debts cannot.
fn is_money(pounds: f64) -> bool {
    pounds.is_finite() && pounds >= 0.0
}

fn has_a_price(generator: &Generator) -> bool {
    let Price { input, output, cache_write, cache_read } = generator.price;
    [Some(input), Some(output), cache_write, cache_read].into_iter().flatten().all(is_money)
}

/// Whether a price that is given counts what a model says: nobody gives that away.
fn has_a_whole_price(generator: &Generator) -> bool {
    generator.price.output > 0.0 || generator.price == Price::default()
}

/// Whether its key is in one place.
fn has_one_key(generator: &Generator) -> bool {
    generator.key_variable.is_none() || generator.key_file.is_none()
}

/// Whether the path of the API, which is added, is left to be added.
fn has_no_version(generator: &Generator) -> bool {
    generator.transport != Transport::Anthropic
        || !generator.endpoint.trim_end_matches('/').ends_with("/v1")
}

/// Whether its address can be shown to anyone: of `https://name:password@host` it could not.
fn has_a_plain_address(generator: &Generator) -> bool {
    let is_address = matches!(generator.transport, Transport::Anthropic | Transport::Openai);
    !(is_address && generator.endpoint.contains(['@', '?', '#']))
}

/// How long models may take for one thing.
const SECONDS: RangeInclusive<u32> = 1..=25;
/// How long all models together may take: the server gives up on any answer after 30 seconds.
const MOST_SECONDS: u32 = 28;

/// Checks what may ask a second model beside the one that writes.
pub(super) fn check_beside(config: &Config) -> Result<(), ConfigError> {
    let Config { generation, routing, rewriting, judge, .. } = config;
    let models = generation.models.iter().chain(&routing.models).chain(&rewriting.models);
    let mut models = models.chain(&judge.models);
    require(models.clone().all(has_a_price), "price", "numbers from 0")?;
    require(models.clone().all(|model| !model.model.trim().is_empty()), "model", "a model's name")?;
    require(
        models.clone().all(has_a_whole_price),
        "price",
        "one that says what `output` costs too: a budget would count it as free",
    )?;
    require(models.clone().all(has_one_key), "key_file", "absent where key_variable is given")?;
    require(
        models.clone().all(has_no_version),
        "endpoint",
        "the provider's address without `/v1`, which is added to it",
    )?;
    require(
        models.all(has_a_plain_address),
        "endpoint",
        "an address without a name, a password or a query: a key belongs in key_variable or key_file",
    )?;
    let seconds = [
        ("routing.deadline_seconds", routing.deadline_seconds, &routing.models),
        ("rewriting.deadline_seconds", rewriting.deadline_seconds, &rewriting.models),
        ("judge.deadline_seconds", judge.deadline_seconds, &judge.models),
    ];
    for (key, deadline, models) in seconds {
        require(SECONDS.contains(&deadline), key, "from 1 to 25")?;
        require(
            models.is_empty() || generation.deadline_seconds + deadline <= MOST_SECONDS,
            key,
            "no more than 28 together with generation.deadline_seconds",
        )?;
    }
    let lists = [
        ("routing.models", &routing.models),
        ("rewriting.models", &rewriting.models),
        ("judge.models", &judge.models),
    ];
    let mut named = lists.into_iter().filter(|(_, models)| !models.is_empty());
    let (first, second) = (named.next(), named.next());
    require(
        second.is_none(),
        first.map_or("routing.models", |(key, _)| key),
        "empty where another of routing.models, rewriting.models and judge.models is not, for an answer takes no more than two models",
    )
}

/// Which language model sorts the questions that rules leave open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Routing {
    /// The models, in order of preference. None by default: rules alone decide then.
    pub models: Vec<Generator>,
    /// How long it may take, in seconds. The answer is written after it, so nobody sees a word of that
    /// earlier; where it takes longer the rules decide.
    pub deadline_seconds: u32,
}

impl Default for Routing {
    fn default() -> Self {
        Self { models: Vec::new(), deadline_seconds: 2 }
    }
}

/// Which language model writes a follow-up question out with what it rests on, in the reader's own words, so
/// that it is searched with them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rewriting {
    /// The models, in order of preference. None by default: a rule joins the words of both questions then.
    pub models: Vec<Generator>,
    /// How long it may take, in seconds, before a follow-up question is answered; where it takes longer the
    /// rule's wording stands.
    pub deadline_seconds: u32,
}

impl Default for Rewriting {
    fn default() -> Self {
        Self { models: Vec::new(), deadline_seconds: 2 }
    }
}

/// Which language model looks at what another wrote, before it is shown. It can take sentences away, and
/// nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Judge {
    /// The models, in order of preference. None by default: it is a second request for each answer that
    /// a model writes, and no sentence is shown before the whole answer has been judged.
    pub models: Vec<Generator>,
    /// How long it may take, in seconds. The time of the answer itself is counted apart.
    pub deadline_seconds: u32,
    /// Whether sentences that it did not judge, because it failed or was too slow, are shown all the
    /// same. The receipt tells. Off by default: the answer is quoted then.
    pub keep_unjudged: bool,
}

impl Default for Judge {
    fn default() -> Self {
        Self { models: Vec::new(), deadline_seconds: 4, keep_unjudged: false }
    }
}

/// One language model, and how it is reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generator {
    /// `anthropic` for the Messages API, `openai` for anything that speaks chat completions, `bedrock`
    /// for the Messages API on Amazon Bedrock, `replay` for what was recorded.
    pub transport: Transport,
    /// The provider's name for the model. No name is known to the program itself.
    pub model: String,
    /// The address of the API, such as `https://api.anthropic.com`; for `bedrock` the region, for
    /// `replay` the file. The only place that questions are sent to.
    pub endpoint: String,
    /// The environment variable that holds the key. A key is never written in this file.
    #[serde(default)]
    pub key_variable: Option<String>,
    /// A file that holds the key and nothing else, as secret stores mount them.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// What a million tokens cost, in pounds. Budgets count nothing where it is not given.
    #[serde(default)]
    pub price: Price,
}

/// How a language model is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// The Anthropic Messages API.
    Anthropic,
    /// Chat completions, as many servers speak them.
    Openai,
    /// The Messages API on Amazon Bedrock.
    Bedrock,
    /// What was recorded from another.
    Replay,
}

impl Transport {
    /// The name in the configuration and in records.
    pub fn key(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::Openai => "openai",
            Self::Bedrock => "bedrock",
            Self::Replay => "replay",
        }
    }
}

/// What a million tokens cost, in pounds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Price {
    /// Tokens read.
    pub input: f64,
    /// Tokens said.
    pub output: f64,
    /// Tokens read and written to the provider's cache; those of `input` where it is not given, which is too
    /// little where a provider charges more for them.
    pub cache_write: Option<f64>,
    /// Tokens read from the provider's cache; those of `input` where it is not given.
    pub cache_read: Option<f64>,
}

impl Price {
    /// What tokens cost that are read and written to the provider's cache.
    pub fn of_cache_write(&self) -> f64 {
        self.cache_write.unwrap_or(self.input)
    }

    /// What tokens cost that are read from the provider's cache.
    pub fn of_cache_read(&self) -> f64 {
        self.cache_read.unwrap_or(self.input)
    }
}
