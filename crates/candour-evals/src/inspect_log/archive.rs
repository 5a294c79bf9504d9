//! Reading the members of an archive: stored, deflated or packed with zstd, whoever wrote them, and
//! never more than an honest log has.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use ::zip::{CompressionMethod, ZipArchive};

use super::error::LogError;
use super::records::{DEFLATE, Member, STORED, Scan, ZSTD};

/// Samples are members, and no run has as many.
const MOST_MEMBERS: usize = 2_000_000;
/// One sample with every event of a long conversation is a few megabytes.
const LARGEST_MEMBER: u64 = 512 << 20;
/// All of an archive, unpacked.
const LARGEST_ARCHIVE: u64 = 256 << 30;
/// Text packs to a tenth, and text that repeats itself to a hundredth. What is small may be what it
/// likes.
const HIGHEST_RATIO: u64 = 1000;
const SMALL: u64 = 8 << 20;

/// Members by their name, in the order in which they stand.
type Copies = BTreeMap<String, Vec<Member>>;

/// An archive and what is in it.
pub(super) struct Archive {
    path: PathBuf,
    file: File,
    /// In the order in which they stand in the directory, or in the file where there is none. Of those that
    /// have one name the last one is here, in the place of the first, as in every reader of zip files.
    pub(super) members: Vec<Member>,
    /// Those before it, where they were looked for one by one: the last one may be damaged.
    earlier: Copies,
    /// Whether the directory is missing, so that the members were looked for one by one.
    pub(super) is_truncated: bool,
}

impl Archive {
    /// Opens an archive. Where its directory is missing the members are found without it.
    pub(super) fn open(path: &Path) -> Result<Self, LogError> {
        let unreadable = LogError::unreadable(path);
        let file = File::open(path).map_err(&unreadable)?;
        let copy = file.try_clone().map_err(&unreadable)?;
        let ((members, earlier), is_truncated) = match listed(copy) {
            Ok(members) => ((members, Copies::new()), false),
            Err(_) => (found(&file).map_err(&unreadable)?, true),
        };
        let archive = Self { path: path.to_owned(), file, members, earlier, is_truncated };
        archive.check()?;
        Ok(archive)
    }

    /// The member of a name.
    pub(super) fn named(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// A member and those of its name before it, the last one first.
    pub(super) fn copies<'a>(&'a self, member: &'a Member) -> impl Iterator<Item = &'a Member> {
        let earlier = self.earlier.get(&member.name).into_iter().flatten();
        std::iter::once(member).chain(earlier.rev())
    }

    /// What a member holds.
    pub(super) fn read(&self, member: &Member) -> Result<Vec<u8>, LogError> {
        read_member(&self.file, &self.path, member)
    }

    fn check(&self) -> Result<(), LogError> {
        let why = if self.members.len() > MOST_MEMBERS {
            format!("it has {} members", self.members.len())
        } else if self.members.iter().map(|member| member.size).sum::<u64>() > LARGEST_ARCHIVE {
            "it is larger than 256 GiB when it is unpacked".to_owned()
        } else {
            return Ok(());
        };
        Err(LogError::TooLarge { path: self.path.display().to_string(), why })
    }
}

/// What a member of a file holds, its checksum compared.
pub(super) fn read_member(file: &File, path: &Path, member: &Member) -> Result<Vec<u8>, LogError> {
    let too_large = |why: String| LogError::TooLarge { path: path.display().to_string(), why };
    if member.size > LARGEST_MEMBER {
        return Err(too_large(format!("{} is {} bytes long", member.name, member.size)));
    }
    if member.size > SMALL && member.size / member.packed.max(1) > HIGHEST_RATIO {
        return Err(too_large(format!(
            "{} unpacks from {} to {} bytes",
            member.name, member.packed, member.size
        )));
    }
    let damaged = |error: io::Error| LogError::damaged(path, &member.name, error.to_string());
    let mut packed = file.try_clone().map_err(damaged)?;
    packed.seek(SeekFrom::Start(member.data)).map_err(damaged)?;
    // One byte more than there should be, to notice what lies about its size.
    let most = member.size + 1;
    let bytes = unpack(packed.take(member.packed), member, most).map_err(damaged)?;
    let mut crc = flate2::Crc::new();
    crc.update(&bytes);
    if bytes.len() as u64 != member.size || crc.sum() != member.crc {
        return Err(LogError::damaged(path, &member.name, "its checksum is not that of its text"));
    }
    Ok(bytes)
}

fn unpack(packed: io::Take<File>, member: &Member, most: u64) -> io::Result<Vec<u8>> {
    let packed = io::BufReader::new(packed);
    let mut bytes = Vec::with_capacity(member.size.min(SMALL) as usize);
    match member.method {
        STORED => packed.take(most).read_to_end(&mut bytes).map(drop),
        DEFLATE => flate2::bufread::DeflateDecoder::new(packed)
            .take(most)
            .read_to_end(&mut bytes)
            .map(drop),
        ZSTD => unpack_zstd(packed, most, &mut bytes),
        other => Err(io::Error::other(format!(
            "it is packed by method {other}; stored, deflate and zstd can be read"
        ))),
    }?;
    Ok(bytes)
}

/// A member may be several frames one after the other: Inspect writes large ones so.
fn unpack_zstd(mut packed: impl io::BufRead, most: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    while !packed.fill_buf()?.is_empty() && (bytes.len() as u64) < most {
        let left = most - bytes.len() as u64;
        let frame = ruzstd::decoding::StreamingDecoder::new(&mut packed);
        frame.map_err(io::Error::other)?.take(left).read_to_end(bytes)?;
    }
    Ok(())
}

/// The members that the directory lists.
fn listed(file: File) -> ::zip::result::ZipResult<Vec<Member>> {
    let mut archive = ZipArchive::new(io::BufReader::new(file))?;
    let mut members = Vec::with_capacity(archive.len().min(1 << 16));
    for at in 0..archive.len() {
        let member = archive.by_index_raw(at)?;
        let method = match member.compression() {
            CompressionMethod::Stored => STORED,
            CompressionMethod::Deflated => DEFLATE,
            CompressionMethod::ZSTD => ZSTD,
            // Named when it is read.
            _ => u16::MAX,
        };
        members.push(Member {
            name: member.name()?.into_owned(),
            method,
            crc: member.crc32(),
            packed: member.compressed_size(),
            size: member.size(),
            record: member.header_start(),
            data: member.data_start().unwrap_or_default(),
        });
    }
    Ok(members)
}

/// The members that stand in the file: the last one of each name, and those before it.
fn found(file: &File) -> io::Result<(Vec<Member>, Copies)> {
    let end = file.metadata()?.len();
    let mut scan = Scan::new(file.try_clone()?, end)?;
    let (mut members, mut earlier): (Vec<Member>, _) = (Vec::new(), Copies::new());
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(member) = scan.next_member()? {
        if let Some(place) = places.get(&member.name) {
            let before = std::mem::replace(&mut members[*place], member);
            earlier.entry(before.name.clone()).or_default().push(before);
        } else {
            places.insert(member.name.clone(), members.len());
            members.push(member);
        }
    }
    Ok((members, earlier))
}
