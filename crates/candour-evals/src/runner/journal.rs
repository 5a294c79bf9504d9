//! The journal of a run: a file to which a line is added before each request and after each answer.
//!
//! A line that was added is there even if the process is killed at once, since the system has it by
//! then; after a loss of power it is there if it was synced. A line that was cut short is taken away
//! when the journal is next opened, and so is one that a full disk would not take.

use std::collections::HashMap;
use std::fmt::Display;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Notify, watch};

use super::RunnerError;
use super::record::{Header, Key, Named, Record};
use crate::lines::{Line, LineError, Lines};

/// The journal's name within the folder of a run.
const NAME: &str = "journal.jsonl";
/// No answer is nearly as long.
const LONGEST_LINE: u64 = 64 << 20;

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
    path: PathBuf,
    sync: Sync,
    file: Mutex<Tail>,
    added: Notify,
    synced: watch::Sender<u64>,
}

/// The end of the file.
struct Tail {
    file: File,
    /// Up to here there are whole lines.
    length: u64,
    /// Why no more can be added.
    broken: Option<io::ErrorKind>,
}

/// What a journal holds.
#[derive(Default)]
pub(super) struct Contents {
    /// Where the latest record of each question stands: its place and length, and whether it is an
    /// error.
    pub(super) records: HashMap<Key, Place>,
    /// What was asked and has no record: it may have been paid for.
    pub(super) in_flight: Vec<(String, u32)>,
    /// Where the lines stand of what is on its way to a record.
    pub(super) parts: HashMap<Key, Vec<Place>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) is_error: bool,
    /// Whether a judge failed on it.
    pub(super) is_unjudged: bool,
}

impl Place {
    /// Whether a later record may take its place.
    pub(super) fn may_be_mended(self) -> bool {
        self.is_error || self.is_unjudged
    }
}

impl Contents {
    /// The records as they stand in the file.
    pub(super) fn in_order(&self) -> Vec<(Key, Place)> {
        let mut places: Vec<(Key, Place)> =
            self.records.iter().map(|(key, place)| (*key, *place)).collect();
        places.sort_unstable_by_key(|(_, place)| place.offset);
        places
    }
}

impl Journal {
    /// Opens the journal in a folder, or begins one. Only one process has it open at a time.
    pub(super) fn open(folder: &Path, header: &Header, sync: Sync) -> Result<Self, RunnerError> {
        let path = folder.join(NAME);
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
        let journal =
            Self { path, sync, file: tail, added: Notify::new(), synced: watch::Sender::new(0) };
        if length == 0 {
            journal.add(header)?;
        } else {
            let earlier = read_header(&journal.path)?;
            if let Some(difference) = header.difference(&earlier) {
                let path = folder.display().to_string();
                return Err(RunnerError::OtherRun { path, difference });
            }
        }
        Ok(journal)
    }

    /// Adds a line. Whoever must not go on before it is on the disk waits for `synced` too.
    pub(super) fn add(&self, line: &impl Serialize) -> Result<u64, RunnerError> {
        let mut bytes = serde_json::to_vec(line).map_err(|error| self.unwritable(error.into()))?;
        bytes.push(b'\n');
        let mut tail = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kind) = tail.broken {
            return Err(self.unwritable(kind.into()));
        }
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
        let mut synced = self.synced.subscribe();
        let reached = synced.wait_for(|synced| *synced >= length).await;
        // The journal outlives whoever waits, and with it the sender.
        reached.map(|_| ()).map_err(|_| self.unwritable(io::ErrorKind::BrokenPipe.into()))
    }

    /// Brings lines to the disk for as long as it is polled: all that were added meanwhile at once.
    pub(super) async fn keep_synced(&self) -> RunnerError {
        loop {
            self.added.notified().await;
            if self.sync == Sync::EverySecond {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            if let Err(error) = self.sync_now().await {
                return error;
            }
        }
    }

    /// Brings all lines to the disk.
    pub(super) async fn sync_now(&self) -> Result<(), RunnerError> {
        let (file, length) = {
            let tail = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            (tail.file.try_clone(), tail.length)
        };
        let file = file.map_err(|error| self.unwritable(error))?;
        let synced = tokio::task::spawn_blocking(move || file.sync_data()).await;
        let synced = synced.unwrap_or_else(|error| Err(io::Error::other(error)));
        synced.map_err(|error| self.unwritable(error))?;
        self.synced.send_replace(length);
        Ok(())
    }

    /// Reads where everything stands.
    pub(super) fn contents(&self) -> Result<Contents, RunnerError> {
        let mut asked: HashMap<Key, (String, u32)> = HashMap::new();
        let mut contents = Contents::default();
        self.each_line(|offset, text| {
            let named: Named = serde_json::from_str(text)?;
            let place = named.place(offset, text.len());
            if let Some(asking) = named.asking {
                asked.insert(Key::of(&asking.0, asking.1), asking);
            } else if let Some(of) = named.part_of {
                let key = Key::of(&of.0, of.1);
                contents.parts.entry(key).or_default().push(place);
                // It waits for the judge, or has what it waited for.
                match named.judging {
                    Some(_) => asked.insert(key, of),
                    None => asked.remove(&key),
                };
            } else {
                let key = Key::of(&named.id, named.epoch);
                contents.records.insert(key, place);
                contents.parts.remove(&key);
                asked.remove(&key);
            }
            Ok(())
        })?;
        contents.in_flight = asked.into_values().collect();
        contents.in_flight.sort();
        Ok(contents)
    }

    /// Reads the latest record of every question, in the order of the file.
    pub(super) fn each_record(
        &self,
        contents: &Contents,
        mut record: impl FnMut(Record),
    ) -> Result<(), RunnerError> {
        let mut places: Vec<u64> = contents.records.values().map(|place| place.offset).collect();
        places.sort_unstable();
        self.each_line(|offset, text| {
            if places.binary_search(&offset).is_ok() {
                record(serde_json::from_str(text)?);
            }
            Ok(())
        })
    }

    /// The line at a place: a record, or a part of one.
    pub(super) fn line_at<T: DeserializeOwned>(&self, place: Place) -> Result<T, RunnerError> {
        let mut bytes = vec![0; place.length as usize];
        let mut tail = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // What is added goes to the end, wherever the file was read last.
        let read = tail.file.seek(SeekFrom::Start(place.offset));
        let read = read.and_then(|_| tail.file.read_exact(&mut bytes));
        drop(tail);
        read.map_err(|error| self.unreadable(error))?;
        serde_json::from_slice(&bytes).map_err(|error| self.unreadable(error.into()))
    }

    /// Gives every line after the header.
    fn each_line(
        &self,
        mut line: impl FnMut(u64, &str) -> Result<(), serde_json::Error>,
    ) -> Result<(), RunnerError> {
        let mut lines = self.lines()?;
        while let Some(found) = self.next_line(&mut lines)? {
            line(found.offset, found.text).map_err(|why| self.damaged(found.number, &why))?;
        }
        Ok(())
    }

    /// All lines, to be read one after another with `next_line`.
    pub(super) fn lines(&self) -> Result<Lines, RunnerError> {
        Lines::open(&self.path, LONGEST_LINE).map_err(|error| self.unreadable(error))
    }

    /// The next line after the header.
    pub(super) fn next_line<'a>(
        &self,
        lines: &'a mut Lines,
    ) -> Result<Option<Line<'a>>, RunnerError> {
        let read = |error| match error {
            LineError::Io(error) => self.unreadable(error),
            LineError::Row(number, why) => self.damaged(number, &why),
        };
        if lines.number() == 0 {
            lines.next().map_err(read)?;
        }
        lines.next().map_err(read)
    }

    pub(super) fn damaged(&self, line: u64, why: &dyn Display) -> RunnerError {
        let path = self.path.display().to_string();
        RunnerError::Damaged { path, line, why: why.to_string() }
    }

    fn unwritable(&self, error: io::Error) -> RunnerError {
        RunnerError::Unwritable { path: self.path.display().to_string(), error }
    }

    fn unreadable(&self, error: io::Error) -> RunnerError {
        RunnerError::Unreadable { path: self.path.display().to_string(), error }
    }
}

/// What the run in a folder is a run of.
pub(super) fn header_of(folder: &Path) -> Result<Header, RunnerError> {
    read_header(&folder.join(NAME))
}

fn read_header(path: &Path) -> Result<Header, RunnerError> {
    let unreadable = |error| RunnerError::Unreadable { path: path.display().to_string(), error };
    let mut lines = Lines::open(path, LONGEST_LINE).map_err(unreadable)?;
    let first = lines.next().ok().flatten().map(|line| serde_json::from_str(line.text));
    match first {
        Some(Ok(header)) => Ok(header),
        _ => Err(RunnerError::NotARun { path: path.display().to_string() }),
    }
}

/// How many bytes of a file are whole lines.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    const PIECE: u64 = 1 << 16;
    let mut end = file.metadata()?.len();
    let mut piece = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(PIECE);
        file.seek(SeekFrom::Start(start))?;
        piece.clear();
        file.take(end - start).read_to_end(&mut piece)?;
        if let Some(at) = piece.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}
