//! The records of a zip file that a log is written with, and how they are found again where the file
//! ends in the middle.
//!
//! A log is written by this and not by a library, for a library keeps every member in memory until the
//! end, and has no way to go on with an archive that has no directory yet. Here the directory is made
//! from the members that stand in the file, so that finishing a log and recovering one are the same
//! thing. Reading whole archives is left to a library (`archive`).

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write as _};

/// How a member is packed.
pub(super) const STORED: u16 = 0;
pub(super) const DEFLATE: u16 = 8;
pub(super) const ZSTD: u16 = 93;

const LOCAL: u32 = 0x0403_4b50;
const ENTRY: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
/// The length of a local record without name and extra field.
const LOCAL_LENGTH: usize = 30;
/// Version 4.5 of the format, which knows more than 65,535 members.
const VERSION: u16 = 45;
/// Names are in UTF-8.
const UTF8: u16 = 1 << 11;
/// Sizes stand behind the member, so that it cannot be passed over.
const SIZES_BEHIND: u16 = 1 << 3;
/// 1 January 1980, the first day that the format knows: logs of the same run are the same bytes.
const DATE: u16 = 0x21;

/// One member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Its name within the archive.
    pub(super) name: String,
    /// How it is packed.
    pub(super) method: u16,
    /// The checksum of what it holds.
    pub(super) crc: u32,
    /// How long it is packed.
    pub(super) packed: u64,
    /// How long it is.
    pub(super) size: u64,
    /// Where its local record begins.
    pub(super) record: u64,
    /// Where its packed bytes begin.
    pub(super) data: u64,
}

/// The record that stands before a member's packed bytes.
pub(super) fn local_record(name: &str, crc: u32, packed: u32, size: u32) -> Vec<u8> {
    let mut record = Vec::with_capacity(LOCAL_LENGTH + name.len());
    record.extend(LOCAL.to_le_bytes());
    record.extend(shared_fields(crc, packed, size, name));
    record.extend(0_u16.to_le_bytes());
    record.extend(name.as_bytes());
    record
}

/// What a local record and an entry of the directory have in common: from the version that is needed to
/// the length of the name.
fn shared_fields(crc: u32, packed: u32, size: u32, name: &str) -> Vec<u8> {
    let mut fields = Vec::with_capacity(LOCAL_LENGTH);
    for short in [VERSION, UTF8, DEFLATE, 0, DATE] {
        fields.extend(short.to_le_bytes());
    }
    for long in [crc, packed, size] {
        fields.extend(long.to_le_bytes());
    }
    fields.extend((name.len() as u16).to_le_bytes());
    fields
}

/// Writes the directory of all members that stand before `end`, at `end`.
pub(super) fn write_directory(file: &mut File, end: u64) -> io::Result<()> {
    let mut members = Scan::new(file.try_clone()?, end)?;
    let mut directory = Vec::new();
    let (mut count, mut length) = (0_u64, 0_u64);
    // The scan moves the place in the file that both handles share, so that it comes back to the end
    // whenever a piece of the directory is written.
    while let Some(member) = members.next_member()? {
        directory.extend(entry(&member));
        count += 1;
        if directory.len() > 1 << 16 {
            members.write_at(end + length, &directory)?;
            length += directory.len() as u64;
            directory.clear();
        }
    }
    let whole = length + directory.len() as u64;
    directory.extend(end_records(count, end, whole));
    file.seek(SeekFrom::Start(end + length))?;
    file.write_all(&directory)
}

/// A member's entry in the directory.
fn entry(member: &Member) -> Vec<u8> {
    let far = u32::try_from(member.record).unwrap_or(u32::MAX);
    let mut entry = Vec::with_capacity(64 + member.name.len());
    entry.extend(ENTRY.to_le_bytes());
    entry.extend(VERSION.to_le_bytes());
    entry.extend(shared_fields(member.crc, member.packed as u32, member.size as u32, &member.name));
    let extra_length: u16 = if far == u32::MAX { 12 } else { 0 };
    // The extra field; no comment, the first disk, no attributes.
    for short in [extra_length, 0, 0, 0, 0, 0] {
        entry.extend(short.to_le_bytes());
    }
    entry.extend(far.to_le_bytes());
    entry.extend(member.name.as_bytes());
    if far == u32::MAX {
        entry.extend(1_u16.to_le_bytes());
        entry.extend(8_u16.to_le_bytes());
        entry.extend(member.record.to_le_bytes());
    }
    entry
}

/// The records at the very end. Those of the larger format come first where the directory needs them.
fn end_records(count: u64, start: u64, length: u64) -> Vec<u8> {
    let mut records = Vec::new();
    let is_large = count > 0xfffe || start + length > 0xffff_fffe;
    if is_large {
        records.extend(END_64.to_le_bytes());
        records.extend(44_u64.to_le_bytes());
        records.extend(VERSION.to_le_bytes());
        records.extend(VERSION.to_le_bytes());
        records.extend([0; 8]);
        for long in [count, count, length, start] {
            records.extend(long.to_le_bytes());
        }
        records.extend(LOCATOR_64.to_le_bytes());
        records.extend(0_u32.to_le_bytes());
        records.extend((start + length).to_le_bytes());
        records.extend(1_u32.to_le_bytes());
    }
    let short = u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes();
    let long = |value: u64| if is_large { u32::MAX } else { value as u32 }.to_le_bytes();
    records.extend(END.to_le_bytes());
    records.extend([0; 4]);
    records.extend(if is_large { [0xff; 2] } else { short });
    records.extend(if is_large { [0xff; 2] } else { short });
    records.extend(long(length));
    records.extend(long(start));
    records.extend([0; 2]);
    records
}

/// Finds members by their local records, one after the other, up to the first that is not whole.
pub(super) struct Scan {
    reader: BufReader<File>,
    place: u64,
    end: u64,
}

impl Scan {
    /// Begins at the start of a file and goes no further than `end`.
    pub(super) fn new(file: File, end: u64) -> io::Result<Self> {
        let mut reader = BufReader::with_capacity(512, file);
        reader.seek(SeekFrom::Start(0))?;
        Ok(Self { reader, place: 0, end })
    }

    /// Where the last whole member ends.
    pub(super) fn place(&self) -> u64 {
        self.place
    }

    /// The next whole member.
    pub(super) fn next_member(&mut self) -> io::Result<Option<Member>> {
        let mut fixed = [0; LOCAL_LENGTH];
        if !self.fits(LOCAL_LENGTH as u64) || !self.fill(&mut fixed)? {
            return Ok(None);
        }
        let short = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
        let long = |at: usize| {
            u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]])
        };
        let (name, extra) = (usize::from(short(26)), u64::from(short(28)));
        let (packed, size) = (u64::from(long(18)), u64::from(long(22)));
        let length = LOCAL_LENGTH as u64 + name as u64 + extra + packed;
        // While a long member is written its record says that nothing is in it.
        let is_open = packed == 0 && short(8) != STORED;
        let is_whole = long(0) == LOCAL && short(6) & SIZES_BEHIND == 0 && !is_open;
        if !is_whole || packed == u64::from(u32::MAX) || !self.fits(length) {
            return Ok(None);
        }
        let mut bytes = vec![0; name];
        if !self.fill(&mut bytes)? {
            return Ok(None);
        }
        let Ok(name) = String::from_utf8(bytes) else { return Ok(None) };
        self.reader.seek_relative((extra + packed).cast_signed())?;
        let record = self.place;
        self.place += length;
        let data = self.place - packed;
        Ok(Some(Member { name, method: short(8), crc: long(14), packed, size, record, data }))
    }

    fn fits(&self, length: u64) -> bool {
        self.place.checked_add(length).is_some_and(|end| end <= self.end)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<bool> {
        match self.reader.read_exact(bytes) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes behind everything that is scanned, and comes back.
    fn write_at(&mut self, place: u64, bytes: &[u8]) -> io::Result<()> {
        let file = self.reader.get_mut();
        file.seek(SeekFrom::Start(place))?;
        file.write_all(bytes)?;
        self.reader.seek(SeekFrom::Start(self.place))?;
        Ok(())
    }
}
