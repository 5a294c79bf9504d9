//! Gets a model's file from a mirror, and goes on where an interrupted download stopped.
//!
//! Only the mirror's own host is connected to, and those that the configuration names beside it: a
//! redirect elsewhere ends the download.

use std::path::Path;
use std::time::Duration;

use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{Client, Response, StatusCode, redirect};
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt as _;
use url::Url;

use super::ModelFile;
use super::pull::{Mirror, Step};

const CONNECT: Duration = Duration::from_secs(10);
/// A mirror that says nothing for so long has gone away.
const SILENCE: Duration = Duration::from_secs(30);
/// How often a broken connection is taken up again before whoever asked is told.
const TRIES: u32 = 4;
const HOPS: usize = 5;

/// Downloads a file into `part`, after what is there already; why it did not come is told in words.
pub(super) async fn download(
    mirror: &Mirror,
    file: &ModelFile,
    part: &Path,
    tell: &mut (dyn FnMut(Step<'_>) + Send),
) -> Result<(), String> {
    let client = client(mirror)?;
    let url = mirror.file(file.name)?;
    let mut tried = 1;
    loop {
        match go_on(&client, &url, file, part, tell).await {
            Ok(()) => return Ok(()),
            Err(Failure::Broken(_)) if tried < TRIES => {
                tokio::time::sleep(Duration::from_secs(1 << tried) / 2).await;
                tried += 1;
            }
            Err(Failure::Broken(why)) => {
                return Err(format!("{}: {why}; give the same command again to go on", file.name));
            }
            Err(Failure::Final(why)) => return Err(format!("{}: {why}", file.name)),
        }
    }
}

/// Why a request did not bring the rest of a file.
enum Failure {
    /// The connection broke; what came is kept, and asking again may bring more.
    Broken(String),
    /// Asking again would bring the same.
    Final(String),
}

fn client(mirror: &Mirror) -> Result<Client, String> {
    let allowed = mirror.clone();
    let policy = redirect::Policy::custom(move |attempt| {
        if attempt.previous().len() > HOPS {
            return attempt.error("it redirects without end");
        }
        match allowed.allows(attempt.url()) {
            Ok(()) => attempt.follow(),
            Err(why) => attempt.error(why),
        }
    });
    Client::builder()
        .user_agent(concat!("candour/", env!("CARGO_PKG_VERSION")))
        .redirect(policy)
        // A proxy from the environment would be a host that the configuration does not name.
        .no_proxy()
        // What is kept of a file is counted in its own bytes.
        .gzip(false)
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .build()
        .map_err(|error| format!("the HTTP client cannot be set up: {error}"))
}

/// Asks for what is missing of a file and appends it.
async fn go_on(
    client: &Client,
    url: &Url,
    file: &ModelFile,
    part: &Path,
    tell: &mut (dyn FnMut(Step<'_>) + Send),
) -> Result<(), Failure> {
    let mut have = tokio::fs::metadata(part).await.map_or(0, |part| part.len());
    if have >= file.bytes {
        return Ok(());
    }
    let mut request = client.get(url.clone());
    if have > 0 {
        request = request.header(RANGE, format!("bytes={have}-"));
    }
    let response = request.send().await.map_err(|error| {
        let redirected = error.is_redirect();
        let why = causes(&error.without_url());
        if redirected { Failure::Final(why) } else { Failure::Broken(why) }
    })?;
    have = begins_at(&response, have)?;
    let disk = |error: std::io::Error| Failure::Final(format!("{}: {error}", part.display()));
    let mut to = open(part, have > 0).await.map_err(disk)?;
    let copied = copy(response, &mut to, &mut have, file, tell).await;
    // What came before a connection broke is kept.
    to.flush().await.map_err(disk)?;
    copied
}

/// Where in the file an answer begins: a mirror may send all of it, whatever was asked for.
fn begins_at(response: &Response, have: u64) -> Result<u64, Failure> {
    let status = response.status();
    if status == StatusCode::OK {
        return Ok(0);
    }
    if status == StatusCode::PARTIAL_CONTENT {
        let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
        let expected = format!("bytes {have}-");
        return match range {
            Some(range) if range.starts_with(&expected) => Ok(have),
            _ => Err(Failure::Final("it sent another part of the file than was asked for".into())),
        };
    }
    let why = format!("it answered {status}");
    Err(match status.as_u16() {
        408 | 429 | 500..=599 => Failure::Broken(why),
        _ => Failure::Final(why),
    })
}

async fn open(part: &Path, append: bool) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(append).write(true).truncate(!append).open(part).await
}

async fn copy(
    mut response: Response,
    to: &mut File,
    have: &mut u64,
    file: &ModelFile,
    tell: &mut (dyn FnMut(Step<'_>) + Send),
) -> Result<(), Failure> {
    loop {
        tell(Step::Bytes { file: file.name, have: *have, of: file.bytes });
        let piece = match response.chunk().await {
            Ok(Some(piece)) => piece,
            Ok(None) if *have == file.bytes => return Ok(()),
            Ok(None) => return Err(Failure::Broken(format!("it sent only {have} bytes"))),
            Err(error) => return Err(Failure::Broken(causes(&error.without_url()))),
        };
        *have += piece.len() as u64;
        if *have > file.bytes {
            return Err(Failure::Final(format!("it sent more than {} bytes", file.bytes)));
        }
        to.write_all(&piece).await.map_err(|error| Failure::Final(error.to_string()))?;
    }
}

/// An error with what lies under it: the top of it alone says only "error sending request".
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut below = std::error::Error::source(error);
    while let Some(cause) = below {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        below = cause.source();
    }
    text
}
