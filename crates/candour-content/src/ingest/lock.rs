//! The lock that keeps two ingests off one state directory. It ends with the process that holds it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use super::IngestError;

/// Takes the lock for as long as the file is open.
pub(super) fn take(state: &Path) -> Result<File, IngestError> {
    let path = state.join("ingest.lock");
    let failed = |error: io::Error| IngestError::Io { path: path.display().to_string(), error };
    fs::create_dir_all(state).map_err(failed)?;
    let file =
        File::options().create(true).write(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(IngestError::Busy),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
