//! `candour monitor`: watches the answers while the pilot runs, by a plan that is fixed beforehand.

mod close;
mod list;
mod show;
mod start;
mod verify;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use candour_store::{Database, MonitoringPlan};
use clap::{Args, Subcommand};

use crate::app::Place;

/// `candour monitor`.
#[derive(Debug, Args)]
pub(crate) struct Monitor {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Fix a plan, commit to it in the log and begin; a running server does the rest
    Start(start::Start),
    /// What is known of each metric by now, and which alarms there are
    Show(show::Show),
    /// Hold a plan, its records and its alarms against the log, and compute everything anew
    Verify(verify::Verify),
    /// End the open plan, with a reason
    Close(close::Close),
    /// List all plans
    List(list::List),
}

impl Monitor {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let database = place.open_database().await?;
        let done = match self.what {
            What::Start(start) => start.run(place, &database).await,
            What::Show(show) => show.run(&database).await,
            What::Verify(verify) => verify.run(&database).await,
            What::Close(close) => close.run(&database).await,
            What::List(list) => list.run(&database).await,
        };
        database.close().await;
        done
    }
}

/// Which plan.
#[derive(Debug, Args)]
struct Which {
    /// The number of the plan [default: the latest]
    #[arg(long, value_name = "N")]
    plan: Option<u64>,
}

impl Which {
    async fn plan(&self, database: &Database) -> Result<MonitoringPlan> {
        let plans = database.monitoring_plans().await?;
        let mut plans = plans.into_iter();
        match self.plan {
            None => plans.next().context("there is no plan yet: `candour monitor start` makes one"),
            Some(number) => plans
                .find(|plan| plan.number == number)
                .with_context(|| format!("there is no plan {number}: see `candour monitor list`")),
        }
    }
}
