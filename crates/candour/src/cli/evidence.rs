//! `candour evidence`: what measurements found, kept by hash, with the log committing to each.

mod keep;

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use candour_core::{ContentHash, SaltedEvidence};
use candour_evals::evidence::{Found, figures, is_whole};
use candour_store::{Blobs, Database};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) use self::keep::{Entered, keep, leave, open};
use super::terminal;
use crate::app::Place;

/// The record of a piece of evidence in a folder to which it was copied.
const RECORD: &str = "evidence.json";
/// No record is longer: it names a few files.
const LONGEST_RECORD: u64 = 1 << 20;

/// `candour evidence`.
#[derive(Debug, Args)]
pub(crate) struct Evidence {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List all evidence, the latest first
    List {
        /// Only of one kind: run, redteam, calibration, retrieval, log
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one piece of evidence with its figures
    Show {
        /// Its hash, or how that begins
        hash: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Check that evidence is what its hash says, and that the log commits to it
    Verify {
        /// A hash, or a folder to which evidence was copied [default: all evidence]
        what: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Copy evidence with its files to a folder, to be given to others
    Export {
        /// Its hash, or how that begins
        hash: String,
        /// The folder
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Enter runs that were made elsewhere or before: folders of runs, or Inspect logs
    Add {
        /// Folders of runs, or logs
        #[arg(value_name = "RUN", required = true)]
        runs: Vec<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl Evidence {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        if let What::Verify { what: Some(folder), json } = &self.what
            && Path::new(folder).is_dir()
        {
            return verify_folder(Path::new(folder), *json);
        }
        // A store is begun only for what can be entered.
        let found = match &self.what {
            What::Add { runs, .. } => runs.iter().map(|run| Found::at(run)).collect(),
            _ => Ok(Vec::new()),
        };
        let found: Vec<Found> = found?;
        let kept =
            Kept { database: place.open_database().await?, blobs: Blobs::in_state(&place.state) };
        let done = match self.what {
            What::List { kind, json } => kept.list(kind.as_deref(), json).await,
            What::Show { hash, json } => kept.show(&hash, json).await,
            What::Verify { what, json } => kept.verify(what.as_deref(), json).await,
            What::Export { hash, out } => kept.export(&hash, &out).await,
            What::Add { json, .. } => kept.add(&found, json).await,
        };
        kept.database.close().await;
        done
    }
}

/// All evidence of a pilot.
pub(crate) struct Kept {
    pub(crate) database: Database,
    pub(crate) blobs: Blobs,
}

/// What is found when evidence is checked.
#[derive(Serialize)]
struct Checked {
    hash: ContentHash,
    title: String,
    /// What is wrong with it; nothing where it is what it should be.
    problems: Vec<String>,
}

impl Kept {
    /// The piece of evidence whose hash begins so.
    pub(crate) async fn find(&self, hash: &str) -> Result<SaltedEvidence> {
        let all = self.database.all_evidence(None).await?;
        let mut found =
            all.into_iter().filter(|kept| kept.evidence.hash().as_str().starts_with(hash));
        match (found.next(), found.next()) {
            _ if hash.len() < 6 => {
                bail!("`{hash}` is too short: give six digits of the hash at least")
            }
            (Some(kept), None) => Ok(kept),
            (Some(_), Some(_)) => {
                bail!("several hashes begin with {hash}: give more of its digits")
            }
            (None, _) => bail!(
                "there is no evidence whose hash begins with {hash}: `candour evidence list` shows what there is, and `candour evidence add` enters a run"
            ),
        }
    }

    async fn list(&self, kind: Option<&str>, as_json: bool) -> Result<ExitCode> {
        let all = self.database.all_evidence(kind).await?;
        if as_json {
            terminal::print_json(&all.iter().map(described).collect::<Vec<_>>())?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut text = String::new();
        for kept in &all {
            let evidence = &kept.evidence;
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{}  {}  {:11}  {}",
                evidence.hash().short(),
                evidence.made_at.strftime("%Y-%m-%d %H:%M"),
                terminal::line(&evidence.kind),
                terminal::line(&evidence.title)
            );
        }
        if all.is_empty() {
            text.push_str("There is no evidence yet: `candour eval run` makes some.\n");
        }
        terminal::print(&text)?;
        Ok(ExitCode::SUCCESS)
    }

    async fn show(&self, hash: &str, as_json: bool) -> Result<ExitCode> {
        let kept = self.find(hash).await?;
        let result = self.result(&kept)?;
        if as_json {
            let mut described = described(&kept);
            described["result"] = result;
            terminal::print_json(&described)?;
        } else {
            terminal::print(&shown(&kept, &result))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The figures of a piece of evidence.
    pub(crate) fn result(&self, kept: &SaltedEvidence) -> Result<Value> {
        let name = candour_core::evidence::RESULT;
        let file = kept.evidence.files.get(name).with_context(|| format!("it has no {name}"))?;
        let outcome = candour_evals::evidence::Outcome::parse(&self.blobs.read(file)?);
        Ok(outcome.with_context(|| format!("its {name} cannot be read"))?.result)
    }

    async fn verify(&self, hash: Option<&str>, as_json: bool) -> Result<ExitCode> {
        let wanted = match hash {
            Some(hash) => vec![self.find(hash).await?],
            None => self.database.all_evidence(None).await?,
        };
        let mut checked = Vec::new();
        for kept in &wanted {
            let (hash, title) = (kept.evidence.hash(), kept.evidence.title.clone());
            checked.push(Checked { hash, title, problems: self.problems(kept).await? });
        }
        report(&checked, as_json)
    }

    /// What is wrong with a piece of evidence: with its record, its entry in the log, or any of its files.
    pub(crate) async fn problems(&self, kept: &SaltedEvidence) -> Result<Vec<String>> {
        let mut problems = Vec::new();
        let entry = self.database.log_entry(kept.log_position).await?;
        if entry.is_none_or(|entry| entry.commitment != kept.commitment()) {
            let position = kept.log_position;
            problems.push(format!("the log does not commit to it at position {position}"));
        }
        if self.database.evidence(&kept.evidence.hash()).await?.as_ref() != Some(kept) {
            problems.push("its record is not what its hash says".to_owned());
        }
        for (name, file) in &kept.evidence.files {
            let checked = self.blobs.check(file);
            problems.extend(checked.err().map(|error| format!("{name}: {error}")));
        }
        Ok(problems)
    }

    async fn export(&self, hash: &str, out: &Path) -> Result<ExitCode> {
        let kept = self.find(hash).await?;
        std::fs::create_dir_all(out)
            .with_context(|| format!("the folder {} cannot be made", out.display()))?;
        for (name, file) in &kept.evidence.files {
            let to = out.join(name);
            let mut copy =
                File::create(&to).with_context(|| format!("{} cannot be written", to.display()))?;
            self.blobs.write_to(file, &mut copy)?;
        }
        let record = out.join(RECORD);
        std::fs::write(&record, serde_json::to_string_pretty(&kept)? + "\n")
            .with_context(|| format!("{} cannot be written", record.display()))?;
        terminal::print(&format!(
            "{} and its files are in {}. Whoever has them checks them with `candour evidence verify {}`.\n",
            kept.evidence.hash().short(),
            out.display(),
            out.display()
        ))?;
        Ok(ExitCode::SUCCESS)
    }

    async fn add(&self, runs: &[Found], as_json: bool) -> Result<ExitCode> {
        let mut entered = Vec::new();
        for run in runs {
            entered.push(keep::enter(self, run).await?);
        }
        if as_json {
            terminal::print_json(&entered.iter().map(described).collect::<Vec<_>>())?;
            return Ok(ExitCode::SUCCESS);
        }
        for kept in &entered {
            let title = terminal::line(&kept.evidence.title);
            terminal::print(&format!("{}  {title}\n", kept.evidence.hash()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Checks what was copied to a folder, without any store.
fn verify_folder(folder: &Path, as_json: bool) -> Result<ExitCode> {
    let file = folder.join(RECORD);
    let text = read_record(&file).with_context(|| {
        format!(
            "{} cannot be read: name a folder that `candour evidence export` made",
            file.display()
        )
    })?;
    let kept: SaltedEvidence = serde_json::from_str(&text)
        .with_context(|| format!("{} is no record of evidence", file.display()))?;
    let evidence = &kept.evidence;
    let mut problems = Vec::new();
    for (name, expected) in &evidence.files {
        // A name that leads out of the folder was never given to a file of evidence.
        let is_plain = Path::new(name).components().count() == 1 && !name.contains(['/', '\\']);
        if !is_plain || name.starts_with('.') {
            problems.push(format!("{name:?} is no name of a file of evidence"));
            continue;
        }
        match is_whole(&folder.join(name), expected) {
            Ok(true) => {}
            Ok(false) => problems.push(format!("{name} is not what its hash says")),
            Err(error) => problems.push(error.to_string()),
        }
    }
    let checked = Checked { hash: evidence.hash(), title: evidence.title.clone(), problems };
    if !as_json {
        terminal::note(&format!(
            "The log that published it should hold {} at position {}.",
            kept.commitment(),
            kept.log_position
        ));
    }
    report(&[checked], as_json)
}

/// The text of a record that somebody else may have written: of a file, and of no endless one.
fn read_record(file: &Path) -> Result<String> {
    let about = std::fs::symlink_metadata(file)?;
    anyhow::ensure!(
        about.is_file() && about.len() <= LONGEST_RECORD,
        "it is no file of at most a megabyte"
    );
    let mut text = String::new();
    File::open(file)?.take(LONGEST_RECORD).read_to_string(&mut text)?;
    Ok(text)
}

fn report(checked: &[Checked], as_json: bool) -> Result<ExitCode> {
    let is_well = checked.iter().all(|one| one.problems.is_empty());
    if as_json {
        terminal::print_json(&checked)?;
    } else {
        let mut text = String::new();
        for one in checked {
            let state = if one.problems.is_empty() { "whole" } else { "DAMAGED" };
            let _ = writeln!(text, "{}  {state}  {}", one.hash.short(), terminal::line(&one.title));
            for problem in &one.problems {
                let _ = writeln!(text, "    {}", terminal::line(problem));
            }
        }
        terminal::print(&text)?;
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A piece of evidence with its hash and what the log holds for it.
fn described(kept: &SaltedEvidence) -> Value {
    json!({
        "hash": kept.evidence.hash(),
        "commitment": kept.commitment(),
        "log_position": kept.log_position,
        "evidence": kept.evidence,
    })
}

fn shown(kept: &SaltedEvidence, result: &Value) -> String {
    let evidence = &kept.evidence;
    let mut text = format!(
        "{}\n{}\n{}, made at {} by candour {}\nThe log commits to it at position {}.\n",
        evidence.hash(),
        terminal::line(&evidence.title),
        terminal::line(&evidence.kind),
        evidence.made_at,
        terminal::line(&evidence.program),
        kept.log_position
    );
    let configuration = evidence.configuration.as_ref().map(ToString::to_string);
    let suite = evidence.suite.as_ref().map(ToString::to_string);
    for (name, value) in
        [("configuration", &configuration), ("snapshot", &evidence.snapshot), ("suite", &suite)]
    {
        if let Some(value) = value {
            let _ = writeln!(text, "{name:13}  {}", terminal::line(value));
        }
    }
    for (name, file) in &evidence.files {
        let name = terminal::line(name);
        let _ = writeln!(text, "{name:13}  {}  {} bytes", file.hash, file.bytes);
    }
    text.push('\n');
    for figure in figures(result) {
        let end = |end: Option<f64>| end.map_or_else(|| "?".to_owned(), |end| format!("{end:.3}"));
        let (low, high) = (end(figure.low), end(figure.high));
        let _ = writeln!(
            text,
            "{:48} {:7.3}   {low} to {high}",
            terminal::line(&figure.name),
            figure.value
        );
    }
    text
}
