//! `candour audit`: what staff did, and why.

use std::process::ExitCode;

use anyhow::Result;
use candour_store::AuditEntry;
use clap::Args;
use serde_json::json;

use super::terminal;
use crate::app::Place;

/// `candour audit`.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// The most entries to print, the latest first
    #[arg(long, default_value_t = 50)]
    limit: u32,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let database = place.open_database().await?;
        let entries = database.audit(0, self.limit).await;
        database.close().await;
        let entries = entries?;
        if self.json {
            let entries: Vec<_> = entries.iter().map(as_json).collect();
            terminal::print_json(&json!({ "entries": entries }))?;
        } else if entries.is_empty() {
            terminal::note("Nothing was done yet.");
        } else {
            let lines: Vec<String> = entries.iter().map(as_line).collect();
            terminal::print(&lines.join("\n"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn as_json(entry: &AuditEntry) -> serde_json::Value {
    json!({
        "at": entry.done_at,
        "by": entry.done_by,
        "action": entry.action,
        "reason": entry.reason,
    })
}

fn as_line(entry: &AuditEntry) -> String {
    let AuditEntry { done_at, done_by, action, reason } = entry;
    format!("{done_at}  {action}  by {done_by}: {reason}")
}
