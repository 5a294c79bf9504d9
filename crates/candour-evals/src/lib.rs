//! Measuring anything that finds or answers, with intervals.
//!
//! `dataset` reads questions and what is relevant to them, `retrieval` measures a `Searcher` on them,
//! `run` keeps what was found so that two searchers can be compared, `statistics` says how sure a mean or
//! a difference is, and `inspect_log` writes and reads the logs of Inspect. What is measured is handed in: this room builds no index and reads no clock.

pub mod calibration;
pub mod dataset;
pub mod inspect_log;
pub mod retrieval;
pub mod run;
pub mod statistics;
