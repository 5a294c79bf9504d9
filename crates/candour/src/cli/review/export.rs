//! `candour review export`: the labels as a table from which a rate can be computed.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use candour_evals::labels::to_csv;
use candour_evals::review::{Outcome, labels};
use candour_store::Database;
use clap::Args;
use serde_json::json;

use super::find;
use crate::cli::terminal;

/// `candour review export`.
#[derive(Debug, Args)]
#[command(after_help = "\
The table has a row for every answer that the review is about, those that nobody was asked to label
too, with the stratum it was drawn in and the share of that stratum that was labelled:
  candour review export accuracy --out labels.csv
  candour eval judged --labels labels.csv
Names of people are not in it.")]
pub(super) struct Export {
    /// The review
    name: String,

    /// Write the table to a file, rather than printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Print JSON
    #[arg(long, conflicts_with = "out")]
    json: bool,
}

impl Export {
    pub(super) async fn run(self, database: &Database) -> Result<()> {
        let review = find(database, &self.name).await?;
        let answers = database.review_answers(&self.name).await?;
        let said = database.review_labels(&self.name).await?;
        let found = labels(&review.about, &answers, &said)?;
        warn(&found);
        if self.json {
            return terminal::print_json(&json!({
                "review": self.name,
                "answers": found.rows,
                "missing": found.missing,
                "skipped": found.skipped,
                "unsettled": found.unsettled,
            }));
        }
        let table = to_csv(&found.rows)?;
        match &self.out {
            None => terminal::print(&table),
            Some(path) => std::fs::write(path, table)
                .with_context(|| format!("{} cannot be written: check its folder", path.display())),
        }
    }
}

/// Says what has to be known of labels that are not all there.
fn warn(found: &Outcome) {
    if found.missing > 0 {
        terminal::note(&format!(
            "{} answers have no label yet, {} of which nobody could tell; the others of their strata stand for them",
            found.missing, found.skipped
        ));
    }
    if found.unsettled > 0 {
        terminal::note(&format!(
            "on {} answers people differ and nobody has settled: each counts as the mean of its labels",
            found.unsettled
        ));
    }
}
