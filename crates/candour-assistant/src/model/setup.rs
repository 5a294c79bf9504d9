//! From the configuration to the models that it names.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use candour_core::{
    Config, Generation, Generator, LanguageModel, ModelError, ModelMessage, ModelRequest,
    ModelRole, Price, Transport,
};
use candour_store::Database;
use jiff::Timestamp;
use reqwest::Client;
use secrecy::SecretString;

use super::anthropic::Anthropic;
#[cfg(feature = "bedrock")]
use super::bedrock::Bedrock;
use super::breaker::Breaker;
use super::budget::Budget;
use super::chain::{Chain, Link, Rules};
use super::http;
use super::openai::Openai;
use super::replay::{Record, Recorder, Replay};

/// So much before the deadline the models give up, so that whoever waits for it still hears what became
/// of them.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// What the models take from outside.
#[derive(Debug, Clone, Copy)]
pub struct Outside {
    /// The value of an environment variable.
    pub variable: fn(&str) -> Option<String>,
    /// The time, for the days of budgets and for signatures.
    pub now: fn() -> Timestamp,
    /// A number from 0 to 1, another each time.
    pub jitter: fn() -> f64,
}

impl Rules {
    fn new(
        generation: &Generation,
        deadline_seconds: u32,
        budget: Arc<Budget>,
        outside: Outside,
    ) -> Self {
        Self {
            deadline: Duration::from_secs(deadline_seconds.into()).saturating_sub(LAST_WORDS),
            hedge_after: Duration::from_secs(generation.hedge_after_seconds.into()),
            budget,
            now: outside.now,
            jitter: outside.jitter,
        }
    }
}

/// Why the models of a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// There is no HTTP client.
    #[error("no HTTP client can be made for the language models: {0}")]
    Client(#[from] reqwest::Error),
    /// A model's address is none.
    #[error(
        "`{0}` is no address of a language model: `endpoint` begins with https:// or http://, without the path of the API"
    )]
    Endpoint(String),
    /// A model needs a key and has none.
    #[error(
        "the language model {0} has no key: name the environment variable that holds it in `key_variable`, or a file in `key_file`"
    )]
    NoKey(String),
    /// The environment variable of a key is not there.
    #[error(
        "the environment variable {0}, which holds the key of a language model, is not set: set it, or mend `key_variable`"
    )]
    KeyVariable(String),
    /// The file of a key cannot be read.
    #[error("the key of a language model cannot be read from {file}: {error}; mend `key_file`")]
    KeyFile {
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Bedrock is left out of this program.
    #[error("this program was built without Bedrock: build it with `--features bedrock`")]
    NoBedrock,
    /// A record of models cannot be read or added to.
    #[error("the record of language models {file} cannot be used: {error}")]
    Record {
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// Why a model could not be shown to be ready.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// It cannot be used as it is configured.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// Its provider says no, or nothing.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// The models of a configuration, each list of them as one.
#[derive(Clone, Default)]
pub struct Models {
    /// Those that write answers.
    pub writer: Option<Arc<dyn LanguageModel>>,
    /// Those that sort questions.
    pub router: Option<Arc<dyn LanguageModel>>,
    /// Those that write follow-up questions out.
    pub rewriter: Option<Arc<dyn LanguageModel>>,
    /// Those that look at what was written.
    pub judge: Option<Arc<dyn LanguageModel>>,
}

impl Models {
    /// The models that a configuration names. What they spend counts against the same budgets.
    pub fn of(config: &Config, outside: Outside) -> Result<Self, SetupError> {
        Self::made(config, outside, Breaking::AfterFailures, None)
    }

    /// The same for measuring: none is left alone because it failed again and again.
    pub fn measured(config: &Config, outside: Outside) -> Result<Self, SetupError> {
        Self::made(config, outside, Breaking::Never, None)
    }

    /// The same, whose budget of a day is shared with other programs over a database.
    pub fn sharing(
        config: &Config,
        outside: Outside,
        shared: Database,
    ) -> Result<Self, SetupError> {
        Self::made(config, outside, Breaking::AfterFailures, Some(shared))
    }

    fn made(
        config: &Config,
        outside: Outside,
        breaking: Breaking,
        shared: Option<Database>,
    ) -> Result<Self, SetupError> {
        let Config { generation, routing, rewriting, judge, .. } = config;
        let lists = [&generation.models, &routing.models, &rewriting.models, &judge.models];
        if lists.into_iter().all(Vec::is_empty) {
            return Ok(Self::default());
        }
        let mut workshop = Workshop::new(generation, outside, breaking, shared)?;
        Ok(Self {
            writer: workshop.chain(&generation.models, generation.deadline_seconds)?,
            router: workshop.chain(&routing.models, routing.deadline_seconds)?,
            rewriter: workshop.chain(&rewriting.models, rewriting.deadline_seconds)?,
            judge: workshop.chain(&judge.models, judge.deadline_seconds)?,
        })
    }
}

/// The models that write answers, as one; `None` where the configuration names none.
pub fn from_config(
    generation: &Generation,
    outside: Outside,
) -> Result<Option<Arc<dyn LanguageModel>>, SetupError> {
    if generation.models.is_empty() {
        return Ok(None);
    }
    Workshop::new(generation, outside, Breaking::AfterFailures, None)?
        .chain(&generation.models, generation.deadline_seconds)
}

/// One model by itself: each request is sent, once. Tries, deadlines and limits are for whoever asks.
pub fn alone(
    generator: &Generator,
    outside: Outside,
) -> Result<Arc<dyn LanguageModel>, SetupError> {
    transport(generator, &http::client()?, outside)
}

/// When a model is left alone for a while.
#[derive(Debug, Clone, Copy)]
enum Breaking {
    AfterFailures,
    Never,
}

impl Breaking {
    fn breaker(self) -> Arc<Breaker> {
        Arc::new(match self {
            Self::AfterFailures => Breaker::default(),
            Self::Never => Breaker::that_never_opens(),
        })
    }
}

/// What all models of a configuration share.
struct Workshop<'a> {
    generation: &'a Generation,
    outside: Outside,
    client: Client,
    budget: Arc<Budget>,
    breaking: Breaking,
    breakers: HashMap<(&'static str, String), Arc<Breaker>>,
    record: Option<Record>,
}

impl<'a> Workshop<'a> {
    fn new(
        generation: &'a Generation,
        outside: Outside,
        breaking: Breaking,
        shared: Option<Database>,
    ) -> Result<Self, SetupError> {
        let record = generation.record.as_ref().map(|file| {
            let record = Record::open(file);
            record.map_err(|error| SetupError::Record { file: file.clone(), error })
        });
        Ok(Self {
            generation,
            outside,
            client: http::client()?,
            budget: Budget::new(generation, shared),
            breaking,
            breakers: HashMap::new(),
            record: record.transpose()?,
        })
    }

    /// Models as one, in order of preference; `None` where there are none.
    fn chain(
        &mut self,
        models: &[Generator],
        deadline_seconds: u32,
    ) -> Result<Option<Arc<dyn LanguageModel>>, SetupError> {
        let links = models.iter().map(|generator| {
            let address = (generator.transport.key(), generator.endpoint.clone());
            let breaker = self.breakers.entry(address).or_insert_with(|| self.breaking.breaker());
            Ok(Link {
                model: transport(generator, &self.client, self.outside)?,
                price: generator.price,
                breaker: Arc::clone(breaker),
            })
        });
        let links: Vec<Link> = links.collect::<Result<_, SetupError>>()?;
        if links.is_empty() {
            return Ok(None);
        }
        let budget = Arc::clone(&self.budget);
        let rules = Rules::new(self.generation, deadline_seconds, budget, self.outside);
        let model = Arc::new(Chain::new(links, rules));
        Ok(Some(match &self.record {
            Some(record) => Arc::new(Recorder { model, record: record.clone() }),
            None => model,
        }))
    }
}

/// A model within the budget of a configuration, as those are that it names.
pub fn within_budget(
    model: Arc<dyn LanguageModel>,
    price: Price,
    generation: &Generation,
    outside: Outside,
) -> Arc<dyn LanguageModel> {
    let link = Link { model, price, breaker: Arc::default() };
    let budget = Budget::new(generation, None);
    let rules = Rules::new(generation, generation.deadline_seconds, budget, outside);
    Arc::new(Chain::new(vec![link], rules))
}

/// The key of one model, from where the configuration says; `None` where it says nothing.
fn key_of(generator: &Generator, outside: Outside) -> Result<Option<SecretString>, SetupError> {
    if let Some(name) = &generator.key_variable {
        let value = (outside.variable)(name).filter(|value| !value.trim().is_empty());
        let value = value.ok_or_else(|| SetupError::KeyVariable(name.clone()))?;
        return Ok(Some(value.into()));
    }
    let Some(file) = &generator.key_file else { return Ok(None) };
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text.trim().into())),
        Err(error) => Err(SetupError::KeyFile { file: file.clone(), error }),
    }
}

/// The transport of one model.
fn transport(
    generator: &Generator,
    client: &Client,
    outside: Outside,
) -> Result<Arc<dyn LanguageModel>, SetupError> {
    let key = key_of(generator, outside)?;
    let (client, model) = (client.clone(), generator.model.clone());
    let needed = |key: Option<SecretString>| key.ok_or_else(|| SetupError::NoKey(model.clone()));
    Ok(match generator.transport {
        Transport::Anthropic => {
            let (endpoint, key) = (web_address(&generator.endpoint)?, needed(key)?);
            Arc::new(Anthropic { client, endpoint, model, key })
        }
        Transport::Openai => {
            let endpoint = web_address(&generator.endpoint)?;
            Arc::new(Openai { client, endpoint, model, key })
        }
        #[cfg(feature = "bedrock")]
        Transport::Bedrock => {
            let key = needed(key)?;
            let bedrock = Bedrock::new(client, &generator.endpoint, model, key, outside.now);
            Arc::new(bedrock.ok_or_else(|| SetupError::Endpoint(generator.endpoint.clone()))?)
        }
        #[cfg(not(feature = "bedrock"))]
        Transport::Bedrock => return Err(SetupError::NoBedrock),
        Transport::Replay => {
            let file = PathBuf::from(&generator.endpoint);
            let replay = Replay::open(&file, model);
            Arc::new(replay.map_err(|error| SetupError::Record { file, error })?)
        }
    })
}

fn web_address(endpoint: &str) -> Result<String, SetupError> {
    let url = reqwest::Url::parse(endpoint).ok();
    let is_web = url.is_some_and(|url| matches!(url.scheme(), "http" | "https"));
    if is_web { Ok(endpoint.to_owned()) } else { Err(SetupError::Endpoint(endpoint.to_owned())) }
}

/// Whether one model can be used as it is configured. Nobody is contacted.
pub fn ready(generator: &Generator, outside: Outside) -> Result<(), SetupError> {
    transport(generator, &http::client()?, outside).map(drop)
}

/// Asks the provider of one model whether it takes the key, at no cost. Gives what it said, in words.
pub async fn contact(generator: &Generator, outside: Outside) -> Result<String, ContactError> {
    ready(generator, outside)?;
    let (client, key) = (http::client().map_err(SetupError::from)?, key_of(generator, outside)?);
    let (endpoint, model) = (generator.endpoint.clone(), generator.model.clone());
    Ok(match (generator.transport, key) {
        (Transport::Anthropic, Some(key)) => {
            let hello = ModelMessage { role: ModelRole::User, text: "Hello".into() };
            let request = ModelRequest { messages: vec![hello], ..ModelRequest::default() };
            let model = Anthropic { client, endpoint, model, key };
            let tokens = model.count_tokens(&request).await?;
            format!("it takes the key, knows the model and counts {tokens} tokens in a greeting")
        }
        (Transport::Openai, key) => {
            let has_key = key.is_some();
            match (Openai { client, endpoint, model, key }).check().await {
                Ok(()) if has_key => "it takes the key".into(),
                Ok(()) => "it answers, and asks for no key".into(),
                // No key was refused: none was sent.
                Err(ModelError::Unauthorised) if !has_key => {
                    return Err(SetupError::NoKey(generator.model.clone()).into());
                }
                Err(error) => return Err(error.into()),
            }
        }
        _ => "ready; it cannot be asked without being paid".into(),
    })
}
