//! `candour eval`: measures this program, with intervals.

mod blocks;
mod calibrate;
mod collection;
mod compare;
mod declared;
mod judge;
mod judged;
mod judgements;
pub(crate) mod log;
mod merge;
mod pilot;
mod power;
mod redteam;
mod report;
mod require;
mod retrieval;
mod run;
mod safeguard_case;
mod shown;
mod summary;
pub(crate) mod table;
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
    Run(Box<run::Run>),
    /// Attack a target, with each mitigation on and off
    Redteam(redteam::Redteam),
    /// Make one run of the runs of a suite's parts
    Merge(merge::Merge),
    /// How well passages and pages are found, on a benchmark in BEIR format
    Retrieval(retrieval::Retrieval),
    /// How well the parts that answer are told from the rest, on questions with marked evidence
    Blocks(blocks::Blocks),
    /// How sure the scores of a log are, whoever wrote it
    Log(log::Log),
    /// Whether one run is better than another, question by question
    Compare(compare::Compare),
    /// A rate that a model judged, corrected by the labels of people
    Judged(judged::Judged),
    /// How many questions a comparison takes, before it is run
    Power(power::Power),
    /// A page of one run or several that can be kept and sent, or of two compared
    Report(report::Report),
    /// Claims about safeguards, held against evidence
    SafeguardCase(safeguard_case::Case),
}

impl Eval {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        match self.what {
            What::Calibrate(calibrate) => calibrate.run(place).await,
            What::Run(run) => run.run(place).await,
            What::Redteam(redteam) => redteam.run(place).await,
            What::Merge(merge) => merge.run(place).await,
            What::Retrieval(retrieval) => retrieval.run(place).await,
            What::Blocks(blocks) => blocks.run(place).await,
            What::Log(log) => log.run(),
            What::Compare(compare) => compare.run(),
            What::Judged(judged) => judged.run(),
            What::Power(power) => power.run(),
            What::Report(report) => report.run(),
            What::SafeguardCase(case) => case.run(place).await,
        }
    }
}
