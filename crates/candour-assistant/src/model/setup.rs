//! From the configuration to the models that it names.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use candour_core::{
    Generation, Generator, LanguageModel, ModelError, ModelMessage, ModelRequest, ModelRole,
    Transport,
};
use jiff::Timestamp;
use reqwest::Client;
use secrecy::SecretString;

use super::anthropic::Anthropic;
use super::breaker::Breaker;
use super::budget::Budget;
use super::chain::{Chain, Link, Rules};
use super::http;

/// What the models take from outside.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// The key of a model; `None` where it has none.
    pub key: &'a dyn Fn(&Generator) -> Option<SecretString>,
    /// The time, for the days of budgets and for signatures.
    pub now: fn() -> Timestamp,
    /// A number from 0 to 1, another each time.
    pub jitter: fn() -> f64,
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
    Key(String),
    /// A transport is left out of this program.
    #[error("the transport `{0}` is not built into this program: choose another for the model")]
    NotBuilt(&'static str),
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

/// The models that the configuration names, as one; `None` where it names none.
pub fn from_config(
    generation: &Generation,
    outside: Outside<'_>,
) -> Result<Option<Arc<dyn LanguageModel>>, SetupError> {
    if generation.models.is_empty() {
        return Ok(None);
    }
    let client = http::client()?;
    let mut breakers: HashMap<(&str, &str), Arc<Breaker>> = HashMap::new();
    let links = generation.models.iter().map(|generator| {
        let address = (generator.transport.key(), generator.endpoint.as_str());
        Ok(Link {
            model: transport(generator, &client, outside)?,
            price: generator.price,
            breaker: Arc::clone(breakers.entry(address).or_default()),
        })
    });
    let links: Vec<Link> = links.collect::<Result<_, SetupError>>()?;
    let rules = Rules {
        deadline: Duration::from_secs(generation.deadline_seconds.into()),
        hedge_after: Duration::from_secs(generation.hedge_after_seconds.into()),
        budget: Budget::new(generation),
        now: outside.now,
        jitter: outside.jitter,
    };
    Ok(Some(Arc::new(Chain::new(links, rules))))
}

/// The transport of one model.
fn transport(
    generator: &Generator,
    client: &Client,
    outside: Outside<'_>,
) -> Result<Arc<dyn LanguageModel>, SetupError> {
    let model = generator.model.clone();
    let key = (outside.key)(generator);
    Ok(match generator.transport {
        Transport::Anthropic => {
            let endpoint = web_address(&generator.endpoint)?;
            let key = key.ok_or_else(|| SetupError::Key(generator.model.clone()))?;
            Arc::new(Anthropic { client: client.clone(), endpoint, model, key })
        }
        other => return Err(SetupError::NotBuilt(other.key())),
    })
}

fn web_address(endpoint: &str) -> Result<String, SetupError> {
    let url = reqwest::Url::parse(endpoint).ok();
    let is_web = url.is_some_and(|url| matches!(url.scheme(), "http" | "https"));
    if is_web { Ok(endpoint.to_owned()) } else { Err(SetupError::Endpoint(endpoint.to_owned())) }
}

/// Asks the provider of one model whether it takes the key and knows the model, at no cost. Gives the
/// number of tokens that it counts in a word.
pub async fn contact(generator: &Generator, outside: Outside<'_>) -> Result<u64, ContactError> {
    let key = (outside.key)(generator).ok_or_else(|| SetupError::Key(generator.model.clone()))?;
    let endpoint = web_address(&generator.endpoint)?;
    let client = http::client().map_err(SetupError::from)?;
    let model = Anthropic { client, endpoint, model: generator.model.clone(), key };
    let hello = ModelMessage { role: ModelRole::User, text: "Hello".into() };
    let request = ModelRequest { messages: vec![hello], ..ModelRequest::default() };
    Ok(model.count_tokens(&request).await?)
}
