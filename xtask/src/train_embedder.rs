//! `cargo xtask train-embedder`: makes the table of the bilingual embedder anew. The trainer is a
//! program of its own, because only an optimised build of it is quick enough.

use anyhow::Result;
use clap::Args;

use crate::step::{cargo, run};

/// `cargo xtask train-embedder`.
#[derive(Args)]
pub(crate) struct TrainEmbedder {
    /// Arguments for the trainer; `-- --help` lists them
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl TrainEmbedder {
    /// Builds the trainer, and trains.
    pub(crate) fn run(self) -> Result<()> {
        let build = ["run", "--release", "--locked", "--package", "candour-embedder-trainer", "--"];
        let mut command = cargo(&build);
        command.args(self.arguments);
        run(command)
    }
}
