//! Reading a log, an `.eval` archive or a `.json` file, sample by sample.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::archive::{Archive, read_member};
use super::error::LogError;
use super::header::{Header, Plan, Spec, Stats, Status, or_default};
use super::json;
use super::records::Scan;
use super::sample::Sample;
use super::seen::{Seen, member_name};
use super::version::Version;

/// Reads a log: gives each of its samples to `each`, in the order in which they were written, then
/// returns what the log says of the run. An archive that ends in the middle is refused, see
/// [`recover`](super::recover), and so is a log in which two samples have one id and epoch.
pub fn read(path: &Path, each: &mut dyn FnMut(Sample)) -> Result<Header, LogError> {
    let (mut seen, mut repeated) = (Seen::default(), None);
    let mut once = |sample: Sample| {
        if seen.insert(&member_name(&sample.id, sample.epoch)) {
            each(sample);
        } else {
            repeated.get_or_insert_with(|| (sample.id.to_string(), sample.epoch));
        }
    };
    let header = match kind(path)? {
        Kind::Archive => {
            let archive = open_whole(path)?;
            let header = archive_header(&archive, path)?;
            for member in archive.members.iter().filter(|member| is_sample(&member.name)) {
                once(parse(&archive.read(member)?, path, &member.name)?);
            }
            header
        }
        Kind::Json => json::read(path, Some(&mut once))?,
    };
    match repeated {
        Some((id, epoch)) => {
            Err(LogError::Repeated { path: path.display().to_string(), id, epoch })
        }
        None => Ok(header),
    }
}

/// Reads what a log says of the run, without its samples.
pub fn read_header(path: &Path) -> Result<Header, LogError> {
    match kind(path)? {
        Kind::Archive => archive_header(&open_whole(path)?, path),
        Kind::Json => json::read(path, None),
    }
}

/// The same of a whole archive that this program wrote, in which all members tell their length beforehand:
/// its list of members is not held, however many there are. Nothing where it is none.
pub(crate) fn read_own_header(path: &Path) -> Option<Header> {
    let file = File::open(path).ok()?;
    let mut scan = Scan::new(file.try_clone().ok()?, file.metadata().ok()?.len()).ok()?;
    while let Some(member) = scan.next_member().ok()? {
        if member.name == HEADER {
            return parse(&read_member(&file, path, &member).ok()?, path, HEADER).ok();
        }
    }
    None
}

/// The member that says what is known of a run at its end.
const HEADER: &str = "header.json";

pub(super) enum Kind {
    Archive,
    Json,
}

/// What a file is, by how it begins.
pub(super) fn kind(path: &Path) -> Result<Kind, LogError> {
    let unreadable = LogError::unreadable(path);
    let mut file = File::open(path).map_err(&unreadable)?;
    if !file.metadata().map_err(&unreadable)?.is_file() {
        return Err(LogError::NotALog { path: path.display().to_string() });
    }
    let mut start = Vec::new();
    file.by_ref().take(64).read_to_end(&mut start).map_err(&unreadable)?;
    file.rewind().map_err(&unreadable)?;
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Ok(Kind::Json),
        _ if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") => {
            Ok(Kind::Archive)
        }
        _ => Err(LogError::NotALog { path: path.display().to_string() }),
    }
}

fn open_whole(path: &Path) -> Result<Archive, LogError> {
    let archive = Archive::open(path)?;
    if archive.is_truncated && archive.named(START).is_some() {
        let part = "its directory is missing";
        return Err(LogError::Truncated { path: path.display().to_string(), part });
    }
    Ok(archive)
}

/// Whether a member of an archive is a sample.
pub(super) fn is_sample(member: &str) -> bool {
    member.starts_with("samples/") && !member.ends_with('/')
}

/// The header of an archive: as it was written at the end, else as it was at the start.
pub(super) fn archive_header(archive: &Archive, path: &Path) -> Result<Header, LogError> {
    if let Some(member) = archive.named(HEADER) {
        let bytes = archive.read(member)?;
        check_version(&bytes, path, HEADER)?;
        return parse(&bytes, path, HEADER);
    }
    let Some(member) = archive.named(START) else {
        return Err(LogError::NotALog { path: path.display().to_string() });
    };
    let bytes = archive.read(member)?;
    check_version(&bytes, path, START)?;
    let start: Start = parse(&bytes, path, START)?;
    let (eval, plan, stats) = (start.eval, start.plan, Stats::default());
    Ok(Header { plan, stats, status: Status::Started, ..Header::started(eval) })
}

/// The member that says what is run, while it runs.
pub(super) const START: &str = "_journal/start.json";

#[derive(Deserialize)]
struct Start {
    eval: Spec,
    #[serde(default, deserialize_with = "or_default")]
    plan: Plan,
}

fn check_version(bytes: &[u8], path: &Path, part: &str) -> Result<(), LogError> {
    #[derive(Deserialize)]
    struct Versioned {
        #[serde(default, deserialize_with = "present")]
        version: Option<Version>,
    }
    /// What is null is written, and is no version.
    fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Version>, D::Error> {
        Version::deserialize(from).map(Some)
    }
    let versioned: Versioned = parse(bytes, path, part)?;
    versioned.version.map_or(Ok(()), |version| version.check(path))
}

/// Reads JSON in which Inspect may have written numbers that are none.
pub(super) fn parse<T: DeserializeOwned>(
    bytes: &[u8],
    path: &Path,
    part: &str,
) -> Result<T, LogError> {
    serde_json::from_slice(bytes)
        .or_else(|_| serde_json::from_reader(json::Plain::new(bytes)))
        .map_err(|error| LogError::damaged(path, part, error.to_string()))
}
