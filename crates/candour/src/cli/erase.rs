//! `candour erase`: removes what is kept of one reader's conversation, and gives a deletion receipt.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use candour_core::{AnswerId, ConversationId, SaltedErasure};
use candour_store::{Database, EraseRequest};
use clap::Args;

use super::because::Because;
use super::terminal;
use crate::app::Place;

/// `candour erase`.
#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// The conversation's identifier, as the staff pages show it
    #[arg(long, value_name = "ID", required_unless_present = "answer")]
    conversation: Option<String>,

    /// One of its answers instead: the last part of the answer's address
    #[arg(long, value_name = "ID", conflicts_with = "conversation")]
    answer: Option<String>,

    #[command(flatten)]
    because: Because,

    /// Print the deletion receipt as JSON, to be given to the reader
    #[arg(long)]
    json: bool,
}

impl Erase {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let database = place.open_database().await?;
        let as_json = self.json;
        let erased = self.erase(&database).await;
        database.close().await;
        let receipt = erased?;
        if as_json {
            terminal::print(&serde_json::to_string_pretty(&receipt)?)?;
        } else {
            terminal::print(&describe(&receipt))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn erase(self, database: &Database) -> Result<SaltedErasure> {
        let conversation = self.conversation(database).await?;
        let act = self.because.act();
        let request = EraseRequest {
            conversation,
            by: act.actor,
            reason: act.reason,
            at: act.at,
            salt: random()?,
        };
        let Some(receipt) = database.erase_conversation(&request).await? else {
            bail!("there is no such conversation: it may have been deleted already");
        };
        Ok(receipt)
    }

    async fn conversation(&self, database: &Database) -> Result<ConversationId> {
        if let Some(answer) = &self.answer {
            let turn = match AnswerId::parse(answer) {
                Some(id) => database.turn(id).await?,
                None => None,
            };
            let turn = turn.with_context(|| {
                format!("there is no answer `{answer}`: it may have been deleted already")
            })?;
            return Ok(turn.conversation);
        }
        let id = self.conversation.as_deref().unwrap_or_default();
        ConversationId::parse(id)
            .with_context(|| format!("`{id}` is no identifier of a conversation"))
    }
}

fn random() -> Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("the system gives no random numbers")?;
    Ok(bytes)
}

fn describe(receipt: &SaltedErasure) -> String {
    let mut lines = vec![format!("Erased at {}:", receipt.erasure.erased_at)];
    for (store, count) in &receipt.erasure.erased {
        lines.push(format!("{count:>6}  {store}"));
    }
    lines.push(format!("The log commits to this at position {}.", receipt.log_position));
    lines.join("\n") + "\n"
}
