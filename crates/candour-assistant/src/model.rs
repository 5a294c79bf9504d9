//! The language models that compose answers, and how they are reached.
//!
//! `setup` turns a configuration into one model; `chain` is that model: it tries, waits, goes on to the
//! next and counts the cost (`attempt`, `breaker`, `budget`). One file a transport speaks to a provider,
//! over `http`, `reading` and `sse`. Each request that was made is noted in the
//! `Calls` of the answer once it has ended, also where it was given up.
//!
//! Nothing here logs what was asked, what was said, or a key, and nothing is sent anywhere but to the
//! configured addresses.

mod anthropic;
mod attempt;
#[cfg(feature = "bedrock")]
mod bedrock;
mod breaker;
mod budget;
mod chain;
mod http;
mod openai;
mod reading;
mod replay;
mod setup;
mod sse;

/// How long a provider may take to say that a key is right.
const CHECKING: std::time::Duration = std::time::Duration::from_secs(10);

#[cfg(test)]
mod tests;

pub use setup::{
    ContactError, Models, Outside, SetupError, alone, contact, from_config, ready, within_budget,
};
