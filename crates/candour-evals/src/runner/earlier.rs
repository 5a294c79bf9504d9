//! What an earlier part of a run left at its end: true of the journals as they were then, and no longer once
//! the run goes on.

use std::io;
use std::path::Path;

use super::RunnerError;

/// Gives files in the folder of a run other names, so that nobody takes them for those of the run that goes
/// on. They are kept until it comes to an end again and goes on once more: they may be all that is left of
/// what they say.
pub fn set_aside(folder: &Path, names: &[&str]) -> Result<(), RunnerError> {
    for name in names {
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
