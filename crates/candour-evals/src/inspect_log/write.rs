//! Writing a log while the run goes on, so that a killed run loses nothing that was written.
//!
//! Every sample is a member of the archive, written whole and at once. What the archive still lacks, its
//! summaries and its directory, is made at the end from what stands in the file, so that memory does not
//! grow with the run but for two hashes a sample, 19 to 39 bytes in their table, by which a second one of
//! the same name is noticed where nobody knows beforehand that there is none.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use flate2::{Compress, Compression, Crc, FlushCompress, Status as Packed};
use serde::Serialize;
use serde_json::json;

use super::archive::{Archive, read_member};
use super::error::LogError;
use super::header::{Failure, Header, Status};
use super::read::{START, archive_header, is_sample, parse};
use super::records::{Member, Scan, local_record, write_directory};
use super::sample::{Sample, SampleId};
use super::seen::{Seen, member_name};
use super::summary::Summary;

/// Samples whose summaries are written together.
const BATCH: usize = 64;
/// The members with the summaries of each batch.
const BATCHES: &str = "_journal/summaries/";

/// A log that is being written.
pub struct LogWriter {
    path: PathBuf,
    file: File,
    /// Where the last whole member ends. What stands behind it may be written over.
    end: u64,
    /// The names of samples; nothing where they are known to differ.
    seen: Option<Seen>,
    samples: usize,
    /// Summaries that are not written yet.
    pending: Vec<Summary>,
    batches: usize,
    packer: Packer,
}

impl LogWriter {
    /// Begins a log. A file of that name must not be there.
    pub fn create(path: &Path, header: &Header) -> Result<Self, LogError> {
        let mut writer = Self::of_different(path, header)?;
        writer.seen = Some(Seen::default());
        Ok(writer)
    }

    /// Begins a log of samples whose names are known to differ, so that none has to be remembered: such
    /// a log cannot tell what it contains.
    pub(crate) fn of_different(path: &Path, header: &Header) -> Result<Self, LogError> {
        let file = File::options().read(true).write(true).create_new(true).open(path);
        let mut writer = Self::on(path, file.map_err(LogError::unwritable(path))?);
        let start = json!({"version": header.version, "eval": header.eval, "plan": header.plan});
        writer.add(START, &start)?;
        Ok(writer)
    }

    /// Goes on with a log, whether its run was killed or came to an end: what is not whole is cut off,
    /// and what was written at the end is taken back. Gives also what the log says of the run.
    pub fn resume(path: &Path) -> Result<(Self, Header), LogError> {
        let archive = Archive::open(path)?;
        let header = archive_header(&archive, path)?;
        drop(archive);
        let file = File::options().read(true).write(true).open(path);
        let file = file.map_err(LogError::unwritable(path))?;
        let mut writer = Self::on(path, file);
        writer.seen = Some(Seen::default());
        for member in writer.take_stock().map_err(LogError::unreadable(path))? {
            // A checksum is wrong where the machine lost power while the sample was written. What stands
            // behind it is cut off with it.
            match read_member(&writer.file, path, &member) {
                Ok(bytes) if member.record < writer.end => {
                    writer.pending.push(Summary::of(&parse(&bytes, path, &member.name)?));
                }
                _ => {
                    writer.end = writer.end.min(member.record);
                    writer.forget(&member.name);
                }
            }
        }
        writer.cut().map_err(LogError::unwritable(path))?;
        if writer.pending.len() >= BATCH {
            writer.write_batch()?;
        }
        Ok((writer, header))
    }

    fn on(path: &Path, file: File) -> Self {
        Self {
            path: path.to_owned(),
            file,
            end: 0,
            seen: None,
            samples: 0,
            pending: Vec::new(),
            batches: 0,
            packer: Packer::default(),
        }
    }

    /// Finds what is written already, and gives the samples that are in no batch of summaries.
    fn take_stock(&mut self) -> io::Result<Vec<Member>> {
        let length = self.file.metadata()?.len();
        let mut scan = Scan::new(self.file.try_clone()?, length)?;
        let mut unsummed = Vec::new();
        loop {
            self.end = scan.place();
            let Some(member) = scan.next_member()? else { return Ok(unsummed) };
            if member.name == SUMMARIES || member.name == HEADER {
                return Ok(unsummed);
            }
            if member.name.starts_with(BATCHES) {
                self.batches += 1;
                unsummed.clear();
            } else if is_sample(&member.name) {
                self.remember(&member.name);
                unsummed.push(member);
            }
        }
    }

    /// Whether a sample is in the log already.
    pub fn contains(&self, id: &SampleId, epoch: u64) -> bool {
        self.is_remembered(&member_name(id, epoch))
    }

    /// How many samples are in the log.
    pub fn len(&self) -> usize {
        self.samples
    }

    /// Whether no sample is in the log.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes a sample. Once this returns, killing the program does not lose it.
    pub fn append(&mut self, sample: &Sample) -> Result<(), LogError> {
        if let Some((name, _)) = sample.scores.iter().find(|(_, score)| score.value.is_null()) {
            let why = format!("its score {name} has no value: leave the score out");
            return Err(LogError::BadSample { id: sample.id.to_string(), why });
        }
        let text = serde_json::to_vec(sample).map_err(|error| LogError::BadSample {
            id: sample.id.to_string(),
            why: error.to_string(),
        })?;
        self.append_text(sample, &text)
    }

    fn append_text(&mut self, sample: &Sample, text: &[u8]) -> Result<(), LogError> {
        sample.id.check()?;
        let name = member_name(&sample.id, sample.epoch);
        if self.is_remembered(&name) {
            let (id, epoch) = (sample.id.to_string(), sample.epoch);
            return Err(LogError::Duplicate { id, epoch });
        }
        self.add_text(&name, text)?;
        self.remember(&name);
        self.pending.push(Summary::of(sample));
        if self.pending.len() >= BATCH { self.write_batch() } else { Ok(()) }
    }

    /// Makes the file a whole archive as it stands, which others can read while the run goes on. The
    /// cost grows with the number of samples: a few times in a run is often enough.
    pub fn checkpoint(&mut self) -> Result<(), LogError> {
        self.write_batch()?;
        let unwritable = LogError::unwritable(&self.path);
        write_directory(&mut self.file, self.end)
            .inspect_err(|_| drop(self.file.set_len(self.end)))
            .map_err(unwritable)
    }

    /// Ends the log with what came of the run. The file is then safe from a loss of power too.
    pub fn finish(mut self, header: &Header) -> Result<(), LogError> {
        self.write_batch()?;
        self.write_summaries()?;
        self.add(HEADER, header)?;
        self.checkpoint()?;
        self.file.sync_all().map_err(LogError::unwritable(&self.path))
    }

    fn remember(&mut self, member: &str) {
        self.samples += 1;
        if let Some(seen) = &mut self.seen {
            seen.insert(member);
        }
    }

    fn forget(&mut self, member: &str) {
        self.samples -= 1;
        self.seen.iter_mut().for_each(|seen| seen.remove(member));
    }

    fn is_remembered(&self, member: &str) -> bool {
        self.seen.as_ref().is_some_and(|seen| seen.contains(member))
    }

    fn write_batch(&mut self) -> Result<(), LogError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        let name = format!("{BATCHES}{}.json", self.batches + 1);
        if let Err(error) = self.add(&name, &pending) {
            self.pending = pending;
            return Err(error);
        }
        self.batches += 1;
        Ok(())
    }

    /// Writes the list of all summaries, batch by batch: it is too long to be held.
    fn write_summaries(&mut self) -> Result<(), LogError> {
        let unreadable = LogError::unreadable(&self.path);
        let reader = File::open(&self.path).map_err(&unreadable)?;
        let mut scan =
            Scan::new(reader.try_clone().map_err(&unreadable)?, self.end).map_err(&unreadable)?;
        let mut batches = Vec::with_capacity(self.batches);
        while let Some(member) = scan.next_member().map_err(&unreadable)? {
            if member.name.starts_with(BATCHES) {
                batches.push(member);
            }
        }
        let path = self.path.clone();
        self.add_streamed(SUMMARIES, &mut |out| {
            let mut before: &[u8] = b"[";
            for batch in &batches {
                let text = read_member(&reader, &path, batch)?;
                // A batch is a list of at least one.
                let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
                let written = out.write_all(before).and_then(|()| out.write_all(inner));
                written.map_err(LogError::unwritable(&path))?;
                before = b",\n";
            }
            let ending: &[u8] = if batches.is_empty() { b"[]" } else { b"]" };
            out.write_all(ending).map_err(LogError::unwritable(&path))
        })
    }

    fn add(&mut self, name: &str, value: &impl Serialize) -> Result<(), LogError> {
        let text = serde_json::to_vec(value)
            .map_err(|error| LogError::damaged(&self.path, name, error.to_string()))?;
        self.add_text(name, &text)
    }

    /// Writes one member with one call, so that it is there whole or not at all.
    fn add_text(&mut self, name: &str, text: &[u8]) -> Result<(), LogError> {
        let too_long = || LogError::damaged(&self.path, name, "it is longer than 4 GiB");
        let size = u32::try_from(text.len()).map_err(|_| too_long())?;
        let packed = self.packer.pack(text).map_err(LogError::unwritable(&self.path))?;
        let length = u32::try_from(packed.len()).map_err(|_| too_long())?;
        let mut crc = Crc::new();
        crc.update(text);
        let mut bytes = local_record(name, crc.sum(), length, size);
        bytes.extend_from_slice(packed);
        let written = self.cut().and_then(|()| self.file.write_all(&bytes));
        if let Err(error) = written {
            // Half a member is cut off again, so that what was written before stays whole.
            let _ = self.file.set_len(self.end);
            return Err(LogError::unwritable(&self.path)(error));
        }
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// Writes a member whose length is not known before it is written.
    fn add_streamed(&mut self, name: &str, write: Streamed<'_>) -> Result<(), LogError> {
        let unwritable = LogError::unwritable(&self.path);
        let record = local_record(name, 0, 0, 0);
        self.cut().and_then(|()| self.file.write_all(&record)).map_err(&unwritable)?;
        let copy = self.file.try_clone().map_err(&unwritable)?;
        let packed = flate2::write::DeflateEncoder::new(io::BufWriter::new(copy), LEVEL);
        let mut out = Summed { inner: packed, crc: Crc::new() };
        let written = write(&mut out).and_then(|()| {
            let (crc, size) = (out.crc.sum(), out.inner.total_in());
            out.inner.try_finish().map_err(&unwritable)?;
            let length = out.inner.total_out();
            out.inner.get_mut().flush().map_err(&unwritable)?;
            Ok((crc, length, size))
        });
        let close = |(crc, length, size): (u32, u64, u64)| {
            let short = |long| {
                u32::try_from(long).map_err(|_| unwritable(io::ErrorKind::FileTooLarge.into()))
            };
            let record = local_record(name, crc, short(length)?, short(size)?);
            self.file.seek(SeekFrom::Start(self.end)).map_err(&unwritable)?;
            self.file.write_all(&record).map_err(&unwritable)?;
            Ok(record.len() as u64 + length)
        };
        match written.and_then(close) {
            Ok(length) => self.end += length,
            Err(error) => {
                let _ = self.file.set_len(self.end);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Cuts off what stands behind the last whole member, and goes there.
    fn cut(&mut self) -> io::Result<()> {
        if self.file.metadata()?.len() > self.end {
            self.file.set_len(self.end)?;
        }
        self.file.seek(SeekFrom::Start(self.end)).map(drop)
    }
}

const SUMMARIES: &str = "summaries.json";
const HEADER: &str = "header.json";
const LEVEL: Compression = Compression::new(6);

type Streamed<'a> = &'a mut dyn FnMut(&mut dyn io::Write) -> Result<(), LogError>;

/// What was recovered of a broken archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// Samples that are whole.
    pub samples: usize,
    /// Samples of which no copy could be read, or that another member holds.
    pub lost: usize,
}

/// Makes a whole archive `to` of what can be read of `from`, word for word, whoever wrote it. A run that
/// did not come to its end is marked as failed, so that Inspect's `eval-retry` goes on with it. Where a sample
/// was run again and that is damaged, the run before it counts.
pub fn recover(from: &Path, to: &Path) -> Result<Recovered, LogError> {
    let archive = Archive::open(from)?;
    let mut header = archive_header(&archive, from)?;
    let mut writer = LogWriter::create(to, &header)?;
    let mut lost = 0;
    for member in archive.members.iter().filter(|member| is_sample(&member.name)) {
        let mut is_read = false;
        for copy in archive.copies(member) {
            let text = archive.read(copy);
            let sample =
                text.and_then(|text| Ok((parse::<Sample>(&text, from, &member.name)?, text)));
            match sample.and_then(|(sample, text)| writer.append_text(&sample, &text)) {
                Ok(()) => is_read = true,
                Err(error @ LogError::Unwritable { .. }) => return Err(error),
                Err(_) => continue,
            }
            break;
        }
        lost += usize::from(!is_read);
    }
    let samples = writer.len();
    if header.status == Status::Started {
        header.status = Status::Error;
        let message = format!("the log ended in the middle; {samples} samples were recovered");
        header.error = Some(Failure::new(message));
    }
    writer.finish(&header)?;
    Ok(Recovered { samples, lost })
}

/// Packs one text after the other with the same tables.
struct Packer {
    compress: Compress,
    packed: Vec<u8>,
}

impl Default for Packer {
    fn default() -> Self {
        Self { compress: Compress::new(LEVEL, false), packed: Vec::new() }
    }
}

impl Packer {
    fn pack(&mut self, text: &[u8]) -> io::Result<&[u8]> {
        self.compress.reset();
        self.packed.clear();
        loop {
            self.packed.reserve(text.len() / 4 + 256);
            let left = &text[self.compress.total_in() as usize..];
            if self.compress.compress_vec(left, &mut self.packed, FlushCompress::Finish)?
                == Packed::StreamEnd
            {
                return Ok(&self.packed);
            }
        }
    }
}

/// Sums up what passes through.
struct Summed<W> {
    inner: W,
    crc: Crc,
}

impl<W: io::Write> io::Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.crc.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
