//! `candour eval merge`: the runs of a suite's parts become one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use candour_evals::evidence::Found;
use candour_evals::runner;
use candour_evals::suite::Suite;
use clap::Args;

use super::{run, summary};
use crate::app::Place;
use crate::cli::{evidence, terminal};

/// `candour eval merge`.
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// The suite's file; `sample` is the suite of the bundled sample
    #[arg(value_name = "SUITE")]
    suite: PathBuf,

    /// The folders of the runs
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<PathBuf>,

    /// The folder of the whole; what is missing there is asked by `candour eval run` with the same --out
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Merge {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let is_sample = self.suite == Path::new("sample");
        let file = if is_sample {
            run::unpack_sample(&place.state, "--state")?
        } else {
            self.suite.clone()
        };
        let suite = Suite::read(&file)?;
        let summary = runner::merge(&suite, &self.runs, &self.out)?;
        // The parts are of one target, so that what one knows of it is true of all.
        let part = self.runs.iter().find_map(|part| Some(Found::at(part).ok()?.outcome));
        let known = part.map(|part| (part.configuration, part.snapshot)).unwrap_or_default();
        let outcome = run::outcome(&summary, &suite, &self.out, known)?;
        let entered = evidence::leave(place, &self.out, &outcome).await?;
        if self.json {
            let mut json = serde_json::to_value(&summary)?;
            json["evidence"] = entered.as_json();
            terminal::print_json(&json)?;
        } else {
            let said = entered.words(Some(&self.out));
            let command = format!(
                "`candour eval run {} --out {}` with the target of the parts",
                self.suite.display(),
                self.out.display()
            );
            let go_on = format!("the parts are not the whole: {command} asks the rest");
            let text = summary::describe(&summary, &go_on, &command);
            terminal::print(&format!("{text}{said}\n"))?;
        }
        Ok(if summary.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
