//! `candour demo`: the bundled sample pilot, served in one command.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use candour_content::ingest::{IngestError, Summary};
use candour_content::source::SourceSpec;
use clap::Args;

use super::terminal;
use super::unpack::unpack;
use super::{ingest, serve};
use crate::app::Place;

/// The sample's configuration.
const CONFIG: &str = include_str!("../../../../sample/candour.toml");
/// The sample's pages, one a line; `build.rs` gathers them from `sample/content`.
const PAGES: &str = include_str!(concat!(env!("OUT_DIR"), "/sample.jsonl"));

/// How long another command may take to make the same sample ready, and how often it is looked for.
const PATIENCE: Duration = Duration::from_mins(2);
const BETWEEN: Duration = Duration::from_millis(200);

/// `candour demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: String,
}

impl Demo {
    pub(crate) async fn run(self, state: &Path) -> Result<ExitCode> {
        // A port in use is said before any work is done.
        let listener = serve::listen(&self.listen).await?;
        let (place, summary) = prepare(state, false).await?;
        let mut words = format!(
            "\n{} is ready: {}, {}.\nOpen http://{}  (Ctrl+C stops it)\n\nTry asking:\n",
            place.config.pilot.service,
            terminal::counted(summary.indexed + summary.unchanged, "page"),
            terminal::counted(summary.passages, "passage"),
            listener.local_addr()?,
        );
        for example in place.config.pilot.examples.iter().take(3) {
            words.push_str("  - ");
            words.push_str(example);
            words.push('\n');
        }
        serve::serve(&place, listener, || terminal::print(&words)).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The sample pilot's configuration and state directory, before anything is made.
pub(crate) fn place(state: &Path) -> Result<Place> {
    Place::from_text(state.join("demo"), CONFIG)
}

/// Makes the sample pilot ready, apart from any pilot's own state.
pub(crate) async fn prepare(state: &Path, quiet: bool) -> Result<(Place, Summary)> {
    let place = self::place(state)?;
    let sources = [SourceSpec::Jsonl(write_sample(&place.state)?)];
    let began = Instant::now();
    let mut is_said = quiet;
    loop {
        match ingest::ingest(&place, &sources, true, quiet).await {
            Err(error) if is_busy(&error) && began.elapsed() < PATIENCE => {
                if !is_said {
                    terminal::note("another command makes the sample ready: waiting for it");
                    is_said = true;
                }
                tokio::time::sleep(BETWEEN).await;
            }
            done => return Ok((place, done?)),
        }
    }
}

/// Whether another command makes the sample ready just now: parts of one run begin at once.
fn is_busy(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(IngestError::Busy))
}

/// Unpacks the sample's pages into the state directory.
fn write_sample(state: &Path) -> Result<PathBuf> {
    let file = state.join("sample.jsonl");
    unpack(&file, PAGES).with_context(|| {
        format!(
            "{} cannot be written: make room, or choose another state directory with --state",
            file.display()
        )
    })?;
    Ok(file)
}
