//! `candour monitor close`: ends the open plan, with a reason to which the log commits.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use candour_store::Database;
use clap::Args;
use serde_json::json;

use crate::cli::because::Because;
use crate::cli::terminal;

/// `candour monitor close`.
#[derive(Debug, Args)]
pub(super) struct Close {
    #[command(flatten)]
    because: Because,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Close {
    pub(super) async fn run(self, database: &Database) -> Result<ExitCode> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).context("the system gives no random numbers")?;
        let plan = database.close_monitoring(&self.because.act(), salt).await?;
        let plan = plan.context("no plan is open")?;
        let closed = plan.closed.as_ref().context("the plan that was closed is open")?;
        if self.json {
            terminal::print_json(&json!({
                "number": plan.number,
                "log_position": closed.log_position,
                "closing": closed.closing,
            }))?;
        } else {
            terminal::print(&format!(
                "Plan {} is closed after {}. The log commits to that at position {}.\n\
                 A server that runs still looks at what was given until then and not looked at yet.",
                plan.number,
                terminal::counted(plan.records, "record"),
                closed.log_position
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
