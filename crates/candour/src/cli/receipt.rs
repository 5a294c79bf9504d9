//! `candour receipt`: what an answer rests on, or what was erased, shown and checked.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use candour_content::index::LiveIndex;
use candour_core::{AnswerId, CitedPassage, ContentHash, SaltedErasure, SaltedReceipt};
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::json;

use super::terminal;
use crate::app::Place;

/// `candour receipt`.
#[derive(Debug, Args)]
pub(crate) struct Receipt {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print the receipt for an answer, which anyone can check who is given it
    Show {
        /// The answer's identifier: the last part of its address
        answer: String,
    },
    /// Check a receipt, or a deletion receipt: whether the log commits to it, and whether what it cites
    /// still stands
    Verify(Verify),
}

#[derive(Debug, Args)]
struct Verify {
    /// The file with the receipt; `-` reads it from standard input
    file: PathBuf,

    /// The commitment that was published for it; without this, the log of this pilot is read
    #[arg(long, value_name = "HASH")]
    commitment: Option<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What a file may hold.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Held {
    Answer(Box<SaltedReceipt>),
    Erasure(SaltedErasure),
}

impl Receipt {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        match self.what {
            What::Show { answer } => show(&answer, place).await,
            What::Verify(verify) => verify.run(place).await,
        }
    }
}

async fn show(answer: &str, place: &Place) -> Result<ExitCode> {
    let id = AnswerId::parse(answer).with_context(|| {
        format!("`{answer}` is no identifier of an answer: copy the last part of its address")
    })?;
    let database = place.open_database().await?;
    let receipt = database.receipt(id).await?;
    database.close().await;
    let Some(receipt) = receipt else {
        bail!(
            "there is no receipt for this answer: it may have been deleted with its conversation"
        );
    };
    terminal::print(&serde_json::to_string_pretty(&receipt)?)?;
    Ok(ExitCode::SUCCESS)
}

impl Verify {
    async fn run(self, place: &Place) -> Result<ExitCode> {
        match self.read()? {
            Held::Answer(receipt) => self.answer(&receipt, place).await,
            Held::Erasure(receipt) => self.erasure(&receipt, place).await,
        }
    }

    async fn erasure(&self, receipt: &SaltedErasure, place: &Place) -> Result<ExitCode> {
        let found = self.committed(receipt.log_position, place).await?;
        let own = receipt.commitment();
        if self.json {
            terminal::print_json(&json!({
                "erasure": receipt.erasure,
                "is_committed": found.as_ref() == Some(&own),
                "commitment": own,
            }))?;
        } else {
            terminal::print(&format!("{}\n", verdict(&own, found.as_ref())))?;
        }
        Ok(if found.as_ref() == Some(&own) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn answer(&self, receipt: &SaltedReceipt, place: &Place) -> Result<ExitCode> {
        let found = self.committed(receipt.log_position, place).await?;
        let is_committed = found.as_ref() == Some(&receipt.commitment());
        let index = place.open_index()?;
        let passages: Vec<_> =
            receipt.receipt.passages.iter().map(|cited| (cited, state(&index, cited))).collect();
        if self.json {
            let passages: Vec<_> = passages
                .iter()
                .map(|(cited, state)| json!({ "passage": cited.passage, "url": cited.url, "state": state }))
                .collect();
            terminal::print_json(&json!({
                "answer": receipt.receipt.answer,
                "is_committed": is_committed,
                "commitment": receipt.commitment(),
                "passages": passages,
            }))?;
        } else {
            terminal::print(&describe(receipt, found.as_ref(), &passages))?;
        }
        Ok(if is_committed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn read(&self) -> Result<Held> {
        let name = self.file.display();
        let text = if self.file.as_os_str() == "-" {
            std::io::read_to_string(std::io::Read::take(std::io::stdin(), 1 << 20))?
        } else {
            std::fs::read_to_string(&self.file)
                .with_context(|| format!("{name} cannot be read: check its name"))?
        };
        serde_json::from_str(&text).with_context(|| {
            format!("{name} holds no receipt: use what `candour receipt show` or the API gave")
        })
    }

    /// The commitment that the receipt is held against.
    async fn committed(&self, position: u64, place: &Place) -> Result<Option<ContentHash>> {
        if let Some(hash) = &self.commitment {
            let hash = ContentHash::parse(hash)
                .with_context(|| format!("`{hash}` is no commitment: it has 64 digits, 0 to f"))?;
            return Ok(Some(hash));
        }
        let database = place.open_database().await?;
        let entry = database.log_entry(position).await?;
        database.close().await;
        Ok(entry.map(|entry| entry.commitment))
    }
}

/// What has become of a cited passage: `unchanged`, `changed` or `gone`; `unknown` where no guidance is here
/// to look in, as with whoever checks the receipt of another's pilot.
pub(crate) fn state(index: &LiveIndex, cited: &CitedPassage) -> &'static str {
    match index.passage(&cited.passage) {
        None if index.statistics().is_none() => "unknown",
        None => "gone",
        Some(passage) if passage.hash() == cited.hash => "unchanged",
        Some(_) => "changed",
    }
}

/// What it means that the log holds this, or nothing, where the receipt says.
fn verdict(own: &ContentHash, found: Option<&ContentHash>) -> String {
    match found {
        Some(found) if found == own => {
            "The log commits to this receipt: nothing in it was changed.".to_owned()
        }
        Some(found) => format!(
            "The log holds another commitment ({}) than this receipt's ({}): it was changed, or it is \
             from another pilot.",
            found.short(),
            own.short()
        ),
        None => "The log has no entry at this receipt's position: it is from another pilot.".into(),
    }
}

fn describe(
    receipt: &SaltedReceipt,
    found: Option<&ContentHash>,
    passages: &[(&CitedPassage, &'static str)],
) -> String {
    let details = &receipt.receipt;
    let by = match &details.written_by {
        Some(by) => by.model.model.as_str(),
        None if details.passages.is_empty() => "nobody: the words are fixed",
        None => "nobody: the sentences are quotes",
    };
    let mut lines = vec![
        verdict(&receipt.commitment(), found),
        String::new(),
        format!("Answer {} of {}: {}", details.answer, details.given_at, details.status.key()),
        format!("Written by: {by}"),
        format!("Snapshot: {}", details.snapshot),
    ];
    if let Some(by) = &details.sorted_by {
        let label = by.label.as_deref().unwrap_or("nothing that counts");
        lines.push(format!("Sorted by: {}, which said {label}", by.model.model));
    }
    if let Some(by) = &details.rewritten_by {
        lines.push(format!("Written out for the search by: {}", by.model.model));
    }
    for (cited, state) in passages {
        lines.push(format!("{state:>9}  {}", cited.url));
    }
    lines.join("\n") + "\n"
}
