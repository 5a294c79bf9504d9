//! Measuring anything that finds or answers, with intervals.
//!
//! `dataset` reads questions and what is relevant to them, `retrieval` measures a `Searcher` on them,
//! `run` keeps what was found so that two searchers can be compared, and `statistics` says how sure a
//! mean or a difference is. What is measured is handed in: this room builds no index and reads no clock.

pub mod dataset;
pub mod retrieval;
pub mod run;
pub mod statistics;
