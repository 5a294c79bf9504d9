//! `candour eval safeguard-case`: what a team claims of its safeguards, held against its evidence.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{Context as _, Result, ensure};
use candour_core::{ContentHash, Locale};
use candour_evals::evidence::Found;
use candour_evals::safeguard_case::{Assessed, Exhibit, Exhibits, SafeguardCase};
use clap::Args;
use serde_json::json;

use super::report::{as_text, create, files, tell, write};
use crate::app::Place;
use crate::cli::evidence::{self, Kept};
use crate::cli::terminal;

/// `candour eval safeguard-case`.
#[derive(Debug, Args)]
#[command(after_help = "\
The case is a TOML file that follows five steps: requirements, safeguards, claims with their evidence, what
happens after deployment, and the decision; docs/reports.md describes it. Evidence is named by its hash.
The exit code is 1 where a claim is not supported, or in part alone.")]
pub(crate) struct Case {
    /// The file with the case
    #[arg(value_name = "CASE")]
    file: PathBuf,

    /// Evidence that the case names, by its hash, or by the folder of a run: attacks=5f2a… or attacks=runs/1
    #[arg(long, value_name = "NAME=HASH")]
    evidence: Vec<Named>,

    /// The file, or the folder for all of them
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// The language of the document's own words
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = ["en", "cy"])]
    language: String,

    /// Print what became of each claim as JSON
    #[arg(long)]
    json: bool,
}

/// Evidence under the name that a case gives it.
#[derive(Debug, Clone)]
struct Named {
    name: String,
    what: String,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, what) =
            text.split_once('=').ok_or("write a name, = and a hash: attacks=5f2a…")?;
        Ok(Self { name: name.trim().to_owned(), what: what.trim().to_owned() })
    }
}

impl Case {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let files = files(&self.out, "safeguard-case")?;
        let store = evidence::open(place).await?;
        let assessed = self.assess(store.as_ref()).await;
        if let Some(store) = &store {
            store.database.close().await;
        }
        let assessed = assessed?;
        let document = assessed.document(&Locale::from(self.language.as_str()));
        for file in &files {
            match as_text(&document, file, &json!(assessed))? {
                Some(text) => write(file, &text)?,
                None => assessed.csv(create(file)?)?,
            }
        }
        if self.json {
            terminal::print_json(&json!({ "claims": assessed.claims, "files": files }))?;
        } else {
            terminal::print(&described(&assessed))?;
            tell(&files, false)?;
        }
        Ok(if assessed.is_supported() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn assess(&self, store: Option<&Kept>) -> Result<Assessed> {
        let (mut hashes, mut exhibits) = (BTreeMap::new(), Exhibits::new());
        for Named { name, what } in &self.evidence {
            let exhibit = given(what, store).await?;
            hashes.insert(name.clone(), exhibit.evidence.hash());
            exhibits.insert(name.clone(), Ok(exhibit));
        }
        let case = SafeguardCase::read(&self.file, &hashes)?;
        for (name, pointer) in &case.evidence {
            if let (false, Some(hash)) = (exhibits.contains_key(name), &pointer.hash) {
                exhibits.insert(name.clone(), kept(hash, store).await?);
            }
        }
        Ok(case.assess(&exhibits, &Locale::from(self.language.as_str())))
    }
}

/// What was named on the command line: a folder or a log, else a hash.
async fn given(what: &str, store: Option<&Kept>) -> Result<Exhibit> {
    if Path::new(what).exists() {
        let found = Found::at(Path::new(what))?;
        return Ok(Exhibit { evidence: found.evidence()?, result: found.outcome.result });
    }
    let store = store.with_context(|| {
        format!("`{what}` is no folder, and this state directory has no store of evidence: name the folder of a run, or another --state")
    })?;
    let kept = store.find(what).await?;
    let problems = store.problems(&kept).await?;
    ensure!(problems.is_empty(), "the evidence {what} counts for nothing: {}", problems.join("; "));
    Ok(Exhibit { result: store.result(&kept)?, evidence: kept.evidence })
}

/// What the store has under a hash; else why it has nothing that counts.
async fn kept(hash: &ContentHash, store: Option<&Kept>) -> Result<Result<Exhibit, String>> {
    let Some(store) = store else {
        return Ok(Err("this state directory has no store of evidence".to_owned()));
    };
    let Some(kept) = store.database.evidence(hash).await? else {
        return Ok(Err("the store has no evidence with this hash".to_owned()));
    };
    if kept.evidence.hash() != *hash {
        return Ok(Err("its record in the store is not what its hash says".to_owned()));
    }
    let problems = store.problems(&kept).await?;
    if !problems.is_empty() {
        return Ok(Err(problems.join("; ")));
    }
    Ok(match store.result(&kept) {
        Ok(result) => Ok(Exhibit { evidence: kept.evidence, result }),
        Err(error) => Err(error.to_string()),
    })
}

/// A line for each claim, and why it is not supported wholly, where that is more than its figure.
fn described(assessed: &Assessed) -> String {
    let mut text = String::new();
    for claim in &assessed.claims {
        let _ = writeln!(text, "{:17} {}", claim.verdict.name().replace('_', " "), claim.claim);
        for why in claim.conditions.iter().filter_map(|one| one.why.as_ref()) {
            let _ = writeln!(text, "{:17} ({why})", "");
        }
    }
    text
}
