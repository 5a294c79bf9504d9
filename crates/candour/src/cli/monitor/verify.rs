//! `candour monitor verify`: holds a plan, its records and its alarms against the log.

use std::process::ExitCode;

use anyhow::Result;
use candour_evals::monitoring::{Check, verify};
use candour_store::Database;
use clap::Args;
use serde_json::json;

use super::Which;
use crate::cli::terminal;

/// `candour monitor verify`.
#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    which: Which,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) async fn run(self, database: &Database) -> Result<ExitCode> {
        let plan = self.which.plan(database).await?;
        let checks = verify(database, &plan).await?;
        if self.json {
            terminal::print_json(&json!({ "number": plan.number, "checks": checks }))?;
        } else {
            let lines: Vec<String> = checks.iter().map(line).collect();
            terminal::print(&format!("Plan {}\n{}", plan.number, lines.join("\n")))?;
        }
        let holds = checks.iter().all(|check| check.holds);
        Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn line(check: &Check) -> String {
    let mark = if check.holds { "ok     " } else { "WRONG  " };
    format!("{mark}{}: {}", check.what, check.detail)
}
