//! `candour monitor list`: all plans, the latest first.

use std::process::ExitCode;

use anyhow::Result;
use candour_store::{Database, MonitoringPlan};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::eval::table::Table;
use crate::cli::terminal;

/// `candour monitor list`.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, database: &Database) -> Result<ExitCode> {
        let plans = database.monitoring_plans().await?;
        if self.json {
            terminal::print_json(&plans.iter().map(as_json).collect::<Vec<_>>())?;
        } else if plans.is_empty() {
            terminal::note("There is no plan yet: `candour monitor start` makes one.");
        } else {
            let mut table = Table::new(&["plan", "hash", "began", "closed", "records", "reason"]);
            for plan in &plans {
                table.row(row(plan));
            }
            terminal::print(&table.text())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn as_json(plan: &MonitoringPlan) -> Value {
    json!({
        "number": plan.number,
        "hash": plan.hash,
        "log_position": plan.log_position,
        "started_at": plan.started_at,
        "started_by": plan.started_by,
        "records": plan.records,
        "closed": plan.closed.as_ref().map(|closed| &closed.closing),
    })
}

fn row(plan: &MonitoringPlan) -> [String; 6] {
    let closing = plan.closed.as_ref().map(|closed| &closed.closing);
    let minute = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M").to_string();
    let closed_at = closing.map_or_else(|| "open".to_owned(), |closing| minute(closing.closed_at));
    let reason = closing.map(|closing| closing.reason.to_string()).unwrap_or_default();
    let records = plan.records.to_string();
    let (hash, began) = (plan.hash.short().to_owned(), minute(plan.started_at));
    [plan.number.to_string(), hash, began, closed_at, records, reason]
}
