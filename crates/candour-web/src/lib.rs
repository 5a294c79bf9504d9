//! What people and programs meet over HTTP: pages for the public, the JSON API, and an endpoint in the
//! shape of OpenAI's.
//!
//! `routes` lists every address. One file for each page is in `page`, one for each resource of the
//! API in `api`; `openai` has the other endpoint, and `mcp` serves other assistants. All ask through `asking`, and all fail through the
//! table of codes in `failure`.
//! Opening the pilot and stopping the program is left to whoever calls `serve`.

mod api;
mod asking;
mod asset;
mod auth;
mod client;
mod cookie;
mod erasing;
mod failure;
mod guard;
mod headers;
mod housekeeping;
mod language;
mod mcp;
mod metrics;
mod monitoring;
mod openai;
mod page;
mod plain;
mod rate;
mod request_log;
mod routes;
mod server;
mod site;
mod spans;
mod stream;
#[cfg(test)]
mod tests;
mod trace;
mod words;

pub use asking::mode;
pub use mcp::serve_mcp;
pub use routes::router;
pub use server::serve;
pub use site::App;
pub use spans::{Place, Route, Span, Spans, What};
