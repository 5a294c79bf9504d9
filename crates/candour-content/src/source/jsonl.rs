//! A file of Content API items, one a line.

use std::fs::File;
use std::io::{BufReader, Seek as _};
use std::path::Path;

use super::lines::Lines;
use super::versions::Versions;
use super::{Emit, ReadError, Reading, Record, Remark, Sent, open_plain};

/// Reads the file twice: once to learn which lines are the newest of their page, once for the items.
pub(super) fn read(path: &Path, limit: usize, emit: &mut Emit<'_>) -> Result<(), ReadError> {
    let mut file = open_plain(path)?;
    let (versions, count) = survey(&file, limit).map_err(|e| unreadable(path, &e))?;
    emit(Reading::Expected(count))?;
    file.rewind().map_err(|e| unreadable(path, &e))?;
    let name =
        path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    for line in Lines::new(BufReader::new(file), limit) {
        let line = line.map_err(|e| unreadable(path, &e))?;
        let identity = format!("{name}:{}", line.number);
        let place = format!("line {} (byte {})", line.number, line.offset);
        emit(match line.bytes {
            None => {
                let detail =
                    format!("{place} is longer than {limit} bytes (`content.max_page_bytes`)");
                Reading::Failed { page: None, remark: Remark::new(identity, "too_large", detail) }
            }
            Some(_) if versions.is_superseded(line.number) => {
                let detail = format!("{place}: another line has a newer version of the same page");
                Reading::Skipped(Remark::new(identity, "superseded", detail))
            }
            Some(bytes) => {
                Reading::Item(Record { place, ..Record::of_file(identity, Sent::Item(bytes)) })
            }
        })?;
    }
    Ok(())
}

fn survey(file: &File, limit: usize) -> std::io::Result<(Versions, u64)> {
    let (mut versions, mut count) = (Versions::default(), 0);
    for line in Lines::new(BufReader::new(file), limit) {
        let line = line?;
        count += 1;
        if let Some(bytes) = &line.bytes {
            versions.note_item(line.number, bytes);
        }
    }
    Ok((versions, count))
}

fn unreadable(path: &Path, error: &std::io::Error) -> ReadError {
    ReadError::Unreadable(format!("{}: {error}", path.display()))
}
