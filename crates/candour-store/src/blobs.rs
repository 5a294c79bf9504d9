//! Files by the hash of their content, under the state directory: written whole or not at all, never
//! changed, and held against their name whenever they are read.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use candour_core::{ContentHash, KeptFile};
use sha2::{Digest as _, Sha256};

use crate::StoreError;

/// The folder of blobs, within the state directory.
const FOLDER: &str = "blobs";

/// How a file's name begins until its hash is known.
const PASSING: &str = ".passing-";

/// After how long a file that has no name of its own yet is taken for left behind.
const LEFT_BEHIND: Duration = Duration::from_hours(24);

/// Files by the hash of their content.
#[derive(Debug, Clone)]
pub struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    /// The blobs of a state directory. The folder is made when the first one is kept.
    pub fn in_state(state: &Path) -> Self {
        Self { folder: state.join(FOLDER) }
    }

    /// Keeps what is read. One that is there already and whole is left alone.
    pub fn keep(&self, mut content: impl io::Read) -> Result<KeptFile, StoreError> {
        let wrong = |why| file_error(&self.folder, why);
        std::fs::create_dir_all(&self.folder).map_err(wrong)?;
        self.sweep();
        // The hash is known at the end, so that the file has a passing name until then. Others that keep
        // something now have names of their own.
        let mut passing =
            tempfile::Builder::new().prefix(PASSING).tempfile_in(&self.folder).map_err(wrong)?;
        let (hash, bytes) = copy(&mut content, passing.as_file_mut()).map_err(wrong)?;
        let kept = KeptFile { hash, bytes };
        if self.check(&kept).is_ok() {
            return Ok(kept);
        }
        passing.as_file().sync_all().map_err(wrong)?;
        let place = self.place(&kept.hash);
        let folder = place.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(folder).map_err(wrong)?;
        passing.persist(&place).map_err(|error| wrong(error.error))?;
        // A folder that cannot be opened as a file, as on Windows, needs no syncing.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(kept)
    }

    /// All of a blob, after it was held against its hash.
    pub fn read(&self, file: &KeptFile) -> Result<Vec<u8>, StoreError> {
        let mut content = Vec::new();
        self.write_to(file, &mut content)?;
        Ok(content)
    }

    /// Copies a blob, and complains at the end where what was copied is not what its hash says.
    pub fn write_to(&self, file: &KeptFile, out: &mut dyn io::Write) -> Result<(), StoreError> {
        let place = self.place(&file.hash);
        let damaged = |why: String| StoreError::Blob { path: place.display().to_string(), why };
        let mut kept = File::open(&place).map_err(|why| damaged(format!("it is gone: {why}")))?;
        let (hash, bytes) =
            copy(&mut kept, out).map_err(|why| damaged(format!("it cannot be read: {why}")))?;
        if hash == file.hash && bytes == file.bytes {
            return Ok(());
        }
        Err(damaged(format!("it was changed: its hash is {} now", hash.short())))
    }

    /// Whether a blob is there and whole.
    pub fn check(&self, file: &KeptFile) -> Result<(), StoreError> {
        self.write_to(file, &mut io::sink())
    }

    /// Removes what programs left that were killed while they kept something. What cannot be removed now
    /// is removed later.
    fn sweep(&self) {
        let Ok(files) = std::fs::read_dir(&self.folder) else { return };
        for file in files.flatten() {
            let is_passing = file.file_name().to_string_lossy().starts_with(PASSING);
            let changed = file.metadata().and_then(|about| about.modified());
            let age = changed.ok().and_then(|at| at.elapsed().ok());
            if is_passing && age.is_some_and(|age| age > LEFT_BEHIND) {
                let _ = std::fs::remove_file(file.path());
            }
        }
    }

    fn place(&self, hash: &ContentHash) -> PathBuf {
        self.folder.join(&hash.as_str()[..2]).join(hash.as_str())
    }
}

fn file_error(folder: &Path, why: io::Error) -> StoreError {
    if why.kind() == io::ErrorKind::StorageFull {
        return StoreError::DiskFull;
    }
    StoreError::Blobs { path: folder.display().to_string(), why }
}

/// Copies everything, and gives its hash and length.
fn copy(from: &mut dyn io::Read, to: &mut dyn io::Write) -> io::Result<(ContentHash, u64)> {
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = match from.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&piece[..read]);
        to.write_all(&piece[..read])?;
        bytes += read as u64;
    }
    Ok((ContentHash::of_digest(hasher.finalize().into()), bytes))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn place() -> (tempfile::TempDir, Blobs) {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_state(&folder.path().join("state"));
        (folder, blobs)
    }

    fn files(folder: &Path) -> usize {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
    }

    #[test]
    fn what_is_kept_is_found_by_its_hash() {
        let (folder, blobs) = place();
        let long = vec![7; 200_000];
        for content in [b"".as_slice(), b"abc", &long] {
            let kept = blobs.keep(content).unwrap();
            assert_eq!(kept.hash, ContentHash::of(content));
            assert_eq!(blobs.read(&kept).unwrap(), content);
            assert_eq!(blobs.keep(content).unwrap(), kept, "the same again is the same blob");
        }
        assert_eq!(files(folder.path()), 3);
    }

    #[test]
    fn damage_is_named_and_mended_by_keeping_again() {
        let (_folder, blobs) = place();
        let kept = blobs.keep(b"abc".as_slice()).unwrap();
        let place = blobs.place(&kept.hash);
        for damage in [b"abd".as_slice(), b"ab"] {
            std::fs::write(&place, damage).unwrap();
            let error = blobs.read(&kept).unwrap_err().to_string();
            assert!(error.contains(kept.hash.as_str()) && error.contains("changed"), "{error}");
        }
        blobs.keep(b"abc".as_slice()).unwrap();
        assert_eq!(blobs.read(&kept).unwrap(), b"abc");
        std::fs::remove_file(&place).unwrap();
        let error = blobs.check(&kept).unwrap_err().to_string();
        assert!(error.contains("gone"), "{error}");
    }

    #[test]
    fn what_a_killed_program_left_is_removed() {
        let (_folder, blobs) = place();
        blobs.keep(b"abc".as_slice()).unwrap();
        let [old, young] =
            ["old", "young"].map(|name| blobs.folder.join(format!("{PASSING}{name}")));
        let two_days_ago = std::time::SystemTime::now() - 2 * LEFT_BEHIND;
        File::create(&old).unwrap().set_modified(two_days_ago).unwrap();
        File::create(&young).unwrap();
        blobs.keep(b"abd".as_slice()).unwrap();
        assert!(!old.exists() && young.exists(), "somebody may still write to the young one");
    }

    #[test]
    fn what_cannot_be_read_to_its_end_leaves_nothing() {
        struct Breaks;
        impl io::Read for Breaks {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
        }
        let (folder, blobs) = place();
        let error = blobs.keep(b"begun".chain(Breaks)).unwrap_err();
        assert!(matches!(error, StoreError::DiskFull), "{error}");
        assert_eq!(files(folder.path()), 0);
    }
}
