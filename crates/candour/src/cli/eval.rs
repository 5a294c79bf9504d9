//! `candour eval`: measures this program, with intervals.

mod calibrate;
mod collection;
mod pilot;
mod report;
mod require;
mod retrieval;
mod run;
mod summary;
mod target;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::app::Place;

/// `candour eval`.
#[derive(Debug, Args)]
pub(crate) struct Eval {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The confidence below which nothing should be answered, from labelled answers
    Calibrate(calibrate::Calibrate),
    /// Ask all questions of a suite, and score the answers
    Run(run::Run),
    /// How well passages and pages are found, on a benchmark in BEIR format
    Retrieval(retrieval::Retrieval),
}

impl Eval {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        match self.what {
            What::Calibrate(calibrate) => calibrate.run(),
            What::Run(run) => run.run(place).await,
            What::Retrieval(retrieval) => retrieval.run(place).await,
        }
    }
}
