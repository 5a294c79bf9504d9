//! `cargo xtask train-injection`: makes the table of the model of injections anew. The trainer is a
//! program of its own, because it reads texts with the assistant's own code.

use anyhow::Result;
use clap::Args;

use crate::step::{cargo, run};

/// `cargo xtask train-injection`.
#[derive(Args)]
pub(crate) struct TrainInjection {
    /// Arguments for the trainer; `-- --help` lists them
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl TrainInjection {
    /// Builds the trainer, and trains.
    pub(crate) fn run(self) -> Result<()> {
        let mut command =
            cargo(&["run", "--locked", "--package", "candour-injection-trainer", "--"]);
        command.args(self.arguments);
        run(command)
    }
}
