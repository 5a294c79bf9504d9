//! Where Candour keeps things: one database, SQLite by default and PostgreSQL for several replicas.
//!
//! Files of evidence lie beside it, by their hashes. One noun per file. Text typed by the public can be
//! stored only as `Redacted`. What is served to readers (snapshots) is files, and lives with
//! `candour-content`.

mod address;
mod audit;
mod blobs;
mod conversations;
mod copies;
mod database;
mod erasure;
mod error;
mod evidence;
mod figures;
mod keys;
mod labelling;
mod listed;
mod log;
mod migrations;
mod monitoring;
mod pages;
mod receipts;
mod review_labels;
mod reviewed;
mod reviews;
mod rows;
mod runs;
mod sessions;
mod spending;
mod switches;
#[cfg(test)]
mod tests;

pub use address::DatabaseAddress;
pub use audit::AuditEntry;
pub use blobs::Blobs;
pub use database::Database;
pub use erasure::{Deleted, EraseRequest};
pub use error::StoreError;
pub use figures::{DayCount, Traced};
pub use keys::{Act, BearerKey, Grant, Key, Role};
pub use labelling::{Given, NewLabel};
pub use listed::{ListedTurn, TurnFilter, Wanted};
pub use log::LogEntry;
pub use monitoring::{
    Closed, Closing, GivenVerdict, MonitoringPlan, NewRecord, RaisedAlarm, Record, RecordKind,
    UnreadAnswer,
};
pub use pages::{KeptPage, PageState};
pub use receipts::{CitingAnswer, NewReceipt};
pub use review_labels::{Job, ReviewLabel};
pub use reviewed::{Design, GivenAnswer, ReviewAnswer, Shown, ShownAnswer, Unjudged};
pub use reviews::{PossibleLabel, Review, ReviewAbout, ReviewKind};
pub use runs::{Outcome, OutcomeKind, Run, RunId};
pub use switches::{Switch, SwitchState};
