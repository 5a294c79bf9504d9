//! What an earlier part of a run left at its end: true of the journal as it was then, and no longer once
//! the run goes on.

use std::io;
use std::path::Path;

use candour_core::evidence::RESULT;

use super::{LOG, RunnerError};

/// Gives the log and the figures in the folder of a run other names, so that nobody takes them for those of
/// the run that goes on. They are kept: they may be all that is left of what they say.
pub(super) fn set_aside(folder: &Path) -> Result<(), RunnerError> {
    for name in [LOG, RESULT] {
        let path = folder.join(name);
        match std::fs::rename(&path, folder.join(format!("{name}.earlier"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                let path = path.display().to_string();
                return Err(RunnerError::Unwritable { path, error });
            }
            _ => {}
        }
    }
    Ok(())
}
