//! `candour monitor start`: fixes a plan and commits to it in the log, before any answer is looked at.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use candour_core::PassageId;
use candour_evals::monitoring::{
    Beginning, Guidance, Known, Looking, Plan, Scores, before, find, of_verdict,
};
use candour_store::{Database, StoreError};
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::app::Place;
use crate::cli::because::Because;
use crate::cli::eval::log::log_of;
use crate::cli::terminal;

/// No more answers of before are looked at: from so many, what is usual is known well enough.
const MOST: u32 = 5000;

/// `candour monitor start`.
#[derive(Debug, Args)]
#[command(after_help = "\
The plan is made of [monitoring] in candour.toml. It cannot be changed afterwards: close it and
start another. Without --usual-days or --usual-run only thresholds are watched, and no drift.")]
pub(super) struct Start {
    #[command(flatten)]
    because: Because,

    /// What is usual is what the answers of the last so many days were like
    #[arg(long, value_name = "DAYS", conflicts_with = "usual_run",
        value_parser = clap::value_parser!(u32).range(1..=3650))]
    usual_days: Option<u32>,

    /// What is usual is what a run was like: its folder, or its log
    #[arg(long, value_name = "RUN")]
    usual_run: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Start {
    pub(super) async fn run(self, place: &Place, database: &Database) -> Result<ExitCode> {
        let config = &place.config;
        let looking = Looking::of_config(config);
        if looking.metrics.is_empty() {
            bail!(
                "there is nothing to look at: name hosts or canaries, or other metrics, under [monitoring]"
            );
        }
        let known = self.known(place, database, &looking, Timestamp::now()).await?;
        let follows = database.monitoring_plans().await?.into_iter().next();
        // Looking at earlier answers takes a while, and the log says when the plan was entered.
        let act = self.because.act();
        let mut seed = [0; 16];
        getrandom::fill(&mut seed).context("the system gives no random numbers")?;
        let plan = Plan::begin(Beginning {
            config: &config.monitoring,
            looking,
            at: act.at,
            configuration: config.hash(),
            program: env!("CARGO_PKG_VERSION"),
            seed,
            known,
            follows: follows.map(|plan| plan.hash),
        })?;
        let watched = plan.rules.iter().filter(|rule| rule.usual.is_some()).count();
        if watched == 0 {
            refuse_without_usual(self.usual_days, self.usual_run.as_deref())?;
        }
        let Some(kept) = database.start_monitoring(&plan.text()?, &act).await? else {
            bail!("another plan is open: `candour monitor close` ends it");
        };
        if self.json {
            terminal::print_json(&json!({
                "number": kept.number,
                "hash": kept.hash,
                "log_position": kept.log_position,
                "plan": plan,
            }))?;
        } else {
            terminal::print(&format!(
                "Plan {} is fixed: {}\nThe log commits to it at position {}.\n\
                 {:.1} % of the answers are looked at, by {} metrics, {} with a threshold; {} are watched for drift.",
                kept.number,
                kept.hash,
                kept.log_position,
                plan.share * 100.0,
                plan.rules.len(),
                plan.rules.iter().filter(|rule| rule.threshold.is_some()).count(),
                watched,
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn known(
        &self,
        place: &Place,
        database: &Database,
        looking: &Looking,
        now: Timestamp,
    ) -> Result<Option<Known>> {
        if let Some(run) = &self.usual_run {
            let known = before::of_run(&log_of(run)?, looking);
            return Ok(Some(known.with_context(|| format!("{}", run.display()))?));
        }
        let Some(days) = self.usual_days else { return Ok(None) };
        let since = now - SignedDuration::from_hours(24 * i64::from(days));
        let answers = database.answers_since(since, MOST).await?;
        let index = place.open_index()?;
        let passage = |id: &PassageId| index.passage(id);
        let guidance = Guidance::new(&*index, &place.config, &passage);
        let mut seen = Vec::new();
        for answer in &answers {
            let found = look(database, looking, &guidance, answer).await;
            match found {
                Ok(scores) => seen.extend(scores),
                Err(StoreError::Damaged { .. }) => {
                    terminal::note(&format!("answer {answer} cannot be read, and is left out"));
                }
                Err(error) => return Err(error.into()),
            }
        }
        if answers.len() == MOST as usize {
            terminal::note(&format!(
                "Of the last {days} days only the latest {MOST} answers count."
            ));
        }
        Ok(Some(before::of_answers(since, &seen)))
    }
}

/// A plan cannot be changed once it is fixed, so that one in which nothing is usual must be meant.
fn refuse_without_usual(days: Option<u32>, run: Option<&Path>) -> Result<()> {
    const AFTERWARDS: &str = "leave the option out to watch thresholds alone";
    if let Some(days) = days {
        bail!(
            "the answers of the last {days} days are too few to say what is usual, so that nothing would be watched for drift: give more days, or a run with --usual-run, or {AFTERWARDS}"
        );
    }
    if let Some(run) = run {
        bail!(
            "{} says of no metric what is usual, so that nothing would be watched for drift: give a run of a suite with the scorers of [monitoring] and at least 30 questions, or {AFTERWARDS}",
            run.display()
        );
    }
    Ok(())
}

/// What is seen in an answer of before, and in the verdict on it.
async fn look(
    database: &Database,
    looking: &Looking,
    guidance: &Guidance<'_>,
    answer: &str,
) -> Result<Option<Scores>, StoreError> {
    let Some((turn, dropped)) = find(database, answer).await? else { return Ok(None) };
    let mut scores = looking.look(&turn, dropped, guidance);
    if let Some(feedback) = database.feedback(turn.id).await? {
        scores.extend(of_verdict(feedback.verdict));
    }
    Ok(Some(scores))
}
