//! `candour keys`: gives keys to machine clients and staff, lists them and takes them back.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use candour_store::{BearerKey, Database, Grant, Key, Role};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;

use super::because::Because;
use super::search::parse_day;
use super::terminal;
use crate::app::Place;

/// `candour keys`.
#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Give out a key, which is printed this once and cannot be shown again
    Create(Create),
    /// List the keys
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Take back a key, from the next request on
    Revoke {
        /// What names the key: the part of it between the underscores
        id: String,
        #[command(flatten)]
        because: Because,
    },
}

#[derive(Debug, Args)]
struct Create {
    /// Whose it is: "Evaluation team"
    #[arg(long, value_parser = parse_name)]
    name: String,

    /// What it allows: machine asks questions, staff sees how the service does, admin changes it
    #[arg(long, value_parser = parse_role)]
    role: Role,

    /// Its own limit, in place of the one for all readers
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    questions_per_minute: Option<u32>,

    /// The day on which it ends: 2027-03-31
    #[arg(long, value_name = "DATE", value_parser = parse_day_ahead)]
    expires: Option<Timestamp>,

    #[command(flatten)]
    because: Because,
}

/// The list of keys shows names alone, so each must say something.
fn parse_name(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say whose key it is".to_owned()),
        name => Ok(name.to_owned()),
    }
}

fn parse_day_ahead(text: &str) -> Result<Timestamp, String> {
    let day = parse_day(text)?;
    if day <= Timestamp::now() {
        return Err(format!("a key that ends on {text} could never be used: give a later day"));
    }
    Ok(day)
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::of_key(text).ok_or_else(|| format!("`{text}` is not one of machine, staff, admin"))
}

impl Keys {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let database = place.open_database().await?;
        let done = run(self.task, &database).await;
        database.close().await;
        done.map(|()| ExitCode::SUCCESS)
    }
}

async fn run(task: Task, database: &Database) -> Result<()> {
    match task {
        Task::Create(create) => create.run(database).await,
        Task::Revoke { id, because } => {
            if !database.revoke_key(&id, &because.act()).await? {
                bail!(
                    "there is no key `{id}` that could be revoked: `candour keys list` shows them"
                );
            }
            terminal::note(&format!("{id} is revoked, from the next request on."));
            Ok(())
        }
        Task::List { json } => {
            let keys = database.keys().await?;
            let now = Timestamp::now();
            if json {
                let keys: Vec<_> = keys.iter().map(|key| as_json(key, now)).collect();
                return terminal::print_json(&json!({ "keys": keys }));
            }
            print_lines(&keys, "There are no keys. `candour keys create` makes one.", |key| {
                as_line(key, now)
            })
        }
    }
}

impl Create {
    async fn run(self, database: &Database) -> Result<()> {
        let mut bytes = [0; 36];
        getrandom::fill(&mut bytes)
            .map_err(anyhow::Error::from)
            .context("the system gives no random numbers, so no key can be made")?;
        let key = BearerKey::from_random(&bytes);
        let grant = Grant {
            name: self.name,
            role: self.role,
            questions_per_minute: self.questions_per_minute,
            expires_at: self.expires,
        };
        database.create_key(&key, &grant, &self.because.act()).await?;
        terminal::note(
            "Keep this key now: it is not stored and cannot be shown again. Send it as `Authorization: Bearer KEY`.",
        );
        terminal::print(&key.expose())
    }
}

fn print_lines<T>(items: &[T], nothing: &str, line: impl Fn(&T) -> String) -> Result<()> {
    if items.is_empty() {
        terminal::note(nothing);
        return Ok(());
    }
    terminal::print(&items.iter().fold(String::new(), |text, item| text + &line(item) + "\n"))
}

fn state(key: &Key, now: Timestamp) -> &'static str {
    match key.revoked_at {
        Some(_) => "revoked",
        None if key.is_valid(now) => "valid",
        None => "expired",
    }
}

fn as_json(key: &Key, now: Timestamp) -> serde_json::Value {
    json!({
        "id": key.id,
        "name": key.grant.name,
        "role": key.grant.role.key(),
        "state": state(key, now),
        "questions_per_minute": key.grant.questions_per_minute,
        "created_at": key.created_at,
        "expires_at": key.grant.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_on": key.last_used_on,
    })
}

fn as_line(key: &Key, now: Timestamp) -> String {
    let (state, role) = (state(key, now), key.grant.role.key());
    let mut line = format!("{}  {state:<7}  {role:<7}  {}", key.id, key.grant.name);
    // Writing to a String cannot fail.
    if let Some(limit) = key.grant.questions_per_minute {
        let _ = write!(line, ", {} a minute", terminal::counted(limit, "question"));
    }
    if let Some(end) = key.grant.expires_at {
        let _ = write!(line, ", until {end}");
    }
    match key.last_used_on {
        Some(day) => _ = write!(line, ", last used on {day}"),
        None => line.push_str(", never used"),
    }
    line
}
