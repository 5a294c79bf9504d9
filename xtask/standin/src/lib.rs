//! Plays the servers of language models: the Messages API, chat completions, and the former as
//! Amazon Bedrock wraps it.
//!
//! What it says is taken from the sources that a request brings, with citations, and is always the
//! same; a `Script` makes it slow, makes it lie in a named way, or breaks it. It is somebody else's
//! server as a test sees it: no part of the program knows it. The official clients are run against it,
//! so that it is no looser than they are.

mod answer;
mod bedrock;
mod chat;
mod delivery;
mod frame;
mod lie;
mod messages;
mod refusal;
mod sample;
mod script;
mod server;

pub use lie::tell;
pub use script::{Fault, Lie, Reply, Script, Wire, catalogue};
pub use server::Standin;
