//! `candour review`: people label answers; what they say becomes a rate with its interval.

mod create;
mod export;
mod list;
mod plan;
mod source;

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use candour_store::{Database, Review as Stored};
use clap::{Args, Subcommand};
use serde_json::json;

use super::because::Because;
use super::terminal;
use crate::app::Place;

/// `candour review`.
#[derive(Debug, Args)]
pub(crate) struct Review {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Make a review of the answers of a run, of two runs in pairs, or of what readers were given
    Create(create::Create),
    /// Say how many labels give which interval, before anybody works
    Plan(plan::Plan),
    /// List the reviews, with how far each has come
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the labels as a table that `candour eval judged --labels` reads
    Export(export::Export),
    /// Close a review: nothing is labelled any more
    Close(Close),
}

#[derive(Debug, Args)]
struct Close {
    /// The review
    name: String,

    #[command(flatten)]
    because: Because,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Review {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let database = place.open_database().await?;
        let done = match self.task {
            Task::Create(create) => create.run(&database).await,
            Task::Plan(plan) => plan.run(&database).await,
            Task::List { json } => list::run(&database, json).await,
            Task::Export(export) => export.run(&database).await,
            Task::Close(close) => close.run(&database).await,
        };
        database.close().await;
        done.map(|()| ExitCode::SUCCESS)
    }
}

impl Close {
    async fn run(self, database: &Database) -> Result<()> {
        let act = self.because.act();
        if !database.close_review(&self.name, &act).await? {
            bail!("there is no open review `{}`: `candour review list` shows them", self.name);
        }
        if self.json {
            return terminal::print_json(&json!({ "review": self.name, "closed_at": act.at }));
        }
        terminal::note(&format!("{} is closed.", self.name));
        Ok(())
    }
}

/// The review of that name.
async fn find(database: &Database, name: &str) -> Result<Stored> {
    let found = database.review(name).await?;
    found.with_context(|| format!("there is no review `{name}`: `candour review list` shows them"))
}
