//! Attacks: what they are, how they are disguised, models that obey them, and what came of them.
//!
//! An attack is a sample of a suite that says what must not come of it; its tags name its family. Each
//! attempt is a sample of its own, and all attempts of one attack are a cluster. What is sent is data of
//! the suite's author and transformations of it: nothing here is drawn, so that the same attempts are
//! made every time.

mod attack;
mod attempt;
mod called;
mod compared;
mod criterion;
mod disguise;
mod external;
mod family;
mod fared;
mod judge;
mod known;
mod left_out;
mod persistence;
mod rate;
mod refusal;
mod report;
mod rubric;
mod scripted;
mod twin;

use std::collections::BTreeMap;
use std::path::Path;

pub use attempt::{Attempts, attempts};
pub use called::Misled;
pub use compared::{Change, Compared, Effect, MEASURES, UNCORRECTED, adjust};
pub use criterion::has_criterion;
pub use disguise::Disguise;
pub use external::{ExternalError, ExternalSet, read_external};
pub use family::Family;
pub use fared::Fared;
pub use judge::{TalkedOver, talk_over};
pub use left_out::LeftOut;
pub use persistence::Persistence;
pub use rate::{Items, rate_of};
pub use refusal::{REFUSALS, is_refused};
pub use report::{Outcome, PerAttack, Tokens};
pub use rubric::{Counts, Heard, Rubric};
pub use scripted::{Manner, Scripted};
pub use twin::{TWIN, UNDER_ATTACK};

use crate::runner::{self, Record, RunnerError};
use crate::suite::{Sample, Suite};

/// Gives each record of the run in a folder with the sample that it is of.
fn each_recorded(
    folder: &Path,
    suite: &Suite,
    mut each: impl FnMut(&Sample, Record),
) -> Result<(), RunnerError> {
    let samples = suite.all()?.into_iter().map(|sample| (sample.id.clone(), sample));
    let samples: BTreeMap<String, Sample> = samples.collect();
    runner::records(folder, |record| {
        if let Some(sample) = samples.get(&record.id) {
            each(sample, record);
        }
    })
}
