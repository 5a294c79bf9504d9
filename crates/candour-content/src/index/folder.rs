//! The folder of snapshots: which one serves, durable writing, and removing what is no longer needed.
//! What is inside a snapshot is left to `snapshot` and `manifest`.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::error::IndexError;

/// Names in this folder that begin so are unfinished work of an ingest.
const UNFINISHED: &str = ".building-";
/// Names the snapshot that serves.
const CURRENT: &str = "current";

/// Where all snapshots of a state directory are.
pub(crate) fn snapshots(state: &Path) -> PathBuf {
    state.join("snapshots")
}

/// Where the snapshot of this name is, or will be.
pub(crate) fn finished(state: &Path, name: &str) -> PathBuf {
    snapshots(state).join(name)
}

/// Where the snapshot of this name is while it is being built.
pub(crate) fn unfinished(state: &Path, name: &str) -> PathBuf {
    snapshots(state).join(format!("{UNFINISHED}{name}"))
}

/// The name of the snapshot that serves, if there is one.
pub fn current(state: &Path) -> Result<Option<String>, IndexError> {
    let path = snapshots(state).join(CURRENT);
    match fs::read_to_string(&path) {
        Ok(name) => Ok(Some(name.trim().to_owned()).filter(|name| is_name(name))),
        // What is not even text names nothing, and the next ingest writes it anew.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => {
            Ok(None)
        }
        Err(error) => Err(IndexError::io(&path, error)),
    }
}

/// Names the snapshot that serves from now on. It is whole on disk before.
pub(crate) fn set_current(state: &Path, name: &str) -> Result<(), IndexError> {
    let path = snapshots(state).join(CURRENT);
    let temporary = snapshots(state).join(format!("{UNFINISHED}{CURRENT}"));
    write_durably(&temporary, name.as_bytes())?;
    rename(&temporary, &path)
}

/// Removes unfinished work, and all snapshots but those to `keep`.
pub(crate) fn prune(state: &Path, keep: &[&str]) -> Result<(), IndexError> {
    for name in names(state)? {
        if is_name(&name) && !keep.contains(&name.as_str()) {
            remove(&snapshots(state).join(name))?;
        }
    }
    prune_unfinished(state)
}

/// Removes what an ingest that was stopped has left behind.
pub(crate) fn prune_unfinished(state: &Path) -> Result<(), IndexError> {
    for name in names(state)?.iter().filter(|name| name.starts_with(UNFINISHED)) {
        remove(&snapshots(state).join(name))?;
    }
    Ok(())
}

/// Writes a file so that it survives a power cut once this returns.
pub(crate) fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), IndexError> {
    let written = File::create(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| IndexError::io(path, error))
}

/// Renames, and makes the new name survive a power cut.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), IndexError> {
    fs::rename(from, to).map_err(|error| IndexError::io(to, error))?;
    sync_folder(to.parent().unwrap_or(to))
}

/// Makes the names in a folder survive a power cut.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), IndexError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| IndexError::io(folder, error))
}

/// Makes a folder, and the folders above it, as needed.
pub(crate) fn make(folder: &Path) -> Result<(), IndexError> {
    fs::create_dir_all(folder).map_err(|error| IndexError::io(folder, error))
}

/// Removes a folder with all that is in it, or a file; none at all is fine too.
pub(crate) fn remove(path: &Path) -> Result<(), IndexError> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(IndexError::io(path, error)),
        _ => Ok(()),
    }
}

/// Whether a name can be that of a snapshot: nothing else in the folder is ever touched.
fn is_name(name: &str) -> bool {
    candour_core::ContentHash::parse(name).is_some()
}

fn names(state: &Path) -> Result<Vec<String>, IndexError> {
    let folder = snapshots(state);
    let read = || -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder)? {
            names.extend(entry?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    };
    match read() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(|error| IndexError::io(&folder, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::print_stderr, reason = "whoever runs the tests must know what was not tested")]
    fn a_full_device_is_told() {
        let full = Path::new("/dev/full");
        if full.exists() {
            assert!(matches!(write_durably(full, b"x"), Err(IndexError::DiskFull)));
        } else {
            eprintln!("skipped: this system has no device that is always full");
        }
    }

    #[test]
    fn current_holds_a_name_or_counts_as_missing() {
        let state = tempfile::tempdir().unwrap();
        assert_eq!(current(state.path()).unwrap(), None);
        make(&snapshots(state.path())).unwrap();
        for (written, expected) in [("../../etc", false), ("", false), (&"ab".repeat(32), true)] {
            set_current(state.path(), written).unwrap();
            assert_eq!(current(state.path()).unwrap().is_some(), expected, "{written}");
        }
    }
}
