//! What the store has of a plan, taken in record by record.

use candour_store::{Database, MonitoringPlan, StoreError};

use super::{Plan, PlanError, Watch, WatchError};
use crate::statistics::StatisticsError;

/// How many records are read at once.
const PAGE: u32 = 1000;

/// A plan with what was seen under it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The plan's number.
    pub number: u64,
    /// The plan.
    pub plan: Plan,
    /// What is known by now.
    pub watch: Watch,
}

/// Why it is not known what was seen.
#[derive(Debug, thiserror::Error)]
pub enum MonitoringError {
    /// The database says no, or has something that cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The plan cannot be read.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A figure of the plan cannot be.
    #[error("the plan cannot be followed: {0}")]
    Statistics(#[from] StatisticsError),
    /// The records are not what was recorded.
    #[error("monitoring plan {plan}: {why}; close the plan and start another")]
    Records {
        /// The number of the plan.
        plan: u64,
        /// What is wrong with them.
        why: WatchError,
    },
}

impl Kept {
    /// The plan, with nothing taken in yet.
    pub fn new(of: &MonitoringPlan) -> Result<Self, MonitoringError> {
        let plan = Plan::read(&of.text)?;
        Ok(Self { number: of.number, watch: Watch::new(&plan)?, plan })
    }

    /// The plan with all that was recorded.
    pub async fn read(database: &Database, of: &MonitoringPlan) -> Result<Self, MonitoringError> {
        let mut kept = Self::new(of)?;
        kept.catch_up(database).await?;
        Ok(kept)
    }

    /// Takes in what was recorded since.
    pub async fn catch_up(&mut self, database: &Database) -> Result<(), MonitoringError> {
        loop {
            let after = self.watch.position();
            let records = database.monitoring_records(self.number, after, PAGE).await?;
            for record in &records {
                let taken = self.watch.push(record.position, &record.scores);
                taken.map_err(|why| MonitoringError::Records { plan: self.number, why })?;
            }
            if records.len() < PAGE as usize {
                return Ok(());
            }
        }
    }
}
