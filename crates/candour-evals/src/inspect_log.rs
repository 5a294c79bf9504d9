//! Logs in the format of Inspect, the evaluation framework of the UK AI Security Institute: written so
//! that its tools read them, and read whether it or we wrote them.
//!
//! A run is written as an `.eval` archive, sample by sample, in memory that does not grow with the run:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! use candour_evals::inspect_log::{self, Header, LogWriter, Sample, Score, Spec, Status};
//!
//! let spec = Spec { created: "2026-11-25T10:00:00+00:00".into(), task: "bins".into(), ..Spec::default() };
//! let path = folder.path().join(inspect_log::file_name(&spec.created, &spec.task, "run1", "eval"));
//! let mut header = Header::started(spec);
//! let mut log = LogWriter::create(&path, &header)?;
//! let mut sample = Sample::new("q1", 1, "When are bins collected?", "Tuesday");
//! sample.scores.insert("includes".into(), Score::new("C"));
//! log.append(&sample)?;
//! header.status = Status::Success;
//! log.finish(&header)?;
//!
//! let mut found = Vec::new();
//! let header = inspect_log::read(&path, &mut |sample| found.push(sample))?;
//! assert_eq!((header.status, found), (Status::Success, vec![sample]));
//! # Ok(())
//! # }
//! ```
//!
//! A run that was killed is taken up again with [`LogWriter::resume`], which keeps every sample that was
//! wholly written and says which they are. [`recover`] makes a whole archive of a broken one, and
//! [`write_json`] turns an archive into a `.json` log, in which results stand before samples and which
//! therefore cannot be written while a run goes on.
//!
//! A sample that was run again stands in an archive of Inspect's twice, as members of one name: the last one
//! counts, as it does for Inspect's reader. Two samples of one id and epoch that are not told apart so are
//! refused, wherever they come from.
//!
//! What is Candour's own goes into `metadata`: of the spec, of a sample, of a score, of a scorer's
//! results. Inspect drops fields that it does not know. No clock is read here: times are handed in.

mod archive;
mod error;
mod header;
mod json;
mod name;
mod read;
mod records;
mod sample;
mod seen;
mod summary;
mod version;
mod write;

pub use error::LogError;
pub use header::{
    Config, DatasetSpec, Failure, Header, MetricValue, Plan, Results, ScorerResults, ScorerSpec,
    Spec, Stats, Status, Step,
};
pub(crate) use header::{OURS, TARGET};
pub use json::write_json;
pub use name::file_name;
pub(crate) use read::read_own_header;
pub use read::{read, read_header};
pub use sample::{
    Choice, Content, Input, LimitHit, LimitKind, Message, Output, Role, Sample, SampleId, Score,
    StopReason, Target, Usage,
};
pub use write::{LogWriter, Recovered, recover};
