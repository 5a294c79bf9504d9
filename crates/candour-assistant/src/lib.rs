//! Question in, verified answer out.
//!
//! `pipeline` is the whole path on one screen: screen, route, retrieve, compose, verify. Each stage
//! is a file and a function of explicit inputs. Nothing reaches a reader but a `VerifiedAnswer`,
//! which `verify` alone can make.

mod account;
mod clarify;
mod compose;
mod decision;
mod experiment;
mod given;
mod mitigations;
pub mod model;
mod pipeline;
mod policy;
mod replies;
mod retrieve;
mod rewrite;
mod route;
mod screen;
mod stream;
mod subject;
mod verify;
mod words;

#[cfg(test)]
mod tests;

pub use clarify::{asks_back, chosen_label};
pub use compose::{Part, best_parts, parts};
pub use experiment::{Experiment, Observed, Observing, Unfinished};
pub use mitigations::{Mitigation, Mitigations};
pub use pipeline::{Ask, AskError, Assistant, Begun, Composing, Event, Mode, Outcome};
pub use policy::policy;
pub use replies::crisis_lines;
pub use rewrite::{Rejection, RewriteEnd, Rewritten};
pub use route::Routed;
pub use screen::{
    InjectionModel, Preview, Signal, injection_features, injection_places, language_of, preview,
};
pub use stream::{End, Generated};
pub use verify::{Judged, VerifiedAnswer};
