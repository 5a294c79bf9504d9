//! `candour eval`: measures this program, with intervals.

mod collection;
mod report;
mod retrieval;

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
    /// How well passages and pages are found, on a benchmark in BEIR format
    Retrieval(retrieval::Retrieval),
}

impl Eval {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        match self.what {
            What::Retrieval(retrieval) => retrieval.run(place).await,
        }
    }
}
