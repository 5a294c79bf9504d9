//! A folder of Content API items, HTML pages and Markdown pages.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::versions::{Version, Versions};
use super::{Emit, ReadError, Reading, Record, Remark, Sent};

/// Reads the folder's files in order of their names. Items are read twice: once to learn which are
/// the newest of their page.
pub(super) fn read(path: &Path, limit: usize, emit: &mut Emit<'_>) -> Result<(), ReadError> {
    let files =
        Walk::of(path).map_err(|e| ReadError::Unreadable(format!("{}: {e}", path.display())))?;
    emit(Reading::Expected(
        (files.found.len() + files.remarks.len() + files.failures.len()) as u64,
    ))?;
    for remark in files.remarks {
        emit(Reading::Skipped(remark))?;
    }
    for remark in files.failures {
        emit(Reading::Failed { page: None, remark })?;
        emit(Reading::Incomplete)?;
    }
    let versions = survey(&files.found, limit);
    for (number, file) in files.found.iter().enumerate() {
        if versions.is_superseded(number as u64) {
            let detail = "another file has a newer version of the same page";
            emit(Reading::Skipped(Remark::new(&file.name, "superseded", detail)))?;
            continue;
        }
        match bytes_of(&file.path, limit) {
            Ok(Some(bytes)) => {
                emit(Reading::Item(Record::of_file(&file.name, file.kind.sent(bytes))))?;
            }
            Ok(None) => {
                let detail =
                    format!("the file has more than {limit} bytes (`content.max_page_bytes`)");
                let remark = Remark::new(&file.name, "too_large", detail);
                emit(Reading::Failed { page: file.kind.page(), remark })?;
            }
            Err(error) => {
                let remark = Remark::new(&file.name, "unreadable_file", error.to_string());
                emit(Reading::Failed { page: file.kind.page(), remark })?;
                emit(Reading::Incomplete)?;
            }
        }
    }
    Ok(())
}

/// A file that may hold a page.
struct Found {
    path: PathBuf,
    /// Its path in the folder.
    name: String,
    kind: Kind,
}

/// What a file holds, by its extension.
enum Kind {
    Item,
    Html(String),
    Markdown(String),
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        let (stem, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Item),
            "html" | "htm" => Some(Self::Html(page_path(stem))),
            "md" | "markdown" if !is_about_the_folder(stem) => {
                Some(Self::Markdown(page_path(stem)))
            }
            _ => None,
        }
    }

    fn sent(&self, bytes: Vec<u8>) -> Sent {
        match self {
            Self::Item => Sent::Item(bytes),
            Self::Html(path) => Sent::Html { bytes, path: path.clone() },
            Self::Markdown(path) => Sent::Markdown { bytes, path: path.clone() },
        }
    }

    fn page(&self) -> Option<candour_core::PageId> {
        match self {
            Self::Item => None,
            Self::Html(path) | Self::Markdown(path) => Some(candour_core::PageId(path.clone())),
        }
    }
}

/// `benefits/index` is the page `/benefits`, and `benefits/appeals` the page `/benefits/appeals`.
fn page_path(stem: &str) -> String {
    let path = if stem == "index" { "" } else { stem.strip_suffix("/index").unwrap_or(stem) };
    format!("/{path}")
}

/// Files that speak of the folder they are in are not guidance.
fn is_about_the_folder(stem: &str) -> bool {
    let name = stem.rsplit('/').next().unwrap_or(stem);
    ["readme", "license", "licence", "contributing", "changelog"]
        .contains(&name.to_ascii_lowercase().as_str())
}

/// What is in a folder.
#[derive(Default)]
struct Walk {
    found: Vec<Found>,
    remarks: Vec<Remark>,
    failures: Vec<Remark>,
}

impl Walk {
    fn of(path: &Path) -> io::Result<Self> {
        let root = fs::canonicalize(path)?;
        let mut walk = Self::default();
        if fs::metadata(&root)?.is_dir() {
            let mut folders = BTreeMap::from([(String::new(), root.clone())]);
            // A folder that cannot be listed at all is no source.
            fs::read_dir(&root)?;
            while let Some((name, folder)) = folders.pop_first() {
                match walk.folder(&root, &name, &folder) {
                    Ok(below) => folders.extend(below),
                    Err(error) => walk.failures.push(Remark::new(
                        name,
                        "unreadable_folder",
                        error.to_string(),
                    )),
                }
            }
            walk.found.sort_by(|a, b| a.name.cmp(&b.name));
            walk.remarks.sort_by(|a, b| a.item.cmp(&b.item));
        } else if !fs::metadata(&root)?.is_file() {
            return Err(io::Error::other("it is neither a folder nor a plain file"));
        } else {
            let name = root.file_name().map(|name| name.to_string_lossy().into_owned());
            let folder = root.parent().unwrap_or(&root).to_path_buf();
            walk.file(&folder, name.unwrap_or_default(), &root);
        }
        Ok(walk)
    }

    /// Takes a folder's files, and gives its folders back.
    fn folder(
        &mut self,
        root: &Path,
        name: &str,
        folder: &Path,
    ) -> io::Result<Vec<(String, PathBuf)>> {
        let mut below = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let file_name = entry.file_name().to_string_lossy().into_owned();
            if file_name.starts_with('.') {
                continue;
            }
            let inside = if name.is_empty() { file_name } else { format!("{name}/{file_name}") };
            if entry.file_type()?.is_dir() {
                below.push((inside, entry.path()));
            } else {
                self.file(root, inside, &entry.path());
            }
        }
        Ok(below)
    }

    /// Takes a file. A link is followed to a plain file in the same folder and nowhere else; linked
    /// folders are walked where they are.
    fn file(&mut self, root: &Path, name: String, path: &Path) {
        let target = fs::canonicalize(path).ok().filter(|target| target.starts_with(root));
        let Some(target) = target else {
            self.remarks.push(Remark::new(
                name,
                "symlink",
                "the link leads out of the folder, or nowhere",
            ));
            return;
        };
        let is_plain = fs::metadata(&target).is_ok_and(|file| file.is_file());
        let detail = match Kind::of(&name) {
            Some(kind) if is_plain => {
                self.found.push(Found { path: target, name, kind });
                return;
            }
            Some(_) => "not a plain file: pipes, devices and linked folders are not read",
            None => "only .json, .html and .md files are read, and no README or LICENSE",
        };
        self.remarks.push(Remark::new(name, "unsupported_file", detail));
    }
}

fn survey(files: &[Found], limit: usize) -> Versions {
    let mut versions = Versions::default();
    for (number, file) in files.iter().enumerate() {
        match &file.kind {
            Kind::Item => {
                // A file that cannot be read is reported when its turn comes.
                if let Ok(Some(bytes)) = bytes_of(&file.path, limit) {
                    versions.note_item(number as u64, &bytes);
                }
            }
            Kind::Html(path) | Kind::Markdown(path) => {
                versions.note(number as u64, path, Version::default());
            }
        }
    }
    versions
}

/// The bytes of a file, unless there are more than `limit`.
fn bytes_of(path: &Path, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let file = File::open(path)?;
    if file.metadata()?.len() > limit as u64 {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    // The file may grow while it is read.
    file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= limit).then_some(bytes))
}
