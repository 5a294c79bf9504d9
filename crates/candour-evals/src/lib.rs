//! Measuring anything that finds or answers, with intervals.
//!
//! `dataset` reads questions and what is relevant to them, `retrieval` measures a `Searcher` on them, and
//! `run` keeps what was found so that two searchers can be compared. `suite` reads questions and what
//! good answers to them do, `target` is what can be asked over a network or from a file, `runner` asks an
//! `Answerer` all of a suite, and `scorer` looks at each answer by rules; `judge` has a model look at it. `statistics` says how sure a figure is,
//! and `inspect_log` writes and reads the logs of Inspect. `scored` says how sure the scores of a log are,
//! `compare` compares two, and `labels` and `corrected` say what a model's judgements are worth. `review`
//! draws what people label and makes labels of what they say, and `agreement` says how far they agree.
//! `report` writes all that down, `evidence` is what a measurement leaves to be kept, and
//! `safeguard_case` holds a team's claims against it. `monitoring` watches answers while a pilot runs.
//! What is measured is handed in: this room builds no index.

pub mod agreement;
pub mod blocks;
pub mod compare;
pub mod corrected;
pub mod dataset;
pub mod evidence;
pub mod inspect_log;
pub mod judge;
pub mod labels;
mod lines;
pub mod monitoring;
pub mod redteam;
pub mod report;
pub mod retrieval;
pub mod review;
pub mod run;
pub mod runner;
pub mod safeguard_case;
pub mod scored;
pub mod scorer;
mod sorted;
pub mod statistics;
pub mod suite;
pub mod target;
