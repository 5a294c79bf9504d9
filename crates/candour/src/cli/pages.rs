//! `candour pages`: what became of each page in the last ingest.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Result, bail};
use candour_store::{Outcome, OutcomeKind};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::terminal;
use crate::app::Place;

/// `candour pages`.
#[derive(Debug, Args)]
pub(crate) struct Pages {
    /// Only pages of which this became
    #[arg(long, value_enum)]
    outcome: Option<Kind>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Indexed,
    Unchanged,
    Skipped,
    Failed,
    Deleted,
}

impl From<Kind> for OutcomeKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Indexed => Self::Indexed,
            Kind::Unchanged => Self::Unchanged,
            Kind::Skipped => Self::Skipped,
            Kind::Failed => Self::Failed,
            Kind::Deleted => Self::Deleted,
        }
    }
}

impl Pages {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let database = place.open_database().await?;
        let Some(run) = database.last_run().await? else {
            bail!(
                "nothing has been ingested into {} yet: run `candour ingest`",
                place.state.display()
            );
        };
        let outcomes = database.outcomes(run.id, self.outcome.map(Into::into)).await?;
        database.close().await;
        if self.json {
            let pages: Vec<_> = outcomes.iter().map(as_json).collect();
            let finished = run.finished_at.is_some();
            terminal::print_json(
                &json!({"started_at": run.started_at, "finished": finished, "pages": pages}),
            )?;
        } else {
            terminal::print(&outcomes.iter().fold(String::new(), |mut text, outcome| {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{}", as_line(outcome));
                text
            }))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn as_json(outcome: &Outcome) -> serde_json::Value {
    json!({
        "page": outcome.page,
        "outcome": outcome.kind.key(),
        "reason": outcome.reason,
        "detail": outcome.detail,
    })
}

fn as_line(outcome: &Outcome) -> String {
    let mut line = format!("{:<9}  {}", outcome.kind.key(), outcome.page);
    for part in [&outcome.reason, &outcome.detail].into_iter().flatten() {
        line.push_str("  ");
        line.push_str(part);
    }
    line
}
