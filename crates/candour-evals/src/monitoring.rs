//! Watching answers while a pilot runs: a plan that is fixed before anything is looked at, what is seen
//! in each answer, and how sure one may be of it whenever one looks.
//!
//! `plan` says what is looked at, of which answers, and when there is an alarm; `looking` turns an answer
//! into numbers; `watch` turns numbers, in their order, into figures and alarms. The same numbers always
//! give the same figures, so that anyone can recompute them: `kept` and `given` read what the store has,
//! and `verify` holds it against the log. Looking in time, and what is done about an alarm, is left to others.

pub mod before;
mod figure;
mod given;
mod kept;
mod looking;
mod mean;
mod plan;
mod verify;
mod watch;

pub use figure::{Drifting, Figure, Point, State};
pub use given::{Counts, find};
pub use kept::{Kept, MonitoringError};
pub use looking::{Guidance, Looking, Scores, of_verdict};
pub use plan::{Beginning, Known, Plan, PlanError, Reference, Rule, Threshold, Usual};
pub use verify::{Check, verify};
pub use watch::{Watch, WatchError};
