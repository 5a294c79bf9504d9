//! The journal of a run: a file to which a line is added before each request and after each answer.
//!
//! A line that was added is there even if the process is killed at once, since the system has it by
//! then; after a loss of power it is there if it was synced. A line that was cut short is taken away
//! when the journal is next opened, and so is one that a full disk would not take.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{Notify, watch};

use super::record::Header;
use super::written::{Written, read_header, whole_lines};
use super::{JOURNAL, RunnerError};

/// When lines are brought to the disk itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sync {
    /// Once a second: a loss of power can lose the answers of the last second.
    #[default]
    EverySecond,
    /// Before a request is sent and before an answer counts: slower, and nothing that counts is lost.
    Always,
}

/// A journal that lines can be added to.
pub(super) struct Journal {
    written: Written,
    sync: Sync,
    file: Mutex<Tail>,
    added: Notify,
    ended: Notify,
    synced: watch::Sender<u64>,
    /// How the system is told to bring a file to the disk. Tests put a disk in its place that fails.
    pub(super) sync_data: fn(&File) -> io::Result<()>,
}

/// The end of the file.
struct Tail {
    file: File,
    /// Up to here there are whole lines.
    length: u64,
    /// Why no more can be added.
    broken: Option<io::ErrorKind>,
}

impl Journal {
    /// Opens the journal in a folder, or begins one. Only one process has it open at a time.
    pub(super) fn open(folder: &Path, header: &Header, sync: Sync) -> Result<Self, RunnerError> {
        let path = folder.join(JOURNAL);
        let unwritable =
            |error| RunnerError::Unwritable { path: path.display().to_string(), error };
        std::fs::create_dir_all(folder).map_err(unwritable)?;
        let mut options = OpenOptions::new();
        let mut file =
            options.create(true).read(true).append(true).open(&path).map_err(unwritable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(RunnerError::InUse { path: folder.display().to_string() });
            }
            Err(TryLockError::Error(error)) => return Err(unwritable(error)),
        }
        let length = whole_lines(&mut file).map_err(unwritable)?;
        file.set_len(length).map_err(unwritable)?;
        let tail = Mutex::new(Tail { file, length, broken: None });
        let written = Written::open(folder)?;
        let journal = Self {
            written,
            sync,
            file: tail,
            added: Notify::new(),
            ended: Notify::new(),
            synced: watch::Sender::new(0),
            sync_data: File::sync_data,
        };
        if length == 0 {
            journal.add(header)?;
        } else {
            let earlier = read_header(&path)?;
            if let Some(difference) = header.difference(&earlier) {
                let path = folder.display().to_string();
                return Err(RunnerError::OtherRun { path, difference });
            }
        }
        Ok(journal)
    }

    /// What stands in it.
    pub(super) fn written(&self) -> &Written {
        &self.written
    }

    /// Adds a line. Whoever must not go on before it is on the disk waits for `synced` too.
    pub(super) fn add(&self, line: &impl Serialize) -> Result<u64, RunnerError> {
        let mut bytes = serde_json::to_vec(line).map_err(|error| self.unwritable(error.into()))?;
        bytes.push(b'\n');
        let mut tail = self.tail();
        self.whole(&tail)?;
        if let Err(error) = tail.file.write_all(&bytes) {
            tail.broken = Some(error.kind());
            // Half a line is of no use. If it cannot be taken away now, it is when the run goes on.
            let _ = tail.file.set_len(tail.length);
            return Err(self.unwritable(error));
        }
        tail.length += bytes.len() as u64;
        let length = tail.length;
        drop(tail);
        self.added.notify_one();
        Ok(length)
    }

    /// Waits until the first `length` bytes are as safe as was asked for.
    pub(super) async fn settled(&self, length: u64) -> Result<(), RunnerError> {
        if self.sync == Sync::EverySecond {
            return Ok(());
        }
        let is_over = |synced: &u64| *synced >= length || self.tail().broken.is_some();
        // The journal outlives whoever waits, and with it the sender.
        let _ = self.synced.subscribe().wait_for(is_over).await;
        self.whole(&self.tail())
    }

    /// Brings lines to the disk, all that were added meanwhile at once, until it is told of the end or the
    /// disk fails. It must not be dropped before: the system tells of a failure once, and whoever asks next
    /// hears that all is well.
    pub(super) async fn keep_synced(&self) -> Result<(), RunnerError> {
        let added = async || {
            self.added.notified().await;
            if self.sync == Sync::EverySecond {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        loop {
            tokio::select! {
                () = added() => self.sync_now().await?,
                () = self.ended.notified() => return self.sync_now().await,
            }
        }
    }

    /// Says that no more is added.
    pub(super) fn end(&self) {
        self.ended.notify_one();
    }

    /// Brings all lines to the disk. If it fails, nobody knows what is there, and no more is added.
    async fn sync_now(&self) -> Result<(), RunnerError> {
        let (file, length) = {
            let tail = self.tail();
            (tail.file.try_clone(), tail.length)
        };
        let sync_data = self.sync_data;
        let synced = tokio::task::spawn_blocking(move || sync_data(&file?)).await;
        match synced.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok(()) => {
                self.synced.send_replace(length);
                Ok(())
            }
            Err(error) => {
                self.tail().broken = Some(error.kind());
                // Whoever waits for the disk has to look again.
                self.synced.send_modify(|_| ());
                Err(self.unwritable(error))
            }
        }
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses a file to which no more can be added.
    fn whole(&self, tail: &Tail) -> Result<(), RunnerError> {
        tail.broken.map_or(Ok(()), |kind| Err(self.unwritable(kind.into())))
    }

    fn unwritable(&self, error: io::Error) -> RunnerError {
        RunnerError::Unwritable { path: self.written.path.display().to_string(), error }
    }
}
