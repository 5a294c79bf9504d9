//! What can be asked over a network or looked up in a file. Our own pipeline is handed in by the program.
//!
//! Only the host that is named is ever connected to: no proxy from the environment, no redirect.

mod chat;
mod deployment;
mod http;
#[cfg(test)]
mod tests;
mod transcript;

pub(crate) use chat::measured;
pub use chat::{ChatCompletions, ChatOptions};
pub use deployment::Deployment;
pub use http::TargetError;
pub use transcript::{Strange, Transcript};
