//! `candour doctor`: the resolved configuration, and what is unhealthy about this pilot and why.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use candour_assistant::model;
use candour_content::index::EmbedderError;
use candour_core::{Config, Price};
use candour_evals::monitoring::{Kept, MonitoringError};
use candour_store::Database;
use clap::Args;
use jiff::Timestamp;
use jiff::tz::Offset;
use serde::Serialize;
use tokio::net::TcpListener;

use super::terminal;
use crate::app::{OUTSIDE, Place};

/// `candour doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Print JSON
    #[arg(long)]
    json: bool,

    /// Ask the providers of the language models whether they take the keys; it costs nothing
    #[arg(long)]
    contact: bool,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Healthy,
    /// Works, and should be looked at.
    Warning,
    /// Does not work until it is mended.
    Unhealthy,
}

impl Doctor {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let mut checks = vec![check_contact(&place.config), check_sources(&place.config)];
        checks.push(check_embedder(place));
        checks.extend(check_models(&place.config, self.contact).await);
        checks.extend(check_database(place).await);
        checks.push(check_index(place));
        checks.push(check_port(&place.config.serve.listen).await);
        if self.json {
            let state = place.state.display().to_string();
            terminal::print_json(
                &serde_json::json!({"state": state, "config": place.config, "checks": checks}),
            )?;
        } else {
            terminal::print(&describe(place, &checks)?)?;
        }
        let sound = checks.iter().all(|check| check.verdict != Verdict::Unhealthy);
        Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn check_contact(config: &Config) -> Check {
    let contact = &config.contact;
    let reachable = contact.phone.is_some() || contact.email.is_some() || contact.url.is_some();
    let (verdict, detail) = if contact.name.is_empty() || !reachable {
        (Verdict::Warning, "readers are not told how to reach a person: set `name` and a phone, email or url under [contact]".into())
    } else {
        (Verdict::Healthy, contact.name.clone())
    };
    Check { name: "contact", verdict, detail }
}

fn check_sources(config: &Config) -> Check {
    let (verdict, detail) = if config.content.sources.is_empty() {
        (Verdict::Warning, "none are configured: set `sources` under [content], or name them after `candour ingest`".into())
    } else {
        (Verdict::Healthy, config.content.sources.join(", "))
    };
    Check { name: "sources", verdict, detail }
}

/// Whether the embedder is here. Without its weights search goes on by words alone.
fn check_embedder(place: &Place) -> Check {
    let (verdict, detail) = match place.embedder() {
        Ok(embedder) => (Verdict::Healthy, embedder.identity().name),
        Err(error @ EmbedderError::Model(_)) => {
            (Verdict::Warning, format!("semantic search is off: {error}"))
        }
        Err(error) => (Verdict::Unhealthy, format!("{error}; mend `embedder` under [search]")),
    };
    Check { name: "embedder", verdict, detail }
}

/// Which language models there are and whether their keys are. Nobody is contacted unless that is asked.
async fn check_models(config: &Config, is_contacted: bool) -> Vec<Check> {
    let name = "language model";
    let Config { generation, routing, rewriting, judge, .. } = config;
    let lists = [
        (name, &generation.models),
        ("router", &routing.models),
        ("rewriter", &rewriting.models),
        ("judge", &judge.models),
    ];
    // A judge has nothing to look over where nobody writes.
    if lists[..3].iter().all(|(_, models)| models.is_empty()) {
        let detail = "none: answers are quoted word for word, and nothing is sent to anyone".into();
        return vec![Check { name, verdict: Verdict::Healthy, detail }];
    }
    let mut checks = Vec::new();
    let all =
        lists.iter().flat_map(|(name, models)| models.iter().map(move |model| (*name, model)));
    for (name, generator) in all {
        let model = format!(
            "{} over {} at {}",
            generator.model,
            generator.transport.key(),
            generator.endpoint
        );
        let (verdict, detail) = match model::ready(generator, OUTSIDE) {
            Err(error) => (Verdict::Unhealthy, error.to_string()),
            Ok(()) if is_contacted => match model::contact(generator, OUTSIDE).await {
                Ok(answer) => (Verdict::Healthy, answer),
                Err(error) => (Verdict::Unhealthy, error.to_string()),
            },
            Ok(()) if generator.price == Price::default() => (
                Verdict::Warning,
                "no price is given, so that no budget in pounds limits it".into(),
            ),
            Ok(()) => (Verdict::Healthy, "ready; --contact asks its provider".into()),
        };
        checks.push(Check { name, verdict, detail: format!("{model}: {detail}") });
    }
    checks
}

/// Whether the database opens and answers, and how the last ingest ended.
async fn check_database(place: &Place) -> Vec<Check> {
    let unhealthy =
        |detail: String| vec![Check { name: "database", verdict: Verdict::Unhealthy, detail }];
    let database = match place.open_database().await {
        Ok(database) => database,
        Err(error) => return unhealthy(format!("{error:#}")),
    };
    let address = place.database_address().map(|address| address.to_string()).unwrap_or_default();
    let mut checks = match database.ping().await {
        Ok(()) => vec![Check { name: "database", verdict: Verdict::Healthy, detail: address }],
        Err(error) => unhealthy(error.to_string()),
    };
    let (verdict, detail) = match database.last_run().await {
        Ok(Some(run)) if run.finished_at.is_some() => {
            (Verdict::Healthy, format!("finished, began {}", run.started_at))
        }
        Ok(Some(run)) => (
            Verdict::Warning,
            format!(
                "began {} and has not finished: give the same `candour ingest` again",
                run.started_at
            ),
        ),
        Ok(None) => (Verdict::Warning, "none yet: run `candour ingest`".into()),
        Err(error) => (Verdict::Unhealthy, error.to_string()),
    };
    checks.push(Check { name: "last ingest", verdict, detail });
    checks.push(check_monitoring(&database, &place.config).await);
    checks.extend(check_budget(&database, &place.config).await);
    database.close().await;
    checks
}

/// What is spent of today's budget for language models, where there are any.
async fn check_budget(database: &Database, config: &Config) -> Option<Check> {
    let Config { generation, routing, rewriting, judge, .. } = config;
    let lists = [&generation.models, &routing.models, &rewriting.models, &judge.models];
    if lists.into_iter().all(Vec::is_empty) {
        return None;
    }
    let limit = generation.pounds_per_day;
    let today = Offset::UTC.to_datetime(Timestamp::now()).date();
    let (verdict, detail) = match database.spent(today).await {
        Ok(spent) => {
            let spent = spent as f64 / 1e6;
            let detail = format!(
                "£{spent:.2} of £{limit:.2} spent today (UTC), by all servers over this database"
            );
            (if spent < limit { Verdict::Healthy } else { Verdict::Warning }, detail)
        }
        Err(error) => (Verdict::Unhealthy, error.to_string()),
    };
    Some(Check { name: "budget", verdict, detail })
}

/// Whether a plan is open, can be followed, and has raised no alarm.
async fn check_monitoring(database: &Database, config: &Config) -> Check {
    let found = async {
        let Some(plan) = database.open_monitoring().await? else { return Ok(None) };
        Ok::<_, MonitoringError>(Some((Kept::read(database, &plan).await?, plan.records)))
    };
    let (verdict, detail) = match found.await {
        Ok(None) => {
            (Verdict::Healthy, "no plan is open; `candour monitor start` begins one".to_owned())
        }
        Ok(Some((kept, _))) if !kept.watch.alarms().is_empty() => {
            let alarms = kept.watch.alarms().iter();
            let alarms: Vec<String> =
                alarms.map(|alarm| format!("{} ({})", alarm.metric, alarm.kind.key())).collect();
            let advice = "see `candour monitor show`";
            (Verdict::Warning, format!("alarms about {}: {advice}", alarms.join(", ")))
        }
        Ok(Some((kept, _))) if kept.plan.configuration != config.hash() => (
            Verdict::Warning,
            format!(
                "plan {} began with another configuration: close it and start another if answers are made otherwise now",
                kept.number
            ),
        ),
        Ok(Some((kept, records))) => (
            Verdict::Healthy,
            format!(
                "plan {}: {}, nothing surely wrong yet",
                kept.number,
                terminal::counted(records, "record")
            ),
        ),
        Err(error) => (Verdict::Unhealthy, error.to_string()),
    };
    Check { name: "monitoring", verdict, detail }
}

fn check_index(place: &Place) -> Check {
    let (verdict, detail) = match place.open_index().map(|index| index.statistics()) {
        Ok(Some(index)) => (
            Verdict::Healthy,
            format!(
                "{:.12}: {}, {}, embedder {}",
                index.snapshot,
                terminal::counted(index.pages, "page"),
                terminal::counted(index.passages, "passage"),
                index.embedder
            ),
        ),
        Ok(None) => (Verdict::Warning, "no snapshot yet: run `candour ingest`".to_owned()),
        Err(error) => (Verdict::Unhealthy, error.to_string()),
    };
    Check { name: "snapshot", verdict, detail }
}

async fn check_port(address: &str) -> Check {
    let (verdict, detail) = match TcpListener::bind(address).await {
        Ok(_) => (Verdict::Healthy, format!("{address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => (
            Verdict::Warning,
            format!("{address} is in use: by a running candour, or by another program"),
        ),
        Err(error) => {
            (Verdict::Unhealthy, format!("{address}: {error}; mend `listen` under [serve]"))
        }
    };
    Check { name: "listen", verdict, detail }
}

fn describe(place: &Place, checks: &[Check]) -> Result<String> {
    let mut text = format!(
        "# state directory: {}\n{}\n",
        place.state.display(),
        toml::to_string(&place.config)?
    );
    for check in checks {
        let mark = match check.verdict {
            Verdict::Healthy => "ok     ",
            Verdict::Warning => "look   ",
            Verdict::Unhealthy => "broken ",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{mark} {}: {}", check.name, check.detail);
    }
    Ok(text)
}
